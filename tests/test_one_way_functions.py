"""The checks of circuits and networks themselves: what they refute, and what they read."""

import hashlib
import re
from types import SimpleNamespace

import pytest
import torch
import z3

from hardposterior import impl, rooms
from hardposterior.proofs_checks import sha256 as parts
from hardposterior.proofs_checks.relu_rows import first_difference
from hardposterior.proofs_checks.solver import Reals, equals_on_words, prove
from hardposterior.properties.netlists import Plain, wrong_rows
from hardposterior.runner import Plan, run_one
from hardposterior.spec import relu_gates, relu_layers, relu_network, relu_rows
from hardposterior.spec import sha256 as standard
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.circuits import NETLIST, bits_of, evaluate, is_well_formed, number_of
from hardposterior.spec.evidence import Run
from hardposterior.spec.roles import ROLES

PLAN = Plan()


@pytest.mark.parametrize("length", [0, 1, 3, 31, 55, 56, 63, 64, 119, 120, 200])
def test_the_definition_of_sha256_is_hashlibs(length):
    message = bytes(range(length))
    bits = [bit for byte in message for bit in bits_of(byte, 8)]
    digest = number_of(standard.sha256(bits))
    assert f"{digest:064x}" == hashlib.sha256(message).hexdigest()


def test_numbers_and_bits_are_inverse():
    assert bits_of(6, 4) == [0, 1, 1, 0]
    assert [number_of(bits_of(k, 5)) for k in range(32)] == list(range(32))


@pytest.mark.parametrize(
    ("gates", "outputs"),
    [
        ([("AND", (0, 2))], [2]),  # reads itself
        ([("AND", (0, 3)), ("OR", (2, 1))], [3]),  # a cycle
        ([("AND", (0, 7))], [2]),
        ([("AND", (0, 1, 1))], [2]),
        ([("NAND", (0, 1))], [2]),
        ([], []),
        ([], [2]),
    ],
)
def test_netlists_out_of_the_domain_are_seen(gates, outputs):
    assert not NETLIST.contains(Plain(2, gates, outputs))
    assert is_well_formed(Plain(2, [("AND", (0, 1))], [2]))


def broken(netlist, kind, replacement):
    """The netlist with its last gate of a kind replaced, as plain data."""
    gates = list(netlist.gates)
    place = max(i for i, (name, _) in enumerate(gates) if name == kind)
    gates[place] = replacement(gates[place][1])
    return Plain(netlist.n, gates, list(netlist.outputs))


def values_of(counterexample):
    """The words x0, x1 that a refutation names."""
    found = dict(re.findall(r"(x\d+) = (\d+)", counterexample))
    return [int(found.get(f"x{i}", 0)) for i in range(2)]


@pytest.mark.parametrize(
    ("kind", "replacement"),
    [
        ("MUX", lambda wires: ("AND", (wires[0], wires[1]))),  # passed on but not generated
        ("MUX", lambda wires: ("MUX", (wires[0], wires[2], wires[1]))),
        ("AND", lambda wires: ("ZERO", ())),
        ("AND", lambda wires: ("OR", wires)),
    ],
)
def test_a_broken_carry_is_refuted_with_words_on_which_it_shows(kind, replacement):
    netlist = broken(impl.sha256_part("add"), kind, replacement)
    outcome = equals_on_words("add", netlist, parts.PARTS["add"])
    assert outcome.status == "refuted"
    x, y = values_of(outcome.counterexample)
    bits = [*reversed(bits_of(x, 32)), *reversed(bits_of(y, 32))]
    assert number_of(evaluate(netlist, bits)[::-1]) != (x + y) % 2**32


def test_a_wrong_rotation_is_refuted():
    wrong = equals_on_words("sigma", impl.sha256_part("large_sigma0"), parts.PARTS["large_sigma1"])
    assert wrong.status == "refuted"


