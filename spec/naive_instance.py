"""Why phases are needed (Section 3): the uniform law on (s, f(s)), the negative control.

Its smoothed score reveals f^-1 at middling noise, so neither the vertex shown by the signs nor a
product of independent bits comes near it. Vertices sit at +-1: scaled and unscaled units agree.
"""

from collections.abc import Callable
from fractions import Fraction

from hardposterior.spec.arithmetic import Arithmetic, Number, standard_normal_cdf
from hardposterior.spec.hard_instance import (
    POINT,
    TABLE,
    Point,
    Table,
    hidden_bits,
    sign,
    vertex_densities,
    words,
)
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.statements import COUNT, POSITIVE, STATEMENTS, Bound, Definition, Hypothesis

PANELS = 240
"""Panels of the midpoint rules below."""


def vertex_mean(ctx: Arithmetic, table: Table, sigma: Number, x: Point) -> list[Number]:
    """E[(s, f(s)) | X + sigma Z = x]: the denoiser."""
    kernel = [tuple(gaussian_density(ctx, sigma * sigma, c - s) for s in (-1, 1)) for c in x]
    joint = vertex_densities(table, kernel)
    total = sum(joint)
    pairs = zip(words(hidden_bits(table)), table, strict=True)
    vertices = [(*word, *image) for word, image in pairs]
    return [
        sum(w * sign(vertex[i]) for w, vertex in zip(joint, vertices, strict=True)) / total
        for i in range(len(x))
    ]


def naive_density(ctx: Arithmetic, table: Table, sigma: Number, x: Point) -> Number:
    """p_sigma(x): the average over the vertices of Gaussian densities."""
    kernel = [tuple(gaussian_density(ctx, sigma * sigma, c - s) for s in (-1, 1)) for c in x]
    return sum(vertex_densities(table, kernel)) / len(table)


def naive_score(ctx: Arithmetic, table: Table, sigma: Number, x: Point) -> list[Number]:
    """s_sigma(x) = (D(x) - x) / sigma^2."""
    mean = vertex_mean(ctx, table, sigma, x)
    return [(a - c) / (sigma * sigma) for a, c in zip(mean, x, strict=True)]


def midpoint_rule(integrand: Callable[[Number], Number], low: Number, high: Number) -> Number:
    """The midpoint rule with `PANELS` panels, spectrally accurate for these integrands."""
    step = (high - low) / PANELS
    return step * sum(integrand(low + (2 * k + 1) * step / 2) for k in range(PANELS))


def certainty_integrand(ctx: Arithmetic, ratio: Number, z: Number) -> Number:
    """phi(z) tanh^2(ratio + sqrt(ratio) z): E[s | x]^2 at signal-to-noise ratio `ratio`."""
    certain = ctx.tanh(ratio + ctx.sqrt(ratio) * z)
    return gaussian_density(ctx, ctx.number(1), z) * certain * certain


def sign_integrand(ctx: Arithmetic, sigma: Number, z: Number) -> Number:
    """phi(z) E[(tanh(2 u / sigma^2) - sgn(x_1))^2 | u], u = (x_1 + x_2) / 2 = 1 + sigma z / sqrt 2.

    Given u, x_1 is N(u, sigma^2 / 2).
    """
    root = ctx.sqrt(ctx.number(2))
    u = 1 + sigma * z / root
    mean = ctx.tanh(2 * u / (sigma * sigma))
    below = standard_normal_cdf(ctx, -u * root / sigma)
    square = (1 - below) * (1 - mean) ** 2 + below * (1 + mean) ** 2
    return gaussian_density(ctx, ctx.number(1), z) * square


def product_error_of_one_bit(ctx: Arithmetic, sigma: Number) -> Number:
    """E |s_sigma - product score|^2 sigma^2 for n = m = 1, f(s) = s.

    2 (E tanh^2 at ratio 2 / sigma^2 - E tanh^2 at ratio 1 / sigma^2) / sigma^2, as
    E[s | x_1] = E[E[s | x_1, x_2] | x_1].
    """
    ratio = 1 / (sigma * sigma)
    low, high = ctx.number(-9), ctx.number(9)
    both = midpoint_rule(lambda z: certainty_integrand(ctx, 2 * ratio, z), low, high)
    one = midpoint_rule(lambda z: certainty_integrand(ctx, ratio, z), low, high)
    return 2 * (both - one) * ratio


def vertex_error_of_one_bit(ctx: Arithmetic, sigma: Number) -> Number:
    """E |s_sigma - s_r|^2 sigma^2 for n = m = 1, f(s) = s, s_r = ((r, f(r)) - x) / sigma^2."""
    low, high = ctx.number(-9), ctx.number(9)
    square = midpoint_rule(lambda z: sign_integrand(ctx, sigma, z), low, high)
    return 2 * square / (sigma * sigma)


def better_formula(ctx: Arithmetic, n: int, sigma: Number) -> Number:
    """The smaller of both formulas' errors times sigma^2, f(s) = s: n independent pairs."""
    return n * ctx.minimum(
        vertex_error_of_one_bit(ctx, sigma), product_error_of_one_bit(ctx, sigma)
    )


def two_fifths(ctx: Arithmetic, n: int, **_: Number) -> Number:
    """2 n / 5."""
    return ctx.number(Fraction(2 * n, 5))


def middling_margin(ctx: Arithmetic, sigma: Number, **_: Number) -> Number:
    """Positive exactly where 1/2 < sigma < 1."""
    return (sigma - ctx.number(Fraction(1, 2))) * (1 - sigma)


NAIVE_INSTANCE = STATEMENTS.state(
    Definition(
        id="naive-instance",
        paper="Section 3",
        relation="as stated",
        claim="s uniform in {-1,+1}^n, x = (s, f(s)) in {-1,+1}^d",
        domain={"table": TABLE, "sigma": POSITIVE, "x": POINT},
        formulas={"density": naive_density, "score": naive_score},
        proof="a definition",
        depends=("smoothed-score",),
    )
)

NAIVE_REVEALS = STATEMENTS.state(
    Bound(
        id="naive-instance.reveals",
        paper="Section 3",
        relation="special case",
        claim="for f(s) = s, n = m, and 1/2 < sigma < 1 the vertex formula and the product formula "
        "both miss the naive instance's score by at least 2 n / 5 in E |.|^2 sigma^2",
        domain={"n": COUNT, "sigma": POSITIVE},
        where=(
            Hypothesis(
                name="1/2 < sigma < 1",
                claim="the noise is middling",
                margin=middling_margin,
                witness={"n": 1, "sigma": 0.25},
            ),
        ),
        left=two_fifths,
        right=better_formula,
        proof="n independent pairs (s_i, s_i); both errors of a pair are integrals over the line",
        depends=("naive-instance",),
    )
)
