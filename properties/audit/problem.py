"""What the audit asks of a problem: a prior, a measurement, the exact posterior, and its features.

Units are the problem's own; every tensor is float64 on the CPU. Measurements are
y = A x + beta N(0, I).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

import torch

Ask = Literal["exactness", "claim", "hidden-bits"]
"""What a correct sampler can be asked: draws at one y against exact ones, closeness at many fresh
y, or, where no exact draws are to be had, hidden bits that the measurement determines."""

Kind = Literal[
    "mode weights",
    "mean",
    "spread inside a mode",
    "ignoring y",
    "hidden bits",
    "residual",
    "joint shape",
]
"""What is wrong, in words, where a feature's law is wrong."""


class Law(Protocol):
    """A law on R^d: the prior of a problem, or its exact posterior given one y."""

    def sample(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """Independent draws, shape (count, d)."""

    def denoise(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """E[X | X + sigma Z = x], shape of x (..., d); differentiable in x."""


@dataclass(frozen=True)
class Feature:
    """A summary of a draw: the sets that a certificate may use, and what a fault in it is called.

    `map` takes x (count, d) to (count,): float64 values, or int64 labels where `labels` names them.
    So that the tau-neighbourhood is taken in x:

    - of values, |map(x) - map(x')| <= `lipschitz` |x - x'|;
    - of labels, `distance(x)`, shape (count, number of labels), is a lower bound of the distance
      from x to the points of each label, and 0 at the label of x.

    `most` draws are looked at, at most, where looking is dear.
    """

    name: str
    words: str
    kind: Kind
    map: Callable[[torch.Tensor], torch.Tensor] = field(repr=False)
    lipschitz: float = 1.0
    labels: tuple[str, ...] = ()
    distance: Callable[[torch.Tensor], torch.Tensor] | None = field(default=None, repr=False)
    most: int | None = None

    @property
    def categorical(self) -> bool:
        """Whether the map gives labels."""
        return bool(self.labels)


@dataclass(frozen=True)
class Problem:
    """A prior, a measurement y = A x + beta N(0, I), and what is known of the posterior.

    `posterior(y)` and `features(y)` take one y (m,). Where exact draws cannot be had (`asks` holds
    "hidden-bits" alone) `posterior` is None; `draw` still gives pairs (x, y), and each x is one
    exact draw given its y. `scale` is a natural length of x, to state tau by. `hidden_bits(y)` is
    the feature, of labels 0 and 1, that the hidden bits of x explain y (without exact draws also
    row by row, for y (k, m) and x (k, d)); `chance` is how often draws
    of the prior would, on average. `image` is the (height, width) of x where it is a picture.
    """

    name: str
    words: str
    prior: Law = field(repr=False)
    A: torch.Tensor = field(repr=False)
    beta: float
    scale: float
    asks: frozenset[Ask]
    posterior: Callable[[torch.Tensor], Law] | None = field(repr=False)
    features: Callable[[torch.Tensor], list[Feature]] = field(repr=False)
    hidden_bits: Callable[[torch.Tensor], Feature] | None = field(default=None, repr=False)
    chance: float | None = None
    image: tuple[int, int] | None = None

    @property
    def dim(self) -> int:
        """The number of coordinates of x."""
        return self.A.shape[1]

    @property
    def measurements(self) -> int:
        """The number of coordinates of y."""
        return self.A.shape[0]

    def draw(self, count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Fresh pairs x (count, d) from the prior and their y (count, m)."""
        x = self.prior.sample(count, generator)
        mean = x @ self.A.T
        noise = torch.randn(mean.shape, generator=generator, dtype=mean.dtype)
        return x, mean + self.beta * noise

    def observe(self, generator: torch.Generator) -> torch.Tensor:
        """One fresh y (m,) from its marginal law p(y)."""
        return self.draw(1, generator)[1][0]

    def denoise(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """E[X | X + sigma Z = x] under the prior: what a sampler is given."""
        return self.prior.denoise(x, sigma)
