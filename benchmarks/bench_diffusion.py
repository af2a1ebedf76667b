"""Speed of reverse diffusion and closeness: `python -m pytest -s benchmarks/bench_diffusion.py`.

All on one thread and in processor time, as ratios within one run: the sampler against the bare
calls of the same denoiser on rows of the same shape, alternating; the growth in steps, count, d.
"""

import math
import statistics
import time

import pytest
import torch

from hardposterior.impl.closeness import closeness
from hardposterior.impl.closeness_bound import closeness_lower_bound
from hardposterior.impl.diffusion import geometric_schedule, reverse_diffusion
from hardposterior.impl.functions import draw_neighbours, goldreich
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.noise_boxes import default_boxes
from hardposterior.impl.score_network import ScoreNetwork

ROUNDS = 7


def network(dim, width=1024):
    """A residual ReLU network of two hidden layers as denoiser, with fixed random weights."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(dim, width), (width, width), (width, dim)]
    first, second, third = (
        torch.randn(rows, columns, generator=generator) / math.sqrt(rows)
        for rows, columns in shapes
    )

    def denoise(x, sigma):
        scaled = x / math.hypot(1.0, sigma)
        return (torch.relu(torch.relu(scaled @ first) @ second) @ third + scaled).tanh()

    return denoise


def shrink(x, sigma):
    """A denoiser that costs one pass: what the sampler costs by itself."""
    return x / (1 + sigma**2)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def seconds(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def sample(denoise, dim, count, steps, batch):
    levels = geometric_schedule(20.0, 0.05, steps)
    generator = torch.Generator().manual_seed(1)
    return reverse_diffusion(denoise, dim, levels, count, generator, batch=batch)


@pytest.mark.parametrize(
    ("dim", "count", "batch"), [(64, 2048, 2048), (512, 256, 256), (512, 2048, 512)]
)
def test_own_overhead(dim, count, batch):
    """At most 1.15 times the denoiser's own time, for a network of 0.5 to 2 million weights."""
    denoise, x = network(dim), torch.randn(count, dim)
    levels = geometric_schedule(20.0, 0.05, 20)

    @torch.no_grad()
    def bare():
        for sigma in levels[:-1]:
            for rows in torch.split(x, batch):
                denoise(rows, sigma)

    bare()
    ratios = [
        seconds(lambda: sample(denoise, dim, count, 20, batch)) / seconds(bare)
        for _ in range(ROUNDS)
    ]
    middle = statistics.median(ratios)
    print(
        f"\nd = {dim}, count = {count}, batch = {batch}: sampler / denoiser = {middle:.3f} "
        f"({min(ratios):.3f} to {max(ratios):.3f})"
    )
    assert middle <= 1.15


def instance_of_256_bits():
    """The calibrated instance at n = m = 256, Goldreich's function, and its network."""
    neighbours = draw_neighbours(256, 256, torch.Generator().manual_seed(0))
    law = HardInstance(goldreich(neighbours, n=256), 9.3293, 0.79661, dtype=torch.float32)
    boxes = default_boxes(law, low=0.0022, high=165.0, everywhere=True)
    return law, ScoreNetwork(law, 512.0**-2, boxes=boxes)


def test_draws_a_second_at_256_bits():
    """n = m = 256 with the score network: draws a second at 200 steps, and the sampler's share."""
    _, network = instance_of_256_bits()
    levels = geometric_schedule(160.0, 0.0022, 200)
    inside = 0.0

    def denoise(x, sigma):
        nonlocal inside
        start = time.process_time()
        clean = network.denoise(x, sigma)
        inside += time.process_time() - start
        return clean

    def draw():
        return reverse_diffusion(denoise, 512, levels, 64, torch.Generator().manual_seed(1))

    taken = seconds(draw)
    ratio = taken / inside
    print(
        f"\nn = m = 256, 200 steps: {64 / taken:.2f} draws a second of processor time "
        f"({64 * 200 / taken:.0f} steps), sampler / denoiser = {ratio:.3f}"
    )
    assert ratio <= 1.15


@pytest.mark.parametrize("name", ["steps", "count", "dim"])
def test_growth_is_linear(name):
    """Four times as much of one thing takes about four times as long; the exponent is shown."""
    base = {"dim": 256, "count": 1024, "steps": 20, "batch": 256}
    more = base | {name: 4 * base[name]}
    sample(shrink, **base)
    exponents = [
        math.log(
            seconds(lambda: sample(shrink, **more)) / seconds(lambda: sample(shrink, **base)), 4
        )
        for _ in range(ROUNDS)
    ]
    middle = statistics.median(exponents)
    print(f"\ntime ~ {name}^{middle:.2f}")
    assert 0.7 < middle < 1.25


@pytest.mark.parametrize(
    ("dim", "tau"), [(1, 0.1), (2, 0.1), (2, 0.3), (2, 1.0), (2, 10.0), (3, 0.3), (8, 2.0)]
)
def test_closeness_of_5000_against_5000(dim, tau):
    """Seconds, sparse or dense."""
    generator = torch.Generator().manual_seed(2)
    x, y = (torch.randn(5000, dim, generator=generator) for _ in range(2))
    taken = seconds(lambda: closeness(x, y, tau))
    print(f"\n5000 against 5000, d = {dim}, tau = {tau}: {taken:.2f} s")
    assert taken < 30


@pytest.mark.parametrize("dim", [1, 16, 512])
def test_lower_bound_of_4000_against_4000(dim):
    generator = torch.Generator().manual_seed(2)
    x, y = (torch.randn(4000, dim, generator=generator) for _ in range(2))
    taken = seconds(lambda: closeness_lower_bound(x, y, 0.1, 0.01))
    print(f"\nlower bound, 4000 against 4000, d = {dim}: {taken:.2f} s")
    assert taken < 60
