"""Exhaustive search for preimages, the baseline that a posterior sampler competes with.

Circuits run bit-sliced, 64 words a machine word; any other function on blocks of bits.
"""

from typing import Any

import numpy as np
import torch

from hardposterior.impl import arguments
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.words import all_words, checked_bits, checked_function, image_bits

LARGEST_SEARCH = 32  # hidden bits
LANE = 6  # low bits of the word's number, counted inside one machine word
BATCH = 2**11  # machine words that are tried at a time

# bit i of the numbers 0 to 63, as one machine word
COUNTER = tuple(sum((k >> i & 1) << k for k in range(64)) for i in range(LANE))


def preimages(function: Any, image: torch.Tensor, *, most: int | None = None) -> torch.Tensor:
    """All words s with f(s) = `image`, bits (m,), in the order of counting; shape (k, n), int64.

    The first bit is most significant. Stops once `most` are found. n <= 32 for circuits, n <= 24
    for any other function. Raises `InvalidArgument`.

    >>> preimages(Circuit(2, (("XOR", (0, 1)),), (2,)), torch.tensor([1])).tolist()
    [[0, 1], [1, 0]]
    """
    checked_function(function)
    wanted = checked_bits("image", image, int(function.m))
    if wanted.dim() != 1:
        arguments.reject("image.shape", tuple(wanted.shape), f"({int(function.m)},)")
    largest = LARGEST_SEARCH if isinstance(function, Circuit) else LARGEST_SEARCH - 8
    n = arguments.integer("function.n", int(function.n), 1, largest)
    if most is not None:
        most = arguments.integer("most", most, 1)
    if isinstance(function, Circuit) and n >= LANE:
        numbers = _numbers(function, wanted, most)
        places = torch.arange(n - 1, -1, -1)
        return (numbers[:, None] >> places) & 1
    found: list[torch.Tensor] = []
    for block in all_words(n, wanted.device):
        found.append(block[(image_bits(function, block) == wanted).all(-1)])
    return torch.cat(found)[:most]


def _numbers(circuit: Circuit, image: torch.Tensor, most: int | None) -> torch.Tensor:
    """The numbers of the preimages, by bit-sliced evaluation in the order of counting."""
    sliced, n = circuit.bitsliced, circuit.n
    flips = np.array([0 if bit else ~np.uint64(0) for bit in image.tolist()], dtype=np.uint64)
    inputs = np.empty((n, BATCH), dtype=np.uint64)
    for i in range(LANE):
        inputs[n - 1 - i] = COUNTER[i]
    found: list[torch.Tensor] = []
    count = 0
    for start in range(0, 1 << (n - LANE), BATCH):
        high = np.arange(start, min(start + BATCH, 1 << (n - LANE)), dtype=np.uint64)
        block = inputs[:, : len(high)]
        for i in range(n - LANE):
            block[n - LANE - 1 - i] = -(high >> np.uint64(i) & np.uint64(1))
        same = np.bitwise_and.reduce(sliced.words(block) ^ flips[:, None])
        for place in np.flatnonzero(same):
            lanes = [k for k in range(64) if int(same[place]) >> k & 1]
            found.append(torch.tensor([(int(high[place]) << LANE) + k for k in lanes]))
            count += len(lanes)
        if most is not None and count >= most:
            break
    return torch.cat(found)[:most] if found else torch.empty(0, dtype=torch.int64)
