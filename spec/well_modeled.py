"""The hard instance is well-modeled (Appendices C.8 and D): one network family for every n, m, C.

Unscaled noise sigma >= d^-C covers the scaled range [d^-C, d^C], as R >= 1; scaling changes neither
sigma^2 E|s_hat - s|^2 nor any count.
"""

from hardposterior.spec import explicit_network, vertex_score
from hardposterior.spec import score_network as terms
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.calibration import EXPONENT, error_target, noise_margin
from hardposterior.spec.statements import (
    COUNT,
    POSITIVE,
    STATEMENTS,
    Bound,
    Derived,
    Hypothesis,
)
from hardposterior.spec.vertex_score import SIZES

NOISY = {"n": COUNT, "m": COUNT, "C": EXPONENT, "sigma": POSITIVE}

NOISE = Hypothesis(
    name="sigma >= d^-C",
    claim="the noise is not below d^-C",
    margin=noise_margin,
    witness={"n": 1, "m": 1, "C": 2.0, "sigma": 2.0**-24},
)


def window_cost(
    ctx: Arithmetic,
    n: int,
    m: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    window: Number,
) -> Number:
    """W."""
    return terms.window_term(ctx, n, m, separation, spacing, sigma, window)


def share_of_the_vertex_bound(
    ctx: Arithmetic,
    n: int,
    m: int,
    separation: Number,
    spacing: Number,
    sigma: Number,
    window: Number,
) -> Number:
    """36 w R V."""
    vertex = vertex_score.vertex_score_bound(ctx, n, m, separation, spacing, sigma)
    return 36 * window * separation * vertex


def narrow_margin(ctx: Arithmetic, separation: Number, window: Number, **_: Number) -> Number:
    """1/10 - w R."""
    return ctx.number(1) / 10 - window * separation


def wide_margin(ctx: Arithmetic, separation: Number, **_: Number) -> Number:
    """R - 1."""
    del ctx
    return separation - 1


def rare_margin(ctx: Arithmetic, n: int, separation: Number, sigma: Number, **_: Number) -> Number:
    """1 - n p_e."""
    return 1 - n * vertex_score.sign_error(ctx, separation, sigma)


WINDOW_AT = {"n": 1, "m": 1000, "separation": 1.5, "spacing": 1.0, "sigma": 1.0, "window": 0.0625}

RELU_SCORE_WINDOW = STATEMENTS.state(
    Bound(
        id="relu-score-small-noise.window",
        paper="Appendix C.4",
        relation="own",
        claim="the sign window costs W <= 36 w R V if w R <= 1/10, R >= 1 and n p_e <= 1",
        domain={**SIZES, "window": POSITIVE},
        where=(
            Hypothesis(
                name="w R <= 1/10",
                claim="the window is a tenth of 1 / R at most (equality by continuity)",
                margin=narrow_margin,
                witness={**WINDOW_AT, "separation": 6.0, "window": 6.0},
            ),
            Hypothesis(
                name="R >= 1",
                claim="the separation is at least 1 (equality by continuity)",
                margin=wide_margin,
                witness={**WINDOW_AT, "separation": 2.0**-7, "window": 8.0},
            ),
            Hypothesis(
                name="n p_e <= 1",
                claim="at most one sign is wrong on average (equality by continuity)",
                margin=rare_margin,
                witness={**WINDOW_AT, "n": 1000},
            ),
        ),
        left=window_cost,
        right=share_of_the_vertex_bound,
        proof="Pr[|x_i| < w] <= (2 w / sqrt t) phi(z - w / sqrt t), z = R / sqrt t, and "
        "p_e >= phi(z) z / (1 + z^2): their ratio is at most 2 w R (1 / t + 1 / R^2) exp(w R / t); "
        "1 - (1 - p_e)^n >= n p_e / 2, so W is at most 8 times that ratio times V",
        depends=("vertex-score",),
    )
)

RELU_SCORE = STATEMENTS.state(
    Bound(
        id="relu-score",
        paper="Appendix C.8, Appendix D",
        relation="explicit",
        claim="for all n, m, C and every f: the network of the smaller bound has "
        "sigma^2 E|s_hat - s|^2 <= d^-C for every sigma >= d^-C, at R, eps explicit for "
        "C + log 4 / log d and explicit pieces, window and reach",
        domain=NOISY,
        where=(NOISE,),
        left=explicit_network.network_error,
        right=error_target,
        proof="V (sigma <= 1) or U (sigma >= 1) is a quarter of the target by calibration; pieces, "
        "tail, window and tanh are a sixteenth each: (1/2 + sqrt 3 / 4)^2 < 1",
        depends=(
            "calibration",
            "relu-score-small-noise.everywhere",
            "relu-score-small-noise.window",
            "relu-score-large-noise",
            "piecewise-linear-score.pieces",
        ),
    )
)

RELU_SCORE_POLYNOMIAL = STATEMENTS.state(
    Bound(
        id="relu-score.polynomial",
        paper="Appendix C.8",
        relation="explicit",
        claim="these networks have at most 300 d^((3 C + 6) / 4) parameters beside the circuit's, "
        "for every sigma >= d^-C",
        domain=NOISY,
        where=(NOISE,),
        left=explicit_network.network_parameters,
        right=explicit_network.polynomial,
        proof="small noise: 1 / sqrt e <= 3 D and reach / eps <= 2.7 D, D = d^((3 C + 1) / 4), so "
        "178 d D; large noise: tanh takes at most 2 d^((3 C + 2) / 4) pieces; constants in balls",
        depends=("relu-score.size", "piecewise-linear-score.pieces"),
    )
)

RELU_SCORE_WEIGHTS = STATEMENTS.state(
    Bound(
        id="relu-score.weights",
        paper="Appendix C.8",
        relation="explicit",
        claim="these networks have weights and biases of at most 2000 d^(2 C + 1), scaled, beside "
        "the circuit's, for every sigma >= d^-C",
        domain=NOISY,
        where=(NOISE,),
        left=explicit_network.network_weight,
        right=explicit_network.weight_polynomial,
        proof="R^2 <= 17 d^(2 C + 1), R eps <= pi sqrt 24, eps^2 < 3, and 1 / sigma^2 <= d^(2 C)",
        depends=("relu-score.size",),
    )
)

WELL_MODELED = STATEMENTS.state(
    Derived(
        id="well-modeled",
        paper="Introduction, Appendix D",
        relation="explicit",
        claim="for every C and every f with a circuit of poly(d) gates some hard instance is "
        "C-well-modeled: |Cov| <= 2, and for every scaled sigma in [d^-C, d^C] some ReLU network "
        "of poly(d) parameters and weights has E|s_hat - s|^2 <= d^-C / sigma^2",
        domain={"n": COUNT, "m": COUNT, "C": EXPONENT},
        proof="relu-score at R sigma >= d^-C; its parameters and weights are polynomial in d "
        "beside the circuit's, which are polynomial in its gates",
        depends=(
            "hard-instance",
            "well-modeled.covariance",
            "relu-score",
            "relu-score.polynomial",
            "relu-score.weights",
            "relu-gates.polynomial",
        ),
    )
)
