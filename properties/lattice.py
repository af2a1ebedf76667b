"""An implementation of the discretized Gaussian held to its definition (Appendix C.5).

Contracts in float64: the score errs by at most 1e-13 of its natural scale, the denoiser by 1e-13 of
|mu| + |D - mu|, the log density by 1e-12 absolute or relative, whichever is larger. float32 is
held to the same with the unit roundoff of float32 in place of that of float64.
"""

import math
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from scipy import stats

from hardposterior.properties import claims, strategies
from hardposterior.properties.arithmetic import Decimals
from hardposterior.properties.search import search
from hardposterior.spec import lattice, lattice_denoiser, lattice_smoothing, smoothing, theta
from hardposterior.spec.evidence import Outcome, Run, evidence, judged, refuted

SCORE = DENOISER = 1e-13
LOG_PROB = 1e-12
ULPS = {torch.float64: 1.0, torch.float32: 2.0**29}

ctx = Decimals(60)


def tensor(value: float, like: Any) -> torch.Tensor:
    """A scalar tensor of the law's dtype and device."""
    return torch.tensor(value, dtype=like.dtype, device=like.device)


def exactly(**case: float) -> dict[str, Any]:
    """The parameters as 60-digit numbers, the floats taken exactly."""
    return {name: ctx.number(value) for name, value in case.items()}


def natural_scale(spacing: Any, phase: Any, sigma: Any, x: Any) -> Any:
    """The sum of the absolute values of the last two terms that make up the score.

    Around the nearest lattice point where q <= 1 / (2 pi), around the line -x / t above.
    """
    t = lattice.smoothed_variance(sigma)
    mu = x / t
    offset = lattice.denoiser_offset(ctx, spacing, phase, sigma, x)
    if theta.ratio(spacing, sigma) > 1 / (2 * ctx.pi):
        return abs(x) / t + abs(offset) / sigma**2
    nearest = spacing * (ctx.mp.nint(mu / spacing - phase) + phase)
    return (abs(x - nearest) + abs(mu + offset - nearest)) / sigma**2


def score_matches_the_definition(implementation: Any, **case: float) -> float:
    """Error of `score` over its allowance."""
    law = implementation.DiscretizedGaussian(case["spacing"], case["phase"])
    found = law.score(tensor(case["x"], law), case["sigma"])
    numbers = exactly(**case)
    error = abs(ctx.number(float(found)) - lattice.score(ctx, **numbers))
    return float(error / (SCORE * ULPS[law.dtype] * natural_scale(**numbers)))


def denoiser_matches_the_definition(implementation: Any, **case: float) -> float:
    """Error of `denoise` over its allowance, 1e-13 (|mu| + |D - mu|) + 1e-300."""
    law = implementation.DiscretizedGaussian(case["spacing"], case["phase"])
    found = law.denoise(tensor(case["x"], law), case["sigma"])
    numbers = exactly(**case)
    mu = numbers["x"] / lattice.smoothed_variance(numbers["sigma"])
    offset = lattice.denoiser_offset(ctx, **numbers)
    scale = abs(mu) + abs(offset) + ctx.number(1e-300)
    error = abs(ctx.number(float(found)) - mu - offset)
    return float(error / (DENOISER * ULPS[law.dtype] * scale))


def log_prob_matches_the_definition(implementation: Any, **case: float) -> float:
    """Error of `log_prob` over its allowance, 1e-12 max(1, |log p|)."""
    law = implementation.DiscretizedGaussian(case["spacing"], case["phase"])
    found = law.log_prob(tensor(case["x"], law), case["sigma"])
    exact = ctx.log(lattice.density(ctx, **exactly(**case)))
    error = abs(ctx.number(float(found)) - exact)
    return float(error / (LOG_PROB * ULPS[law.dtype] * max(1, abs(exact))))


def tweedie_joins_score_and_denoiser(implementation: Any, **case: float) -> float:
    """|x + sigma^2 s - D| over 4e-13 sigma^2 natural scale + 4e-13 (|x| + |D|)."""
    law = implementation.DiscretizedGaussian(case["spacing"], case["phase"])
    x = tensor(case["x"], law)
    by_score = float(x) + case["sigma"] ** 2 * float(law.score(x, case["sigma"]))
    found = float(law.denoise(x, case["sigma"]))
    scale = case["sigma"] ** 2 * float(natural_scale(**exactly(**case))) + abs(float(x))
    return abs(by_score - found) / (4 * SCORE * ULPS[law.dtype] * (scale + abs(found)))


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
    scale = max(1.0, abs(low), abs(high))
    error = abs(half * float(weights @ slopes) - (high - low))
    return error / (4 * LOG_PROB * ULPS[law.dtype] * scale)


