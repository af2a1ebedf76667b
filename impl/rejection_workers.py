"""Blocks of proposals in order, here or over an executor: what they hold does not depend on which.

Block k is a function of its own seed and size alone. Blocks are taken in order whoever computes
them, so the number of workers, their speed and their deaths change nothing but the time.
"""

import os
import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import lru_cache
from itertools import count as count_up
from itertools import islice
from typing import Any

import numpy as np
import torch

Accepted = tuple[torch.Tensor, torch.Tensor]
"""Accepted proposals (k, d) and their increasing places in the block (k,)."""

Block = Callable[[int, int], Accepted]
"""`block(seed, size)`: the accepted ones of `size` proposals; picklable where workers need it."""

LARGEST_TASK = 32  # blocks

Task = list[tuple[int, int]]
"""(seed, size) of consecutive blocks that travel together."""


Arrays = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def portable(block: Block) -> Block | bytes:
    """The block as bytes, where pickle can: an executor would share each tensor as a file."""
    try:
        return pickle.dumps(block)
    except (pickle.PicklingError, AttributeError, TypeError):
        return block  # for threads, and executors that carry more than pickle does


@lru_cache(maxsize=1)
def unpacked(content: bytes) -> Block:
    """The block of `portable`, unpickled once for many tasks."""
    block: Block = pickle.loads(content)
    return block


def run_task(carried: Block | bytes, task: Task) -> list[Arrays]:
    """The blocks of a task, in this process; arrays, which travel cheaper than tensors."""
    block = unpacked(carried) if isinstance(carried, bytes) else carried
    found = [block(seed, size) for seed, size in task]
    return [(samples.cpu().numpy(), places.cpu().numpy()) for samples, places in found]


def in_order(
    block: Block, blocks: Iterator[tuple[int, int]], executor: Executor | None
) -> Generator[tuple[int, Accepted], None, None]:
    """(size, block(seed, size)) for each block in order; a dead worker's blocks are redone here.

    Tasks grow from one block to `LARGEST_TASK`: few draws come soon, many travel cheaply.
    """
    if executor is None:
        for seed, size in blocks:
            yield size, block(seed, size)
        return
    ahead = 2 * (getattr(executor, "_max_workers", None) or os.cpu_count() or 1)
    carried = portable(block)
    lengths = (min(2 ** (i // ahead), LARGEST_TASK) for i in count_up())
    tasks = iter(lambda: list(islice(blocks, next(lengths))), [])
    waiting: deque[tuple[Task, Future[list[Arrays]] | None]] = deque()
    try:
        for task in islice(tasks, ahead):
            waiting.append((task, _submitted(executor, carried, task)))
        while waiting:
            task, future = waiting.popleft()
            found = _result(future, carried, task)
            for following in islice(tasks, 1):
                waiting.append((following, _submitted(executor, carried, following)))
            for (_, size), (samples, places) in zip(task, found, strict=True):
                yield size, (torch.from_numpy(samples), torch.from_numpy(places))
    finally:
        for _, future in waiting:
            if future is not None:
                future.cancel()


def _submitted(executor: Executor, block: Block | bytes, task: Task) -> Future[list[Arrays]] | None:
    """The task in a worker; None where a worker's death has broken the executor."""
    try:
        return executor.submit(run_task, block, task)
    except BrokenExecutor:
        return None


def _result(future: Future[list[Arrays]] | None, block: Block | bytes, task: Task) -> list[Arrays]:
    """What a worker found, or the same found here if it died."""
    try:
        return run_task(block, task) if future is None else future.result()
    except BrokenExecutor:
        return run_task(block, task)
