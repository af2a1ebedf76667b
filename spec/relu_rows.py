"""The affine maps of a circuit's ReLU network, row by row, and the sizes that follow.

A wire that is known in a layer is an affine form of the layer's neurons: a carried wire is one
neuron, a gate is its formula, a constant none; in layer 0 the neurons are the inputs. The row of
relu(S - k) is the sum of the forms of S's literals, less k; equal neurons are added up.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.circuits import NETLIST, Netlist
from hardposterior.spec.relu_layers import (
    AFFINE_GATES,
    TERMS,
    Layers,
    Literal,
    Neuron,
    layers_of,
    neurons_of,
)
from hardposterior.spec.statements import STATEMENTS, Bound, Definition

Form = tuple[Mapping[Neuron, int], int]
"""Coefficients of the neurons of one layer, and a constant."""


def carrier(wire: int) -> Neuron:
    """relu(w), the neuron that carries a wire; in layer 0 the input itself."""
    return (((wire, True),), 0)


def form_of(layers: Layers, wire: int, layer: int) -> Form:
    """The wire of an input, constant or gate in terms of the neurons of `layer`."""
    n = layers.netlist.n
    if wire >= n:
        name, wires = layers.netlist.gates[wire - n]
        if name in AFFINE_GATES:
            return {}, int(name == "ONE")
        if layers.where.level[wire] == layer:
            terms = neurons_of(name, [layers.literals[w] for w in wires])
            coefficients: dict[Neuron, int] = {}
            for coefficient, neuron in terms:
                coefficients[neuron] = coefficients.get(neuron, 0) + coefficient
            return coefficients, TERMS[name][0]
    return {carrier(wire): 1}, 0


def row_of(layers: Layers, literals: tuple[Literal, ...], k: int, layer: int) -> Form:
    """The sum of the literals less k, in terms of the neurons of `layer`; zeros are dropped."""
    total: dict[Neuron, int] = {}
    constant = -k
    for wire, positive in literals:
        form, value = form_of(layers, wire, layer)
        constant += value if positive else 1 - value
        for neuron, coefficient in form.items():
            signed = coefficient if positive else -coefficient
            total[neuron] = total.get(neuron, 0) + signed
    return {neuron: weight for neuron, weight in total.items() if weight != 0}, constant


def affine_maps(layers: Layers) -> Iterator[list[tuple[Neuron, Form]]]:
    """For every affine map its rows, each with the neuron that it feeds; outputs come last."""
    for before in range(layers.where.depth):
        neurons = layers.carried[before] + layers.logic[before]
        yield [(neuron, row_of(layers, *neuron, before)) for neuron in neurons]
    outputs = [((layers.literals[wire],), 0) for wire in layers.netlist.outputs]
    yield [(neuron, row_of(layers, *neuron, layers.where.depth)) for neuron in outputs]


class Size(NamedTuple):
    """Hidden layers, neurons (of gates, and carrying), and what the affine maps store."""

    depth: int
    logic: int
    carried: int
    weights: int
    biases: int
    largest_weight: int

    @property
    def neurons(self) -> int:
        """All hidden neurons."""
        return self.logic + self.carried

    @property
    def parameters(self) -> int:
        """All stored numbers."""
        return self.weights + self.biases


def size(netlist: Netlist) -> Size:
    """depth L; logic: distinct neurons of the gates, layer by layer; carried: the sum over wires of
    last - level - 1; one bias a neuron and output; the largest weight or bias in absolute value."""
    layers = layers_of(netlist)
    where = layers.where
    weights = largest = 0
    for rows in affine_maps(layers):
        for _, (coefficients, constant) in rows:
            weights += len(coefficients)
            largest = max(largest, abs(constant), *map(abs, coefficients.values()), 0)
    logic = sum(len(set(layer)) for layer in layers.logic)
    carried = sum(max(where.last[wire] - level - 1, 0) for wire, level in where.level.items())
    biases = logic + carried + len(netlist.outputs)
    return Size(where.depth, logic, carried, weights, biases, largest)


def parameters(ctx: Arithmetic, netlist: Netlist) -> Number:
    """The weights and biases of the network."""
    return ctx.number(size(netlist).parameters)


def parameters_bound(ctx: Arithmetic, netlist: Netlist) -> Number:
    """10 (3 g + (n + g) L + m), g the gates that are not affine."""
    gates = sum(name not in AFFINE_GATES for name, _ in netlist.gates)
    waiting = (netlist.n + gates) * size(netlist).depth
    return ctx.number(10 * (3 * gates + waiting + len(netlist.outputs)))


def largest_partial_sum(ctx: Arithmetic, netlist: Netlist) -> Number:
    """The largest |bias| + sum of |weight| (literals - k) over the rows of all affine maps."""
    return ctx.number(
        max(
            abs(constant) + sum(abs(c) * (len(s) - k) for (s, k), c in coefficients.items())
            for rows in affine_maps(layers_of(netlist))
            for _, (coefficients, constant) in rows
        )
    )


def integers_of_float32(ctx: Arithmetic, netlist: Netlist) -> Number:
    """2^24: every integer up to it in absolute value is a float32."""
    del netlist
    return ctx.number(2**24)


RELU_GATES_SIZE = STATEMENTS.state(
    Definition(
        id="relu-gates.size",
        paper="Appendix C, Appendix G",
        relation="explicit",
        claim="the network of a circuit has as many hidden layers as the circuit has depth, the "
        "distinct neurons of its gates layer by layer, and one carrying neuron for every wire and "
        "every layer strictly between the wire's level and that of its last reader",
        domain={"netlist": NETLIST},
        formulas={"size": size},
        proof="a count",
    )
)

RELU_GATES_POLYNOMIAL = STATEMENTS.state(
    Bound(
        id="relu-gates.polynomial",
        paper="Appendix C.4",
        relation="explicit",
        claim="the network of a circuit with g gates and depth L has at most "
        "10 (3 g + (n + g) L + m) parameters",
        domain={"netlist": NETLIST},
        left=parameters,
        right=parameters_bound,
        proof="a gate has at most three neurons, a wire waits in at most L layers, and a row "
        "sums up at most three literals of at most three neurons each",
        depends=("relu-gates.size",),
    )
)

RELU_GATES_EXACT = STATEMENTS.state(
    Bound(
        id="relu-gates.exact",
        paper="Appendix C, Appendix G",
        relation="own",
        claim="on bits every value and partial sum in the network of a circuit is an integer of "
        "size at most 2^24, so that float32 computes the network exactly, in any order of sums",
        domain={"netlist": NETLIST},
        left=largest_partial_sum,
        right=integers_of_float32,
        proof="weights and biases are integers; a form's terms add up to at most 9, and with its "
        "constant three literals of a row to at most 30, its k to 2",
        depends=("relu-gates.neurons",),
    )
)