def reflection_reverses_the_score(implementation: Any, **case: float) -> float:
    """s_theta(x) = -s_{1 - theta}(-x), over twice the allowance of the score."""
    phase = round(case["phase"] * 2**20) / 2**20  # so that 1 - theta is exact
    law = implementation.DiscretizedGaussian(case["spacing"], phase)
    mirror = implementation.DiscretizedGaussian(case["spacing"], 1 - phase)
    x = tensor(case["x"], law)
    total = float(law.score(x, case["sigma"])) + float(mirror.score(-x, case["sigma"]))
    scale = float(natural_scale(**exactly(**{**case, "phase": phase})))
    return abs(total) / (2 * SCORE * ULPS[law.dtype] * scale) if scale else float(total != 0)


def score_is_periodic(
    implementation: Any, spacing: float, phase: float, sigma: float, steps: int, x: float
) -> float:
    """s(x + k eps t) + k eps = s(x), over both allowances; dyadic, so the shifts are exact."""
    eps = max(2.0**-4, round(spacing * 2**4) / 2**4)
    level = max(2.0**-6, round(sigma * 2**6) / 2**6)
    place = round(x * 2**10) / 2**10
    law = implementation.DiscretizedGaussian(eps, phase)
    moved = place + steps * eps * (1 + level * level)
    difference = (
        float(law.score(tensor(moved, law), level))
        + steps * eps
        - float(law.score(tensor(place, law), level))
    )
    scale = sum(
        float(natural_scale(**exactly(spacing=eps, phase=phase, sigma=level, x=at)))
        for at in (place, moved)
    )
    return abs(difference) / (2 * SCORE * ULPS[law.dtype] * (scale + abs(steps) * eps))


def offset_stays_within_half_a_spacing(implementation: Any, **case: float) -> float:
    """|D(x) - mu| over eps / 2 of the implementation, less its allowed error."""
    law = implementation.DiscretizedGaussian(case["spacing"], case["phase"])
    mu = case["x"] / (1 + case["sigma"] ** 2)
    offset = abs(float(law.denoise(tensor(case["x"], law), case["sigma"])) - mu)
    slack = 2 * DENOISER * ULPS[law.dtype] * (abs(mu) + case["spacing"])
    return max(offset - slack, 0.0) / (case["spacing"] / 2)


def score_stays_within_the_bound(implementation: Any, **case: float) -> float:
    """|s(x) + x / t| over B of the implementation, less its allowed error; 0 where eta >= 1."""
    numbers = exactly(**case)
    if not lattice_smoothing.eta_margin(ctx, numbers["spacing"], numbers["sigma"]) > 0:
        return 0.0
    law = implementation.DiscretizedGaussian(case["spacing"], case["phase"])
    bound = lattice_smoothing.score_gap_bound(ctx, numbers["spacing"], numbers["sigma"])
    line = numbers["x"] / lattice.smoothed_variance(numbers["sigma"])
    gap = abs(ctx.number(float(law.score(tensor(case["x"], law), case["sigma"]))) + line)
    slack = 2 * SCORE * ULPS[law.dtype] * natural_scale(**numbers)
    return float(max(gap - slack, 0) / bound)


def draws_follow_the_table(
    implementation: Any, spacing: float, phase: float, count: int, seed: int
) -> float:
    """The p-value that `count` draws follow the exact masses: exact binomials, Bonferroni.

    A draw off the lattice gives p = 0. At 1e6 draws a mass near 1/4 that is off by 0.4 % is found.
    """
    law = implementation.DiscretizedGaussian(spacing, phase)
    generator = torch.Generator(device=law.device).manual_seed(seed)
    draws = law.sample((count,), generator).double().cpu().numpy()
    index = np.rint(draws / spacing - phase)
    if not np.allclose(draws, spacing * (index + phase), rtol=1e-6, atol=1e-6 * spacing):
        return 0.0
    reach = math.ceil(9 / spacing) + 1
    exact = {
        k: float(lattice.mass(ctx, *exactly(s=spacing, p=phase).values(), k))
        for k in range(-reach, reach + 1)
    }
    cells = [k for k, mass in exact.items() if mass * count >= 1]
    outside = max(1.0 - sum(exact[k] for k in cells), 0.0)
    found = [int((index == k).sum()) for k in cells]
    tests = [(f, exact[k]) for f, k in zip(found, cells, strict=True)]
    tests.append((count - sum(found), min(outside + 1e-15, 1.0)))
    worst = min(stats.binomtest(f, count, mass).pvalue for f, mass in tests)
    return min(1.0, worst * len(tests))


NEEDS = ("DiscretizedGaussian",)


