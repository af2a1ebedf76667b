"""Linear measurements, and decoding the image bits from them (Appendix B). Scaled units."""

from collections.abc import Sequence

from hardposterior.spec.arithmetic import Arithmetic, Number, standard_normal_cdf
from hardposterior.spec.statements import (
    COUNT,
    POSITIVE,
    STATEMENTS,
    Bound,
    Definition,
    Domain,
    Identity,
)

MATRIX = Domain("m rows of d numbers, spectral norm at most 1", lambda rows: len(rows) >= 1)


def log_likelihood(
    ctx: Arithmetic,
    matrix: Sequence[Sequence[Number]],
    beta: Number,
    y: Sequence[Number],
    x: Sequence[Number],
) -> Number:
    """log p(y | x) = -|y - A x|^2 / (2 beta^2) - m log(beta sqrt(2 pi))."""
    means = [sum(a * c for a, c in zip(row, x, strict=True)) for row in matrix]
    squares = sum((observed - mean) ** 2 for observed, mean in zip(y, means, strict=True))
    scale = ctx.log(beta * ctx.sqrt(2 * ctx.pi))
    return -squares / (2 * beta * beta) - len(matrix) * scale


def decoding_ratio(separation: Number, spacing: Number, beta: Number) -> Number:
    """h = eps / (4 R beta): half the gap between the two lattices, in noise deviations."""
    return spacing / (4 * separation * beta)


def upper_tail(ctx: Arithmetic, z: Number) -> Number:
    """Phi(-z)."""
    return standard_normal_cdf(ctx, -z)


def tail_after(ctx: Arithmetic, h: Number, j: int) -> Number:
    """A bound on the sum over i >= j of Phi(-(2 i + 1) h), from Phi(-z) <= exp(-z^2 / 2) / 2.

    (2 i + 1)^2 grows by 8 (i + 1) >= 8 (j + 1) from one i to the next.
    """
    first = ctx.exp(-((2 * j + 1) ** 2) * h * h / 2) / 2
    return first / (1 - ctx.exp(-4 * (j + 1) * h * h))


def coordinate_failure_by_cells(ctx: Arithmetic, h: Number) -> Number:
    """The chance that noise moves a lattice point into a cell of the other lattice.

    Cells are |z - 2 k h| < h in noise deviations; odd k belong to the other lattice.
    """

    def cell(i: int) -> Number:
        k = 2 * i + 1
        return upper_tail(ctx, (2 * k - 1) * h) - upper_tail(ctx, (2 * k + 1) * h)

    return 2 * ctx.series(cell, lambda i: tail_after(ctx, h, 2 * i))


def coordinate_failure(ctx: Arithmetic, h: Number) -> Number:
    """2 sum_{k>=0} (-1)^k Phi(-(2 k + 1) h)."""
    return 2 * ctx.series(
        lambda k: (-1) ** k * upper_tail(ctx, (2 * k + 1) * h),
        lambda k: tail_after(ctx, h, k),
    )


def any_failure(ctx: Arithmetic, m: int, h: Number) -> Number:
    """1 - (1 - q)^m, q the exact failure probability of one coordinate."""
    return -ctx.expm1(m * ctx.log1p(-coordinate_failure(ctx, h)))


def failure_bound(ctx: Arithmetic, m: int, h: Number) -> Number:
    """p_dec = 2 m Phi(-h)."""
    return 2 * m * upper_tail(ctx, h)


LINEAR_MEASUREMENT = STATEMENTS.state(
    Definition(
        id="linear-measurement",
        paper="Section 1",
        relation="as stated",
        claim="y = A x + beta N(0, I_m), |A| <= 1, beta > 0",
        domain={"matrix": MATRIX, "beta": POSITIVE},
        formulas={"log likelihood": log_likelihood},
        proof="a definition",
    )
)

PHASE_DECODING = STATEMENTS.state(
    Bound(
        id="phase-decoding",
        paper="Appendix B",
        relation="explicit",
        claim="the nearest point of both lattices decodes f(s) from y but for a probability "
        "<= p_dec = 2 m Phi(-h), h = eps / (4 R beta)",
        domain={"m": COUNT, "h": POSITIVE},
        left=any_failure,
        right=failure_bound,
        proof="a coordinate fails only where its noise exceeds eps / (4 R), half the gap of the "
        "joint lattice: 2 Phi(-h); union bound over m coordinates",
        depends=("phase-decoding.exact",),
    )
)

PHASE_DECODING_EXACT = STATEMENTS.state(
    Identity(
        id="phase-decoding.exact",
        paper="Appendix B",
        relation="sharper",
        claim="one coordinate fails with probability exactly 2 sum_k (-1)^k Phi(-(2 k + 1) h)",
        domain={"h": POSITIVE},
        left=coordinate_failure_by_cells,
        right=coordinate_failure,
        proof="add up the cells of the other lattice: odd k, from (2 k - 1) h to (2 k + 1) h",
    )
)
