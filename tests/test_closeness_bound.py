"""The certified lower bound: exact limits, sets decided on the safe side, coverage and power."""

import math
import os
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch
from scipy.special import ndtr
from scipy.stats import binom

from hardposterior.impl import closeness_bound
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.closed_sets import Balls, HalfSpace, Outside, Slab
from hardposterior.impl.closeness import closeness
from hardposterior.impl.closeness_bound import closeness_lower_bound

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"
REPETITIONS, ALPHAS = (2000, [0.05, 0.5]) if THOROUGH else (100, [0.2])


def normals(count, dim, generator, mean=0.0, scale=1.0):
    draws = scale * torch.randn(count, dim, generator=generator, dtype=torch.float64)
    draws[:, 0] += mean
    return draws


def atoms(points):
    """Equal masses on some points of the line, far enough apart or exactly tau apart."""

    def draw(count, generator):
        table = torch.tensor(points, dtype=torch.float64)
        return table[torch.randint(len(points), (count,), generator=generator)][:, None]

    return draw


def shifted_delta(gap, tau):
    """delta of N(0, I) and N(gap e_1, I): move by tau, the rest is total variation."""
    return max(0.0, 2 * float(ndtr((gap - tau) / 2)) - 1)


# name: (draw x, draw y, tau, the true delta)
CASES = {
    "same law": (lambda n, g: normals(n, 1, g), lambda n, g: normals(n, 1, g), 0.0, 0.0),
    "same law, d = 4": (lambda n, g: normals(n, 4, g), lambda n, g: normals(n, 4, g), 0.1, 0.0),
    "shift": (
        lambda n, g: normals(n, 2, g),
        lambda n, g: normals(n, 2, g, mean=1.5),
        0.2,
        shifted_delta(1.5, 0.2),
    ),
    "atoms tau apart": (atoms([0.1, 1.1]), atoms([0.3, 1.3]), 0.2, 0.0),
    "atoms": (atoms([0.0, 1.0, 2.0]), atoms([0.0, 1.0, 5.0, 5.1, 1.2, 0.1]), 0.25, 1 / 3),
}


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("name", CASES)
def test_bound_exceeds_the_true_delta_at_most_alpha_of_the_time(name, alpha):
    """Exceedances are at most Binomial(repetitions, alpha): false alarm <= 1e-6.

    A set tested on the draws that chose it exceeds nearly always where delta = 0.
    """
    draw_x, draw_y, tau, delta = CASES[name]
    generator = torch.Generator().manual_seed(2024)
    exceeded = 0
    for _ in range(REPETITIONS):
        found = closeness_lower_bound(draw_x(80, generator), draw_y(60, generator), tau, alpha)
        exceeded += found.delta > delta + 1e-12
    assert exceeded <= binom.isf(1e-6, REPETITIONS, alpha)


def lattice(phase):
    """The lattice of spacing 1.1, smoothed by sigma = 0.1."""

    def draw(count, generator):
        points = 1.1 * (torch.arange(-8, 9, dtype=torch.float64) + phase)
        index = torch.multinomial(torch.exp(-(points**2) / 2), count, True, generator=generator)
        return points[index][:, None] + normals(count, 1, generator, scale=0.1)

    return draw


# name: (draw x, draw y, tau, the true delta, the least share of it that must be certified)
POWER = {
    "shift, d = 2": (*CASES["shift"], 0.55),
    "shift, d = 64": (
        lambda n, g: normals(n, 64, g),
        lambda n, g: normals(n, 64, g, mean=1.5),
        0.2,
        shifted_delta(1.5, 0.2),
        0.55,
    ),
    "diagonal shift": (
        lambda n, g: normals(n, 3, g),
        lambda n, g: normals(n, 3, g) + 1.5 / math.sqrt(3),
        0.2,
        shifted_delta(1.5, 0.2),
        0.55,
    ),
    # The rest are deltas of `closeness_from_cdfs`, to its last digits.
    "scale": (
        lambda n, g: normals(n, 1, g),
        lambda n, g: normals(n, 1, g, scale=0.5),
        0.1,
        0.2624,
        0.25,
    ),
    "phases": (lattice(0.0), lattice(0.5), 0.1, 0.9532, 0.85),
    "lattice or normal": (lattice(0.0), lambda n, g: normals(n, 1, g), 0.1, 0.4240, 0.45),
}


