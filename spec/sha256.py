"""SHA-256 on bits as FIPS 180-4 states it, with fewer rounds and shorter digests for ladders.

Bit 0 is the first bit of the message: the most significant bit of its first byte. With fewer than
64 rounds every block runs the first rounds only; the chaining value is added afterwards as usual.
"""

from hardposterior.spec.circuits import Bits, bits_of, number_of
from hardposterior.spec.statements import STATEMENTS, Definition, Domain

WORD = 32
MODULUS = 1 << WORD
BLOCK = 512
ROUNDS = 64

ROUND_CONSTANTS_IN_HEX = """
428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5 d807aa98 12835b01 243185be
550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174 e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa
5cb0a9dc 76f988da 983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967 27b70a85
2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85 a2bfe8a1 a81a664b c24b8b70 c76c51a3
d192e819 d6990624 f40e3585 106aa070 19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f
682e6ff3 748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2
"""
INITIAL_HASH_IN_HEX = "6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19"

ROUND_CONSTANTS = [int(word, 16) for word in ROUND_CONSTANTS_IN_HEX.split()]
"""First 32 bits of the fractional parts of the cube roots of the first 64 primes."""

INITIAL_HASH = [int(word, 16) for word in INITIAL_HASH_IN_HEX.split()]
"""First 32 bits of the fractional parts of the square roots of the first eight primes."""


def rotr(x: int, places: int) -> int:
    """Rotation to the right within a word."""
    return (x >> places) | (x << (WORD - places)) % MODULUS


def large_sigma_0(x: int) -> int:
    """Sigma_0, of the working word a."""
    return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22)


def large_sigma_1(x: int) -> int:
    """Sigma_1, of the working word e."""
    return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25)


def small_sigma_0(x: int) -> int:
    """sigma_0, of the message schedule."""
    return rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3)


def small_sigma_1(x: int) -> int:
    """sigma_1, of the message schedule."""
    return rotr(x, 17) ^ rotr(x, 19) ^ (x >> 10)


def choice(x: int, y: int, z: int) -> int:
    """Ch: bits of y where x has a one, of z where it has a zero."""
    return (x & y) ^ (~x & z) % MODULUS


def majority(x: int, y: int, z: int) -> int:
    """Maj: the bit that at least two of the three have."""
    return (x & y) ^ (x & z) ^ (y & z)


def padded(message: Bits) -> list[int]:
    """The message, a one, as few zeros as possible, and its length in 64 bits: whole blocks."""
    bits = [*message, 1]
    while len(bits) % BLOCK != BLOCK - 64:
        bits.append(0)
    return bits + bits_of(len(message), 64)


def schedule(block: Bits) -> list[int]:
    """The 64 words W_t of a block."""
    words = [number_of(block[WORD * t : WORD * (t + 1)]) for t in range(16)]
    for t in range(16, ROUNDS):
        fresh = small_sigma_1(words[t - 2]) + words[t - 7]
        fresh += small_sigma_0(words[t - 15]) + words[t - 16]
        words.append(fresh % MODULUS)
    return words


def compressed(chaining: list[int], block: Bits, rounds: int) -> list[int]:
    """The chaining value after one block."""
    words = schedule(block)
    a, b, c, d, e, f, g, h = chaining
    for t in range(rounds):
        first = h + large_sigma_1(e) + choice(e, f, g) + ROUND_CONSTANTS[t] + words[t]
        second = large_sigma_0(a) + majority(a, b, c)
        a, b, c, d, e, f, g, h = (
            *((first + second) % MODULUS, a, b, c),
            *((d + first) % MODULUS, e, f, g),
        )
    after = (a, b, c, d, e, f, g, h)
    return [(old + new) % MODULUS for old, new in zip(chaining, after, strict=True)]


def sha256(message: Bits, rounds: int = ROUNDS, digest_bits: int = 256) -> list[int]:
    """The first `digest_bits` bits of the digest."""
    bits = padded(message)
    chaining = INITIAL_HASH
    for start in range(0, len(bits), BLOCK):
        chaining = compressed(chaining, bits[start : start + BLOCK], rounds)
    return [bit for word in chaining for bit in bits_of(word, WORD)][:digest_bits]


SHA256 = STATEMENTS.state(
    Definition(
        id="one-way-functions.sha256",
        paper="Appendix G",
        relation="own",
        claim="f(x) is the first bits of the SHA-256 digest of the message x, padding included, "
        "with the first rounds of the compression function only where fewer are asked for",
        domain={
            "message": Domain("bits 0 and 1, fewer than 2^64", lambda x: set(x) <= {0, 1}),
            "rounds": Domain("an integer in [1, 64]", lambda r: 1 <= r <= ROUNDS),
            "digest_bits": Domain("an integer in [1, 256]", lambda b: 1 <= b <= 256),
        },
        formulas={"digest": sha256},
        proof="a definition (FIPS 180-4)",
    )
)
