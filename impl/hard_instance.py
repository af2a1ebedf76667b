"""The hard instance: prior, exact score and denoiser, and the two scores that approximate it.

Unscaled (appendix A): s uniform in {-1,+1}^n, x_i ~ N(R s_i, 1) for i <= n, x_{n+j} on the lattice
spacing (Z + theta) with mass proportional to exp(-x^2 / 2), theta = 0 if f(s)_j = +1 and 1/2 if
f(s)_j = -1. All of this module's arguments are scaled, X = x / R: the hidden bits sit near +-1.
Unscaled, with t = 1 + sigma^2, a vertex s has log-density <(R x_i / t, l_j / 2), (s, f(s))> plus
terms free of s, where l_j is the difference of the two phases' log-densities at x_{n+j}; so score
and denoiser follow from the posterior mean of (s, f(s)).
"""

import math
from functools import cached_property
from typing import Any

import torch

from hardposterior.impl import arguments
from hardposterior.impl.cumulants import log_partition, vertex_mean
from hardposterior.impl.enumeration import VertexSum
from hardposterior.impl.measurement import LinearMeasurement, last_coordinates
from hardposterior.impl.phases import PhasePair
from hardposterior.impl.points import checked_level, checked_points, normal
from hardposterior.impl.posterior import Posterior
from hardposterior.impl.shapes import AnyPoints, Draws, Level, Points, Square, Values, Words
from hardposterior.impl.words import (
    BLOCK,
    all_words,
    checked_bits,
    checked_function,
    enumerable,
    image_bits,
    signs,
)


