"""An implementation of the discretized Gaussian held to its definition (Appendix C.5).

Contracts in float64: score and denoiser err by at most 1e-13 of their natural scales, the log
density by 1e-12 absolute or relative, whichever is larger. In float32 one more rounding of the
result is allowed; x is what the dtype makes of it.
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
from hardposterior.spec.evidence import Outcome, Run, evidence, judged
from hardposterior.spec.statements import Statement

SCORE = DENOISER = 1e-13
LOG_PROB = 1e-12
ROUNDING = {torch.float64: 0.0, torch.float32: 2.0**-23}
"""What the result's dtype adds, relative to the result."""

ctx = Decimals(50)

REFERENCE = ctx.number("1e-40")
"""What 50 digits themselves may err by."""


def law_of(implementation: Any, case: dict[str, float]) -> Any:
    """The law under test."""
    return implementation.DiscretizedGaussian(case["spacing"], case["phase"])


def value(law: Any, method: str, case: dict[str, float]) -> tuple[float, dict[str, Any]]:
    """What the implementation returns, and the parameters it saw as exact 50-digit numbers."""
    x = torch.tensor(case["x"], dtype=law.dtype, device=law.device)
    found = float(getattr(law, method)(x, case["sigma"]))
    return found, {name: ctx.number(v) for name, v in {**case, "x": float(x)}.items()}


def share(error: Any, allowance: Any) -> float:
    """error / allowance, the allowance widened by what the reference itself may err by."""
    return float(error / (allowance + REFERENCE))


def nearest_point(spacing: Any, phase: Any, sigma: Any, x: Any) -> Any:
    """The lattice point nearest to mu; None where q > 1 / (2 pi) and the line is the reference."""
    if theta.ratio(spacing, sigma) > 1 / (2 * ctx.pi):
        return None
    mu = x / lattice.smoothed_variance(sigma)
    return spacing * (ctx.nearest_integer(mu / spacing - phase) + phase)


def score_scale(denoised: Any, spacing: Any, phase: Any, sigma: Any, x: Any) -> Any:
    """The sum of the absolute values of the last two terms that make up the score.

    (|x - a| + |D - a|) / sigma^2 about the nearest lattice point a, else |mu| + |D - mu| / sigma^2.
    """
    mu = x / lattice.smoothed_variance(sigma)
    a = nearest_point(spacing, phase, sigma, x)
    if a is None:
        return abs(mu) + abs(denoised - mu) / sigma**2
    return (abs(x - a) + abs(denoised - a)) / sigma**2


def natural_scale(spacing: Any, phase: Any, sigma: Any, x: Any) -> Any:
    """`score_scale` at the exact denoiser."""
    denoised = lattice.denoiser(ctx, spacing, phase, sigma, x)
    return score_scale(denoised, spacing, phase, sigma, x)


def denoiser_scale(denoised: Any, spacing: Any, phase: Any, sigma: Any, x: Any) -> Any:
    """|mu| + |a| + |D - a| about the nearest lattice point a, else |mu| + |D - mu|."""
    mu = x / lattice.smoothed_variance(sigma)
    a = nearest_point(spacing, phase, sigma, x)
    return abs(mu) + (abs(denoised - mu) if a is None else abs(a) + abs(denoised - a))


def score_allowance(law: Any, score: Any, numbers: dict[str, Any]) -> Any:
    """How far a computed score may be from `score`, near which the natural scale is taken."""
    denoised = numbers["x"] + numbers["sigma"] ** 2 * score
    return SCORE * score_scale(denoised, **numbers) + ROUNDING[law.dtype] * abs(score)


def score_matches_the_definition(implementation: Any, **case: float) -> float:
    """Error of `score` over its allowance."""
    law = law_of(implementation, case)
    found, numbers = value(law, "score", case)
    exact = lattice.score(ctx, **numbers)
    return share(abs(found - exact), score_allowance(law, exact, numbers))


def denoiser_matches_the_definition(implementation: Any, **case: float) -> float:
    """Error of `denoise` over its allowance."""
    law = law_of(implementation, case)
    found, numbers = value(law, "denoise", case)
    exact = lattice.denoiser(ctx, **numbers)
    allowance = DENOISER * denoiser_scale(exact, **numbers) + ROUNDING[law.dtype] * abs(exact)
    return share(abs(found - exact), allowance)


def log_prob_matches_the_definition(implementation: Any, **case: float) -> float:
    """Error of `log_prob` over its allowance, 1e-12 max(1, |log p|)."""
    law = law_of(implementation, case)
    found, numbers = value(law, "log_prob", case)
    exact = ctx.log(lattice.density(ctx, **numbers))
    return share(abs(found - exact), (LOG_PROB + ROUNDING[law.dtype]) * max(1, abs(exact)))


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


