"""Functions {0,1}^n -> {0,1}^m as circuits, each from explicit data (Appendix G).

Numbers are read from bits with the most significant bit first. Every function comes with a helper
that draws its data from a `torch.Generator`.
"""

from collections.abc import Sequence

import torch

from hardposterior.impl import arguments
from hardposterior.impl.circuit_builder import ONE, ZERO, CircuitBuilder
from hardposterior.impl.circuit_words import add, constant
from hardposterior.impl.circuits import Circuit

LARGEST_TABLE = 16  # input bits
LOCALITY = 5
# x1 + x2 + x3 + x4 x5 mod 2, entry k for the bits x1 ... x5 of k
P5 = tuple((k >> 4 ^ k >> 3 ^ k >> 2 ^ (k >> 1 & k)) & 1 for k in range(1 << LOCALITY))


def random_table(table: torch.Tensor) -> Circuit:
    """The function whose value at the bits of k is row k of `table`, bits of shape (2^n, m).

    n in [1, 16]; raises `InvalidArgument` for another shape or an entry that is not a bit.

    >>> random_table(torch.tensor([[0], [1], [1], [0]])).gates
    (('XOR', (0, 1)),)
    """
    if not isinstance(table, torch.Tensor) or table.ndim != 2 or table.shape[1] < 1:
        arguments.reject("table", getattr(table, "shape", table), "a tensor of shape (2^n, m)")
    n = len(table).bit_length() - 1
    if not 1 <= n <= LARGEST_TABLE or len(table) != 1 << n:
        arguments.reject("table.shape", tuple(table.shape), "(2^n, m), n in [1, 16]")
    if not bool(((table == 0) | (table == 1)).all()):
        arguments.reject("table", "a tensor with another entry", "0 or 1 in every entry")
    builder = CircuitBuilder(n)
    columns = table.to("cpu", torch.int64).T.tolist()
    return builder.build([lookup(builder, builder.inputs, column) for column in columns])


def draw_table(n: int, m: int, generator: torch.Generator) -> torch.Tensor:
    """A uniform table for `random_table`, shape (2^n, m), int64."""
    arguments.integer("n", n, 1, LARGEST_TABLE)
    arguments.integer("m", m, 1)
    return torch.randint(0, 2, (1 << n, m), generator=arguments.generator(generator))


def lookup(builder: CircuitBuilder, wires: Sequence[int], table: Sequence[int]) -> int:
    """The wire of the function of `wires` with this truth table, by Shannon expansion."""
    level = [ONE if bit else ZERO for bit in table]
    for wire in reversed(wires):
        pairs = zip(level[0::2], level[1::2], strict=True)
        level = [builder.mux(wire, at_one, at_zero) for at_zero, at_one in pairs]
    return level[0]


def goldreich(
    neighbours: torch.Tensor, predicate: Sequence[int] = P5, n: int | None = None
) -> Circuit:
    """Goldreich's function: output j is `predicate` of the five inputs in row j of `neighbours`.

    `neighbours` is an int64 tensor of shape (m, 5), the entries of a row distinct and below n, the
    number of inputs; where n is not given it is the least possible. `predicate` is a truth table of
    32 bits, entry k for the five bits of k. Raises `InvalidArgument`.

    >>> goldreich(torch.tensor([[0, 1, 2, 3, 4]]))(torch.tensor([1, 0, 0, 1, 1])).tolist()
    [0]
    """
    if (
        not isinstance(neighbours, torch.Tensor)
        or neighbours.dtype != torch.int64
        or neighbours.ndim != 2
        or neighbours.shape[0] < 1
        or neighbours.shape[1] != LOCALITY
    ):
        arguments.reject("neighbours", neighbours, "an int64 tensor of shape (m, 5)")
    rows = neighbours.tolist()
    if any(len(set(row)) != LOCALITY or min(row) < 0 for row in rows):
        arguments.reject("neighbours", "a row", "five distinct inputs, counted from 0")
    table = [arguments.integer("predicate", bit, 0, 1) for bit in predicate]
    if len(table) != 1 << LOCALITY:
        arguments.reject("predicate", f"{len(table)} bits", "a truth table of 32 bits")
    least = int(neighbours.max()) + 1
    builder = CircuitBuilder(least if n is None else arguments.integer("n", n, least))
    outputs = [lookup(builder, [builder.inputs[i] for i in row], table) for row in rows]
    return builder.build(outputs)


def draw_neighbours(n: int, m: int, generator: torch.Generator) -> torch.Tensor:
    """Five distinct inputs below n for each of m outputs, uniformly; shape (m, 5), int64."""
    arguments.integer("n", n, LOCALITY)
    arguments.integer("m", m, 1)
    draws = torch.rand(m, n, dtype=torch.float64, generator=arguments.generator(generator))
    return draws.argsort(dim=1)[:, :LOCALITY].contiguous()


def subset_sum(weights: Sequence[int], modulus_bits: int) -> Circuit:
    """Subset sum: the sum of weights[i] over the ones x_i, modulo 2^modulus_bits = 2^m.

    Weights are integers in [0, 2^m), one an input, m in [1, 4096]. Raises `InvalidArgument`.

    >>> subset_sum([1, 2, 3], 3)(torch.tensor([1, 0, 1])).tolist()
    [1, 0, 0]
    """
    m = arguments.integer("modulus_bits", modulus_bits, 1, 4096)
    if not isinstance(weights, Sequence) or not weights:
        arguments.reject("weights", weights, "a non-empty sequence of integers")
    numbers = [arguments.integer("weights", weight, 0, (1 << m) - 1) for weight in weights]
    builder = CircuitBuilder(len(numbers))
    words = [
        [wire if bit == ONE else ZERO for bit in constant(number, m)]
        for wire, number in zip(builder.inputs, numbers, strict=True)
    ]
    return builder.build(list(reversed(add(builder, words))))


def draw_weights(n: int, modulus_bits: int, generator: torch.Generator) -> list[int]:
    """n uniform weights in [0, 2^modulus_bits) for `subset_sum`."""
    arguments.integer("n", n, 1)
    m = arguments.integer("modulus_bits", modulus_bits, 1, 4096)
    bits = torch.randint(0, 2, (n, m), generator=arguments.generator(generator))
    return [int("".join(map(str, row)), 2) for row in bits.tolist()]
