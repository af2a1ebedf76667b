"""An implementation's ReLU networks of circuits held to the formulas (Appendices C and G).

`circuit.to_relu(dtype)` is a network: called on (..., n) it gives (..., m); `layers` are its affine
maps, each called on columns; `sizes()` counts them. Points of the cube are in 1024ths: all values
are then multiples of 2^-10 below 2^6, which float32 computes without rounding.
"""

from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.circuits import circuit_of
from hardposterior.properties.netlists import (
    DTYPES,
    Plain,
    all_bits,
    netlists,
    netlists_in_the_cube,
    one_thread,
    random_bits,
    wrong_rows,
)
from hardposterior.properties.search import call_of, search
from hardposterior.properties.sha256 import full_circuit
from hardposterior.spec import relu_gates, relu_network, relu_rows
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.circuits import ARITY, evaluate
from hardposterior.spec.evidence import Outcome, Run, evidence, held, refuted
from hardposterior.spec.statements import Bound

NEEDS = ("Circuit",)
ctx = Floats()


def network_is_the_circuit_on_bits(implementation: Any, **netlist: Any) -> float:
    """Wrong inputs of the network in float32 and in float64, all inputs."""
    plain = Plain(**netlist)
    rows = all_bits(plain.n)
    expected = [evaluate(plain, row) for row in rows]
    circuit = circuit_of(implementation, plain)
    return max(
        wrong_rows(circuit.to_relu(dtype)(torch.tensor(rows, dtype=dtype)), expected)
        for dtype in DTYPES.values()
    )


def network_follows_the_formulas_in_the_cube(
    implementation: Any, x: list[float], dtype: str, **netlist: Any
) -> float:
    """How near the outputs come to leaving [0,1], 2 |out - 1/2|; infinite if not the formulas'."""
    plain = Plain(**netlist)
    network = circuit_of(implementation, plain).to_relu(DTYPES[dtype])
    found = network(torch.tensor(x, dtype=DTYPES[dtype])).tolist()
    values = relu_network.wire_values(ctx, plain, x)
    if found != [values[wire] for wire in plain.outputs]:
        return float("inf")
    return float(max(2 * abs(out - 0.5) for out in found))


def neurons_are_the_stated_ones(
    implementation: Any, x: list[float], dtype: str, **netlist: Any
) -> float:
    """The largest neuron over the end of its range; infinite if a layer has others than stated."""
    plain = Plain(**netlist)
    network = circuit_of(implementation, plain).to_relu(DTYPES[dtype])
    values = torch.tensor(x, dtype=DTYPES[dtype])[:, None]
    found: list[float] = []
    for layer in list(network.layers)[:-1]:
        values = torch.relu(layer(values))
        found += values.flatten().tolist()
    stated = [(float(value), end) for value, end in relu_network.neuron_values(ctx, plain, x)]
    if sorted(found) != sorted(value for value, _ in stated):
        return float("inf")
    return max((value / end for value, end in stated), default=0.0)


def sizes_are_as_stated(implementation: Any, **netlist: Any) -> float:
    """0 if every count of the implementation's tensors is the formula's, else 2."""
    plain = Plain(**netlist)
    return sizes_differ(circuit_of(implementation, plain).to_relu(), plain)


def sizes_differ(network: Any, netlist: Any) -> float:
    """0 if the network's counted sizes are those of the netlist's formula, else 2."""
    counted, stated = network.sizes(), relu_rows.size(netlist)
    names = (*relu_rows.Size._fields, "neurons", "parameters")
    return 2.0 * any(getattr(counted, name) != getattr(stated, name) for name in names)


def bound_holds_for_a_netlist(statement: Bound, **case: Any) -> float:
    """left / right of a bound on netlists."""
    netlist = Plain(case["n"], case["gates"], case["outputs"])
    more = {name: value for name, value in case.items() if name not in Plain._fields}
    left = statement.left(ctx, netlist=netlist, **more)
    return float(left / statement.right(ctx, netlist=netlist, **more))


def polynomial_bound_holds(**netlist: Any) -> float:
    """Parameters over 10 (3 g + (n + g) L + m)."""
    return bound_holds_for_a_netlist(relu_rows.RELU_GATES_POLYNOMIAL, **netlist)


def partial_sums_stay_below_the_limit(**netlist: Any) -> float:
    """The largest partial sum of a row over 2^24."""
    return bound_holds_for_a_netlist(relu_rows.RELU_GATES_EXACT, **netlist)


def gate_is_its_formula(gate: str, inputs: list[int]) -> float:
    """2 |formula - bit|, and 2 if that is no bit."""
    value = relu_gates.gate_value(ctx, gate, inputs)
    return float(2 * abs(value - relu_gates.gate_bit(ctx, gate, inputs)))


def gate_stays_in_the_unit_interval(gate: str, inputs: list[float]) -> float:
    """|value - 1/2| over 1/2."""
    return float(2 * relu_gates.distance_from_the_middle(ctx, gate, inputs))


