"""The naive instance: hidden word and image at the same places, with no phases to hide in.

Its smoothed score reveals f^-1 at middling noise: the negative control of the construction
(Section 3 of the paper). A vertex (s, f(s)) sits at +-1, so scaled and unscaled units agree.
"""

import math
from functools import cached_property
from typing import Any

import torch

from hardposterior.impl import arguments
from hardposterior.impl.cumulants import log_partition, vertex_mean
from hardposterior.impl.enumeration import VertexSum
from hardposterior.impl.points import checked_level, checked_points
from hardposterior.impl.shapes import AnyPoints, Draws, Level, Points, Values, Words
from hardposterior.impl.words import all_words, checked_function, enumerable, image_bits, signs


class NaiveInstance:
    """The uniform law on (s, f(s)) in {-1,+1}^d, s uniform on {-1,+1}^n.

    `function` maps bits (..., n) to (..., m). Sampling works for every n; score, denoiser and
    density sum over the 2^n words, n <= 20, in bounded memory.

    >>> from hardposterior.impl.functions import draw_table, random_table
    >>> generator = torch.Generator().manual_seed(0)
    >>> x, _ = NaiveInstance(random_table(draw_table(3, 2, generator))).sample(4, generator)
    >>> x.abs().unique().tolist()
    [1.0]
    """

    def __init__(
        self, function: Any, *, dtype: torch.dtype = torch.float64, device: Any = None
    ) -> None:
        self.function = checked_function(function)
        self.n, self.m = int(function.n), int(function.m)
        self.d = self.n + self.m
        self.dtype = arguments.dtype(dtype)
        self.device = torch.device(device) if device is not None else None

    @cached_property
    def _vertices(self) -> VertexSum:
        n = enumerable(self.function, "the naive instance has no score beyond that")
        return VertexSum(all_words(n, self.device), self.function, dtype=self.dtype)

    def sample(self, count: int, generator: torch.Generator) -> tuple[Draws, Words]:
        """x (count, n + m) in {-1,+1}^d and the hidden bits (count, n), int64."""
        count = arguments.integer("count", count, 1)
        arguments.generator(generator)
        bits = torch.randint(0, 2, (count, self.n), generator=generator, device=self.device)
        vertex = torch.cat([bits, image_bits(self.function, bits)], -1)
        return signs(vertex, self.dtype), bits

    def denoise(self, x: AnyPoints, sigma: Level) -> Points:
        """E[X | X + sigma Z = x], shape (..., d); sigma a float or one level per point (...)."""
        x, level = self._checked(x, sigma)
        return vertex_mean(self._vertices, x / level**2)

    def score(self, x: AnyPoints, sigma: Level) -> Points:
        """grad log p_sigma(x) = (D(x) - x) / sigma^2, shape (..., d)."""
        x, level = self._checked(x, sigma)
        return (vertex_mean(self._vertices, x / level**2) - x) / level**2

    def log_prob(self, x: AnyPoints, sigma: Level) -> Values:
        """log p_sigma(x), shape (...); a sum of terms of size |x|^2 / sigma^2."""
        x, level = self._checked(x, sigma)
        log_level = torch.as_tensor(level, dtype=x.dtype).log()
        parts = (x.square() + 1) / (2 * level**2) + log_level + math.log(2 * math.pi) / 2
        total = log_partition(self._vertices, x / level**2)
        return total - self.n * math.log(2) - parts.sum(-1)

    def _checked(
        self, x: torch.Tensor, sigma: float | torch.Tensor
    ) -> tuple[torch.Tensor, float | torch.Tensor]:
        checked_points("x", x, self.d, self.dtype)
        return x, checked_level(sigma, x)
