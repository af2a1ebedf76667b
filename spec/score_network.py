"""The error of a score network, term by term (Appendices C.3, C.4, C.6 to C.8). Unscaled.

Bounds on E|s_hat - s|^2 from the vertex score's V or the mixture score's U and, each on its own,
what the pieces, the sign window, the wrong phase and the part beyond the pieces add. A `square` is
a mean square of H_hat - H, in spacings^2; `periods` counts periods of u = mu / eps.
"""

from collections.abc import Sequence

from hardposterior.spec import mixture_score, theta, vertex_score
from hardposterior.spec.arithmetic import Arithmetic, Number, standard_normal_cdf
from hardposterior.spec.lattice import smoothed_variance
from hardposterior.spec.piecewise_linear import piece_bound
from hardposterior.spec.relu_gates import relu
from hardposterior.spec.statements import STATEMENTS, Domain, Identity


def offset_unit(spacing: Number, sigma: Number) -> Number:
    """(eps / sigma^2)^2: what an error of one spacing in the denoiser costs a score, squared."""
    return (spacing / (sigma * sigma)) ** 2


def window_chance(ctx: Arithmetic, separation: Number, sigma: Number, window: Number) -> Number:
    """Pr[|x_i| < w], x_i ~ N(R, t)."""
    root = ctx.sqrt(smoothed_variance(sigma))
    near = standard_normal_cdf(ctx, (window - separation) / root)
    return near - standard_normal_cdf(ctx, -(window + separation) / root)


def pieces_term(ctx: Arithmetic, m: int, spacing: Number, sigma: Number, square: Number) -> Number:
    """P = m (eps / sigma^2)^2 square: `square` bounds E[(H_hat - H)^2] under the own phase's law.

    Beyond the pieces H_hat = 0: what happens there is in `tail_term`.
    """
    del ctx
    return m * offset_unit(spacing, sigma) * square


def tail_chance(ctx: Arithmetic, spacing: Number, sigma: Number, periods: Number) -> Number:
    """A bound on Pr[|x| > t eps periods] for either phase: 2 exp(-t (eps periods)^2 / 2) T_0 ratio.

    E exp(l x) <= exp(l^2 t / 2) T_0(0) / T_0(theta), and T_0(0) / T_0(1/2) is the exponential of
    4 times the sum over odd k of atanh(rho_0^k).
    """
    nome = theta.nome(ctx, 1 / (spacing * spacing))
    ratio = ctx.exp(mixture_score.four_odd_atanh(ctx, nome))
    reach = spacing * periods
    return 2 * ctx.exp(-smoothed_variance(sigma) * reach * reach / 2) * ratio


def tail_term(ctx: Arithmetic, m: int, spacing: Number, sigma: Number, periods: Number) -> Number:
    """m Pr[|x| > t eps periods] (eps / (2 sigma^2))^2: there s_hat = -x / t, whatever the phase."""
    chance = tail_chance(ctx, spacing, sigma, periods)
    return m * chance * offset_unit(spacing, sigma) / 4


def window_term(
    ctx: Arithmetic,
    n: int,
    m: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    window: Number,
) -> Number:
    """W = n Pr[|x_i| < w] ((R / t)^2 + m (eps / sigma^2)^2): bits between 0 and 1."""
    hidden = (separation / smoothed_variance(sigma)) ** 2
    chance = window_chance(ctx, separation, sigma, window)
    return n * chance * (hidden + m * offset_unit(spacing, sigma))


def wrong_phase_term(
    ctx: Arithmetic, n: int, m: int, separation: Number, spacing: Number, sigma: Number
) -> Number:
    """X = (1 - (1 - p_e)^n) m (eps / sigma^2)^2: needs no more than |H_hat| <= 1/2."""
    wrong = vertex_score.any_sign_error(ctx, n, separation, sigma)
    return wrong * m * offset_unit(spacing, sigma)


def wrong_phase_term_of_square(
    ctx: Arithmetic,
    n: int,
    m: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    square: Number,
) -> Number:
    """X = (1 - (1 - p_e)^n) m (eps / sigma^2)^2 square.

    `square` bounds E[(H_hat - H)^2] under the other phase's law: given s, x_{n+j} is independent of
    x_1..n. It is at most 1/4 where H_hat has the sign of H, as an interpolant between zeros has.
    """
    return wrong_phase_term(ctx, n, m, separation, spacing, sigma) * square


