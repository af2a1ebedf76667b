"""The roles that closeness plays in an implementation: flows between samples, a certified bound.

Samples are arrays (points, d); whole multiplicities of their points are arrays (points,).
"""

from typing import Any, Protocol

Array = Any


class ClosenessCurve(Protocol):
    """The least delta of two empirical laws at each tau (Section 1)."""

    def __call__(
        self, x: Array, y: Array, taus: Any, *, x_counts: Array = None, y_counts: Array = None
    ) -> Array:
        """Shape (len(taus),)."""


class WorstSet(Protocol):
    """A set of points of x that attains P(A) - Q(A^tau) = delta (Strassen)."""

    def __call__(
        self, x: Array, y: Array, tau: float, *, x_counts: Array = None, y_counts: Array = None
    ) -> Array:
        """A mask (points of x,)."""


class ClosenessBound(Protocol):
    """What a certified lower bound found: `delta`, at least which the laws are apart."""

    delta: float


class ClosenessLowerBound(Protocol):
    """A lower confidence bound on the delta of the laws behind two samples."""

    def __call__(self, x: Array, y: Array, tau: float, alpha: float) -> ClosenessBound:
        """It exceeds the least delta with probability at most alpha."""


class ClosenessFromCdfs(Protocol):
    """Bounds on the least delta of two laws on the line, from their cdfs on a grid."""

    def __call__(
        self, cdf_x: Any, cdf_y: Any, tau: float, low: float, high: float, *, cells: int
    ) -> tuple[float, float]:
        """A lower and an upper bound."""


CLOSENESS_ROLES: dict[str, type] = {
    "closeness_curve": ClosenessCurve,
    "closeness_from_cdfs": ClosenessFromCdfs,
    "closeness_lower_bound": ClosenessLowerBound,
    "worst_set": WorstSet,
}
