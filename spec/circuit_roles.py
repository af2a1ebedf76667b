"""The roles that circuits, functions of bits and their ReLU networks play in an implementation.

Wires, gates and bits are those of `hardposterior.spec.circuits`; arrays and dtypes are left open.
"""

from collections.abc import Sequence
from os import PathLike
from typing import Any, Protocol

Array = Any
Precision = Any


class AffineMap(Protocol):
    """x -> W x + b on columns; entry k of W is `weights[k]` at (`rows[k]`, `columns[k]`)."""

    rows: Array
    columns: Array
    weights: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        """(inputs, batch) to (outputs, batch)."""


class Sizes(Protocol):
    """Counts of a network; compare `hardposterior.spec.relu_rows.Size`."""

    depth: int
    neurons: int
    logic: int
    carried: int
    weights: int
    biases: int
    parameters: int
    largest_weight: float


class ReluNetwork(Protocol):
    """Affine maps with ReLU between them."""

    layers: Sequence[AffineMap]

    def __call__(self, x: Array) -> Array:
        """(..., n) to (..., m)."""

    def sizes(self) -> Sizes:
        """Counted from the tensors."""


class Circuit(Protocol):
    """A netlist that evaluates bits {0, 1}."""

    n: int
    gates: Sequence[tuple[str, Sequence[int]]]
    outputs: Sequence[int]

    def __init__(
        self, n: int, gates: Sequence[tuple[str, Sequence[int]]], outputs: Sequence[int]
    ) -> None: ...

    def __call__(self, bits: Array) -> Array:
        """(..., n) to (..., m), of the same dtype."""

    def to_relu(self, dtype: Precision) -> ReluNetwork:
        """The same function on {0, 1} as a network."""


class CircuitBuilder(Protocol):
    """Builds a circuit on n inputs; the wires 0 and 1 are the constants."""

    inputs: Sequence[int]

    def __init__(self, n: int) -> None: ...
    def not_(self, a: int) -> int: ...
    def and_(self, a: int, b: int) -> int: ...
    def or_(self, a: int, b: int) -> int: ...
    def xor(self, *wires: int) -> int: ...
    def maj(self, a: int, b: int, c: int) -> int: ...
    def mux(self, e: int, f: int, g: int) -> int: ...
    def build(self, outputs: Sequence[int]) -> Circuit: ...


class RandomTable(Protocol):
    """`one-way-functions.random-table` from a table of bits (2^n, m)."""

    def __call__(self, table: Array) -> Circuit: ...


class Goldreich(Protocol):
    """`one-way-functions.goldreich` from neighbours (m, 5); without a predicate the usual one."""

    def __call__(
        self, neighbours: Array, predicate: Sequence[int] = ..., n: int | None = None
    ) -> Circuit: ...


class SubsetSum(Protocol):
    """`one-way-functions.subset-sum`."""

    def __call__(self, weights: Sequence[int], modulus_bits: int) -> Circuit: ...


class Sha256(Protocol):
    """`one-way-functions.sha256`."""

    def __call__(
        self, message_bits: int = 256, rounds: int = 64, digest_bits: int = 256
    ) -> Circuit: ...


class Sha256Part(Protocol):
    """add, choose, majority, large_sigma0, ..., schedule on words, least significant bit first."""

    def __call__(self, name: str) -> Circuit: ...


class SaveCircuit(Protocol):
    """Writes a circuit to a file, whole or not at all."""

    def __call__(self, circuit: Circuit, path: str | PathLike[str]) -> None: ...


class LoadCircuit(Protocol):
    """Reads a circuit from a file."""

    def __call__(self, path: str | PathLike[str]) -> Circuit: ...


class SignBits(Protocol):
    """`relu-sign`: (..., n) to (..., n)."""

    def __call__(self, width: float, n: int, dtype: Precision) -> ReluNetwork: ...


class Select(Protocol):
    """`relu-selection`: bits and values (..., 2 count) to values (..., count)."""

    def __call__(self, bound: float, count: int, dtype: Precision) -> ReluNetwork: ...


CIRCUIT_ROLES: dict[str, type] = {
    "Circuit": Circuit,
    "CircuitBuilder": CircuitBuilder,
    "ReluNetwork": ReluNetwork,
    "goldreich": Goldreich,
    "load_circuit": LoadCircuit,
    "random_table": RandomTable,
    "save_circuit": SaveCircuit,
    "select": Select,
    "sha256": Sha256,
    "sha256_part": Sha256Part,
    "sign_bits": SignBits,
    "subset_sum": SubsetSum,
}
