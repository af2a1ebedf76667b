"""Ratios and growth in one run: contestants take turns, so a slow spell hits all of them.

A number is a median over rounds with an interval that holds the true median in 93 % of runs at
least, whatever the law of the noise (order statistics). Times are processor time unless a
contestant has helpers, and never leave this module.
"""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

ROUNDS = 5
SHORTEST = 0.02
"""Seconds that one timing takes at least: shorter work is repeated."""

COVERAGE = 0.93

Work = Callable[[], object]


@dataclass(frozen=True)
class Spread:
    """A median and the interval around it."""

    middle: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """The median and the narrowest pair of order statistics of coverage `COVERAGE`.

    Both ends of n values miss the median with probability 2^(1 - n), so fewer than 5 cover less.

    >>> spread([3.0, 1.0, 2.0, 5.0, 4.0])
    Spread(middle=3.0, low=1.0, high=5.0)
    """
    ordered, n = sorted(values), len(values)
    cut, missed = 0, 2.0 ** (1 - n)
    while cut + 1 < (n - 1) / 2:
        missed += 2 * math.comb(n, cut + 1) * 0.5**n
        if missed > 1 - COVERAGE:
            break
        cut += 1
    return Spread(statistics.median(ordered), ordered[cut], ordered[n - 1 - cut])


def seconds(work: Work, repeats: int, clock: Callable[[], float]) -> float:
    """Seconds of one call, from `repeats` calls."""
    start = clock()
    for _ in range(repeats):
        work()
    return (clock() - start) / repeats


def repeats_of(work: Work, clock: Callable[[], float]) -> int:
    """Warm up, then how many calls take `SHORTEST` seconds."""
    if seconds(work, 1, clock) > 10 * SHORTEST:
        return 1
    return max(1, math.ceil(SHORTEST / max(seconds(work, 1, clock), 1e-7)))


def ratio(
    over: Work,
    under: Work,
    *,
    share: float = 1.0,
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.process_time,
) -> Spread:
    """How many times longer `over` takes than `under`.

    `share`: the part of the same work that `over` does (a slow contestant is given less of it).
    """
    both = [(work, repeats_of(work, clock)) for work in (over, under)]
    found = []
    for number in range(rounds):
        times = {}
        for place in ((0, 1), (1, 0))[number % 2]:
            times[place] = seconds(*both[place], clock)
        found.append(times[0] / times[1] / share)
    return spread(found)


def fitted(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The exponent of size in a least squares fit of log values.

    >>> round(fitted([1, 2, 4], [3, 12, 48]), 12)
    2.0
    """
    xs, ys = [math.log(size) for size in sizes], [math.log(value) for value in values]
    middle, height = statistics.fmean(xs), statistics.fmean(ys)
    top = sum((x - middle) * (y - height) for x, y in zip(xs, ys, strict=True))
    return top / sum((x - middle) ** 2 for x in xs)


@dataclass(frozen=True)
class Growth:
    """An exponent, and for every size the time (or count) over that of the first size."""

    exponent: Spread
    points: tuple[tuple[float, float], ...]


def growth(
    sizes: Sequence[float],
    work_of: Callable[[Any], Work],
    *,
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.process_time,
) -> Growth:
    """How time grows with size: `work_of(size)` prepares, and what it returns is timed.

    Each round times all sizes and fits one exponent.
    """
    works = [work_of(size) for size in sizes]
    counts = [repeats_of(work, clock) for work in works]
    table = []
    for number in range(rounds):
        order = range(len(works))[:: 1 if number % 2 == 0 else -1]
        times = {place: seconds(works[place], counts[place], clock) for place in order}
        table.append([times[place] for place in range(len(works))])
    exponent = spread([fitted(sizes, row) for row in table])
    relative = [statistics.median(row[k] / row[0] for row in table) for k in range(len(sizes))]
    return Growth(exponent, tuple(zip(map(float, sizes), relative, strict=True)))


def counted(sizes: Sequence[float], counts: Sequence[float]) -> Growth:
    """How a count grows with size; nothing is timed, so there is no spread."""
    exponent = fitted(sizes, counts)
    relative = [count / counts[0] for count in counts]
    return Growth(
        Spread(exponent, exponent, exponent), tuple(zip(map(float, sizes), relative, strict=True))
    )
