"""A periodic profile as a ReLU network: pieces over the whole range, or folded into one period.

A one-coordinate network x -> (H_1, H_0), the offsets (mu - D) / spacing of the lattice of phase 0
(bit 1) and of phase 1/2 (bit 0), from the knots v and values h of the half-period profile, v the
distance to the midpoint. u = scale x counts periods from a point of the lattice of phase 0. Both
forms are the same function: odd, of period 1 and interpolating on |u| <= W, zero beyond, where
W = 2^folds - 1/2 ends both lattices' profiles at a zero (Appendix C.1; statement
piecewise-linear-score). Direct, the neurons grow with W, folded with log W.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch

from hardposterior.impl import arguments
from hardposterior.impl.piecewise_linear import Array
from hardposterior.impl.relu_blocks import affine, spline
from hardposterior.impl.relu_network import ReluNetwork, SparseAffine


def folds_for(reach: float) -> int:
    """The least `folds` >= 0 with 2^folds - 1/2 >= reach, a number of periods."""
    reach = arguments.positive("reach", reach)
    folds = 0
    while 2.0**folds - 0.5 < reach:
        folds += 1
    return folds


def direct(
    knots: Sequence[float],
    values: Sequence[float],
    scale: float,
    folds: int,
    dtype: torch.dtype = torch.float64,
) -> ReluNetwork:
    """One hidden layer, a neuron for each knot in [-W, W]: (..., 1) to (..., 2).

    8 W pieces + 4 neurons, where `pieces` counts the knots but the one at 0.
    `knots` from 0 to 1/2 and `values` in [0, 1/2], 0 at both ends. Raises `InvalidArgument`.
    """
    v, h = _checked(knots, values)
    scale = arguments.positive("scale", scale)
    periods = 2 ** arguments.integer("folds", folds, 0, 20)
    arguments.dtype(dtype)
    rows: list[tuple[float, float]] = []  # weight and bias of each neuron
    slopes: list[tuple[float, float]] = []  # its weights in the two outputs
    bases = []
    for output in (0, 1):
        places, heights = _unfolded(v, h, periods, output)
        terms = spline(places.tolist(), heights.tolist(), int(np.argmin(abs(places))))
        bases.append(terms.base)
        for direction, knot, slope in terms.neurons():
            rows.append((direction * scale, -direction * knot))
            slopes.append((slope, 0.0) if output == 0 else (0.0, slope))
    weights, bias = np.array(rows).T
    return ReluNetwork(
        [affine(weights[:, None], bias, dtype), affine(np.array(slopes).T, bases, dtype)]
    )


def _unfolded(v: Array, h: Array, periods: int, output: int) -> tuple[Array, Array]:
    """Knots in u and values over the half periods [j/2, (j + 1)/2] of [-W, W]."""
    places, heights = [], []
    for j in range(1 - 2 * periods, 2 * periods - 1):
        from_lattice_point = (j + output) % 2 == 0
        places.append((j + 1) / 2 - v[:0:-1] if from_lattice_point else j / 2 + v[:-1])
        heights.append(h[:0:-1] if from_lattice_point else -h[:-1])
    return np.append(np.concatenate(places), periods - 0.5), np.append(np.concatenate(heights), 0.0)


def folded(
    knots: Sequence[float],
    values: Sequence[float],
    scale: float,
    folds: int,
    dtype: torch.dtype = torch.float64,
) -> ReluNetwork:
    """The function of `direct` in folds + 6 hidden layers and 4 folds + 2 pieces + 16 neurons.

    relu(scale x + W) and relu(2 W - .) clamp u exactly to [-W, W]. folds + 2 steps z -> |z - 2^k|
    then give two triangle waves of period 1, z and z' = z at u - 1/4, both in [0, 1/2]: with
    a = 4 z - 1 and b = 4 z' - 1, |a| + |b| = 1, a is even, b odd, and z is the distance of u from
    a midpoint of phase 0. With g the interpolant at z and K |b| >= g,
    H_1 = relu(g - K relu(-b)) - relu(g - K relu(b)); for the other phase a and b change sign.
    K is a power of two. `pieces` counts the knots but the one at 0. Raises `InvalidArgument`.
    """
    v, h = _checked(knots, values)
    scale = arguments.positive("scale", scale)
    half = 2.0 ** arguments.integer("folds", folds, 0, 20)
    arguments.dtype(dtype)
    range_of_u = half - 0.5
    # |z - c| as relu(z - c) + relu(c - z), for each wave; clamped, u = half - 1/2 - y.
    fold = np.array([[1.0], [-1.0]])
    both = np.array([1.0, -1.0])
    layers = [
        affine([[scale]], [range_of_u], dtype),
        affine([[-1.0]], [2 * range_of_u], dtype),
        affine(
            np.vstack([fold, fold]),
            np.concatenate([(0.5 - half) * both, (0.75 - half) * both]),
            dtype,
        ),
    ]
    steps = np.kron(np.eye(2), np.array([[1.0, 1.0], [-1.0, -1.0]]))
    for k in range(1, folds + 2):
        layers.append(affine(steps, -half * 2.0**-k * np.tile(both, 2), dtype))
    return ReluNetwork([*layers, *_profiles(v, h, dtype)])


def _profiles(v: Array, h: Array, dtype: torch.dtype) -> list[SparseAffine]:
    """From the parts of z and z', (4,), the maps to g of both phases, to their signs, and to H."""
    terms = spline(v.tolist(), h.tolist(), len(v) - 1, constant_ends=False)
    places = np.array(terms.knots)  # the terms are relu(knot - z), all of them
    count = len(places)
    first = np.zeros((2 * count + 2, 4))
    first[:count, :2] = -1.0
    first[count : 2 * count, :2] = 1.0  # 1/2 - z instead of z
    first[-2:, 2:] = [[4.0, 4.0], [-4.0, -4.0]]  # b and -b
    bias = np.concatenate([places, places - 0.5, [-1.0, 1.0]])
    steepest = float(abs(np.diff(h) / np.diff(v)).max()) / 4
    k = 2.0 ** math.ceil(math.log2(max(steepest, 2.0**-10) * (1 + 2.0**-20)))
    second = np.zeros((4, 2 * count + 2))
    second[:2, :count] = terms.slopes
    second[2:, count : 2 * count] = terms.slopes
    second[[0, 3], -1] = -k
    second[[1, 2], -2] = -k
    last = [[1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]]
    return [
        affine(first, bias, dtype),
        affine(second, np.full(4, terms.base), dtype),
        affine(last, [0.0, 0.0], dtype),
    ]


def _checked(knots: Sequence[float], values: Sequence[float]) -> tuple[Array, Array]:
    """Knots and values as arrays, if they describe a half-period profile."""
    v, h = np.asarray(knots, dtype=np.float64), np.asarray(values, dtype=np.float64)
    rising = v.ndim == 1 and len(v) > 1 and bool((np.diff(v) > 0).all())
    if not rising or v[0] != 0 or v[-1] != 0.5:
        arguments.reject("knots", knots, "increasing from 0 to 1/2")
    if h.shape != v.shape or h[0] != 0 or h[-1] != 0 or not bool(((h >= 0) & (h <= 0.5)).all()):
        arguments.reject("values", values, "in [0, 1/2], one a knot, 0 at both ends")
    return v, h
