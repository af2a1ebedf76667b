"""Sums over the vertices (s, f(s)) of {-1,+1}^d, exact and in bounded memory.

Coordinates are independent given s. So, given a noisy point, the word's log-probability is linear
in the vertex, <fields, (s, f(s))> + constant, and scores, denoisers, densities and posteriors are
all made of sums of exp <fields, (s, f(s))>: two matrix products per block of points and vertices.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import torch

from hardposterior.impl.words import image_bits, signs

ENTRIES = 2**18  # entries of the largest temporary, whatever the number of points
POINTS = 256  # points that share one pass over the vertices


class VertexSum:
    """Sums over given words s of weights exp <fields, (s, f(s))>.

    Temporaries have at most max(`ENTRIES`, `POINTS` d) entries, whatever the number of points. The
    sums have no derivatives here: see `hardposterior.impl.cumulants`.
    """

    def __init__(self, words: Iterable[torch.Tensor], function: Any, *, dtype: torch.dtype) -> None:
        """`words`: blocks of bits (..., n). One byte is kept for each of the k d coordinates."""
        rows = []
        for block in words:
            vertex = torch.cat([block, image_bits(function, block)], -1)
            rows.append((2 * vertex - 1).to(torch.int8))
        self.vertices = torch.cat(rows)
        self.n, self.dtype = int(function.n), dtype

    def __len__(self) -> int:
        return len(self.vertices)

    @property
    def words(self) -> torch.Tensor:
        """The words, bits (k, n)."""
        return (self.vertices[:, : self.n] > 0).to(torch.int64)

    def log_weights(self, fields: torch.Tensor, origin: int | None = None) -> torch.Tensor:
        """<fields, (s, f(s))> for each word, shape (k,), of one vector of fields (d,).

        With `origin` the log-weight of that word is subtracted before anything is rounded.
        """
        away = torch.zeros_like(fields) if origin is None else self.vertices[origin]
        return torch.cat([(block - away) @ fields for _, block in self._blocks(1)])

    def frequencies(self, weights: torch.Tensor) -> torch.Tensor:
        """sum of weights (k,) over the words where bit i of (s, f(s)) is 1, shape (d,)."""
        ones = torch.zeros(self.vertices.shape[-1], dtype=self.dtype, device=weights.device)
        for rows, block in self._blocks(1):
            ones += weights[rows] @ (block > 0).to(self.dtype)
        return ones

    def probability_of_image(self, bits: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """sum of weights (k,) over the words with f(s) = bits, shape (N,), for bits (N, m)."""
        parts = []
        for wanted in signs(bits, self.dtype).split(POINTS):
            found = torch.zeros_like(wanted[:, 0])
            for rows, block in self._blocks(len(wanted)):
                found += self._same_image(wanted, block).to(self.dtype) @ weights[rows]
            parts.append(found)
        return torch.cat(parts)

    def log_partition_of_image(self, fields: torch.Tensor, bits: torch.Tensor) -> torch.Tensor:
        """log sum over words with f(s) = bits of exp <fields, s>; fields (N, n), bits (N, m)."""
        parts = []
        wanted = signs(bits, self.dtype)
        for h, b in zip(fields.split(POINTS), wanted.split(POINTS), strict=True):
            total = torch.full_like(h[:, 0], -torch.inf)
            for _, block in self._blocks(len(h)):
                other = ~self._same_image(b, block)
                logs = (h @ block[:, : self.n].T).masked_fill(other, -torch.inf)
                total = torch.logaddexp(total, logs.logsumexp(-1))
            parts.append(total)
        return torch.cat(parts)

    def _same_image(self, wanted: torch.Tensor, block: torch.Tensor) -> torch.Tensor:
        """Which of the vertices (k, d) have the image signs wanted (N, m); shape (N, k)."""
        return wanted @ block[:, self.n :].T == wanted.shape[-1]

    def _blocks(self, points: int) -> Iterator[tuple[slice, torch.Tensor]]:
        """The vertices in the working dtype, as many at a time as `ENTRIES` allows."""
        size = max(1, ENTRIES // max(points, self.vertices.shape[-1]))
        for start in range(0, len(self), size):
            rows = slice(start, start + size)
            yield rows, self.vertices[rows].to(self.dtype)

    def moments(
        self, fields: torch.Tensor, *factors: tuple[torch.Tensor, torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(log Z, E F, E F V), F the product of <g, V> - centre over the factors (g, centre).

        V = (s, f(s)) has probability exp <fields, V> / Z. One pass over the vertices with a running
        maximum; fields and g (N, d), N <= `POINTS`; centre, log Z and E F (N, 1); E F V (N, d).
        """
        top = torch.full_like(fields[:, :1], -torch.inf)
        total, mass = torch.zeros_like(top), torch.zeros_like(top)
        first = torch.zeros_like(fields)
        for _, block in self._blocks(len(fields)):
            weights = fields @ block.T
            higher = torch.maximum(top, weights.amax(-1, keepdim=True))
            decay, top = (top - higher).exp(), higher
            weights.sub_(top).exp_()
            total = total * decay + weights.sum(-1, keepdim=True)
            for g, centre in factors:
                weights.mul_((g @ block.T).sub_(centre))
            mass = mass * decay + weights.sum(-1, keepdim=True)
            first = first * decay + weights @ block
        return top + total.log(), mass / total, first / total