@pytest.mark.parametrize("name", POWER)
def test_power(name):
    """4,000 draws a side certify a good part of the true delta at alpha = 1e-6.

    So the upper check alarms falsely with probability 1e-6; the shares asked for lie five standard
    deviations below those seen.
    """
    draw_x, draw_y, tau, delta, share = POWER[name]
    generator = torch.Generator().manual_seed(6)
    for swap in (False, True):
        x, y = draw_x(4000, generator), draw_y(4000, generator)
        if swap:
            x, y = y, x
        found = closeness_lower_bound(x, y, tau, 1e-6)
        assert share * delta <= found.delta <= delta


@pytest.mark.parametrize("alpha", [0.3, 0.01])
def test_the_reported_counts_give_the_bound(alpha):
    """Recount the odd rows, and check both limits against the binomial law at alpha / 2."""
    generator = torch.Generator().manual_seed(1)
    x, y = normals(500, 2, generator), normals(300, 2, generator, mean=2.0)
    found = closeness_lower_bound(x, y, 0.3, alpha)
    ours, theirs = (x, y) if found.more == "x" else (y, x)
    inside = found.witness.contains(ours.numpy()[1::2]).sum()
    near = found.witness.within(theirs.numpy()[1::2], 0.3).sum()
    assert (found.inside, found.near) == (inside, near)
    assert (found.inside_of, found.near_of) == (len(ours) // 2, len(theirs) // 2)
    # The lower limit p has Pr[Bin(n, p) >= inside] = alpha / 2; the upper one is found from delta.
    low = closeness_bound.binomial_lower(found.inside, found.inside_of, alpha / 2)
    high = low - found.delta
    assert binom.sf(found.inside - 1, found.inside_of, low) == pytest.approx(alpha / 2, rel=1e-9)
    assert binom.cdf(found.near, found.near_of, high) == pytest.approx(alpha / 2, rel=1e-9)


def test_limits_at_the_ends():
    assert closeness_bound.binomial_lower(0, 50, 0.01) == 0
    assert closeness_bound.binomial_lower(50, 50, 0.01) == pytest.approx(0.01 ** (1 / 50))


def test_the_choosing_half_does_not_touch_the_test():
    """Other draws in the tested rows: the same set. Other draws in the choosing rows: another."""
    generator = torch.Generator().manual_seed(3)
    x, y = normals(200, 2, generator), normals(200, 2, generator, mean=1.0)
    changed = x.clone()
    changed[1::2] = normals(100, 2, generator, scale=3.0)
    before, after = (closeness_lower_bound(side, y, 0.1, 0.05) for side in (x, changed))
    assert str(before.witness) == str(after.witness)
    assert before.more == after.more
    assert before != after


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
    generator = torch.Generator().manual_seed(0)
    found = closeness_lower_bound(
        normals(400, 1, generator), normals(400, 1, generator, mean=3.0), 0.5, 0.05
    )
    assert str(found).startswith(f"delta >= {found.delta:.4g} at tau = 0.5, confidence 0.95: ")
    assert str(found.witness) in str(found)
    assert "\n" not in str(found)


def test_the_bound_on_the_laws_is_below_the_delta_of_the_samples():
    """Not a theorem, but here the upward bias of the samples shows: delta of the laws is 0."""
    generator = torch.Generator().manual_seed(8)
    x, y = normals(300, 4, generator), normals(300, 4, generator)
    assert closeness(x, y, 0.3) > 0.5
    assert closeness_lower_bound(x, y, 0.3, 0.05).delta == 0


X = torch.zeros(8, 2)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((X, X, -1, 0.05), "tau = -1: must be a finite number >= 0"),
        ((X, X, 1, 0.0), "alpha = 0.0: must be"),
        ((X, X, 1, 1.0), r"alpha = 1.0: must be in \(0, 1\)"),
        ((X, X, 1, math.nan), "alpha = nan: must be"),
        ((X[:3], X, 1, 0.05), "x = '3 rows': must be at least 4 rows"),
        ((X, X[:0], 1, 0.05), r"y = 'shape \(0, 2\)': must be"),
        ((X, X[:, :1], 1, 0.05), "y = 'points of dimension 1': must be of dimension 2"),
        ((X, X / 0, 1, 0.05), "y = 'NaN or infinity': must be finite"),
    ],
)
def test_bad_arguments_are_one_line(args, message):
    with pytest.raises(InvalidArgument, match=message) as caught:
        closeness_lower_bound(*args)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rows", [4, 5, 7])
@pytest.mark.parametrize("tau", [0.0, 1.0])
def test_small_and_degenerate_samples_work(rows, tau):
    same = torch.ones(rows, 3)
    found = closeness_lower_bound(same, same, tau, 0.05)
    assert found.delta == 0
    apart = closeness_lower_bound(same, same + 9, tau, 0.9)
    assert 0 <= apart.delta <= 1
