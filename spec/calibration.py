"""Calibration (Appendix D): separations and spacings that make the score easy at every noise level.

d = n + m; noise is written sigma = d^-C 2^w, w >= 0 octaves, so that a proof on boxes of w with
rational ends speaks of exact noise levels. Unscaled; R >= 1 makes sigma >= d^-C cover the scaled
range too.
"""

from hardposterior.spec import lattice_smoothing, mixture_score, theta, vertex_score
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice_margins import TOP
from hardposterior.spec.measurement import upper_tail
from hardposterior.spec.statements import (
    COUNT,
    POSITIVE,
    STATEMENTS,
    Bound,
    Domain,
    Hypothesis,
)

EXPONENT = Domain("a number C >= 0", lambda C: 0 <= C < float("inf"))


def power_of_size(ctx: Arithmetic, n: int, m: int, exponent: Number) -> Number:
    """d^exponent."""
    return ctx.exp(exponent * ctx.log(ctx.number(n + m)))


def noise_at(ctx: Arithmetic, n: int, m: int, C: Number, octaves: Number) -> Number:
    """sigma = d^-C 2^octaves."""
    return ctx.exp(octaves * ctx.log(ctx.number(2)) - C * ctx.log(ctx.number(n + m)))


def best_bound(
    ctx: Arithmetic, n: int, m: int, separation: Number, spacing: Number, sigma: Number
) -> Number:
    """min(V, U), with the sharp U; V alone where eta >= 1, as U is of no use there."""
    vertex = vertex_score.vertex_score_bound(ctx, n, m, separation, spacing, sigma)
    if not theta.nome(ctx, theta.ratio(spacing, sigma)) < ctx.number(TOP):
        return vertex
    mixture = mixture_score.sharp_bound_of_sizes(ctx, n, m, separation, spacing, sigma)
    return ctx.minimum(vertex, mixture)


def calibration_margin(
    ctx: Arithmetic,
    n: int,
    m: int,
    C: Number,
    separation: Number,
    spacing: Number,
    share: Number,
    octaves: Number,
) -> Number:
    """1 - min(V, U) sigma^2 / (share d^-C); U is not evaluated where V is certain."""
    sigma = noise_at(ctx, n, m, C, octaves)
    scale = sigma * sigma * power_of_size(ctx, n, m, C) / share
    vertex = vertex_score.vertex_score_bound(ctx, n, m, separation, spacing, sigma)
    margin = 1 - vertex * scale
    if margin > 0 or not theta.nome(ctx, theta.ratio(spacing, sigma)) < ctx.number(TOP):
        return margin
    return 1 - mixture_score.sharp_bound_of_sizes(ctx, n, m, separation, spacing, sigma) * scale


def calibration_tail_margin(
    ctx: Arithmetic,
    n: int,
    m: int,
    C: Number,
    separation: Number,
    spacing: Number,
    share: Number,
    octaves: Number,
) -> Number:
    """A lower bound on the margin of U for every noise level from d^-C 2^octaves on.

    U sigma^2 = (m (t B)^2 + n (2 R)^2 tanh^2(L / 4)) sigma^2 / t^2, where t B and L fall as sigma
    grows, since rho does, and sigma^2 / t^2 <= 1 / t.
    """
    sigma = noise_at(ctx, n, m, C, octaves)
    t = 1 + sigma * sigma
    gap = t * lattice_smoothing.score_gap_product_bound(ctx, spacing, sigma)
    quarter = mixture_score.sharp_quarter_odds(ctx, m, spacing, sigma)
    size = m * gap**2 + n * (2 * separation * ctx.tanh(quarter)) ** 2
    return 1 - size / t * power_of_size(ctx, n, m, C) / share


def decoding_margin(
    ctx: Arithmetic, m: int, separation: Number, spacing: Number, beta: Number
) -> Number:
    """1 - 250 p_dec, p_dec = 2 m Phi(-eps / (4 R beta)), beta scaled."""
    return 1 - 500 * m * upper_tail(ctx, spacing / (4 * separation * beta))


