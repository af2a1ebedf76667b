"""The score network: formulas, accuracy, affine maps and ReLU only, memo, sizes, bad input."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuit_memo import CircuitMemo
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.diffusion import geometric_schedule, reverse_diffusion
from hardposterior.impl.functions import draw_table, random_table
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.noise_boxes import (
    LARGE,
    SMALL,
    NoiseBox,
    box_index,
    checked_boxes,
    default_boxes,
    default_switch,
)
from hardposterior.impl.relu_network import ReluNetwork, SparseAffine
from hardposterior.impl.score_forms import LargeNoise, SmallNoise, phase_choice
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.impl.sha256_circuit import sha256

SEPARATION, SPACING = 5.82, 1.11  # calibrated for n = m = 8 and C = 2
ACCURACY = 1e-5


@pytest.fixture(autouse=True)
def _one_thread():
    """Many small operations gain nothing from threads, and lose where cores are shared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def instance():
    return HardInstance(random_table(draw_table(8, 8, seeded(1))), SEPARATION, SPACING)


@pytest.fixture(scope="module")
def network(instance):
    return ScoreNetwork(instance, ACCURACY)


@pytest.fixture(scope="module")
def certain(instance):
    """Boxes whose pieces meet the error everywhere, small noise up to 1.5 and large from there."""
    boxes = default_boxes(instance, everywhere=True, switch=1.5 / SEPARATION)
    return ScoreNetwork(instance, ACCURACY, boxes=boxes)


def noisy(instance, sigma, count, seed):
    generator = seeded(seed)
    clean, _ = instance.sample(count, generator)
    noise = torch.randn(clean.shape, dtype=torch.float64, generator=generator)
    return clean + sigma * noise.to(clean.dtype)


def errors(found, expected, sigma):
    return sigma**2 * (found - expected).square().sum(-1)


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("unscaled", [0.05, 0.12, 0.4])
def test_small_noise_is_the_stated_formula(instance, fold, unscaled):
    """Written out with np.interp, from the exported knots and values."""
    sigma = unscaled / SEPARATION
    network = ScoreNetwork(instance, ACCURACY, fold=fold)
    x = noisy(instance, sigma, 200, 2)
    t = 1 + unscaled**2
    bits = (x[:, :8] > 0).double()
    assert (x[:, :8].abs() > network.window).all()
    knots = network.knots(box_index(network.boxes, sigma))
    u = SEPARATION * x[:, 8:].numpy() / (t * SPACING)
    w = u - 0.5 * (1 - instance.function(bits).numpy())
    w = w - np.round(w)
    offsets = np.sign(w) * np.interp(0.5 - abs(w), knots, network.values(sigma))
    hidden = (SEPARATION * (2 * bits - 1) - SEPARATION * x[:, :8]) / t
    image = -SEPARATION * x[:, 8:] / t - torch.from_numpy(SPACING / unscaled**2 * offsets)
    expected = SEPARATION * torch.cat([hidden, image], 1)
    gap = (network(x, sigma) - expected).abs() * sigma
    assert gap.max() < 1e-10


@pytest.mark.parametrize("unscaled", [0.05, 0.12, 0.2, 0.4, 0.8, 1.3])
def test_pieces_keep_within_the_accuracy_at_every_point(instance, certain, unscaled):
    """Sup norm pieces: no average is needed, and none over x hides a bad one."""
    sigma = unscaled / SEPARATION
    x = noisy(instance, sigma, 3000, 3)
    assert isinstance(certain.at(sigma), SmallNoise)
    found = errors(certain(x, sigma), instance.vertex_score(x, sigma), sigma)
    assert (x[:, :8].abs() > certain.window).all()
    assert found.max() <= ACCURACY
    if unscaled in (0.2, 0.4):
        assert found.max() > ACCURACY / 30


