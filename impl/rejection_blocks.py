"""Rejection sampling over blocks of proposals: the first draws, how many proposals they took.

Proposals are counted up to the last draw that is used, so the result does not depend on how many
blocks were under way (`hardposterior.impl.rejection_workers`).
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import torch
from scipy import stats

from hardposterior.impl import arguments
from hardposterior.impl.rejection_workers import Block, in_order

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Acceptance:
    """accepted / proposals, and an exact interval: it covers with probability >= `confidence`.

    Exact for draws that stop at a number of acceptances or of proposals, whichever comes first:
    outcomes in the order of their estimates are stochastically increasing in the probability.
    """

    estimate: float
    low: float
    high: float
    confidence: float = CONFIDENCE


@dataclass(frozen=True)
class RejectionResult:
    """What rejection sampling found.

    `samples` (k, d), k <= count; `proposals`, how many were drawn up to the last sample where k =
    count, else all of them; `complete`, whether k = count.

    >>> RejectionResult(torch.zeros(3, 2), proposals=30, complete=True).acceptance.estimate
    0.1
    """

    samples: torch.Tensor = field(repr=False)
    proposals: int
    complete: bool

    @property
    def acceptance(self) -> Acceptance:
        """The estimated probability of accepting, 1 / (mean proposals per draw)."""
        return acceptance(len(self.samples), self.proposals, self.complete)


def acceptance(accepted: int, proposals: int, complete: bool) -> Acceptance:
    """The estimate and its exact interval from counts; [0, 1] where nothing was proposed.

    >>> acceptance(0, 100, complete=False).estimate
    0.0
    """
    if proposals == 0:
        return Acceptance(0.0, 0.0, 1.0)
    tail, missed = (1 - CONFIDENCE) / 2, proposals - accepted
    low = stats.beta.ppf(tail, accepted, missed + 1) if accepted else 0.0
    # A completed run ends on an acceptance, so one fewer may lie above the last failure.
    above = accepted if complete else accepted + 1
    high = stats.beta.ppf(1 - tail, above, missed) if missed else 1.0
    return Acceptance(accepted / proposals, float(low), float(high))


Progress = Callable[[RejectionResult], None]


def collect(
    block: Block,
    d: int,
    dtype: torch.dtype,
    count: int,
    generator: torch.Generator,
    *,
    max_proposals: int,
    batch: int,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> RejectionResult:
    """The first `count` accepted proposals of consecutive blocks of `batch`, at most max_proposals.

    `progress` is given the result so far after every block. Memory: the draws, and the accepted
    ones of the blocks under way.
    """
    # Consecutive seeds: the CPU generator keeps only 32 bits, and drawn ones could collide.
    root = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    sizes = (min(batch, max_proposals - first) for first in range(0, max_proposals, batch))
    blocks = ((root + index, size) for index, size in enumerate(sizes))
    parts = [torch.empty(0, d, dtype=dtype, device=generator.device)]
    accepted, passed = 0, 0
    results = in_order(block, blocks, executor)
    try:
        for size, (found, places) in results:
            samples = found.to(generator.device)
            wanted = count - accepted
            accepted += min(len(samples), wanted)
            complete = len(samples) >= wanted
            if len(samples):  # an empty tensor kept from every block would pin the heap
                parts.append(samples[:wanted])
            passed += int(places[wanted - 1]) + 1 if complete else size
            if progress is not None:
                progress(RejectionResult(torch.cat(parts), passed, complete))
            if complete:
                break
    finally:
        results.close()
    return RejectionResult(torch.cat(parts), passed, accepted == count)


def checked_request(
    count: int,
    generator: torch.Generator,
    max_proposals: int,
    batch: int | None,
    executor: Executor | None,
    default_batch: int,
) -> int:
    """Check what both samplers are asked; return the batch."""
    count = arguments.integer("count", count, 1)
    arguments.generator(generator)
    most = arguments.integer("max_proposals", max_proposals, 1)
    if most < count:
        arguments.reject(
            "max_proposals", most, f"at least count = {count}: a draw needs one or more"
        )
    if executor is not None and not hasattr(executor, "submit"):
        arguments.reject("executor", executor, "a concurrent.futures.Executor")
    if batch is None:
        return min(default_batch, most)
    return arguments.integer("batch", batch, 1)


def checked_measurement(y: torch.Tensor, m: int, dtype: torch.dtype) -> torch.Tensor:
    """y if it is one finite measurement of shape (m,)."""
    if not isinstance(y, torch.Tensor) or tuple(y.shape) != (m,):
        shown = tuple(y.shape) if isinstance(y, torch.Tensor) else y
        arguments.reject("y.shape", shown, f"({m},): one measurement")
    if y.dtype != dtype:
        arguments.reject("y.dtype", y.dtype, f"{dtype}")
    if not bool(y.isfinite().all()):
        arguments.reject("y", y.tolist(), "finite")
    return y
