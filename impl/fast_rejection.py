"""Rejection sampling on the hard instance, fast: same law, most proposals dropped at once.

The threshold of a proposal is drawn first, as a budget -2 beta^2 log u for |y - A x|^2. The image
coordinates are then drawn one by one, and a proposal is dropped as soon as its partial residual
exceeds its budget; the hidden coordinates, which the measurement does not see, are drawn for the
accepted ones alone (Appendix E; the prior is that of Appendix A).
"""

from concurrent.futures import Executor
from dataclasses import dataclass

import torch

from hardposterior.impl import arguments
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.hidden_words import WordSource, pick, word_source
from hardposterior.impl.rejection import budgets
from hardposterior.impl.rejection_blocks import (
    Progress,
    RejectionResult,
    checked_measurement,
    checked_request,
    collect,
)
from hardposterior.impl.rejection_workers import Accepted
from hardposterior.impl.words import signs

BATCH = 2**16


LARGEST_BUDGET = 37.0  # above -log(2^-53), the largest budget


@dataclass(frozen=True)
class Coordinate:
    """One image coordinate given its measurement: both phases' points, the cheapest first.

    The cost of a point is (its residual)^2 / (2 beta^2). `edges` is increasing: bit b and a uniform
    number u in [0, 1) pick the point of the first edge above b + u; probabilities are resolved to
    2^-52. For each bit, `reach` is the mass of the points that any budget pays for, and `least`
    the cost of the cheapest.
    """

    edges: torch.Tensor
    points: torch.Tensor
    costs: torch.Tensor
    reach: torch.Tensor
    least: torch.Tensor

    @classmethod
    def of(cls, instance: HardInstance, beta: float, observed: float) -> "Coordinate":
        """The points of both phases, scaled."""
        edges, points, costs, reach = [], [], [], []
        for bit, law in enumerate(instance.phases.laws):
            point, mass = (part.cpu() for part in law.table())
            point = point / instance.separation
            cost, order = (((observed - point) / beta).square() / 2).sort()
            ends = mass[order].cumsum(0).clamp(max=1)
            ends[-1] = 1
            affordable = int((cost < LARGEST_BUDGET).sum())
            reach.append(float(ends[affordable - 1]) if affordable else 0.0)
            edges.append(bit + ends)
            points.append(point[order])
            costs.append(cost)
        least = torch.stack([cost[0] for cost in costs])
        near = torch.tensor(reach, dtype=torch.float64)
        return cls(torch.cat(edges), torch.cat(points), torch.cat(costs), near, least)

    def choose(self, u: torch.Tensor, bit: torch.Tensor) -> torch.Tensor:
        """The indices of the points that uniform numbers and bits pick."""
        found = torch.bucketize(u + bit, self.edges, right=True)
        return found.clamp_(max=len(self.edges) - 1)  # 1 + u can round up to 2


@dataclass(frozen=True)
class InstanceBlock:
    """A block of proposals from the hard instance's prior, made in float64."""

    words: WordSource
    coordinates: tuple[Coordinate, ...]
    n: int
    separation: float
    dtype: torch.dtype

    def __call__(self, seed: int, size: int) -> Accepted:
        """Propose `size` points from the stream of `seed`; return the accepted ones and where."""
        generator = torch.Generator().manual_seed(seed)
        words = self.words.draw(size, generator)
        budget = budgets(size, generator, torch.float64)
        places = torch.arange(size)
        image = torch.empty(size, 0, dtype=torch.float64)
        for j, coordinate in enumerate(self.coordinates):
            if len(places) == 0:
                return torch.empty(0, self.n + len(self.coordinates), dtype=self.dtype), places
            bit = words.image(j)
            u = torch.rand(len(places), generator=generator, dtype=torch.float64)
            affordable = (u < pick(coordinate.reach, bit)) & (pick(coordinate.least, bit) < budget)
            kept = affordable.nonzero()[:, 0]
            chosen = coordinate.choose(pick(u, kept), pick(bit, kept))
            left = pick(budget, kept) - pick(coordinate.costs, chosen)
            paid = (left > 0).nonzero()[:, 0]
            kept, chosen, budget = pick(kept, paid), pick(chosen, paid), pick(left, paid)
            words.keep(kept)
            places = pick(places, kept)
            image = torch.cat([pick(image, kept), pick(coordinate.points, chosen)[:, None]], -1)
        hidden = self.separation * signs(words.bits(), torch.float64)
        hidden += torch.randn(hidden.shape, generator=generator, dtype=torch.float64)
        x = torch.cat([hidden / self.separation, image], -1)
        return x.to(self.dtype), places


def fast_rejection_sample(
    instance: HardInstance,
    y: torch.Tensor,
    beta: float,
    count: int,
    generator: torch.Generator,
    *,
    max_proposals: int,
    batch: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> RejectionResult:
    """`count` draws of x given y = (last m coordinates of x) + beta N(0, I), scaled, y (m,).

    The law of `rejection_sample(PriorProposal(instance), instance.measurement(beta), y, ...)` up to
    probabilities of 2^-52 for each coordinate; the other arguments are the same (default batch
    65536). The function of the instance is evaluated once on all words where n <= 16, else
    bit-sliced on every block. Works on the CPU. Raises `InvalidArgument`.

    >>> from hardposterior.impl.functions import draw_table, random_table
    >>> stream = torch.Generator().manual_seed(0)
    >>> prior = HardInstance(random_table(draw_table(2, 2, stream)), separation=4.0, spacing=1.0)
    >>> y = torch.zeros(2, dtype=torch.float64)
    >>> fast_rejection_sample(prior, y, 0.1, 5, stream, max_proposals=10**6).samples.shape
    torch.Size([5, 4])
    """
    if not isinstance(instance, HardInstance):
        arguments.reject("instance", instance, "a HardInstance")
    batch = checked_request(count, generator, max_proposals, batch, executor, BATCH)
    if generator.device.type != "cpu" or (instance.device or generator.device).type != "cpu":
        arguments.reject("generator.device", str(generator.device), "the CPU, and the instance too")
    beta = arguments.positive("beta", beta)
    observed = checked_measurement(y, instance.m, instance.dtype).tolist()
    block = InstanceBlock(
        word_source(instance.function),
        tuple(Coordinate.of(instance, beta, value) for value in observed),
        instance.n,
        instance.separation,
        instance.dtype,
    )
    return collect(
        block,
        instance.d,
        instance.dtype,
        count,
        generator,
        max_proposals=max_proposals,
        batch=batch,
        executor=executor,
        progress=progress,
    )
