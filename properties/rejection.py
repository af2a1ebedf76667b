"""Rejection samplers held to the closed form of the posterior, by their draws alone."""

import math
from typing import Any

import numpy as np
import torch
from scipy import stats

from hardposterior.properties.arithmetic import Decimals
from hardposterior.properties.counts import counts_p_value, two_sided
from hardposterior.properties.tables import Function, table_of
from hardposterior.spec import hard_instance, rejection
from hardposterior.spec.evidence import Outcome, Run, evidence, judged

ctx = Decimals(50)

SAMPLER = ("rejection_sample", "LinearMeasurement")
ON_INSTANCE = ("rejection_sample", "HardInstance")

Law = tuple[float, tuple[float, float], float]
"""Weight, centre in the plane and standard deviation of one Gaussian."""

MIXTURES: tuple[tuple[Law, ...], ...] = (
    ((1.0, (0.0, 0.0), 1.0),),
    ((0.3, (-1.0, -1.0), 0.5), (0.7, (1.0, 1.0), 0.25)),
)
ROW, NOISE, OBSERVED = (0.6, 0.8), 0.3, 0.4
DIRECTIONS = ((1.0, 0.0), (0.0, 1.0), (0.6, 0.8), (0.8, -0.6))


class Proposal:
    """Draws of a mixture of isotropic Gaussians in the plane."""

    def __init__(self, mixture: tuple[Law, ...]) -> None:
        self.mixture = mixture

    def __call__(self, count: int, generator: torch.Generator) -> torch.Tensor:
        weights, centres, scales = zip(*self.mixture, strict=True)
        chances = torch.tensor(weights, dtype=torch.float64)
        chosen = torch.multinomial(chances, count, replacement=True, generator=generator)
        noise = torch.randn(count, 2, dtype=torch.float64, generator=generator)
        spread = torch.tensor(scales, dtype=torch.float64)[chosen, None]
        return torch.tensor(centres, dtype=torch.float64)[chosen] + spread * noise


def posterior_of(mixture: tuple[Law, ...]) -> tuple[list[tuple[float, Any, Any]], float]:
    """Weights, means and covariances given y = OBSERVED, and q(y); |ROW| = 1."""
    row, parts = np.array(ROW), []
    for weight, centre, scale in mixture:
        variance = scale**2 + NOISE**2
        mean = float(row @ np.array(centre))
        gain = scale**2 / variance * row
        parts.append(
            (
                weight * stats.norm.pdf(OBSERVED, mean, math.sqrt(variance)),
                np.array(centre) + gain * (OBSERVED - mean),
                scale**2 * (np.eye(2) - np.outer(gain, row)),
            )
        )
    density = sum(weight for weight, _, _ in parts)
    q = math.sqrt(2 * math.pi) * NOISE * density
    return [(weight / density, mean, cov) for weight, mean, cov in parts], q


def draws_of(implementation: Any, mixture: tuple[Law, ...], count: int, seed: int) -> Any:
    """A run of the sampler on a mixture."""
    measurement = implementation.LinearMeasurement(torch.tensor([ROW], dtype=torch.float64), NOISE)
    return implementation.rejection_sample(
        Proposal(mixture),
        measurement,
        torch.tensor([OBSERVED], dtype=torch.float64),
        count,
        torch.Generator().manual_seed(seed),
        max_proposals=1000 * count,
    )


def draws_follow_the_posterior(
    implementation: Any, mixture: tuple[Law, ...], count: int, seed: int
) -> float:
    """The least Kolmogorov-Smirnov p-value over four directions, corrected."""
    parts, _ = posterior_of(mixture)
    x = draws_of(implementation, mixture, count, seed).samples.double().cpu().numpy()
    least = 1.0
    for direction in np.array(DIRECTIONS):
        marginal = [(w, mean @ direction, direction @ cov @ direction) for w, mean, cov in parts]

        def cdf(z: Any, marginal: Any = marginal) -> Any:
            return sum(w * stats.norm.cdf(z, mean, math.sqrt(v)) for w, mean, v in marginal)

        least = min(least, float(stats.kstest(x @ direction, cdf).pvalue))
    return min(1.0, least * len(DIRECTIONS))


def proposals_are_geometric(
    implementation: Any, mixture: tuple[Law, ...], count: int, seed: int
) -> float:
    """The p-value of the number of proposals: a sum of `count` geometric ones of mean 1 / q(y)."""
    found = draws_of(implementation, mixture, count, seed)
    q = posterior_of(mixture)[1]
    return two_sided(stats.nbinom(count, q), found.proposals - count)


