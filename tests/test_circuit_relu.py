"""Circuits as ReLU networks: exact on bits, inside [0,1] between them, row by row as stated."""

import itertools
import os
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hardposterior.impl import relu_layout
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuits import ARITY, Circuit
from hardposterior.impl.functions import draw_table, draw_weights, random_table, subset_sum
from hardposterior.impl.relu_layout import layout, stated_range
from hardposterior.impl.sha256_circuit import sha256

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"
GATES = [name for name in ARITY if ARITY[name]]


def relu(x):
    return max(x, 0)


# The statement relu-gates, on numbers in [0,1].
STATED = {
    "ZERO": lambda: 0,
    "ONE": lambda: 1,
    "NOT": lambda a: 1 - a,
    "AND": lambda a, b: relu(a + b - 1),
    "OR": lambda a, b: 1 - relu(1 - a - b),
    "XOR": lambda a, b: relu(a + b) - 2 * relu(a + b - 1),
    "XOR3": lambda a, b, c: a + b + c - 2 * relu(a + b + c - 1) + 2 * relu(a + b + c - 2),
    "MAJ": lambda a, b, c: relu(a + b + c - 1) - relu(a + b + c - 2),
    "MUX": lambda e, f, g: relu(e + f - 1) + relu(g - e),
}


def all_bits(n, dtype=torch.float32):
    return torch.tensor(list(itertools.product((0, 1), repeat=n)), dtype=dtype)


def one_gate(name):
    arity = ARITY[name]
    return Circuit(max(arity, 1), ((name, tuple(range(arity))),), (max(arity, 1),))


def wire_values(circuit, inputs):
    """Every wire's value at `inputs` in [0,1]^n, by the statement's formulas."""
    values = list(inputs)
    for name, wires in circuit.gates:
        values.append(STATED[name](*(values[wire] for wire in wires)))
    return values


@st.composite
def circuits(draw, inputs=5, gates=25):
    n = draw(st.integers(1, inputs))
    netlist = []
    for index in range(draw(st.integers(0, gates))):
        name = draw(st.sampled_from(sorted(ARITY)))
        wire = st.integers(0, n + index - 1)
        netlist.append((name, tuple(draw(wire) for _ in range(ARITY[name]))))
    wire = st.integers(0, n + len(netlist) - 1)
    return Circuit(n, tuple(netlist), tuple(draw(st.lists(wire, min_size=1, max_size=4))))


@pytest.mark.parametrize("name", sorted(ARITY))
def test_every_gate_is_its_formula_and_stays_in_the_unit_interval(name):
    """A grid of eighths holds every corner of every piece, and is exact in floats."""
    circuit = one_gate(name)
    grid = list(itertools.product([k / 8 for k in range(9)], repeat=circuit.n))
    values = circuit.to_relu(torch.float64)(torch.tensor(grid, dtype=torch.float64)).flatten()
    expected = [STATED[name](*point[: ARITY[name]]) for point in grid]
    assert values.tolist() == expected
    assert 0 <= min(expected) <= max(expected) <= 1
    assert torch.equal(circuit.to_relu()(all_bits(circuit.n)), circuit(all_bits(circuit.n)))


@given(circuits())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_network_is_the_circuit_on_bits_in_both_precisions(circuit):
    rows = all_bits(circuit.n)
    single, double = circuit.to_relu()(rows), circuit.to_relu(torch.float64)(rows.double())
    assert torch.equal(single, circuit(rows))
    assert torch.equal(single.double(), double)