@evidence(lattice.DISCRETIZED_GAUSSIAN, kind="statistical", scope="box", needs=NEEDS)
def draws_of_the_implementation_follow_the_table(run: Run) -> Outcome:
    """Both phases and two odd lattices; false-alarm rate 1e-6 in all; finds a mass off by 1 %."""
    count = run.size(200_000, 500_000, 5_000_000)
    lattices = [(1.11, 0.0), (1.11, 0.5), (0.05, 0.25), (4.0, 0.3)]
    worst = 1.0
    for i, (spacing, phase) in enumerate(lattices):
        p_value = draws_follow_the_table(run.implementation, spacing, phase, count, run.seed + i)
        worst = min(worst, p_value * len(lattices))
        call = (
            f"{__name__}.draws_follow_the_table(implementation, {spacing}, {phase}, "
            f"{count}, {run.seed + i}) = {p_value:.3g}"
        )
        if p_value * len(lattices) < 1e-6:
            return refuted(call, cases=count, p_value=p_value)
    return judged(min(worst, 1.0), count * len(lattices), call)


def hold(run: Run, check: Any, examples: int, cases: Any = None) -> Outcome:
    """Search for a lattice on which the implementation fails `check`."""
    return search(
        run,
        check,
        strategies.lattices() if cases is None else cases,
        examples=run.size(examples, 2 * examples, 20 * examples),
    )


@evidence(theta.LATTICE_DENSITY, kind="property", scope="box", needs=NEEDS)
def implemented_log_density_matches_60_digits(run: Run) -> Outcome:
    """`log_prob` against the sum over the lattice, everywhere in the promised range."""
    return hold(run, log_prob_matches_the_definition, 150)


@evidence(lattice_denoiser.LATTICE_SCORE, kind="property", scope="box", needs=NEEDS)
def implemented_score_matches_60_digits(run: Run) -> Outcome:
    """`score` against the sum over the lattice, everywhere in the promised range."""
    return hold(run, score_matches_the_definition, 300)


@evidence(lattice_denoiser.LATTICE_SCORE, kind="property", scope="box", needs=NEEDS)
def implemented_score_reverses_under_reflection(run: Run) -> Outcome:
    """s_theta(x) = -s_{1 - theta}(-x)."""
    return hold(run, reflection_reverses_the_score, 150)


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
    return hold(run, score_is_periodic, 150, cases)


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="property", scope="box", needs=NEEDS)
def implemented_denoiser_matches_60_digits(run: Run) -> Outcome:
    """`denoise` against the sum over the lattice, everywhere in the promised range."""
    return hold(run, denoiser_matches_the_definition, 150)


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="property", scope="box", needs=NEEDS)
def implemented_offset_stays_within_half_a_spacing(run: Run) -> Outcome:
    """|D(x) - mu| <= eps / 2 for the implementation's own denoiser."""
    return hold(run, offset_stays_within_half_a_spacing, 150)


@evidence(lattice_smoothing.LATTICE_SMOOTHING, kind="property", scope="box", needs=NEEDS)
def implemented_score_stays_within_the_bound(run: Run) -> Outcome:
    """|s(x) + x / t| <= B for the implementation's own score."""
    return hold(run, score_stays_within_the_bound, 150)


@evidence(smoothing.SMOOTHED_SCORE, kind="property", scope="box", needs=NEEDS)
def implemented_score_and_denoiser_obey_tweedie(run: Run) -> Outcome:
    """D = x + sigma^2 s between the implementation's own two functions."""
    return hold(run, tweedie_joins_score_and_denoiser, 150)


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
    return hold(run, score_integrates_to_log_prob, 100, cases)


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    visible = strategies.lattices(spacing=(0.2, 4.0), sigma=(0.01, 4.0))
    law = st.integers(1, 4).flatmap(
        lambda size: st.fixed_dictionaries(
            {
                "atoms": st.lists(st.floats(-3, 3), min_size=size, max_size=size),
                "weights": st.lists(st.floats(0.01, 1), min_size=size, max_size=size),
                "sigma": strategies.noise_levels(0.3, 10.0),
                "x": st.floats(-4, 4),
            }
        )
    )
    periodic = st.fixed_dictionaries({"rho": st.floats(1e-6, 0.95), "u": st.floats(-1, 1)})
    ratio = st.fixed_dictionaries(
        {"q": strategies.on_a_log_scale(1e-3, 3.0), "u": st.floats(-1, 1)}
    )
    for statement, cases in {
        smoothing.SMOOTHED_SCORE: law,
        smoothing.SECOND_ORDER: law,
        theta.LATTICE_DENSITY: visible,
        theta.THETA_FORMS: ratio,
        theta.THETA_RANGE: periodic,
        lattice_smoothing.LATTICE_SMOOTHING: visible,
        lattice_smoothing.LATTICE_SMOOTHING_PRODUCT: visible,
        lattice_smoothing.LATTICE_SMOOTHING_DENSITY: visible,
        lattice_denoiser.LATTICE_SCORE: visible,
        lattice_denoiser.LATTICE_DENOISER: visible,
        lattice_denoiser.LATTICE_DENOISER_PHASES: visible.map(lambda c: {**c, "shift": 0.5}),
    }.items():
        claims.register(statement, cases, 120)


register_claims()
