"""Reverse diffusion on the line against quadrature: the law of the output, its error, its bound.

The law of the sampler's output is propagated on a grid, step by step, from the stated transition
and exact denoisers of Gaussian mixtures (a lattice is a mixture of points). Nothing here comes from
the implementation. The bound's terms are written out from statement `reverse-diffusion`.
"""

import math
import os
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.polynomial.legendre import leggauss

from hardposterior.impl.diffusion import geometric_schedule, reverse_diffusion

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"


@dataclass(frozen=True)
class Mixture:
    """sum_i weights_i N(centers_i, variance), smoothed by N(0, u) where a method takes u."""

    weights: np.ndarray
    centers: np.ndarray
    variance: float

    def second_moment(self):
        return float(self.weights @ self.centers**2 / self.weights.sum() + self.variance)

    def reach(self, u):
        return float(np.abs(self.centers).max() + 9 * math.sqrt(self.variance + u))

    def responsibilities(self, x, u):
        """Weights of the components given x, and the log density at x."""
        log_weights = np.log(self.weights / self.weights.sum())
        total = self.variance + u
        exponents = -((x[:, None] - self.centers) ** 2) / (2 * total) + log_weights
        largest = exponents.max(axis=1)
        shares = np.exp(exponents - largest[:, None])
        sums = shares.sum(axis=1)
        return shares / sums[:, None], largest + np.log(sums) - math.log(2 * math.pi * total) / 2

    def log_density(self, x, u):
        return self.responsibilities(x, u)[1]

    def denoiser(self, x, u):
        means = self.responsibilities(x, u)[0] @ self.centers
        return (u * means + self.variance * x) / (self.variance + u)

    def mmse(self, u):
        """E Var[X | X + sqrt(u) Z] by the trapezoid rule (spectral accuracy on the whole line)."""
        reach, total = self.reach(u), self.variance + u
        x = np.linspace(-reach, reach, 1 + math.ceil(24 * reach / math.sqrt(total)))
        shares, log_density = self.responsibilities(x, u)
        spread = (shares * (self.centers - (shares @ self.centers)[:, None]) ** 2).sum(axis=1)
        variances = self.variance * u / total + (u / total) ** 2 * spread
        return float(np.exp(log_density) @ variances * (x[1] - x[0]))


def lattice(spacing, phase):
    points = spacing * (np.arange(-60, 61) + phase)
    points = points[np.abs(points) < 9]
    return Mixture(np.exp(-(points**2) / 2), points, 0.0)


LAWS = {
    "lattice 1.1, 1/2": lattice(1.1, 0.5),
    "lattice 1.1, 0": lattice(1.1, 0.0),
    "lattice 0.5, 0.3": lattice(0.5, 0.3),
    "lattice 2.5, 0": lattice(2.5, 0.0),
    "two points": Mixture(np.array([0.2, 0.8]), np.array([-1.0, 2.0]), 0.0),
    "mixture": Mixture(np.array([0.5, 0.3, 0.2]), np.array([-2.0, 0.5, 4.0]), 0.04),
    "normal": Mixture(np.array([1.0]), np.array([0.0]), 1.0),
}


def output_density(law, levels, fineness=6):
    """The density of the sampler's output on a grid: one stated transition after the other.

    Each grid has `fineness` points in the narrower of the two kernels that meet there.
    """
    variances = [sigma**2 for sigma in levels]
    spreads = [math.sqrt(v * (u - v) / u) for u, v in pairwise(variances)]
    reach = 9 * levels[0]
    x = np.linspace(-reach, reach, 1 + math.ceil(2 * reach * fineness / spreads[0]))
    density = np.exp(-(x**2) / (2 * variances[0])) / math.sqrt(2 * math.pi * variances[0])
    for k, (u, v) in enumerate(pairwise(variances)):
        spread, narrowest = spreads[k], min(spreads[k : k + 2])
        clean = law.denoiser(x, u)
        means = clean + v / u * (x - clean)  # increasing in x, for D does not decrease
        mass = density * (x[1] - x[0])
        reach = law.reach(v)
        x = np.linspace(-reach, reach, 1 + math.ceil(2 * reach * fineness / narrowest))
        density = np.empty_like(x)
        for first in range(0, len(x), 32):
            some = x[first : first + 32]
            near = slice(*np.searchsorted(means, [some[0] - 9 * spread, some[-1] + 9 * spread]))
            gaps = (some[:, None] - means[near]) / spread
            density[first : first + 32] = np.exp(-(gaps**2) / 2) @ mass[near]
        density /= spread * math.sqrt(2 * math.pi)
    return x, density


def divergences(law, levels, fineness=6):
    """KL(p_{u_K} | output) and the total variation between the two."""
    x, density = output_density(law, levels, fineness)
    step = x[1] - x[0]
    assert density.sum() * step == pytest.approx(1, abs=1e-9)  # nothing lost on the way
    log_target = law.log_density(x, levels[-1] ** 2)
    target = np.exp(log_target)
    log_output = np.log(np.maximum(density, 1e-300))
    kl = float(target @ (log_target - log_output) * step)
    return kl, float(np.abs(target - density).sum() * step / 2)


