"""Boolean circuits as plain netlists (Appendix G): what a gate computes, what a netlist computes.

Wire i < n is input i, wire n + k is what gate k drives; a gate reads inputs and earlier gates.
Bits are {0, 1}. Formulas on bits and integers need no arithmetic context.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from hardposterior.spec.statements import STATEMENTS, Assumed, Definition, Domain

Bits = Sequence[int]


class Netlist(Protocol):
    """What is asked of a circuit: plain data."""

    @property
    def n(self) -> int:
        """The number of inputs."""

    @property
    def gates(self) -> Sequence[tuple[str, Sequence[int]]]:
        """(name, wires read) in an order of evaluation."""

    @property
    def outputs(self) -> Sequence[int]:
        """The wires whose bits are the value."""


TRUTH: Mapping[str, Callable[..., int]] = {
    "ZERO": lambda: 0,
    "ONE": lambda: 1,
    "NOT": lambda a: int(not a),
    "AND": lambda a, b: int(a and b),
    "OR": lambda a, b: int(a or b),
    "XOR": lambda a, b: int(a != b),
    "XOR3": lambda a, b, c: int([a, b, c].count(1) in (1, 3)),
    "MAJ": lambda a, b, c: int([a, b, c].count(1) in (2, 3)),
    "MUX": lambda e, f, g: f if e else g,
}
"""The bit that a gate drives, given the bits it reads."""

ARITY: Mapping[str, int] = {
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
"""How many wires a gate reads."""


def is_well_formed(netlist: Netlist) -> bool:
    """Whether every gate is known, reads as many wires as it should, and earlier ones only."""
    known = netlist.n
    for name, wires in netlist.gates:
        if name not in ARITY or len(wires) != ARITY[name]:
            return False
        if not all(0 <= wire < known for wire in wires):
            return False
        known += 1
    return len(netlist.outputs) > 0 and all(0 <= wire < known for wire in netlist.outputs)


def evaluate(netlist: Netlist, bits: Bits) -> list[int]:
    """The bits of the outputs, gate by gate from the truth tables."""
    values = list(bits)
    for name, wires in netlist.gates:
        values.append(TRUTH[name](*(values[wire] for wire in wires)))
    return [values[wire] for wire in netlist.outputs]


def number_of(bits: Bits) -> int:
    """The integer with these binary digits, the most significant first."""
    total = 0
    for bit in bits:
        total = 2 * total + bit
    return total


def bits_of(number: int, width: int) -> list[int]:
    """`width` binary digits, the most significant first."""
    return [number // 2 ** (width - 1 - place) % 2 for place in range(width)]


NETLIST = Domain("a netlist whose gates read inputs and earlier gates", is_well_formed)

ONE_WAY_FUNCTIONS = STATEMENTS.state(
    Definition(
        id="one-way-functions",
        paper="Appendix G",
        relation="explicit",
        claim="a circuit computes f: {0,1}^n -> {0,1}^m if its gates, evaluated one by one from "
        "their truth tables, give f(x) for every x",
        domain={"netlist": NETLIST},
        formulas={"evaluate": evaluate},
        proof="a definition: a gate reads inputs and earlier gates, so each value is known in time",
    )
)

ONE_WAY_FUNCTIONS_EXIST = STATEMENTS.state(
    Assumed(
        id="one-way-functions.exist",
        paper="Appendix G",
        relation="as stated",
        claim="there is a function computed in polynomial time that no polynomial-time algorithm "
        "inverts on a random image with more than negligible probability",
        proof="none: an assumption of cryptography, which would imply P != NP",
    )
)
