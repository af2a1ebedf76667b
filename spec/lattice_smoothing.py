"""Smoothing a lattice hides it (Appendix C.5): three bounds on what remains visible."""

from hardposterior.spec import lattice, theta
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice import LATTICE_DOMAIN, smoothed_variance
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.statements import STATEMENTS, Bound, Hypothesis


def eta(ctx: Arithmetic, spacing: Number, sigma: Number) -> Number:
    """eta = 2 rho / (1 - rho^3), rho = exp(-2 pi^2 v / eps^2)."""
    return theta.eta_of(theta.nome(ctx, theta.ratio(spacing, sigma)))


def eta_0(ctx: Arithmetic, spacing: Number) -> Number:
    """eta_0 = 2 rho_0 / (1 - rho_0^3), rho_0 = exp(-2 pi^2 / eps^2): eta without noise to hide."""
    return theta.eta_of(theta.nome(ctx, 1 / (spacing * spacing)))


def eta_margin(ctx: Arithmetic, spacing: Number, sigma: Number, **_: Number) -> Number:
    """1 - rho^3 - 2 rho, positive exactly where eta < 1."""
    return theta.eta_margin_of(theta.nome(ctx, theta.ratio(spacing, sigma)))


def eta_0_margin(ctx: Arithmetic, spacing: Number, **_: Number) -> Number:
    """1 - rho_0^3 - 2 rho_0, positive exactly where eta_0 < 1."""
    return theta.eta_margin_of(theta.nome(ctx, 1 / (spacing * spacing)))


def density_gap(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """|density / phi_{sqrt t} - 1| at x."""
    smooth = gaussian_density(ctx, smoothed_variance(sigma), x)
    return ctx.absolute(lattice.density(ctx, spacing, phase, sigma, x) / smooth - 1)


def density_gap_bound(ctx: Arithmetic, spacing: Number, sigma: Number, **_: Number) -> Number:
    """(eta + eta_0) / (1 - eta_0)."""
    unsmoothed = eta_0(ctx, spacing)
    return (eta(ctx, spacing, sigma) + unsmoothed) / (1 - unsmoothed)


def score_gap(ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number) -> Number:
    """|s(x) + x / t|, from the sum over the lattice."""
    smooth = -x / smoothed_variance(sigma)
    return ctx.absolute(lattice.score(ctx, spacing, phase, sigma, x) - smooth)


def score_gap_bound(ctx: Arithmetic, spacing: Number, sigma: Number, **_: Number) -> Number:
    """B = (4 pi / (eps t)) rho / (1 - rho^3)^2 / (1 - eta)."""
    rho = theta.nome(ctx, theta.ratio(spacing, sigma))
    shape = rho / (1 - rho**3) ** 2 / (1 - theta.eta_of(rho))
    return 4 * ctx.pi / (spacing * smoothed_variance(sigma)) * shape


def odd_powers(ctx: Arithmetic, rho: Number) -> Number:
    """The sum over odd k of rho^k / (1 - rho^(2 k))."""

    def tail(j: int) -> Number:
        k = 2 * j + 1
        return rho**k / ((1 - rho ** (2 * k)) * (1 - rho**2))

    return ctx.series(lambda j: rho ** (2 * j + 1) / (1 - rho ** (4 * j + 2)), tail)


def score_gap_product_bound(ctx: Arithmetic, spacing: Number, sigma: Number, **_: Number) -> Number:
    """(4 pi / (eps t)) sum over odd k of rho^k / (1 - rho^(2 k))."""
    rho = theta.nome(ctx, theta.ratio(spacing, sigma))
    return 4 * ctx.pi / (spacing * smoothed_variance(sigma)) * odd_powers(ctx, rho)


LATTICE_SMOOTHING = STATEMENTS.state(
    Bound(
        id="lattice-smoothing",
        paper="Appendix C.5",
        relation="explicit",
        claim="|s(x) + x / t| <= B := (4 pi / (eps t)) rho / (1 - rho^3)^2 / (1 - eta) "
        "for every x, if eta < 1",
        domain=LATTICE_DOMAIN,
        where=(
            Hypothesis(
                name="eta < 1",
                claim="eta = 2 rho / (1 - rho^3) < 1, rho = exp(-2 pi^2 v / eps^2)",
                margin=eta_margin,
                witness={"spacing": 1.0, "phase": 0.0, "sigma": 0.125, "x": 0.25},
            ),
        ),
        left=score_gap,
        right=score_gap_bound,
        proof="s(x) + x / t = T'(u) / (eps t T(u)); j^2 >= 1 + 3 (j - 1) gives "
        "|T'| <= 4 pi rho / (1 - rho^3)^2 and T >= 1 - eta",
        depends=("lattice-density",),
    )
)

LATTICE_SMOOTHING_PRODUCT = STATEMENTS.state(
    Bound(
        id="lattice-smoothing.product",
        paper="Appendix C.5",
        relation="sharper",
        claim="|s(x) + x / t| <= (4 pi / (eps t)) sum over odd k of rho^k / (1 - rho^(2 k)) "
        "for every x",
        domain=LATTICE_DOMAIN,
        left=score_gap,
        right=score_gap_product_bound,
        proof="T'/T = -4 pi sum over odd k of p S / (1 + 2 p C + p^2), p = rho^k, C, S = cos, "
        "sin of 2 pi u; and 1 + 2 p C + p^2 - (1 - p^2) |S| is a square",
        depends=("lattice-density",),
    )
)

LATTICE_SMOOTHING_DENSITY = STATEMENTS.state(
    Bound(
        id="lattice-smoothing.density",
        paper="Appendix C.5",
        relation="sharper",
        claim="|density / phi_{sqrt t} - 1| <= (eta + eta_0) / (1 - eta_0), if eta_0 < 1 "
        "(eta < 1 is not needed)",
        domain=LATTICE_DOMAIN,
        where=(
            Hypothesis(
                name="eta_0 < 1",
                claim="eta_0 = 2 rho_0 / (1 - rho_0^3) < 1, rho_0 = exp(-2 pi^2 / eps^2)",
                margin=eta_0_margin,
                witness={"spacing": 8.0, "phase": 0.5, "sigma": 1.0, "x": 0.0},
            ),
        ),
        left=density_gap,
        right=density_gap_bound,
        proof="|T - 1| <= eta and |T_0 - 1| <= eta_0, from j^2 >= 1 + 3 (j - 1)",
        depends=("lattice-density",),
    )
)
