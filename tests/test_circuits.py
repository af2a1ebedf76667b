"""Netlists, the builder and the bit-sliced evaluator, against truth tables."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.bitsliced import BLOCK, BitSliced, pack, unpack
from hardposterior.impl.circuit_builder import ONE, ZERO, CircuitBuilder
from hardposterior.impl.circuits import ARITY, Circuit

TRUTH = {
    "ZERO": lambda: 0,
    "ONE": lambda: 1,
    "NOT": lambda a: 1 - a,
    "AND": lambda a, b: int(a + b == 2),
    "OR": lambda a, b: int(a + b >= 1),
    "XOR": lambda a, b: (a + b) % 2,
    "XOR3": lambda a, b, c: (a + b + c) % 2,
    "MAJ": lambda a, b, c: int(a + b + c >= 2),
    "MUX": lambda e, f, g: f if e == 1 else g,
}


def all_bits(n, dtype=torch.int64):
    """Every row of n bits, counted upwards, the first bit the most significant."""
    return torch.tensor(list(itertools.product((0, 1), repeat=n)), dtype=dtype)


def evaluate(circuit, row):
    """The circuit on one row of bits, gate by gate from the truth tables."""
    values = list(row)
    for name, wires in circuit.gates:
        values.append(TRUTH[name](*(values[wire] for wire in wires)))
    return [values[wire] for wire in circuit.outputs]


@st.composite
def circuits(draw, inputs=5, gates=25):
    """Netlists with every kind of gate: repeated wires, constants, NOT chains and dead gates."""
    n = draw(st.integers(1, inputs))
    netlist = []
    for index in range(draw(st.integers(0, gates))):
        name = draw(st.sampled_from(sorted(ARITY)))
        wire = st.integers(0, n + index - 1)
        netlist.append((name, tuple(draw(wire) for _ in range(ARITY[name]))))
    wire = st.integers(0, n + len(netlist) - 1)
    return Circuit(n, tuple(netlist), tuple(draw(st.lists(wire, min_size=1, max_size=4))))


@given(circuits())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_evaluator_agrees_with_truth_tables(circuit):
    rows = all_bits(circuit.n)
    expected = torch.tensor([evaluate(circuit, row) for row in rows.tolist()])
    assert torch.equal(circuit(rows), expected)


@pytest.mark.parametrize("name", sorted(ARITY))
def test_one_gate_exhaustively(name):
    arity = ARITY[name]
    circuit = Circuit(max(arity, 1), ((name, tuple(range(arity))),), (max(arity, 1),))
    rows = all_bits(circuit.n)
    expected = [[TRUTH[name](*row[:arity])] for row in rows.tolist()]
    assert circuit(rows).tolist() == expected
    assert circuit.gate_counts() == {kind: int(kind == name) for kind in ARITY}
    assert circuit.depth == int(name not in ("ZERO", "ONE", "NOT"))


def operands(builder):
    """Constants, inputs, negated inputs, and a gate with its negation."""
    a, b, c = builder.inputs
    both = builder.and_(a, b)
    positive = [a, b, c, both]
    return [ZERO, ONE, *positive, *(builder.not_(wire) for wire in positive)]


METHODS = {
    "NOT": (1, lambda builder: builder.not_),
    "AND": (2, lambda builder: builder.and_),
    "OR": (2, lambda builder: builder.or_),
    "XOR": (2, lambda builder: builder.xor),
    "XOR3": (3, lambda builder: builder.xor),
    "MAJ": (3, lambda builder: builder.maj),
    "MUX": (3, lambda builder: builder.mux),
}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_builder_folds_without_changing_the_function(name):
    arity, method = METHODS[name]
    values = {
        (a, b, c): [0, 1, a, b, c, a & b, 1 - a, 1 - b, 1 - c, 1 - (a & b)]
        for a, b, c in itertools.product((0, 1), repeat=3)
    }
    for chosen in itertools.product(range(10), repeat=arity):
        builder = CircuitBuilder(3)
        wires = operands(builder)
        circuit = builder.build([method(builder)(*(wires[i] for i in chosen))])
        for row, value in values.items():
            expected = TRUTH[name](*(value[i] for i in chosen))
            assert evaluate(circuit, row) == [expected], (chosen, row)


def test_builder_folds_constants_shares_gates_and_drops_dead_ones():
    builder = CircuitBuilder(3)
    a, b, c = builder.inputs
    first = builder.maj(a, b, c)
    assert builder.maj(c, a, b) == first
    assert builder.maj(a, b, ZERO) == builder.and_(b, a)
    assert builder.xor(a, builder.not_(b)) == builder.not_(builder.xor(b, a))
    assert builder.mux(ONE, a, b) == a
    assert builder.not_(builder.not_(c)) == c
    assert builder.xor(a, b, a) == b
    circuit = builder.build([builder.or_(a, c), ONE])
    assert circuit.gates == (("ONE", ()), ("OR", (0, 2)))
    assert circuit.outputs == (4, 3)


def test_depth_counts_the_longest_path_and_not_free_gates():
    gates = (("NOT", (0,)), ("AND", (2, 1)), ("NOT", (3,)), ("XOR", (4, 0)), ("OR", (0, 1)))
    assert Circuit(2, gates, (5,)).depth == 2
    assert Circuit(2, gates, (6, 0)).depth == 1


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool]
)
@pytest.mark.parametrize("shape", [(2,), (5, 2), (3, 4, 2), (0, 2)])
def test_call_keeps_dtype_and_shape(dtype, shape):
    circuit = Circuit(2, (("AND", (0, 1)),), (2, 0, 1))
    bits = torch.ones(shape, dtype=dtype)
    out = circuit(bits)
    assert out.dtype == dtype
    assert out.shape == (*shape[:-1], 3)
    assert bool((out == 1).all())


@pytest.mark.parametrize("count", [1, 63, 64, 65, 511, 513, 1300])
def test_packing_is_undone_by_unpacking(count):
    bits = torch.randint(0, 2, (count, 7), generator=torch.Generator().manual_seed(count))
    words = pack(bits.numpy().astype("uint8"))
    assert words.shape == (7, -(-count // 64))
    assert int(words[3, 0]) & 1 == int(bits[0, 3])
    assert unpack(words, count).tolist() == bits.tolist()


def test_blocks_of_words_are_put_together():
    circuit = Circuit(3, (("MUX", (0, 1, 2)), ("XOR3", (0, 1, 3))), (3, 4, 2))
    words = torch.randint(-(2**62), 2**62, (3, 2 * BLOCK + 5), generator=torch.Generator())
    e, f, g = array = words.numpy().view("uint64")
    out = BitSliced(circuit).words(array)
    mux = (e & f) | (~e & g)
    assert (out[0] == mux).all()
    assert (out[1] == e ^ f ^ mux).all()
    assert (out[2] == g).all()


@pytest.mark.parametrize(
    ("n", "gates", "outputs", "message"),
    [
        (2, (("AND", (0, 2)),), (2,), r"gates\[0\] = .*cycle"),
        (2, (("AND", (0, 3)), ("OR", (2, 1))), (3,), r"gates\[0\] = .*cycle, or the gates are out"),
        (2, (("AND", (0, 7)),), (2,), r"gates\[0\] = .*missing wires; wires are 0 to 2"),
        (2, (("AND", (0, -1)),), (2,), r"gates\[0\] = .*missing wires"),
        (2, (("AND", (0, 1, 1)),), (2,), r"gates\[0\] = .*AND with exactly 2 wire"),
        (2, (("MUX", (0, 1)),), (2,), r"gates\[0\] = .*MUX with exactly 3 wire"),
        (2, (("NAND", (0, 1)),), (2,), r"gates\[0\] = .*one of ZERO, ONE, NOT"),
        (2, (("AND", (0, True)),), (2,), r"gates\[0\] = .*wires are integers"),
        (2, (("AND", (0, 1.0)),), (2,), r"gates\[0\] = .*wires are integers"),
        (2, (("AND", "01"),), (2,), r"gates\[0\] = .*exactly 2"),
        (2, ("AND",), (2,), r"gates\[0\] = 'AND'.*pair"),
        (2, "AND", (2,), r"gates = 'AND': must be a sequence"),
        (2, (), (2,), r"outputs = 2: must be an integer in \[0, 1\]"),
        (2, (), (), r"outputs = .*at least one wire"),
        (0, (), (0,), r"n = 0"),
    ],
)
def test_bad_netlists_are_one_line(n, gates, outputs, message):
    with pytest.raises(InvalidArgument, match=message) as caught:
        Circuit(n, gates, outputs)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("bits", "message"),
    [
        (torch.zeros(4, 3), r"bits.shape = \(4, 3\): must be \(..., 2\)"),
        (torch.tensor(1.0), r"bits.shape = \(\)"),
        (torch.tensor([0.0, 0.5]), "bits = .*0 or 1 in every entry"),
        (torch.tensor([0, 2]), "bits = .*0 or 1 in every entry"),
        (torch.tensor([0.0, float("nan")]), "bits = .*0 or 1 in every entry"),
        ([0, 1], "bits = .*torch.Tensor"),
    ],
)
def test_bad_bits_are_one_line(bits, message):
    with pytest.raises(InvalidArgument, match=message):
        Circuit(2, (("AND", (0, 1)),), (2,))(bits)


def test_every_gate_is_counted_by_its_kind():
    circuit = Circuit(2, (("AND", (0, 1)), ("AND", (1, 0)), ("NOT", (2,)), ("OR", (3, 4))), (5,))
    counts = {name: count for name, count in circuit.gate_counts().items() if count}
    assert counts == {"AND": 2, "NOT": 1, "OR": 1}
