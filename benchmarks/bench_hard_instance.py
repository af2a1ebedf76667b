"""Speed and memory of the hard instance: `python -m pytest benchmarks/bench_hard_instance.py`.

The exact score against a loop over the vertices in the same run, its growth in n and m, its peak
memory, and the scores that need no enumeration. Add `--benchmark-sort=name` to read the growth.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.words import signs

LEVEL = 0.1


@pytest.fixture(autouse=True)
def _one_thread():
    """One thread: timings are then comparable on a machine that others use too."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Table:
    """A random function from n to m bits, looked up in a table."""

    def __init__(self, n, m):
        self.n, self.m = n, m
        self.table = torch.randint(0, 2, (2**n, m), generator=torch.Generator().manual_seed(0))

    def __call__(self, bits):
        return self.table[(bits * 2 ** torch.arange(self.n - 1, -1, -1)).sum(-1)]


class Parity:
    """For any n: every image bit is the parity of all bits."""

    def __init__(self, n, m):
        self.n, self.m = n, m

    def __call__(self, bits):
        return (bits.sum(-1, keepdim=True) % 2).expand(*bits.shape[:-1], self.m)


def problem(n, m, count, function=Table):
    instance = HardInstance(function(n, m), 6.0, 1.0)
    x, _ = instance.sample(count, torch.Generator().manual_seed(1))
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(2), dtype=x.dtype)
    return instance, x + LEVEL * noise


def score_by_a_loop(instance, x):
    """The straightforward route: one vertex at a time, a running maximum, no matrix product.

    The phases' densities and scores are computed once, so that the loop is as fast as it can be.
    """
    R, n = instance.separation, instance.n
    sigma = R * LEVEL
    t = 1 + sigma**2
    hidden, image = R * x[:, :n], R * x[:, n:]
    logs = [law.log_prob(image, sigma) for law in instance.phases.laws]
    scores = [law.score(image, sigma) for law in instance.phases.laws]
    top = torch.full_like(x[:, :1], -torch.inf)
    total, average = torch.zeros_like(top), torch.zeros_like(x)
    for vertex in instance._vertices.vertices:
        word, bits = signs(vertex[:n] > 0, x.dtype), vertex[n:] > 0
        log = -((hidden - R * word) ** 2).sum(-1, keepdim=True) / (2 * t)
        log = log + torch.where(bits, logs[1], logs[0]).sum(-1, keepdim=True)
        score = [(R * word - hidden) / t, torch.where(bits, scores[1], scores[0])]
        higher = torch.maximum(top, log)
        weight, decay = (log - higher).exp(), (top - higher).exp()
        average = average * decay + weight * torch.cat(score, -1)
        total, top = total * decay + weight, higher
    return R * average / total


def test_exact_score_of_4096_points(benchmark):
    instance, x = problem(12, 12, 4096)
    benchmark(instance.score, x, LEVEL)


def test_exact_score_and_its_gradient(benchmark):
    instance, x = problem(12, 12, 4096)

    def gradient():
        z = x.clone().requires_grad_()
        return torch.autograd.grad(instance.score(z, LEVEL).square().sum(), z)

    benchmark.pedantic(gradient, rounds=3, warmup_rounds=1)


def test_ratio_to_a_loop_over_the_vertices(benchmark):
    """At least 3 times faster, and the same score."""
    instance, x = problem(12, 12, 4096)
    score = benchmark.pedantic(instance.score, (x, LEVEL), rounds=5, warmup_rounds=1)
    start = time.perf_counter()
    looped = score_by_a_loop(instance, x)
    seconds = time.perf_counter() - start
    torch.testing.assert_close(score, looped, rtol=1e-9, atol=1e-9)
    ratio = seconds / benchmark.stats.stats.min
    benchmark.extra_info["loop seconds / score seconds"] = round(ratio, 1)
    print(f"\na loop over the 4,096 vertices takes {ratio:.1f} times as long ({seconds:.2f} s)")
    assert ratio > 3


@pytest.mark.parametrize("n", [8, 10, 12, 14])
def test_growth_in_n(benchmark, n):
    instance, x = problem(n, 12, 1024)
    benchmark(instance.score, x, LEVEL)


@pytest.mark.parametrize("m", [4, 12, 36])
def test_growth_in_m(benchmark, m):
    instance, x = problem(10, m, 1024)
    benchmark(instance.score, x, LEVEL)


@pytest.mark.parametrize("name", ["vertex_score", "mixture_score"])
def test_scores_without_enumeration_at_dimension_512(benchmark, name):
    """At least a million coordinates per second."""
    instance, x = problem(256, 256, 1024, Parity)
    benchmark(getattr(instance, name), x, LEVEL)
    rate = x.numel() / benchmark.stats.stats.min
    benchmark.extra_info["coordinates per second"] = round(rate)
    print(f"\n{name}: {rate / 1e6:.1f} million coordinates per second")
    assert rate > 1e6


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
@pytest.mark.parametrize("count", [1024, 4096, 16384])
def test_peak_memory(count):
    """What the exact score adds to a fresh process, and what all the weights at once would."""
    command = [sys.executable, __file__, str(count)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    blocks, at_once = (float(word) for word in output.split())
    print(f"\n{count} points: {blocks:.0f} MiB in blocks, {at_once:.0f} MiB at once")
    assert at_once > 2**12 * count * 8 / 2**20, "the meter must see the weights"
    assert blocks < 40 + count * 24 * 8 * 20 / 2**20


def added_mebibytes(work):
    """Growth of the peak of resident memory while `work` runs."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from what is held now
    before = resident_peak()
    work()
    return resident_peak() - before


def resident_peak():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def main():
    """Print what scoring in blocks, and weighing all words at once, add to the peak, in MiB."""
    torch.set_num_threads(1)
    instance, x = problem(12, 12, int(sys.argv[1]))
    instance.score(x[:2], LEVEL)
    vertices = instance._vertices.vertices.double()
    blocks = added_mebibytes(lambda: instance.score(x, LEVEL))
    print(blocks, added_mebibytes(lambda: (x @ vertices.T).softmax(-1) @ vertices))


if __name__ == "__main__":
    main()
