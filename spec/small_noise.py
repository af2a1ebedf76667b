"""The small-noise network's error against its bound (Appendix C.4). Unscaled.

The small-noise network of f(s) = s, n = m, is n independent networks of one bit, whose error is a
double integral. Knots and values are those of the interpolant H_hat on a half period of every
lattice; no interpolant is assumed to come from H.
"""

from hardposterior.spec import score_network as terms
from hardposterior.spec import vertex_score
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.one_bit import Bit, error_of_one_bit, mean_squares, worst_square
from hardposterior.spec.statements import (
    COUNT,
    POSITIVE,
    STATEMENTS,
    Bound,
    Domain,
    Hypothesis,
)

KNOTS = Domain("increasing places from 0 to 1/2", lambda v: len(v) >= 2 and v[0] == 0 < v[-1])
VALUES = Domain("numbers in [0, 1/2], 0 at both ends", lambda h: 0 <= min(h) <= max(h) <= 0.5)
ONE_BIT = {
    "n": COUNT,
    "separation": POSITIVE,
    "spacing": POSITIVE,
    "sigma": POSITIVE,
    "window": POSITIVE,
    "knots": KNOTS,
    "values": VALUES,
}


def error_of_the_identity(ctx: Arithmetic, n: int, **bit: Number) -> Number:
    """E|s_hat - s|^2 for f(s) = s, n = m, by quadrature: n independent networks of one bit."""
    return n * error_of_one_bit(ctx, Bit(**{name: bit[name] for name in Bit._fields}))


def square_margin(ctx: Arithmetic, n: int, square: Number, **bit: Number) -> Number:
    """square - E[(H_hat - H)^2] under the own phase's law, the larger of the two."""
    del n
    own, _ = mean_squares(ctx, Bit(**bit))
    return square - own


def sup_margin(ctx: Arithmetic, n: int, square: Number, **bit: Number) -> Number:
    """square - sup (H_hat - H)^2, the sup over the quadrature's points."""
    del n
    return square - worst_square(ctx, Bit(**bit))


def base_terms(
    ctx: Arithmetic,
    n: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    window: Number,
    square: Number,
) -> tuple[Number, list[Number]]:
    """V, and P and W, for m = n."""
    vertex = vertex_score.vertex_score_bound(ctx, n, n, separation, spacing, sigma)
    pieces = terms.pieces_term(ctx, n, spacing, sigma, square)
    near = terms.window_term(ctx, n, n, separation, spacing, sigma, window)
    return vertex, [pieces, near]


def small_noise_bound(
    ctx: Arithmetic,
    n: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    window: Number,
    square: Number,
    **_: Number,
) -> Number:
    """(sqrt V + sqrt(P + W + X))^2, P = m (eps / sigma^2)^2 square, X without a factor."""
    vertex, added = base_terms(ctx, n, separation, spacing, sigma, window, square)
    wrong = terms.wrong_phase_term(ctx, n, n, separation, spacing, sigma)
    return terms.joined(ctx, vertex, [*added, wrong])


def bound_without_the_wrong_phase(
    ctx: Arithmetic,
    n: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    window: Number,
    square: Number,
    **_: Number,
) -> Number:
    """(sqrt V + sqrt(P + W))^2."""
    return terms.joined(ctx, *base_terms(ctx, n, separation, spacing, sigma, window, square))


def bound_by_both_phases(ctx: Arithmetic, n: int, **bit: Number) -> Number:
    """(sqrt V + sqrt(P + W + X))^2 with the mean squares of H_hat - H under both phases' laws."""
    own, other = mean_squares(ctx, Bit(**bit))
    place = {name: bit[name] for name in ("separation", "spacing", "sigma")}
    vertex, added = base_terms(ctx, n, **place, window=bit["window"], square=own)
    wrong = terms.wrong_phase_term_of_square(ctx, n, n, **place, square=other)
    return terms.joined(ctx, vertex, [*added, wrong])