def explicit_separation(ctx: Arithmetic, n: int, m: int, C: Number) -> Number:
    """R = 2 sqrt((3 C + 4) log d)."""
    return 2 * ctx.sqrt((3 * C + 4) * ctx.log(ctx.number(n + m)))


def explicit_spacing(ctx: Arithmetic, n: int, m: int, C: Number) -> Number:
    """eps = pi / sqrt((C / 2 + 2) log d + log(C + 4))."""
    return ctx.pi / ctx.sqrt((C / 2 + 2) * ctx.log(ctx.number(n + m)) + ctx.log(C + 4))


def explicit_error(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number) -> Number:
    """min(V, U) sigma^2 at R = 2 sqrt((3 C + 4) log d), eps as above."""
    separation = explicit_separation(ctx, n, m, C)
    spacing = explicit_spacing(ctx, n, m, C)
    return best_bound(ctx, n, m, separation, spacing, sigma) * sigma * sigma


def error_target(ctx: Arithmetic, n: int, m: int, C: Number, **_: Number) -> Number:
    """d^-C."""
    return power_of_size(ctx, n, m, -C)


def noise_margin(ctx: Arithmetic, n: int, m: int, C: Number, sigma: Number, **_: Number) -> Number:
    """sigma - d^-C; equality is left out."""
    return sigma - power_of_size(ctx, n, m, -C)


def explicit_decoding_failure(ctx: Arithmetic, m: int) -> Number:
    """p_dec = 2 m Phi(-h) at h = sqrt(2 log(250 m)), beta = eps / (4 R h)."""
    return 2 * m * upper_tail(ctx, ctx.sqrt(2 * ctx.log(ctx.number(250 * m))))


def one_in_250(ctx: Arithmetic, **_: Number) -> Number:
    """1 / 250."""
    return ctx.number(1) / 250


CALIBRATION = STATEMENTS.state(
    Bound(
        id="calibration",
        paper="Appendix D",
        relation="explicit",
        claim="for all n, m, C: min(V, U) sigma^2 <= d^-C for every sigma >= d^-C at "
        "R = 2 sqrt((3 C + 4) log d), eps = pi / sqrt((C / 2 + 2) log d + log(C + 4)): "
        "eps / R is Theta(1 / log d)",
        domain={"n": COUNT, "m": COUNT, "C": EXPONENT, "sigma": POSITIVE},
        where=(
            Hypothesis(
                name="sigma >= d^-C",
                claim="the noise is not below d^-C",
                margin=noise_margin,
                witness={"n": 1, "m": 1, "C": 2.0, "sigma": 2.0**-14},
            ),
        ),
        left=explicit_error,
        right=error_target,
        proof="sigma <= 1: p_e <= exp(-R^2 / 4) / 2 = d^-(3C+4) / 2 and sigma^2 / t^2 <= 1/4 give "
        "V sigma^2 d^C <= 8 log d / d^3 + eps^2 / 128 < 1; sigma >= 1: v >= 1/2 gives "
        "rho <= q = d^-(C/2+2) / (C + 4) <= 1/16; then for either form of U "
        "t B <= (4 pi / eps) (6/5) q and L / 4 <= (21/10) m q, and n m^2 <= 4 d^3 / 27",
        depends=("vertex-score", "mixture-score", "mixture-score.sharp"),
    )
)

CALIBRATION_BETA = STATEMENTS.state(
    Bound(
        id="calibration.beta",
        paper="Appendix D",
        relation="explicit",
        claim="p_dec <= 1/250 at beta = eps / (4 R sqrt(2 log(250 m))) (scaled): with the above, "
        "beta is Theta(1 / (log d sqrt(log(m + 1))))",
        domain={"m": COUNT},
        left=explicit_decoding_failure,
        right=one_in_250,
        proof="Phi(-h) <= exp(-h^2 / 2) / 2",
        depends=("phase-decoding",),
    )
)
