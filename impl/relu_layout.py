"""Which neurons the ReLU network of a circuit has, layer by layer, as plain data.

Every hidden neuron is relu(S - k), S a sum of one to three literals: a literal is a wire `w` or its
negation 1 - w, written `~w`, and NOT costs nothing. With S the sum over all the literals read, the
value of a gate is an affine form of its neurons (Appendices C and G; `~` negates a literal):

    AND    relu(S - 1)
    XOR    relu(S) - 2 relu(S - 1)
    MAJ    relu(S - 1) - relu(S - 2)
    XOR3   relu(S) - 2 relu(S - 1) + 2 relu(S - 2)
    OR     1 - relu(~a + ~b - 1)
    MUX    relu(e + f - 1) + relu(~e + g - 1)

Layers. Hidden layer l = 1, ..., L holds the neurons of the gates at level l; L is the circuit's
depth. Inputs have level 0, NOT and the constants have no neurons. Gates that no output depends on
are left out, every other gate sits as late as possible: its level is L if only outputs read it,
else one less than the least level of a gate that reads it (itself or through NOTs).

Sharing. Two gates at one level with equal neurons (the same multiset of literals, the same k) have
that neuron once: a full adder, XOR3 and MAJ of the same wires, is three neurons and not five.

Pass-through. The affine map into layer l + 1 reads layer l only. A wire of level v whose last
reader sits at level u (u = L + 1 if an output reads it) is therefore carried by one neuron
relu(w), S = w and k = 0, in each of the layers v + 1, ..., u - 1.
"""

from dataclasses import dataclass

from hardposterior.impl.circuits import FREE, Circuit

Neuron = tuple[tuple[int, ...], int]  # literals in increasing order, k
Form = tuple[tuple[tuple[int, Neuron], ...], int]  # (coefficient, neuron) pairs, constant


@dataclass(frozen=True)
class Layout:
    """The neurons of a circuit's network.

    `literals[w]` is wire w as a literal of an input or gate other than NOT, `levels[w]` the level
    of such a wire (-1: not part of the network). `layers[l - 1]` lists the neurons of hidden layer
    l, the first `carried[l - 1]` of them pass-through.
    """

    circuit: Circuit
    literals: tuple[int, ...]
    levels: tuple[int, ...]
    layers: tuple[tuple[Neuron, ...], ...]
    carried: tuple[int, ...]


def gate_form(name: str, literals: tuple[int, ...]) -> Form:
    """The value of a gate that reads `literals`, as an affine form of its neurons."""
    if name == "MUX":
        e, f, g = literals
        return ((1, _neuron((e, f), 1)), (1, _neuron((~e, g), 1))), 0
    if name == "OR":
        a, b = literals
        return ((-1, _neuron((~a, ~b), 1)),), 1
    slopes = {"AND": (0, 1), "XOR": (1, -2), "MAJ": (0, 1, -1), "XOR3": (1, -2, 2)}[name]
    return tuple((s, _neuron(literals, k)) for k, s in enumerate(slopes) if s), 0


def _neuron(literals: tuple[int, ...], k: int) -> Neuron:
    """relu(sum of `literals` - k), in the one order that lets equal neurons be shared."""
    return tuple(sorted(literals)), k


def stated_range(neuron: Neuron) -> tuple[int, int]:
    """The least interval known to hold the neuron wherever the inputs are in [0,1]^n.

    Every gate maps [0,1] inputs into [0,1], so a sum of literals lies between 0 and their number.
    """
    literals, k = neuron
    return 0, len(literals) - k


def layout(circuit: Circuit) -> Layout:
    """The neurons of `circuit`'s ReLU network."""
    literals = _literals(circuit)
    levels, last = _levels(circuit, literals)
    carried: list[list[Neuron]] = [[] for _ in range(circuit.depth)]
    logic: list[dict[Neuron, None]] = [{} for _ in range(circuit.depth)]
    for wire, level in enumerate(levels):
        if level < 0:
            continue
        copy: Neuron = ((wire,), 0)
        for layer in range(level + 1, last[wire]):
            carried[layer - 1].append(copy)
        if wire >= circuit.n:
            name, wires = circuit.gates[wire - circuit.n]
            form, _ = gate_form(name, tuple(literals[source] for source in wires))
            logic[level - 1].update(dict.fromkeys(neuron for _, neuron in form))
    layers = tuple((*c, *g) for c, g in zip(carried, logic, strict=True))
    return Layout(circuit, literals, levels, layers, tuple(len(c) for c in carried))


def _literals(circuit: Circuit) -> tuple[int, ...]:
    """Every wire as an input, a gate other than NOT, or the negation of one."""
    literals = list(range(circuit.n))
    for index, (name, wires) in enumerate(circuit.gates):
        literals.append(~literals[wires[0]] if name == "NOT" else circuit.n + index)
    return tuple(literals)


def _levels(circuit: Circuit, literals: tuple[int, ...]) -> tuple[tuple[int, ...], list[int]]:
    """The level of every wire that is part of the network, and the level of its last reader."""
    beyond = circuit.depth + 1
    first = [0] * len(literals)  # least level of a reader; 0: no reader so far
    last = [0] * len(literals)
    for output in circuit.outputs:
        root = root_of(literals[output])
        first[root] = last[root] = beyond
    levels = [0] * circuit.n + [-1] * len(circuit.gates)
    for index in range(len(circuit.gates) - 1, -1, -1):
        name, wires = circuit.gates[index]
        wire = circuit.n + index
        if name in FREE or not first[wire]:
            continue
        levels[wire] = level = first[wire] - 1
        for source in wires:
            root = root_of(literals[source])
            first[root] = min(first[root] or level, level)
            last[root] = max(last[root], level)
    return tuple(levels), last


def root_of(literal: int) -> int:
    """The wire of a literal."""
    return literal if literal >= 0 else ~literal
