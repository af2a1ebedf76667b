"""Words and hidden functions: what is checked of them, and what is refused in one line."""

import pytest
import torch

from hardposterior.impl import words
from hardposterior.impl.arguments import InvalidArgument


class Parity:
    """One bit of n, called on tensors of bits."""

    n, m = 3, 1

    def __call__(self, bits):
        return bits.sum(-1, keepdim=True) % 2


class Wrong(Parity):
    """Whatever `image` makes of the bits."""

    def __init__(self, image):
        self.image = image

    def __call__(self, bits):
        return self.image(bits)


def test_a_condition_holds_everywhere_or_not():
    assert words.holds(torch.tensor([True, True]))
    assert not words.holds(torch.tensor([True, False]))
    torch.func.vmap(lambda x: x * words.holds(x > 1))(torch.zeros(2))  # taken on trust there


@pytest.mark.parametrize(
    ("bits", "line"),
    [
        (torch.tensor([0, 1, 2]), r"^bits = 2: must be bits, 0 or 1$"),
        (torch.tensor([0, 1]), r"^bits.shape = \(2,\): must be \(..., 3\)$"),
        (torch.tensor(1), r"^bits.shape = \(\): must be"),
        ([0, 1, 1], r"^bits = \[0, 1, 1\]: must be a tensor"),
    ],
)
def test_bits_of_the_wrong_kind_are_refused(bits, line):
    with pytest.raises(InvalidArgument, match=line):
        words.checked_bits("bits", bits, 3)


@pytest.mark.parametrize(
    ("image", "line"),
    [
        (lambda bits: bits, r"function\(bits\).shape = \(2, 3\): must be \(..., 1\)"),
        (lambda bits: bits[:1, :1], r"function\(bits\).shape = \(1, 1\): must be \(2, 1\)"),
        (lambda bits: 2 + bits[..., :1], r"function\(bits\) = 2: must be bits"),
    ],
)
def test_a_function_is_probed_before_it_is_taken(image, line):
    assert words.checked_function(Parity()).m == 1
    with pytest.raises(InvalidArgument, match=line):
        words.checked_function(Wrong(image))


def test_sums_over_too_many_words_are_refused():
    many = Parity()
    many.n = words.LARGEST_N
    assert words.enumerable(many, "wait") == 20
    many.n += 1
    with pytest.raises(InvalidArgument, match=r"^function.n = 21: must be at most 20 .*; wait$"):
        words.enumerable(many, "wait")
