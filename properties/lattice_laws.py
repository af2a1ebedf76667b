"""Laws that any score of a discretized Gaussian obeys, asked of an implementation (Appendix C.5).

Tweedie's formula, reflection, the period, quadrature, and the two bounds of the lattice's lemmas:
none needs a reference value.
"""

from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from hardposterior.properties import strategies
from hardposterior.properties.lattice import (
    DENOISER,
    LOG_PROB,
    NEEDS,
    ROUNDING,
    ctx,
    denoiser_scale,
    hold,
    law_of,
    score_allowance,
    share,
    value,
)
from hardposterior.spec import lattice, lattice_denoiser, lattice_smoothing, smoothing
from hardposterior.spec.evidence import Outcome, Run, evidence


def tweedie_joins_score_and_denoiser(implementation: Any, **case: float) -> float:
    """|x + sigma^2 s - D| over the allowances of both functions."""
    law = law_of(implementation, case)
    score, numbers = value(law, "score", case)
    denoised, _ = value(law, "denoise", case)
    variance = numbers["sigma"] ** 2
    error = abs(numbers["x"] + variance * score - denoised)
    allowance = (
        variance * score_allowance(law, ctx.number(score), numbers)
        + DENOISER * denoiser_scale(ctx.number(denoised), **numbers)
        + ROUNDING[law.dtype] * abs(denoised)
    )
    return share(error, allowance)


def score_integrates_to_log_prob(
    implementation: Any, spacing: float, phase: float, noise: float, x: float
) -> float:
    """The score integrated over one step by Gauss-Legendre quadrature against log_prob's rise.

    Over a step of sigma / 8 at sigma = `noise` spacings the 32-point rule errs by less than 1e-15.
    """
    law = implementation.DiscretizedGaussian(spacing, phase)
    sigma = noise * spacing
    nodes, weights = np.polynomial.legendre.leggauss(32)
    half = sigma * min(1.0, noise) / 16
    places = torch.tensor(x + half + half * nodes, dtype=law.dtype, device=law.device)
    slopes = law.score(places, sigma).double().cpu().numpy()
    ends = torch.tensor([x, x + 2 * half], dtype=law.dtype, device=law.device)
    low, high = law.log_prob(ends, sigma).double().tolist()
    steepest = float(np.abs(slopes).max()) * (abs(x) + 2 * half)
    scale = max(1.0, abs(low), abs(high), steepest)
    error = abs(half * float(weights @ slopes) - (high - low))
    return float(error / ((4 * LOG_PROB + 8 * ROUNDING[law.dtype]) * scale))


def reflection_reverses_the_score(implementation: Any, **case: float) -> float:
    """s_theta(x) = -s_{1 - theta}(-x), over both allowances."""
    case["phase"] = round(case["phase"] * 2**20) / 2**20  # so that 1 - theta is exact
    mirrored = {**case, "phase": 1 - case["phase"], "x": -case["x"]}
    law, mirror = law_of(implementation, case), law_of(implementation, mirrored)
    score, numbers = value(law, "score", case)
    other, _ = value(mirror, "score", mirrored)
    return share(abs(score + other), 2 * score_allowance(law, ctx.number(score), numbers))


def score_is_periodic(
    implementation: Any, spacing: float, phase: float, sigma: float, steps: int, x: float
) -> float:
    """s(x + k eps t) + k eps = s(x), over both allowances; dyadic, so the shifts are exact."""
    eps = max(2.0**-4, round(spacing * 2**4) / 2**4)
    level = max(2.0**-3, round(sigma * 2**3) / 2**3)
    place = round(x * 2**6) / 2**6
    case = {"spacing": eps, "phase": phase, "sigma": level, "x": place}
    moved = {**case, "x": place + steps * eps * (1 + level * level)}
    law = law_of(implementation, case)
    (here, at), (there, beyond) = value(law, "score", case), value(law, "score", moved)
    allowance = sum(
        score_allowance(law, ctx.number(score), numbers)
        for score, numbers in ((here, at), (there, beyond))
    )
    return share(abs(ctx.number(there) + steps * eps - here), allowance)


