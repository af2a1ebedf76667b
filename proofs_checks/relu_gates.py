"""Gates as formulas of ReLUs: all bits, and all reals of the cube by z3."""

from collections.abc import Iterator
from itertools import product
from types import SimpleNamespace
from typing import Any

import z3

from hardposterior.proofs_checks.solver import Reals, prove_all
from hardposterior.spec import relu_gates, relu_layers, relu_network, relu_rows
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.circuits import ARITY
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

ctx: Any = Reals()


def gates_in_the_cube() -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Every gate with real inputs, and that they are in [0, 1]."""
    for gate, arity in ARITY.items():
        inputs = [z3.Real(name) for name in "abc"[:arity]]
        yield gate, inputs, [z3.And(x >= 0, x <= 1) for x in inputs]


@evidence(relu_gates.RELU_GATES, kind="exhaustive", scope="whole")
def every_formula_is_its_gate_on_bits(run: Run) -> Outcome:
    """All gates on all bits."""
    del run
    floats, cases = Floats(), 0
    for gate, arity in ARITY.items():
        for bits in product((0, 1), repeat=arity):
            cases += 1
            left = relu_gates.gate_value(floats, gate, bits)
            if left != relu_gates.gate_bit(floats, gate, bits):
                return refuted(f"{gate}{bits} gives {left}", cases=cases)
    return proved(cases)


@evidence(relu_gates.RELU_GATES_RANGE, kind="exhaustive", scope="whole")
def every_gate_maps_the_cube_into_the_unit_interval(run: Run) -> Outcome:
    """z3 over the reals: no point of the cube leaves [0,1]."""
    del run
    questions = {}
    for gate, inputs, inside in gates_in_the_cube():
        left = relu_gates.distance_from_the_middle(ctx, gate, inputs)
        questions[gate] = (left <= relu_gates.one_half(ctx, gate, inputs), inside)
    outcome = prove_all(questions)
    return proved(outcome.cases, tightness=1.0) if outcome.status == "proved" else outcome


def one_gate(gate: str) -> Any:
    """The circuit of one gate that reads its inputs."""
    arity = ARITY[gate]
    return SimpleNamespace(n=arity, gates=((gate, tuple(range(arity))),), outputs=(arity,))


def sum_of(signs: tuple[int, ...], inputs: list[Any]) -> Any:
    """The literals of a neuron added up."""
    literals = {1: lambda x: x, -1: lambda x: 1 - x}
    return sum(literals[s](x) for s, x in zip(signs, inputs, strict=True) if s)


@evidence(relu_gates.RELU_GATES, kind="exhaustive", scope="step")
def neurons_add_up_to_the_formulas(run: Run) -> Outcome:
    """z3 over the reals: the neurons that a network has for a gate make up the gate's formula."""
    del run
    questions: dict[str, tuple[Any, list[Any]]] = {}
    for gate, inputs, _ in gates_in_the_cube():
        if gate in relu_layers.TERMS:
            value, terms = relu_layers.TERMS[gate]
            for coefficient, signs, k in terms:
                value += coefficient * relu_gates.relu(ctx, sum_of(signs, inputs) - k)
            questions[gate] = (value == relu_gates.gate_value(ctx, gate, inputs), [])
    return prove_all(questions)


@evidence(relu_network.RELU_GATES_NEURONS, kind="exhaustive", scope="whole")
def induction_over_the_gates(run: Run) -> Outcome:
    """z3: inputs of a gate in [0,1] keep its neurons in their range and its value in [0,1]."""
    del run
    questions = {}
    for gate, inputs, inside in gates_in_the_cube():
        value = relu_gates.gate_value(ctx, gate, inputs)
        questions[f"value of {gate}"] = (z3.And(value >= 0, value <= 1), inside)
        for _, signs, k in relu_layers.TERMS.get(gate, (0, ()))[1]:
            neuron = relu_gates.relu(ctx, sum_of(signs, inputs) - k)
            end = sum(map(abs, signs)) - k
            claim = z3.And(neuron >= 0, neuron <= end, end >= 1)
            questions[f"relu(S - {k}) of {gate}"] = (claim, inside)
        alone, stated = one_gate(gate), relu_network.RELU_GATES_NEURONS
        sides = [side(ctx, alone, inputs) for side in (stated.left, stated.right)]
        questions[f"as stated for {gate}"] = (sides[0] <= sides[1], inside)
    carried = z3.Real("w")
    claim = relu_gates.relu(ctx, carried) == carried
    questions["carried wire"] = (claim, [z3.And(carried >= 0, carried <= 1)])
    return prove_all(questions)


@evidence(relu_network.RELU_GATES_NETWORK, kind="exhaustive", scope="whole")
def each_step_of_the_induction_on_bits(run: Run) -> Outcome:
    """Every gate drives a bit from bits, the right one; a wire that is carried stays itself."""
    outcome = every_formula_is_its_gate_on_bits(run)
    floats = Floats()
    if any(relu_gates.relu(floats, bit) != bit for bit in (0, 1)):
        return refuted("relu(b) != b for a bit b")
    stated = relu_network.RELU_GATES_NETWORK
    for gate, arity in ARITY.items():
        for bits in product((0, 1), repeat=arity):
            sides = [side(floats, one_gate(gate), bits) for side in (stated.left, stated.right)]
            if sides[0] != sides[1]:
                return refuted(f"the network of {gate} alone gives {sides[0]} on {bits}")
    return outcome


@evidence(relu_rows.RELU_GATES_EXACT, kind="exhaustive", scope="whole")
def three_dearest_literals_stay_below_the_limit(run: Run) -> Outcome:
    """All forms that a literal can have, the dearest three in a row with the largest k."""
    del run
    sizes = [1]  # a carried wire or input, or a constant
    for constant, terms in relu_layers.TERMS.values():
        ranges = [(c, sum(map(abs, signs)) - k) for c, signs, k in terms]
        spread = sum(abs(c) * end for c, end in ranges)
        sizes += [abs(constant) + spread, abs(1 - constant) + spread]
    thresholds = [k for _, terms in relu_layers.TERMS.values() for _, _, k in terms]
    literals = [len(signs) for _, terms in relu_layers.TERMS.values() for _, signs, _ in terms]
    worst = max(literals) * max(sizes) + max(thresholds)
    limit = 2**24
    if worst > limit:
        return refuted(f"a row may add up to {worst}")
    # the row of relu(a + b - 1): a bias of 1 and two literals
    stated, floats, conjunction = relu_rows.RELU_GATES_EXACT, Floats(), one_gate("AND")
    sides = [side(floats, conjunction) for side in (stated.left, stated.right)]
    if sides != [3, limit]:
        return refuted(f"relu-gates.exact for AND alone: {sides}")
    return proved(len(sizes), tightness=worst / limit, detail=f"at most {worst} of 2^24")


@evidence(relu_rows.RELU_GATES_POLYNOMIAL, kind="exhaustive", scope="step")
def gates_have_three_neurons_of_three_literals(run: Run) -> Outcome:
    """All gates: at most three neurons, each of at most three literals, so ten numbers a row."""
    del run
    for gate, (_, terms) in relu_layers.TERMS.items():
        literals = max(sum(map(abs, signs)) for _, signs, _ in terms)
        if len(terms) > 3 or literals > 3:
            return refuted(f"{gate} has {len(terms)} neurons of up to {literals} literals")
    return proved(len(relu_layers.TERMS))
