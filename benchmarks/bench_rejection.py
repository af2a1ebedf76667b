"""Speed of rejection: `python -m pytest benchmarks/bench_rejection.py -s`.

Proposals per second of the fast path at n = m = 16 and calibrated beta (draws there are out of
reach), against the direct form and against drawing the random numbers alone, in CPU time; then two
workers against one, in wall time, which needs two idle cores.
"""

import os
import time

import pytest
import torch

from hardposterior.impl import fast_rejection
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.functions import draw_neighbours, draw_table, goldreich
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.hidden_words import word_source
from hardposterior.impl.rejection import PriorProposal, rejection_sample
from hardposterior.verification import process_pool

N = 16
SEPARATION, SPACING, BETA = 6.6, 1.04, 0.0107  # about what `calibrate` finds for C = 2
PROPOSALS = 2**21


class Table:
    """A random function, looked up in a table; picklable."""

    def __init__(self):
        self.n = self.m = N
        self.table = draw_table(N, N, torch.Generator().manual_seed(0))

    def __call__(self, bits):
        return self.table[(bits * 2 ** torch.arange(self.n - 1, -1, -1)).sum(-1)]


class Counting:
    """A source of words that counts the coordinates that are looked at."""

    def __init__(self, source):
        self.source, self.used = source, []

    def draw(self, size, generator):
        block = self.source.draw(size, generator)
        image = block.image

        def counted(j):
            found = image(j)
            self.used.append(len(found))
            return found

        block.image = counted
        return block


def problem(function):
    instance = HardInstance(function, SEPARATION, SPACING)
    generator = torch.Generator().manual_seed(1)
    x, _ = instance.sample(1, generator)
    return instance, instance.measurement(BETA).observe(x, generator)[0]


def fast(instance, y, proposals=PROPOSALS, executor=None):
    return fast_rejection_sample(
        instance,
        y,
        BETA,
        1,
        torch.Generator().manual_seed(2),
        max_proposals=proposals,
        executor=executor,
    )


def direct(instance, y, proposals):
    return rejection_sample(
        PriorProposal(instance),
        instance.measurement(BETA),
        y,
        1,
        torch.Generator().manual_seed(2),
        max_proposals=proposals,
    )


def random_numbers(used, proposals=PROPOSALS):
    """The thresholds, the words and one uniform number for every coordinate that is looked at."""
    generator = torch.Generator().manual_seed(3)
    used = iter(used)
    for _ in range(proposals // fast_rejection.BATCH):
        torch.rand(fast_rejection.BATCH, generator=generator, dtype=torch.float64)
        torch.randint(0, 1 << N, (fast_rejection.BATCH,), generator=generator)
        left = next(used)
        while True:
            torch.rand(left, generator=generator, dtype=torch.float64)
            left = next(used, None)
            if left is None:
                return
            if left == fast_rejection.BATCH:
                used = iter([left, *used])
                break


def cpu_seconds(work, repeats=3):
    """The least CPU time of a few runs."""
    work()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", ["table", "goldreich"])
def test_fast_path_against_the_direct_form(name, monkeypatch):
    function = (
        Table()
        if name == "table"
        else goldreich(draw_neighbours(N, N, torch.Generator().manual_seed(4)), n=N)
    )
    instance, y = problem(function)
    counting = Counting(word_source(function))
    monkeypatch.setattr(fast_rejection, "word_source", lambda _: counting)
    fast(instance, y)
    used = list(counting.used)
    monkeypatch.undo()
    quick = cpu_seconds(lambda: fast(instance, y)) / PROPOSALS
    slow = cpu_seconds(lambda: direct(instance, y, 2**15), 2) / 2**15
    numbers = cpu_seconds(lambda: random_numbers(used)) / PROPOSALS
    print(
        f"\n{name}: {1 / quick / 1e6:.1f} million proposals a second; direct {slow / quick:.0f} "
        f"times slower; random numbers alone {quick / numbers:.2f} times faster; "
        f"{sum(used) / PROPOSALS:.2f} coordinates a proposal"
    )
    assert slow / quick >= 10
    assert quick / numbers <= 4


def test_two_workers_against_one():
    if os.getloadavg()[0] > 1.5:
        pytest.skip("needs two idle cores")
    instance, y = problem(Table())
    seconds = {}
    for workers in (1, 2):
        with process_pool(workers) as executor:
            fast(instance, y, 2**18, executor)
            started = time.perf_counter()
            fast(instance, y, 2**25, executor)
            seconds[workers] = time.perf_counter() - started
    ratio = seconds[1] / seconds[2]
    print(f"\ntwo workers against one: {ratio:.2f} ({seconds[1]:.1f} s, {seconds[2]:.1f} s)")
    assert ratio >= 1.7
