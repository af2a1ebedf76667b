"""Uniform hidden words and the bits of their images, a block at a time, for rejection sampling.

Small functions are tabulated: a word is one integer, its image a gathered one. Circuits beyond are
evaluated bit-sliced, 64 words a machine word; any other function is called on tensors of bits.
"""

from typing import Any, Protocol

import numpy as np
import torch

from hardposterior.impl.bitsliced import pack, unpack
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.words import all_words, image_bits

TABULATED_N = 16
TABULATED_M = 62  # bits of an image in one int64


def pick(values: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    """values[indices] along the first dimension, by the quickest of torch's ways."""
    return values.index_select(0, indices)


class WordBlock(Protocol):
    """The words of one block."""

    def keep(self, kept: torch.Tensor) -> None:
        """Forget all words but those at `kept`, indices into the words that are left."""

    def image(self, j: int) -> torch.Tensor:
        """Bit j of the image of every word that is left, int64."""

    def bits(self) -> torch.Tensor:
        """The words that are left, bits (k, n), int64."""


class WordSource(Protocol):
    """Draws blocks of uniform words."""

    def draw(self, size: int, generator: torch.Generator) -> WordBlock:
        """`size` independent uniform words."""


def word_source(function: Any) -> WordSource:
    """The quickest source of words and images for `function`."""
    if function.n <= TABULATED_N and function.m <= TABULATED_M:
        return Tabulated(function)
    return Sliced(function)


class Tabulated:
    """Every image in one table of 2^n integers, made once."""

    def __init__(self, function: Any) -> None:
        self.n = int(function.n)
        places = torch.arange(int(function.m))
        images = [image_bits(function, words).cpu() << places for words in all_words(self.n)]
        self.table = torch.cat([image.sum(-1) for image in images])

    def draw(self, size: int, generator: torch.Generator) -> "TabulatedBlock":
        """`size` independent uniform words."""
        words = torch.randint(0, 1 << self.n, (size,), generator=generator)
        return TabulatedBlock(self.n, words, pick(self.table, words))


class TabulatedBlock:
    """Words and images as integers."""

    def __init__(self, n: int, words: torch.Tensor, images: torch.Tensor) -> None:
        self.n, self.words, self.images = n, words, images

    def keep(self, kept: torch.Tensor) -> None:
        """Forget all words but those at `kept`."""
        self.words, self.images = pick(self.words, kept), pick(self.images, kept)

    def image(self, j: int) -> torch.Tensor:
        """Bit j of every image."""
        return (self.images >> j) & 1

    def bits(self) -> torch.Tensor:
        """The words, most significant bit first."""
        return (self.words[:, None] >> torch.arange(self.n - 1, -1, -1)) & 1


class Sliced:
    """Words as rows of machine words; the function evaluated on all of a block at once."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def draw(self, size: int, generator: torch.Generator) -> "SlicedBlock":
        """`size` independent uniform words."""
        n = int(self.function.n)
        slices = torch.empty(n, -(-size // 64), dtype=torch.int64)
        words = slices.random_(-(2**63), None, generator=generator).numpy().view(np.uint64)
        if isinstance(self.function, Circuit):
            images = self.function.bitsliced.words(words)
        else:
            bits = torch.from_numpy(unpack(words, size)).to(torch.int64)
            images = pack(image_bits(self.function, bits).numpy())
        return SlicedBlock(words, images, size)


class SlicedBlock:
    """Words and images as rows of machine words, place i in bit i % 64 of column i / 64."""

    def __init__(self, words: Any, images: Any, size: int) -> None:
        self.words = torch.from_numpy(words.view(np.int64))
        self.images = torch.from_numpy(images.view(np.int64))
        self.places = torch.arange(size)

    def keep(self, kept: torch.Tensor) -> None:
        """Forget all words but those at `kept`."""
        self.places = pick(self.places, kept)

    def image(self, j: int) -> torch.Tensor:
        """Bit j of every image."""
        return (pick(self.images[j], self.places >> 6) >> (self.places & 63)) & 1

    def bits(self) -> torch.Tensor:
        """The words as bits."""
        return ((self.words[:, self.places >> 6] >> (self.places & 63)) & 1).T.contiguous()
