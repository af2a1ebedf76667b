"""The roles of an implementation: the public names that the properties hold to the claims.

Arrays are named `Array` and left open: any object with the arithmetic and indexing of a torch
tensor serves. An implementation need not offer every role; what it lacks is reported.
"""

from typing import Any, Protocol

Array = Any
Generator = Any


class DiscretizedGaussian(Protocol):
    """psi_{eps,theta} and its smoothing (Appendix C.5); unit standard deviation."""

    spacing: float
    phase: float

    def __init__(self, spacing: float, phase: float) -> None: ...

    def sample(self, shape: tuple[int, ...], generator: Generator) -> Array:
        """Independent draws of the unsmoothed law."""

    def log_prob(self, x: Array, sigma: Array) -> Array:
        """log of the density of psi * N(0, sigma^2) at x, elementwise."""

    def score(self, x: Array, sigma: Array) -> Array:
        """The derivative of `log_prob` in x."""

    def denoise(self, x: Array, sigma: Array) -> Array:
        """E[X | X + sigma Z = x]."""


ROLES: dict[str, type] = {"DiscretizedGaussian": DiscretizedGaussian}