def mmse_bound(law, levels):
    """E|X|^2 / (2 u_0) + (1/2) sum_k integral of (mmse(u_k) - mmse(u)) / u^2 over each step."""
    nodes, weights = leggauss(8)
    total = 0.0
    for sigma, after in pairwise(levels):
        middle, half = math.log(sigma * after), math.log(sigma / after)  # of log u
        frozen = law.mmse(sigma**2)
        u = np.exp(middle + half * nodes)
        total += half * sum(w * (frozen - law.mmse(v)) / v for w, v in zip(weights, u, strict=True))
    return law.second_moment() / (2 * levels[0] ** 2) + total / 2


def closed_forms(law, levels):
    """The two closed forms at d = 1, each with the start term: the first is the smaller one."""
    steps, ratio = len(levels) - 1, (levels[0] / levels[1]) ** 2
    start = law.second_moment() / (2 * levels[0] ** 2)
    return (
        start + (ratio - 1) / 2 * (1 + (steps - 1) * (1 - 1 / ratio)),
        start + (ratio - 1) / 2 * (1 + (ratio - 1) * steps),
    )


def schedule(steps):
    return geometric_schedule(20.0, 0.1, steps)


def test_reference_numbers():
    """Lattice 1.1, phase 1/2, u from 400 to 0.01 in 20 steps."""
    law, levels = LAWS["lattice 1.1, 1/2"], schedule(20)
    kl, total_variation = divergences(law, levels)
    assert kl == pytest.approx(0.0212, rel=0.02)
    assert total_variation == pytest.approx(0.0574, rel=0.02)
    assert mmse_bound(law, levels) == pytest.approx(0.4230, rel=0.001)
    assert closed_forms(law, levels)[1] == pytest.approx(5.23, rel=0.001)
    # The quadrature has converged: a grid twice as fine gives the same.
    assert divergences(law, levels, fineness=12) == pytest.approx((kl, total_variation), rel=1e-3)


ALL_STEPS = [5, 10, 20, 40, 80, 160, 400] if THOROUGH else [5, 20, 80]


@pytest.mark.parametrize("name", LAWS)
def test_error_is_below_its_bounds(name):
    """KL <= mmse bound <= closed forms; Pinsker; and the orders in 1 / K."""
    law, errors, bounds = LAWS[name], [], []
    for steps in ALL_STEPS:
        levels = schedule(steps)
        kl, total_variation = divergences(law, levels)
        bound = mmse_bound(law, levels)
        first, second = closed_forms(law, levels)
        assert 0 < kl <= bound <= first <= second
        assert total_variation <= math.sqrt(kl / 2)
        errors.append((kl, total_variation))
        bounds.append(bound - law.second_moment() / (2 * levels[0] ** 2))
    ratio = math.log(ALL_STEPS[-1] / ALL_STEPS[-2])
    kl_order, variation_order = np.log(np.divide(errors[-2], errors[-1])) / ratio
    bound_order = math.log(bounds[-2] / bounds[-1]) / ratio
    # The bound is of first order in 1 / K, the true KL of second and total variation of first.
    assert 0.9 < bound_order < 1.3
    assert 1.75 < kl_order < 2.35
    assert 0.85 < variation_order < 1.2


def test_four_hundred_steps():
    law, levels = LAWS["lattice 1.1, 1/2"], schedule(400)
    kl, total_variation = divergences(law, levels)
    assert kl <= mmse_bound(law, levels) <= closed_forms(law, levels)[0]
    assert kl == pytest.approx(4.64e-5, rel=0.01)
    assert total_variation == pytest.approx(3.06e-3, rel=0.01)


def torch_denoiser(law):
    return lambda x, sigma: (
        torch.from_numpy(law.denoiser(x.double().numpy().ravel(), sigma**2))
        .reshape(x.shape)
        .to(x.dtype)
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ["lattice 1.1, 1/2", "mixture"])
def test_draws_follow_the_output_density(name, dtype):
    """Kolmogorov-Smirnov by the inequality of Dvoretzky, Kiefer, Wolfowitz, false alarm <= 1e-6.

    Detects any difference of cdfs above twice the threshold of .0085, such as a step that adds the
    noise of the level before; at 8 steps the law p itself, .065 away, is told from the output.
    """
    law, levels, count, dim = LAWS[name], schedule(8), 50_000, 2
    x, density = output_density(law, levels)
    cdf = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2) * (x[1] - x[0])])
    generator = torch.Generator().manual_seed(11)
    draws = reverse_diffusion(
        torch_denoiser(law), dim, levels, count, generator, batch=20_000, dtype=dtype
    )
    values = np.sort(draws.double().numpy().ravel())
    threshold = math.sqrt(math.log(2 / 1e-6) / (2 * len(values)))
    assert distance(values, np.interp(values, x, cdf)) <= threshold

    target = np.exp(law.log_density(x, levels[-1] ** 2))
    target_cdf = np.cumsum(target) * (x[1] - x[0])
    assert np.abs(target_cdf - cdf).max() > 2 * threshold  # so the test has power


def distance(values, cdf):
    """The Kolmogorov-Smirnov distance of sorted values to the law whose cdf they have."""
    steps = np.arange(len(values) + 1) / len(values)
    return float(max((steps[1:] - cdf).max(), (cdf - steps[:-1]).max()))
