"""Closed sets of the certified bound: decided on the safe side, no larger than needed, readable."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from hardposterior.impl.closed_sets import Balls, HalfSpace, Outside, Slab


def exact_answers(chosen, point, tau):
    """Whether a point lies in the set, and within tau of it, in exact arithmetic."""
    x, tau = [Fraction(value) for value in point], Fraction(tau)
    if isinstance(chosen, HalfSpace):
        normal = [Fraction(value) for value in chosen.normal.tolist()]
        short = Fraction(chosen.level) - sum(a * b for a, b in zip(normal, x, strict=True))
        return short <= 0, short <= 0 or short**2 <= tau**2 * sum(a * a for a in normal)
    if isinstance(chosen, Slab):
        at, low, high = x[chosen.axis], Fraction(chosen.low), Fraction(chosen.high)
        return low <= at <= high, low - tau <= at <= high + tau
    centers = chosen.centers if isinstance(chosen, Balls) else chosen.center[None, :]
    square = min(
        sum((a - Fraction(b)) ** 2 for a, b in zip(x, center, strict=True))
        for center in centers.tolist()
    )
    radius = Fraction(chosen.radius)
    if isinstance(chosen, Balls):
        return square <= radius**2, square <= (radius + tau) ** 2
    return square >= radius**2, tau >= radius or square >= (radius - tau) ** 2


@pytest.mark.parametrize("dim", [1, 2])
def test_sets_err_on_the_safe_side(dim):
    """'in A' and 'not within tau of A' are true in exact arithmetic, though float64 ties."""
    points = np.array(list(product([0.1 * k for k in range(-6, 7)], repeat=dim)))
    center = points[len(points) // 2 + 1]
    slanted = np.array([0.6, 0.8])[:dim] / np.linalg.norm(np.array([0.6, 0.8])[:dim])
    sets = [
        *(HalfSpace(np.eye(dim)[0], level) for level in (0.1, 0.3, 0.6)),
        HalfSpace(slanted, 0.1),
        HalfSpace(-slanted, 0.3),
        Slab(0, -0.2, 0.1),
        *(Outside(center, radius) for radius in (0.3, 0.5)),
        *(Balls(center[None, :], radius) for radius in (0.1, 0.2, 0.5)),
        Balls(points[:: len(points) // 3], 0.1),
    ]
    for chosen, tau in product(sets, (0.0, 0.1, 0.2, 0.3, 0.7)):
        inside, near = chosen.contains(points), chosen.within(points, tau)
        assert near[inside].all()
        for point, is_inside, is_near in zip(points, inside, near, strict=True):
            really_inside, really_near = exact_answers(chosen, point, tau)
            assert really_inside or not is_inside, (str(chosen), point)
            assert is_near or not really_near, (str(chosen), tau, point)


def neighbours(value, steps=3):
    """The floats around a value, a few units in the last place to each side."""
    return [value + k * np.spacing(value) for k in range(-steps, steps + 1)]


@pytest.mark.parametrize("kind", ["ball", "outside", "half-space", "slab"])
def test_sets_err_on_the_safe_side_at_the_last_bit(kind):
    """Random points, with the boundary of the set or of its neighbourhood moved onto them."""
    generator = np.random.default_rng(4)
    for _ in range(60):
        center, point, other = generator.uniform(-1, 1, (3, 2))
        normal = other / np.linalg.norm(other)
        distance, height = float(np.linalg.norm(point - center)), float(point @ normal)
        tau = generator.uniform(0, distance / 2)
        for reach in neighbours(tau):
            made = {
                "ball": [
                    Balls(center[None, :], r) for r in (*neighbours(distance), distance - tau)
                ],
                "outside": [Outside(center, r) for r in (*neighbours(distance), distance + tau)],
                "half-space": [HalfSpace(normal, c) for c in (*neighbours(height), height + tau)],
                "slab": [Slab(0, float(point[0]) + tau, 9.0), Slab(0, -9.0, float(point[0]) - tau)],
            }
            for chosen in made[kind]:
                really_inside, really_near = exact_answers(chosen, point, reach)
                assert really_inside or not chosen.contains(point[None, :])[0]
                assert chosen.within(point[None, :], reach)[0] or not really_near


def test_neighbourhoods_are_no_larger_than_they_must_be():
    """A hair beyond the boundary a point is out of the set, and out of its neighbourhood."""
    hair = 1e-9
    at = np.array([[1.0, 0.0], [1 + hair, 0], [1 - hair, 0], [1.5 + hair, 0], [0.5 - hair, 0]])
    half = HalfSpace(np.array([1.0, 0.0]), 1.0)
    ball = Balls(np.array([[0.0, 0.0]]), 1.0)
    outside = Outside(np.array([0.0, 0.0]), 1.0)
    slab = Slab(0, 0.9, 1.0)
    assert half.contains(at)[1:3].tolist() == [True, False]
    assert half.within(at, 0.5).tolist() == [True, True, True, True, False]
    assert ball.contains(at)[1:3].tolist() == [False, True]
    assert ball.within(at, 0.5).tolist() == [True, True, True, False, True]
    assert outside.contains(at)[1:3].tolist() == [True, False]
    assert outside.within(at, 0.5).tolist() == [True, True, True, True, False]
    assert slab.contains(at).tolist() == [True, False, True, False, False]
    assert slab.within(at, 0.4).tolist() == [True, True, True, False, False]


def test_witnesses_are_readable():
    assert str(HalfSpace(np.array([0.0, -1.0]), 0.25)) == "-1 x[1] >= 0.25"
    assert str(Slab(3, -1.0, 0.5)) == "-1 <= x[3] <= 0.5"
    assert str(Outside(np.zeros(5), 2.0)).endswith("about (0, 0, 0, 0, ... 5 coordinates)")
    assert str(Balls(np.array([[1.0, 2.0]]), 0.5)) == "the ball of radius 0.5 about (1, 2)"
    assert str(Balls(np.zeros((7, 2)), 0.5)) == "the union of 7 balls of radius 0.5"
    line = Balls(np.array([[3.0], [0.0], [0.5]]), 0.3)
    assert str(line) == "the intervals [-0.3, 0.8], [2.7, 3.3]"
