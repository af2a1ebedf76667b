"""SHA-256 in parts: netlists proved equal to bit-vector arithmetic, constants to their roots."""

from collections.abc import Callable, Mapping
from typing import Any

import z3
from flint import arb
from flint import ctx as flint_context

from hardposterior.proofs_checks.solver import equals_on_words
from hardposterior.spec import sha256
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted


def turned(x: Any, *places: int) -> Any:
    """The exclusive or of rotations to the right."""
    total = z3.RotateRight(x, places[0])
    for place in places[1:]:
        total = total ^ z3.RotateRight(x, place)
    return total


def schedule(w16: Any, w15: Any, w7: Any, w2: Any) -> Any:
    """W_t of the message schedule, from W_{t-16}, W_{t-15}, W_{t-7}, W_{t-2}."""
    s0 = turned(w15, 7, 18) ^ z3.LShR(w15, 3)
    s1 = turned(w2, 17, 19) ^ z3.LShR(w2, 10)
    return s1 + w7 + s0 + w16


PARTS: Mapping[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "choose": lambda x, y, z: (x & y) ^ (~x & z),
    "majority": lambda x, y, z: (x & y) ^ (x & z) ^ (y & z),
    "large_sigma0": lambda x: turned(x, 2, 13, 22),
    "large_sigma1": lambda x: turned(x, 6, 11, 25),
    "small_sigma0": lambda x: turned(x, 7, 18) ^ z3.LShR(x, 3),
    "small_sigma1": lambda x: turned(x, 17, 19) ^ z3.LShR(x, 10),
    "schedule": schedule,
}
"""FIPS 180-4 on bit vectors of 32 bits."""


@evidence(sha256.SHA256, kind="exhaustive", scope="step", needs=("sha256_part",))
def netlists_of_the_parts_equal_bit_vector_arithmetic(run: Run) -> Outcome:
    """z3, for all inputs: adder, Ch, Maj, all four sigmas, and the message schedule."""
    for name, function in PARTS.items():
        outcome = equals_on_words(name, run.implementation.sha256_part(name), function)
        if outcome.status != "proved":
            return outcome
    return proved(len(PARTS), detail=f"all inputs of {', '.join(PARTS)}")


def first_primes(count: int) -> list[int]:
    """The first primes."""
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def fraction_in_32_bits(root: arb) -> int:
    """The first 32 bits of the fractional part; `ValueError` if the ball does not decide them."""
    digits = ((root - root.floor()) * 2**32).floor().unique_fmpz()
    if digits is None:
        raise ValueError(f"{root} is too wide")
    return int(digits)


@evidence(sha256.SHA256, kind="certified", scope="step")
def constants_are_digits_of_roots_of_primes(run: Run) -> Outcome:
    """Balls: K and H are the first 32 bits of the fractional parts of cube and square roots."""
    del run
    primes = first_primes(sha256.ROUNDS)
    before, flint_context.prec = flint_context.prec, 128
    try:
        cubes = [fraction_in_32_bits(arb(prime).root(3)) for prime in primes]
        squares = [fraction_in_32_bits(arb(prime).sqrt()) for prime in primes[:8]]
    finally:
        flint_context.prec = before
    stated = sha256.ROUND_CONSTANTS + sha256.INITIAL_HASH
    for place, (found, expected) in enumerate(zip(cubes + squares, stated, strict=True)):
        if found != expected:
            return refuted(f"constant {place} is {found:08x}, stated as {expected:08x}")
    return proved(len(stated))
