"""The large-noise network's error against its bound (Appendix C.7). Unscaled.

The network is the mixture's score with a piecewise-linear T in place of tanh.
"""

from collections.abc import Sequence

from hardposterior.spec import hard_instance, mixture_score
from hardposterior.spec import score_network as terms
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.hard_instance import Point, Table, hidden_bits
from hardposterior.spec.lattice import smoothed_variance
from hardposterior.spec.mixture_score import POINTWISE
from hardposterior.spec.piecewise_linear import interpolant
from hardposterior.spec.relu_gates import relu
from hardposterior.spec.statements import STATEMENTS, Bound, Domain

Numbers = Sequence[Number]

TANH_KNOTS = Domain("increasing places from 0 on", lambda a: len(a) >= 2 and a[0] == 0)


def tanh_interpolant(ctx: Arithmetic, knots: Numbers, x: Number) -> Number:
    """The odd interpolant of tanh, 1 from the last knot on."""
    values = [*(ctx.tanh(knot) for knot in knots[:-1]), ctx.number(1)]
    ends = [interpolant(ctx, knots, values, relu(ctx, z)) for z in (x, -x)]
    return ends[0] - ends[1]


def large_noise_score(
    ctx: Arithmetic, n: int, separation: Number, sigma: Number, knots: Numbers, x: Point
) -> list[Number]:
    """(R T(R x_i / t) - x_i) / t, T the interpolant of tanh, and -x / t."""
    t = smoothed_variance(sigma)
    hidden = [
        (separation * tanh_interpolant(ctx, knots, separation * c / t) - c) / t for c in x[:n]
    ]
    return hidden + [-c / t for c in x[n:]]


def large_noise_error(
    ctx: Arithmetic,
    table: Table,
    separation: Number,
    spacing: Number,
    sigma: Number,
    x: Point,
    knots: Numbers,
) -> Number:
    """|s_hat(x) - s_sigma(x)|^2, the score from the sum over the vertices."""
    exact = hard_instance.score(ctx, table, separation, spacing, sigma, x)
    found = large_noise_score(ctx, hidden_bits(table), separation, sigma, knots, x)
    return sum(((a - b) ** 2 for a, b in zip(exact, found, strict=True)), ctx.number(0))


def large_noise_bound(
    ctx: Arithmetic,
    table: Table,
    separation: Number,
    spacing: Number,
    sigma: Number,
    x: Point,
    knots: Numbers,
) -> Number:
    """(sqrt U + sqrt(n) (R / t) sup|T - tanh|)^2, U in its sharp form."""
    del x
    n = hidden_bits(table)
    mixture = mixture_score.sharp_bound_of_sizes(ctx, n, len(table[0]), separation, spacing, sigma)
    error = terms.tanh_error(ctx, knots)
    return terms.joined(ctx, mixture, [terms.tanh_term(ctx, n, separation, sigma, error)])


RELU_SCORE_LARGE_NOISE = STATEMENTS.state(
    Bound(
        id="relu-score-large-noise",
        paper="Appendix C.7",
        relation="explicit",
        claim="|s_hat - s|^2 <= (sqrt U + sqrt(n) (R / t) sup|T - tanh|)^2 at every x, T the "
        "interpolant of tanh with 1 at a_N: max(h^2 sup|tanh''| / 8, 1 - tanh a_N) bounds the sup",
        domain={**POINTWISE, "knots": TANH_KNOTS},
        left=large_noise_error,
        right=large_noise_bound,
        proof="the triangle inequality; on a piece the chord lies below tanh by at most "
        "h^2 sup|tanh''| / 8, and raising its end to 1 lifts it by at most 1 - tanh a_N",
        depends=("mixture-score.sharp", "piecewise-linear-score.curvature"),
    )
)
