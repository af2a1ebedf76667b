"""Reverse diffusion on lattices and mixtures by quadrature: the true error below its bounds."""

import math
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.mixture_laws import (
    LAWS,
    Inexact,
    Mixture,
    divergences,
    output_density,
)
from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import denoiser_martingale, reverse_diffusion
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence, held, judged, refuted

HIGHEST, LOWEST = 20.0, 0.1
"""Standard deviations of the first and the last level."""

QUADRATURE = 1e-8
ROUNDED = 1e-15
"""Of both sides of the orthogonality identity: relative, and absolute in units of E|X|^2."""


def geometric(steps: int) -> list[float]:
    """Levels in a constant ratio from `HIGHEST` to `LOWEST`, standard deviations."""
    return [HIGHEST * (LOWEST / HIGHEST) ** (k / steps) for k in range(steps + 1)]


def bounds_of(law: Mixture, levels: list[float]) -> tuple[float, float]:
    """The bound by the law's own mmse, and in closed form; both with the start."""
    ctx, steps = Floats(), len(levels) - 1
    variances = [sigma**2 for sigma in levels]
    start = reverse_diffusion.start_term(law.second_moment(), variances[0])
    known: dict[float, float] = {}

    def mmse(u: float) -> float:
        if u not in known:
            known[u] = law.mmse(u)
        return known[u]

    ratio = variances[0] / variances[1]
    middle = reverse_diffusion.discretization_by_mmse(ctx, mmse, variances, 8 if ratio < 3 else 32)
    return start + middle, start + reverse_diffusion.discretization_term(1, ratio, steps)


def share_of_both_bounds(name: str, steps: int, amplitude: float) -> float:
    """The largest of KL / own bound, own bound / closed form and 2 TV^2 / KL.

    The denoiser is off by a wave of this amplitude in units of sqrt(u), see `Inexact`; the own
    bound counts its error by quadrature, the closed form kappa = amplitude.
    """
    levels = geometric(steps)
    right = LAWS[name]
    law = Inexact(right.weights, right.centers, right.variance, amplitude)
    kl, variation = divergences(law, levels)
    own, closed = bounds_of(right, levels)
    variances = [sigma**2 for sigma in levels]
    errors = [law.score_error(u) for u in variances[:-1]]
    own += reverse_diffusion.score_by_levels(errors, variances)
    ratio = variances[0] / variances[1]
    closed += reverse_diffusion.score_term(amplitude**2, ratio, steps)
    return float(max(kl / own, own / closed, 2 * variation**2 / kl))


@evidence(reverse_diffusion.REVERSE_DIFFUSION, kind="property", scope="box")
def error_on_lattices_and_mixtures_stays_below_the_bounds(run: Run) -> Outcome:
    """KL <= own bound <= closed form, TV <= sqrt(KL / 2): 7 laws, 5 to 80 steps (400: thorough).

    sigma from 20 to .1, exact denoisers and ones off by .1 sqrt(u), the output by quadrature.
    """
    several = {"dev": (5, 20), "ci": (5, 20, 80), "thorough": (5, 10, 20, 40, 80, 160, 400)}
    cells = [(name, k, a) for name in LAWS for k in several[run.profile] for a in (0.0, 0.1)]
    worst = 0.0
    for done, cell in enumerate(cells):
        share = share_of_both_bounds(*cell)
        if not share <= 1:
            shown = ", ".join(map(repr, cell))
            call = f"{__name__}.share_of_both_bounds({shown}) = {share:.6g}"
            return refuted(call, cases=done + 1)
        worst = max(worst, share)
        run.progress(done + 1, len(cells))
    return held(len(cells), detail=f"the largest share of a bound is {worst:.3g}")


def denoiser_of(law: Mixture) -> Any:
    """The law's exact denoiser on rows of independent coordinates."""

    def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
        values = law.denoiser(x.double().cpu().numpy().ravel(), sigma**2)
        return torch.from_numpy(values).reshape(x.shape).to(x)

    return denoise


