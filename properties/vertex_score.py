"""The vertex score's error: quadrature for one bit, importance sampling for many.

At calibrated separation a wrong sign has probability 1e-8 and less: plain draws see none, and a
check on them could not fail. So most draws have one hidden coordinate drawn around zero, on the
scale on which the posterior changes, and every draw is weighted by the ratio of densities.
"""

import math
import random
from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.properties.tables import Function, draw_digits, parity, table_of
from hardposterior.properties.weighted_mean import Estimate, estimate_of, means_below
from hardposterior.spec import vertex_score
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence

NEEDS = ("HardInstance",)
NEAR = 0.8
"""The share of draws with a hidden coordinate near zero."""

SIGMAS = {0.03: 1, 0.1: 1, 0.3: 2, 0.7: 1, 1.5: 1, 4.0: 1, 30.0: 1}
"""Unscaled noise levels, and how many times the draws: at 0.3 the error varies most."""


def lattice_draws(bits: torch.Tensor, spacing: float, generator: torch.Generator) -> torch.Tensor:
    """Independent lattice points of the bits' phases, float64, from the masses themselves."""
    reach = math.ceil(9 / spacing) + 1
    index = torch.arange(-reach, reach + 1, dtype=torch.float64)
    found = torch.empty(bits.shape, dtype=torch.float64)
    for bit, phase in ((0, 0.5), (1, 0.0)):
        points = spacing * (index + phase)
        masses = torch.exp(-(points**2) / 2)
        chosen = points[torch.multinomial(masses, bits.numel(), True, generator=generator)]
        found = torch.where(bits == bit, chosen.reshape(bits.shape), found)
    return found


def near_misses(
    function: Function,
    separation: float,
    spacing: float,
    sigma: float,
    count: int,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Unscaled draws (count, d), 4 in 5 with a coordinate near zero, and their weights (count,).

    Near zero: Laplace of scale min(t / R, sqrt t). Weight = N(R s, t) density over the mixture's.
    """
    n, t = function.n, 1 + sigma**2
    bits = torch.randint(0, 2, (count, n), generator=generator)
    center = separation * (2.0 * bits - 1).double()
    normal = torch.randn((count, n), generator=generator, dtype=torch.float64)
    hidden = center + math.sqrt(t) * normal
    scale = min(t / separation, math.sqrt(t))
    uniform = torch.rand(count, generator=generator, dtype=torch.float64) - 0.5
    laplace = -scale * uniform.sign() * torch.log1p(-2 * uniform.abs())
    moved = torch.randint(0, n, (count,), generator=generator)
    rows = torch.arange(count)[torch.rand(count, generator=generator) < NEAR]
    hidden[rows, moved[rows]] = laplace[rows]
    log_laplace = -hidden.abs() / scale - math.log(2 * scale)
    log_normal = -((hidden - center) ** 2) / (2 * t) - math.log(2 * math.pi * t) / 2
    near = torch.logsumexp(log_laplace - log_normal, -1) - math.log(n)
    weights = 1 / (1 - NEAR + NEAR * torch.exp(near))
    image = lattice_draws(function(bits), spacing, generator)
    image = image + sigma * torch.randn(image.shape, generator=generator, dtype=torch.float64)
    return torch.cat([hidden, image], -1), weights


def vertex_error(
    implementation: Any,
    n: int,
    m: int,
    digits: str,
    separation: float,
    spacing: float,
    sigma: float,
    count: int,
    seed: int,
) -> tuple[Estimate, float]:
    """E |s_sigma - s_{r,sigma}|^2 sigma^2 of the implementation, and V; sigma, spacing unscaled."""
    function = Function(table_of(n, m, digits))
    law = implementation.HardInstance(function, separation, spacing)
    generator = torch.Generator().manual_seed(seed)
    x, weights = near_misses(function, separation, spacing, sigma, count, generator)
    point = (x / separation).to(law.dtype).to(law.device)
    level = sigma / separation
    gap = law.score(point, level) - law.vertex_score(point, level)
    squares = (gap * level).double().square().sum(-1).cpu()
    bound = vertex_score.vertex_score_bound(Floats(), n, m, separation, spacing, sigma) * sigma**2
    return estimate_of((weights * squares).numpy()), bound


@evidence(vertex_score.VERTEX_SCORE, kind="statistical", scope="box", needs=NEEDS)
def sampled_error_stays_below_the_bound(run: Run) -> Outcome:
    """n = m = 6 and 8, random f and parity, R = 6, eps = 1, sigma 0.03 to 30; false alarm 1e-6.

    Each cell has at least 1,000 effective events, and finds a mean a third above V. Parity is
    nearly tight at small noise; a random f changes half of its bits and comes to half of V.
    """
    draw = random.Random(run.seed)
    count = run.size(6_000, 12_000, 200_000)
    functions = {
        size: [
            parity(size, size),
            *(draw_digits(size, size, draw) for _ in range(run.size(2, 4, 8))),
        ]
        for size in (6, 8)
    }
    cells = [
        (size, size, digits, 6.0, 1.0, sigma, times * count, draw.getrandbits(48))
        for size, several in functions.items()
        for digits in several
        for sigma, times in SIGMAS.items()
    ]
    return means_below(run, vertex_error, cells)


def bound_holds_for_one_bit(separation: float, spacing: float, sigma: float) -> float:
    """E |s_sigma - s_{r,sigma}|^2 / V for n = m = 1, f(s) = s, by quadrature in binary64."""
    left = vertex_score.vertex_error_of_one_bit(Floats(), separation, spacing, sigma)
    return float(left / vertex_score.vertex_score_bound(Floats(), 1, 1, separation, spacing, sigma))


@evidence(vertex_score.VERTEX_SCORE, kind="property", scope="box")
def quadrature_for_one_bit_stays_below_the_bound(run: Run) -> Outcome:
    """n = m = 1: separation 1/2 to 8, spacing 1/4 to 6, sigma 1/4 to 10, unscaled."""
    cases = st.fixed_dictionaries(
        {
            "separation": on_a_log_scale(0.5, 8.0),
            "spacing": on_a_log_scale(0.25, 6.0),
            "sigma": on_a_log_scale(0.25, 10.0),
        }
    )
    return search(
        run,
        bound_holds_for_one_bit,
        cases,
        examples=run.size(12, 40, 400),
        on_implementation=False,
        tightness=True,
    )
