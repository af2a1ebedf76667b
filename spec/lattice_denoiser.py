"""The denoiser of a lattice (Appendix C.5): a staircase that never strays from mu = x / t."""

from hardposterior.spec import lattice
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice import LATTICE_DOMAIN, smoothed_variance
from hardposterior.spec.statements import REAL, STATEMENTS, Bound, Hypothesis, Identity


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


def shift_is_half(ctx: Arithmetic, shift: Number, **_: Number) -> Number:
    """Positive exactly where the shift is 1/2."""
    return 1 - ctx.absolute(2 * shift - 1) * 2**64


LATTICE_SCORE = STATEMENTS.state(
    Identity(
        id="lattice-denoiser.score",
        paper="Appendix C.5",
        relation="explicit",
        claim="s(x) = -x / t + (D(x) - mu) / sigma^2, mu = x / t",
        domain=LATTICE_DOMAIN,
        left=score_by_derivative,
        right=score_by_offset,
        proof="Tweedie: s = (D - x) / sigma^2; and (mu - x) / sigma^2 = -x / t",
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
        relation="explicit",
        claim="|D_+(x) - D_-(x)| <= eps / 2 for two phases that differ by 1/2",
        domain={**LATTICE_DOMAIN, "shift": REAL},
        where=(
            Hypothesis(
                name="shift = 1/2",
                claim="the two phases differ by 1/2",
                margin=shift_is_half,
                witness={
                    "spacing": 1.0,
                    "phase": 0.0,
                    "shift": 0.125,
                    "sigma": 0.0625,
                    "x": 0.5625,
                },
            ),
        ),
        left=phase_gap,
        right=half_spacing,
        proof="D_-(mu) = D_+(mu - eps/2) + eps/2, and D_+ is nondecreasing and rises by eps over a "
        "period, so by between 0 and eps over half of one",
        depends=("lattice-denoiser", "smoothed-score.second-order"),
    )
)
