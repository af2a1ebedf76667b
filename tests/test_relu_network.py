"""Sparse affine networks, sign bits and selections: values, sizes, exactness in floats."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.relu_gadgets import select, sign_bits
from hardposterior.impl.relu_network import ReluNetwork, SparseAffine

BOTH = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
WIDTHS = [1.0, 0.5, 0.1, 1 / 3, 0.007, 3.0, 1e-6, 2.0**-100, 2.0**100, math.pi]


def numbers(count, seed, dtype):
    return torch.randn(count, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def test_affine_map_is_its_matrix():
    affine = SparseAffine(3, [0, 0, 2], [0, 2, 1], [2.0, -1.0, 5.0], [1.0, 7.0, 0.0])
    assert affine.matrix().toarray().tolist() == [[2, 0, -1], [0, 0, 0], [0, 5, 0]]
    x = torch.tensor([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    assert affine(x).tolist() == [[0.0, -9.0], [7.0, 7.0], [10.0, 100.0]]


def test_network_applies_relu_between_the_maps_only():
    layers = [SparseAffine(1, [0, 1], [0, 0], [1.0, -1.0], [0.0, 0.0])]
    layers.append(SparseAffine(2, [0, 0], [0, 1], [-1.0, -1.0], [0.0]))
    network = ReluNetwork(layers)
    assert network(torch.tensor([[3.0], [-2.0]])).tolist() == [[-3.0], [-2.0]]
    assert network.sizes().neurons == network.sizes().logic == 2
    assert network.sizes()[-4:] == (4, 3, 7, 1.0)


@BOTH
@pytest.mark.parametrize("width", WIDTHS)
def test_sign_bits_are_exact_outside_the_window(width, dtype):
    edge = torch.tensor(width, dtype=dtype)
    if float(edge) < width:
        edge = torch.nextafter(edge, torch.tensor(math.inf, dtype=dtype))
    larger = torch.nextafter(edge, torch.tensor(math.inf, dtype=dtype))
    far = edge * torch.tensor([1.0, 1.7, 333.3, 1e4, 98765.4, 1e6], dtype=dtype)
    x = torch.cat([far, larger[None]])
    network = sign_bits(width, len(x), dtype)
    assert torch.equal(network(x), torch.ones_like(x))
    assert torch.equal(network(-x), torch.zeros_like(x))


@BOTH
@pytest.mark.parametrize("width", WIDTHS)
def test_sign_bits_are_the_clamp(width, dtype):
    x = numbers(4000, 1, dtype) * width
    out = sign_bits(width, 1, dtype)(x[:, None]).flatten()
    expected = ((x.double() / width + 1) / 2).clamp(0, 1)
    assert (out.double() - expected).abs().max() < 1e-6  # the slope is a float32, rounded up
    assert 0 <= out.min() <= out.max() <= 1


def test_sign_bits_survive_a_change_of_precision():
    x = torch.tensor([0.1, -0.1], dtype=torch.float64)
    assert sign_bits(0.1, 2).to(torch.float64)(x).tolist() == [1.0, 0.0]


def test_one_layer_clamp_is_not_exact_in_floats():
    """relu(u) - relu(u - 1): why sign_bits spends a second layer."""
    x = torch.tensor([127.9, 255.9, 511.9, 2.0**26])
    one_layer = torch.relu(x + 0.5) - torch.relu(x - 0.5)
    assert bool((one_layer != 1).any())
    assert one_layer[-1] == 0
    assert sign_bits(0.5, 4)(x).tolist() == [1.0] * 4


def test_sizes_of_gadgets():
    signs = sign_bits(0.25, 3).sizes()
    assert (signs.depth, signs.neurons, signs.carried) == (2, 6, 0)
    assert (signs.weights, signs.largest_weight) == (9, 2.0)
    chosen = select(5.0, 4).sizes()
    assert (chosen.depth, chosen.neurons, chosen.weights, chosen.largest_weight) == (1, 8, 24, 8.0)


@BOTH
@pytest.mark.parametrize("bound", [1.0, 3.7, 1e-3, 1e6, math.pi, 2.0**-100, 2.0**100])
def test_selection_is_exact_on_bits(bound, dtype):
    values = (numbers(2000, 2, dtype).clamp(-1, 1) * 0.999999 * bound).clamp(-bound, bound)
    zero, one = torch.zeros_like(values), torch.ones_like(values)
    network = select(bound, dtype=dtype)
    assert torch.equal(network(torch.stack([one, values], 1)).flatten(), values)
    assert torch.equal(network(torch.stack([zero, values], 1)).flatten(), zero)


def test_selections_side_by_side_keep_their_order():
    network = select(10.0, 3)
    x = torch.tensor([1.0, 0.0, 1.0, 5.5, 6.5, -7.5])
    assert network(x).tolist() == [5.5, 0.0, -7.5]


@given(
    st.floats(0, 1, width=32),
    st.floats(-4, 4, width=32),
    st.sampled_from([4.0, 4.5, 7.9, 1024.0]),
)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_selection_never_exceeds_the_share_that_is_open(bit, value, bound):
    x = torch.tensor([bit, value], dtype=torch.float64)
    out = select(bound, dtype=torch.float64)(x).item()
    assert out * value >= 0
    assert abs(out) <= bit * abs(value) + 4 * bound * 2.0**-53  # rounding of K b - K + C


def test_a_bound_too_small_breaks_exact_bits():
    """The witness for the hypothesis |C| <= K: at b = 0 something is left of C."""
    assert select(1.0)(torch.tensor([0.0, 3.0])).item() == 2.0


def test_composition_is_composition_and_sizes_add():
    circuit = Circuit(2, (("XOR", (0, 1)), ("NOT", (2,)), ("OR", (3, 0))), (4, 2))
    signs, network = sign_bits(0.3, 2), circuit.to_relu()
    both = signs.then(network)
    x = torch.tensor([[0.4, -2.0], [-0.3, 0.3], [0.1, 5.0], [0.0, 0.0]])
    assert torch.equal(both(x), network(signs(x)))
    assert both.sizes().neurons == signs.sizes().neurons + network.sizes().neurons
    assert both.sizes().depth == signs.sizes().depth + network.sizes().depth
    assert both.carried == (*signs.carried, *network.carried)
    both.to(torch.float64)
    assert signs.dtype == network.dtype == torch.float32


def test_composition_joins_a_map_with_several_terms():
    inner = Circuit(2, (("XOR", (0, 1)), ("AND", (0, 1))), (2, 3)).to_relu()
    outer = Circuit(2, (("OR", (0, 1)),), (2,)).to_relu()
    joined = inner.then(outer)
    assert joined.layers[1].matrix().toarray().tolist() == [[-1.0, 1.0]]
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert joined(x).flatten().tolist() == [0.0, 1.0, 1.0, 1.0]


NETWORK = Circuit(2, (("AND", (0, 1)),), (2,)).to_relu()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: NETWORK(torch.zeros(3)), r"x.shape = \(3,\): must be \(..., 2\)"),
        (lambda: NETWORK(torch.tensor(0.0)), r"x.shape = \(\)"),
        (lambda: NETWORK(torch.zeros(2).double()), "x = torch.float64: must be .*torch.float32"),
        (lambda: NETWORK([0.0, 1.0]), "x = .*a tensor of torch.float32"),
        (lambda: NETWORK.then(NETWORK), "after = .*with 1 inputs"),
        (lambda: NETWORK.then(None), "after = None"),
        (lambda: sign_bits(0.0, 1), "width = 0.0"),
        (lambda: sign_bits(2.0**-101, 1), r"width = .*in \[2\^-100, 2\^100\]"),
        (lambda: sign_bits(1.0, 0), "n = 0"),
        (lambda: sign_bits(1.0, 1, torch.int64), "dtype = torch.int64"),
        (lambda: select(math.inf), "bound = inf"),
        (lambda: select(1.0, 0), "count = 0"),
        (lambda: ReluNetwork([]), r"layers = \[\]"),
        (lambda: ReluNetwork([*NETWORK.layers, *NETWORK.layers]), "1 outputs, then 2 inputs"),
        (lambda: ReluNetwork(list(NETWORK.layers), [0, 0]), r"carried = \(0, 0\)"),
        (lambda: ReluNetwork(list(NETWORK.layers), [2]), "carried = .*"),
        (lambda: SparseAffine(1, [0], [1], [1.0], [0.0]), r"columns = .*in \[0, 0\]"),
        (lambda: SparseAffine(1, [1], [0], [1.0], [0.0]), r"rows = .*in \[0, 0\]"),
        (lambda: SparseAffine(2, [0, 0], [1, 0], [1.0, 1.0], [0.0]), "entries out of order"),
        (lambda: SparseAffine(2, [0], [1, 0], [1.0], [0.0]), "sequences of unequal length"),
        (lambda: SparseAffine(1, [0], [0], [1e300], [0.0]), "finite in torch.float32"),
        (lambda: SparseAffine(1, [], [], [], []), "outputs = 0"),
    ],
)
def test_bad_arguments_are_one_line(call, message):
    with pytest.raises(InvalidArgument, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