@pytest.mark.parametrize("unscaled", [1.51, 1.6, 3.0, 20.0, 500.0])
def test_large_noise_keeps_within_the_accuracy_at_every_point(instance, certain, unscaled):
    sigma = unscaled / SEPARATION
    x = noisy(instance, sigma, 3000, 4)
    assert isinstance(certain.at(sigma), LargeNoise)
    found = errors(certain(x, sigma), instance.mixture_score(x, sigma), sigma)
    assert found.max() <= ACCURACY
    if unscaled <= 20:  # the pieces are not spent in vain
        assert found.max() > ACCURACY / 30


def test_saturated_tanh_is_exactly_one(instance, certain):
    sigma = 1.6 / SEPARATION
    x = torch.full((2, 16), 3.0, dtype=torch.float64)
    x[1] *= -1
    gap = sigma * (certain(x, sigma) - instance.mixture_score(x, sigma)).abs()
    assert gap.max() < 1e-12


@pytest.mark.parametrize("unscaled", [0.0228, 0.1, 0.3, 0.6, 0.7, 0.8, 1.0, 2.0, 30.0, 1400.0])
def test_measured_error_against_the_exact_score_is_below_d_to_the_minus_c(
    instance, network, unscaled
):
    """Row errors are clipped at 1: wrong signs, of probability 1e-5 and less, are not resolved.

    8000 rows; a clipped mean below 5e-4 is taken for one above 1/256 with probability below 1e-13,
    and a form used where it is wrong, by a few per cent and more, is caught.
    """
    sigma = unscaled / SEPARATION
    x = noisy(instance, sigma, 8000, 5)
    found = errors(network(x, sigma), instance.score(x, sigma), sigma)
    assert found.clamp(max=1).mean() < 16**-2


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_accuracy_holds_at_both_ends_of_a_wide_box(share):
    """One bit, a dense grid over a period of the lattice, levels that differ by a factor of 4."""
    bit = HardInstance(Circuit(1, (("NOT", (0,)),), (1,)), SEPARATION, SPACING)
    low = 0.08 / SEPARATION
    boxes = [NoiseBox(low, 4 * low, SMALL, True)]
    network = ScoreNetwork(bit, ACCURACY, boxes=boxes)
    sigma = min(low * 4**share, boxes[0].high)
    image = torch.linspace(-1, 1, 20001, dtype=torch.float64) * SPACING / SEPARATION
    x = torch.stack([torch.ones_like(image), image], 1)
    found = errors(network(x, sigma), bit.vertex_score(x, sigma), sigma).max()
    assert found <= ACCURACY
    if share == 0.0:
        assert found > ACCURACY / 2


def test_the_wrong_form_misses_that_bound(instance):
    """The witness: the same measurement with the switch far off, to either side."""
    for unscaled, switch in ((2.0, 3.0), (0.5, 0.4)):
        boxes = default_boxes(instance, switch=switch / SEPARATION)
        wrong = ScoreNetwork(instance, ACCURACY, boxes=boxes)
        sigma = unscaled / SEPARATION
        x = noisy(instance, sigma, 2000, 6)
        found = errors(wrong(x, sigma), instance.score(x, sigma), sigma)
        assert found.clamp(max=1).mean() > 16**-2


def test_wrong_phases_need_pieces_everywhere(instance):
    """At a wrong sign the other phase is evaluated at its risers, which mean square pieces skip."""
    sigma = 0.06 / SEPARATION
    x = noisy(instance, sigma, 400, 7)
    x[:, :8] *= -1
    expected = instance.vertex_score(x, sigma)
    worst = []
    for everywhere in (True, False):
        boxes = default_boxes(instance, everywhere=everywhere)
        network = ScoreNetwork(instance, ACCURACY, boxes=boxes)
        worst.append(float(errors(network(x, sigma), expected, sigma).max()))
    assert worst[0] <= ACCURACY
    assert worst[1] > 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_selection_is_exact_on_bits(dtype):
    m = 500
    generator = seeded(8)
    bits = torch.randint(0, 2, (4, m), generator=generator).to(dtype)
    offsets = torch.rand(4, m, 2, generator=generator, dtype=dtype) - 0.5
    offsets[0, :3] = torch.tensor([[0.5, -0.5], [2.0**-140, 0.0], [-0.0, 0.5]], dtype=dtype)
    found = phase_choice(m, dtype)(torch.cat([bits, offsets.flatten(1)], 1))
    assert torch.equal(found, torch.where(bits == 1, offsets[..., 0], offsets[..., 1]))


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


