"""The smoothed lattice by theta functions (Appendix C.5): T, its forms, and its range.

rho = exp(-2 pi^2 v / eps^2), q = v / eps^2 and u = mu / eps - theta, so that
density = phi_{sqrt t}(x) T(u) / T_0. Everything that depends on four parameters depends on two.
"""

from hardposterior.spec import lattice
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice import (
    LATTICE_DOMAIN,
    conditional_variance,
    gaussian_tail,
    smoothed_variance,
)
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.statements import (
    POSITIVE,
    REAL,
    STATEMENTS,
    UNIT,
    Bound,
    Identity,
)


def ratio(spacing: Number, sigma: Number) -> Number:
    """q = v / eps^2."""
    return conditional_variance(sigma) / (spacing * spacing)


def nome(ctx: Arithmetic, q: Number) -> Number:
    """rho = exp(-2 pi^2 q)."""
    return ctx.exp(-2 * ctx.pi * ctx.pi * q)


def offset(spacing: Number, phase: Number, sigma: Number, x: Number) -> Number:
    """u = mu / eps - theta."""
    return x / (smoothed_variance(sigma) * spacing) - phase


def eta_of(rho: Number) -> Number:
    """eta = 2 rho / (1 - rho^3): what the cosine terms of T can add up to."""
    return 2 * rho / (1 - rho**3)


def eta_margin_of(rho: Number) -> Number:
    """1 - rho^3 - 2 rho, positive exactly where eta < 1."""
    return 1 - rho**3 - 2 * rho


def power_tail(rho: Number, j: int, powers: int) -> Number:
    """A bound on the sum over i >= j of i^powers rho^(i^2), from i^2 >= j^2 + (i - j)(2 j + 1)."""
    step = rho ** (2 * j + 1)
    gap = 1 - step
    moments = [1 / gap, j / gap + step / gap**2]
    return rho ** (j * j) * moments[powers]


def theta(ctx: Arithmetic, rho: Number, u: Number) -> Number:
    """T(u) = 1 + 2 sum_{j>=1} rho^(j^2) cos(2 pi j u)."""
    return 1 + ctx.series(
        lambda j: 2 * rho ** (j * j) * ctx.cos(2 * ctx.pi * j * u),
        lambda j: 2 * power_tail(rho, j, 0),
        first=1,
    )


def theta_slope(ctx: Arithmetic, rho: Number, u: Number) -> Number:
    """T'(u) = -4 pi sum_{j>=1} j rho^(j^2) sin(2 pi j u)."""
    total = ctx.series(
        lambda j: j * rho ** (j * j) * ctx.sin(2 * ctx.pi * j * u),
        lambda j: power_tail(rho, j, 1),
        first=1,
    )
    return -4 * ctx.pi * total


def theta_in_space(ctx: Arithmetic, q: Number, u: Number) -> Number:
    """T(u) = (2 pi q)^(-1/2) sum_k exp(-(k - u)^2 / (2 q))."""
    r = ctx.exp(-1 / (2 * q))
    total = ctx.two_sided_series(
        lambda k: ctx.exp(-((k - u) ** 2) / (2 * q)),
        lambda j: gaussian_tail(r, j, 0),
        ctx.nearest_integer(u),
    )
    return total / ctx.sqrt(2 * ctx.pi * q)


def half(ctx: Arithmetic) -> Number:
    """1/2 in the arithmetic of `ctx`."""
    return ctx.number(1) / 2


def theta_in_frequency(ctx: Arithmetic, q: Number, u: Number) -> Number:
    """T(u) = 1 + 2 sum_{j>=1} rho^(j^2) cos(2 pi j u), rho = exp(-2 pi^2 q)."""
    return theta(ctx, nome(ctx, q), u)


def half_range(ctx: Arithmetic, rho: Number, u: Number) -> Number:
    """T(0) - T(1/2)."""
    return theta(ctx, rho, u * 0) - theta(ctx, rho, u * 0 + half(ctx))


def distance_from_the_middle(ctx: Arithmetic, rho: Number, u: Number) -> Number:
    """|2 T(u) - T(0) - T(1/2)|."""
    ends = theta(ctx, rho, u * 0) + theta(ctx, rho, u * 0 + half(ctx))
    return ctx.absolute(2 * theta(ctx, rho, u) - ends)


def density_by_theta(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """phi_{sqrt t}(x) T(u) / T_0."""
    rho = nome(ctx, ratio(spacing, sigma))
    rho_0 = nome(ctx, 1 / (spacing * spacing))
    periodic = theta(ctx, rho, offset(spacing, phase, sigma, x)) / theta(ctx, rho_0, phase)
    return gaussian_density(ctx, smoothed_variance(sigma), x) * periodic


LATTICE_DENSITY = STATEMENTS.state(
    Identity(
        id="lattice-density",
        paper="Appendix C.5",
        relation="explicit",
        claim="psi_{eps,theta} * N(0, sigma^2) has density phi_{sqrt t}(x) T(u) / T_0",
        domain=LATTICE_DOMAIN,
        left=lattice.density,
        right=density_by_theta,
        proof="complete the square: a^2 / 2 + (x - a)^2 / (2 sigma^2) = x^2 / (2 t) + "
        "(a - mu)^2 / (2 v); sum over a in eps (Z + theta) by Poisson summation, for the numerator "
        "at v and for the normaliser at 1",
        depends=("discretized-gaussian",),
    )
)

THETA_FORMS = STATEMENTS.state(
    Identity(
        id="lattice-density.space",
        paper="Appendix C.5",
        relation="explicit",
        claim="T(u) = (2 pi q)^(-1/2) sum_k exp(-(k - u)^2 / (2 q)), q = v / eps^2, "
        "for every q > 0",
        domain={"q": POSITIVE, "u": REAL},
        left=theta_in_frequency,
        right=theta_in_space,
        proof="Poisson summation: the Fourier coefficient of the periodised Gaussian at j is "
        "exp(-2 pi^2 q j^2) = rho^(j^2)",
    )
)

THETA_RANGE = STATEMENTS.state(
    Bound(
        id="lattice-smoothing.range",
        paper="Appendix C.5",
        relation="sharper",
        claim="|2 T(u) - T(0) - T(1/2)| <= T(0) - T(1/2): T ranges over [T(1/2), T(0)] exactly",
        domain={"rho": UNIT, "u": REAL},
        left=distance_from_the_middle,
        right=half_range,
        proof="Jacobi's product: T(u) = prod_n (1 - rho^(2n)) (1 + 2 p cos(2 pi u) + p^2), "
        "p = rho^(2n-1); every factor is positive and increases in cos(2 pi u)",
    )
)
