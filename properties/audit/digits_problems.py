"""Problems on scikit-learn's 8 x 8 digits: an empirical prior, so a finite mixture.

The prior is the digits' own law, each image blurred by a little Gaussian noise so that densities
exist: 1797 Gaussians of one small covariance. Grey values are scaled to [-1, 1].
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from hardposterior.properties.audit.mixture import GaussianMixture
from hardposterior.properties.audit.mixture_problems import of_prior
from hardposterior.properties.audit.problem import Problem

SIDE = 8
SMOOTHING = 0.1
"""The standard deviation of the noise added to each grey value, of a range of 2."""


@cache
def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """The images (1797, 64) in [-1, 1] and the digits (1797,) that they show; a new one each call.

    Raises `ModuleNotFoundError` where scikit-learn is not installed.
    """
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    images = torch.from_numpy(found.data).double() / 8 - 1
    return images, torch.from_numpy(found.target).to(torch.int64)


@cache
def prior() -> GaussianMixture:
    """The smoothed empirical law of the digits."""
    images = digits()[0]
    covariance = SMOOTHING**2 * torch.eye(SIDE**2, dtype=torch.float64)
    return GaussianMixture(torch.ones(len(images)), images, covariance[None])


def inpainting() -> torch.Tensor:
    """The left half of the image is seen, A (32, 64)."""
    columns = torch.arange(SIDE**2) % SIDE
    return torch.eye(SIDE**2, dtype=torch.float64)[columns < SIDE // 2]


def blur() -> torch.Tensor:
    """Every pixel becomes the mean of its 3 x 3 square, black outside left out, A (64, 64)."""
    place = torch.arange(SIDE)
    near = ((place[:, None] - place).abs() <= 1).double() / 3
    return torch.kron(near, near)


def downsampling() -> torch.Tensor:
    """Every 2 x 2 square becomes its mean times 2, so that |A| = 1; A (16, 64)."""
    half = torch.zeros(SIDE // 2, SIDE, dtype=torch.float64)
    half[torch.arange(SIDE) // 2, torch.arange(SIDE)] = 0.5**0.5
    return torch.kron(half, half)


MEASUREMENTS: dict[str, tuple[Callable[[], torch.Tensor], float, str]] = {
    "inpainting": (inpainting, 0.7, "the left half seen"),
    "blur": (blur, 0.5, "blurred by a 3 x 3 box"),
    "downsampling": (downsampling, 0.6, "at half the resolution"),
}


def digits_problem(name: str) -> Problem:
    """`digits-inpainting`, `digits-blur` or `digits-downsampling`."""
    maker, beta, words = MEASUREMENTS[name.removeprefix("digits-")]
    A = maker()
    A = A / max(1.0, float(torch.linalg.matrix_norm(A, 2)))
    return of_prior(
        name,
        f"scikit-learn's digits, 8 x 8, {words}",
        prior(),
        A,
        beta,
        groups=digits()[1],
        labels=[f"digit {k}" for k in range(10)],
        image=(SIDE, SIDE),
    )
