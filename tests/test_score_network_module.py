"""The score network as a module: its operations, memo, gradient, boxes, sizes, bad input."""

import json
import math

import pytest
import torch
from eight_bits import ACCURACY, SEPARATION, eight_bits, noisy, seeded
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuit_memo import CircuitMemo
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.functions import draw_table, random_table
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.noise_boxes import (
    LARGE,
    SMALL,
    NoiseBox,
    default_boxes,
)
from hardposterior.impl.relu_network import ReluNetwork, SparseAffine
from hardposterior.impl.score_forms import LargeNoise, SmallNoise
from hardposterior.impl.score_network import ScoreNetwork


@pytest.fixture(scope="module")
def instance():
    return eight_bits()


@pytest.fixture(scope="module")
def network(instance):
    return ScoreNetwork(instance, ACCURACY)


class Operations(TorchDispatchMode):
    """The names of the operations that run."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        del types
        self.names.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


MOVES = {"slice", "t", "transpose", "view", "_unsafe_view", "unsqueeze", "cat", "repeat", "alias"}
MOVES |= {"index_select", "clone", "new_empty", "empty", "copy_", "expand", "unfold", "reshape"}
MOVES |= {"as_strided", "select", "permute", "detach", "empty_like"}


@pytest.mark.parametrize("unscaled", [0.1, 5.0])
def test_only_affine_maps_and_relu_run(instance, network, unscaled):
    sigma = unscaled / SEPARATION
    module = network.at(sigma)
    kinds = {type(part) for part in module.modules()}
    assert kinds <= {SmallNoise, LargeNoise, ReluNetwork, SparseAffine, nn.ModuleList}
    x = noisy(instance, sigma, 10, 9)
    with Operations() as seen:
        out = module(x)
    assert seen.names - MOVES <= {"mul", "index_add_", "relu_"}
    assert {"mul", "index_add_", "relu_"} <= seen.names
    assert torch.equal(out, network(x, sigma))


def test_memo_gives_the_networks_own_answer_and_runs_each_row_once(instance):
    network = ScoreNetwork(instance, ACCURACY)
    sigma = 0.1 / SEPARATION
    x = noisy(instance, sigma, 40, 11)
    x = torch.cat([x, x[:7]])
    plain = network.at(sigma)(x)
    distinct = len((x[:, :8] > 0).unique(dim=0))
    assert torch.equal(network(x, sigma), plain)
    assert (network.memo.runs, network.memo.hits) == (distinct, len(x) - distinct)
    assert torch.equal(network(x, sigma), plain)
    assert (network.memo.runs, network.memo.hits) == (distinct, 2 * len(x) - distinct)
    other = 0.2 / SEPARATION  # the memory outlives the level
    assert torch.equal(network(x, other), network.at(other)(x))
    assert network.memo.runs == distinct


def test_memo_leaves_fractional_bits_to_the_network(instance):
    network = ScoreNetwork(instance, ACCURACY)
    sigma = 0.1 / SEPARATION
    x = noisy(instance, sigma, 5, 12)
    x[0, 0] = 0.3 * network.window
    assert 0 < network.at(sigma).bits(x)[0, 0] < 1
    plain = network.at(sigma)(x)
    for _ in range(2):
        assert torch.equal(network(x, sigma), plain)
    assert network.memo.runs == 4 + 2


def test_memo_is_bounded_and_takes_no_row_for_another():
    circuit = random_table(draw_table(6, 9, seeded(13)))
    memo = CircuitMemo(circuit.to_relu(), most_rows=10)
    rows = torch.randint(0, 2, (300, 6), generator=seeded(14)).float()
    for part in rows.split(7):
        assert torch.equal(memo(part), circuit(part))
        assert len(memo) <= 10
    assert memo.runs > 64
    assert torch.equal(memo(rows.reshape(3, 100, 6)), circuit(rows).reshape(3, 100, 9))
    assert memo(rows[:0]).shape == (0, 9)


def test_gradient_is_the_modules(instance, network):
    sigma = 0.3 / SEPARATION
    x = noisy(instance, sigma, 6, 15).requires_grad_()
    for call in (lambda: network(x, sigma), lambda: network.at(sigma)(x)):
        x.grad = None
        (call() ** 2).sum().backward()
        assert x.grad.abs().min() > 0
    first = torch.autograd.grad((network(x, sigma) ** 2).sum(), x)[0]
    assert torch.equal(first, x.grad)


def test_one_level_a_row_is_row_by_row(instance, network):
    levels = torch.tensor([0.1, 3.0, 0.1, 0.5], dtype=torch.float64) / SEPARATION
    x = noisy(instance, 0.1 / SEPARATION, 8, 16).reshape(2, 4, 16)
    found = network(x, levels)
    for i, level in enumerate(levels.tolist()):
        assert torch.equal(found[:, i], network(x[:, i], level))
    one = levels[0].item()
    assert torch.equal(network.denoise(x, one), x + one**2 * network.score(x, one))
    assert torch.equal(network.denoise(x, levels)[:, 1], network.denoise(x[:, 1], levels[1].item()))


def test_knots_belong_to_a_whole_box(network):
    index = 8
    box = network.boxes[index]
    knots = network.knots(index)
    inside = [box.low * 1.01, (box.low + box.high) / 2, box.high * 0.999]
    values = [network.values(sigma) for sigma in inside]
    assert {len(row) for row in values} == {len(knots)}
    assert len(set(values)) == 3
    sizes = {network.size(sigma).neurons for sigma in inside}
    assert len(sizes) == 1


@pytest.mark.parametrize("unscaled", [0.05, 0.2, 4.0])
def test_sizes_are_counted_from_the_tensors(instance, network, unscaled):
    sigma = unscaled / SEPARATION
    sizes = network.size(sigma)
    tensors = list(network.at(sigma).named_buffers())
    weights = [tensor for name, tensor in tensors if name.endswith("weights")]
    biases = [tensor for name, tensor in tensors if name.endswith("bias")]
    assert sizes.weights == sum(int((tensor != 0).sum()) for tensor in weights)
    assert sizes.biases == sum(tensor.numel() for tensor in biases)
    assert sizes.parameters == sizes.weights + sizes.biases
    assert sizes.largest_weight == max(float(x.abs().max()) for x in weights + biases)
    pieces = len(network.values(sigma)) - 1
    if unscaled == 4.0:
        assert (sizes.depth, sizes.neurons) == (1, 8 * (2 * pieces + 2))
        assert sizes.pass_through == 2 * 16
        return
    circuit = instance.function.to_relu().sizes()
    per_coordinate = 4 * network.folds + 2 * pieces + 16 + 4
    assert sizes.neurons == 2 * 8 + circuit.neurons + 8 * per_coordinate
    before = max(2 + circuit.depth, network.folds + 6)
    assert sizes.depth == before + 1
    waits = 8 * (before - 2 - circuit.depth) + 32 * (before - network.folds - 6)
    assert sizes.pass_through == 32 * sizes.depth + 8 * (sizes.depth - 2) + waits
    unfolded = ScoreNetwork(instance, ACCURACY, fold=False).size(sigma)
    per_coordinate = 4 * (2 ** (network.folds + 1) - 1) * pieces + 8
    assert unfolded.neurons == 2 * 8 + circuit.neurons + 8 * per_coordinate
    assert unfolded.depth == circuit.depth + 3


def test_data_is_plain_and_rebuilds_the_network(instance, network):
    data = json.loads(json.dumps(network.data()))
    boxes = [
        NoiseBox(*(box[key] for key in ("low", "high", "form", "everywhere")))
        for box in data["boxes"]
    ]
    assert tuple(boxes) == network.boxes
    again = ScoreNetwork(
        HardInstance(network.circuit, data["separation"], data["spacing"]),
        data["accuracy"],
        boxes=boxes,
    )
    x = noisy(instance, 0.02, 5, 19)
    assert torch.equal(again(x, 0.02), network(x, 0.02))
    assert again.data() == network.data()
    assert all(box["knots"][0] == 0 for box in data["boxes"])


BIT = HardInstance(Circuit(1, (("NOT", (0,)),), (1,)), 3.0, 1.0)


class Plain:
    """A function that is no circuit."""

    n = m = 2

    def __call__(self, bits):
        return bits


def net(**options):
    return ScoreNetwork(BIT, 1e-3, **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ScoreNetwork(BIT, 0.0), "accuracy = 0.0"),
        (lambda: ScoreNetwork(BIT, math.nan), "accuracy = nan"),
        (lambda: ScoreNetwork(None, 1.0), "instance = None: must be a HardInstance"),
        (lambda: ScoreNetwork(HardInstance(Plain(), 3.0, 1.0), 1.0), "function = .*a Circuit"),
        (lambda: net(window=0.0), "window = 0.0"),
        (lambda: net(reach=-1), "reach = -1"),
        (lambda: net(dtype=torch.float16), "dtype = torch.float16"),
        (lambda: net(boxes=[]), r"boxes = \[\]"),
        (lambda: net(boxes=[(1.0, 2.0, SMALL)]), r"boxes\[0\] = .*NoiseBox"),
        (lambda: net(boxes=[NoiseBox(1.0, 2.0, "none")]), r"boxes\[0\] = "),
        (lambda: net(boxes=[NoiseBox(2.0, 1.0, SMALL)]), r"boxes\[0\] = .*low < high"),
        (
            lambda: net(boxes=[NoiseBox(1.0, 2.0, SMALL), NoiseBox(2.1, 3.0, LARGE)]),
            r"boxes\[1\].low = 2.1: must be 2.0: no gaps",
        ),
        (lambda: net().at(1e-3), r"sigma = 0.001: must be in \[0.25, 4.0\]"),
        (lambda: net().size(5.0), r"sigma = 5.0: must be in \[0.25, 4.0\]"),
        (lambda: net()(torch.zeros(3).double(), 1.0), r"x.shape = \(3,\)"),
        (lambda: net()(torch.zeros(2), 1.0), "x.dtype = torch.float32"),
        (lambda: net()(torch.zeros(2).double(), -1.0), "sigma = -1.0"),
        (lambda: net().knots(10**6), "index = 1000000"),
        (lambda: default_boxes(BIT, low=3.0, high=2.0), "low = 3.0"),
        (lambda: default_boxes(BIT, ratio=1.0), "ratio = 1.0"),
        (lambda: default_boxes(BIT, switch=0.0), "switch = 0.0"),
        (lambda: default_boxes(3), "instance = 3"),
        (lambda: CircuitMemo(BIT.function.to_relu(), -1), "most_rows = -1"),
    ],
)
def test_bad_arguments_are_one_line(call, message):
    with pytest.raises(InvalidArgument, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
