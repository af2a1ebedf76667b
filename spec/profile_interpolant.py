"""Pieces of a lattice's profile: how far their chords are off, and how many it takes (C.1).

Lengths are in spacings; places are distances from the midpoint, in [0, 1/2].
"""

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice_profile import PLACE, bend_envelope, profile
from hardposterior.spec.piecewise_linear import chord, piece_bound
from hardposterior.spec.relu_gadgets import UNIT_INTERVAL
from hardposterior.spec.statements import POSITIVE, STATEMENTS, Bound, Domain

ERROR = Domain("a number in (0, 1/8]", lambda error: 0 < error <= 0.125)


def upper_knot(ctx: Arithmetic, place: Number, reach: Number) -> Number:
    """The end of a piece from `place`, a share `reach` of the way to 1/2."""
    return chord(place, ctx.number(1) / 2, reach)


def profile_by_chord_error(
    ctx: Arithmetic, q: Number, place: Number, reach: Number, share: Number
) -> Number:
    """|H - its chord| on a piece from `place`, at a share of its width."""
    high = upper_knot(ctx, place, reach)
    flat = chord(profile(ctx, q, place), profile(ctx, q, high), share)
    return ctx.absolute(flat - profile(ctx, q, chord(place, high, share)))


def half_the_line(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """(1/2 - place) / 2."""
    del q
    return (ctx.number(1) / 2 - place) / 2


def distance_from_half_the_line(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """|H - (1/2 - place) / 2|."""
    return ctx.absolute(profile(ctx, q, place) - half_the_line(ctx, q, place))


def envelope_piece_bound(
    ctx: Arithmetic, q: Number, place: Number, reach: Number, share: Number
) -> Number:
    """h^2 exp(-place / q) / (8 q^2), h the width of the piece and place its lower end."""
    del share
    return piece_bound(upper_knot(ctx, place, reach) - place, bend_envelope(ctx, q, place))


def marched_pieces(ctx: Arithmetic, error: Number) -> Number:
    """Pieces of the march by the envelope, in g = exp(-place / (2 q)), one more to the end.

    A piece from g of width 2 q sqrt(2 error) / g errs by `error`; from g^2 <= error on one piece
    errs by at most E[k] <= g^2. The profile ends at place = 1/2, so for no q are there more.
    """
    step = ctx.sqrt(2 * error)
    g, count = ctx.number(1), 1
    while g * g > error:
        g = g * ctx.exp(-step / g)
        count += 1
    return ctx.number(count)


def pieces_bound(ctx: Arithmetic, error: Number) -> Number:
    """1 + 7 / (4 sqrt(error))."""
    return 1 + 7 / (4 * ctx.sqrt(error))


PIECEWISE_LINEAR_SIGN = STATEMENTS.state(
    Bound(
        id="piecewise-linear-score.sign",
        paper="Appendix C.1",
        relation="own",
        claim="0 <= H <= 1/2 - place for place in [0, 1/2]: an interpolant with values in [0, 1/2] "
        "has the sign of H, and so errs by at most half a spacing",
        domain={"q": POSITIVE, "place": PLACE},
        left=distance_from_half_the_line,
        right=half_the_line,
        proof="E[k] >= 0 by pairing k with -k; and H = -q T' / T >= 0, as every factor of Jacobi's "
        "product for T falls on [0, 1/2]",
        depends=("lattice-smoothing.range", "lattice-denoiser"),
    )
)

PIECEWISE_LINEAR_CURVATURE = STATEMENTS.state(
    Bound(
        id="piecewise-linear-score.curvature",
        paper="Appendix C.1",
        relation="sharper",
        claim="the chord over a piece of width h errs by at most h^2 sup |f''| / 8; for the "
        "profile by at most h^2 exp(-place / q) / (8 q^2), place its end next to the riser",
        domain={"q": POSITIVE, "place": PLACE, "reach": UNIT_INTERVAL, "share": UNIT_INTERVAL},
        left=profile_by_chord_error,
        right=envelope_piece_bound,
        proof="chord - f is the integral of f'' against a kernel that is nonnegative and "
        "integrates to (x - a)(b - x) / 2 <= h^2 / 8",
        depends=("piecewise-linear-score.bend",),
    )
)

PIECEWISE_LINEAR_PIECES = STATEMENTS.state(
    Bound(
        id="piecewise-linear-score.pieces",
        paper="Appendix C.1",
        relation="own",
        claim="1 + 7 / (4 sqrt e) pieces interpolate the profile within e <= 1/8, for every q",
        domain={"error": ERROR},
        left=marched_pieces,
        right=pieces_bound,
        proof="with c = sqrt(2 e) a step takes g to g exp(-c / g) <= g - c g / (g + c), so g falls "
        "by at least c / (1 + sqrt 2) as long as g^2 > e; the last piece by flatness",
        depends=("piecewise-linear-score.curvature", "piecewise-linear-score.flat"),
    )
)
