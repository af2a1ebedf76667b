"""The two phases of an image coordinate: lattice spacing (Z + 1/2) for bit 0, spacing Z for bit 1.

Unscaled units. Where a value is averaged over the phases, `mean` is the mean of the bit's sign
s = 2 b - 1: at mean = +-1 one phase is left.
"""

import math
from typing import Any

import torch

from hardposterior.impl import arguments
from hardposterior.impl.lattice import DiscretizedGaussian

PHASES = (0.5, 0.0)  # indexed by the bit
FINE = 0.25  # below this spacing the sums equal their integrals to exp(-2 pi^2 / spacing^2)
REACH = 39.0  # exp(-39^2 / 2) < 1e-330


class PhasePair:
    """The discretized Gaussians of the two bits, on one spacing."""

    def __init__(self, spacing: float, *, dtype: torch.dtype, device: Any = None) -> None:
        self.spacing = arguments.positive("spacing", spacing)
        self.laws = tuple(
            DiscretizedGaussian(self.spacing, phase, dtype=dtype, device=device) for phase in PHASES
        )

    def sample(self, bits: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """A lattice point of each bit's phase, shape of `bits`."""
        zero, one = (law.sample(tuple(bits.shape), generator) for law in self.laws)
        return torch.where(bits == 1, one, zero)

    def log_prob(
        self, x: torch.Tensor, sigma: float | torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The smoothed log-densities at x of bit 0 and of bit 1."""
        zero, one = (law.log_prob(x, sigma) for law in self.laws)
        return zero, one

    def score(
        self, x: torch.Tensor, sigma: float | torch.Tensor, mean: torch.Tensor
    ) -> torch.Tensor:
        """The average score of the phases at x."""
        zero, one = (law.score(x, sigma) for law in self.laws)
        return (1 + mean) / 2 * one + (1 - mean) / 2 * zero

    def denoise(
        self, x: torch.Tensor, sigma: float | torch.Tensor, mean: torch.Tensor
    ) -> torch.Tensor:
        """The average denoiser of the phases at x."""
        zero, one = (law.denoise(x, sigma) for law in self.laws)
        return (1 + mean) / 2 * one + (1 - mean) / 2 * zero

    def variance(self, mean: torch.Tensor) -> torch.Tensor:
        """The average variance of the phases, whose means are zero."""
        zero, one = (lattice_moments(self.spacing, phase)[1] for phase in PHASES)
        return (1 + mean) / 2 * one + (1 - mean) / 2 * zero

    def log_mass(self, point: torch.Tensor, bits: torch.Tensor) -> torch.Tensor:
        """log psi(point) under each bit's phase, for lattice points of that phase."""
        sums = [lattice_moments(self.spacing, phase)[0] for phase in PHASES]
        return -point.square() / 2 - point.new_tensor(sums)[bits]


def lattice_moments(spacing: float, phase: float) -> tuple[float, float]:
    """(log sum exp(-a^2 / 2), variance) over a in spacing (Z + phase); phase 0 or 1/2.

    The phases are symmetric, so the mean is zero. On a fine lattice Poisson summation leaves the
    integrals, with a relative error below exp(-315).

    >>> lattice_moments(40.0, 0.0)
    (0.0, 0.0)
    """
    spacing = arguments.positive("spacing", spacing)
    if phase not in (0.0, 0.5):
        arguments.reject("phase", phase, "0 or 1/2")
    if spacing < FINE:
        return math.log(2 * math.pi) / 2 - math.log(spacing), 1.0
    # Masses relative to the heaviest; each positive point stands for its mirror image too.
    offsets = [k + phase for k in range(1 + math.ceil(REACH / spacing)) if k + phase > 0]
    shortest = (spacing * phase) ** 2 / 2
    masses = [2 * math.exp(shortest - (spacing * u) ** 2 / 2) for u in offsets]
    if phase == 0:
        offsets, masses = [0.0, *offsets], [1.0, *masses]
    total = math.fsum(masses)
    second = math.fsum(w * (spacing * u) ** 2 for u, w in zip(offsets, masses, strict=True))
    return math.log(total) - shortest, second / total
