"""What an audit says of a sampler on one problem, and how it shares its alpha."""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import torch

from hardposterior.properties.audit.certificate import Certificate
from hardposterior.properties.audit.problem import Problem

Status = Literal["consistent", "refuted", "not independent", "failed"]

LOOKS = 4
INDEPENDENCE = 0.1
"""Of a look's alpha, what goes to the tests of independence; the rest goes to certificates."""

Draw = Callable[[torch.Tensor, int, torch.Generator], torch.Tensor]
"""The sampler on one problem: y (m,), count, generator to rows (count, d), float64."""


class SamplerFailed(Exception):
    """The sampler did not give what its contract promises; the message says how."""


@dataclass(frozen=True)
class Request:
    """What one problem is asked: tau in units of x, the alpha of this problem, seconds, a seed.

    `first`: to end at the first certificate, without looking for what else is wrong.
    """

    tau: float
    delta: float
    alpha: float
    budget: float
    seed: int
    first: bool = False

    @property
    def look(self) -> float:
        """The alpha of one look."""
        return self.alpha / LOOKS

    def stream(self, purpose: int) -> torch.Generator:
        """A generator for one purpose: the sampler's, or the audit's own.

        All of the seed is hashed: torch's CPU generator keeps the low 32 bits of what it is given.
        """
        text = f"{self.seed} {purpose}".encode()
        seed = int.from_bytes(hashlib.sha256(text).digest()[:4], "big")
        return torch.Generator().manual_seed(seed)


@dataclass
class Verdict:
    """The outcome on one problem, and what supports it.

    `smallest` is the least violation that would have been found at 99 % power, on a set that is
    among those tested: a fault that no single feature shows may be larger. `tried` counts values of
    y, `draws` all draws of the sampler; `also` the widest certificate of every
    other kind.
    """

    problem: str
    asked: str
    status: Status
    detail: str = ""
    certificate: Certificate | None = None
    smallest: float | None = None
    tried: int = 0
    draws: int = 0
    seconds: float = 0.0
    also: list[Certificate] = field(default_factory=list)
    plots: dict[str, Any] = field(default_factory=dict)

    @property
    def kinds(self) -> list[str]:
        """All that is wrong, in words, the widest first."""
        return [c.kind for c in (self.certificate, *self.also) if c is not None]

    @property
    def more(self) -> list[str]:
        """A sentence on each of `also`."""
        here = self.certificate.y if self.certificate else ()
        return [f"at {'this' if c.y == here else 'another'} y: {c}" for c in self.also]

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            **self.__dict__,
            "certificate": None if self.certificate is None else self.certificate.data(),
            "also": [certificate.data() for certificate in self.also],
        }


LARGEST = 1e100
"""Of a coordinate: squares of draws must not overflow."""


def checked(found: Any, count: int, dim: int) -> torch.Tensor:
    """The rows as a float64 tensor of their own; `SamplerFailed` where they break the contract."""
    if not isinstance(found, torch.Tensor) or not found.is_floating_point():
        raise SamplerFailed(f"returned {type(found).__name__}: must be a tensor of real numbers")
    if tuple(found.shape) != (count, dim):
        raise SamplerFailed(f"returned shape {tuple(found.shape)}: must be ({count}, {dim})")
    rows = found.detach().to("cpu", torch.float64).clone()
    if not bool(rows.isfinite().all()):
        bad = int((~rows.isfinite()).any(-1).sum())
        raise SamplerFailed(f"NaN or infinity in {bad} of {count} draws")
    if float(rows.abs().max()) > LARGEST:
        raise SamplerFailed(f"a coordinate of {rows.abs().max():.1e}: must be below {LARGEST:g}")
    return rows


PATIENCE = 10.0
"""Seconds of the wall that count as one: a sampler that sleeps spends its budget too."""


class Clock:
    """Seconds of sampler time, and what a call costs: a + b count, from two small calls.

    Seconds are of the processor, so that a busy machine judges as an idle one does. A draw that
    runs elsewhere has a method `seconds`, all that it has spent.
    """

    def __init__(self, draw: Draw, dim: int) -> None:
        self.draw, self.dim = draw, dim
        self.spent: Callable[[], float] = getattr(draw, "seconds", time.process_time)
        self.seconds, self.draws = 0.0, 0

    def __call__(self, y: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
        """Checked draws, timed."""
        started, before = time.perf_counter(), self.spent()
        rows = checked(self.draw(y.clone(), count, generator), count, self.dim)
        waited = (time.perf_counter() - started) / PATIENCE
        self.seconds += max(self.spent() - before, waited)
        self.draws += count
        return rows

    def calls(
        self, y: torch.Tensor, number: int, count: int, generator: torch.Generator
    ) -> torch.Tensor:
        """Several calls, shape (number, count, d)."""
        return torch.stack([self(y, count, generator) for _ in range(number)])

    def cost(self, y: torch.Tensor, generator: torch.Generator) -> Callable[[int], float]:
        """Seconds of a call by its count."""
        times = []
        self(y, 2, generator)  # what is loaded on a first call is not the price of the next
        for count in (8, 200):
            before = self.seconds
            self(y, count, generator)
            times.append(self.seconds - before)
        slope = max(0.0, times[1] - times[0]) / 192
        return lambda count: times[0] + slope * count


def observations(problem: Problem, count: int, generator: torch.Generator) -> torch.Tensor:
    """Fresh y (count, m) from p(y)."""
    return problem.draw(count, generator)[1]


def affordable(sizes: tuple[int, ...], price: Callable[[int], float], budget: float) -> list[int]:
    """The sizes of the looks that the budget pays for; one small look at least."""
    chosen = [size for size in sizes if price(size) <= budget]
    return chosen or [
        min(sizes[0], max(sizes[0] // 5, math.floor(sizes[0] * budget / price(sizes[0]))))
    ]
