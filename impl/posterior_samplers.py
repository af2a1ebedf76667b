"""Posterior samplers of a hard instance by the audit's contract, good ones and spoilt ones.

Each is called `sampler(denoise, A, y, beta, count, generator) -> (count, d)` on one y (m,) and
looks at the instance instead of `denoise`: references, whose (tau, delta) is known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from hardposterior.impl import arguments
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.inversion import PosteriorSampler
from hardposterior.impl.points import normal
from hardposterior.impl.word_search import preimages
from hardposterior.impl.words import signs

FINE = 2.0**12
"""Cells a unit of y: far below any noise, so that the place of y in its cell is uniform."""


@dataclass(frozen=True)
class ExactSampler:
    """The exact posterior by enumeration, n <= 20: a (0, 0)-posterior sampler."""

    instance: HardInstance

    def __call__(
        self, denoise: Any, A: Any, y: torch.Tensor, beta: float, count: int, generator: Any
    ) -> torch.Tensor:
        del denoise, A
        return self.instance.posterior(y, beta).sample(count, generator)


@dataclass(frozen=True)
class PriorSampler:
    """The prior, whatever y: it inverts at chance."""

    instance: HardInstance

    def __call__(
        self, denoise: Any, A: Any, y: torch.Tensor, beta: float, count: int, generator: Any
    ) -> torch.Tensor:
        del denoise, A, y, beta
        x: torch.Tensor = self.instance.sample(count, generator)[0]
        return x


@dataclass(frozen=True)
class RejectionSampler:
    """The exact posterior by rejection, a few image bits at most; `InvalidArgument` if it fails."""

    instance: HardInstance
    max_proposals: int = 10**8

    def __call__(
        self, denoise: Any, A: Any, y: torch.Tensor, beta: float, count: int, generator: Any
    ) -> torch.Tensor:
        del denoise, A
        found = fast_rejection_sample(
            self.instance, y, beta, count, generator, max_proposals=self.max_proposals
        )
        if len(found.samples) < count:
            allowed = f"enough for {count} draws; {len(found.samples)} were made"
            arguments.reject("max_proposals", self.max_proposals, allowed)
        return found.samples


@dataclass(frozen=True)
class SearchSampler:
    """The baseline: read the image bits off y, try every word, draw the rest of x.

    y is decoded to the nearest point of both lattices; where no word has that image, the word is a
    guess.
    """

    instance: HardInstance

    def __call__(
        self, denoise: Any, A: Any, y: torch.Tensor, beta: float, count: int, generator: Any
    ) -> torch.Tensor:
        del denoise, A, beta
        law = self.instance
        half_steps = torch.round(2 * law.separation * y / law.spacing)
        image = (half_steps.remainder(2) == 0).to(torch.int64)
        words = preimages(law.function, image)
        if len(words) == 0:
            words = torch.randint(0, 2, (1, law.n), generator=generator, device=y.device)
        chosen = torch.randint(0, len(words), (count,), generator=generator, device=y.device)
        hidden = signs(words[chosen], law.dtype)
        hidden = hidden + normal(hidden.shape, generator, hidden) / law.separation
        points = half_steps * law.spacing / (2 * law.separation)
        return torch.cat([hidden, points.expand(count, -1)], -1)


@dataclass(frozen=True)
class SpoiltSampler:
    """`sampler`, spoilt as far as (tau, delta) allows: a (tau, delta)-posterior sampler if exact.

    On a share delta of all y it draws from the prior; elsewhere a share delta of its draws does.
    Other draws have their hidden coordinate nearest 0 moved by tau towards and across 0.
    """

    sampler: PosteriorSampler
    instance: HardInstance
    tau: float = 0.0
    delta: float = 0.0

    def __call__(
        self,
        denoise: Callable[..., torch.Tensor],
        A: torch.Tensor,
        y: torch.Tensor,
        beta: float,
        count: int,
        generator: torch.Generator,
    ) -> torch.Tensor:
        spare = self.instance.sample(count, generator)[0]
        if float((y[0] * FINE).remainder(1)) < self.delta:
            return spare
        x = self.sampler(denoise, A, y, beta, count, generator).clone()
        weakest = x[:, : self.instance.n].abs().argmin(-1, keepdim=True)
        value = x.gather(-1, weakest)
        x.scatter_(-1, weakest, value - self.tau * signs((value > 0).long(), x.dtype))
        spoilt = torch.rand(count, 1, generator=generator, dtype=torch.float64, device=x.device)
        return torch.where(spoilt < self.delta, spare, x)