JUMP = {
    "n": 1,
    "separation": 2.0,
    "spacing": 1.0,
    "sigma": 0.1,
    "window": 2.0**-30,
    "knots": (0.0, 2.0**-10, 0.1, 0.1 + 2.0**-10, 0.5),
    "values": (0.0, 0.5, 0.5, 0.399, 0.0),
}
"""An interpolant that stays at 1/2 up to a tenth of a spacing from the midpoint, then jumps."""

FLAT = {**JUMP, "separation": 8.0, "knots": (0.0, 0.5), "values": (0.0, 0.0)}
"""No interpolant at all, where no sign is ever wrong."""

SMALL_NOISE = {**ONE_BIT, "square": POSITIVE}

RELU_SCORE_SMALL_NOISE = STATEMENTS.state(
    Bound(
        id="relu-score-small-noise",
        paper="Appendix C.4",
        relation="explicit",
        claim="for every f, E|s_hat - s|^2 <= (sqrt V + sqrt(P + W + X))^2: "
        "P = m (eps / sigma^2)^2 E[(H_hat - H)^2], "
        "W = n Pr[|x_i| < w] ((R / t)^2 + m (eps / sigma^2)^2), "
        "X = (1 - (1 - p_e)^n) m (eps / sigma^2)^2",
        domain=SMALL_NOISE,
        where=(
            Hypothesis(
                name="square >= E[(H_hat - H)^2]",
                claim="the pieces err by at most `square` in the mean, under the own phase's law",
                margin=square_margin,
                witness={**FLAT, "square": 1e-6},
            ),
        ),
        left=error_of_the_identity,
        right=small_noise_bound,
        proof="s_hat - s = (s_hat - s_r) + (s_r - s), by the triangle inequality in L^2. Outside "
        "the window bits are exact; where no sign is wrong an image coordinate errs as its pieces "
        "do under its own law; elsewhere by at most eps / sigma^2, as both offsets are at most "
        "eps / 2, and by relu-selection fractional bits enlarge neither; a hidden one by R / t",
        depends=(
            "vertex-score",
            "lattice-denoiser",
            "relu-sign",
            "relu-selection",
            "relu-gates.neurons",
            "relu-gates.network",
        ),
    )
)

RELU_SCORE_EVERYWHERE = STATEMENTS.state(
    Bound(
        id="relu-score-small-noise.everywhere",
        paper="Appendix C.4",
        relation="explicit",
        claim="X = 0 where P is a sup bound for both phases: E|s_hat - s|^2 <= "
        "(sqrt V + sqrt(P + W))^2; with P a mean square it is false",
        domain=SMALL_NOISE,
        where=(
            Hypothesis(
                name="square >= sup (H_hat - H)^2",
                claim="the pieces err by at most the root of `square` everywhere, so under either "
                "phase's law",
                margin=sup_margin,
                witness={**JUMP, "square": 2.0**-20},
            ),
        ),
        left=error_of_the_identity,
        right=bound_without_the_wrong_phase,
        proof="outside the window every image coordinate errs by at most the sup, right sign or "
        "wrong; within it as before",
        depends=("relu-score-small-noise",),
    )
)

RELU_SCORE_BOTH_PHASES = STATEMENTS.state(
    Bound(
        id="relu-score-small-noise.both-phases",
        paper="Appendix C.4",
        relation="sharper",
        claim="X = (1 - (1 - p_e)^n) m (eps / sigma^2)^2 E[(H_hat - H)^2] under the other phase's "
        "law, at most a quarter of X where H_hat lies between zeros of H",
        domain=ONE_BIT,
        left=error_of_the_identity,
        right=bound_by_both_phases,
        proof="given s, x_{n+j} is independent of x_1..n, hence of the signs that are wrong",
        depends=("relu-score-small-noise", "hard-instance"),
    )
)
