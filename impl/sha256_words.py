"""The parts of SHA-256 as circuits of their own, for others to certify.

Inputs are words of 32 bits one after the other, each with its least significant bit first; so is
the output. The parts are built by the same functions as the whole.
"""

from collections.abc import Callable

from hardposterior.impl.arguments import reject
from hardposterior.impl.circuit_builder import CircuitBuilder
from hardposterior.impl.circuit_words import Word, add, choose, constant, majority
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.sha256_circuit import (
    WIDTH,
    large_sigma0,
    large_sigma1,
    next_word,
    small_sigma0,
    small_sigma1,
)


def _schedule(builder: CircuitBuilder, *words: Word) -> Word:
    """W_t from W_{t-16}, W_{t-15}, W_{t-7}, W_{t-2}."""
    w16, w15, w7, w2 = words
    unread = constant(0, WIDTH)
    return next_word(builder, [w16, w15, *[unread] * 7, w7, *[unread] * 4, w2, unread])


PARTS: dict[str, tuple[int, Callable[..., Word]]] = {
    "add": (2, lambda builder, *words: add(builder, words)),
    "choose": (3, choose),
    "majority": (3, majority),
    "large_sigma0": (1, large_sigma0),
    "large_sigma1": (1, large_sigma1),
    "small_sigma0": (1, small_sigma0),
    "small_sigma1": (1, small_sigma1),
    "schedule": (4, _schedule),
}


def sha256_part(name: str) -> Circuit:
    """One part of SHA-256; the names are those of FIPS 180-4 in words.

    add x + y; choose Ch(x, y, z); majority Maj(x, y, z); large_sigma0, large_sigma1,
    small_sigma0, small_sigma1 of one word; schedule W_t from W_{t-16}, W_{t-15}, W_{t-7}, W_{t-2}.
    Raises `InvalidArgument` for another name.

    >>> sha256_part("majority").n
    96
    """
    if not isinstance(name, str) or name not in PARTS:
        reject("name", name, f"one of {', '.join(PARTS)}")
    count, part = PARTS[name]
    builder = CircuitBuilder(count * WIDTH)
    words = [list(builder.inputs[i : i + WIDTH]) for i in range(0, builder.n, WIDTH)]
    return builder.build(part(builder, *words))