def exact_masses(spacing: float, phase: float) -> dict[int, float]:
    """The masses by index, out to nine deviations."""
    eps, theta_ = ctx.number(spacing), ctx.number(phase)
    total = lattice.normaliser(ctx, eps, theta_)
    reach = math.ceil(9 / spacing) + 1
    points = {k: lattice.lattice_point(eps, theta_, k) for k in range(-reach, reach + 1)}
    return {k: float(ctx.exp(-a * a / 2) / total) for k, a in points.items()}


def draws_follow_the_table(
    implementation: Any, spacing: float, phase: float, count: int, seed: int
) -> float:
    """The p-value that `count` draws follow the exact masses: exact binomials, Bonferroni.

    A draw off the lattice gives p = 0.
    """
    law = implementation.DiscretizedGaussian(spacing, phase)
    generator = torch.Generator(device=law.device).manual_seed(seed)
    draws = law.sample((count,), generator).double().cpu().numpy()
    index = np.rint(draws / spacing - phase)
    if not np.allclose(draws, spacing * (index + phase), rtol=1e-6, atol=1e-6 * spacing):
        return 0.0
    exact = exact_masses(spacing, phase)
    cells = [k for k, mass in exact.items() if mass * count >= 1]
    outside = max(1.0 - sum(exact[k] for k in cells), 0.0)
    found = [int((index == k).sum()) for k in cells]
    tests = [(f, exact[k]) for f, k in zip(found, cells, strict=True)]
    tests.append((count - sum(found), min(outside + 1e-15, 1.0)))
    worst = min(stats.binomtest(f, count, mass).pvalue for f, mass in tests)
    return float(min(1.0, worst * len(tests)))


NEEDS = ("DiscretizedGaussian",)


@evidence(lattice.DISCRETIZED_GAUSSIAN, kind="statistical", scope="box", needs=NEEDS)
def draws_of_the_implementation_follow_the_table(run: Run) -> Outcome:
    """Four lattices, false-alarm rate 1e-6 in all; 200,000 draws find a mass of 1/4 off by 3 %."""
    count = run.size(200_000, 500_000, 5_000_000)
    lattices = [(1.11, 0.0), (1.11, 0.5), (0.05, 0.25), (4.0, 0.3)]
    shares = {}
    for i, (spacing, phase) in enumerate(lattices):
        call = (
            f"{__name__}.draws_follow_the_table(implementation, {spacing}, {phase}, "
            f"count={count}, seed={run.seed + i})"
        )
        shares[call] = draws_follow_the_table(
            run.implementation, spacing, phase, count, run.seed + i
        )
        run.progress(i + 1, len(lattices))
    call = min(shares, key=shares.__getitem__)
    return judged(min(1.0, shares[call] * len(lattices)), count * len(lattices), call)


def hold(
    run: Run, check: Any, examples: int, cases: Any = None, *, tightness: bool = False
) -> Outcome:
    """Search for a lattice on which the implementation fails `check`."""
    return search(
        run,
        check,
        strategies.lattices() if cases is None else cases,
        examples=run.size(examples, 2 * examples, 20 * examples),
        tightness=tightness,
    )


@evidence(theta.LATTICE_DENSITY, kind="property", scope="box", needs=NEEDS)
def implemented_log_density_matches_50_digits(run: Run) -> Outcome:
    """`log_prob` against the sum over the lattice, everywhere in the promised range."""
    return hold(run, log_prob_matches_the_definition, 60)


@evidence(lattice_denoiser.LATTICE_SCORE, kind="property", scope="box", needs=NEEDS)
def implemented_score_matches_50_digits(run: Run) -> Outcome:
    """`score` against the sum over the lattice, everywhere in the promised range."""
    return hold(run, score_matches_the_definition, 120)


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
def implemented_denoiser_matches_50_digits(run: Run) -> Outcome:
    """`denoise` against the sum over the lattice, everywhere in the promised range."""
    return hold(run, denoiser_matches_the_definition, 60)


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


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    visible = strategies.visible_lattices((1e-2, 3.0))
    smooth = strategies.visible_lattices((0.041, 3.0))
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
    strategy_of: dict[Statement, st.SearchStrategy[Any]] = {
        smoothing.SMOOTHED_SCORE: law,
        smoothing.SECOND_ORDER: law,
        theta.LATTICE_DENSITY: visible,
        theta.THETA_FORMS: ratio,
        theta.THETA_RANGE: periodic,
        lattice_smoothing.LATTICE_SMOOTHING: smooth,
        lattice_smoothing.LATTICE_SMOOTHING_PRODUCT: visible,
        lattice_smoothing.LATTICE_SMOOTHING_DENSITY: visible,
        lattice_denoiser.LATTICE_SCORE: visible,
        lattice_denoiser.LATTICE_DENOISER: visible,
        lattice_denoiser.LATTICE_DENOISER_PHASES: st.tuples(
            visible, st.one_of(st.just(0.5), st.floats(-1, 2))
        ).map(lambda drawn: {**drawn[0], "shift": drawn[1]}),
    }
    for statement, cases in strategy_of.items():
        claims.register(statement, cases, 60)


register_claims()