class Prior:
    """An instance's prior as a proposal."""

    def __init__(self, law: Any) -> None:
        self.law = law

    def __call__(self, count: int, generator: torch.Generator) -> torch.Tensor:
        x: torch.Tensor = self.law.sample(count, generator)[0]
        return x


def images_follow_the_posterior(
    implementation: Any,
    n: int,
    m: int,
    digits: str,
    separation: float,
    spacing: float,
    beta: float,
    y: tuple[float, ...],
    count: int,
    seed: int,
) -> float:
    """The p-value of f(s), read off the lattice, against 50 digits of P(f(s) | y)."""
    table = table_of(n, m, digits)
    law = implementation.HardInstance(Function(table), separation, spacing)
    found = implementation.rejection_sample(
        Prior(law),
        law.measurement(beta),
        torch.tensor(y, dtype=getattr(law, "dtype", torch.float64)),
        count,
        torch.Generator().manual_seed(seed),
        max_proposals=10_000 * count,
    )
    steps = (found.samples[:, n:].double() * separation / (spacing / 2)).round().to(torch.int64)
    seen = [tuple(row) for row in (1 - steps % 2).tolist()]
    R, eps, noise = (ctx.number(value) for value in (separation, spacing, beta))
    words = hard_instance.scaled_posterior(ctx, table, R, eps, noise, [ctx.number(c) for c in y])
    chances: dict[tuple[int, ...], float] = {}
    for image, chance in zip(table, words, strict=True):
        chances[tuple(image)] = chances.get(tuple(image), 0.0) + float(chance)
    if set(seen) - set(chances):
        return 0.0
    counts = np.array([seen.count(image) for image in chances])
    return counts_p_value(counts, np.array(list(chances.values())))


@evidence(rejection.REJECTION_EXACT, kind="statistical", scope="box", needs=SAMPLER)
def implemented_draws_follow_gaussian_and_mixture_posteriors(run: Run) -> Outcome:
    """Four marginals of the closed-form posterior; false alarm 1e-6.

    10,000 draws see a shift of 0.1 deviations along one of them.
    """
    count = run.size(10_000, 20_000, 200_000)
    p_values = [
        draws_follow_the_posterior(run.implementation, mixture, count, run.seed)
        for mixture in MIXTURES
    ]
    call = (
        f"{__name__}.draws_follow_the_posterior(implementation, "
        f"{MIXTURES[p_values.index(min(p_values))]}, {count}, {run.seed})"
    )
    return judged(min(1.0, min(p_values) * len(MIXTURES)), count * len(MIXTURES), call)


INSTANCES = (
    (3, 2, "e41b", 2.0, 1.5, 0.25, (0.4, -0.3)),
    (5, 2, "0123456789abcdef", 3.0, 1.11, 0.2, (0.1, 0.25)),
)


@evidence(rejection.REJECTION_EXACT, kind="statistical", scope="box", needs=ON_INSTANCE)
def implemented_draws_follow_the_hard_instance(run: Run) -> Outcome:
    """Images of the draws against P(f(s) | y); false alarm 1e-6.

    Sees an error of 0.05 in a probability.
    """
    count = run.size(6000, 20_000, 100_000)
    cases = [(*instance, count, run.seed) for instance in INSTANCES]
    p_values = [images_follow_the_posterior(run.implementation, *case) for case in cases]
    worst = cases[p_values.index(min(p_values))]
    shown = ", ".join(map(repr, worst))
    call = f"{__name__}.images_follow_the_posterior(implementation, {shown})"
    return judged(min(1.0, min(p_values) * len(cases)), count * len(cases), call)


@evidence(rejection.REJECTION_MEAN, kind="statistical", scope="box", needs=SAMPLER)
def implemented_proposals_are_geometric(run: Run) -> Outcome:
    """The number of proposals for many draws; false alarm 1e-6; sees a tenth in q(y)."""
    count = run.size(6000, 20_000, 200_000)
    p_values = [
        proposals_are_geometric(run.implementation, mixture, count, run.seed)
        for mixture in MIXTURES
    ]
    call = (
        f"{__name__}.proposals_are_geometric(implementation, "
        f"{MIXTURES[p_values.index(min(p_values))]}, {count}, {run.seed})"
    )
    return judged(min(1.0, min(p_values) * len(MIXTURES)), count * len(MIXTURES), call)