CELLS = (
    ("lattice 1.1, 1/2", geometric(8)),
    ("mixture", geometric(8)),
    ("lattice 1.1, 0", [1.5, 1.0, 0.6]),
)
"""Laws and levels; the last ones are few, so that the output remembers how it started."""


def draws_follow_the_output_density(
    implementation: Any, name: str, levels: list[float], dtype: str, count: int, seed: int
) -> float:
    """The p-value that draws of two coordinates have the density of the stated steps.

    Kolmogorov and Smirnov by the inequality of Dvoretzky, Kiefer and Wolfowitz, 2 exp(-2 N gap^2).
    """
    law = LAWS[name]
    x, density = output_density(law, levels)
    cdf = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2) * (x[1] - x[0])])
    generator = torch.Generator().manual_seed(seed)
    draws = implementation.reverse_diffusion(
        denoiser_of(law), 2, levels, count, generator, dtype=getattr(torch, dtype)
    )
    values = np.sort(draws.double().cpu().numpy().ravel())
    expected = np.interp(values, x, cdf)
    steps = np.arange(len(values) + 1) / len(values)
    gap = float(max((steps[1:] - expected).max(), (expected - steps[:-1]).max()))
    return min(1.0, 2 * math.exp(-2 * len(values) * gap**2))


@evidence(
    reverse_diffusion.REVERSE_DIFFUSION,
    kind="statistical",
    scope="box",
    needs=("reverse_diffusion",),
)
def draws_of_the_implementation_follow_the_stated_steps(run: Run) -> Outcome:
    """Lattices and a mixture, 8 steps and 2, 100,000 values each; false alarm 1e-6 in all.

    Finds cdfs .018 apart, such as noise of the level before; after 8 steps p itself lies .065 away.
    """
    count = run.size(50_000, 50_000, 1_000_000)
    p_value, call = 1.0, ""
    for name, levels in CELLS:
        case = (name, levels, run.dtype, count, run.seed)
        found = draws_follow_the_output_density(run.implementation, *case)
        if found * len(CELLS) <= p_value:
            p_value = found * len(CELLS)
            shown = ", ".join(map(repr, case))
            call = f"{__name__}.draws_follow_the_output_density(implementation, {shown})"
    return judged(p_value, 2 * count * len(CELLS), call)


def denoiser_is_a_martingale(name: str, u: float, more: float) -> float:
    """|E|D_u - D_{u'}|^2 - mmse(u') + mmse(u)| over its allowance, all by quadrature.

    That is 1e-8 mmse(u') + 1e-15 E|X|^2: grids end at 9 deviations, and binary64 rounds.
    """
    law = LAWS[name]
    frozen = law.mmse(u + more)
    gap = law.change_of_the_denoiser(u, more) - (frozen - law.mmse(u))
    return float(abs(gap) / (QUADRATURE * frozen + ROUNDED * law.second_moment()))


@evidence(denoiser_martingale.ORTHOGONALITY, kind="property", scope="box")
def identity_on_lattices_and_mixtures_by_quadrature(run: Run) -> Outcome:
    """Every law, u from .02 to 100 and u' - u from u / 100 to 10 u, double integrals on grids."""
    cases = st.builds(
        lambda name, u, share: {"name": name, "u": u, "more": share * u},
        st.sampled_from(sorted(LAWS)),
        on_a_log_scale(0.02, 100.0),
        on_a_log_scale(0.01, 10.0),
    )
    size = run.size(25, 60, 1000)
    return search(run, denoiser_is_a_martingale, cases, examples=size, on_implementation=False)


def register_claims() -> None:
    """Search for counterexamples to the identity itself."""
    cases = st.fixed_dictionaries(
        {
            "variance": on_a_log_scale(1e-3, 1e3),
            "u": on_a_log_scale(1e-4, 1e4),
            "more": on_a_log_scale(1e-4, 1e4),
        }
    )
    claims.register(denoiser_martingale.ORTHOGONALITY, cases, 40)


register_claims()