class HardInstance:
    """The prior that hides f^-1 in its last m coordinates, in scaled units.

    `function`: any callable with integer attributes n and m from bits {0, 1} of shape (..., n) to
    bits (..., m), row by row. `separation` R >= 1 and `spacing` > 0 are unscaled.

    `score`, `denoise`, `log_prob`, `vertex_mean` and `covariance` sum over all 2^n words: exact,
    n <= 20, temporaries bounded whatever the batch, differentiable (`torch.autograd`,
    `torch.func`). Sampling, `vertex_score` and `mixture_score` work for every n. `sigma` is a
    float or a tensor of one level per point. All raise `InvalidArgument` on bad arguments.

    >>> from hardposterior.impl.functions import draw_table, random_table
    >>> generator = torch.Generator().manual_seed(0)
    >>> prior = HardInstance(random_table(draw_table(3, 2, generator)), separation=4.0, spacing=1.0)
    >>> x, bits = prior.sample(6, generator)
    >>> prior.score(x, sigma=0.5).shape
    torch.Size([6, 5])
    """

    def __init__(
        self,
        function: Any,
        separation: float,
        spacing: float,
        *,
        dtype: torch.dtype = torch.float64,
        device: Any = None,
    ) -> None:
        self.function = checked_function(function)
        self.n, self.m = int(function.n), int(function.m)
        self.d = self.n + self.m
        self.separation = arguments.positive("separation", separation)
        if self.separation < 1:
            arguments.reject(
                "separation", separation, "at least 1: scaled units are x / separation"
            )
        self.spacing = arguments.positive("spacing", spacing)
        self.dtype = arguments.dtype(dtype)
        self.device = torch.device(device) if device is not None else None
        self.phases = PhasePair(self.spacing, dtype=dtype, device=self.device)

    @cached_property
    def _vertices(self) -> VertexSum:
        n = enumerable(self.function, "use vertex_score or mixture_score")
        return VertexSum(all_words(n, self.device), self.function, dtype=self.dtype)

    def sample(self, count: int, generator: torch.Generator) -> tuple[Draws, Words]:
        """x (count, n + m) and its hidden bits (count, n), int64."""
        count = arguments.integer("count", count, 1)
        arguments.generator(generator)
        bits = torch.randint(0, 2, (count, self.n), generator=generator, device=self.device)
        hidden = self.separation * signs(bits, self.dtype)
        hidden = hidden + normal(hidden.shape, generator, hidden)
        image = self.phases.sample(image_bits(self.function, bits), generator)
        return torch.cat([hidden, image], -1) / self.separation, bits

    def vertex_mean(self, x: AnyPoints, sigma: Level) -> Points:
        """E[(s, f(s)) | X + sigma Z = x], shape (..., d), entries in [-1, 1]."""
        hidden, image, level = self._unscaled(x, sigma)
        return vertex_mean(self._vertices, self._fields(hidden, image, level)[0])

    def score(self, x: AnyPoints, sigma: Level) -> Points:
        """grad log p_sigma(x), shape (..., d).

        In float64 each coordinate is within 1e-11 of its natural scale, the sum of the absolute
        values of the last terms added, of the exact score at a point within one rounding of x (for
        spacing / (R sigma) up to 1e3: log-odds have the size of its square). Unscaled, the terms
        are R / t and x / t in a hidden coordinate, and in an image coordinate x - a and spacing g,
        over sigma^2, averaged over the phases (a the nearest lattice point, a + spacing g the
        phase's denoiser). Add 2^-50 of both phases' scales: a posterior mean is rounded at 1, so
        that a phase of tiny probability keeps no relative accuracy.
        """
        parts = self._unscaled(x, sigma)
        return self._score_at(parts, vertex_mean(self._vertices, self._fields(*parts)[0]))

    def denoise(self, x: AnyPoints, sigma: Level) -> Points:
        """E[X | X + sigma Z = x], shape (..., d)."""
        hidden, image, level = self._unscaled(x, sigma)
        mean = vertex_mean(self._vertices, self._fields(hidden, image, level)[0])
        word = self.separation * mean[..., : self.n]
        hidden_part = (hidden + level**2 * word) / (1 + level**2)
        image_part = self.phases.denoise(image, level, mean[..., self.n :])
        return torch.cat([hidden_part, image_part], -1) / self.separation

    def log_prob(self, x: AnyPoints, sigma: Level) -> Values:
        """log p_sigma(x), shape (...), a density with respect to Lebesgue measure on R^d."""
        hidden, image, level = self._unscaled(x, sigma)
        fields, logs = self._fields(hidden, image, level)
        total = log_partition(self._vertices, fields) - self.n * math.log(2)
        t = torch.as_tensor(1 + level**2, dtype=self.dtype)
        gaussian = (hidden.square() + self.separation**2) / t + (2 * math.pi * t).log()
        return total + logs - gaussian.sum(-1) / 2 + self.d * math.log(self.separation)

    def vertex_score(self, x: AnyPoints, sigma: Level, bits: torch.Tensor | None = None) -> Points:
        """The score of one vertex's component (C.2), shape (..., d), any n.

        The word is `bits` (..., n) where given, else the signs of x_1..n (bit 0 at zero).
        """
        checked_points("x", x, self.d, self.dtype)
        if bits is None:
            bits = (x[..., : self.n] > 0).to(torch.int64)
        elif checked_bits("bits", bits, self.n).shape[:-1] != x.shape[:-1]:
            arguments.reject("bits.shape", tuple(bits.shape), f"{(*x.shape[:-1], self.n)}")
        vertex = torch.cat([bits, image_bits(self.function, bits)], -1)
        return self._score_at(self._unscaled(x, sigma), signs(vertex, self.dtype))

    def mixture_score(self, x: AnyPoints, sigma: Level) -> Points:
        """The score where no lattice is seen (C.6), shape (..., d), any n.

        Unscaled, (R tanh(R x_i / t) - x_i) / t and -x / t.
        """
        hidden, image, level = self._unscaled(x, sigma)
        t, R = 1 + level**2, self.separation
        return torch.cat([R * torch.tanh(R * hidden / t) - hidden, -image], -1) * (R / t)

    def covariance(self) -> Square:
        """Cov X of the scaled prior, exact, shape (d, d); diagonal.

        Hidden coordinates are independent with variance 1 + 1 / R^2. Both phases are symmetric, so
        image coordinates have mean zero given s: they are uncorrelated with each other and with the
        hidden ones, and their variances are the phases' averaged over f(s)_j.
        """
        flat = torch.zeros(self.d, dtype=self.dtype, device=self.device)
        variance = self.phases.variance(vertex_mean(self._vertices, flat))
        variance[: self.n] = 1 + self.separation**2
        return torch.diag(variance / self.separation**2)

    def measurement(self, beta: float) -> LinearMeasurement:
        """y = [0 I_m] x + beta Z: the last m coordinates."""
        return last_coordinates(self.n, self.m, beta, dtype=self.dtype, device=self.device)

    def posterior(
        self, y: torch.Tensor, beta: float, preimages: torch.Tensor | None = None
    ) -> Posterior:
        """The exact law of x given y = (last m coordinates of x) + beta Z; y (m,).

        With `preimages`, distinct words (k, n), the law is also conditioned on s being one of them:
        for every n, and the same law where no other word explains y.
        """
        if preimages is None:
            enumerable(self.function, "pass the list of preimages")
            vertices = self._vertices
        else:
            words = checked_bits("preimages", preimages, self.n)
            if words.dim() != 2 or len(words) == 0 or len(words.unique(dim=0)) < len(words):
                arguments.reject(
                    "preimages", tuple(words.shape), "distinct words, shape (k, n), k > 0"
                )
            vertices = VertexSum(words.split(BLOCK), self.function, dtype=self.dtype)
        return Posterior(vertices, self.phases, self.separation, y, beta)

    def _unscaled(
        self, x: torch.Tensor, sigma: float | torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, float | torch.Tensor]:
        checked_points("x", x, self.d, self.dtype)
        level = checked_level(sigma, x) * self.separation
        unscaled = x * self.separation
        return unscaled[..., : self.n], unscaled[..., self.n :], level

    def _fields(
        self, hidden: torch.Tensor, image: torch.Tensor, level: float | torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The fields that weigh (s, f(s)), and the image terms free of s, summed."""
        zero, one = self.phases.log_prob(image, level)
        fields = torch.cat([self.separation * hidden / (1 + level**2), (one - zero) / 2], -1)
        return fields, (one + zero).sum(-1) / 2

    def _score_at(
        self,
        parts: tuple[torch.Tensor, torch.Tensor, float | torch.Tensor],
        vertex: torch.Tensor,
    ) -> torch.Tensor:
        """The scaled score of the component at a vertex, or of all at their mean vertex."""
        hidden, image, level = parts
        word = (self.separation * vertex[..., : self.n] - hidden) / (1 + level**2)
        phase = self.phases.score(image, level, vertex[..., self.n :])
        return torch.cat([word, phase], -1) * self.separation
