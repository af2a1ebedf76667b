"""An implementation's circuits held to their netlists, evaluated gate by gate (Appendix G)."""

import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.netlists import Plain, all_bits, netlists, random_bits, wrong_rows
from hardposterior.properties.search import search
from hardposterior.spec import circuits
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

METHODS = {
    "NOT": "not_",
    "AND": "and_",
    "OR": "or_",
    "XOR": "xor",
    "XOR3": "xor",
    "MAJ": "maj",
    "MUX": "mux",
}
"""What a builder calls its gates; its constants are the wires 0 and 1."""


def circuit_of(implementation: Any, plain: Plain) -> Any:
    """The implementation's circuit of a netlist."""
    return implementation.Circuit(plain.n, tuple(plain.gates), tuple(plain.outputs))


def values_are_those_of_the_gates(
    implementation: Any, count: int, seed: int, **netlist: Any
) -> float:
    """Wrong rows among `count` inputs evaluated together, against one by one and gate by gate."""
    plain = Plain(**netlist)
    rows = random_bits(count, plain.n, seed)
    expected = [circuits.evaluate(plain, row) for row in rows.tolist()]
    return wrong_rows(circuit_of(implementation, plain)(rows), expected)


def builder_keeps_the_function(implementation: Any, **netlist: Any) -> float:
    """Wrong inputs after a netlist is built anew, folded and shared; it must not have grown."""
    plain = Plain(**netlist)
    builder = implementation.CircuitBuilder(plain.n)
    wires = list(builder.inputs)
    for name, read in plain.gates:
        if name in ("ZERO", "ONE"):
            wires.append(int(name == "ONE"))
        else:
            wires.append(getattr(builder, METHODS[name])(*(wires[w] for w in read)))
    built = builder.build([wires[w] for w in plain.outputs])
    if not circuits.is_well_formed(built):
        return float("inf")
    rows = all_bits(plain.n)
    found = torch.tensor([circuits.evaluate(built, row) for row in rows])
    return wrong_rows(found, [circuits.evaluate(plain, row) for row in rows])


def saved_circuit_is_loaded_again(implementation: Any, **netlist: Any) -> float:
    """0 if a file gives back the same netlist, else 2."""
    circuit = circuit_of(implementation, Plain(**netlist))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "circuit.json"
        implementation.save_circuit(circuit, path)
        again = implementation.load_circuit(path)
    same = all(getattr(again, key) == getattr(circuit, key) for key in ("n", "gates", "outputs"))
    return 0.0 if same else 2.0


@evidence(circuits.ONE_WAY_FUNCTIONS, kind="property", scope="box", needs=("Circuit",))
def implemented_evaluation_is_gate_by_gate(run: Run) -> Outcome:
    """Batches of up to 200 inputs, bit-sliced across words, against truth tables row by row."""
    cases = st.tuples(netlists(), st.integers(1, 200), st.integers(0, 2**31)).map(
        lambda drawn: {**drawn[0], "count": drawn[1], "seed": drawn[2]}
    )
    examples = run.size(60, 200, 2000)
    return search(run, values_are_those_of_the_gates, cases, examples=examples)


def many_values_are_those_of_few(implementation: Any, seed: int, **netlist: Any) -> float:
    """Wrong rows of 3,000 inputs evaluated together: the same 64 rows, in a drawn order."""
    plain = Plain(**netlist)
    rows = random_bits(64, plain.n, seed)
    expected = torch.tensor([circuits.evaluate(plain, row) for row in rows.tolist()])
    order = torch.randint(0, 64, (3_000,), generator=torch.Generator().manual_seed(seed))
    found = circuit_of(implementation, plain)(rows[order])
    return 2.0 * int((found != expected[order]).any(-1).sum())


@evidence(circuits.ONE_WAY_FUNCTIONS, kind="property", scope="box", needs=("Circuit",))
def implemented_evaluation_of_many_rows_is_that_of_few(run: Run) -> Outcome:
    """3,000 inputs at once, whatever pieces they are evaluated in."""
    cases = st.builds(lambda case, seed: {**case, "seed": seed}, netlists(), st.integers(0, 2**31))
    return search(run, many_values_are_those_of_few, cases, examples=run.size(5, 10, 50))


@evidence(circuits.ONE_WAY_FUNCTIONS, kind="property", scope="box", needs=("CircuitBuilder",))
def implemented_builder_keeps_the_function(run: Run) -> Outcome:
    """Constant folding, sharing and removal of dead gates: all inputs of drawn netlists."""
    examples = run.size(100, 300, 3000)
    return search(run, builder_keeps_the_function, netlists(), examples=examples)


def operands(builder: Any) -> list[int]:
    """The constants, inputs, a gate, and the negations of these: ten wires."""
    a, b, c = builder.inputs
    positive = [a, b, c, builder.and_(a, b)]
    return [0, 1, *positive, *(builder.not_(wire) for wire in positive)]


def operand_bits(a: int, b: int, c: int) -> list[int]:
    """The bits of these wires."""
    positive = [a, b, c, a * b]
    return [0, 1, *positive, *(1 - bit for bit in positive)]


@evidence(circuits.ONE_WAY_FUNCTIONS, kind="exhaustive", scope="box", needs=("CircuitBuilder",))
def every_gate_on_operands_that_fold(run: Run) -> Outcome:
    """Every gate on constants, inputs, negations, equal and opposite wires, for all inputs."""
    cases = 0
    rows = [(row, operand_bits(*row)) for row in all_bits(3)]
    for gate, method in METHODS.items():
        for chosen in product(range(10), repeat=circuits.ARITY[gate]):
            cases += 1
            builder = run.implementation.CircuitBuilder(3)
            wires = operands(builder)
            built = builder.build([getattr(builder, method)(*(wires[i] for i in chosen))])
            for row, bits in rows:
                expected = circuits.TRUTH[gate](*(bits[i] for i in chosen))
                if circuits.evaluate(built, row) != [expected]:
                    return refuted(f"{gate} of operands {chosen} at {row}", cases=cases)
    return proved(cases)


@evidence(
    circuits.ONE_WAY_FUNCTIONS,
    kind="property",
    scope="step",
    needs=("Circuit", "save_circuit", "load_circuit"),
)
def implemented_files_keep_the_netlist(run: Run) -> Outcome:
    """What was saved is what is loaded."""
    examples = run.size(30, 100, 500)
    return search(run, saved_circuit_is_loaded_again, netlists(), examples=examples)
