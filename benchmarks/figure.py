"""A figure: one operation's ratio to what a user would otherwise use, its growth, its bound.

A module `bench_*.py` registers functions with `@figure(name, words)`; each returns a `Measured`.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import torch
from timing import ROUNDS, Growth, Spread, Work, ratio

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Ratio:
    """A measured ratio to `against`; `skipped` says why there is none."""

    against: str
    value: Spread | None = None
    skipped: str = ""


@dataclass(frozen=True)
class Measured:
    """What a figure gives.

    `peer`: how many times faster than what a user would otherwise use. `bound`: how many times the
    cost of what cannot be avoided. `growth`: by what it grows in. `speed` is for the reader alone:
    it is never compared.
    """

    peer: Ratio | None = None
    bound: Ratio | None = None
    growth: dict[str, Growth] = field(default_factory=dict)
    speed: str = ""


@dataclass(frozen=True)
class Figure:
    """A registered figure."""

    name: str
    words: str
    measure: Callable[[], Measured]


FIGURES: dict[str, Figure] = {}


def figure(name: str, words: str) -> Callable[[Callable[[], Measured]], Callable[[], Measured]]:
    """Register a function that measures, under a name and a line of words."""

    def register(measure: Callable[[], Measured]) -> Callable[[], Measured]:
        if name in FIGURES:
            raise ValueError(f"two figures are called {name}")
        FIGURES[name] = Figure(name, words, measure)
        return measure

    return register


def load() -> dict[str, Figure]:
    """All figures by name."""
    for path in sorted(HERE.glob("bench_*.py")):
        import_module(path.stem)
    return FIGURES


def times_faster(
    against: str, theirs: Work, ours: Work, *, share: float = 1.0, rounds: int = ROUNDS
) -> Ratio:
    """A peer: `theirs` does `share` of the work of `ours`."""
    return Ratio(against, ratio(theirs, ours, share=share, rounds=rounds))


def times_the_cost_of(against: str, ours: Work, floor: Work, *, rounds: int = ROUNDS) -> Ratio:
    """A bound: `floor` is what cannot be avoided."""
    return Ratio(against, ratio(ours, floor, rounds=rounds))


OTHERS = 0.8
"""The load of others at most; this run's own process counts for one more."""


def crowded(cores: int) -> str:
    """Why work on several cores cannot be timed now; empty where it can."""
    if (os.cpu_count() or 1) < cores:
        return f"needs {cores} cores"
    others = os.getloadavg()[0] - 1
    if others > OTHERS:
        return f"needs {cores} idle cores, the load of others was {others:.1f}"
    return ""


def measured(name: str) -> Measured:
    """Measure one figure in this process, on one thread."""
    torch.set_num_threads(1)
    return load()[name].measure()