@pytest.mark.parametrize("unscaled", [0.1, 0.3, 0.6, 2.0, 50.0])
def test_float32_stays_close_to_float64(instance, network, unscaled):
    """u is rounded to W 2^-24 and the riser magnifies that; the rest is of the terms' own size."""
    sigma = unscaled / SEPARATION
    single = ScoreNetwork(instance, ACCURACY, dtype=torch.float32)
    x = noisy(instance, sigma, 1000, 10).float()
    assert (x[:, :8].abs() > 1.001 * network.window).all()
    gap = sigma * (single(x, sigma).double() - network(x.double(), sigma)).abs()
    reach, t = 2.0**network.folds, 1 + unscaled**2
    if isinstance(network.at(sigma), SmallNoise):
        steepest = 1 + t * SPACING**2 / (4 * unscaled**2)
        image = SPACING / unscaled * steepest * reach
        assert gap[:, 8:].max() < 16 * 2.0**-24 * image
    hidden = SEPARATION * unscaled / t * (1 + float(x.abs().max()))
    assert gap[:, :8].max() < 64 * 2.0**-24 * hidden


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


def test_boxes_cover_and_the_switch_divides_them(instance):
    boxes = default_boxes(instance)
    assert boxes[0].low == 16**-2
    assert boxes[-1].high == 16**2
    assert checked_boxes(boxes) == boxes
    switch = default_switch(instance)
    assert all(box.form == (SMALL if box.high <= switch else LARGE) for box in boxes)
    assert all(box.high / box.low <= 2**0.25 * (1 + 1e-12) for box in boxes)
    assert [box_index(boxes, box.low * 1.001) for box in boxes] == list(range(len(boxes)))


def test_full_sha256_at_256_bits():
    """8 rows of d = 512 against the score of the true vertex, sup norm pieces."""
    separation = 9.33
    instance = HardInstance(sha256(), separation, 0.797)
    boxes = default_boxes(instance, low=0.08 / separation, everywhere=True)
    network = ScoreNetwork(instance, 1e-4, boxes=boxes)
    clean, bits = instance.sample(8, seeded(17))
    for unscaled in (0.08, 0.3):
        sigma = unscaled / separation
        x = clean + sigma * torch.randn(clean.shape, dtype=clean.dtype, generator=seeded(18))
        found = errors(network(x, sigma), instance.vertex_score(x, sigma, bits), sigma)
        assert found.max() <= 1e-4
    assert (network.memo.runs, network.memo.hits) == (8, 8)
    assert network.size(sigma).largest_weight < 1e5


def test_unconditional_draws_satisfy_the_function(instance, network):
    """Reverse diffusion with the network: image phases decode to f of the hidden signs.

    Chance would satisfy 2 rows of 500. If a row fails with probability 1e-4 (none of 2000 did in a
    run with another seed), more than 3 failures have probability below 3e-7; 3 % are detected.
    """
    schedule = geometric_schedule(20.0, network.boxes[0].low, 60)
    x = reverse_diffusion(network.denoise, 16, schedule, 500, seeded(20), dtype=torch.float64)
    clean = SEPARATION * network.denoise(x, schedule[-1])
    periods = clean[:, 8:] / SPACING
    assert (2 * periods - (2 * periods).round()).abs().max() < 1e-6
    bits = (clean[:, :8] > 0).to(torch.int64)
    image = (2 * periods).round().to(torch.int64) % 2 == 0
    assert int((image != instance.function(bits)).any(-1).sum()) <= 3
    assert len(bits.unique(dim=0)) > 150


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
