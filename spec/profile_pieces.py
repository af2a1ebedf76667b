"""How far an interpolant of a lattice's profile is off, on whole pieces and ranges of q.

Formulas for enclosing arithmetics: two forms of d^2 H / dplace^2 = -kappa_3[k] / q^2 whose
enclosures stay close to their values, by the lattice index's weights for small q and by the Fourier
series of H for large q; then the mean squares that `score_network`'s terms ask for. Lengths are in
spacings; knots go from 0 to 1/2.

No statements of their own: they say again what `piecewise-linear-score.second-order` and `.bend`
state, in a form to enclose; tests compare both forms with those formulas, in balls.
"""

from collections.abc import Sequence

from hardposterior.spec import lattice_profile
from hardposterior.spec.arithmetic import Arithmetic, Number, TooWide
from hardposterior.spec.measurement import upper_tail
from hardposterior.spec.piecewise_linear import piece_bound

TERMS = 5
"""Lattice points kept on either side: at q <= 1/6 the next has weight r^15 <= exp(-90)."""


def bend_by_weights(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """kappa_3[k] / q^2 but for `weights_cut`, place in [0, 1/2], q <= 1/6.

    Weights of k >= 0 are a^k r^(k (k - 1) / 2), of -j <= 0 b^j r^(j (j - 1) / 2), with
    a = exp(-place / q), b = exp(-(1 - place) / q), r = exp(-1 / q).
    """
    r = ctx.exp(-1 / q)
    total, first, second, third = ctx.number(1), ctx.number(0), ctx.number(0), ctx.number(0)
    for sign, distance in ((1, place), (-1, 1 - place)):
        weight, step = ctx.number(1), ctx.exp(-distance / q)
        for k in range(1, TERMS + 1):
            weight = weight * step
            step = step * r
            total = total + weight
            first = first + sign * k * weight
            second = second + k * k * weight
            third = third + sign * k**3 * weight
    mean, square = first / total, second / total
    return (third / total - 3 * mean * square + 2 * mean * mean * mean) / (q * q)


def weights_cut(ctx: Arithmetic, q: Number) -> Number:
    """What `bend_by_weights` leaves out, in size, at q <= 1/6.

    The weights beyond add T <= 2 r^15 sum k^3 r^(k (k - 1) / 2 - 15) <= 2^9 r^15 to any of the
    four sums, the first of which is at least 1; moments are at most 1, and change by at most 2 T.
    """
    return 2**15 * ctx.exp(-15 / q) / (q * q)


def bend_by_frequencies(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """16 pi^3 q sum_{j>=1} j^2 rho^j / (1 - rho^(2j)) sin(2 pi j place), q >= 1/9.

    H = -q T' / T, and T' / T = 4 pi sum (-1)^j rho^j / (1 - rho^(2j)) sin(2 pi j u),
    u = 1/2 - place.
    """
    rho = ctx.exp(-2 * ctx.pi * ctx.pi * q)

    def term(j: int) -> Number:
        size = j * j * rho**j / (1 - rho ** (2 * j))
        return size * ctx.sin(2 * ctx.pi * j * place)

    def tail(j: int) -> Number:
        # (i / j)^2 <= 4^(i - j), and rho <= exp(-2 pi^2 / 9) < 1/8
        return j * j * rho**j / ((1 - rho * rho) * (1 - 4 * rho))

    return 16 * ctx.pi**3 * q * ctx.series(term, tail, first=1)


def bend_bound(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """A bound on |d^2 H / dplace^2| for all of `place` in [0, 1/2] and `q`.

    By weights up to q = 1/6, where r^15 is still below exp(-90); the series holds from q = 1/9 on,
    as rho < 1/8 there. Enclosing contexts get `TooWide` where a range of q spans both.
    """
    if q <= ctx.number(1) / 6:
        return ctx.absolute(bend_by_weights(ctx, q, place)) + weights_cut(ctx, q)
    if not q >= ctx.number(1) / 9:
        raise TooWide(f"q = {q}: neither below 1/6 nor above 1/9")
    return ctx.absolute(bend_by_frequencies(ctx, q, place))


def value_rounding(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """2^-40 exp(-place / (4 q)), and 2^-52 below 1/4: how far stored values may be from H.

    H = (1/2 - place) - E[k]: the first difference is exact in binary64 from 1/4 on, and E[k] is at
    most exp(-place / q).
    """
    slack = ctx.exp(-place / (4 * q)) / 2**40
    if place >= ctx.number(1) / 4:
        return slack
    return slack + ctx.number(1) / 2**52


def piece_error(
    ctx: Arithmetic, q: Number, low: Number, high: Number, parts: Sequence[Number]
) -> Number:
    """A bound on |H_hat - H| on a piece: its bend and the rounding at its ends; at most 1/2.

    `parts` make up the piece [low, high], where the arithmetic encloses: the narrower, the closer.
    Both H and H_hat are in [0, 1/2]. A piece that spans the whole riser errs by as much, nearly.
    """
    half = ctx.number(1) / 2
    if low <= q and high - low >= 100 * q:
        return half
    bend = ctx.number(0)
    for part in parts:
        bend = ctx.maximum(bend, bend_bound(ctx, q, part))
    error = piece_bound(high - low, bend) + value_rounding(ctx, q, low)
    return ctx.minimum(error, half)


def mean_squares(
    ctx: Arithmetic,
    spacing: Number,
    sigma: Number,
    q: Number,
    first: Number,
    errors: Sequence[Number],
) -> tuple[Number, Number]:
    """Bounds on E[(H_hat - H)^2] under the own phase's law and under the other's.

    `errors` are those of the pieces, `first` is the knot after the first piece: it may err much
    where the own law hardly goes, [0, first].
    """
    head, rest = errors[0], ctx.number(0)
    for error in errors[1:]:
        rest = ctx.maximum(rest, error)
    # a wrapped N(0, q) is no farther from the integers than N(0, q) from 0
    rare = 2 * upper_tail(ctx, (ctx.number(1) / 2 - first) / ctx.sqrt(q))
    excess = lattice_profile.law_excess(ctx, spacing, sigma)
    return excess * rare * head**2 + rest**2, ctx.maximum(head, rest) ** 2
