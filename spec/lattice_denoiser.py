"""The denoiser of a lattice (Appendix C.5): a staircase that never strays from mu = x / t."""

from hardposterior.spec import lattice
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice import LATTICE_DOMAIN, smoothed_variance
from hardposterior.spec.statements import REAL, STATEMENTS, Bound, Identity


def score_by_derivative(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """The derivative of log density at x."""
    return ctx.derivative(lambda z: ctx.log(lattice.density(ctx, spacing, phase, sigma, z)), x)


def score_by_offset(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """-x / t + (D(x) - mu) / sigma^2."""
    offset = lattice.denoiser_offset(ctx, spacing, phase, sigma, x)
    return -x / smoothed_variance(sigma) + offset / (sigma * sigma)


def offset_size(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """|D(x) - mu|."""
    return ctx.absolute(lattice.denoiser_offset(ctx, spacing, phase, sigma, x))


def half_spacing(ctx: Arithmetic, spacing: Number, **_: Number) -> Number:
    """eps / 2."""
    return spacing / ctx.number(2)


def phase_gap(
    ctx: Arithmetic, spacing: Number, phase: Number, shift: Number, sigma: Number, x: Number
) -> Number:
    """|D_{theta + shift}(x) - D_theta(x)|."""
    moved = lattice.denoiser_offset(ctx, spacing, phase + shift, sigma, x)
    return ctx.absolute(moved - lattice.denoiser_offset(ctx, spacing, phase, sigma, x))


def phase_gap_bound(ctx: Arithmetic, spacing: Number, shift: Number, **_: Number) -> Number:
    """eps max(delta, 1 - delta)."""
    return spacing * ctx.maximum(shift, 1 - shift)


LATTICE_SCORE = STATEMENTS.state(
    Identity(
        id="lattice-denoiser.score",
        paper="Appendix C.5",
        relation="explicit",
        claim="s(x) = -x / t + (D(x) - mu) / sigma^2, mu = x / t",
        domain=LATTICE_DOMAIN,
        left=score_by_derivative,
        right=score_by_offset,
        proof="Tweedie, term by term (the derivatives' series converges uniformly on bounded "
        "sets): s = (D - x) / sigma^2; and (mu - x) / sigma^2 = -x / t",
        depends=("smoothed-score", "discretized-gaussian"),
    )
)

LATTICE_DENOISER = STATEMENTS.state(
    Bound(
        id="lattice-denoiser",
        paper="Appendix C.5",
        relation="explicit",
        claim="|D(x) - mu| <= eps / 2 for every x, approached as sigma / eps -> 0",
        domain=LATTICE_DOMAIN,
        left=offset_size,
        right=half_spacing,
        proof="(D - mu) / eps = E[k] - u under weights exp(-(k - u)^2 / (2 q)); for u in [0, 1/2] "
        "pairing k with -k gives E[k] >= 0, pairing k with 1 - k gives E[k] <= 1/2; elsewhere by "
        "reflection and periodicity",
        depends=("discretized-gaussian",),
    )
)

LATTICE_DENOISER_PHASES = STATEMENTS.state(
    Bound(
        id="lattice-denoiser.phases",
        paper="Appendix C.5",
        relation="sharper",
        claim="|D_{theta + delta}(x) - D_theta(x)| <= eps max(delta, 1 - delta) for every delta: "
        "eps / 2 for the two phases of a bit",
        domain={**LATTICE_DOMAIN, "shift": REAL},
        left=phase_gap,
        right=phase_gap_bound,
        proof="with (D - mu) / eps = E[k] - u, the other phase is u - delta, and the gap is "
        "|a - delta| eps, a = E[k](u) - E[k](u - delta); for delta in [0, 1] a is in [0, 1], as "
        "E[k] is nondecreasing and E[k](u + 1) = E[k](u) + 1; else the right side is at least eps "
        "and lattice-denoiser bounds the gap by eps",
        depends=("lattice-denoiser", "smoothed-score.second-order"),
    )
)
