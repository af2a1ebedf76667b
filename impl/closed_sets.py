"""Closed sets A whose neighbourhood A^tau can be decided: the witnesses of `closeness_bound`.

`contains` says yes only to points of A, `within(points, tau)` says no only to points farther than
tau from A, rounding included: where float64 cannot tell, the answer is the one that makes
P(A) - Q(A^tau) smaller. Points are float64 arrays of shape (k, d), answers masks (k,).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Points = NDArray[np.float64]
Mask = NDArray[np.bool_]


class ClosedSet(Protocol):
    """A closed set and its closed neighbourhoods (or a closed set that holds them)."""

    def contains(self, points: Points) -> Mask:
        """Which points certainly lie in the set."""
        ...

    def within(self, points: Points, tau: float) -> Mask:
        """Which points may lie within tau of the set."""
        ...


def rounding(dim: int) -> float:
    """A relative error that no sum of `dim` products or squares in float64 exceeds."""
    return 4.0 * (dim + 4) * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class HalfSpace:
    """{x : <normal, x> >= level}, the normal of length about 1."""

    normal: Points
    level: float

    def contains(self, points: Points) -> Mask:
        return points @ self.normal - self._error(points, 0.0) >= self.level

    def within(self, points: Points, tau: float) -> Mask:
        reach = tau * float(np.linalg.norm(self.normal))
        return points @ self.normal + self._error(points, reach) >= self.level - reach

    def _error(self, points: Points, reach: float) -> Points:
        size = np.abs(points) @ np.abs(self.normal) + abs(self.level) + reach
        return rounding(len(self.normal)) * size

    def __str__(self) -> str:
        axes = np.flatnonzero(self.normal)
        terms = " + ".join(f"{self.normal[i]:.4g} x[{i}]" for i in axes[:4])
        more = f" + {len(axes) - 4} more terms" if len(axes) > 4 else ""
        return f"{terms}{more} >= {self.level:.6g}"


@dataclass(frozen=True, eq=False)
class Slab:
    """{x : low <= x[axis] <= high}."""

    axis: int
    low: float
    high: float

    def contains(self, points: Points) -> Mask:
        return (points[:, self.axis] >= self.low) & (points[:, self.axis] <= self.high)

    def within(self, points: Points, tau: float) -> Mask:
        x = points[:, self.axis]
        return np.maximum(self.low - x, x - self.high) <= tau * (1 + rounding(1))

    def __str__(self) -> str:
        return f"{self.low:.6g} <= x[{self.axis}] <= {self.high:.6g}"


@dataclass(frozen=True, eq=False)
class Outside:
    """{x : |x - center| >= radius}."""

    center: Points
    radius: float

    def contains(self, points: Points) -> Mask:
        far = np.linalg.norm(points - self.center, axis=1)
        return np.asarray(far * (1 - rounding(len(self.center))) >= self.radius)

    def within(self, points: Points, tau: float) -> Mask:
        far = np.linalg.norm(points - self.center, axis=1)
        return np.asarray((far + tau) * (1 + rounding(len(self.center))) >= self.radius)

    def __str__(self) -> str:
        return f"outside the ball of radius {self.radius:.6g} about {_short(self.center)}"


@dataclass(frozen=True, eq=False)
class Balls:
    """The union of the closed balls of one radius about `centers`, shape (balls, d)."""

    centers: Points
    radius: float

    def contains(self, points: Points) -> Mask:
        nearest = self._nearest(points) * (1 + rounding(points.shape[1]))
        return nearest <= self.radius

    def within(self, points: Points, tau: float) -> Mask:
        nearest = self._nearest(points) * (1 - rounding(points.shape[1]))
        return nearest <= self.radius + tau

    def _nearest(self, points: Points) -> Points:
        distances, _ = cKDTree(self.centers).query(points)
        return np.asarray(distances, dtype=np.float64)

    def __str__(self) -> str:
        if len(self.centers) == 1:
            return f"the ball of radius {self.radius:.6g} about {_short(self.centers[0])}"
        if self.centers.shape[1] == 1:
            return _intervals(np.sort(self.centers[:, 0]), self.radius)
        return f"the union of {len(self.centers)} balls of radius {self.radius:.6g}"


def _intervals(centers: Points, radius: float) -> str:
    """A union of balls on the line, as intervals in order."""
    breaks = np.flatnonzero(np.diff(centers) > 2 * radius)
    lows = centers[np.concatenate([[0], breaks + 1])] - radius
    highs = centers[np.concatenate([breaks, [len(centers) - 1]])] + radius
    ends = zip(lows[:12], highs[:12], strict=True)
    shown = ", ".join(f"[{low:.4g}, {high:.4g}]" for low, high in ends)
    more = f" and {len(lows) - 12} more" if len(lows) > 12 else ""
    return f"the intervals {shown}{more}"


def _short(point: Points) -> str:
    shown = ", ".join(f"{value:.4g}" for value in point[:4])
    return f"({shown}, ... {len(point)} coordinates)" if len(point) > 4 else f"({shown})"