def gates_with(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A gate and as many numbers as it reads."""
    return st.sampled_from(sorted(ARITY)).flatmap(
        lambda gate: st.lists(numbers, min_size=ARITY[gate], max_size=ARITY[gate]).map(
            lambda inputs: {"gate": gate, "inputs": inputs}
        )
    )


def in_a_precision(cases: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """The cases, each in float32 or float64."""
    return st.tuples(cases, st.sampled_from(sorted(DTYPES))).map(
        lambda drawn: {**drawn[0], "dtype": drawn[1]}
    )


@evidence(relu_gates.RELU_GATES, kind="property", scope="box")
def drawn_bits_find_no_wrong_gate(run: Run) -> Outcome:
    """Formulas against truth tables on drawn bits."""
    cases = gates_with(st.integers(0, 1))
    return search(run, gate_is_its_formula, cases, examples=100, on_implementation=False)


@evidence(relu_gates.RELU_GATES_RANGE, kind="property", scope="box")
def no_fractional_input_leaves_the_unit_interval(run: Run) -> Outcome:
    """Formulas at drawn points of the cube, in 1024ths so that floats are exact."""
    cases = gates_with(st.integers(0, 1024).map(lambda k: k / 1024))
    examples = run.size(100, 500, 5000)
    return search(
        run,
        gate_stays_in_the_unit_interval,
        cases,
        examples=examples,
        on_implementation=False,
        tightness=True,
    )


@evidence(relu_network.RELU_GATES_NETWORK, kind="property", scope="box", needs=NEEDS)
def implemented_network_is_the_circuit_on_bits(run: Run) -> Outcome:
    """All inputs of drawn netlists, in float32 and float64."""
    examples = run.size(80, 200, 2000)
    return search(run, network_is_the_circuit_on_bits, netlists(), examples=examples)


@evidence(relu_network.RELU_GATES_NETWORK, kind="property", scope="box", needs=NEEDS)
def implemented_network_follows_the_formulas_in_the_cube(run: Run) -> Outcome:
    """Drawn netlists at drawn points: the formulas' values, in [0,1], without rounding."""
    cases = in_a_precision(netlists_in_the_cube())
    examples = run.size(100, 300, 3000)
    return search(run, network_follows_the_formulas_in_the_cube, cases, examples=examples)


@evidence(relu_network.RELU_GATES_NEURONS, kind="property", scope="box", needs=NEEDS)
def implemented_neurons_stay_in_their_range(run: Run) -> Outcome:
    """Drawn netlists at drawn points: each layer has the stated neurons' values."""
    cases = in_a_precision(netlists_in_the_cube())
    examples = run.size(100, 300, 3000)
    return search(run, neurons_are_the_stated_ones, cases, examples=examples, tightness=True)


@evidence(relu_rows.RELU_GATES_SIZE, kind="property", scope="box", needs=NEEDS)
def implemented_sizes_are_the_formula(run: Run) -> Outcome:
    """Counts of the tensors of drawn netlists' networks."""
    return search(run, sizes_are_as_stated, netlists(), examples=run.size(80, 200, 2000))


@evidence(relu_rows.RELU_GATES_SIZE, kind="exhaustive", scope="box", needs=("sha256",))
def implemented_sizes_of_sha256_are_the_formula(run: Run) -> Outcome:
    """SHA-256 from 1 to 8 rounds, all 64 in the longer profiles."""
    rounds = [1, 2, 4, run.size(8, 64, 64)]
    for count in rounds:
        circuit = run.implementation.sha256(rounds=count)
        if sizes_differ(circuit.to_relu(), circuit):
            return refuted(f"{run.implementation.__name__}.sha256(rounds={count}).to_relu()")
    return Outcome(status="proved", cases=len(rounds), detail=f"rounds {rounds}")


@evidence(relu_rows.RELU_GATES_POLYNOMIAL, kind="property", scope="box")
def drawn_netlists_stay_below_the_polynomial(run: Run) -> Outcome:
    """The formula's own count against the bound."""
    examples = run.size(80, 200, 2000)
    return search(
        run,
        polynomial_bound_holds,
        netlists(),
        examples=examples,
        on_implementation=False,
        tightness=True,
    )


@evidence(relu_rows.RELU_GATES_EXACT, kind="property", scope="box")
def drawn_netlists_have_small_partial_sums(run: Run) -> Outcome:
    """The rows of drawn netlists' networks."""
    examples = run.size(80, 200, 2000)
    return search(
        run,
        partial_sums_stay_below_the_limit,
        netlists(),
        examples=examples,
        on_implementation=False,
        tightness=True,
    )


def full_network_differs(implementation: Any, count: int, seed: int) -> float:
    """Wrong digests of all 64 rounds in float32, plus bits that float64 has otherwise."""
    circuit = full_circuit(implementation)
    rows = random_bits(count, 256, seed)
    network = circuit.to_relu(torch.float32)
    with one_thread():
        found = network(rows.float())
        double = network.to(torch.float64)(rows.double())
    wrong = wrong_rows(found, circuit(rows).tolist())
    return wrong + int((double != found.double()).sum())


@evidence(relu_rows.RELU_GATES_EXACT, kind="property", scope="box", needs=("sha256",))
def implemented_network_of_sha256_is_exact(run: Run) -> Outcome:
    """64 rounds as a ReLU network on random messages: the circuit's bits in float32 and float64."""
    case = {"count": run.size(4, 32, 256), "seed": run.seed}
    if full_network_differs(run.implementation, **case):
        call = call_of(full_network_differs, case, run.implementation)
        return refuted(call, cases=case["count"])
    return held(case["count"])
