"""(tau, delta)-closeness of two empirical laws, exactly, by maximum flow.

Two laws are (tau, delta)-close if a coupling has Pr[|X - X'| > tau] <= delta. Between two samples
the least such delta is one minus the largest mass that flows over pairs at distance <= tau
(Strassen 1965; |.| is the Euclidean norm). All masses are whole numbers here, so the flow is exact;
distances are rounded to float64. As an estimate of the delta of the laws behind the samples it is
biased upwards: see `hardposterior.impl.closeness_bound` for a bound on the laws.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from hardposterior.impl import arguments
from hardposterior.impl.transport import (
    Sample,
    common_units,
    maximum_flow,
    minimum_cut,
    pairs_within,
)


def closeness(
    x: torch.Tensor,
    y: torch.Tensor,
    tau: float,
    *,
    x_counts: torch.Tensor | None = None,
    y_counts: torch.Tensor | None = None,
) -> float:
    """The least delta such that the empirical laws of x and y are (tau, delta)-close.

    x has shape (k, d), y (l, d); k and l may differ. `x_counts` (k,) and `y_counts` (l,) are whole
    multiplicities of the points (default: 1 each); `tau` >= 0 is in units of the points. Exact up
    to the rounding of distances. In one dimension a sweep over the sorted points, O(k log k);
    otherwise a bipartite matching or maximum flow over the pairs within tau.

    Raises `InvalidArgument` for an empty sample, points that are not finite, dimensions that
    differ, tau < 0, and totals whose least common multiple is beyond 2^31 (d > 1).
    """
    tau = threshold(tau)
    left, right = samples(x, y, x_counts, y_counts)
    return _least_delta(left, right, tau)


def closeness_curve(
    x: torch.Tensor,
    y: torch.Tensor,
    taus: Sequence[float] | torch.Tensor,
    *,
    x_counts: torch.Tensor | None = None,
    y_counts: torch.Tensor | None = None,
) -> torch.Tensor:
    """`closeness` at every tau of `taus`, shape (len(taus),), float64; nonincreasing in tau.

    >>> x = torch.tensor([[0.0], [1.0]])
    >>> closeness_curve(x, x + 0.5, [0.4, 0.6]).tolist()
    [1.0, 0.0]
    """
    values = taus.tolist() if isinstance(taus, torch.Tensor) else list(taus)
    checked = [threshold(tau) for tau in values]
    left, right = samples(x, y, x_counts, y_counts)
    deltas = [_least_delta(left, right, tau) for tau in checked]
    return torch.tensor(deltas, dtype=torch.float64)


def worst_set(
    x: torch.Tensor,
    y: torch.Tensor,
    tau: float,
    *,
    x_counts: torch.Tensor | None = None,
    y_counts: torch.Tensor | None = None,
) -> torch.Tensor:
    """The points of x that form a set A with P(A) - Q(A^tau) = closeness(x, y, tau), a mask (k,).

    P and Q are the empirical laws of x and y, A^tau the points within tau of A. It is the source
    side of a minimum cut, which certifies the flow without trusting it: check the two sides.

    >>> worst_set(torch.tensor([[0.0], [5.0]]), torch.tensor([[0.0], [1.0]]), 0.5).tolist()
    [False, True]
    """
    tau = threshold(tau)
    left, right = samples(x, y, x_counts, y_counts)
    return torch.from_numpy(minimum_cut(left, right, tau))


def threshold(tau: float) -> float:
    """tau as a finite float >= 0."""
    if arguments.finite("tau", tau) < 0:
        arguments.reject("tau", tau, "a finite number >= 0")
    return float(tau)


def samples(
    x: torch.Tensor,
    y: torch.Tensor,
    x_counts: torch.Tensor | None = None,
    y_counts: torch.Tensor | None = None,
) -> tuple[Sample, Sample]:
    """Both samples, checked: not empty, finite, of the same dimension."""
    left, right = _sample("x", x, x_counts), _sample("y", y, y_counts)
    if x.shape[1] != y.shape[1]:
        arguments.reject("y", f"points of dimension {y.shape[1]}", f"of dimension {x.shape[1]}")
    return left, right


def _sample(name: str, points: torch.Tensor, counts: torch.Tensor | None) -> Sample:
    if not isinstance(points, torch.Tensor) or not points.is_floating_point():
        arguments.reject(name, points, "a tensor of real numbers")
    if points.ndim != 2 or 0 in points.shape:
        arguments.reject(name, f"shape {tuple(points.shape)}", "of shape (points, d), not empty")
    if not bool(torch.isfinite(points).all()):
        arguments.reject(name, "NaN or infinity", "finite")
    values = points.detach().cpu().double().numpy()
    if counts is None:
        return Sample(values, np.ones(len(values), dtype=np.int64))
    if not isinstance(counts, torch.Tensor) or counts.is_floating_point():
        arguments.reject(f"{name}_counts", counts, "a tensor of whole numbers")
    if counts.shape != points.shape[:1] or int(counts.min()) < 0 or int(counts.sum()) == 0:
        allowed = f"of shape ({len(points)},), >= 0, not all 0"
        arguments.reject(f"{name}_counts", counts, allowed)
    return Sample(values, counts.detach().cpu().numpy().astype(np.int64))


def _least_delta(left: Sample, right: Sample, tau: float) -> float:
    if left.points.shape[1] == 1:
        return _sweep(left, right, tau)
    near = pairs_within(left.points, right.points, tau)
    return maximum_flow(near, left.counts, right.counts).unmoved


def _sweep(left: Sample, right: Sample, tau: float) -> float:
    """On the line: match the leftmost points that can still be matched (an exchange argument)."""
    supply, demand = common_units(left.counts, right.counts)
    xs, supply = _in_order(left.points[:, 0], supply)
    ys, demand = _in_order(right.points[:, 0], demand)
    total, moved, i, j = sum(supply), 0, 0, 0
    while i < len(xs) and j < len(ys):
        if abs(xs[i] - ys[j]) <= tau:
            mass = min(supply[i], demand[j])
            moved += mass
            supply[i] -= mass
            demand[j] -= mass
            i += supply[i] == 0
            j += demand[j] == 0
        elif xs[i] < ys[j]:
            i += 1
        else:
            j += 1
    return (total - moved) / total


def _in_order(points: NDArray[np.float64], masses: list[int]) -> tuple[list[float], list[int]]:
    order = points.argsort().tolist()
    return [float(points[i]) for i in order], [masses[i] for i in order]
