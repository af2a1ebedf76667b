"""Large noise (Appendix C.6): the score of the law that forgets the lattices.

h_sigma is the product of (N(R, t) + N(-R, t)) / 2 on the first n coordinates and N(0, t) on the
last m. The bounds are pointwise. Unscaled.
"""

from hardposterior.spec import hard_instance, lattice_smoothing, theta
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.hard_instance import POINT, SCALED, Point, Table, hidden_bits
from hardposterior.spec.lattice import smoothed_variance
from hardposterior.spec.lattice_smoothing import eta, eta_0, eta_margin
from hardposterior.spec.statements import POSITIVE, STATEMENTS, UNIT, Bound, Hypothesis, Identity

POINTWISE = {**SCALED, "sigma": POSITIVE, "x": POINT}


def mixture_score(
    ctx: Arithmetic, n: int, separation: Number, sigma: Number, x: Point
) -> list[Number]:
    """grad log h_sigma: (R tanh(R x_i / t) - x_i) / t and -x / t."""
    t = smoothed_variance(sigma)
    hidden = [(separation * ctx.tanh(separation * c / t) - c) / t for c in x[:n]]
    return hidden + [-c / t for c in x[n:]]


def mixture_error(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, sigma: Number, x: Point
) -> Number:
    """|s_sigma(x) - grad log h_sigma(x)|^2, from the sum over the vertices."""
    exact = hard_instance.score(ctx, table, separation, spacing, sigma, x)
    approximate = mixture_score(ctx, hidden_bits(table), separation, sigma, x)
    return sum((a - b) ** 2 for a, b in zip(exact, approximate, strict=True))


def squared_error(
    ctx: Arithmetic, n: int, m: int, gap: Number, separation: Number, sigma: Number, quarter: Number
) -> Number:
    """m gap^2 + n (2 R / t)^2 tanh^2(L / 4), `gap` bounding a lattice score, `quarter` = L / 4."""
    hidden = 2 * separation / smoothed_variance(sigma) * ctx.tanh(quarter)
    return m * gap**2 + n * hidden**2


def quarter_odds(ctx: Arithmetic, m: int, spacing: Number, sigma: Number) -> Number:
    """L / 4 = m (atanh eta + atanh eta_0) / 2.

    Never m log((1 + eta) / (1 - eta)) / 4: in binary64 that is 0 once eta < 2^-53.
    """
    return m * (ctx.atanh(eta(ctx, spacing, sigma)) + ctx.atanh(eta_0(ctx, spacing))) / 2


def bound_of_sizes(
    ctx: Arithmetic, n: int, m: int, separation: Number, spacing: Number, sigma: Number, **_: Number
) -> Number:
    """U = m B^2 + n (2 R / t)^2 tanh^2(L / 4), L = 2 m (atanh eta + atanh eta_0)."""
    gap = lattice_smoothing.score_gap_bound(ctx, spacing, sigma)
    return squared_error(ctx, n, m, gap, separation, sigma, quarter_odds(ctx, m, spacing, sigma))


def odd_atanh(ctx: Arithmetic, rho: Number) -> Number:
    """The sum over odd k of atanh(rho^k)."""

    def tail(j: int) -> Number:
        power = rho ** (2 * j + 1)
        return power / ((1 - power) * (1 - rho**2))

    return ctx.series(lambda j: ctx.atanh(rho ** (2 * j + 1)), tail)


def range_of_theta(ctx: Arithmetic, rho: Number) -> Number:
    """log(T(0) / T(1/2)), from the series of T."""
    zero = ctx.number(0)
    return ctx.log(theta.theta(ctx, rho, zero) / theta.theta(ctx, rho, zero + theta.half(ctx)))


def four_odd_atanh(ctx: Arithmetic, rho: Number) -> Number:
    """4 times the sum over odd k of atanh(rho^k)."""
    return 4 * odd_atanh(ctx, rho)


def sharp_quarter_odds(ctx: Arithmetic, m: int, spacing: Number, sigma: Number) -> Number:
    """L / 4 = m log(T(0) T_0(0) / (T(1/2) T_0(1/2))) / 4, as a sum over odd k of atanh(rho^k)."""
    rho = theta.nome(ctx, theta.ratio(spacing, sigma))
    rho_0 = theta.nome(ctx, 1 / (spacing * spacing))
    return m * (odd_atanh(ctx, rho) + odd_atanh(ctx, rho_0))


