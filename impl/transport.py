"""Mass moved over pairs of points at distance <= tau: bipartite matching and maximum flow.

Everything is in whole numbers, so flows are exact and a minimum cut proves them maximal.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from hardposterior.impl import arguments

_CAPACITY = 2**31 - 1  # scipy's flow works in int32
_PAIRS_AT_ONCE = 2_000_000


class Sample(NamedTuple):
    """Points of shape (k, d) in float64 and their whole multiplicities >= 0, shape (k,)."""

    points: NDArray[np.float64]
    counts: NDArray[np.int64]


class Flow(NamedTuple):
    """A maximum flow: what each point may send or take, and what each pair moves."""

    supply: NDArray[np.int32]
    demand: NDArray[np.int32]
    moved: sparse.csr_array

    @property
    def unmoved(self) -> float:
        """The share of the mass that stays: the least delta."""
        total = int(self.supply.sum(dtype=np.int64))
        return (total - int(self.moved.sum(dtype=np.int64))) / total


def common_units(x_counts: NDArray[np.int64], y_counts: NDArray[np.int64]) -> list[list[int]]:
    """Both laws in units of 1 / lcm of their totals, in Python's unbounded integers."""
    totals = [int(counts.sum()) for counts in (x_counts, y_counts)]
    common = math.lcm(*totals)
    return [
        [count * (common // total) for count in counts.tolist()]
        for counts, total in zip((x_counts, y_counts), totals, strict=True)
    ]


def pairs_within(x: NDArray[np.float64], y: NDArray[np.float64], tau: float) -> sparse.csr_array:
    """The 0/1 matrix (points of x, points of y) of pairs at Euclidean distance <= tau."""
    tree = cKDTree(y)
    rows = max(1, _PAIRS_AT_ONCE // len(y))  # x in pieces: a listed pair takes 24 bytes
    pieces = []
    for first in range(0, len(x), rows):
        piece = cKDTree(x[first : first + rows])
        found = piece.sparse_distance_matrix(tree, tau, output_type="ndarray")
        ones = np.ones(len(found), dtype=np.int8)
        pairs = (found["i"].astype(np.int32), found["j"].astype(np.int32))
        pieces.append(sparse.csr_array((ones, pairs), (piece.n, len(y))))
    return sparse.vstack(pieces, format="csr")


def maximum_flow(
    near: sparse.csr_array, x_counts: NDArray[np.int64], y_counts: NDArray[np.int64]
) -> Flow:
    """A maximum flow from x to y over the pairs `near`, a 0/1 matrix (points of x, points of y)."""
    units = common_units(x_counts, y_counts)
    if sum(units[0]) > _CAPACITY:
        totals = (int(x_counts.sum()), int(y_counts.sum()))
        arguments.reject("total counts", totals, "of least common multiple below 2^31")
    supply, demand = (np.array(side, dtype=np.int32) for side in units)
    # Nodes: 0 the source, then x, then y, then the sink. One row of the network after the other.
    many_x, many_y = near.shape
    sink = many_x + many_y + 1
    ends = near.indices + np.int32(1 + many_x)
    heads = [np.arange(1, 1 + many_x, dtype=np.int32), ends, np.full(many_y, sink, dtype=np.int32)]
    through = np.minimum(np.repeat(supply, np.diff(near.indptr)), demand[near.indices])
    last = many_x + near.nnz + np.arange(1, 1 + many_y)
    starts = np.concatenate([[0], many_x + near.indptr, last, last[-1:]])
    network = sparse.csr_matrix(
        (np.concatenate([supply, through, demand]), np.concatenate(heads), starts),
        shape=(sink + 1, sink + 1),
    )
    flow = csgraph.maximum_flow(network, 0, sink).flow
    return Flow(supply, demand, sparse.csr_array(flow[1 : many_x + 1, many_x + 1 : sink]))


def minimum_cut(left: Sample, right: Sample, tau: float) -> NDArray[np.bool_]:
    """The points of `left` on the source side of a minimum cut, a mask (points of x,).

    They are what the unused supply reaches, forward over pairs and back over pairs that move mass.
    """
    near = pairs_within(left.points, right.points, tau)
    flow = maximum_flow(near, left.counts, right.counts)
    unused = flow.supply > flow.moved.sum(axis=1)
    back = sparse.csr_array((flow.moved > 0).T, dtype=np.int8)
    forward = sparse.csr_array(near, dtype=np.int8)
    start = sparse.csr_array(unused[None, :], dtype=np.int8)  # one more node, to search from
    residual = sparse.block_array([[None, forward, None], [back, None, None], [start, None, None]])
    nodes = sum(near.shape)
    square = sparse.csr_matrix(
        (residual.data, (residual.row, residual.col)), shape=(nodes + 1, nodes + 1)
    )
    reached = csgraph.breadth_first_order(square, nodes, return_predecessors=False)
    return np.isin(np.arange(near.shape[0]), reached)
