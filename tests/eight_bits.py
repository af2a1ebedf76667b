"""A hard instance of 8 bits a side, calibrated for C = 2, and what tests of its networks share."""

import torch

from hardposterior.impl.functions import draw_table, random_table
from hardposterior.impl.hard_instance import HardInstance

SEPARATION, SPACING = 5.82, 1.11
ACCURACY = 1e-5


def seeded(seed):
    """A generator of its own."""
    return torch.Generator().manual_seed(seed)


def eight_bits():
    """The instance of one random table."""
    return HardInstance(random_table(draw_table(8, 8, seeded(1))), SEPARATION, SPACING)


def noisy(instance, sigma, count, seed):
    """Draws of the smoothed law."""
    generator = seeded(seed)
    clean, _ = instance.sample(count, generator)
    noise = torch.randn(clean.shape, dtype=torch.float64, generator=generator)
    return clean + sigma * noise.to(clean.dtype)


def errors(found, expected, sigma):
    """sigma^2 |found - expected|^2, row by row."""
    return sigma**2 * (found - expected).square().sum(-1)
