"""Inversion by search and by posterior draws: `python -m pytest benchmarks/bench_inversion.py -s`.

Search at n = 20 with the bit-sliced evaluator against the bitwise operations alone, in CPU time;
the reduction at every size; the whole argument for SHA-256 in wall time.
"""

import random
import time

import numpy as np
import pytest
import torch

from hardposterior import hardness, impl
from hardposterior.impl import bitsliced, preimages
from hardposterior.named_functions import named
from hardposterior.properties.inversion import FAMILIES, REFERENCE, bound_of, inverted


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def cpu_seconds(work, repeats=2):
    """The least CPU time of a few runs."""
    times = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def bare_operations(sliced, words):
    """As many bitwise operations on rows of a block as the circuit takes for `words` words."""
    block = bitsliced.BLOCK
    a, b, out = (np.ones(block, dtype=np.uint64) for _ in range(3))
    for _ in range(words // block):
        for _ in range(sliced.operations):
            np.bitwise_xor(a, b, out)


@pytest.mark.parametrize("rounds", [16, 64])
def test_search_at_twenty_bits(rounds):
    n = 20
    circuit = named("sha256", n, n, rounds=rounds).circuit
    word = torch.randint(0, 2, (n,), generator=torch.Generator().manual_seed(0))
    image = circuit(word)
    found = preimages(circuit, image)
    assert (found == word).all(-1).any()
    seconds = cpu_seconds(lambda: preimages(circuit, image))
    alone = cpu_seconds(lambda: bare_operations(circuit.bitsliced, 2**n // 64))
    print(
        f"\nSHA-256, {rounds} rounds, n = m = {n}: {2**n / seconds:,.0f} hashes a second "
        f"({circuit.bitsliced.operations:,} operations a word); all 2^{n} in {seconds:.2f} s, "
        f"{seconds / alone:.2f} times the operations alone; {len(found)} preimages"
    )
    assert seconds / alone <= 3


def test_success_over_sizes_and_families():
    """n = m = 6 to 12, ten instances each of three families, 30 images each."""
    draw, count, instances = random.Random(0), 30, 10
    print("\n n  promised  " + "  ".join(FAMILIES) + "  ms an inversion")
    for n in range(6, 13):
        started, shares = time.process_time(), []
        for make in FAMILIES.values():
            tables = [make(n, n, draw) for _ in range(instances)]
            hits = sum(
                inverted(impl, table, REFERENCE, (0.0, 0.0), count, draw.getrandbits(48))
                for table in tables
            )
            shares.append(hits / (count * instances))
        each = (time.process_time() - started) / (3 * count * instances)
        promised = bound_of(tables[0], REFERENCE, 0.0, 0.0)
        shown = "  ".join(f"{share:.4f}" for share in shares)
        print(f"{n:2}  {promised:.4f}    {shown}   {1e3 * each:.1f}")


def test_the_whole_argument_for_sha256():
    started = time.perf_counter()
    links = hardness("sha256", 256, 2.0)
    for link in links:
        assert link.evidence or link.form == "assumed"
    seconds = time.perf_counter() - started
    print(f"\nhardness --function sha256 --n 256 --C 2: {len(links)} links in {seconds:.1f} s")
    assert seconds < 60
