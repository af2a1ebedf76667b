"""A network given as data, proved to be the stated one of a circuit, row by row.

Layer by layer the neurons are identified: the rows of an affine map, written in the neurons of the
layer before, must be the stated rows of the next layer, each as often as stated, with the stated
integers for weights; the rows of the outputs in their order. Neurons of equal rows have equal
values, so that one may stand in for the other. By the induction that `relu-gates.neurons` and
`relu-gates.network` rest on, the network then equals the circuit on bits, every neuron stays in its
stated range on the whole cube, and float32 is exact on bits.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hardposterior.spec import relu_network, relu_rows
from hardposterior.spec.circuits import ARITY, Netlist
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted
from hardposterior.spec.relu_layers import Neuron, layers_of

Row = tuple[dict[int, float], float]
"""Weights by column, and the bias."""


def rows_of(affine: Any) -> list[Row]:
    """The rows of an affine map, from its lists of rows, columns, weights and biases."""
    found: list[Row] = [({}, bias) for bias in affine.bias.tolist()]
    entries = (affine.rows.tolist(), affine.columns.tolist(), affine.weights.tolist())
    for row, column, weight in zip(*entries, strict=True):
        found[row][0][column] = found[row][0].get(column, 0.0) + weight
    return found


def in_stand_ins(
    terms: Iterable[tuple[Neuron, float]], bias: float, stand_in: Mapping[Neuron, Neuron]
) -> tuple[Any, float]:
    """A row that can be compared: neurons of equal rows are one, weights of zero are none."""
    total: dict[Neuron, float] = {}
    for neuron, weight in terms:
        total[stand_in[neuron]] = total.get(stand_in[neuron], 0) + weight
    return frozenset((neuron, weight) for neuron, weight in total.items() if weight != 0), bias


def first_difference(netlist: Netlist, affine: Sequence[Any]) -> str:
    """Where the network is not the stated one, in words; empty if it is."""
    layers = layers_of(netlist)
    if len(affine) != layers.where.depth + 1:
        return f"{len(affine)} affine maps, {layers.where.depth + 1} are stated"
    names: list[Neuron] = [relu_rows.carrier(wire) for wire in range(netlist.n)]
    stand_in = {neuron: neuron for neuron in names}
    for layer, (stated, given) in enumerate(
        zip(relu_rows.affine_maps(layers), affine, strict=True)
    ):
        found = [
            in_stand_ins(((names[c], w) for c, w in weights.items()), bias, stand_in)
            for weights, bias in rows_of(given)
        ]
        wanted = [in_stand_ins(terms.items(), bias, stand_in) for _, (terms, bias) in stated]
        if layer == layers.where.depth:
            return "" if found == wanted else "the outputs are not the stated ones"
        excess = Counter(found)
        excess.subtract(wanted)
        if any(excess.values()):
            rows = [row for row, key in enumerate(found) if excess[key] > 0]
            return (
                f"affine map {layer} has {len(found)} rows, {len(wanted)} stated; odd: {rows[:3]}"
            )
        first: dict[Any, Neuron] = {}
        for key, (neuron, _) in zip(wanted, stated, strict=True):
            first.setdefault(key, neuron)
        stand_in = {n: first[key] for key, (n, _) in zip(wanted, stated, strict=True)}
        names = [first[key] for key in found]
    return ""


def drawn_circuit(implementation: Any, chance: random.Random) -> Any:
    """A netlist of up to 200 gates of all kinds, wires drawn at random."""
    n = chance.randint(1, 8)
    gates: list[tuple[str, tuple[int, ...]]] = []
    for _ in range(chance.randint(0, 200)):
        name = chance.choice(sorted(ARITY))
        wires = tuple(chance.randrange(n + len(gates)) for _ in range(ARITY[name]))
        gates.append((name, wires))
    outputs = tuple(chance.randrange(n + len(gates)) for _ in range(chance.randint(1, 8)))
    return implementation.Circuit(n, tuple(gates), outputs)


NEEDS = ("Circuit", "sha256", "subset_sum")


@evidence(relu_network.RELU_GATES_NEURONS, kind="certified", scope="box", needs=NEEDS)
def every_row_of_the_implementation_is_the_stated_neuron(run: Run) -> Outcome:
    """Drawn netlists, a subset sum and SHA-256 (all 64 rounds in the longer profiles)."""
    chance = random.Random(run.seed)
    circuits = [drawn_circuit(run.implementation, chance) for _ in range(run.size(20, 60, 300))]
    weights = [chance.getrandbits(32) for _ in range(32)]
    circuits.append(run.implementation.subset_sum(weights, 32))
    circuits.append(run.implementation.sha256(rounds=run.size(6, 64, 64)))
    cases = 0
    for place, circuit in enumerate(circuits):
        affine = list(circuit.to_relu().layers)
        difference = first_difference(circuit, affine)
        if difference:
            return refuted(f"seed {run.seed}, circuit {place}: {difference}", cases=cases)
        cases += sum(len(given.bias) for given in affine)
        run.progress(place + 1, len(circuits))
    return proved(cases, detail=f"{len(circuits)} networks")
