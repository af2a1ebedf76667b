"""SHA-256 as a circuit: against hashlib, published vectors and a reduced-round reference."""

import hashlib
import itertools
import os
import random

import numpy as np
import pytest
import torch

from hardposterior.impl import circuit_words
from hardposterior.impl import sha256_circuit as module
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuit_builder import CircuitBuilder
from hardposterior.impl.sha256_circuit import sha256

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"

# Typed from FIPS 180-4; the module computes them from their definition.
K = """
428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5 d807aa98 12835b01 243185be
550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174 e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa
5cb0a9dc 76f988da 983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967 27b70a85
2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85 a2bfe8a1 a81a664b c24b8b70 c76c51a3
d192e819 d6990624 f40e3585 106aa070 19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f
682e6ff3 748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2
"""
KEYS = [int(word, 16) for word in K.split()]
H = "6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19"
START = [int(word, 16) for word in H.split()]


def reference(bits, rounds=64):
    """Reduced-round SHA-256 of a string of '0' and '1' on Python integers, as 256 characters."""

    def turn(x, k):
        return (x >> k | x << (32 - k)) & 0xFFFFFFFF

    text = bits + "1"
    text += "0" * ((448 - len(text)) % 512) + f"{len(bits):064b}"
    state = START
    for block in (text[i : i + 512] for i in range(0, len(text), 512)):
        w = [int(block[i : i + 32], 2) for i in range(0, 512, 32)]
        for t in range(16, 64):
            s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> 3
            s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> 10
            w.append((w[t - 16] + s0 + w[t - 7] + s1) & 0xFFFFFFFF)
        a, b, c, d, e, f, g, h = state
        for t in range(rounds):
            s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
            t1 = h + s1 + (e & f ^ ~e & g) + KEYS[t] + w[t]
            t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c)
            a, b, c, d, e, f, g, h = (t1 + t2) & 0xFFFFFFFF, a, b, c, (d + t1) & 0xFFFFFFFF, e, f, g
        after = (a, b, c, d, e, f, g, h)
        state = [(x + y) & 0xFFFFFFFF for x, y in zip(state, after, strict=True)]
    return "".join(f"{word:032b}" for word in state)


