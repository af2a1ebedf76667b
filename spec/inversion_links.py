"""The links of the proof that a posterior sampler inverts the function (Appendix B).

Given z = f(s*), s* uniform: draw y = (lattice points of the phases of z) / R + beta Z, run the
sampler on it, return the signs of its first n coordinates. Links are stated for measurements seen
through finitely many cells: `joint[y][c]` is the mass of cell y together with image c, and
`decoder[y]` the image that some decoder reads off it. Finer cells tend to y itself.
"""

from collections.abc import Sequence

from hardposterior.spec import hard_instance, lattice, measurement
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.hard_instance import SCALED, Point, Table
from hardposterior.spec.posterior_stability import NONNEGATIVE
from hardposterior.spec.statements import COUNT, POSITIVE, STATEMENTS, Bound, Domain, Identity

Joint = Sequence[Sequence[Number]]

JOINT = Domain(
    "for each y, a mass for each image", lambda rows: len({len(row) for row in rows}) == 1
)
MEASUREMENT = Domain("m real numbers", lambda y: all(abs(c) < float("inf") for c in y))
DECODER = Domain("for each y, the number of an image", lambda images: min(images) >= 0)


def constructed_density(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, beta: Number, y: Point
) -> Number:
    """The density of the y that is made from z alone, z = f(s*): images weighed by preimages."""
    noise = separation * beta
    pairs = [
        tuple(
            lattice.density(ctx, spacing, ctx.number(phase), noise, separation * c)
            for phase in hard_instance.PHASES
        )
        for c in y
    ]
    total = ctx.number(0)
    for image in sorted({tuple(row) for row in table}):
        weight = ctx.number(sum(tuple(row) == image for row in table))
        for pair, bit in zip(pairs, image, strict=True):
            weight = weight * pair[bit]
        total = total + weight
    return separation ** len(y) * total / len(table)


def marginal_density(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, beta: Number, y: Point
) -> Number:
    """The density of (last m coordinates of x) + beta Z under the prior: summed over words."""
    image = hard_instance.coordinate_densities(
        ctx, 0, separation, spacing, separation * beta, [separation * c for c in y]
    )
    integrated = [(ctx.number(1), ctx.number(1))] * hard_instance.hidden_bits(table)
    masses = hard_instance.vertex_densities(table, integrated + image)
    return separation ** len(y) * sum(masses) / len(table)


def decoding_error(ctx: Arithmetic, joint: Joint, decoder: Sequence[int]) -> Number:
    """p: the mass on which the decoder misses the image."""
    none = ctx.number(0)
    total = sum((mass for row in joint for mass in row), none)
    right = sum((row[image] for row, image in zip(joint, decoder, strict=True)), none)
    return 1 - right / total


def agreement(ctx: Arithmetic, joint: Joint) -> Number:
    """Pr[f(s') = f(s*)], s' and s* independent given y: the sum of P(y, c)^2 / P(y)."""
    none = ctx.number(0)
    total, agreed = none, none
    for row in joint:
        seen = sum(row, none)
        total = total + seen
        if not seen <= 0:
            agreed = agreed + sum((mass * mass for mass in row), none) / seen
    return agreed / total


def disagreement(ctx: Arithmetic, joint: Joint, **_: Number) -> Number:
    """Pr[f(s') != f(s*)] for a posterior draw s'."""
    return 1 - agreement(ctx, joint)


def two_misses(ctx: Arithmetic, joint: Joint, decoder: Sequence[int]) -> Number:
    """2 p - p^2."""
    p = decoding_error(ctx, joint, decoder)
    return 2 * p - p * p


def weak_coordinate(ctx: Arithmetic, separation: Number, tau: Number) -> Number:
    """q = Phi(-R (1 - tau)) = Pr[s_i x_i <= tau], scaled: a move by tau may turn the sign."""
    return measurement.upper_tail(ctx, separation * (1 - tau))


def any_weak_coordinate(ctx: Arithmetic, n: int, separation: Number, tau: Number) -> Number:
    """1 - (1 - q)^n: the chance that the weakest of n coordinates can be turned."""
    return -ctx.expm1(n * ctx.log1p(-weak_coordinate(ctx, separation, tau)))


def sign_bound(ctx: Arithmetic, n: int, separation: Number, tau: Number) -> Number:
    """n Phi(-R (1 - tau))."""
    return n * weak_coordinate(ctx, separation, tau)


CELLS = {"joint": JOINT, "decoder": DECODER}
SIGNS = {"n": COUNT, "separation": POSITIVE, "tau": NONNEGATIVE}

INVERSION_MARGINAL = STATEMENTS.state(
    Identity(
        id="inversion.marginal",
        paper="Appendix B",
        relation="as stated",
        claim="y made from z = f(s*) alone, s* uniform, has the law of the prior's measurement",
        domain={**SCALED, "beta": POSITIVE, "y": MEASUREMENT},
        left=constructed_density,
        right=marginal_density,
        proof="given s* the last m coordinates depend on f(s*) alone; the first n integrate to 1",
        depends=("hard-instance",),
    )
)

INVERSION_EXCHANGE = STATEMENTS.state(
    Bound(
        id="inversion.exchange",
        paper="Appendix B",
        relation="sharper",
        claim="a posterior draw s' has f(s') = f(s*) but for a probability 2 p - p^2 <= 2 p, "
        "p = Pr[g(y) != f(s*)] for any decoder g",
        domain=CELLS,
        left=disagreement,
        right=two_misses,
        proof="(s', y) and (s*, y) are exchangeable and, given y, independent: both are decoded "
        "with probability E[(1 - p_y)^2] >= (1 - p)^2",
        depends=("posterior-sampler", "phase-decoding"),
    )
)

INVERSION_SIGNS = STATEMENTS.state(
    Bound(
        id="inversion.signs",
        paper="Appendix B",
        relation="explicit",
        claim="moved by at most tau, x' keeps all signs of s' but for a probability "
        "1 - (1 - q)^n <= n q, q = Phi(-R (1 - tau))",
        domain=SIGNS,
        left=any_weak_coordinate,
        right=sign_bound,
        proof="s'_i x'_i ~ N(1, 1 / R^2), independent; no coordinate moves by more than tau",
        depends=("hard-instance",),
    )
)
