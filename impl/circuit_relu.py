"""A circuit as a ReLU network, from its layout: the weights of every neuron (Appendices C and G).

A wire that is known in a layer is an affine form of that layer's neurons, with integer
coefficients. The neuron relu(S - k) of the next layer gets as its row the sum of the forms of the
literals in S, equal neurons added up, and as its bias the constants of that sum less k. On bits a
neuron is an integer from 0 to 3, a literal's terms add up to at most 3 + 2 * 2 + 2 * 1 = 9 in size,
and a row's partial sums stay below 2^6: float32 computes all of them exactly.
"""

from collections.abc import Iterable

import torch

from hardposterior.impl import arguments
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.relu_layout import Layout, Neuron, gate_form, layout, root_of
from hardposterior.impl.relu_network import ReluNetwork, SparseAffine

Value = tuple[tuple[tuple[int, int], ...], int]  # of a wire: (neuron's place, slope), constant


def to_relu(circuit: Circuit, dtype: torch.dtype = torch.float32) -> ReluNetwork:
    """The ReLU network equal to `circuit` on {0,1}^n and mapping [0,1]^n into [0,1]^m.

    Its layers, neurons and pass-through neurons are those of `relu_layout.layout(circuit)`.
    """
    arguments.dtype(dtype)
    plan = layout(circuit)
    gates_at: list[list[int]] = [[] for _ in range(circuit.depth + 1)]
    for wire in range(circuit.n, len(plan.levels)):
        if plan.levels[wire] > 0:
            gates_at[plan.levels[wire]].append(wire)
    constants = _constants(circuit)
    known = constants | {wire: (((wire, 1),), 0) for wire in range(circuit.n)}
    width = circuit.n
    layers = []
    for level, neurons in enumerate(plan.layers, start=1):
        layers.append(_affine(width, neurons, known, dtype))
        carried = neurons[: plan.carried[level - 1]]
        known = constants | {wire: (((i, 1),), 0) for i, ((wire,), _) in enumerate(carried)}
        place = {neuron: i for i, neuron in enumerate(neurons)}
        known |= {wire: _gate_value(plan, wire, place) for wire in gates_at[level]}
        width = len(neurons)
    outputs: list[Neuron] = [((plan.literals[wire],), 0) for wire in circuit.outputs]
    layers.append(_affine(width, outputs, known, dtype))
    return ReluNetwork(layers, plan.carried)


def _constants(circuit: Circuit) -> dict[int, Value]:
    """The wires that the constant gates drive."""
    value = {"ZERO": 0, "ONE": 1}
    named = enumerate(circuit.gates, start=circuit.n)
    return {wire: ((), value[name]) for wire, (name, _) in named if name in value}


def _gate_value(plan: Layout, wire: int, place: dict[Neuron, int]) -> Value:
    """The value of a gate in the layer in which its neurons are."""
    name, wires = plan.circuit.gates[wire - plan.circuit.n]
    terms, constant = gate_form(name, tuple(plan.literals[source] for source in wires))
    return tuple((place[neuron], coefficient) for coefficient, neuron in terms), constant


def _affine(
    inputs: int, neurons: Iterable[Neuron], known: dict[int, Value], dtype: torch.dtype
) -> SparseAffine:
    """The map whose row for the neuron (literals, k) is the sum of the literals, less k."""
    rows: list[int] = []
    columns: list[int] = []
    weights: list[int] = []
    bias: list[int] = []
    for row, (literals, k) in enumerate(neurons):
        constant = -k
        sums: dict[int, int] = {}
        for literal in literals:
            terms, value = known[root_of(literal)]
            sign = 1 if literal >= 0 else -1
            constant += value if literal >= 0 else 1 - value
            for column, coefficient in terms:
                sums[column] = sums.get(column, 0) + sign * coefficient
        entries = sorted((column, weight) for column, weight in sums.items() if weight)
        rows.extend([row] * len(entries))
        columns.extend(column for column, _ in entries)
        weights.extend(weight for _, weight in entries)
        bias.append(constant)
    return SparseAffine(inputs, rows, columns, weights, bias, dtype)
