"""Candidate closed sets with a large P(A) - Q(A^tau), proposed from two samples.

Nothing here needs to be right for a bound to hold: `closeness_bound` tests the chosen set on draws
that were not used to choose it. What is missed here costs power only.
"""

from collections.abc import Iterator
from heapq import nlargest
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from hardposterior.impl.closed_sets import Balls, ClosedSet, HalfSpace, Outside, Slab
from hardposterior.impl.transport import Sample, minimum_cut

Points = NDArray[np.float64]

_FLOW_POINTS = 2_000  # per side, to keep the flow within a second
_NEIGHBOURS = (1, 3, 10, 30)  # radii of balls: typical distances to these neighbours
_OF_EACH_KIND = 16  # half-spaces, slabs
_PRINCIPAL = 4  # axes of largest and of smallest spread


def candidate_sets(p: Points, q: Points, tau: float, normals: list[Points]) -> Iterator[ClosedSet]:
    """Sets that hold more of the law of p than their tau-neighbourhood holds of that of q.

    p has shape (k, d), q (l, d). Of the many half-spaces (one for each of `normals`, of length 1)
    and slabs only the best few are yielded.
    """
    half_spaces: list[tuple[float, ClosedSet]] = []
    for normal in normals:
        gain, level = _best_level(p @ normal, q @ normal, tau)
        half_spaces.append((gain, HalfSpace(normal, level)))
    slabs: list[tuple[float, ClosedSet]] = [
        _best_slab(p[:, axis], q[:, axis], axis, tau) for axis in range(p.shape[1])
    ]
    for many in (half_spaces, slabs):
        for _, candidate in nlargest(_OF_EACH_KIND, many, key=itemgetter(0)):
            yield candidate
    for center in (p.mean(axis=0), q.mean(axis=0)):
        far_p, far_q = (np.linalg.norm(side - center, axis=1) for side in (p, q))
        yield Outside(center, max(0.0, _best_level(far_p, far_q, tau)[1]))
        yield Balls(center[None, :], max(0.0, -_best_level(-far_p, -far_q, tau)[1]))
    yield from _unions_of_balls(p[:_FLOW_POINTS], q[:_FLOW_POINTS], tau)


def _best_level(p: Points, q: Points, tau: float) -> tuple[float, float]:
    """The largest P(score >= c) - Q(score >= c - tau) over c among the scores p, and that c.

    The score is 1-Lipschitz, so {score >= c} grows within {score >= c - tau}.
    """
    levels = np.sort(p)
    above_p = 1 - np.arange(len(p)) / len(p)
    above_q = 1 - np.searchsorted(np.sort(q), levels - tau, side="left") / len(q)
    best = int(np.argmax(above_p - above_q))
    return float(above_p[best] - above_q[best]), float(levels[best])


def _best_slab(p: Points, q: Points, axis: int, tau: float) -> tuple[float, Slab]:
    """The best gain R(b) - L(a) of an interval [a, b] between quantiles of p, and that slab."""
    ends = np.quantile(p, np.linspace(0, 1, 33))
    in_order_p, in_order_q = np.sort(p), np.sort(q)
    sell = np.searchsorted(in_order_p, ends, side="right") / len(p)
    sell -= np.searchsorted(in_order_q, ends + tau, side="right") / len(q)
    buy = np.searchsorted(in_order_p, ends, side="left") / len(p)
    buy -= np.searchsorted(in_order_q, ends - tau, side="left") / len(q)
    gain = np.triu(sell[None, :] - buy[:, None]) - np.tril(np.full((33, 33), np.inf), -1)
    low, high = np.unravel_index(np.argmax(gain), gain.shape)
    return float(gain[low, high]), Slab(axis, float(ends[low]), float(ends[high]))


def directions(p: Points, q: Points) -> list[Points]:
    """Normals of length 1, with both signs.

    Axes, the difference of the means, Fisher's direction and principal axes.
    """
    dim = p.shape[1]
    found = list(np.eye(dim))
    if dim == 1:
        return [*found, *(-normal for normal in found)]
    pooled = np.concatenate([p - p.mean(axis=0), q - q.mean(axis=0)])
    spread = pooled.T @ pooled / len(pooled)
    gap = p.mean(axis=0) - q.mean(axis=0)
    values, axes = np.linalg.eigh(spread)
    fisher = np.zeros(dim)
    if values[-1] > 0:  # a ridge bounds the quotients where some directions do not spread
        fisher = axes @ ((axes.T @ gap) * (values[-1] / (values + 1e-6 * values[-1])))
    for normal in (gap, fisher):
        length = np.linalg.norm(normal)
        if length > 0:
            found.append(normal / length)
    ends = {*range(min(_PRINCIPAL, dim)), *range(max(0, dim - _PRINCIPAL), dim)}
    found += [axes[:, index] for index in sorted(ends)]
    return [*found, *(-normal for normal in found)]


def _unions_of_balls(p: Points, q: Points, tau: float) -> Iterator[Balls]:
    """Balls about the points of p that a maximum flow shows to lack partners."""
    tree = cKDTree(p)
    for neighbour in _NEIGHBOURS:
        if neighbour >= len(p):
            return
        distances, _ = tree.query(p, k=[neighbour + 1])
        radius = float(np.median(distances))
        ones_p, ones_q = (np.ones(len(side), dtype=np.int64) for side in (p, q))
        lonely = minimum_cut(Sample(p, ones_p), Sample(q, ones_q), tau + radius)
        if lonely.any():
            yield Balls(p[lonely], radius)
