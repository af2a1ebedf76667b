"""The size of a circuit's ReLU network: neurons, weights, depth, and where gates sit."""

import numpy as np

from hardposterior.impl.circuits import Circuit
from hardposterior.impl.relu_layout import layout
from hardposterior.impl.sha256_circuit import sha256


def sizes(n, gates, outputs):
    return Circuit(n, gates, outputs).to_relu().sizes()


def test_counts_of_small_networks():
    adder = sizes(3, (("XOR3", (0, 1, 2)), ("MAJ", (2, 0, 1))), (3, 4))
    assert (adder.depth, adder.neurons, adder.logic, adder.carried) == (1, 3, 3, 0)
    assert (adder.weights, adder.biases, adder.largest_weight) == (9 + 3 + 2, 5, 2.0)
    assert adder.parameters == adder.weights + adder.biases

    half = sizes(2, (("XOR", (0, 1)), ("AND", (1, 0))), (2, 3))
    assert (half.neurons, half.weights) == (2, 4 + 2 + 1)

    free = sizes(2, (("NOT", (0,)), ("ONE", ()), ("NOT", (2,))), (2, 3, 4, 1))
    assert (free.depth, free.neurons, free.weights, free.biases) == (0, 0, 3, 4)

    # Input 2 waits for two layers, the first AND's wire is an output and waits for one.
    chain = (("AND", (0, 1)), ("OR", (3, 0)), ("XOR", (4, 2)))
    waits = sizes(3, chain, (5, 3))
    assert (waits.depth, waits.logic, waits.carried) == (3, 1 + 1 + 2, 2 + 2 + 1)

    # A gate without readers costs nothing, and NOT does not hide a reader.
    dead = (("XOR", (0, 1)), ("NOT", (0,)), ("AND", (3, 1)), ("OR", (4, 3)))
    late = sizes(2, dead, (5,))
    assert (late.depth, late.logic, late.carried) == (2, 2, 1)


def test_gates_sit_as_late_as_possible():
    circuit = Circuit(2, (("AND", (0, 1)), ("XOR", (0, 1)), ("OR", (3, 0)), ("OR", (4, 2))), (5,))
    assert layout(circuit).levels == (0, 0, 2, 1, 2, 3)
    assert layout(circuit).carried == (2, 0, 0)


def test_equal_neurons_are_shared_within_a_level_only():
    """XOR waits until layer 2, where its wires are carried: it cannot share the AND of layer 1."""
    gates = (("AND", (0, 1)), ("XOR", (0, 1)), ("OR", (2, 3)))
    assert sizes(2, gates, (4,)).logic == 3
    assert sizes(2, (("AND", (0, 1)), ("OR", (2, 0)), ("XOR", (0, 1))), (3, 4)).logic == 4


def test_neurons_grow_linearly_with_rounds():
    """Once all rounds in flight are alike, four more rounds always cost the same neurons."""
    plans = [layout(sha256(rounds=r)) for r in (40, 44, 48)]
    first, second = np.diff([sum(map(len, plan.layers)) for plan in plans])
    assert abs(second / first - 1) < 0.01
