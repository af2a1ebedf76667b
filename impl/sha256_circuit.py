"""SHA-256 of a fixed-length message as a circuit (FIPS 180-4), padding included.

Bits are in the order of the standard: bit 0 is the first bit of the message, the most significant
bit of its first byte, and output bit 0 is the most significant bit of the digest's first byte.

A digest of `digest_bits` < 256 is the first bits of the full one. With `rounds` < 64 every block
runs the first `rounds` rounds of the compression function, and the chaining value is added
afterwards as usual. The standard's K and H are computed here from their definition: the first 32
bits of the fractional parts of the cube roots and square roots of the first primes.
"""

from math import isqrt
from typing import NamedTuple

from hardposterior.impl.arguments import integer
from hardposterior.impl.circuit_builder import ONE, ZERO, CircuitBuilder
from hardposterior.impl.circuit_words import (
    Word,
    add,
    choose,
    constant,
    invert,
    majority,
    rotate_right,
    shift_right,
    xor3,
)
from hardposterior.impl.circuits import Circuit

WIDTH = 32
LARGEST_MESSAGE = 4096  # bits


class State(NamedTuple):
    """The eight working words a, b, ..., h of the compression function."""

    a: Word
    b: Word
    c: Word
    d: Word
    e: Word
    f: Word
    g: Word
    h: Word


def sha256(message_bits: int = 256, rounds: int = 64, digest_bits: int = 256) -> Circuit:
    """The circuit of SHA-256 on messages of exactly `message_bits` bits.

    `message_bits` in [1, 4096], `rounds` in [1, 64], `digest_bits` in [1, 256]: else
    `InvalidArgument`. One-way functions, Appendix G.

    >>> sha256(16, rounds=2, digest_bits=8).m
    8
    """
    integer("message_bits", message_bits, 1, LARGEST_MESSAGE)
    integer("rounds", rounds, 1, 64)
    integer("digest_bits", digest_bits, 1, 256)
    builder = CircuitBuilder(message_bits)
    primes = first_primes(64)
    keys = [fractional_cube_root(p) for p in primes]
    chain = State(*(constant(fractional_square_root(p), WIDTH) for p in primes[:8]))
    bits = padded(list(builder.inputs))
    for start in range(0, len(bits), 512):
        block = bits[start : start + 512]
        words = [block[i : i + WIDTH][::-1] for i in range(0, 512, WIDTH)]
        chain = compress(builder, chain, words, keys[:rounds])
    digest = [bit for word in chain for bit in reversed(word)]
    return builder.build(digest[:digest_bits])


def padded(message: list[int]) -> list[int]:
    """The message, a one, zeros, and the message's length in 64 bits: a multiple of 512 bits."""
    length = len(message)
    zeros = -(length + 65) % 512
    return [*message, ONE, *[ZERO] * zeros, *reversed(constant(length, 64))]


def compress(builder: CircuitBuilder, chain: State, block: list[Word], keys: list[int]) -> State:
    """The chaining value after one block of 16 words, with one round for every key."""
    words = list(block)
    state = chain
    for t, key in enumerate(keys):
        if t >= len(block):
            words.append(next_word(builder, words))
        state = one_round(builder, state, words[t], constant(key, WIDTH))
    return State(*(add(builder, [old, new]) for old, new in zip(chain, state, strict=True)))


def next_word(builder: CircuitBuilder, words: list[Word]) -> Word:
    """The message schedule: W_t = s1(W_{t-2}) + W_{t-7} + s0(W_{t-15}) + W_{t-16}."""
    small0, small1 = small_sigma0(builder, words[-15]), small_sigma1(builder, words[-2])
    return add(builder, [small1, words[-7], small0, words[-16]])


def one_round(builder: CircuitBuilder, state: State, word: Word, key: Word) -> State:
    """One round: e' = d + T1 and a' = T1 + T2, the latter as e' - d + T2 to share T1's adders."""
    a, b, c, d, e, f, g, h = state
    large0, large1 = large_sigma0(builder, a), large_sigma1(builder, e)
    new_e = add(builder, [d, h, key, word, large1, choose(builder, e, f, g)])
    minus_d = [invert(builder, d), constant(1, WIDTH)]
    new_a = add(builder, [new_e, *minus_d, large0, majority(builder, a, b, c)])
    return State(new_a, a, b, c, new_e, e, f, g)


def large_sigma0(builder: CircuitBuilder, a: Word) -> Word:
    """Sigma_0 of the working word a."""
    return xor3(builder, rotate_right(a, 2), rotate_right(a, 13), rotate_right(a, 22))


def large_sigma1(builder: CircuitBuilder, e: Word) -> Word:
    """Sigma_1 of the working word e."""
    return xor3(builder, rotate_right(e, 6), rotate_right(e, 11), rotate_right(e, 25))


def small_sigma0(builder: CircuitBuilder, x: Word) -> Word:
    """sigma_0 of the message schedule."""
    return xor3(builder, rotate_right(x, 7), rotate_right(x, 18), shift_right(x, 3))


def small_sigma1(builder: CircuitBuilder, y: Word) -> Word:
    """sigma_1 of the message schedule."""
    return xor3(builder, rotate_right(y, 17), rotate_right(y, 19), shift_right(y, 10))


def first_primes(count: int) -> list[int]:
    """The first `count` primes."""
    primes: list[int] = []
    candidate = 2
    while len(primes) < count:
        if all(candidate % p for p in primes):
            primes.append(candidate)
        candidate += 1
    return primes


def fractional_square_root(prime: int) -> int:
    """The first 32 bits of the fractional part of the square root."""
    return isqrt(prime << 64) & 0xFFFFFFFF


def fractional_cube_root(prime: int) -> int:
    """The first 32 bits of the fractional part of the cube root, by bisection on integers."""
    target = prime << 96
    low, high = 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**3 <= target else (low, middle)
    return low & 0xFFFFFFFF
