"""Samplers whose verdict is known: every audit runs them, and is void where one misbehaves.

They have the contract of a sampler under audit, `sampler(denoise, A, y, beta, count, generator)`,
and know the problem besides.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from itertools import pairwise

import torch

from hardposterior.properties.audit.problem import Law, Problem

Denoiser = Callable[[torch.Tensor, float], torch.Tensor]
Sampler = Callable[
    [Denoiser, torch.Tensor, torch.Tensor, float, int, torch.Generator], torch.Tensor
]

STEPS = 1000
"""Of the diffusion: with 400 the draws of a hard instance's prior are only 70 % self-consistent."""

HIGHEST, LOWEST = 20.0, 1e-3
"""Its first and last noise level, in units of the problem's scale."""


def diffusion(
    denoise: Denoiser, dim: int, scale: float, count: int, generator: torch.Generator, steps: int
) -> torch.Tensor:
    """Draws (count, dim) of the law that `denoise` is the denoiser of, by reverse diffusion.

    Each step is the exact transition for a denoiser frozen at its value (Appendix F); the levels
    are in constant ratio. The last denoised rows are returned, with no noise left.
    """
    ratio = math.log(LOWEST / HIGHEST)
    levels = [scale * HIGHEST * math.exp(ratio * k / steps) for k in range(steps + 1)]
    x = levels[0] * torch.randn(count, dim, generator=generator, dtype=torch.float64)
    for here, there in pairwise(levels):
        keep = (there / here) ** 2
        noise = torch.randn(count, dim, generator=generator, dtype=torch.float64)
        x = torch.lerp(denoise(x, here), x, keep) + there * math.sqrt(1 - keep) * noise
    return denoise(x, levels[-1])


def exact_posterior(problem: Problem) -> Sampler:
    """Exact draws: must pass `exactness`."""

    def sampler(
        denoise: Denoiser,  # noqa: ARG001
        A: torch.Tensor,  # noqa: ARG001
        y: torch.Tensor,
        beta: float,  # noqa: ARG001
        count: int,
        generator: torch.Generator,
    ) -> torch.Tensor:
        return _posterior(problem, y).sample(count, generator)

    return sampler


def exact_conditional_score(problem: Problem, steps: int = STEPS) -> Sampler:
    """Diffusion with the posterior's own denoiser: must pass `claim` at 1000 steps."""

    def sampler(
        denoise: Denoiser,  # noqa: ARG001
        A: torch.Tensor,  # noqa: ARG001
        y: torch.Tensor,
        beta: float,  # noqa: ARG001
        count: int,
        generator: torch.Generator,
    ) -> torch.Tensor:
        law = _posterior(problem, y)
        return diffusion(law.denoise, problem.dim, problem.scale, count, generator, steps)

    return sampler


@dataclass(frozen=True)
class Planted(Problem):
    """A problem that remembers which x each y was made from: one exact draw given that y."""

    made: dict[tuple[float, ...], torch.Tensor] = field(default_factory=dict, repr=False)

    def draw(self, count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Fresh pairs x (count, d) from the prior and their y (count, m)."""
        x, y = super().draw(count, generator)
        self.made.update((tuple(b.tolist()), a) for a, b in zip(x, y, strict=True))
        return x, y


def planted(problem: Problem) -> tuple[Planted, Sampler]:
    """The problem, and a sampler that returns the x that y was made from: must pass.

    Where the posterior cannot be sampled this is still one exact draw given y, and one is asked.
    """
    remembering = Planted(**{f.name: getattr(problem, f.name) for f in fields(problem)})

    def sampler(
        denoise: Denoiser,  # noqa: ARG001
        A: torch.Tensor,  # noqa: ARG001
        y: torch.Tensor,
        beta: float,  # noqa: ARG001
        count: int,
        generator: torch.Generator,  # noqa: ARG001
    ) -> torch.Tensor:
        return remembering.made[tuple(y.tolist())].expand(count, -1)

    return remembering, sampler


def prior_alone(problem: Problem) -> Sampler:
    """Exact draws of the prior, whatever y is: must be refuted."""

    def sampler(
        denoise: Denoiser,  # noqa: ARG001
        A: torch.Tensor,  # noqa: ARG001
        y: torch.Tensor,  # noqa: ARG001
        beta: float,  # noqa: ARG001
        count: int,
        generator: torch.Generator,
    ) -> torch.Tensor:
        return problem.prior.sample(count, generator)

    return sampler


CONTROLS: dict[str, Callable[[Problem], Sampler]] = {
    "exact posterior": exact_posterior,
    "exact conditional score": exact_conditional_score,
    "prior that ignores y": prior_alone,
}


def _posterior(problem: Problem, y: torch.Tensor) -> Law:
    if problem.posterior is None:
        raise ValueError(f"problem = {problem.name!r}: must be one whose exact posterior is known")
    return problem.posterior(y)
