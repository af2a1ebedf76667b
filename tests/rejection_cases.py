"""Two Gaussians in the plane with a closed posterior, a hard instance, and observations of both."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats

from hardposterior.impl.functions import draw_table, random_table
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.measurement import LinearMeasurement


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@dataclass
class Mixture:
    """Two Gaussians in the plane; picklable."""

    weights: tuple[float, ...] = (0.3, 0.7)

    def __call__(self, count, generator):
        first = torch.rand(count, generator=generator, dtype=torch.float64) < self.weights[0]
        centre = torch.where(first, -1.0, 1.0)[:, None]
        return centre + 0.5 * torch.randn(count, 2, generator=generator, dtype=torch.float64)


A = torch.tensor([[0.6, 0.8]], dtype=torch.float64)
MEASUREMENT = LinearMeasurement(A, 0.3)
Y = torch.tensor([0.4], dtype=torch.float64)


def mixture_posterior():
    """Weights, means and covariance of the two components given Y, and q(Y)."""
    variance = 0.25 + 0.09  # |A| = 1
    centres = np.array([[-1.0, -1.0], [1.0, 1.0]])
    means = centres @ A[0].numpy()
    density = np.array([0.3, 0.7]) * stats.norm.pdf(0.4, means, np.sqrt(variance))
    gain = 0.25 / variance * A[0].numpy()
    posterior = centres + np.outer(0.4 - means, gain)
    covariance = 0.25 * np.eye(2) - np.outer(gain, 0.25 * A[0].numpy())
    q = np.sqrt(2 * np.pi) * 0.3 * density.sum()
    return density / density.sum(), posterior, covariance, q


def instance(n=3, m=2, dtype=torch.float64):
    return HardInstance(random_table(draw_table(n, m, seeded(5))), 2.0, 1.5, dtype=dtype)


BETA = 0.25
OBSERVED = torch.tensor([0.4, -0.3], dtype=torch.float64)
