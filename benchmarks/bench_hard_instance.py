"""The hard instance: exact scores by enumeration, those that need none, posterior draws, memory."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import torch
from figure import Measured, Ratio, figure, times_faster, times_the_cost_of
from timing import Work, counted, growth, spread

from hardposterior.impl.functions import draw_table, random_table
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.rejection import PriorProposal, rejection_sample
from hardposterior.impl.words import signs

LEVEL = 0.1
SHARE = 4


class Parity:
    """For any n: every image bit is the parity of all bits."""

    def __init__(self, n: int, m: int) -> None:
        self.n, self.m = n, m

    def __call__(self, bits: torch.Tensor) -> torch.Tensor:
        return (bits.sum(-1, keepdim=True) % 2).expand(*bits.shape[:-1], self.m)


@cache
def problem(n: int, m: int, count: int, easy: bool = False) -> tuple[HardInstance, torch.Tensor]:
    """An instance and noisy draws of its prior."""
    table = draw_table(n, m, torch.Generator().manual_seed(0)) if not easy else None
    function: Any = Parity(n, m) if table is None else random_table(table)
    instance = HardInstance(function, 6.0, 1.0)
    x, _ = instance.sample(count, torch.Generator().manual_seed(1))
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(2), dtype=x.dtype)
    return instance, x + LEVEL * noise


def score_by_a_loop(instance: HardInstance, x: torch.Tensor) -> torch.Tensor:
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


def in_blocks(instance: HardInstance, x: torch.Tensor) -> torch.Tensor:
    """What any enumeration pays: products with all vertices, exp, and products back."""
    parts = []
    for rows in x.split(256):
        total = torch.zeros_like(rows)
        for vertices in instance._vertices.vertices.split(1024):
            block = vertices.to(x.dtype)
            total = total + (rows @ block.T).exp_() @ block
        parts.append(total)
    return torch.cat(parts)


def at_once(instance: HardInstance, x: torch.Tensor) -> torch.Tensor:
    """The textbook: all weights of all points."""
    vertices = instance._vertices.vertices.double()
    return (x @ vertices.T).softmax(-1) @ vertices


def scoring(n: int, m: int, count: int, quantity: str = "score", easy: bool = False) -> Work:
    instance, x = problem(n, m, count, easy)
    return lambda: getattr(instance, quantity)(x, LEVEL)


@figure("exact-score", "exact score, n = m = 12, 4096 points")
def exact_score() -> Measured:
    instance, x = problem(12, 12, 4096)
    few = x[: len(x) // SHARE]
    torch.testing.assert_close(
        instance.score(few, LEVEL), score_by_a_loop(instance, few), rtol=1e-9, atol=1e-9
    )
    ours = scoring(12, 12, 4096)
    words = [2**n for n in (8, 10, 12, 14)]
    return Measured(
        times_faster(
            "a loop over the vertices",
            lambda: score_by_a_loop(instance, few),
            lambda: instance.score(few, LEVEL),
        ),
        times_the_cost_of(
            "products with all vertices, and exp", ours, lambda: in_blocks(instance, x)
        ),
        {
            "2^n": growth(words, lambda size: scoring(size.bit_length() - 1, 12, 1024)),
            "m": growth((4, 12, 36), lambda m: scoring(10, m, 1024)),
        },
    )


@figure("exact-score-gradient", "exact score and the gradient of its square, same points")
def gradient() -> Measured:
    instance, x = problem(12, 12, 4096)

    def of(score: Any) -> Work:
        def work() -> torch.Tensor:
            z = x.clone().requires_grad_()
            return torch.autograd.grad(score(z).square().sum(), z)[0]

        return work

    return Measured(
        bound=times_the_cost_of(
            "products with all vertices, exp, and their gradient",
            of(lambda z: instance.score(z, LEVEL)),
            of(lambda z: in_blocks(instance, z)),
        )
    )


def easy_score(quantity: str) -> Measured:
    """A score that needs no enumeration, d = 512."""
    ours = scoring(256, 256, 1024, quantity, easy=True)
    x = problem(256, 256, 1024, True)[1]
    out = torch.empty_like(x)
    small = scoring(12, 12, 4096, quantity)
    return Measured(
        times_faster("the exact score, where n = m = 12", scoring(12, 12, 4096), small),
        times_the_cost_of(
            "exp and sin of x", ours, lambda: (torch.exp(x, out=out), torch.sin(x, out=out))
        ),
        {"d": growth((128, 512, 2048), lambda d: scoring(d // 2, d // 2, 512, quantity, True))},
    )


figure("vertex-score", "vertex score, d = 512, 1024 points")(lambda: easy_score("vertex_score"))
figure("mixture-score", "mixture score, d = 512, 1024 points")(lambda: easy_score("mixture_score"))


@figure("posterior-draws", "exact posterior and 1000 draws of it, n = m = 3, beta = .05")
def posterior_draws() -> Measured:
    instance = problem(3, 3, 1)[0]
    generator = torch.Generator().manual_seed(3)
    measurement = instance.measurement(0.05)
    y = measurement.observe(instance.sample(1, generator)[0], generator)[0]

    def ours() -> torch.Tensor:
        return instance.posterior(y, 0.05).sample(1000, generator)

    def by_rejection() -> object:
        return rejection_sample(
            PriorProposal(instance), measurement, y, 100, generator, max_proposals=10**8
        )

    def numbers() -> object:
        return (
            torch.rand(1000, generator=generator, dtype=torch.float64),
            torch.randn(1000, 3, generator=generator, dtype=torch.float64),
            torch.rand(1000, 3, generator=generator, dtype=torch.float64),
        )

    def of_words(size: int) -> Work:
        law = problem(size.bit_length() - 1, 12, 1, easy=True)[0]
        place = law.measurement(0.05).observe(law.sample(1, generator)[0], generator)[0]
        return lambda: law.posterior(place, 0.05).sample(1, generator)

    return Measured(
        times_faster("direct rejection", by_rejection, ours, share=0.1),
        times_the_cost_of("the random numbers", ours, numbers),
        {"2^n, one draw": growth([2**n for n in (14, 16, 18, 20)], of_words)},
    )


@figure("exact-score-memory", "peak memory of the exact score, n = m = 12, 16384 points")
def memory() -> Measured:
    against = "all the weights at once"
    if sys.platform != "linux":
        return Measured(Ratio(against, skipped="reads the peak from /proc"))

    def peaks(count: int) -> list[float]:
        command = [sys.executable, __file__, str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [float(word) for word in done.stdout.split()]

    sizes = (4096, 8192, 16384)
    found = [peaks(size) for size in sizes]
    last = [found[-1], *(peaks(sizes[-1]) for _ in range(2))]
    return Measured(
        Ratio(against, spread([at_once / blocks for blocks, at_once in last])),
        growth={"points": counted(sizes, [blocks for blocks, _ in found])},
    )


def added_mebibytes(work: Work) -> float:
    """Growth of the peak of resident memory while `work` runs."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from what is held now
    before = resident_peak()
    work()
    return resident_peak() - before


def resident_peak() -> float:
    """MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def main() -> None:
    """Print what scoring in blocks, and weighing all words at once, add to the peak, in MiB."""
    torch.set_num_threads(1)
    instance, x = problem(12, 12, int(sys.argv[1]))
    instance.score(x[:2], LEVEL)
    blocks = added_mebibytes(lambda: instance.score(x, LEVEL))
    print(blocks, added_mebibytes(lambda: at_once(instance, x)))


if __name__ == "__main__":
    main()
