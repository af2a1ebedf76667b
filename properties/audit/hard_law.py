"""The posterior of a hard instance under noise, from its definition: an independent enumeration.

Unscaled, with y the measurement and b = beta R: given a word s, x_i ~ N(R s_i, 1), and an image
coordinate is the lattice point a of its phase with probability proportional to
exp(-a^2 / 2 - (y_j - a)^2 / (2 b^2)), normalised over the lattice without the second term, so that
the sums weigh the words (Appendix A, Appendix B).
"""

import math
from collections.abc import Callable

import torch

PHASES = (0.5, 0.0)
"""Of bits 0 and 1."""

WIDTHS = 9.0
"""Lattice points further from y than this many b, and than two spacings, are left out."""


def all_words(n: int) -> torch.Tensor:
    """All words, bits (2^n, n), int64."""
    places = torch.arange(n - 1, -1, -1)
    return (torch.arange(2**n)[:, None] >> places) & 1


class HardPosterior:
    """The law of scaled x given y (m,); `images` (2^n, m) are the bits f(s) of `all_words(n)`.

    `draw(count, generator)` samples it exactly: it comes from the implementation, as enumeration
    here is for `denoise`.
    """

    def __init__(
        self,
        images: torch.Tensor,
        separation: float,
        spacing: float,
        y: torch.Tensor,
        beta: float,
        draw: Callable[[int, torch.Generator], torch.Tensor],
    ) -> None:
        self.n = len(images).bit_length() - 1
        self.separation, self.images, self._draw = separation, images, draw
        self.signs = 2.0 * all_words(self.n).double() - 1
        width, centre = beta * separation, y.double() * separation
        reach = math.ceil(WIDTHS * width / spacing) + 2
        steps = torch.arange(-reach, reach + 1, dtype=torch.float64)
        everything = torch.arange(-(2 * math.ceil(39 / spacing)), 2 * math.ceil(39 / spacing) + 1)
        points, logs = [], []
        for phase in PHASES:
            nearest = (centre / spacing - phase).round()
            a = spacing * (nearest[:, None] + steps + phase)
            total = (-(spacing * (everything.double() + phase)).square() / 2).logsumexp(0)
            points.append(a)
            logs.append(-a.square() / 2 - (centre[:, None] - a).square() / (2 * width**2) - total)
        self.points = torch.stack(points, 1)  # (m, phase, point)
        self.logs = torch.stack(logs, 1)

    def sample(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """Exact draws, shape (count, n + m)."""
        return self._draw(count, generator)

    def word_probabilities(self, x: torch.Tensor | None = None, sigma: float = 1.0) -> torch.Tensor:
        """P(s | y), or P(s | y, X + sigma Z = x), shape (..., 2^n)."""
        if x is None:
            return self._shares(self.logs.logsumexp(-1))
        hidden, phases, _ = self._at(x.double(), sigma)
        level = sigma * self.separation
        return self._shares(phases, hidden @ self.signs.T * self.separation / (1 + level**2))

    def denoise(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """E[X | X + sigma Z = x, y], shape of x (..., n + m)."""
        hidden, phases, means = self._at(x.double(), sigma)
        level = sigma * self.separation
        t = 1 + level**2
        share = self._shares(phases, hidden @ self.signs.T * self.separation / t)
        word = (hidden + level**2 * self.separation * (share @ self.signs)) / t
        one = share @ self.images.double()
        image = one * means[..., 1] + (1 - one) * means[..., 0]
        return (torch.cat([word, image], -1) / self.separation).to(x.dtype)

    def _at(self, x: torch.Tensor, sigma: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Unscaled hidden part, each phase's log-weight and denoiser at each image coordinate."""
        hidden = x[..., : self.n] * self.separation
        image = (x[..., self.n :] * self.separation)[..., None, None]
        logs = self.logs - (image - self.points).square() / (2 * (sigma * self.separation) ** 2)
        means = (logs.softmax(-1) * self.points).sum(-1)
        return hidden, logs.logsumexp(-1), means

    def _shares(self, phases: torch.Tensor, words: torch.Tensor | float = 0.0) -> torch.Tensor:
        """Words' probabilities from log-weights of phases (..., m, 2) and of words (..., 2^n)."""
        lead = phases[..., 0].sum(-1, keepdim=True)
        gain = (phases[..., 1] - phases[..., 0]) @ self.images.double().T
        return (lead + gain + words).softmax(-1)
