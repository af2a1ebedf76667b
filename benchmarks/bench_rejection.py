"""Rejection on the hard instance, n = m = 16 at calibrated beta, where draws are out of reach."""

import time
from collections.abc import Iterator
from typing import Any

import torch
from figure import Measured, Ratio, crowded, figure, times_faster, times_the_cost_of
from timing import Work, growth, ratio

from hardposterior.impl import fast_rejection
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.functions import draw_neighbours, draw_table, goldreich
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.hidden_words import word_source
from hardposterior.impl.rejection import PriorProposal, rejection_sample
from hardposterior.verification import process_pool

N = 16
SEPARATION, SPACING, BETA = 6.6, 1.04, 0.0107  # about what `calibrate` finds for C = 2
PROPOSALS, FEW = 2**21, 2**15


class Table:
    """A random function, looked up in a table; picklable."""

    def __init__(self) -> None:
        self.n = self.m = N
        self.table = draw_table(N, N, torch.Generator().manual_seed(0))

    def __call__(self, bits: torch.Tensor) -> torch.Tensor:
        return self.table[(bits * 2 ** torch.arange(self.n - 1, -1, -1)).sum(-1)]


class Counting:
    """A source of words that counts the coordinates that are looked at."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.used: list[int] = []

    def draw(self, size: int, generator: torch.Generator) -> Any:
        block = self.source.draw(size, generator)
        image = block.image

        def counted(j: int) -> Any:
            found = image(j)
            self.used.append(len(found))
            return found

        block.image = counted
        return block


def problem(function: Any) -> tuple[HardInstance, torch.Tensor]:
    instance = HardInstance(function, SEPARATION, SPACING)
    generator = torch.Generator().manual_seed(1)
    x, _ = instance.sample(1, generator)
    return instance, instance.measurement(BETA).observe(x, generator)[0]


def fast(
    instance: HardInstance, y: torch.Tensor, proposals: int = PROPOSALS, executor: Any = None
) -> object:
    stream = torch.Generator().manual_seed(2)
    return fast_rejection_sample(
        instance, y, BETA, 1, stream, max_proposals=proposals, executor=executor
    )


def direct(instance: HardInstance, y: torch.Tensor, proposals: int) -> object:
    stream = torch.Generator().manual_seed(2)
    return rejection_sample(
        PriorProposal(instance),
        instance.measurement(BETA),
        y,
        1,
        stream,
        max_proposals=proposals,
    )


def looked_at(function: Any, instance: HardInstance, y: torch.Tensor) -> list[int]:
    """How many proposals each coordinate of each batch was looked at for."""
    counting, own = Counting(word_source(function)), fast_rejection.word_source
    fast_rejection.word_source = lambda _: counting  # type: ignore[assignment, return-value]
    try:
        fast(instance, y)
    finally:
        fast_rejection.word_source = own
    return counting.used


def random_numbers(looks: list[int]) -> None:
    """The thresholds, the words and one uniform number for every coordinate that is looked at."""
    generator = torch.Generator().manual_seed(3)
    for look in batches(looks):
        torch.rand(fast_rejection.BATCH, generator=generator, dtype=torch.float64)
        torch.randint(0, 1 << N, (fast_rejection.BATCH,), generator=generator)
        for left in look:
            torch.rand(left, generator=generator, dtype=torch.float64)


def batches(looks: list[int]) -> Iterator[list[int]]:
    """The looks of each batch, whose first coordinate is looked at for all of it."""
    starts = [k for k, look in enumerate(looks) if look == fast_rejection.BATCH]
    for start, stop in zip(starts, [*starts[1:], len(looks)], strict=True):
        yield looks[start:stop]


def fast_path(function: Any) -> Measured:
    instance, y = problem(function)
    looks = looked_at(function, instance, y)

    def of_proposals(proposals: int) -> Work:
        return lambda: fast(instance, y, proposals)

    return Measured(
        times_faster(
            "direct rejection",
            lambda: direct(instance, y, FEW),
            lambda: fast(instance, y),
            share=FEW / PROPOSALS,
        ),
        times_the_cost_of(
            "the random numbers", lambda: fast(instance, y), lambda: random_numbers(looks)
        ),
        {"proposals": growth((2**20, 2**22, 2**24), of_proposals)},
        speed=f"{sum(looks) / PROPOSALS:.2f} coordinates a proposal",
    )


@figure("rejection-table", "proposals of fast rejection, a random table, n = m = 16")
def on_a_table() -> Measured:
    return fast_path(Table())


@figure("rejection-goldreich", "proposals of fast rejection, Goldreich's function, n = m = 16")
def on_goldreich() -> Measured:
    return fast_path(goldreich(draw_neighbours(N, N, torch.Generator().manual_seed(4)), n=N))


@figure("rejection-workers", "fast rejection by two workers")
def two_workers() -> Measured:
    against = "one worker"
    if reason := crowded(2):
        return Measured(Ratio(against, skipped=reason))
    instance, y = problem(Table())
    with process_pool(1) as one, process_pool(2) as two:
        value = ratio(
            lambda: fast(instance, y, 2**24, one),
            lambda: fast(instance, y, 2**24, two),
            clock=time.perf_counter,
        )
    return Measured(Ratio(against, value))
