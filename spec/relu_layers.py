"""The ReLU network of a circuit, layer by layer (Appendices C and G), and its size.

A hidden neuron is relu(S - k), S a sum of one to three literals: a wire w, or 1 - w. NOT and the
constants cost nothing. A gate at level l has its neurons in hidden layer l; inputs are at level 0.
Gates without influence on the outputs are left out, the others sit as late as possible, the last
in layer L = the circuit's depth. Equal neurons of one layer exist once. The affine map into a layer
reads the layer before it only: a wire is carried by a neuron relu(w) through the layers between its
own and that of its last reader, outputs reading at L + 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hardposterior.spec.circuits import Netlist

Literal = tuple[int, bool]
"""(w, True) is w, (w, False) is 1 - w; w is an input or the wire of a gate that is not a NOT."""

Neuron = tuple[tuple[Literal, ...], int]
"""relu(the sum of the literals - k), the literals in increasing order."""

AFFINE_GATES = ("ZERO", "ONE", "NOT")

TERMS: Mapping[str, tuple[int, tuple[tuple[int, tuple[int, ...], int], ...]]] = {
    "AND": (0, ((1, (1, 1), 1),)),
    "OR": (1, ((-1, (-1, -1), 1),)),
    "XOR": (0, ((1, (1, 1), 0), (-2, (1, 1), 1))),
    "XOR3": (0, ((1, (1, 1, 1), 0), (-2, (1, 1, 1), 1), (2, (1, 1, 1), 2))),
    "MAJ": (0, ((1, (1, 1, 1), 1), (-1, (1, 1, 1), 2))),
    "MUX": (0, ((1, (1, 1, 0), 1), (1, (-1, 0, 1), 1))),
}
"""A gate as constant + sum of coefficient * relu(S - k): (coefficient, signs, k) for each neuron.

Sign 1 takes an input x, sign -1 takes 1 - x, sign 0 leaves it out of S.
"""


def literals_of(netlist: Netlist) -> list[Literal]:
    """Every wire as a literal: chains of NOT are followed down."""
    literals: list[Literal] = [(wire, True) for wire in range(netlist.n)]
    for place, (name, wires) in enumerate(netlist.gates):
        if name == "NOT":
            wire, positive = literals[wires[0]]
            literals.append((wire, not positive))
        else:
            literals.append((netlist.n + place, True))
    return literals


def neurons_of(name: str, read: list[Literal]) -> list[tuple[int, Neuron]]:
    """The neurons of one gate, with their coefficients in its value."""
    found = []
    for coefficient, signs, k in TERMS[name][1]:
        chosen = [
            (wire, positive if sign == 1 else not positive)
            for (wire, positive), sign in zip(read, signs, strict=True)
            if sign != 0
        ]
        found.append((coefficient, (tuple(sorted(chosen)), k)))
    return found


@dataclass(frozen=True)
class Levels:
    """Where the wires are: `level` and `last` reader of those that the outputs depend on."""

    depth: int
    level: Mapping[int, int]
    last: Mapping[int, int]


def levels_of(netlist: Netlist, literals: list[Literal]) -> Levels:
    """The latest level of every wire that counts; a constant has none."""
    n, gates = netlist.n, netlist.gates
    above: dict[int, int] = {}  # the most gates on a path from the wire up to an output
    for output in netlist.outputs:
        above[literals[output][0]] = 0
    readers: dict[int, list[int]] = {}
    for wire in range(n + len(gates) - 1, n - 1, -1):
        name, wires = gates[wire - n]
        if wire not in above or name in AFFINE_GATES:
            continue
        for source in {literals[w][0] for w in wires}:
            above[source] = max(above.get(source, 0), above[wire] + 1)
            readers.setdefault(source, []).append(wire)
    depth = 0
    for wire, height in above.items():
        is_gate = wire >= n and gates[wire - n][0] not in AFFINE_GATES
        depth = max(depth, height + is_gate)
    level = {wire: depth - height for wire, height in above.items() if wire >= n}
    level |= {wire: 0 for wire in above if wire < n}
    level = {w: at for w, at in level.items() if w < n or gates[w - n][0] not in AFFINE_GATES}
    last = {wire: max((level[r] for r in readers.get(wire, ())), default=0) for wire in level}
    for output in netlist.outputs:
        if literals[output][0] in level:
            last[literals[output][0]] = depth + 1
    return Levels(depth, level, last)


@dataclass(frozen=True)
class Layers:
    """The network's neurons: of each hidden layer the carried wires, then the gates' neurons."""

    netlist: Netlist
    literals: list[Literal]
    where: Levels
    carried: list[list[Neuron]]
    logic: list[list[Neuron]]


def layers_of(netlist: Netlist) -> Layers:
    """Every neuron of the network of `netlist`."""
    literals = literals_of(netlist)
    where = levels_of(netlist, literals)
    carried: list[list[Neuron]] = [[] for _ in range(where.depth)]
    logic: list[dict[Neuron, None]] = [{} for _ in range(where.depth)]
    for wire, level in sorted(where.level.items()):
        for layer in range(level + 1, where.last[wire]):
            carried[layer - 1].append((((wire, True),), 0))
        if wire >= netlist.n:
            name, wires = netlist.gates[wire - netlist.n]
            for _, neuron in neurons_of(name, [literals[w] for w in wires]):
                logic[level - 1][neuron] = None
    return Layers(netlist, literals, where, carried, [list(layer) for layer in logic])