def joined(ctx: Arithmetic, formula: Number, terms: Sequence[Number]) -> Number:
    """(sqrt formula + sqrt(sum of terms))^2: V with P, W, X and tail; U with the tanh's pieces."""
    added = sum(terms, ctx.number(0))
    return (ctx.sqrt(formula) + ctx.sqrt(added)) ** 2


def tanh_bend(ctx: Arithmetic, low: Number, high: Number) -> Number:
    """A bound on |tanh''| = f(T) = 2 T (1 - T^2), T = tanh, for 0 <= T(low) <= T <= T(high).

    f is concave, so below its tangents at both ends where they rise inwards, and at most
    4 / (3 sqrt 3).
    """
    ends = ctx.tanh(low), ctx.tanh(high)
    width = ends[1] - ends[0]
    heights = [2 * end * (1 - end * end) for end in ends]
    rising, falling = relu(ctx, 2 - 6 * ends[0] ** 2), relu(ctx, 6 * ends[1] ** 2 - 2)
    least = ctx.minimum(heights[0] + rising * width, heights[1] + falling * width)
    return ctx.minimum(least, 4 / (3 * ctx.sqrt(ctx.number(3))))


def tanh_error(ctx: Arithmetic, knots: Sequence[Number]) -> Number:
    """A bound on the sup error of tanh's interpolant at 0 = a_0 < ... < a_N.

    The last value is 1 in place of tanh(a_N). Each piece errs by h^2 sup |tanh''| / 8 below;
    above, and beyond a_N, by 1 - tanh(a_N).
    """
    worst = 2 / (ctx.exp(2 * knots[-1]) + 1)
    for i in range(len(knots) - 1):
        low, high = knots[i], knots[i + 1]
        worst = ctx.maximum(worst, piece_bound(high - low, tanh_bend(ctx, low, high)))
    return worst


def tanh_term(ctx: Arithmetic, n: int, separation: Number, sigma: Number, error: Number) -> Number:
    """n (R / t)^2 error^2, `error` the sup error of tanh's interpolant."""
    del ctx
    return n * (separation / smoothed_variance(sigma) * error) ** 2


def error_of_the_product(
    ctx: Arithmetic, laws: Sequence[Sequence[Number]], errors: Sequence[Sequence[Number]]
) -> Number:
    """E|s_hat - s|^2 over the product of finite laws: every cell of the grid."""
    cells = [(ctx.number(1), ctx.number(0))]
    for law, error in zip(laws, errors, strict=True):
        total = sum(law, ctx.number(0))
        cells = [
            (chance * p / total, square + e * e)
            for chance, square in cells
            for p, e in zip(law, error, strict=True)
        ]
    return sum((chance * square for chance, square in cells), ctx.number(0))


def sum_of_errors(
    ctx: Arithmetic, laws: Sequence[Sequence[Number]], errors: Sequence[Sequence[Number]]
) -> Number:
    """The sum over coordinates of E|s_hat_i - s_i|^2."""
    found = ctx.number(0)
    for law, error in zip(laws, errors, strict=True):
        mean = sum((p * e * e for p, e in zip(law, error, strict=True)), ctx.number(0))
        found = found + mean / sum(law, ctx.number(0))
    return found


LAWS = Domain("for each coordinate, positive weights of its points", lambda laws: len(laws) >= 1)
ERRORS = Domain("for each coordinate, s_hat - s at its points", lambda errors: len(errors) >= 1)

RELU_PRODUCT_SCORE = STATEMENTS.state(
    Identity(
        id="relu-product-score",
        paper="Appendix C.3",
        relation="as stated",
        claim="networks for independent coordinates side by side: E|s_hat - s|^2 is the sum of the "
        "coordinates' errors, and neurons, weights and biases add up",
        domain={"laws": LAWS, "errors": ERRORS},
        left=error_of_the_product,
        right=sum_of_errors,
        proof="the score of a product is the coordinates' scores side by side; expectation is "
        "linear, and each law sums to one",
    )
)
