"""Gaussian mixtures on the line, lattices among them: denoiser, mmse and reverse diffusion exactly.

The law of a sampler's output is carried along on a grid from the stated transition; nothing comes
from an implementation. Trapezoid rules on the whole line, so the error falls faster than any power.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
REACH = 9
"""Standard deviations that grids reach to either side: 2 Phi(-9) = 2e-19."""


@dataclass(frozen=True)
class Mixture:
    """sum_i weights_i N(centers_i, variance); methods take the variance u of the noise."""

    weights: Array
    centers: Array
    variance: float

    def second_moment(self) -> float:
        """E|X|^2."""
        return float(self.weights @ self.centers**2 / self.weights.sum() + self.variance)

    def reach(self, u: float) -> float:
        """Beyond +- this there is nothing to see."""
        return float(np.abs(self.centers).max() + REACH * math.sqrt(self.variance + u))

    def responsibilities(self, x: Array, u: float) -> tuple[Array, Array]:
        """Probabilities of the components given x, and the log density at x."""
        log_weights = np.log(self.weights / self.weights.sum())
        total = self.variance + u
        exponents = -((x[:, None] - self.centers) ** 2) / (2 * total) + log_weights
        largest = exponents.max(axis=1)
        shares = np.exp(exponents - largest[:, None])
        sums = shares.sum(axis=1)
        return shares / sums[:, None], largest + np.log(sums) - math.log(2 * math.pi * total) / 2

    def log_density(self, x: Array, u: float) -> Array:
        """log p_u(x)."""
        return self.responsibilities(x, u)[1]

    def denoiser(self, x: Array, u: float) -> Array:
        """E[X | X + sqrt(u) Z = x]."""
        means = self.responsibilities(x, u)[0] @ self.centers
        return np.asarray((u * means + self.variance * x) / (self.variance + u))

    def finest(self, u: float) -> float:
        """A step on which D_u and p_u are smooth.

        Between centers at a distance g the denoiser turns over a length of (variance + u) / g: its
        poles lie pi times that off the line, and the trapezoid rule errs by exp(-2 pi^2) or less.
        """
        total = self.variance + u
        gap = float(np.diff(np.sort(self.centers)).max(initial=0.0))
        return min(math.sqrt(total) / 12, total / max(gap, 1e-300))

    def grid(self, u: float) -> Array:
        """A grid for integrals against p_u."""
        reach = self.reach(u)
        return np.linspace(-reach, reach, 1 + math.ceil(2 * reach / self.finest(u)))

    def mmse(self, u: float) -> float:
        """E Var[X | X + sqrt(u) Z]."""
        x, total = self.grid(u), self.variance + u
        shares, log_density = self.responsibilities(x, u)
        spread = (shares * (self.centers - (shares @ self.centers)[:, None]) ** 2).sum(axis=1)
        variances = self.variance * u / total + (u / total) ** 2 * spread
        return float(np.exp(log_density) @ variances * (x[1] - x[0]))

    def change_of_the_denoiser(self, u: float, more: float) -> float:
        """E|D_u - D_{u + more}|^2 along one path X_u, X_u + sqrt(more) Z."""
        x = self.grid(u)
        step = min(1 / 12, self.finest(u + more) / math.sqrt(more))
        z = np.linspace(-REACH, REACH, 1 + math.ceil(2 * REACH / step))
        weight = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
        later = x[:, None] + math.sqrt(more) * z
        frozen = self.denoiser(later.ravel(), u + more).reshape(later.shape)
        gaps = (self.denoiser(x, u)[:, None] - frozen) ** 2 @ weight
        return float(np.exp(self.log_density(x, u)) @ gaps * (x[1] - x[0]))


@dataclass(frozen=True)
class Inexact(Mixture):
    """A mixture whose denoiser is off by amplitude sqrt(u) sin(x / sqrt(u)): kappa <= amplitude."""

    amplitude: float

    def denoiser(self, x: Array, u: float) -> Array:
        """The wrong denoiser."""
        wave = self.amplitude * math.sqrt(u) * np.sin(x / math.sqrt(u))
        return np.asarray(super().denoiser(x, u) + wave)

    def score_error(self, u: float) -> float:
        """kappa^2 = E|D - D_hat|^2 / u."""
        x = self.grid(u)
        wave = self.amplitude**2 * np.sin(x / math.sqrt(u)) ** 2
        return float(np.exp(self.log_density(x, u)) @ wave * (x[1] - x[0]))


def lattice(spacing: float, phase: float) -> Mixture:
    """psi_{spacing, phase}, of unit scale, as a mixture of points."""
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


def output_density(law: Mixture, levels: Sequence[float], fineness: int = 6) -> tuple[Array, Array]:
    """A grid and the density of the sampler's output there: one stated transition after another.

    `levels` are standard deviations. Each grid has `fineness` points in the narrower of the two
    kernels that meet there.
    """
    variances = [sigma**2 for sigma in levels]
    spreads = [math.sqrt(v * (u - v) / u) for u, v in pairwise(variances)]
    reach = REACH * levels[0]
    x = np.linspace(-reach, reach, 1 + math.ceil(2 * reach * fineness / spreads[0]))
    density = np.exp(-(x**2) / (2 * variances[0])) / math.sqrt(2 * math.pi * variances[0])
    for k, (u, v) in enumerate(pairwise(variances)):
        spread, narrowest = spreads[k], min(spreads[k : k + 2])
        clean = law.denoiser(x, u)
        means = clean + v / u * (x - clean)
        if np.any(np.diff(means) < 0):
            raise ValueError("the denoiser must be such that a step's mean does not decrease in x")
        mass = density * (x[1] - x[0])
        reach = law.reach(v)
        x = np.linspace(-reach, reach, 1 + math.ceil(2 * reach * fineness / narrowest))
        density = np.empty_like(x)
        for first in range(0, len(x), 32):
            some = x[first : first + 32]
            ends = [some[0] - REACH * spread, some[-1] + REACH * spread]
            near = slice(*np.searchsorted(means, ends))
            gaps = (some[:, None] - means[near]) / spread
            density[first : first + 32] = np.exp(-(gaps**2) / 2) @ mass[near]
        density /= spread * math.sqrt(2 * math.pi)
    return x, density


def divergences(law: Mixture, levels: Sequence[float], fineness: int = 6) -> tuple[float, float]:
    """KL(p_{u_K} | output), and the total variation between the two."""
    x, density = output_density(law, levels, fineness)
    step = float(x[1] - x[0])
    if abs(float(density.sum()) * step - 1) > 1e-9:
        raise ArithmeticError("the quadrature lost mass on its way")
    log_target = law.log_density(x, levels[-1] ** 2)
    target = np.exp(log_target)
    log_output = np.log(np.maximum(density, 1e-300))
    kl = float(target @ (log_target - log_output) * step)
    return kl, float(np.abs(target - density).sum() * step / 2)