def digests_agree(circuit, count, seed):
    """How many of `count` random byte messages hash as in hashlib."""
    messages = np.random.default_rng(seed).integers(0, 256, (count, circuit.n // 8), dtype=np.uint8)
    bits = circuit(torch.from_numpy(np.unpackbits(messages, axis=1)))
    digests = np.packbits(bits.numpy(), axis=1)
    return sum(
        hashlib.sha256(message.tobytes()).digest()[: digests.shape[1]] == digest.tobytes()
        for message, digest in zip(messages, digests, strict=True)
    )


def reference_agrees(circuit, rounds, count, seed):
    """How many of `count` random messages hash as in `reference`."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randint(0, 2, (count, circuit.n), generator=generator)
    texts = ["".join(map(str, row)) for row in rows.tolist()]
    digests = ["".join(map(str, digest)) for digest in circuit(rows).tolist()]
    return sum(
        digest == reference(text, rounds)[: circuit.m]
        for text, digest in zip(texts, digests, strict=True)
    )


@pytest.fixture(scope="module")
def full():
    return sha256()


def test_constants_are_the_standards():
    primes = module.first_primes(64)
    assert [module.fractional_cube_root(p) for p in primes] == KEYS
    assert [module.fractional_square_root(p) for p in primes[:8]] == START


def test_full_hash_equals_hashlib_on_random_messages(full):
    assert (full.n, full.m) == (256, 256)
    count = 100_000 if THOROUGH else 4_000
    assert digests_agree(full, count, seed=1) == count


PUBLISHED = {  # message bits: message, digest
    # NIST CAVS: byte-oriented short messages, then bit-oriented
    256: (
        "09fc1accc230a205e4a208e64a8f204291f581a12756392da4b8c0cf5ef02b95",
        "4f44c1c7fbebb6f9601829f3897bfd650c56fa07844be76489076356ac1886a4",
    ),
    5: ("68", "d6d3e02a31a84a8caa9718ed6c2057be09db45e7823eb5079ce7a573a3760f95"),
    # FIPS 180-2, appendices B.1 and B.2
    24: (b"abc".hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    448: (
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".hex(),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ),
}


@pytest.mark.parametrize("bits", sorted(PUBLISHED) if THOROUGH else [256, 448])
def test_published_vectors(full, bits):
    message, digest = PUBLISHED[bits]
    text = "".join(f"{byte:08b}" for byte in bytes.fromhex(message))[:bits]
    circuit = full if bits == 256 else sha256(bits)
    out = circuit(torch.tensor([int(bit) for bit in text]))
    assert f"{int(''.join(map(str, out.tolist())), 2):064x}" == digest


def test_the_reference_is_sha256():
    for bits, (message, digest) in PUBLISHED.items():
        text = "".join(f"{byte:08b}" for byte in bytes.fromhex(message))[:bits]
        assert f"{int(reference(text), 2):064x}" == digest


@pytest.mark.parametrize("bits", [8, 64, 440, 504, 512, 1000])
def test_other_message_lengths_equal_the_reference(bits):
    assert reference_agrees(sha256(bits, 5), 5, 16, seed=bits) == 16


@pytest.mark.skipif(not THOROUGH, reason="thorough profile: two blocks of 64 rounds")
@pytest.mark.parametrize("bits", [8, 440, 448, 504, 512, 1000])
def test_other_message_lengths_equal_hashlib(bits):
    assert digests_agree(sha256(bits), 200, seed=bits) == 200


@pytest.mark.parametrize(
    "rounds", range(1, 64) if THOROUGH else [1, 2, 3, 7, 15, 16, 17, 18, 24, 33]
)
def test_reduced_rounds_equal_the_reference(rounds):
    assert reference_agrees(sha256(rounds=rounds), rounds, 8, seed=rounds) == 8


@pytest.mark.parametrize("n", [1, 3, 8, 11])
def test_short_messages_exhaustively(n):
    rows = torch.tensor(list(itertools.product((0, 1), repeat=n)))
    out = sha256(n, rounds=20, digest_bits=17)(rows)
    for row, digest in zip(rows.tolist(), out.tolist(), strict=True):
        assert "".join(map(str, digest)) == reference("".join(map(str, row)), 20)[:17]


def test_truncated_digest_is_the_first_bits():
    rows = torch.randint(0, 2, (64, 256), generator=torch.Generator().manual_seed(3))
    whole, short = sha256(rounds=12), sha256(rounds=12, digest_bits=33)
    assert torch.equal(short(rows), whole(rows)[:, :33])
    assert len(short.gates) < len(whole.gates)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5])
def test_adder_exhaustively(width):
    builder = CircuitBuilder(2 * width)
    x, y = builder.inputs[:width], builder.inputs[width:]
    circuit = builder.build(circuit_words.add_prefix(builder, list(x), list(y)))
    rows = torch.tensor(list(itertools.product((0, 1), repeat=2 * width)))
    power = 2 ** torch.arange(width)
    total = (rows[:, :width] @ power + rows[:, width:] @ power) % 2**width
    assert torch.equal(circuit(rows) @ power, total)


def test_word_gadgets_on_random_words():
    draw = random.Random(4)
    builder = CircuitBuilder(3 * 32)
    x, y, z = (list(builder.inputs[i : i + 32]) for i in (0, 32, 64))
    words = [
        circuit_words.add(builder, [x, y, z, circuit_words.constant(0xDEADBEEF, 32), x]),
        circuit_words.majority(builder, x, y, z),
        circuit_words.choose(builder, x, y, z),
        circuit_words.xor3(builder, x, circuit_words.rotate_right(y, 5), z),
        circuit_words.shift_right(x, 9),
        circuit_words.invert(builder, z),
    ]
    circuit = builder.build([wire for word in words for wire in word])
    values = [[draw.getrandbits(32) for _ in range(3)] for _ in range(500)]
    rows = torch.tensor([[v >> i & 1 for v in row for i in range(32)] for row in values])
    power = 2 ** torch.arange(32)
    outputs = (circuit(rows).reshape(-1, 6, 32) @ power).tolist()
    mask = 2**32 - 1
    for (a, b, c), out in zip(values, outputs, strict=True):
        turned = (b >> 5 | b << 27) & mask
        assert out == [
            (a + b + c + 0xDEADBEEF + a) & mask,
            a & b | a & c | b & c,
            a & b | ~a & c & mask,
            a ^ turned ^ c,
            a >> 9,
            c ^ mask,
        ]


@pytest.mark.parametrize(
    ("where", "name", "broken"),
    [
        (module, "rotate_right", lambda word, k: word[k % 31 + 1 :] + word[: k % 31 + 1]),
        (module, "choose", lambda b, e, f, g: circuit_words.choose(b, e, g, f)),
        (module, "majority", circuit_words.xor3),
        (circuit_words, "majority", circuit_words.xor3),
        (module, "fractional_cube_root", module.fractional_square_root),
    ],
)
def test_planted_faults_change_the_hash(monkeypatch, where, name, broken):
    assert reference_agrees(sha256(64, 18, 96), 18, 20, seed=5) == 20
    monkeypatch.setattr(where, name, broken)
    assert reference_agrees(sha256(64, 18, 96), 18, 20, seed=5) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rounds": 0}, r"rounds = 0: must be an integer in \[1, 64\]"),
        ({"rounds": 65}, "rounds = 65"),
        ({"rounds": 1.0}, "rounds = 1.0"),
        ({"digest_bits": 0}, r"digest_bits = 0: must be an integer in \[1, 256\]"),
        ({"digest_bits": 257}, "digest_bits = 257"),
        ({"message_bits": 0}, r"message_bits = 0: must be an integer in \[1, 4096\]"),
        ({"message_bits": 4097}, "message_bits = 4097"),
    ],
)
def test_bad_arguments_are_one_line(arguments, message):
    with pytest.raises(InvalidArgument, match=message):
        sha256(**arguments)
