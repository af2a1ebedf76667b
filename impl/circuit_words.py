"""Arithmetic on words of wires: rotations, carry-save sums and a parallel-prefix adder.

A word is a list of wires of a `CircuitBuilder`, least significant bit first, and addition is modulo
2^width. Sums of many words are reduced by full adders (XOR3 and MAJ) to two words, the earliest
arriving bits first, and the two words are added in logarithmic depth: a ReLU network pays a neuron
for every live wire in every layer, so that a shallow adder with more gates makes it smaller.
"""

import heapq
from collections.abc import Sequence

from hardposterior.impl.circuit_builder import ONE, ZERO, CircuitBuilder

Word = list[int]


def constant(value: int, width: int) -> Word:
    """The word of an integer, modulo 2^width."""
    return [ONE if value >> i & 1 else ZERO for i in range(width)]


def rotate_right(word: Word, places: int) -> Word:
    """Bit i of the result is bit i + places of `word`, cyclically."""
    return word[places:] + word[:places]


def shift_right(word: Word, places: int) -> Word:
    """Bit i of the result is bit i + places of `word`, 0 beyond the end."""
    return word[places:] + [ZERO] * places


def invert(builder: CircuitBuilder, word: Word) -> Word:
    """Every bit negated."""
    return [builder.not_(a) for a in word]


def xor3(builder: CircuitBuilder, x: Word, y: Word, z: Word) -> Word:
    """x + y + z without carries."""
    return [builder.xor(a, b, c) for a, b, c in zip(x, y, z, strict=True)]


def majority(builder: CircuitBuilder, x: Word, y: Word, z: Word) -> Word:
    """Bitwise majority (SHA-256's Maj)."""
    return [builder.maj(a, b, c) for a, b, c in zip(x, y, z, strict=True)]


def choose(builder: CircuitBuilder, e: Word, f: Word, g: Word) -> Word:
    """Bitwise: f where e = 1, g where e = 0 (SHA-256's Ch)."""
    return [builder.mux(a, b, c) for a, b, c in zip(e, f, g, strict=True)]


def add(builder: CircuitBuilder, words: Sequence[Word]) -> Word:
    """The sum of `words` (at least one, all of one width) modulo 2^width."""
    order = [(_arrival(builder, word), index, word) for index, word in enumerate(words)]
    heapq.heapify(order)
    index = len(order)
    while len(order) > 2:
        x, y, z = (heapq.heappop(order)[2] for _ in range(3))
        for word in (xor3(builder, x, y, z), [ZERO, *majority(builder, x, y, z)[:-1]]):
            heapq.heappush(order, (_arrival(builder, word), index, word))
            index += 1
    return add_prefix(builder, order[0][2], order[-1][2]) if len(order) == 2 else order[0][2]


def _arrival(builder: CircuitBuilder, word: Word) -> int:
    """The depth at which the whole word is known."""
    return max(builder.levels[wire] for wire in word)


def add_prefix(builder: CircuitBuilder, x: Word, y: Word) -> Word:
    """x + y modulo 2^width, by Sklansky's parallel prefix: depth 2 + ceil(log2(width - 1)).

    Bit i generates a carry if both bits are 1 and propagates one if exactly one is. After the step
    with a given span, `generate[i]` is the carry out of bits i, i - 1, ... down to the last
    multiple of 2 span, and `propagate[i]` says whether all of them propagate.
    """
    width = len(x)
    half = [builder.xor(a, b) for a, b in zip(x, y, strict=True)]
    propagate = list(half)
    generate = [builder.and_(a, b) for a, b in zip(x, y, strict=True)]
    span = 1
    while span < width - 1:
        for i in range(width - 1):
            if i & span:
                low = (i // span) * span - 1
                generate[i] = builder.mux(propagate[i], generate[low], generate[i])
                propagate[i] = builder.and_(propagate[i], propagate[low])
        span *= 2
    return [builder.xor(p, c) for p, c in zip(half, [ZERO, *generate], strict=False)]