@given(circuits(), st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_input_in_the_cube_leaves_the_unit_interval(circuit, data):
    """Inputs in 1024ths are computed without rounding, so that no tolerance is needed."""
    eighths = st.integers(0, 1024).map(lambda k: k / 1024)
    point = data.draw(st.lists(eighths, min_size=circuit.n, max_size=circuit.n))
    out = circuit.to_relu(torch.float64)(torch.tensor(point, dtype=torch.float64)).tolist()
    values = wire_values(circuit, point)
    assert out == [values[wire] for wire in circuit.outputs]
    assert all(0 <= value <= 1 for value in out)


def rows_as_stated(circuit):
    """For each affine map, the (row, constant) pairs that the layout and the statement ask for.

    A wire that is known in a layer is a vector of coefficients of the layer's neurons and a
    constant; the formulas are the statement's, written out here a second time.
    """
    plan = layout(circuit)
    n = circuit.n
    known = {wire: ({wire: 1}, 0) for wire in range(n)}
    fixed = {
        n + i: ({}, int(name == "ONE"))
        for i, (name, _) in enumerate(circuit.gates)
        if name in ("ZERO", "ONE")
    }

    def value(literal):
        vector, constant = (fixed | known)[literal if literal >= 0 else ~literal]
        if literal >= 0:
            return vector, constant
        return {column: -x for column, x in vector.items()}, 1 - constant

    def combine(pairs, constant):
        total = {}
        for factor, (vector, part) in pairs:
            constant += factor * part
            for column, x in vector.items():
                total[column] = total.get(column, 0) + factor * x
        return {column: x for column, x in total.items() if x}, constant

    for level, neurons in enumerate(plan.layers, start=1):
        yield [combine([(1, value(x)) for x in literals], -k) for literals, k in neurons]
        place = {neuron: i for i, neuron in enumerate(neurons)}
        after = {}
        for wire, at in enumerate(plan.levels):
            if 0 <= at < level and ((wire,), 0) in place:
                after[wire] = ({place[(wire,), 0]: 1}, 0)
            elif at == level:
                name, wires = circuit.gates[wire - n]
                read = [plan.literals[source] for source in wires]

                def unit(literals, k, place=place):
                    return {place[tuple(sorted(literals)), k]: 1}, 0

                if name == "MUX":
                    e, f, g = read
                    form = combine([(1, unit((e, f), 1)), (1, unit((g, ~e), 1))], 0)
                elif name == "OR":
                    form = combine([(-1, unit((~read[0], ~read[1]), 1))], 1)
                else:
                    slopes = {"AND": [0, 1], "XOR": [1, -2], "MAJ": [0, 1, -1], "XOR3": [1, -2, 2]}
                    pairs = [(s, unit(read, k)) for k, s in enumerate(slopes[name]) if s]
                    form = combine(pairs, 0)
                after[wire] = form
        known = after
    yield [value(plan.literals[wire]) for wire in circuit.outputs]


def assert_rows_are_as_stated(circuit):
    network = circuit.to_relu()
    expected = list(rows_as_stated(circuit))
    assert len(expected) == len(network.layers)
    for affine, rows in zip(network.layers, expected, strict=True):
        matrix = affine.matrix()
        found = [
            dict(
                zip(matrix.indices[a:b].tolist(), map(int, matrix.data[a:b].tolist()), strict=True)
            )
            for a, b in itertools.pairwise(matrix.indptr.tolist())
        ]
        assert found == [vector for vector, _ in rows]
        assert affine.bias.tolist() == [constant for _, constant in rows]


EXAMPLES = {
    "table": lambda: random_table(draw_table(4, 3, torch.Generator().manual_seed(1))),
    "sum": lambda: subset_sum(draw_weights(6, 7, torch.Generator().manual_seed(2)), 7),
    "hash": lambda: sha256(16, rounds=2, digest_bits=40),
}


@given(circuits())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_row_is_the_stated_neuron(circuit):
    assert_rows_are_as_stated(circuit)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_row_of_a_function_is_the_stated_neuron(name):
    assert_rows_are_as_stated(EXAMPLES[name]())


def neuron_values(network, point):
    """The values of all hidden neurons at one point, layer by layer."""
    values = torch.tensor(point, dtype=torch.float64)[:, None]
    *hidden, _ = network.to(torch.float64).layers
    for affine in hidden:
        values = torch.relu(affine(values))
        yield values.flatten().tolist()


@given(circuits(), st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_every_neuron_is_its_label_and_stays_in_its_stated_range(circuit, data):
    """The stated range follows by induction: rows as stated, and every gate maps into [0,1]."""
    unit = st.integers(0, 1024).map(lambda k: k / 1024)
    point = data.draw(st.lists(unit, min_size=circuit.n, max_size=circuit.n))
    wires = wire_values(circuit, point)
    plan = layout(circuit)
    for values, neurons in zip(neuron_values(circuit.to_relu(), point), plan.layers, strict=True):
        for value, neuron in zip(values, neurons, strict=True):
            literals, k = neuron
            total = sum(wires[x] if x >= 0 else 1 - wires[~x] for x in literals)
            low, high = stated_range(neuron)
            assert value == relu(total - k)
            assert low <= value <= high


@pytest.mark.parametrize("name", GATES)
def test_a_gate_maps_the_cube_into_the_unit_interval_by_its_corners(name):
    """A piece of a gate's formula is bounded by planes x = 0, x = 1, S = 1, S = 2 or e = g, whose
    matrix is totally unimodular: all corners are bits, so that bits give the exact range."""
    corners = itertools.product((Fraction(0), Fraction(1)), repeat=ARITY[name])
    assert {STATED[name](*corner) for corner in corners} == {0, 1}


@pytest.fixture
def one_thread():
    """A thousand small operations gain nothing from threads, and lose where cores are shared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_full_sha256_network_is_exact():
    circuit = sha256()
    count = 256 if THOROUGH else 16
    rows = torch.randint(0, 2, (count, 256), generator=torch.Generator().manual_seed(6))
    network = circuit.to_relu()
    single = network(rows.float())
    assert torch.equal(single, circuit(rows.float()))
    assert torch.equal(network.to(torch.float64)(rows.double()), single.double())
    counted = network.sizes()
    plan = layout(circuit)
    assert counted.depth == circuit.depth
    assert counted.neurons == sum(map(len, plan.layers))
    assert counted.carried == sum(plan.carried)
    assert counted.largest_weight <= 4


def test_gradient_flows_and_leading_shapes_are_kept():
    network = one_gate("AND").to_relu(torch.float64)
    x = torch.full((3, 1, 2), 0.75, dtype=torch.float64, requires_grad=True)
    out = network(x)
    assert out.shape == (3, 1, 1)
    out.sum().backward()
    assert torch.equal(x.grad, torch.ones_like(x))


@pytest.mark.parametrize(
    ("name", "place", "broken"),
    [
        ("XOR", 1, -1),  # 2 relu(S - 1) taken once
        ("XOR3", 2, 0),  # a missing relu term
        ("MAJ", 1, 0),
        ("MUX", 1, 0),
        ("OR", 0, 1),
    ],
)
def test_planted_faults_in_a_formula_are_caught(monkeypatch, name, place, broken):
    right = relu_layout.gate_form

    def wrong(kind, literals):
        terms, constant = right(kind, literals)
        if kind == name:
            terms = tuple(
                (broken if i == place else slope, neuron) for i, (slope, neuron) in enumerate(terms)
            )
        return terms, constant

    monkeypatch.setattr("hardposterior.impl.circuit_relu.gate_form", wrong)
    circuit = one_gate(name)
    assert not torch.equal(circuit.to_relu()(all_bits(circuit.n)), circuit(all_bits(circuit.n)))
    with pytest.raises(AssertionError):
        assert_rows_are_as_stated(circuit)


def test_bad_dtype_is_one_line():
    with pytest.raises(InvalidArgument, match=r"dtype = torch\.float16"):
        one_gate("AND").to_relu(torch.float16)
