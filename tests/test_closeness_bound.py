"""The certified lower bound: exact limits, what it finds, choice and test apart, bad input.

How often it exceeds the truth is evidence for `closeness.lower-bound`.
"""

import math

import pytest
import torch
from scipy.special import ndtr
from scipy.stats import binom

from hardposterior.impl import closeness_bound
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.closeness import closeness
from hardposterior.impl.closeness_bound import closeness_lower_bound


def normals(count, dim, generator, mean=0.0, scale=1.0):
    draws = scale * torch.randn(count, dim, generator=generator, dtype=torch.float64)
    draws[:, 0] += mean
    return draws


def shifted_delta(gap, tau):
    """delta of N(0, I) and N(gap e_1, I): move by tau, the rest is total variation."""
    return max(0.0, 2 * float(ndtr((gap - tau) / 2)) - 1)


def lattice(phase):
    """The lattice of spacing 1.1, smoothed by sigma = 0.1."""

    def draw(count, generator):
        points = 1.1 * (torch.arange(-8, 9, dtype=torch.float64) + phase)
        index = torch.multinomial(torch.exp(-(points**2) / 2), count, True, generator=generator)
        return points[index][:, None] + normals(count, 1, generator, scale=0.1)

    return draw


# name: (draw x, draw y, tau, the true delta, the least share of it that must be certified)
POWER = {
    "shift, d = 2": (
        lambda n, g: normals(n, 2, g),
        lambda n, g: normals(n, 2, g, mean=1.5),
        0.2,
        shifted_delta(1.5, 0.2),
        0.55,
    ),
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


def test_a_bound_reads_as_one_line():
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
