"""Piecewise-linear interpolants of a denoiser in one dimension (Appendix C.1).

Lengths are in spacings where a formula speaks of the profile H. Knots are increasing places from
0 to 1/2, values the interpolant's: in [0, 1/2] and 0 at both ends.
"""

from collections.abc import Callable, Sequence

from hardposterior.spec import lattice
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice import LATTICE_DOMAIN
from hardposterior.spec.relu_gadgets import UNIT_INTERVAL
from hardposterior.spec.relu_gates import relu
from hardposterior.spec.statements import POSITIVE, STATEMENTS, Bound

Numbers = Sequence[Number]


def slopes(knots: Numbers, values: Numbers) -> list[Number]:
    """The slope of every piece."""
    return [(values[i + 1] - values[i]) / (knots[i + 1] - knots[i]) for i in range(len(knots) - 1)]


def interpolant(ctx: Arithmetic, knots: Numbers, values: Numbers, place: Number) -> Number:
    """The piecewise-linear function through (knots, values), constant beyond the end knots."""
    found = values[0]
    last = ctx.number(0)
    for knot, slope in zip(knots, [*slopes(knots, values), ctx.number(0)], strict=True):
        found = found + (slope - last) * relu(ctx, place - knot)
        last = slope
    return found


def chord(low: Number, high: Number, share: Number) -> Number:
    """low + share (high - low)."""
    return low + share * (high - low)


def piece_bound(width: Number, bend: Number) -> Number:
    """h^2 sup |f''| / 8: how far the chord of a piece of width h is from f."""
    return width * width * bend / 8


def mean_square(
    ctx: Arithmetic, mass: Callable[..., Number], q: Number, knots: Numbers, errors: Numbers
) -> Number:
    """The sum over pieces of mass times squared sup error; `mass` is `own_mass` or `other_mass`.

    Times `law_excess` it bounds E[(H_hat - H)^2], under the own phase's law or under the other's.
    """
    pieces = zip(knots[:-1], knots[1:], errors, strict=True)
    squares = (mass(ctx, q, low, high) * error**2 for low, high, error in pieces)
    return sum(squares, ctx.number(0))


def score_by_chord_error(
    ctx: Arithmetic,
    spacing: Number,
    phase: Number,
    sigma: Number,
    x: Number,
    width: Number,
    share: Number,
) -> Number:
    """|s_hat - s| at x + share width, s_hat the chord of s over [x, x + width]."""
    low, middle, high = (
        lattice.score(ctx, spacing, phase, sigma, x + part * width)
        for part in (ctx.number(0), share, ctx.number(1))
    )
    return ctx.absolute(chord(low, high, share) - middle)


def increment_over_noise(
    ctx: Arithmetic,
    spacing: Number,
    phase: Number,
    sigma: Number,
    x: Number,
    width: Number,
    **_: Number,
) -> Number:
    """(D(x + width) - D(x)) / sigma^2."""
    high = lattice.denoiser(ctx, spacing, phase, sigma, x + width)
    return (high - lattice.denoiser(ctx, spacing, phase, sigma, x)) / (sigma * sigma)


def ramp_error(
    ctx: Arithmetic,
    spacing: Number,
    phase: Number,
    sigma: Number,
    x: Number,
    width: Number,
    share: Number,
) -> Number:
    """|s_hat - s| at x + share width, s_hat ramping down to -x / t over [x, x + width]."""
    start = score_over_slope(ctx, spacing, phase, sigma, x)
    there = score_over_slope(ctx, spacing, phase, sigma, x + share * width)
    return ctx.absolute((1 - share) * start - there)


def score_over_slope(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """s(x) + x / t = (D - mu) / sigma^2."""
    return lattice.denoiser_offset(ctx, spacing, phase, sigma, x) / (sigma * sigma)


def ramp_bound(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number, **_: Number
) -> Number:
    """eps / (2 sigma^2) + |s(x) + x / t|."""
    start = ctx.absolute(score_over_slope(ctx, spacing, phase, sigma, x))
    return spacing / (2 * sigma * sigma) + start


PIECEWISE_LINEAR_SCORE = STATEMENTS.state(
    Bound(
        id="piecewise-linear-score",
        paper="Appendix C.1",
        relation="explicit",
        claim="between knots at which D rises by Delta, the chord of the score errs by at most "
        "Delta / sigma^2; so max(1, ceil((D(w) - D(-w)) / Delta)) pieces do on [-w, w]",
        domain={**LATTICE_DOMAIN, "width": POSITIVE, "share": UNIT_INTERVAL},
        left=score_by_chord_error,
        right=increment_over_noise,
        proof="s = (D - x) / sigma^2, and the linear part is its own chord; D is nondecreasing, "
        "so D and its chord both lie between D's values at the knots",
        depends=("smoothed-score.second-order", "lattice-denoiser.score"),
    )
)

PIECEWISE_LINEAR_JOIN = STATEMENTS.state(
    Bound(
        id="piecewise-linear-score.join",
        paper="Appendix C.1",
        relation="explicit",
        claim="joined to -x / t by a ramp from x_0 on, the score errs by at most eps / (2 sigma^2) "
        "+ |s(x_0) + x_0 / t|: eps / (2 sigma^2) where x_0 / t is a lattice point or a midpoint, "
        "and elsewhere up to eps / sigma^2",
        domain={**LATTICE_DOMAIN, "width": POSITIVE, "share": UNIT_INTERVAL},
        left=ramp_error,
        right=ramp_bound,
        proof="the ramp is at most its start, and |D - mu| <= eps / 2 by lattice-denoiser",
        depends=("lattice-denoiser",),
    )
)
