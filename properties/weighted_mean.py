"""Weighted means with heavy tails, held to their bounds: a mean counts once it is resolved.

A mean that a few large values carry may come out small because the next of them was not drawn.
So an estimate needs `ENOUGH` effective events. One with fewer is drawn afresh with `MORE` times
the draws, `ATTEMPTS` times at most; every attempt is tested, and the p-value pays for all of them.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from hardposterior.spec.evidence import FALSE_ALARM, Outcome, Run, judged, undecided

ENOUGH = 1000
"""Effective events of a resolved estimate: its standard error is at most 3.2 % of it.

At a false-alarm rate of 1e-6 over 150 cells, a mean a third above its bound is found with
probability 0.95 (the normal law: 7.5 standard errors)."""

ATTEMPTS = 3
MORE = 4


@dataclass(frozen=True)
class Estimate:
    """A weighted mean: its value, standard error and (sum)^2 / (sum of squares) events."""

    mean: float
    error: float
    events: float


def estimate_of(values: np.ndarray) -> Estimate:
    """The estimate from independent nonnegative values."""
    total, squares = float(values.sum()), float((values**2).sum())
    if total == 0:
        return Estimate(0.0, 0.0, 0.0)
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    return Estimate(total / len(values), error, total * total / squares)


def exceeds(estimate: Estimate, bound: float) -> float:
    """The p-value that the mean of the values is at most `bound`.

    The values are nonnegative with a long right tail, so a mean that comes out high brings a high
    standard error with it: the normal tail of the studentised mean is on the safe side.
    """
    return float(stats.norm.sf((estimate.mean - bound) / max(estimate.error, 1e-300)))


def attempts_of(count: int, seed: int) -> list[tuple[int, int]]:
    """The draws and the seed of every attempt."""
    draw = random.Random(seed)
    return [(count * MORE**i, draw.getrandbits(48) if i else seed) for i in range(ATTEMPTS)]


def means_below(
    run: Run,
    measured: Callable[..., tuple[Estimate, float]],
    cells: list[tuple[Any, ...]],
    bound: float | None = None,
) -> Outcome:
    """Hold `measured(implementation, *cell)` = (estimate, its bound) in every cell.

    The last two entries of a cell are its number of draws and its seed. `bound` takes the place
    of every cell's own.
    """
    tests = len(cells) * ATTEMPTS
    worst, p_value, call, cases, again = 0.0, 1.0, "", 0, 0
    for done, cell in enumerate(cells):
        for attempt, (count, seed) in enumerate(attempts_of(*cell[-2:])):
            tried = (*cell[:-2], count, seed)
            found, own = measured(run.implementation, *tried)
            limit = own if bound is None else bound
            shown = f"{measured.__module__}.{measured.__name__}"
            shown += f"(implementation, {', '.join(map(repr, tried))})"
            cases, again = cases + count, again + bool(attempt)
            chance = min(1.0, exceeds(found, limit) * tests)
            if chance <= p_value:
                p_value, call = chance, f"{shown} = {found.mean:.6g} > {limit:.6g}"
            if found.events >= ENOUGH or p_value < FALSE_ALARM:
                break
        else:
            return undecided(f"not resolved: {found.events:.0f} events in {shown}", cases=cases)
        worst = max(worst, found.mean / limit)
        run.progress(done + 1, len(cells))
    detail = f"{len(cells)} cells, at least {ENOUGH} effective events in each"
    detail += f"; {again} drawn again, larger" if again else ""
    return judged(p_value, cases, call, tightness=worst, detail=detail)
