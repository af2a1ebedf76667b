"""Speed of the score network at n = m = 256 with the full SHA-256 inside.

    python -m pytest benchmarks/bench_score_network.py -s

One thread. The yardstick, from the same run, is as many dense layers of 1024 as the network has.
"""

import time

import pytest
import torch

from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.noise_boxes import default_boxes
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.impl.sha256_circuit import sha256

SEPARATION, SPACING = 9.33, 0.797  # calibrated for n = m = 256 and C = 2
ACCURACY = 512.0**-2 / 16
BATCH = 64
UNSCALED = (0.06, 0.1, 0.3, 0.8, 3.0)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def instance():
    return HardInstance(sha256(), SEPARATION, SPACING)


@pytest.fixture(scope="module")
def network(instance):
    built = ScoreNetwork(instance, ACCURACY)
    built.at(0.1 / SEPARATION)
    return built


def rows(instance, sigma):
    generator = torch.Generator().manual_seed(1)
    clean, _ = instance.sample(BATCH, generator)
    return clean + sigma * torch.randn(clean.shape, dtype=clean.dtype, generator=generator)


def seconds(call):
    """The least of three wall-clock times of `call`."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def test_building_for_one_level(benchmark, instance):
    """From the netlist: the circuit's network, knots and values of one box, all copies."""
    sigma = 0.1 / SEPARATION
    module = benchmark.pedantic(
        lambda: ScoreNetwork(instance, ACCURACY).at(sigma), rounds=2, iterations=1
    )
    print(f"\n{module.sizes()}")
    assert benchmark.stats["min"] < 60


@pytest.mark.parametrize("unscaled", UNSCALED)
def test_next_level(benchmark, network, unscaled):
    """Another level in a box whose knots are known: what a step of a sampler pays."""
    sigma = unscaled / SEPARATION
    network.at(sigma)
    levels = iter(sigma * (1 + 1e-6 * k) for k in range(1, 100))
    benchmark.pedantic(lambda: network.at(next(levels)), rounds=3, iterations=1)
    assert benchmark.stats["min"] < 5


@pytest.mark.parametrize("unscaled", UNSCALED)
def test_forward(benchmark, instance, network, unscaled):
    """The plain module, circuit included; then with every row's bits known."""
    sigma = unscaled / SEPARATION
    x = rows(instance, sigma)
    module = network.at(sigma)
    out = benchmark.pedantic(module, args=(x,), rounds=3, iterations=1)
    assert torch.equal(network(x, sigma), out)
    took, remembered = benchmark.stats["min"], seconds(lambda: network(x, sigma))
    weights, values = (torch.ones(1024, k, dtype=torch.float64) for k in (1024, BATCH))
    depth = module.sizes().depth
    dense = seconds(lambda: [weights @ values for _ in range(depth + 1)])
    print(
        f"\nsigma {unscaled} unscaled: {1000 * took / BATCH:.2f} ms a row, "
        f"{1000 * remembered / BATCH:.2f} with the memo, {took / dense:.3f} of {depth + 1} dense "
        f"layers of 1024; pieces {len(network.values(sigma)) - 1}"
    )
    assert took < 30


def test_pieces_over_the_range(instance):
    """Pieces a half period in every box of C = 2: mean square, and everywhere."""
    print("\n sigma unscaled, pieces in mean square, pieces everywhere")
    switch = 0.797 / 8.886
    for both in zip(
        *(
            default_boxes(instance, switch=switch, ratio=2.0, everywhere=flag)
            for flag in (False, True)
        ),
        strict=True,
    ):
        counts = [len(ScoreNetwork(instance, ACCURACY, boxes=[box]).knots(0)) - 1 for box in both]
        print(f"{both[0].low * SEPARATION:12.3g} {counts[0]:8} {counts[1]:8}  {both[0].form}")
        assert counts[0] <= counts[1] < 100_000
