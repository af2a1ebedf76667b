"""The two forms of the score network at one noise level, of affine maps and ReLU only.

Scaled units in and out: x (..., d) to the scaled score R s(R x), where with t = 1 + sigma^2,
sigma unscaled, s is the approximation of statements relu-score-small-noise (Appendix C.4) and
relu-score-large-noise (C.7). Branches run side by side and affine maps may skip layers: nothing
is computed but affine maps of earlier values, and ReLU.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from hardposterior.impl.relu_gadgets import select
from hardposterior.impl.relu_network import ReluNetwork, Sizes, SparseAffine


class ScoreSizes(NamedTuple):
    """Counts of a score network, from its tensors.

    `pass_through`: neurons that a strictly layered network of the same depth would need on top, to
    hand values on past layers; a signed value takes two a layer, a nonnegative one takes one.
    """

    depth: int  # hidden layers on the longest path
    neurons: int
    pass_through: int
    weights: int
    biases: int
    parameters: int
    largest_weight: float  # in absolute value, biases included


class SmallNoise(nn.Module):
    """Bits of the signs, the function's circuit, then each image coordinate's own lattice.

    The hidden coordinates are R (R (2 b - 1) - R x) / t; the image ones
    -R (R x / t + (spacing / sigma^2) (b_j H_1 + (1 - b_j) H_0)), with the offsets H of the lattices
    of bits 1 and 0, in spacings.
    """

    def __init__(
        self,
        signs: ReluNetwork,
        circuit: ReluNetwork,
        offsets: ReluNetwork,
        choice: ReluNetwork,
        separation: float,
        spacing: float,
        sigma: float,
    ) -> None:
        super().__init__()
        self.signs, self.circuit, self.offsets, self.choice = signs, circuit, offsets, choice
        self.n, self.m = circuit.n, circuit.m
        n, m = self.n, self.m
        t = 1 + sigma**2
        pull = -(separation**2) / t
        word, phase = 2 * separation**2 / t, -separation * spacing / sigma**2
        rows = [row for row in range(n + m) for _ in range(2)]
        columns = [column for i in range(n + m) for column in (i, n + m + i)]
        weights = [pull, word] * n + [pull, phase] * m
        bias = [-word / 2] * n + [0.0] * m
        self.join = SparseAffine(2 * (n + m), rows, columns, weights, bias, circuit.dtype)

    def bits(self, x: torch.Tensor) -> torch.Tensor:
        """The hidden bits, (..., n): 0 or 1 outside the sign window, between them inside."""
        found: torch.Tensor = self.signs(x[..., : self.n])
        return found

    def assemble(self, x: torch.Tensor, bits: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
        """The score from x (..., d), its hidden bits (..., n) and their image (..., m)."""
        offsets = self.offsets(x[..., self.n :])
        chosen = self.choice(torch.cat([image, offsets], -1))
        values = torch.cat([x, bits, chosen], -1)
        return _joined(self.join, values)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score at x, (..., d) to (..., d)."""
        bits = self.bits(x)
        return self.assemble(x, bits, self.circuit(bits))

    def sizes(self) -> ScoreSizes:
        """Counts from the tensors."""
        parts = [part.sizes() for part in (self.signs, self.circuit, self.offsets, self.choice)]
        signs, circuit, offsets, choice = parts
        before = max(signs.depth + circuit.depth, offsets.depth)
        depth = before + choice.depth
        pass_through = (
            2 * (self.n + self.m) * depth  # x to the end
            + self.n * (depth - signs.depth)  # the hidden bits to the end
            + self.m * (before - signs.depth - circuit.depth)  # the image bits, or
            + 4 * self.m * (before - offsets.depth)  # the offsets, to the choice
        )
        return _total(parts, self.join, depth, pass_through)


class LargeNoise(nn.Module):
    """R (R T(R^2 x / t) - R x) / t with a piecewise-linear T for tanh, and -R^2 x / t."""

    def __init__(self, tanh: ReluNetwork, n: int, m: int, separation: float, sigma: float) -> None:
        super().__init__()
        self.tanh = tanh
        self.n, self.m = n, m
        t = 1 + sigma**2
        pull = separation**2 / t
        rows = np.repeat(np.arange(n + m), np.repeat([2, 1], [n, m])).tolist()
        columns = [column for i in range(n) for column in (i, n + m + i)]
        columns += range(n, n + m)
        weights = [-pull, pull] * n + [-pull] * m
        self.join = SparseAffine(2 * n + m, rows, columns, weights, [0.0] * (n + m), tanh.dtype)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score at x, (..., d) to (..., d)."""
        values = torch.cat([x, self.tanh(x[..., : self.n])], -1)
        return _joined(self.join, values)

    def sizes(self) -> ScoreSizes:
        """Counts from the tensors."""
        tanh = self.tanh.sizes()
        return _total([tanh], self.join, tanh.depth, 2 * (self.n + self.m) * tanh.depth)


def _joined(join: SparseAffine, values: torch.Tensor) -> torch.Tensor:
    """The affine map of every row, (..., inputs) to (..., outputs)."""
    columns = values.reshape(-1, join.inputs).T
    rows: torch.Tensor = join(columns).T
    return rows.reshape(*values.shape[:-1], join.outputs)


def _total(parts: list[Sizes], join: SparseAffine, depth: int, pass_through: int) -> ScoreSizes:
    """The sum over the parts and the last affine map."""
    weights = sum(part.weights for part in parts) + int(torch.count_nonzero(join.weights))
    biases = sum(part.biases for part in parts) + join.bias.numel()
    last = max(float(join.weights.abs().max()), float(join.bias.abs().max()))
    return ScoreSizes(
        depth=depth,
        neurons=sum(part.neurons for part in parts),
        pass_through=pass_through,
        weights=weights,
        biases=biases,
        parameters=weights + biases,
        largest_weight=max(last, *(part.largest_weight for part in parts)),
    )


def phase_choice(m: int, dtype: torch.dtype) -> ReluNetwork:
    """(b, H_1 and H_0 of each coordinate), (..., 3 m), to b_j H_1j + (1 - b_j) H_0j, (..., m).

    Two selections a coordinate, exact on bits; |H| <= 1/2 leaves room for rounding below their
    bound 1.
    """
    outputs = range(4 * m)
    columns = [column for j in range(m) for column in (j, j)] + list(range(m, 3 * m))
    arrange = SparseAffine(
        3 * m, outputs, columns, [1.0, -1.0] * m + [1.0] * (2 * m), [0.0, 1.0] * m + [0.0] * (2 * m)
    ).to(dtype)
    pairs = [row for row in range(m) for _ in range(2)]
    add = SparseAffine(2 * m, pairs, range(2 * m), [1.0] * (2 * m), [0.0] * m, dtype)
    return ReluNetwork([arrange]).then(select(1.0, 2 * m, dtype)).then(ReluNetwork([add]))
