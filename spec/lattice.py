"""The discretized Gaussian psi_{eps,theta} and its smoothing (Appendix C.5): the definitions.

psi lives on the lattice a_k = eps (k + theta), k an integer, with mass proportional to
exp(-a_k^2 / 2). Every formula here is read off that definition, summed over the lattice.
Units: standard deviation 1 (unscaled).
"""

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.statements import POSITIVE, REAL, STATEMENTS, UNIT, Definition

LATTICE_DOMAIN = {"spacing": POSITIVE, "phase": UNIT, "sigma": POSITIVE, "x": REAL}


def smoothed_variance(sigma: Number) -> Number:
    """t = 1 + sigma^2."""
    return 1 + sigma * sigma


def conditional_variance(sigma: Number) -> Number:
    """v = sigma^2 / t: the variance of a standard normal given its noisy value."""
    return sigma * sigma / smoothed_variance(sigma)


def lattice_point(spacing: Number, phase: Number, k: Number) -> Number:
    """a_k = eps (k + theta)."""
    return spacing * (k + phase)


def gaussian_tail(r: Number, j: int, powers: int) -> Number:
    """A bound on the sum over |k - c| >= j of |k - u|^powers r^((k - u)^2), |c - u| <= 1.

    There |k - u| lies in [i - 1, i + 1] for i = |k - c|, and (i - 1)^2 >= (j - 1)^2 +
    (i - j)(2 j - 1): a geometric series of ratio r^(2 j - 1). Orders 0, 1 and 2.
    """
    if j == 0:  # the first term of a series is always added before its tail is asked for
        return r**0 + gaussian_tail(r, 1, powers)
    ratio = r ** (2 * j - 1)
    gap = 1 - ratio
    moments = [
        1 / gap,
        (j + 1) / gap + ratio / gap**2,
        (j + 1) ** 2 / gap + (2 * j + 3) * ratio / gap**2 + 2 * ratio**2 / gap**3,
    ]
    return 2 * r ** ((j - 1) ** 2) * moments[powers]


def lattice_sum(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number, order: int
) -> Number:
    """The sum over k of exp(-a_k^2 / 2) exp(-(x - a_k)^2 / (2 sigma^2)) ((a_k - mu) / eps)^order.

    mu = x / t. The tail alone uses the completed square.
    """
    t = smoothed_variance(sigma)
    mu = x / t
    r = ctx.exp(-spacing * spacing / (2 * conditional_variance(sigma)))
    scale = ctx.exp(-x * x / (2 * t))

    def term(k: Number) -> Number:
        a = lattice_point(spacing, phase, k)
        weight = ctx.exp(-a * a / 2 - (x - a) ** 2 / (2 * sigma * sigma))
        return weight * ((a - mu) / spacing) ** order if order else weight

    return ctx.two_sided_series(
        term,
        lambda j: scale * gaussian_tail(r, j, order),
        ctx.nearest_integer(mu / spacing - phase),
    )


def normaliser(ctx: Arithmetic, spacing: Number, phase: Number) -> Number:
    """The sum over the lattice of exp(-a^2 / 2)."""
    r = ctx.exp(-spacing * spacing / 2)
    return ctx.two_sided_series(
        lambda k: ctx.exp(-(lattice_point(spacing, phase, k) ** 2) / 2),
        lambda j: gaussian_tail(r, j, 0),
        ctx.nearest_integer(-phase),
    )


def mass(ctx: Arithmetic, spacing: Number, phase: Number, k: int) -> Number:
    """psi_{eps,theta}(a_k)."""
    point = lattice_point(spacing, phase, ctx.number(k))
    return ctx.exp(-point * point / 2) / normaliser(ctx, spacing, phase)


def density(ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number) -> Number:
    """The density of psi_{eps,theta} * N(0, sigma^2) at x."""
    weight = lattice_sum(ctx, spacing, phase, sigma, x, 0) / normaliser(ctx, spacing, phase)
    return weight * gaussian_density(ctx, sigma * sigma, x * 0)


def denoiser_offset(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """D(x) - mu, where D(x) = E[X | X + sigma Z = x] and mu = x / t."""
    first = lattice_sum(ctx, spacing, phase, sigma, x, 1)
    return spacing * first / lattice_sum(ctx, spacing, phase, sigma, x, 0)


def denoiser(ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number) -> Number:
    """D(x) = E[X | X + sigma Z = x]."""
    return x / smoothed_variance(sigma) + denoiser_offset(ctx, spacing, phase, sigma, x)


def score(ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number) -> Number:
    """s(x), the derivative of log density, by Tweedie's formula."""
    return (denoiser(ctx, spacing, phase, sigma, x) - x) / (sigma * sigma)


DISCRETIZED_GAUSSIAN = STATEMENTS.state(
    Definition(
        id="discretized-gaussian",
        paper="Appendix A",
        relation="as stated",
        claim="psi_{eps,theta} has mass proportional to exp(-a^2 / 2) on the lattice "
        "eps (Z + theta); the bit +1 picks theta = 0, the bit -1 picks theta = 1/2",
        domain={"spacing": POSITIVE, "phase": UNIT},
        formulas={"mass": mass, "density": density, "score": score, "denoiser": denoiser},
        proof="a definition: the normaliser is finite, as the masses fall like a Gaussian",
    )
)
