"""Score of a smoothed lattice, 1e6 float64 points: against the textbook sum, and against exp + sin.

Run with all threads: python -m pytest benchmarks/bench_lattice.py -s
The contestants take turns, and a ratio is the median over rounds of the ratios within a round, so
that a slow spell of the machine hits both sides. Nothing is asserted about time; the aims are at
least 6 times faster than the textbook, and at most 5 times one pass of exp plus one of sin.
"""

import statistics
import time

import pytest
import torch

from hardposterior.impl.lattice import DiscretizedGaussian

COUNT = 1_000_000
ROUNDS = 15

# (spacing, phase, sigma). v / spacing^2 decides the form and what it needs: two terms suffice below
# 1 / 42; the rounding of exponents is compensated between 1 / 3200 and 1 / 100.
CASES = {
    "space, two terms": (1.0, 0.3, 0.15),
    "space, compensated": (1.0, 0.3, 0.05),
    "space, all terms": (1.0, 0.3, 0.35),
    "space, phase 1/2": (1.0, 0.5, 0.15),
    "Fourier": (1.0, 0.3, 1.0),
}


def textbook(points, x, sigma):
    """The score by the softmax over all lattice points, in blocks that fit the memory."""
    prior = -(points**2) / 2
    parts = []
    for part in x.split(COUNT // 20):
        logits = prior - (part[:, None] - points) ** 2 / (2 * sigma**2)
        weights = torch.exp(logits - torch.logsumexp(logits, -1, keepdim=True))
        parts.append((weights @ points - part) / sigma**2)
    return torch.cat(parts)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_ratio(first, second, rounds):
    """How many times longer the first takes than the second."""
    return statistics.median(seconds(first) / seconds(second) for _ in range(rounds))


@pytest.mark.parametrize("quantity", ["score", "denoise", "log_prob"])
@pytest.mark.parametrize("case", CASES)
def test_lattice(benchmark, case, quantity):
    spacing, phase, sigma = CASES[case]
    law = DiscretizedGaussian(spacing, phase)
    generator = torch.Generator().manual_seed(0)
    x = law.sample(COUNT, generator)
    x += sigma * torch.randn(COUNT, dtype=torch.float64, generator=generator)
    points, _ = law.table()

    def ours():
        return getattr(law, quantity)(x, sigma)

    def passes():
        return torch.exp(x), torch.sin(x)

    result = benchmark.pedantic(ours, rounds=ROUNDS, warmup_rounds=2)
    gain = median_ratio(lambda: textbook(points, x, sigma), ours, 3)
    cost = median_ratio(ours, passes, ROUNDS)
    threads = torch.get_num_threads()
    benchmark.extra_info |= {"threads": threads, "gain": round(gain, 1), "cost": round(cost, 2)}
    print(
        f"\n{case}, {quantity}, {threads} threads: {gain:.1f} times faster than the textbook,",
        end="",
    )
    print(f" {cost:.2f} times exp plus sin")
    assert torch.isfinite(result).all()
