"""The hard instance's covariance (part of the definition of well-modeled, Appendix D).

Scaled units. Both phases are symmetric, so given s every image coordinate has mean zero, and the
covariance is diagonal: 1 + 1 / R^2 for a hidden bit, an average of the phases' variances over R^2
for an image bit.
"""

from hardposterior.spec import lattice
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.hard_instance import PHASE, PHASES, SCALED, Table
from hardposterior.spec.lattice import gaussian_tail, lattice_point
from hardposterior.spec.statements import POSITIVE, STATEMENTS, Bound, Hypothesis


def second_moment(ctx: Arithmetic, spacing: Number, phase: Number) -> Number:
    """E a^2 under psi_{eps,theta}, summed over the lattice."""
    r = ctx.exp(-spacing * spacing / 2)

    def term(k: Number) -> Number:
        a = lattice_point(spacing, phase, k)
        return a * a * ctx.exp(-a * a / 2)

    total = ctx.two_sided_series(
        term,
        lambda j: spacing * spacing * gaussian_tail(r, j, 2),
        ctx.nearest_integer(-phase),
    )
    return total / lattice.normaliser(ctx, spacing, phase)


def second_moment_bound(ctx: Arithmetic, spacing: Number, phase: Number) -> Number:
    """1 + theta eps^2 / 2: 1 at phase 0, 1 + eps^2 / 4 at phase 1/2."""
    return 1 + phase * spacing * spacing / ctx.number(2)


def covariance_norm(ctx: Arithmetic, table: Table, separation: Number, spacing: Number) -> Number:
    """|Cov X|: the largest variance of a scaled coordinate."""
    zero, one = (second_moment(ctx, spacing, ctx.number(phase)) for phase in PHASES)
    largest = 1 + separation * separation
    for j in range(len(table[0])):
        ones = sum(row[j] for row in table)
        mixed = ((len(table) - ones) * zero + ones * one) / len(table)
        largest = ctx.maximum(largest, mixed)
    return largest / (separation * separation)


def covariance_bound(ctx: Arithmetic, separation: Number, **_: Number) -> Number:
    """1 + 1 / R^2."""
    del ctx
    return 1 + 1 / (separation * separation)


def spacing_margin(ctx: Arithmetic, separation: Number, spacing: Number, **_: Number) -> Number:
    """2 R - eps, nonnegative exactly where eps <= 2 R; equality is left out."""
    del ctx
    return 2 * separation - spacing


LATTICE_VARIANCE = STATEMENTS.state(
    Bound(
        id="well-modeled.lattice",
        paper="Appendix D",
        relation="explicit",
        claim="the variance of psi_{eps,1/2} is at most 1 + eps^2 / 4, of psi_{eps,0} at most 1",
        domain={"spacing": POSITIVE, "phase": PHASE},
        left=second_moment,
        right=second_moment_bound,
        proof="at phase 1/2, r = exp(-eps^2 / 2), (E a^2 - eps^2 / 4) is 2 log(1/r) times the mean "
        "of k (k + 1) under weights r^(k (k + 1)), k >= 0; r log(1/r) <= 1/e for r <= 3/5; for "
        "larger r by Poisson summation, p log(p)^2 <= 4 / e^2, p = exp(-2 pi^2 / eps^2). At phase "
        "0 it is 1 - 2 p log(1/p) T'(p) / T(p), and every term of T rises with p",
        depends=("discretized-gaussian", "lattice-density.space"),
    )
)

COVARIANCE = STATEMENTS.state(
    Bound(
        id="well-modeled.covariance",
        paper="Appendix D",
        relation="explicit",
        claim="|Cov X| = 1 + 1 / R^2 (scaled) if eps < 2 R: at most 2 where R >= 1",
        domain=SCALED,
        where=(
            Hypothesis(
                name="eps < 2 R",
                claim="the spacing is below twice the separation",
                margin=spacing_margin,
                witness={"table": ((0,), (0,)), "separation": 1.0, "spacing": 4.0},
            ),
        ),
        left=covariance_norm,
        right=covariance_bound,
        proof="the covariance is diagonal; an image coordinate's variance is at most "
        "(1 + eps^2 / 4) / R^2 <= 1 + 1 / R^2",
        depends=("well-modeled.lattice", "hard-instance"),
    )
)
