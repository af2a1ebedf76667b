"""Bits of signs, and selections of values by bits, as ReLU networks that are exact in floats."""

import math

import numpy as np
import torch

from hardposterior.impl import arguments
from hardposterior.impl.relu_network import ReluNetwork, SparseAffine

RANGE = (2.0**-100, 2.0**100)  # of widths and bounds: their reciprocals and squares stay finite


def sign_bits(width: float, n: int, dtype: torch.dtype = torch.float32) -> ReluNetwork:
    """x of shape (..., n) to clamp((x / w + 1) / 2, 0, 1): the exact bit of sgn(x_i) if |x_i| >= w.

    2 n neurons in two layers, relu(1 - relu(1/2 - c x)) with c = 1 / (2 w). The same clamp in one
    layer, relu(u) - relu(u - 1), is exact on paper but not in floats, where the two sums round
    apart (at x / w = 2^27 in float32 their difference is 0). c is rounded up to a float32, so that
    the window 1 / (2 c) is at most `width`: |x_i| >= width gives the exact bit in either dtype.
    Statement relu-sign (Appendix C.4). Raises `InvalidArgument` unless 2^-100 <= width <= 2^100.

    >>> sign_bits(0.25, 2)(torch.tensor([-1.0, 0.25])).tolist()
    [0.0, 1.0]
    """
    width = _in_range("width", width)
    arguments.integer("n", n, 1)
    arguments.dtype(dtype)
    slope = np.float32(0.5 / width)
    if float(slope) < 0.5 / width:
        slope = np.nextafter(slope, np.float32(np.inf))
    each = range(n)
    layers = [
        SparseAffine(n, each, each, [-float(slope)] * n, [0.5] * n, dtype),
        SparseAffine(n, each, each, [-1.0] * n, [1.0] * n, dtype),
        SparseAffine(n, each, each, [1.0] * n, [0.0] * n, dtype),
    ]
    return ReluNetwork(layers)


def select(bound: float, count: int = 1, dtype: torch.dtype = torch.float32) -> ReluNetwork:
    """(b, C) of shape (..., 2 count), bits first, to shape (..., count): b_i C_i for b_i in {0,1}.

    relu(C - K (1 - b)) - relu(-C - K (1 - b)), 2 count neurons in one layer, where |C| <= `bound`
    is the caller's promise and K the least power of two that is no less than `bound`. For b in
    [0,1] the output has the sign of C and at most the size b |C|. The terms of a row are added in
    the order -K, K b, C, so that the output is exactly C at b = 1 and 0 at b = 0 (on the CPU).
    Statement relu-selection (Appendix C.4). Raises `InvalidArgument` unless
    2^-100 <= bound <= 2^100.

    >>> select(1.0, 1)(torch.tensor([[0.5, 1.0], [0.5, 0.0]])).tolist()
    [[0.5], [0.0]]
    """
    bound = _in_range("bound", bound)
    arguments.integer("count", count, 1)
    arguments.dtype(dtype)
    k = 2.0 ** math.ceil(math.log2(bound))
    rows = [row for row in range(2 * count) for _ in range(2)]
    columns = [column for i in range(count) for column in (i, count + i)] * 2
    weights = [k, 1.0] * count + [k, -1.0] * count
    first = SparseAffine(2 * count, rows, columns, weights, [-k] * (2 * count), dtype)
    pairs = [column for i in range(count) for column in (i, count + i)]
    halves = [i for i in range(count) for _ in range(2)]
    last = SparseAffine(2 * count, halves, pairs, [1.0, -1.0] * count, [0.0] * count, dtype)
    return ReluNetwork([first, last])


def _in_range(name: str, value: object) -> float:
    """`value` as a float in RANGE."""
    number = arguments.positive(name, value)
    if not RANGE[0] <= number <= RANGE[1]:
        arguments.reject(name, value, "in [2^-100, 2^100]")
    return number
