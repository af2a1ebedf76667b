"""An implementation of the discretized Gaussian held to its definition (Appendix C.5).

Contracts in float64: score and denoiser err by at most 1e-13 of their natural scales, the log
density by 1e-12 absolute or relative, whichever is larger. In float32 one more rounding of the
result is allowed; x is what the dtype makes of it.
"""

from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties import strategies
from hardposterior.properties.arithmetic import Decimals
from hardposterior.properties.search import search
from hardposterior.spec import lattice, lattice_denoiser, theta
from hardposterior.spec.evidence import Outcome, Run, evidence

SCORE = DENOISER = 1e-13
LOG_PROB = 1e-12
ROUNDING = {torch.float64: 0.0, torch.float32: 2.0**-23}
"""What the result's dtype adds, relative to the result."""

ctx = Decimals(50)

REFERENCE = ctx.number("1e-40")
"""What 50 digits themselves may err by."""

NEEDS = ("DiscretizedGaussian",)


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


def levels_in_a_tensor_match(implementation: Any, cases: list[dict[str, float]]) -> float:
    """Errors of score and log density over their allowances, one level for each point.

    All of one lattice; levels on both sides of the switch between the series.
    """
    law = law_of(implementation, cases[0])
    x = torch.tensor([case["x"] for case in cases], dtype=law.dtype, device=law.device)
    sigma = torch.tensor([case["sigma"] for case in cases], dtype=law.dtype, device=law.device)
    scores, logs = law.score(x, sigma).tolist(), law.log_prob(x, sigma).tolist()
    worst = 0.0
    for place, level, score, log in zip(x.tolist(), sigma.tolist(), scores, logs, strict=True):
        drawn = {**cases[0], "x": place, "sigma": level}
        numbers = {name: ctx.number(v) for name, v in drawn.items()}
        exact = lattice.score(ctx, **numbers)
        worst = max(worst, share(abs(score - exact), score_allowance(law, exact, numbers)))
        exact = ctx.log(lattice.density(ctx, **numbers))
        allowed = (LOG_PROB + ROUNDING[law.dtype]) * max(1, abs(exact))
        worst = max(worst, share(abs(log - exact), allowed))
    return worst


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
def implemented_levels_in_a_tensor_match_50_digits(run: Run) -> Outcome:
    """`score` and `log_prob` with one level for each point, against the sum over the lattice."""
    level = st.floats(-0.5, 0.8).map(lambda e: 10**e)
    cases = st.tuples(strategies.lattices((0.3, 4.0)), st.lists(level, min_size=2, max_size=4))
    drawn = cases.map(lambda c: {"cases": [{**c[0], "sigma": s, "x": c[0]["x"] % 8} for s in c[1]]})
    return hold(run, levels_in_a_tensor_match, 15, drawn)


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="property", scope="box", needs=NEEDS)
def implemented_denoiser_matches_50_digits(run: Run) -> Outcome:
    """`denoise` against the sum over the lattice, everywhere in the promised range."""
    return hold(run, denoiser_matches_the_definition, 60)