def test_formulas_that_leave_the_unit_interval_are_refuted():
    ctx = Reals()
    a, b = z3.Reals("a b")
    inside = [z3.And(x >= 0, x <= 1) for x in (a, b)]
    assert prove("sum", a + b <= 1, inside).status == "refuted"
    assert prove("OR", relu_gates.or_gate(ctx, a, b) <= 1, inside).status == "proved"
    # the textbook parity a + b - 2 a b stays inside, the shared form of XOR too
    assert prove("parity", a + b - 2 * a * b <= 1, inside).status == "proved"
    half_wrong = relu_gates.relu(ctx, a + b) - relu_gates.relu(ctx, a + b - 1)
    assert prove("XOR", half_wrong == relu_gates.xor_gate(ctx, a, b), inside).status == "refuted"


@pytest.fixture(scope="module")
def adder():
    """A small circuit with every kind of neuron."""
    gates = (("XOR3", (0, 1, 2)), ("MAJ", (2, 0, 1)), ("MUX", (3, 4, 0)), ("OR", (5, 1)))
    return impl.Circuit(3, gates, (3, 6))


def copied(network):
    """The affine maps of a network as plain data that can be spoilt."""
    names = ("rows", "columns", "weights", "bias")
    return [
        SimpleNamespace(**{name: getattr(layer, name).clone() for name in names})
        for layer in network.layers
    ]


def test_the_network_is_the_stated_one_row_by_row(adder):
    assert first_difference(adder, copied(adder.to_relu())) == ""


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_a_spoilt_weight_or_bias_is_seen(adder, layer):
    for name in ("weights", "bias"):
        for change in (1.0, 2.0**-20):
            layers = copied(adder.to_relu(torch.float64))
            getattr(layers[layer], name)[0] += change
            assert first_difference(adder, layers) != ""


def test_missing_layers_and_rows_are_seen(adder):
    layers = copied(adder.to_relu())
    assert "affine maps" in first_difference(adder, layers[:-1])
    layers[0].bias = torch.cat([layers[0].bias, torch.zeros(1)])
    assert "rows" in first_difference(adder, layers)
    layers = copied(adder.to_relu())
    layers[-1].rows = 1 - layers[-1].rows
    assert "outputs" in first_difference(adder, layers)


def test_sizes_of_a_small_network_by_hand():
    """XOR3 and MAJ share relu(S), relu(S - 1), relu(S - 2): one layer, 14 weights, 5 biases."""
    full_adder = Plain(3, [("XOR3", (0, 1, 2)), ("MAJ", (2, 0, 1))], [3, 4])
    assert relu_rows.size(full_adder) == (1, 3, 0, 9 + 3 + 2, 3 + 2, 2)
    # Input 2 waits for two layers, the AND is an output and waits for two.
    chain = Plain(3, [("AND", (0, 1)), ("OR", (3, 0)), ("XOR", (4, 2))], [5, 3])
    found = relu_rows.size(chain)
    assert (found.depth, found.logic, found.carried) == (3, 1 + 1 + 2, 2 + 2 + 1)


def test_values_on_the_cube_by_hand():
    netlist = Plain(2, [("XOR", (0, 1)), ("OR", (0, 1)), ("NOT", (3,))], [2, 4])
    assert relu_network.wire_values(Floats(), netlist, [0.25, 0.5]) == [
        *(0.25, 0.5),
        *(0.75, 0.75, 0.25),
    ]


def test_wrong_rows_counts_rows_and_refuses_other_shapes():
    right = torch.tensor([[0, 1], [1, 1]])
    assert wrong_rows(right, right.tolist()) == 0
    assert wrong_rows(right.float() * 0.5, right.tolist()) == 4
    assert wrong_rows(right, [[0, 1], [1, 0]]) == 2
    assert wrong_rows(right[:1], right.tolist()) == float("inf")


