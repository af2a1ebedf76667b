"""Speed and size of circuits and their ReLU networks, as ratios within one run.

    python -m pytest benchmarks/bench_circuits.py -s

Every speed is asserted against what the project promises, beside a yardstick from the same run.
"""

import hashlib
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from hardposterior.impl.bitsliced import pack, unpack
from hardposterior.impl.functions import draw_neighbours, draw_weights, goldreich, subset_sum
from hardposterior.impl.relu_layout import layout
from hardposterior.impl.sha256_circuit import sha256

HASHES = 1 << 18
BATCH = 64


@pytest.fixture(scope="module")
def circuit():
    return sha256()


def seconds(call):
    """The least of three wall-clock times of `call`."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def messages(count):
    return np.random.default_rng(1).integers(0, 256, (count, 32), dtype=np.uint8)


def hashlib_all(rows):
    return [hashlib.sha256(row).digest() for row in rows]


def test_bitsliced_hashes_per_second(benchmark, circuit):
    """Packed words in and out on one core; then tensors of bits, packing included."""
    rows = messages(HASHES)
    raw = [row.tobytes() for row in rows]
    bits = torch.from_numpy(np.unpackbits(rows, axis=1))
    words = pack(bits.numpy())
    evaluator = circuit.bitsliced
    out = benchmark.pedantic(evaluator.words, args=(words,), rounds=5, iterations=1)
    assert np.packbits(unpack(out, HASHES), axis=1)[-1].tobytes() == hashlib_all(raw[-1:])[0]
    rate = HASHES / benchmark.stats["min"]
    whole = HASHES / seconds(lambda: circuit(bits))
    native = HASHES / seconds(lambda: hashlib_all(raw))
    print(f"\nhashes a second: words {rate:,.0f}, bits {whole:,.0f}, hashlib {native:,.0f}")
    print(f"words to hashlib {rate / native:.3f}, bits to hashlib {whole / native:.3f}")
    assert rate >= 200_000


def test_construction(benchmark):
    benchmark.pedantic(sha256, rounds=3, iterations=1)
    assert benchmark.stats["min"] < 5


def test_network_construction(benchmark, circuit):
    network = benchmark.pedantic(circuit.to_relu, rounds=3, iterations=1)
    print(f"\n{network.sizes()}")


def test_network_forward(benchmark, circuit):
    """One thread: see `impl/relu_network.py` for why more do not help."""
    network = circuit.to_relu()
    rows = torch.randint(0, 2, (BATCH, 256), generator=torch.Generator().manual_seed(2))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        out = benchmark.pedantic(network, args=(rows.float(),), rounds=5, iterations=1)
        weights, values = torch.ones(1024, 1024), torch.ones(1024, BATCH)
        dense = seconds(lambda: [weights @ values for _ in network.layers])
    finally:
        torch.set_num_threads(before)
    assert torch.equal(out, circuit(rows.float()))
    took = benchmark.stats["min"]
    print(f"\nbatch of {BATCH}: {took:.3f} s, {took / dense:.3f} of as many dense layers of 1024")
    assert took < 10


def test_network_memory():
    """A fresh process builds the circuit and the network and runs one batch within 2 GiB."""
    script = (
        "import resource, torch\n"
        "from hardposterior.impl.sha256_circuit import sha256\n"
        f"sha256().to_relu()(torch.zeros({BATCH}, 256))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    peak = int(run.stdout) * unit / 2**30
    print(f"\npeak memory {peak:.2f} GiB")
    assert peak < 2


def row_of(name, circuit):
    """One line of the size table, and neurons per gate."""
    plan = layout(circuit)
    neurons, carried = sum(map(len, plan.layers)), sum(plan.carried)
    gates = sum(count for kind, count in circuit.gate_counts().items() if kind != "NOT")
    line = f"{name:<22}{circuit.n:>5}{circuit.m:>5}{gates:>9}{circuit.depth:>6}"
    return f"{line}{neurons - carried:>9}{carried:>9}{neurons:>9}", neurons / gates


def test_sizes_grow_linearly_with_gates():
    generator = torch.Generator().manual_seed(3)
    rounds = (1, 2, 4, 8, 16, 24, 32, 48, 64)
    table = [(f"sha256, {r} rounds", sha256(rounds=r)) for r in rounds]
    for n in (16, 64, 256, 1024):
        table.append(("goldreich", goldreich(draw_neighbours(n, n, generator), n=n)))
    for n in (16, 64, 256):
        table.append(("subset sum", subset_sum(draw_weights(n, n, generator), n)))
    heads = f"{'n':>5}{'m':>5}{'gates':>9}{'depth':>6}{'logic':>9}{'carried':>9}{'all':>9}"
    print(f"\n{'function':<22}{heads}")
    for name, circuit in table:
        line, per_gate = row_of(name, circuit)
        print(line)
        assert per_gate < 8
