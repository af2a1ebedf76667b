"""Error-free sums and products against fractions: exact where they say so, else within 2^-100."""

from fractions import Fraction

import pytest
import torch

from hardposterior.impl import exact_arithmetic as exact


def drawn(seed, wide=40):
    """500 positive numbers over 2 wide powers of two, some far larger than their partners."""
    generator = torch.Generator().manual_seed(seed)
    mantissa = 1 + torch.rand(500, dtype=torch.float64, generator=generator)
    power = torch.randint(-wide, wide, (500,), generator=generator)
    return torch.ldexp(mantissa, power)


def fractions(*parts):
    """The exact sums of the parts, element by element."""
    return [sum(map(Fraction, row)) for row in zip(*(p.tolist() for p in parts), strict=True)]


def pair(seed):
    """A pair: a head, and a tail of at most half a unit in its last place."""
    head = drawn(seed)
    return head, head * 2.0**-54 * (drawn(seed + 1, 1) - 1.5)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_and_its_error_are_the_sum(sign):
    a, b = drawn(1), sign * drawn(2)
    s, e = exact.two_sum(a, b)
    assert torch.equal(s, a + b)
    assert fractions(s, e) == fractions(a, b)


def test_a_product_and_its_error_are_the_product():
    a, b = drawn(3), drawn(4)
    p, e = exact.two_prod(a, b)
    assert torch.equal(p, a * b)
    assert fractions(p, e) == [x * y for x, y in zip(fractions(a), fractions(b), strict=True)]


def test_halves_add_up_and_have_few_bits():
    a = drawn(5)
    high, low = exact.halves(a)
    assert fractions(high, low) == fractions(a)
    for half in (high, low):
        mantissa = torch.frexp(half)[0] * 2.0**26
        assert torch.equal(mantissa, mantissa.round())


@pytest.mark.parametrize(
    ("function", "meant", "error"),
    [
        (exact.pair_sum, lambda x, y: x + y, 2.0**-102),
        (exact.pair_product, lambda x, y: x * y, 2.0**-102),
        (exact.pair_quotient, lambda x, y: x / y, 2.0**-100),
    ],
)
def test_arithmetic_of_pairs(function, meant, error):
    x, y = pair(6), pair(8)
    found = fractions(*function(x, y))
    right = [meant(a, b) for a, b in zip(fractions(*x), fractions(*y), strict=True)]
    assert max(abs(f / r - 1) for f, r in zip(found, right, strict=True)) < error


def test_the_leading_part_is_the_nearest_multiple_of_its_step():
    a = drawn(10)
    step = exact.leading_unit(a)
    part = exact.leading_part(a, step)
    assert torch.equal(torch.frexp(step)[0].abs(), torch.full_like(step, 0.5))
    assert ((a / step).abs() >= 2.0**29).all()
    assert ((a / step).abs() < 2.0**30).all()
    assert torch.equal(part / step, (part / step).round())
    assert ((a - part).abs() <= step / 2).all()