def sharp_bound_of_sizes(
    ctx: Arithmetic, n: int, m: int, separation: Number, spacing: Number, sigma: Number, **_: Number
) -> Number:
    """U with the product bound in place of B and L = m log(T(0) T_0(0) / (T(1/2) T_0(1/2)))."""
    gap = lattice_smoothing.score_gap_product_bound(ctx, spacing, sigma)
    quarter = sharp_quarter_odds(ctx, m, spacing, sigma)
    return squared_error(ctx, n, m, gap, separation, sigma, quarter)


def mixture_score_bound(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, sigma: Number, **_: Number
) -> Number:
    """U = m B^2 + n (2 R / t)^2 tanh^2(L / 4), L = 2 m (atanh eta + atanh eta_0)."""
    return bound_of_sizes(ctx, hidden_bits(table), len(table[0]), separation, spacing, sigma)


def sharp_mixture_score_bound(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, sigma: Number, **_: Number
) -> Number:
    """U with the product bound in place of B and L = m log(T(0) T_0(0) / (T(1/2) T_0(1/2)))."""
    return sharp_bound_of_sizes(ctx, hidden_bits(table), len(table[0]), separation, spacing, sigma)


PROOF = (
    "the likelihood of s from the image coordinates lies in an interval [a, a exp(L)], so P(s | x) "
    "and its counterpart under h are within tanh(L / 4) in total variation (largest for two "
    "values at the ends); a hidden coordinate then errs by at most (2 R / t) tanh(L / 4), and an "
    "image coordinate, an average of lattice scores, by at most the lattice's bound"
)

MIXTURE_SCORE = STATEMENTS.state(
    Bound(
        id="mixture-score",
        paper="Appendix C.6",
        relation="explicit",
        claim="|s_sigma - grad log h_sigma|^2 <= U := m B^2 + n (2 R / t)^2 tanh^2(L / 4) at "
        "every x, L = 2 m (atanh eta + atanh eta_0), if eta < 1",
        domain=POINTWISE,
        where=(
            Hypothesis(
                name="eta < 1",
                claim="eta = 2 rho / (1 - rho^3) < 1, rho = exp(-2 pi^2 v / eps^2)",
                margin=eta_margin,
                unneeded="beyond it U is not defined: read it as infinite; "
                "mixture-score.sharp needs no such hypothesis",
            ),
        ),
        left=mixture_error,
        right=mixture_score_bound,
        proof=PROOF,
        depends=(
            "hard-instance",
            "lattice-density",
            "lattice-smoothing",
            "lattice-smoothing.density",
        ),
    )
)

MIXTURE_SCORE_SHARP = STATEMENTS.state(
    Bound(
        id="mixture-score.sharp",
        paper="Appendix C.6",
        relation="sharper",
        claim="|s_sigma - grad log h_sigma|^2 <= U at every x with the product bound in place of "
        "B and L = m log(T(0) T_0(0) / (T(1/2) T_0(1/2)))",
        domain=POINTWISE,
        left=mixture_error,
        right=sharp_mixture_score_bound,
        proof=PROOF,
        depends=(
            "hard-instance",
            "lattice-density",
            "lattice-smoothing.product",
            "lattice-smoothing.range",
            "mixture-score.odds",
        ),
    )
)

MIXTURE_SCORE_ODDS = STATEMENTS.state(
    Identity(
        id="mixture-score.odds",
        paper="Appendix C.6",
        relation="own",
        claim="log(T(0) / T(1/2)) = 4 sum over odd k of atanh(rho^k)",
        domain={"rho": UNIT},
        left=range_of_theta,
        right=four_odd_atanh,
        proof="Jacobi's product: T(0) / T(1/2) is the product over odd k of "
        "((1 + rho^k) / (1 - rho^k))^2, and log((1 + p) / (1 - p)) = 2 atanh p",
        depends=("lattice-smoothing.range",),
    )
)