def offset_stays_within_half_a_spacing(implementation: Any, **case: float) -> float:
    """|D(x) - mu| over eps / 2 of the implementation, less its allowed error."""
    law = law_of(implementation, case)
    denoised, numbers = value(law, "denoise", case)
    mu = numbers["x"] / lattice.smoothed_variance(numbers["sigma"])
    slack = DENOISER * denoiser_scale(ctx.number(denoised), **numbers)
    slack += ROUNDING[law.dtype] * abs(denoised)
    return float(max(abs(denoised - mu) - slack, 0) / (numbers["spacing"] / 2))


def score_stays_within_the_bound(implementation: Any, **case: float) -> float:
    """|s(x) + x / t| over B of the implementation, less its allowed error; 0 where eta >= 1."""
    law = law_of(implementation, case)
    score, numbers = value(law, "score", case)
    spacing, sigma = numbers["spacing"], numbers["sigma"]
    if not lattice_smoothing.eta_margin(ctx, spacing, sigma) > 0:
        return 0.0
    gap = abs(score + numbers["x"] / lattice.smoothed_variance(sigma))
    slack = score_allowance(law, ctx.number(score), numbers)
    bound = lattice_smoothing.score_gap_bound(ctx, spacing, sigma)
    return float(max(gap - slack, 0) / bound)


@evidence(lattice_denoiser.LATTICE_SCORE, kind="property", scope="box", needs=NEEDS)
def implemented_score_reverses_under_reflection(run: Run) -> Outcome:
    """s_theta(x) = -s_{1 - theta}(-x)."""
    return hold(run, reflection_reverses_the_score, 60)


@evidence(lattice_denoiser.LATTICE_SCORE, kind="property", scope="box", needs=NEEDS)
def implemented_score_is_periodic(run: Run) -> Outcome:
    """s(x + k eps t) + k eps = s(x)."""
    cases = st.fixed_dictionaries(
        {
            "spacing": strategies.spacings(),
            "phase": st.sampled_from([0.0, 0.25, 0.5]),
            "sigma": strategies.noise_levels(2.0**-6, 4.0),
            "steps": st.integers(-3, 3),
            "x": st.floats(-8, 8),
        }
    )
    return hold(run, score_is_periodic, 60, cases)


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="property", scope="box", needs=NEEDS)
def implemented_offset_stays_within_half_a_spacing(run: Run) -> Outcome:
    """|D(x) - mu| <= eps / 2 for the implementation's own denoiser."""
    return hold(run, offset_stays_within_half_a_spacing, 60, tightness=True)


@evidence(lattice_smoothing.LATTICE_SMOOTHING, kind="property", scope="box", needs=NEEDS)
def implemented_score_stays_within_the_bound(run: Run) -> Outcome:
    """|s(x) + x / t| <= B for the implementation's own score."""
    return hold(run, score_stays_within_the_bound, 60, tightness=True)


@evidence(smoothing.SMOOTHED_SCORE, kind="property", scope="box", needs=NEEDS)
def implemented_score_and_denoiser_obey_tweedie(run: Run) -> Outcome:
    """D = x + sigma^2 s between the implementation's own two functions."""
    return hold(run, tweedie_joins_score_and_denoiser, 60)


@evidence(smoothing.SMOOTHED_SCORE, kind="property", scope="box", needs=NEEDS)
def implemented_score_integrates_to_the_log_density(run: Run) -> Outcome:
    """The score's integral by quadrature is the rise of log_prob."""
    cases = st.fixed_dictionaries(
        {
            "spacing": strategies.spacings(),
            "phase": strategies.phases(),
            "noise": strategies.noise_levels(0.05, 5.0),
            "x": st.floats(-6, 6),
        }
    )
    return hold(run, score_integrates_to_log_prob, 60, cases)
