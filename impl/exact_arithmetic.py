"""Error-free sums and products of float64 numbers, and arithmetic on pairs of them.

A pair (high, low) stands for the exact sum high + low with |low| at most half a unit in the last
place of high: about 106 bits. Everything works elementwise on float64 tensors. PyTorch exposes no
fused multiply-add, so factors are split (T. J. Dekker, Numer. Math. 18, 1971); sums follow
D. E. Knuth, The Art of Computer Programming 2, section 4.2.2.
"""

from typing import TypeAlias

import torch
from torch import Tensor

Pair: TypeAlias = tuple[Tensor, Tensor]

SPLITTER = 2.0**27 + 1
LEADING_BITS = 30  # of a leading part: exact times any integer of at most 53 - 30 bits


def two_sum(a: Tensor, b: Tensor) -> Pair:
    """(s, e) with s = fl(a + b) and s + e = a + b exactly."""
    s = a + b
    part = s - a
    return s, (a - (s - part)) + (b - part)


def halves(a: Tensor) -> Pair:
    """(high, low) with high + low = a exactly, each of at most 26 significant bits."""
    scaled = SPLITTER * a
    high = scaled - (scaled - a)
    return high, a - high


def two_prod(a: Tensor, b: Tensor) -> Pair:
    """(p, e) with p = fl(a b) and p + e = a b exactly, unless something under- or overflows."""
    p = a * b
    a_high, a_low = halves(a)
    b_high, b_low = halves(b)
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def pair_sum(x: Pair, y: Pair) -> Pair:
    """x + y for positive pairs, to a relative error below 2^-102."""
    high, low = two_sum(x[0], y[0])
    return two_sum(high, low + (x[1] + y[1]))


def pair_product(x: Pair, y: Pair) -> Pair:
    """x y to a relative error below 2^-102."""
    high, low = two_prod(x[0], y[0])
    return two_sum(high, low + (x[0] * y[1] + x[1] * y[0]))


def pair_quotient(x: Pair, y: Pair) -> Pair:
    """x / y to a relative error below 2^-100, by one step of long division."""
    first = x[0] / y[0]
    product, error = two_prod(first, y[0])
    rest = ((x[0] - product) - error) + (x[1] - first * y[1])
    return two_sum(first, rest / y[0])


def leading_unit(a: Tensor) -> Tensor:
    """The power of two 2^e with |a| / 2^e in [2^29, 2^30): the step of `a`'s leading bits."""
    mantissa, _ = torch.frexp(a)  # |mantissa| in [1/2, 1)
    return (a / mantissa) * 2.0**-LEADING_BITS


def leading_part(a: Tensor, step: Tensor) -> Tensor:
    """The multiple of `step`, a power of two, nearest to `a`."""
    return torch.round(a / step) * step
