"""The linear measurement y = A x + beta N(0, I), |A| <= 1 (scaled units)."""

import math
from typing import Any

import torch

from hardposterior.impl import arguments
from hardposterior.impl.points import checked_points, normal


class LinearMeasurement:
    """y = A x + beta Z with A of shape (m, d) and spectral norm at most 1.

    The norm is computed in float64; 4 max(m, d) units in the last place of A's dtype are allowed
    for the rounding of its entries and of the norm itself.

    Raises `InvalidArgument` if A is not a finite float32 or float64 matrix of norm at most 1, or if
    beta is not above 0.

    >>> measurement = LinearMeasurement(torch.tensor([[0.0, 1.0]]), beta=0.1)
    >>> measurement.m, measurement.d
    (1, 2)
    """

    def __init__(self, A: torch.Tensor, beta: float) -> None:
        if not isinstance(A, torch.Tensor) or A.dim() != 2 or 0 in A.shape:
            shown = tuple(A.shape) if isinstance(A, torch.Tensor) else A
            arguments.reject("A", shown, "a tensor of shape (m, d)")
        arguments.dtype(A.dtype)
        if not bool(A.isfinite().all()):
            arguments.reject("A", "not finite", "a matrix of finite numbers")
        norm = float(torch.linalg.matrix_norm(A.double(), 2))
        if norm > 1 + 4 * max(A.shape) * torch.finfo(A.dtype).eps:
            arguments.reject("|A|", norm, "at most 1 (spectral norm); divide A by it")
        self.A, self.beta = A, arguments.positive("beta", beta)
        self.m, self.d = A.shape

    def observe(self, x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """One y (..., m) for each x (..., d)."""
        checked_points("x", x, self.d, self.A.dtype)
        arguments.generator(generator)
        mean = x @ self.A.T
        return mean + self.beta * normal(mean.shape, generator, mean)

    def log_likelihood(self, y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """log N(y; A x, beta^2 I), normalized, for y (..., m) and x (..., d) that broadcast."""
        checked_points("y", y, self.m, self.A.dtype)
        checked_points("x", x, self.d, self.A.dtype)
        residual = (y - x @ self.A.T) / self.beta
        constant = self.m * (math.log(2 * math.pi) / 2 + math.log(self.beta))
        return -residual.square().sum(-1) / 2 - constant


def last_coordinates(
    n: int, m: int, beta: Any, *, dtype: torch.dtype, device: torch.device | None
) -> LinearMeasurement:
    """The measurement A = [0 I_m] of the last m of n + m coordinates."""
    A = torch.zeros(m, n + m, dtype=dtype, device=device)
    A[:, n:] = torch.eye(m, dtype=dtype, device=device)
    return LinearMeasurement(A, beta)
