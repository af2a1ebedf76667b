"""Building blocks of networks: affine maps from matrices, blocks side by side, linear splines."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike

from hardposterior.impl import arguments
from hardposterior.impl.relu_network import ReluNetwork, SparseAffine


def affine(matrix: ArrayLike, bias: ArrayLike, dtype: torch.dtype) -> SparseAffine:
    """x -> matrix x + bias with the nonzero entries of a dense matrix, shape (outputs, inputs)."""
    dense = np.asarray(matrix, dtype=np.float64)
    rows, columns = np.nonzero(dense)
    offsets = np.asarray(bias, dtype=np.float64).tolist()
    entries = dense[rows, columns].tolist()
    return SparseAffine(dense.shape[1], rows.tolist(), columns.tolist(), entries, offsets, dtype)


def side_by_side(network: ReluNetwork, count: int) -> ReluNetwork:
    """`count` copies on coordinates of their own: (..., count n) to (..., count m).

    Neurons and weights multiply by `count` (statement relu-product-score, Appendix C.3).
    """
    count = arguments.integer("count", count, 1)
    copies = torch.arange(count)[:, None]
    layers = []
    for layer in network.layers:
        assert isinstance(layer, SparseAffine)
        layers.append(
            SparseAffine(
                count * layer.inputs,
                (layer.rows + copies * layer.outputs).flatten().tolist(),
                (layer.columns + copies * layer.inputs).flatten().tolist(),
                layer.weights.repeat(count).tolist(),
                layer.bias.repeat(count).tolist(),
                network.dtype,
            )
        )
    return ReluNetwork(layers, [count * carried for carried in network.carried])


class Spline(NamedTuple):
    """z -> base + sum of slopes[i] relu(directions[i] (z - knots[i])), directions +1 or -1."""

    base: float
    directions: tuple[int, ...]
    knots: tuple[float, ...]
    slopes: tuple[float, ...]

    def neurons(self) -> Iterator[tuple[int, float, float]]:
        """(direction, knot, slope) of each term."""
        return zip(self.directions, self.knots, self.slopes, strict=True)


def spline(
    knots: Sequence[float], values: Sequence[float], center: int, *, constant_ends: bool = True
) -> Spline:
    """The piecewise-linear function through (knots, values) as ReLU terms that look away from a
    central knot: at a point, only the terms between it and the center are at work, and few digits
    cancel.

    Beyond the end knots it is constant; without `constant_ends` it goes on linearly, which saves
    the terms of the two end knots. With constant ends there are as many terms as knots, one
    more at an inner center, also where a slope happens not to change.
    """
    z, y = np.asarray(knots, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if z.ndim != 1 or z.shape != y.shape or len(z) < 2 or not bool((np.diff(z) > 0).all()):
        arguments.reject("knots, values", (len(z), len(y)), "one value a knot, knots increasing")
    center = arguments.integer("center", center, 0, len(z) - 1)
    slopes = np.diff(y) / np.diff(z)
    terms: list[tuple[int, float, float]] = []
    for direction in (-1, 1):
        last = 0.0
        place = center
        while 0 <= place + min(direction, 0) < len(slopes):
            slope = direction * float(slopes[place + min(direction, 0)])
            terms.append((direction, float(z[place]), slope - last))
            last = slope
            place += direction
        if constant_ends and place != center:
            terms.append((direction, float(z[place]), -last))
    directions, places, changes = zip(*terms, strict=True)
    return Spline(float(y[center]), directions, places, changes)


def piecewise(
    knots: Sequence[float],
    values: Sequence[float],
    center: int,
    scale: float = 1.0,
    dtype: torch.dtype = torch.float64,
) -> ReluNetwork:
    """x -> the interpolant at scale x, constant beyond the knots; (..., 1) to (..., 1)."""
    terms = spline(knots, values, center)
    scale = arguments.positive("scale", scale)
    directions = np.array(terms.directions, dtype=np.float64)
    first = affine(directions[:, None] * scale, -directions * terms.knots, dtype)
    return ReluNetwork([first, affine([terms.slopes], [terms.base], dtype)])
