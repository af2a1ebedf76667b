"""Boolean circuits as immutable netlists.

A function f from n bits to m bits is a list of gates. Wires are numbered: wire i < n is input i,
wire n + k is what gate k drives. A gate reads inputs and earlier gates only, so a netlist cannot
hold a cycle. The gates, with a, b, c (or e, f, g) the wires read, in this order:

    ZERO, ONE                the constants
    NOT                      1 - a
    AND, OR, XOR             of a and b
    XOR3                     a + b + c mod 2
    MAJ                      1 where at least two of a, b, c are 1
    MUX                      f where e = 1, g where e = 0
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch

from hardposterior.impl.arguments import integer, reject

if TYPE_CHECKING:
    from hardposterior.impl.bitsliced import BitSliced
    from hardposterior.impl.relu_network import ReluNetwork

ARITY = {
    "ZERO": 0,
    "ONE": 0,
    "NOT": 1,
    "AND": 2,
    "OR": 2,
    "XOR": 2,
    "XOR3": 3,
    "MAJ": 3,
    "MUX": 3,
}
FREE = ("ZERO", "ONE", "NOT")  # affine: they cost neither depth nor a neuron
LARGEST_COUNT = 1 << 24  # wires in one netlist

Gate = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class Circuit:
    """A netlist with `n` inputs, `gates` in an order of evaluation, and `outputs` (wire numbers).

    Raises `InvalidArgument` for a gate of unknown name or wrong arity, a wire that does not exist,
    and a gate that reads itself or a later gate (a cycle, or gates out of order).

    >>> half_adder = Circuit(2, (("XOR", (0, 1)), ("AND", (0, 1))), (2, 3))
    >>> half_adder(torch.tensor([[1, 1], [0, 1]])).tolist()
    [[0, 1], [1, 0]]
    """

    n: int
    gates: tuple[Gate, ...]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        n = integer("n", self.n, 1, LARGEST_COUNT)
        gates = _gates(n, self.gates)
        wires = n + len(gates)
        if not isinstance(self.outputs, Sequence) or isinstance(self.outputs, str):
            reject("outputs", self.outputs, "a sequence of wires")
        outputs = tuple(integer("outputs", wire, 0, wires - 1) for wire in self.outputs)
        if not outputs:
            reject("outputs", self.outputs, "at least one wire")
        for name, value in (("n", n), ("gates", gates), ("outputs", outputs)):
            object.__setattr__(self, name, value)

    @property
    def m(self) -> int:
        """The number of output bits."""
        return len(self.outputs)

    @cached_property
    def depth(self) -> int:
        """The most gates on a path from an input to an output wire; constants and NOT are free."""
        level = [0] * self.n
        for name, wires in self.gates:
            below = max((level[wire] for wire in wires), default=0)
            level.append(below if name in FREE else below + 1)
        return max(level[wire] for wire in self.outputs)

    def gate_counts(self) -> dict[str, int]:
        """How many gates there are of each kind; every kind is listed."""
        counts = Counter(name for name, _ in self.gates)
        return {name: counts[name] for name in ARITY}

    @cached_property
    def bitsliced(self) -> "BitSliced":
        """The evaluator that treats 64 inputs a machine word."""
        from hardposterior.impl.bitsliced import BitSliced

        return BitSliced(self)

    def __call__(self, bits: torch.Tensor) -> torch.Tensor:
        """f of every row of `bits`, shape (..., n) of 0 and 1, as shape (..., m), same dtype.

        Takes bool, integer and floating dtypes. Raises `InvalidArgument` for another last
        dimension or an entry that is neither 0 nor 1.
        """
        return self.bitsliced(bits)

    def to_relu(self, dtype: torch.dtype = torch.float32) -> "ReluNetwork":
        """The same function on {0,1} as a ReLU network (Appendices C and G)."""
        from hardposterior.impl.circuit_relu import to_relu

        return to_relu(self, dtype=dtype)


def _gates(n: int, gates: object) -> tuple[Gate, ...]:
    """`gates` as a tuple of checked gates."""
    if not isinstance(gates, Sequence) or isinstance(gates, str):
        reject("gates", gates, "a sequence of (name, wires)")
    if n + len(gates) > LARGEST_COUNT:
        reject("gates", f"{len(gates)} gates", f"few enough for {LARGEST_COUNT} wires in all")
    return tuple(_gate(n, len(gates), index, gate) for index, gate in enumerate(gates))


def _gate(n: int, count: int, index: int, gate: object) -> Gate:
    """Gate `index` of `count`, checked."""
    where = f"gates[{index}]"
    if not isinstance(gate, Sequence) or isinstance(gate, str) or len(gate) != 2:
        reject(where, gate, "a pair (name, wires)")
    name, wires = gate
    if not isinstance(name, str) or name not in ARITY:
        reject(where, gate, f"one of {', '.join(ARITY)}")
    if not isinstance(wires, Sequence) or isinstance(wires, str) or len(wires) != ARITY[name]:
        reject(where, gate, f"{name} with exactly {ARITY[name]} wire(s)")
    for wire in wires:
        if isinstance(wire, bool) or not isinstance(wire, int):
            reject(where, gate, "a gate whose wires are integers")
        if not 0 <= wire < n + count:
            reject(where, gate, f"free of missing wires; wires are 0 to {n + count - 1}")
        if wire >= n + index:
            reject(
                where,
                gate,
                f"a gate that reads wires below {n + index} only "
                f"(wire {wire} makes a cycle, or the gates are out of order)",
            )
    return name, tuple(wires)
