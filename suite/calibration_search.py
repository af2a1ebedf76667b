"""Searching for the largest spacing / separation, on the spec's formulas in arrays of binary64.

Nothing here is a proof: what the search finds is rounded to short decimals and proved afterwards.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, special

from hardposterior.spec import mixture_score, vertex_score
from hardposterior.spec.arithmetic import Number, partial_sum
from hardposterior.spec.lattice_margins import TOP

STEP = 1 / 8
"""Octaves between the noise levels of a scan."""

SLACK = 1e-3
"""The part of the target that the search leaves to rounding and to the proof."""

Array = Any


class Arrays:
    """numpy arrays as an arithmetic context, elementwise."""

    pi = math.pi
    exp = staticmethod(np.exp)
    expm1 = staticmethod(np.expm1)
    log = staticmethod(np.log)
    log1p = staticmethod(np.log1p)
    sqrt = staticmethod(np.sqrt)
    sin = staticmethod(np.sin)
    cos = staticmethod(np.cos)
    tanh = staticmethod(np.tanh)
    atanh = staticmethod(np.arctanh)
    erfc = staticmethod(special.erfc)
    lgamma = staticmethod(special.gammaln)
    absolute = staticmethod(np.abs)
    minimum = staticmethod(np.minimum)
    maximum = staticmethod(np.maximum)

    def number(self, value: Any) -> Number:
        return np.asarray(value, dtype=float) if isinstance(value, np.ndarray) else float(value)

    def nearest_integer(self, x: Number) -> int:
        raise NotImplementedError("two-sided series are not summed over arrays")

    def series(
        self, term: Callable[[int], Number], tail: Callable[[int], Number], first: int = 0
    ) -> Number:
        def negligible(rest: Number, total: Number, size: Number) -> bool:
            del size  # the terms summed here are positive: nothing cancels
            return bool(np.all(rest <= 2.0**-54 * np.abs(total)))

        return partial_sum(term, tail, first, negligible, most=1000)[0]

    def two_sided_series(
        self, term: Callable[[int], Number], tail: Callable[[int], Number], centre: int
    ) -> Number:
        raise NotImplementedError("two-sided series are not summed over arrays")

    def derivative(self, function: Callable[[Number], Number], x: Number) -> Number:
        raise NotImplementedError("arrays have no derivative")


ctx = Arrays()

Mixture = Callable[..., Array]
"""A bound on the error of the mixture score: `bound(ctx, n, m, separation, spacing, sigma)`."""


@dataclass(frozen=True)
class Problem:
    """Sizes and target: min(V, U) sigma^2 <= target for every sigma >= lowest (unscaled)."""

    n: int
    m: int
    lowest: float
    target: float
    mixture: Mixture = mixture_score.sharp_bound_of_sizes

    def vertex_error(self, separation: float, spacing: float, sigma: Array) -> Array:
        """V sigma^2 over the target."""
        bound = vertex_score.vertex_score_bound(ctx, self.n, self.m, separation, spacing, sigma)
        return bound * sigma * sigma / self.target

    def mixture_error(self, separation: float, spacing: float, sigma: Array) -> Array:
        """U sigma^2 over the target; infinite where eta >= 1."""
        sigma = np.asarray(sigma, dtype=float)
        v = sigma**2 / (1 + sigma**2)
        visible = np.exp(-2 * np.pi**2 * v / spacing**2) >= float(TOP)
        if np.any(visible):
            return np.inf
        bound = self.mixture(ctx, self.n, self.m, separation, spacing, sigma)
        return bound * sigma * sigma / self.target

    def feasible(self, separation: float, spacing: float) -> bool:
        """Whether V meets the target up to some noise level, and U from there on."""
        span = math.log2(16 / self.lowest)
        sigma = self.lowest * 2.0 ** np.linspace(0, span, max(2, round(span / STEP)))
        above = np.flatnonzero(~(self.vertex_error(separation, spacing, sigma) <= 1))
        if len(above) == 0 or above[0] == 0:
            return len(above) == 0
        low, high = np.log(sigma[above[0] - 1 : above[0] + 1])
        crossing = math.exp(
            optimize.brentq(
                lambda z: float(self.vertex_error(separation, spacing, math.exp(z))) - 1, low, high
            )
        )
        rest = crossing * 2.0 ** np.arange(0, 6 + max(0.0, -math.log2(crossing)), STEP)
        return bool(np.all(self.mixture_error(separation, spacing, rest) <= 1))


def least_separation(problem: Problem, spacing: float, most: float) -> float:
    """The least feasible separation in [1, most], bisected to 1e-6; infinite where there is none.

    Feasibility is monotone in the separation in every scan made; a proof follows in any case.
    """
    if not problem.feasible(most, spacing):
        return math.inf
    low, high = 1.0, most
    if problem.feasible(low, spacing):
        return low
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if problem.feasible(middle, spacing) else (middle, high)
    return high


def largest_ratio(problem: Problem, separation: float, spacing: float) -> tuple[float, float]:
    """(separation, spacing) of the largest ratio found, starting from a feasible pair.

    A scan of spacings on a logarithmic scale, then golden sections around the best.
    """
    most = 2 * separation

    def ratio(log_spacing: float) -> float:
        return math.exp(log_spacing) / least_separation(problem, math.exp(log_spacing), most)

    with np.errstate(all="ignore"):
        logs = math.log(spacing) + np.linspace(-0.5, 1.0, 16)
        best = int(np.argmax([ratio(z) for z in logs]))
        low, high = logs[max(best - 1, 0)], logs[min(best + 1, len(logs) - 1)]
        golden = (math.sqrt(5) - 1) / 2
        inner = [high - golden * (high - low), low + golden * (high - low)]
        values = [ratio(z) for z in inner]
        while high - low > 1e-5:
            if values[0] >= values[1]:
                high, inner[1], values[1] = inner[1], inner[0], values[0]
                inner[0] = high - golden * (high - low)
                values[0] = ratio(inner[0])
            else:
                low, inner[0], values[0] = inner[0], inner[1], values[1]
                inner[1] = low + golden * (high - low)
                values[1] = ratio(inner[1])
        chosen = math.exp(inner[0] if values[0] >= values[1] else inner[1])
        return least_separation(problem, chosen, most), chosen
