"""The half-period profile of a smoothed lattice's denoiser, and knots for it and for tanh.

With u = mu / spacing - phase, mu = x / t, and q = sigma^2 / (t spacing^2), the lattice index given
x is a discrete Gaussian K about u with parameter q, and the offset of the denoiser is
H(u) = (mu - D) / spacing = u - E K: odd, of period 1, free of the phase and of sigma but for q.
It vanishes at the lattice points (u integer) and the midpoints, and is in [0, 1/2] on [0, 1/2].
As q -> 0 it tends to u there, with a riser of width about q before the midpoint. So the profile is
a function of v = 1/2 - u, the distance to the midpoint, which resolves the riser in floats.
The derivatives follow from the cumulants of K: d^2 H / dv^2 = -kappa_3(K) / q^2 (Appendix C.1).
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfcinv

from hardposterior.impl import arguments
from hardposterior.impl.piecewise_linear import Array, adaptive_knots

WIDEST_UNLIKELY = 0.25  # the part of [0, 1/2] that one piece may span for being unlikely
LEVELS = 5  # of q, at which the curvature in a box is sampled
COARSEST = 0.125  # error: beyond it there is nothing left to interpolate
REACH = 9.0  # standard deviations of the lattice index: exp(-9^2 / 2) < 2^-53 / 10


def offset(v: ArrayLike, q: float) -> Array:
    """H at distance v in [0, 1/2] from the midpoint, in spacings: array of the shape of v."""
    v = np.asarray(v, dtype=np.float64)
    index, weights = _index_law(v, arguments.positive("q", q))
    result: Array = (0.5 - v) - (weights * index).sum(-1)
    return result


def curvature(v: ArrayLike, q: float) -> Array:
    """|d^2 H / dv^2|, array of the shape of v."""
    index, weights = _index_law(np.asarray(v, dtype=np.float64), arguments.positive("q", q))
    mean = (weights * index).sum(-1, keepdims=True)
    result: Array = abs((weights * (index - mean) ** 3).sum(-1)) / q**2
    return result


def _index_law(v: Array, q: float) -> tuple[Array, Array]:
    """The lattice indices near u = 1/2 - v >= 0, and their probabilities, shape (..., indices)."""
    reach = 1 + math.ceil(REACH * math.sqrt(q))
    index = np.arange(1 - reach, 1 + reach, dtype=np.float64)
    # (k - u)^2 - u^2 = k (k - 1) + 2 k v: no cancellation where v is tiny.
    exponents = -(index * (index - 1) + 2 * index * v[..., None]) / (2 * q)
    weights = np.exp(exponents)
    return index, weights / weights.sum(-1, keepdims=True)


def profile_knots(
    q_low: float, q_high: float, error: float, *, everywhere: bool = False
) -> tuple[float, ...]:
    """Knots 0 = v_0 < ... < v_N = 1/2 for the profile at every q in [q_low, q_high].

    `error`, in spacings, is what the interpolant may err by: in root mean square under the smoothed
    law, or, `everywhere`, in sup norm. In root mean square, u beyond u* has so little mass (that of
    a wrapped N(0, q)) that one piece may span it, where profile and interpolant are both in
    [0, 1/2]: half the mean square goes there, half to the sup norm on the rest. Errors above 1/8
    are treated as 1/8. Raises `InvalidArgument`.
    """
    low, high = arguments.positive("q_low", q_low), arguments.positive("q_high", q_high)
    if low > high:
        arguments.reject("q_low", q_low, f"at most q_high = {high!r}")
    error = min(arguments.positive("error", error), COARSEST)
    cut = 0.0 if everywhere else _unlikely(high, error)
    if cut > 0:
        error /= math.sqrt(2)
    levels = np.geomspace(low, high, LEVELS) if low < high else np.array([low])
    scales = np.geomspace(low / 16, 0.5, 8 * math.ceil(math.log2(8 / low)) + 2)
    start = np.array([cut, *scales[(scales > cut) & (scales < 0.5)], 0.5])

    def tallest(v: Array) -> Array:
        result: Array = np.max([curvature(v, float(q)) for q in levels], axis=0)
        return result

    knots = adaptive_knots(tallest, start, error).tolist()
    return tuple(knots if cut == 0 else [0.0, *knots])


def _unlikely(q: float, error: float) -> float:
    """v* such that the mass of v < v* under a wrapped N(0, q), times 1/4, is error^2 / 2."""
    likely = math.sqrt(2 * q) * float(erfcinv(2 * error**2))
    return min(max(0.5 - likely, 0.0), WIDEST_UNLIKELY)


def tanh_knots(error: float) -> tuple[float, ...]:
    """Knots 0 = a_0 < ... < a_N for tanh on [0, a_N], with sup error `error`.

    tanh is concave here and its interpolant lies below it: with 1 in place of tanh(a_N) at the last
    knot, and beyond, it is never more than `error` above it. Errors above 1/8 are treated as 1/8.
    Raises `InvalidArgument`.
    """
    error = min(arguments.positive("error", error), COARSEST)
    reach = 0.5 * math.log((2 - error) / error)  # 1 - tanh(reach) = error

    def bend(a: Array) -> Array:
        height = np.tanh(a)
        result: Array = 2 * height * (1 - height**2)
        return result

    return tuple(adaptive_knots(bend, np.linspace(0, reach, 65), error).tolist())
