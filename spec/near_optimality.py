"""Rejection is nearly optimal on the hard instance (Appendix E): its exponent against search's.

Given y = (last m coordinates of x) + beta Z, q(y) is at least the term of the true word and lattice
points: 2^-n times their masses times exp(-|Z|^2 / 2). So -E log q <= n log 2 + m / 2 + the phases'
entropies, for every f; for injective f and small beta other terms hardly matter.
"""

from hardposterior.spec import covariance, lattice, theta
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice_smoothing import eta_0, eta_0_margin
from hardposterior.spec.statements import POSITIVE, STATEMENTS, UNIT, Bound, Derived, Hypothesis


def entropy(ctx: Arithmetic, spacing: Number, phase: Number) -> Number:
    """E[-log psi(a)] = log(sum of exp(-a^2 / 2)) + E a^2 / 2."""
    total = ctx.log(lattice.normaliser(ctx, spacing, phase))
    return total + covariance.second_moment(ctx, spacing, phase) / 2


def coordinate_exponent(ctx: Arithmetic, spacing: Number, phase: Number) -> Number:
    """1/2 + E[-log psi(a)]: what one image coordinate adds to -E log q at most."""
    return ctx.number(1) / 2 + entropy(ctx, spacing, phase)


def predicted_coordinate(ctx: Arithmetic, spacing: Number) -> Number:
    """1 + log(sqrt(2 pi) / eps)."""
    return 1 + ctx.log(ctx.sqrt(2 * ctx.pi) / spacing)


def predicted_with_error(ctx: Arithmetic, spacing: Number, **_: Number) -> Number:
    """1 + log(sqrt(2 pi) / eps) + log(1 + eta_0) + (4 pi^2 / eps^2) Q / (1 - eta_0).

    Q = rho_0 (1 + rho_0^3) / (1 - rho_0^3)^3 bounds the sum of j^2 rho_0^(j^2).
    """
    rho = theta.nome(ctx, 1 / (spacing * spacing))
    small = eta_0(ctx, spacing)
    squares = rho * (1 + rho**3) / (1 - rho**3) ** 3
    moment = 4 * ctx.pi * ctx.pi / (spacing * spacing) * squares / (1 - small)
    return predicted_coordinate(ctx, spacing) + ctx.log(1 + small) + moment


def rejection_exponent(ctx: Arithmetic, n: Number, m: Number, spacing: Number) -> Number:
    """n log 2 + m (1/2 + the larger of the phases' entropies): a bound on -E log q."""
    worst = ctx.maximum(
        coordinate_exponent(ctx, spacing, ctx.number(0)),
        coordinate_exponent(ctx, spacing, ctx.number(1) / 2),
    )
    return n * ctx.log(ctx.number(2)) + m * worst


def predicted_exponent(ctx: Arithmetic, n: Number, m: Number, spacing: Number) -> Number:
    """n log 2 + m (1 + log(sqrt(2 pi) / eps))."""
    return n * ctx.log(ctx.number(2)) + m * predicted_coordinate(ctx, spacing)


NEAR_OPTIMALITY_ENTROPY = STATEMENTS.state(
    Bound(
        id="near-optimality.entropy",
        paper="Appendix E",
        relation="explicit",
        claim="1/2 + E[-log psi(a)] <= 1 + log(sqrt(2 pi) / eps) + log(1 + eta_0) + "
        "(4 pi^2 / eps^2) rho_0 (1 + rho_0^3) / (1 - rho_0^3)^3 / (1 - eta_0), if eta_0 < 1",
        domain={"spacing": POSITIVE, "phase": UNIT},
        where=(
            Hypothesis(
                name="eta_0 < 1",
                claim="eta_0 = 2 rho_0 / (1 - rho_0^3) < 1, rho_0 = exp(-2 pi^2 / eps^2)",
                margin=eta_0_margin,
                witness={"spacing": 8.0, "phase": 0.0},
            ),
        ),
        left=coordinate_exponent,
        right=predicted_with_error,
        proof="Poisson: sum exp(-a^2/2) = (sqrt(2 pi) / eps) T_0 and E a^2 = 1 - (8 pi^2 / eps^2) "
        "sum j^2 rho_0^(j^2) cos(2 pi j theta) / T_0; j^2 >= 1 + 3 (j - 1)",
        depends=("discretized-gaussian",),
    )
)

NEAR_OPTIMALITY = STATEMENTS.state(
    Derived(
        id="near-optimality",
        paper="Appendix E",
        relation="explicit",
        claim="on the hard instance -E log q <= n log 2 + m (1/2 + E[-log psi(a)]), about "
        "n log 2 + m (1 + log(sqrt(2 pi) / eps)), while exhaustive search for injective f needs "
        "n log 2: for m = Theta(n) rejection's exponent is at most O(1 + |log eps|) times that",
        proof="q(y) is at least the term of the true word and lattice points; E|Z|^2 = m",
        depends=("hard-instance", "rejection-exact.rounds", "near-optimality.entropy"),
    )
)
