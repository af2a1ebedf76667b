"""Circuits: bit-sliced evaluation, their ReLU networks, and search for preimages."""

import hashlib
import warnings
from functools import cache

import numpy as np
import torch
from figure import Measured, figure, times_faster, times_the_cost_of
from timing import Growth, Work, counted, growth

from hardposterior import impl
from hardposterior.impl import bitsliced, preimages
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.functions import draw_neighbours, draw_weights, goldreich, subset_sum
from hardposterior.impl.relu_layout import layout
from hardposterior.impl.relu_network import SparseAffine
from hardposterior.impl.sha256_circuit import sha256
from hardposterior.named_functions import named
from hardposterior.properties.inversion import REFERENCE, Reference
from hardposterior.properties.tables import Function

HASHES = 1 << 17
BATCH = 64
BITS = 18
"""Of the word that is searched for."""


@cache
def circuit(rounds: int = 64) -> Circuit:
    return sha256(rounds=rounds)


def messages(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 32), dtype=np.uint8)


def bare_operations(sliced: bitsliced.BitSliced, words: int) -> Work:
    """As many bitwise operations on rows of a block as the circuit takes for `words` words."""
    width = min(bitsliced.BLOCK, words)
    a, b, out = (np.ones(width, dtype=np.uint64) for _ in range(3))

    def work() -> None:
        for _ in range(words // width):
            for _ in range(sliced.operations):
                np.bitwise_xor(a, b, out)

    return work


@figure("circuit", "SHA-256 as a circuit, 131,072 messages, bit-sliced")
def bits() -> Measured:
    rows = messages(HASHES)
    raw = [row.tobytes() for row in rows]
    tensor = torch.from_numpy(np.unpackbits(rows, axis=1))
    found = np.packbits(circuit()(tensor[:1]).numpy())
    assert found.tobytes() == hashlib.sha256(raw[0]).digest()

    def of_messages(count: int) -> Work:
        some = tensor[:count]
        return lambda: circuit()(some)

    return Measured(
        times_faster(
            "hashlib, the hand-written hash",
            lambda: [hashlib.sha256(row).digest() for row in raw],
            lambda: circuit()(tensor),
        ),
        times_the_cost_of(
            "the bitwise operations",
            lambda: circuit()(tensor),
            bare_operations(circuit().bitsliced, HASHES // 64),
        ),
        {"messages": growth((2**14, 2**15, 2**16, 2**17), of_messages)},
    )


def neurons(circuits: list[Circuit]) -> Growth:
    """Neurons against gates, counted."""
    gates = [sum(n for kind, n in c.gate_counts().items() if kind != "NOT") for c in circuits]
    return counted(gates, [sum(map(len, layout(c).layers)) for c in circuits])


def csr(layer: SparseAffine) -> torch.Tensor:
    """A layer's matrix as torch's own sparse one."""
    matrix = layer.matrix()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.sparse_csr_tensor(
            *(torch.from_numpy(part) for part in (matrix.indptr, matrix.indices)),
            torch.from_numpy(matrix.data).float(),
            size=matrix.shape,
        )


@figure("relu-network", "SHA-256 as a ReLU network, a batch of 64, depth 653")
def relu() -> Measured:
    network = circuit().to_relu()
    rows = torch.randint(0, 2, (BATCH, 256), generator=torch.Generator().manual_seed(2))
    x = rows.float()
    assert torch.equal(network(x), circuit()(x))
    layers = [(csr(layer), torch.ones(layer.inputs, BATCH)) for layer in network.layers]
    terms = [torch.ones(len(layer.weights), BATCH) for layer in network.layers]
    room = torch.empty_like(max(terms, key=len))
    generator = torch.Generator().manual_seed(3)
    local = [goldreich(draw_neighbours(n, n, generator), n=n) for n in (16, 64, 256, 1024)]
    sums = [subset_sum(draw_weights(n, n, generator), n) for n in (16, 64, 256)]
    return Measured(
        times_faster(
            "torch's sparse matrices",
            lambda: [matrix @ columns for matrix, columns in layers],
            lambda: network(x),
        ),
        times_the_cost_of(
            "a copy of every term",
            lambda: network(x),
            lambda: [room[: len(term)].copy_(term) for term in terms],
        ),
        {
            "gates of SHA-256 (neurons)": neurons([circuit(r) for r in (8, 16, 32, 64)]),
            "gates of Goldreich's (neurons)": neurons(local),
            "gates of subset sums (neurons)": neurons(sums),
        },
        speed=f"{network.sizes().neurons:,} neurons",
    )


@figure("search", "all preimages among 2^18 words, SHA-256 cut to 18 bits")
def search() -> Measured:
    function = named("sha256", BITS, BITS).circuit
    word = torch.randint(0, 2, (BITS,), generator=torch.Generator().manual_seed(0))
    image = function(word)
    assert (preimages(function, image) == word).all(-1).any()

    def hashes() -> None:
        for number in range(1 << 14):
            hashlib.sha256(number.to_bytes(32, "big")).digest()

    def of_words(size: int) -> Work:
        n = size.bit_length() - 1
        smaller = named("sha256", n, n, rounds=16).circuit
        wanted = smaller(torch.ones(n, dtype=torch.int64))
        return lambda: preimages(smaller, wanted)

    return Measured(
        times_faster(
            "a loop over hashlib",
            hashes,
            lambda: preimages(function, image),
            share=2.0 ** (14 - BITS),
        ),
        times_the_cost_of(
            "the bitwise operations",
            lambda: preimages(function, image),
            bare_operations(function.bitsliced, 2**BITS // 64),
        ),
        {"2^n": growth([2**n for n in (17, 18, 19, 20)], of_words)},
    )


@figure("inversion", "one inversion by the exact posterior, n = m = 8")
def inversion() -> Measured:
    draw = torch.Generator().manual_seed(1)
    function = Function(torch.randint(0, 2, (256, 8), generator=draw).tolist())
    separation, spacing, beta = REFERENCE
    law = impl.HardInstance(function, separation, spacing)
    image = function(torch.randint(0, 2, (8,), generator=draw))
    y = law.measurement(beta).observe(law.sample(1, draw)[0], draw)[0]
    return Measured(
        bound=times_the_cost_of(
            "the posterior and its draw",
            lambda: impl.invert(law, image, Reference(law), draw, beta=beta),
            lambda: law.posterior(y, beta).sample(1, draw),
        )
    )
