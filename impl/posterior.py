"""The exact posterior of the hard instance given y = (last m coordinates of x) + beta Z.

Given y the hidden word has weight prod_j q_b(y_j), b = f(s)_j, q_b being phase b smoothed by beta.
Given the word too, all coordinates are independent: hidden ones as in the prior, image ones on the
lattice of their phase, with mass proportional to exp(-a^2 / 2 - (y_j - a)^2 / (2 beta^2)) unscaled:
a discretized Gaussian of mean y_j / t and variance beta^2 / t, t = 1 + beta^2.
"""

import math

import torch

from hardposterior.impl import arguments
from hardposterior.impl.enumeration import VertexSum
from hardposterior.impl.lattice import DiscretizedGaussian
from hardposterior.impl.phases import PHASES, PhasePair
from hardposterior.impl.points import checked_points, normal
from hardposterior.impl.words import checked_bits


class Posterior:
    """The law of x given y, as a mixture over the words of `vertices`.

    Made by `HardInstance.posterior`, which says what a list of words (not all 2^n) means.
    `words`: bits (k, n), the words that probabilities refer to, in order.
    """

    def __init__(
        self,
        vertices: VertexSum,
        phases: PhasePair,
        separation: float,
        y: torch.Tensor,
        beta: float,
    ) -> None:
        self.n, self.d = vertices.n, vertices.vertices.shape[-1]
        self.m = self.d - self.n
        self.y = checked_points("y", y, self.m, vertices.dtype)
        if y.dim() != 1:
            arguments.reject("y.shape", tuple(y.shape), f"({self.m},): one measurement")
        if not bool(y.isfinite().all()):
            arguments.reject("y", y.tolist(), "finite")
        self.beta = arguments.positive("beta", beta)
        self.separation, self.spacing = separation, phases.spacing
        self._vertices, self._phases = vertices, phases
        center, level = y * separation, self.beta * separation
        self._logs = torch.stack(phases.log_prob(center, level))
        fields = torch.cat([y.new_zeros(self.n), (self._logs[1] - self._logs[0]) / 2])
        # Log-weights can be huge at small noise: take them relative to the heaviest word's.
        heaviest = int(vertices.log_weights(fields).argmax())
        weights = vertices.log_weights(fields, origin=heaviest)
        self._log_total = weights.logsumexp(0)
        self._probabilities = weights.softmax(0)
        image = (vertices.vertices[heaviest, self.n :] > 0).to(torch.int64)
        self._heaviest = self._logs.gather(0, image[None])[0]

    @property
    def words(self) -> torch.Tensor:
        """The hidden words, bits (k, n), int64; by default all 2^n, first bit most significant."""
        return self._vertices.words

    def hidden_probabilities(self) -> torch.Tensor:
        """P(s = words[i] | y), shape (k,)."""
        return self._probabilities.clone()

    def hidden_bit_probabilities(self) -> torch.Tensor:
        """P(bit i of s is 1 | y), shape (n,)."""
        return self._vertices.frequencies(self._probabilities)[: self.n]

    def image_bit_probabilities(self) -> torch.Tensor:
        """P(bit j of f(s) is 1 | y), shape (m,)."""
        return self._vertices.frequencies(self._probabilities)[self.n :]

    def image_probability(self, bits: torch.Tensor) -> torch.Tensor:
        """P(f(s) = bits | y), shape (...), for bits (..., m)."""
        rows = checked_bits("bits", bits, self.m).reshape(-1, self.m)
        found = self._vertices.probability_of_image(rows, self._probabilities)
        return found.reshape(bits.shape[:-1])

    def log_evidence(self) -> torch.Tensor:
        """log p(y), shape (): the density of y where the words are equally likely a priori."""
        scale = self.m * math.log(self.separation) - math.log(len(self._vertices))
        return self._log_total + self._heaviest.sum() + scale

    def sample(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """Exact draws of x, shape (count, d); lattice coordinates are lattice points / R."""
        count = arguments.integer("count", count, 1)
        arguments.generator(generator)
        chosen = torch.multinomial(self._probabilities, count, True, generator=generator)
        vertex = self._vertices.vertices[chosen].to(self.y.dtype)
        word = self.separation * vertex[:, : self.n]
        hidden = word + normal(word.shape, generator, word)
        zero, one = (self._lattice_sample(bit, count, generator) for bit in (0, 1))
        image = torch.where(vertex[:, self.n :] > 0, one, zero)
        return torch.cat([hidden, image], -1) / self.separation

    def log_prob(self, x: torch.Tensor) -> torch.Tensor:
        """log p(x | y), shape (...), for x (..., d).

        A density with respect to Lebesgue measure in the n hidden coordinates times counting
        measure on the points spacing Z / (2 R) in the m image coordinates. It is -inf where an
        image coordinate is on neither lattice (up to 8 roundings) or no word has those phases.
        """
        checked_points("x", x, self.d, self.y.dtype)
        unscaled = x.reshape(-1, self.d) * self.separation
        hidden, image = unscaled[:, : self.n], unscaled[:, self.n :]
        half_steps = (2 * image / self.spacing).round()
        point = half_steps * (self.spacing / 2)
        rounding = 8 * torch.finfo(x.dtype).eps
        on_lattice = ((image - point).abs() <= rounding * (1 + point.abs())).all(-1)
        bits = (half_steps.remainder(2) == 0).to(torch.int64)
        R = self.separation
        matching = self._vertices.log_partition_of_image(R * hidden, bits) - self._log_total
        gaussian = (hidden.square() + R**2 + math.log(2 * math.pi)).sum(-1) / 2
        lattice = (self._log_masses(point, bits) - self._heaviest).sum(-1)
        density = matching - gaussian + self.n * math.log(R) + lattice
        return density.masked_fill(~on_lattice, -torch.inf).reshape(x.shape[:-1])

    def _log_masses(self, point: torch.Tensor, bits: torch.Tensor) -> torch.Tensor:
        """log of psi(a) N(y; a, beta^2), unscaled, at lattice points a of the phases `bits`."""
        level = self.beta * self.separation
        residual = (self.y * self.separation - point) / level
        log_normalizer = math.log(2 * math.pi) / 2 + math.log(level)
        return self._phases.log_mass(point, bits) - residual.square() / 2 - log_normalizer

    def _lattice_sample(self, bit: int, count: int, generator: torch.Generator) -> torch.Tensor:
        """Image coordinates (count, m) given y and one phase, unscaled."""
        level = self.beta * self.separation
        t = 1 + level**2
        width = level / math.sqrt(t)
        draws = []
        for center in (self.y * self.separation / t).tolist():
            # (a - center) / width is a discretized Gaussian whose lattice is moved and stretched.
            phase = (PHASES[bit] - center / self.spacing) % 1.0
            moved = DiscretizedGaussian(
                self.spacing / width, phase, dtype=self.y.dtype, device=self.y.device
            )
            near = center + width * moved.sample((count,), generator)
            steps = (near / self.spacing - PHASES[bit]).round()
            draws.append(self.spacing * (steps + PHASES[bit]))
        return torch.stack(draws, -1)