@pytest.mark.parametrize(
    "evidence_id",
    [
        "one-way-functions/implemented-evaluation-is-gate-by-gate",
        "relu-gates.neurons/implemented-neurons-stay-in-their-range",
    ],
)
def test_circuits_are_built_where_a_precision_is_asked_for(evidence_id):
    assert run_one(evidence_id, Plan(dtype="float32"))["status"] == "held"


def test_every_name_that_the_evidence_needs_has_a_role_and_is_offered():
    needed = set()
    for statement in rooms.statements():
        if statement.id.startswith(("one-way-functions", "relu-gates", "relu-s")):
            needed |= {name for e in rooms.evidence_of(statement) for name in e.needs}
    assert needed <= set(ROLES)
    assert {"Circuit", "sha256_part", "select"} <= needed <= set(impl.PUBLIC)


def test_an_implementation_without_circuits_is_not_covered(monkeypatch):
    empty = SimpleNamespace(__name__="empty")
    monkeypatch.setattr("hardposterior.runner.import_module", lambda name: empty)
    record = run_one("relu-gates.size/implemented-sizes-are-the-formula", PLAN)
    assert (record["status"], record["detail"]) == ("not covered", "no Circuit")


def test_every_hypothesis_of_the_gadgets_is_shown_to_be_needed():
    shown = set()
    for name in ("relu-sign", "relu-selection", "relu-selection.exact"):
        statement = rooms.statements()[name]
        for evidence in rooms.evidence_of(statement):
            if evidence.kind in ("exhaustive", "certified"):
                outcome = evidence.function(Run(0, implementation=impl))
                shown |= {(name, witness) for witness in outcome.witnesses}
    assert shown == {
        ("relu-sign", "|x| >= w"),
        ("relu-selection", "K >= |C|"),
        ("relu-selection.exact", "K >= |C|"),
    }


def outcome_of(evidence_id):
    """The evidence's outcome for the project's own implementation."""
    return rooms.evidence()[evidence_id].function(Run(0, implementation=impl))


@pytest.mark.parametrize(
    ("gate", "wrong", "caught_by"),
    [
        (
            "MUX",
            lambda ctx, e, f, g: relu_gates.relu(ctx, e + f - 1) + relu_gates.relu(ctx, g),
            [
                "relu-gates/every-formula-is-its-gate-on-bits",
                "relu-gates.range/every-gate-maps-the-cube-into-the-unit-interval",
            ],
        ),
        (
            "XOR",  # right on bits, 3 at a = b = 1/2
            lambda ctx, a, b: (
                relu_gates.xor_gate(ctx, a, b)
                + 4 * relu_gates.relu(ctx, ctx.minimum(a, 1 - a) + ctx.minimum(b, 1 - b) - 1 / 2)
            ),
            [
                "relu-gates.range/every-gate-maps-the-cube-into-the-unit-interval",
                "relu-gates/neurons-add-up-to-the-formulas",
                "relu-gates.neurons/induction-over-the-gates",
            ],
        ),
    ],
)
def test_a_wrong_formula_of_the_specification_is_refuted(monkeypatch, gate, wrong, caught_by):
    monkeypatch.setitem(relu_gates.FORMULAS, gate, wrong)
    for evidence_id in caught_by:
        assert outcome_of(evidence_id).status == "refuted", evidence_id


def test_a_wrong_neuron_of_the_specification_is_refuted(monkeypatch):
    monkeypatch.setitem(relu_layers.TERMS, "MAJ", (0, ((1, (1, 1, 1), 1), (-2, (1, 1, 1), 2))))
    assert outcome_of("relu-gates/neurons-add-up-to-the-formulas").status == "refuted"


def test_a_wrong_constant_of_sha256_is_refuted(monkeypatch):
    wrong = [key ^ (place == 40) for place, key in enumerate(standard.ROUND_CONSTANTS)]
    monkeypatch.setattr(standard, "ROUND_CONSTANTS", wrong)
    name = "one-way-functions.sha256/constants-are-digits-of-roots-of-primes"
    assert "constant 40" in outcome_of(name).counterexample
