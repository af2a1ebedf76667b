"""One score network for all n, m, C, with every choice explicit (Appendices C.8 and D). Unscaled.

Calibrated for C_1 = C + log 4 / log d, so that V or U takes a quarter of d^-C; window
w = 1 / (150 R); pieces of sup error e in spacings, a reach beyond which the lattice is left out,
and tanh within an error: each chosen so that it adds at most a sixteenth of d^-C.
"""

from hardposterior.spec import calibration, mixture_score, theta, vertex_score
from hardposterior.spec import score_network as terms
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.calibration import power_of_size
from hardposterior.spec.lattice import smoothed_variance
from hardposterior.spec.lattice_margins import TOP
from hardposterior.spec.profile_interpolant import pieces_bound


def calibrated(ctx: Arithmetic, n: int, m: int, C: Number) -> tuple[Number, Number]:
    """R and eps, explicit, for C_1 = C + log 4 / log d."""
    shared = C + ctx.log(ctx.number(4)) / ctx.log(ctx.number(n + m))
    return (
        calibration.explicit_separation(ctx, n, m, shared),
        calibration.explicit_spacing(ctx, n, m, shared),
    )


def piece_error(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number) -> Number:
    """e = min(1/8, sigma sqrt(d^-C / (16 m)) / eps), in spacings."""
    _, spacing = calibrated(ctx, n, m, C)
    root = ctx.sqrt(power_of_size(ctx, n, m, -C) / (16 * m))
    return ctx.minimum(ctx.number(1) / 8, sigma * root / spacing)


def lattice_reach(ctx: Arithmetic, n: int, m: int, C: Number) -> Number:
    """sqrt(2 ((3 C + 1) log d + 4)): beyond so many t from 0 the score is -x / t."""
    return ctx.sqrt(2 * ((3 * C + 1) * ctx.log(ctx.number(n + m)) + 4))


def tanh_error(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number) -> Number:
    """min(1/8, sqrt(d^-C / (16 n)) t / (R sigma))."""
    separation, _ = calibrated(ctx, n, m, C)
    root = ctx.sqrt(power_of_size(ctx, n, m, -C) / (16 * n))
    error = root * smoothed_variance(sigma) / (separation * sigma)
    return ctx.minimum(ctx.number(1) / 8, error)


def small_noise_terms(
    ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number
) -> tuple[Number, list[Number]]:
    """V, and P, tail and W; no X, as the pieces are bounded everywhere."""
    separation, spacing = calibrated(ctx, n, m, C)
    square = piece_error(ctx, n, m, C, sigma) ** 2
    periods = lattice_reach(ctx, n, m, C) / spacing
    window = 1 / (150 * separation)
    place = (separation, spacing, sigma)
    return vertex_score.vertex_score_bound(ctx, n, m, *place), [
        terms.pieces_term(ctx, m, spacing, sigma, square),
        terms.tail_term(ctx, m, spacing, sigma, periods),
        terms.window_term(ctx, n, m, *place, window),
    ]


def network_error(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number) -> Number:
    """The smaller of the two networks' bounds, times sigma^2; small noise where U is of no use."""
    vertex, added = small_noise_terms(ctx, n, m, C, sigma)
    small = terms.joined(ctx, vertex, added) * sigma * sigma
    separation, spacing = calibrated(ctx, n, m, C)
    if not theta.nome(ctx, theta.ratio(spacing, sigma)) < ctx.number(TOP):
        return small
    mixture = mixture_score.sharp_bound_of_sizes(ctx, n, m, separation, spacing, sigma)
    error = tanh_error(ctx, n, m, C, sigma)
    tanh = terms.tanh_term(ctx, n, separation, sigma, error)
    return ctx.minimum(small, terms.joined(ctx, mixture, [tanh]) * sigma * sigma)


def small_noise_parameters(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number) -> Number:
    """9 n + m (10 N + 12 F + 64): what is stored beside the circuit, profiles folded.

    N and F as real numbers no smaller than the integers: N = 2 + 7 / (4 sqrt e), as
    piecewise-linear-score.pieces, and F = 1 + reach / eps >= log2(reach / eps + 1/2) + 1.
    """
    _, spacing = calibrated(ctx, n, m, C)
    pieces = 1 + pieces_bound(ctx, piece_error(ctx, n, m, C, sigma))
    folds = 1 + lattice_reach(ctx, n, m, C) / spacing
    return 9 * n + m * (10 * pieces + 12 * folds + 64)


def large_noise_parameters(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number) -> Number:
    """n (6 N + 10) + 2 m, N = 1 + a / h equal pieces of tanh on [0, a].

    1 - tanh a = tau, the error, and h^2 (4 / (3 sqrt 3)) / 8 = tau: sup|tanh''| = 4 / (3 sqrt 3).
    """
    error = tanh_error(ctx, n, m, C, sigma)
    reach = ctx.log((2 - error) / error) / 2
    width = ctx.sqrt(6 * ctx.sqrt(ctx.number(3)) * error)
    return n * (6 * (1 + reach / width) + 10) + 2 * m


def network_parameters(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number) -> Number:
    """The parameters beside the circuit's, of the larger of the two networks."""
    small = small_noise_parameters(ctx, n, m, C, sigma)
    return ctx.maximum(small, large_noise_parameters(ctx, n, m, C, sigma))


def polynomial(ctx: Arithmetic, n: int, m: int, C: Number, **_: Number) -> Number:
    """300 d^((3 C + 6) / 4)."""
    return 300 * power_of_size(ctx, n, m, (3 * C + 6) / 4)


def network_weight(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number) -> Number:
    """A bound on the weights beside the circuit's, scaled.

    The sign's 75 R^2; the clamp's 4 reach / eps + 2 and R / eps; 2 R^2 and R eps / sigma^2 of the
    last map; the steepest slope max(1, 1 / (4 q)); tanh's last knot.
    """
    separation, spacing = calibrated(ctx, n, m, C)
    found = 75 * separation**2
    error = tanh_error(ctx, n, m, C, sigma)
    for weight in (
        4 * lattice_reach(ctx, n, m, C) / spacing + 2,
        separation / spacing,
        separation * spacing / (sigma * sigma),
        1 / (4 * theta.ratio(spacing, sigma)),
        ctx.log((2 - error) / error) / 2,
    ):
        found = ctx.maximum(found, weight)
    return found


def weight_polynomial(ctx: Arithmetic, n: int, m: int, C: Number, **_: Number) -> Number:
    """2000 d^(2 C + 1)."""
    return 2000 * power_of_size(ctx, n, m, 2 * C + 1)
