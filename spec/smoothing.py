"""Smoothed laws, their scores and denoisers (Section 1), for a law on finitely many points.

A law is given by `atoms` and `weights`; weights need not add up to one. Every law on a lattice is
a limit of such laws, and both identities are stable under that limit.
"""

from collections.abc import Sequence

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.statements import POSITIVE, REAL, STATEMENTS, Domain, Identity

LAW = Domain("finitely many points with positive weights", lambda points: len(points) >= 1)


def gaussian_density(ctx: Arithmetic, variance: Number, x: Number) -> Number:
    """phi_s(x) with s^2 = `variance`."""
    return ctx.exp(-x * x / (2 * variance)) / ctx.sqrt(2 * ctx.pi * variance)


def mixture_density(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], sigma: Number, x: Number
) -> Number:
    """p_sigma(x): the density of the law convolved with N(0, sigma^2)."""
    total = sum(weights[1:], weights[0])
    kernel = [gaussian_density(ctx, sigma * sigma, x - atom) for atom in atoms]
    return sum(w * k for w, k in zip(weights, kernel, strict=True)) / total


def posterior_moment(
    ctx: Arithmetic,
    atoms: Sequence[Number],
    weights: Sequence[Number],
    sigma: Number,
    x: Number,
    order: int,
) -> Number:
    """E[X^order | X + sigma Z = x]."""
    likelihood = [gaussian_density(ctx, sigma * sigma, x - atom) for atom in atoms]
    joint = [w * k for w, k in zip(weights, likelihood, strict=True)]
    moment = sum(j * atom**order for j, atom in zip(joint, atoms, strict=True))
    return moment / sum(joint[1:], joint[0])


def score_of_log_density(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], sigma: Number, x: Number
) -> Number:
    """s_sigma(x): the derivative of log p_sigma."""
    return ctx.derivative(lambda z: ctx.log(mixture_density(ctx, atoms, weights, sigma, z)), x)


def score_by_tweedie(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], sigma: Number, x: Number
) -> Number:
    """(D_sigma(x) - x) / sigma^2."""
    return (posterior_moment(ctx, atoms, weights, sigma, x, 1) - x) / (sigma * sigma)


def denoiser_slope(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], sigma: Number, x: Number
) -> Number:
    """The derivative of D_sigma at x."""
    return ctx.derivative(lambda z: posterior_moment(ctx, atoms, weights, sigma, z, 1), x)


def posterior_variance_over_noise(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], sigma: Number, x: Number
) -> Number:
    """Var[X | x] / sigma^2."""
    mean = posterior_moment(ctx, atoms, weights, sigma, x, 1)
    return (posterior_moment(ctx, atoms, weights, sigma, x, 2) - mean * mean) / (sigma * sigma)


LAW_DOMAIN = {"atoms": LAW, "weights": LAW, "sigma": POSITIVE, "x": REAL}

SMOOTHED_SCORE = STATEMENTS.state(
    Identity(
        id="smoothed-score",
        paper="Section 1",
        relation="special case",
        claim="s_sigma(x) = (D_sigma(x) - x) / sigma^2 (Tweedie), for laws on finitely many points",
        domain=LAW_DOMAIN,
        left=score_of_log_density,
        right=score_by_tweedie,
        proof="phi_sigma'(x - a) = ((a - x) / sigma^2) phi_sigma(x - a); average over the law and "
        "divide by p_sigma(x)",
    )
)

SECOND_ORDER = STATEMENTS.state(
    Identity(
        id="smoothed-score.second-order",
        paper="Section 1",
        relation="special case",
        claim="D_sigma'(x) = Var[X | x] / sigma^2, so D_sigma is nondecreasing",
        domain=LAW_DOMAIN,
        left=denoiser_slope,
        right=posterior_variance_over_noise,
        proof="differentiate the quotient that defines D_sigma; a variance is nonnegative",
        depends=("smoothed-score",),
    )
)
