"""Closed sets on the features of a draw, and their tau-neighbourhoods in x.

`contains` says which draws lie in A; `near` says no only to draws farther than tau from A, rounding
included, so that P(A) - Q(A^tau) is never overstated.
"""

from dataclasses import dataclass

import torch

from hardposterior.properties.audit.problem import Feature

ROWS = 4096
"""Of draws at a time: the digits' distances would fill the memory."""

SLACK = 1e-9


def values(feature: Feature, x: torch.Tensor) -> torch.Tensor:
    """The feature of every draw, shape (count,)."""
    return torch.cat([feature.map(part) for part in x.split(ROWS)])


@dataclass(frozen=True)
class Interval:
    """{x : low <= feature(x) <= high}; `outside`: feature(x) <= low or >= high. Ends may be inf."""

    feature: Feature
    low: float
    high: float
    outside: bool = False

    def contains(self, x: torch.Tensor) -> torch.Tensor:
        """A mask (count,)."""
        return self._mask(values(self.feature, x), 0.0)

    def near(self, x: torch.Tensor, tau: float) -> torch.Tensor:
        """Which draws may lie within tau of the set, a mask (count,)."""
        v = values(self.feature, x)
        reach = self.feature.lipschitz * tau
        return self._mask(v, reach + SLACK * (reach + v.abs() + 1)) | v.isnan()

    def _mask(self, v: torch.Tensor, reach: float | torch.Tensor) -> torch.Tensor:
        if self.outside:
            return (v <= self.low + reach) | (v >= self.high - reach)
        return (v >= self.low - reach) & (v <= self.high + reach)

    def __str__(self) -> str:
        name, (low, high) = self.feature.name, apart(self.low, self.high)
        if self.outside:
            return f"{name} <= {low} or >= {high}"
        if self.low == -torch.inf:
            return f"{name} <= {high}"
        if self.high == torch.inf:
            return f"{name} >= {low}"
        return f"{low} <= {name} <= {high}"


def apart(low: float, high: float) -> tuple[str, str]:
    """Both in the fewest digits, five at least, that tell a narrow interval's ends apart.

    >>> apart(0.25, 1.0), apart(0.362141, 0.362144)
    (('0.25', '1'), ('0.362141', '0.362144'))
    """
    texts = ((f"{low:.{digits}g}", f"{high:.{digits}g}") for digits in range(5, 18))
    return next((pair for pair in texts if pair[0] != pair[1]), (f"{low:.17g}", f"{high:.17g}"))


@dataclass(frozen=True)
class Labels:
    """{x : feature(x) is one of `chosen`}, with its closure."""

    feature: Feature
    chosen: tuple[int, ...]

    def contains(self, x: torch.Tensor) -> torch.Tensor:
        """A mask (count,)."""
        return torch.isin(values(self.feature, x), torch.tensor(self.chosen))

    def near(self, x: torch.Tensor, tau: float) -> torch.Tensor:
        """Which draws may lie within tau of the set; all of them where no distance is known."""
        if self.feature.distance is None:
            return torch.ones(len(x), dtype=torch.bool)
        columns = list(self.chosen)
        reach = tau * (1 + SLACK) + SLACK * 1e-3
        far = [self.feature.distance(part)[:, columns].amin(-1) for part in x.split(ROWS)]
        return torch.cat(far) <= reach

    def __str__(self) -> str:
        return f"{self.feature.name}: " + ", ".join(self.feature.labels[k] for k in self.chosen)


ClosedSet = Interval | Labels
