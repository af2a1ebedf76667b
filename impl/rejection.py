"""Rejection sampling from a posterior (Appendix E): exact draws from any sampler of the prior.

A proposal x is accepted with probability exp(-|y - A x|^2 / (2 beta^2)): what is accepted has the
law of x given y = A x + beta N(0, I), exactly, if proposals have the law of x.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import torch

from hardposterior.impl import arguments
from hardposterior.impl.measurement import LinearMeasurement
from hardposterior.impl.rejection_blocks import (
    Progress,
    RejectionResult,
    checked_measurement,
    checked_request,
    collect,
)
from hardposterior.impl.rejection_workers import Accepted

Proposal = Callable[[int, torch.Generator], torch.Tensor]

BATCH = 4096


def budgets(count: int, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
    """Acceptance thresholds (count,): accept where |y - A x|^2 / (2 beta^2) is below.

    -log(1 - u) is finite, exponential with mean 1, and resolves probabilities to 2^-53.
    """
    u = torch.rand(count, generator=generator, dtype=torch.float64, device=generator.device)
    return u.neg_().log1p_().neg_().to(dtype)


@dataclass(frozen=True)
class PriorProposal:
    """Proposals from a prior whose `sample` returns the points and what made them."""

    prior: Any

    def __call__(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """`count` points of the prior, shape (count, d)."""
        x: torch.Tensor = self.prior.sample(count, generator)[0]
        return x


@dataclass(frozen=True)
class ProposalBlock:
    """A block of proposals from a sampler of the prior."""

    proposal: Proposal
    measurement: LinearMeasurement
    y: torch.Tensor

    def __call__(self, seed: int, size: int) -> Accepted:
        """Propose `size` points from the stream of `seed`; return the accepted ones and where."""
        generator = torch.Generator(self.y.device).manual_seed(seed)
        x = self._proposed(size, generator)
        budget = budgets(size, generator, x.dtype)
        residual = (self.y - x @ self.measurement.A.T) / self.measurement.beta
        places = (residual.square().sum(-1) / 2 < budget).nonzero()[:, 0]
        return x[places], places

    def _proposed(self, size: int, generator: torch.Generator) -> torch.Tensor:
        """The proposals, checked."""
        x: Any = self.proposal(size, generator)
        expected = (size, self.measurement.d)
        if not isinstance(x, torch.Tensor) or tuple(x.shape) != expected:
            shown = tuple(x.shape) if isinstance(x, torch.Tensor) else type(x).__name__
            arguments.reject("proposal(count, generator)", shown, f"a tensor of shape {expected}")
        if x.dtype != self.y.dtype:
            arguments.reject("proposal(count, generator).dtype", x.dtype, f"{self.y.dtype}")
        if not bool(x.isfinite().all()):
            arguments.reject("proposal(count, generator)", "NaN or infinity", "finite")
        return x.detach()


def rejection_sample(
    proposal: Proposal,
    measurement: LinearMeasurement,
    y: torch.Tensor,
    count: int,
    generator: torch.Generator,
    *,
    max_proposals: int,
    batch: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> RejectionResult:
    """`count` draws of x given y, from `proposal(count, generator) -> (count, d)`, any sampler.

    y (m,) in the units of A x. Stops at `max_proposals` with what it has. Proposals are made
    `batch` at a time (default 4096), each batch from a stream of its own, so the draws depend on
    `generator`, `max_proposals` and `batch`, and not on `executor`: its workers must be able to
    receive `proposal`. Worker processes should be spawned: a fork of a process whose torch threads
    have run may hang. Work of a worker that dies is done again here. The mean number of proposals
    per draw is 1 / q(y), q(y) = (2 pi beta^2)^(m/2) p(y) (Appendix E). Averaged over y it is
    infinite for every prior.

    Raises `InvalidArgument` for y of the wrong length or not finite, a proposal that returns
    another shape or dtype or points that are not finite, and max_proposals below count.

    >>> measurement = LinearMeasurement(torch.ones(1, 1), beta=1.0)
    >>> normal = lambda count, generator: torch.randn(count, 1, generator=generator)
    >>> stream = torch.Generator().manual_seed(0)
    >>> found = rejection_sample(normal, measurement, torch.ones(1), 5, stream, max_proposals=1000)
    >>> found.samples.shape
    torch.Size([5, 1])
    """
    if not callable(proposal):
        arguments.reject("proposal", proposal, "a callable proposal(count, generator)")
    if not isinstance(measurement, LinearMeasurement):
        arguments.reject("measurement", measurement, "a LinearMeasurement")
    batch = checked_request(count, generator, max_proposals, batch, executor, BATCH)
    y = checked_measurement(y, measurement.m, measurement.A.dtype)
    return collect(
        ProposalBlock(proposal, measurement, y),
        measurement.d,
        y.dtype,
        count,
        generator,
        max_proposals=max_proposals,
        batch=batch,
        executor=executor,
        progress=progress,
    )
