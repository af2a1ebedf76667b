"""A score network's bound on sigma^2 E|s_hat - s|^2 from its own knots, term by term (C.4, C.7).

What certificates evaluate: `score_network`'s terms with the errors of the pieces that the knots
make, times sigma^2 (which is free of units). Unscaled. The first term is the formula's own error,
V or U; the network's own are added under the root: (sqrt formula + sqrt(sum of the rest))^2.

No statement of their own: their sums are the right sides of `relu-score-small-noise.both-phases`
and `relu-score-large-noise` at knots; tests measure what they certify, at levels inside boxes.
"""

from collections.abc import Mapping, Sequence

from hardposterior.spec import mixture_score, profile_pieces, theta, vertex_score
from hardposterior.spec import score_network as terms
from hardposterior.spec.arithmetic import Arithmetic, Number, TooWide
from hardposterior.spec.lattice_margins import TOP

SMALL = ("vertex", "pieces", "sign window", "wrong phase", "tail")
LARGE = ("mixture", "pieces")

Piece = tuple[Number, Number, Sequence[Number]]
"""Its ends, and the parts that make it up."""


def small_noise_terms(
    ctx: Arithmetic,
    n: int,
    m: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    window: Number,
    periods: Number,
    pieces: Sequence[Piece],
) -> Mapping[str, Number]:
    """V, P, W, X and the part beyond the pieces, times sigma^2.

    `window` is the sign window's half width, `periods` half the range of the pieces, in spacings.
    """
    q = theta.ratio(spacing, sigma)
    errors = [profile_pieces.piece_error(ctx, q, *piece) for piece in pieces]
    own, other = profile_pieces.mean_squares(ctx, spacing, sigma, q, pieces[0][1], errors)
    place = (n, m, separation, spacing, sigma)
    found = (
        vertex_score.vertex_score_bound(ctx, *place),
        terms.pieces_term(ctx, m, spacing, sigma, own),
        terms.window_term(ctx, *place, window),
        terms.wrong_phase_term_of_square(ctx, *place, other),
        terms.tail_term(ctx, m, spacing, sigma, periods),
    )
    return {name: term * sigma * sigma for name, term in zip(SMALL, found, strict=True)}


def tanh_pieces_error(ctx: Arithmetic, knots: Sequence[Number]) -> Number:
    """The sup error of tanh's interpolant at these knots, its values rounded to 2^-50."""
    return terms.tanh_error(ctx, knots) + ctx.number(1) / 2**50


def large_noise_terms(
    ctx: Arithmetic,
    n: int,
    m: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    error: Number,
) -> Mapping[str, Number]:
    """U (sharp) and what tanh's pieces add, times sigma^2; `error` is their `tanh_pieces_error`.

    U is of no use where the nome is near 1: `TooWide` there.
    """
    if not theta.nome(ctx, theta.ratio(spacing, sigma)) < ctx.number(TOP):
        raise TooWide(f"sigma = {sigma}: the lattice shows, and U is not small")
    mixture = mixture_score.sharp_bound_of_sizes(ctx, n, m, separation, spacing, sigma)
    found = (mixture, terms.tanh_term(ctx, n, separation, sigma, error))
    return {name: term * sigma * sigma for name, term in zip(LARGE, found, strict=True)}


def total(ctx: Arithmetic, named: Mapping[str, Number]) -> Number:
    """(sqrt formula + sqrt(sum of the rest))^2."""
    formula, *rest = named.values()
    return terms.joined(ctx, formula, rest)
