"""Where a general mutation tool found `lattice` untested: limits, devices, ends of the table.

`make cosmic` mutates the module; each test here kills a mutant that all others had let live.
"""

import math

import mpmath
import pytest
import torch

from hardposterior.impl import lattice
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.lattice import DiscretizedGaussian

mp = mpmath.MPContext()
mp.dps = 60

X = torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(2, 3)


@pytest.mark.parametrize("end", [1e-50, 1e50])
def test_spacing_and_sigma_may_be_as_small_and_large_as_promised_and_no_more(end):
    beyond = math.nextafter(end, 0.0 if end < 1 else math.inf)
    law = DiscretizedGaussian(1.0, 0.3)
    assert DiscretizedGaussian(end, 0.3).spacing == end
    for sigma in (end, torch.full((3,), end, dtype=torch.float64)):
        assert law.score(X, sigma).isfinite().all()
    for call in (
        lambda: DiscretizedGaussian(beyond, 0.3),
        lambda: law.score(X, beyond),
        lambda: law.score(X, torch.tensor([1.0, beyond, 1.0], dtype=torch.float64)),
    ):
        with pytest.raises(InvalidArgument, match=r"in \[1e-50, 1e50\]"):
            call()


def test_the_first_wrong_level_is_named():
    sigma = torch.tensor([1.0, -2.0, -3.0], dtype=torch.float64)
    with pytest.raises(InvalidArgument, match=r"sigma = -2\.0: "):
        DiscretizedGaussian(1.0, 0.3).score(X, sigma)


def test_no_points_may_come_with_no_levels():
    empty = torch.empty(0, 3, dtype=torch.float64)
    law = DiscretizedGaussian(1.0, 0.3)
    assert law.score(empty, empty + 1).shape == (0, 3)
    assert law.score(empty, torch.ones(3).double()).shape == (0, 3)


def test_one_level_and_two_are_taken_point_by_point():
    law, levels = DiscretizedGaussian(1.0, 0.3), torch.tensor([0.1, 0.7], dtype=torch.float64)
    together = law.score(X[:, :2], levels)
    for i, level in enumerate(levels):
        assert torch.equal(law.score(X[:, i], level), together[:, i])
        assert torch.equal(law.score(X[:, i], level[None]), together[:, i])


@pytest.mark.parametrize(("x", "sigma"), [((1, 3), (2, 3)), ((2, 3), (4, 2, 3)), ((), (1,))])
def test_levels_do_not_make_x_larger(x, sigma):
    with pytest.raises(InvalidArgument, match=r"sigma = .*: must be a shape that"):
        DiscretizedGaussian(1.0, 0.3).score(torch.zeros(x).double(), torch.ones(sigma).double())


def test_dtype_and_device_are_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        DiscretizedGaussian(1.0, 0.3, torch.float32)


def test_what_is_on_another_device_is_refused():
    elsewhere = DiscretizedGaussian(1.0, 0.3, device="meta")
    assert elsewhere.device == torch.device("meta")
    for call, message in (
        (lambda: elsewhere.score(X, 1.0), "x = .*cpu.*: must be on meta, as the law is"),
        (lambda: elsewhere.sample(3, torch.Generator()), "generator = .*: must be on meta"),
        (
            lambda: DiscretizedGaussian(1.0, 0.3).score(X, X[0].to("meta")),
            "sigma = .*meta.*: must be on cpu, as the law is",
        ),
        (lambda: DiscretizedGaussian(1.0, 0.3, device=3.5), "device = 3.5: must be a torch device"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            call()


class Elsewhere(torch.Generator):
    """A generator that says it is on another device."""

    device = torch.device("meta")


def test_a_generator_on_another_device_is_refused():
    with pytest.raises(InvalidArgument, match=r"generator = .*: must be on cpu"):
        DiscretizedGaussian(1.0, 0.3).sample(3, Elsewhere())


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.5, -0.41])
@pytest.mark.parametrize("spacing", [0.0731, 1.0, 4.0, 30.0, 60.0])
def test_the_table_ends_where_the_squares_exceed_the_least_by_150(spacing, phase):
    points, _ = DiscretizedGaussian(spacing, phase).table()
    s, theta = mp.mpf(spacing), mp.mpf(phase)
    many = math.ceil(50 / spacing) + 2
    lattice_points = [s * (k + theta) for k in range(-many, many + 1)]
    least = min(a * a for a in lattice_points)
    inside = [a for a in lattice_points if a * a <= least + 150]
    assert points.tolist() == pytest.approx([float(a) for a in inside], rel=1e-15)


@pytest.mark.parametrize("spacing", [0.31, 0.97, 2.3])
def test_masses_keep_what_their_squares_round_off(spacing):
    """At phase 0 nothing else is rounded before the exponential: 1e-15, not 1e-14."""
    points, probabilities = DiscretizedGaussian(spacing, 0.0).table()
    many = len(points) // 2
    mass = [mp.exp(-((mp.mpf(spacing) * k) ** 2) / 2) for k in range(-many, many + 1)]
    exact = [m / mp.fsum(mass) for m in mass]
    for probability, true in zip(probabilities.tolist(), exact, strict=True):
        assert abs(probability - true) <= 1e-15 * true


@pytest.mark.parametrize("excess", [-0.5, 0.5])
def test_the_last_point_of_the_table_is_the_last_below_150(excess):
    spacing = math.sqrt(150 + excess) / 7
    points, _ = DiscretizedGaussian(spacing, 0.0).table()
    assert len(points) == (15 if excess < 0 else 13)


def test_ten_million_points_are_listed_and_no_more(monkeypatch):
    assert lattice.MOST_POINTS == 10_000_000
    monkeypatch.setattr(lattice, "REACH", 144.0)
    monkeypatch.setattr(lattice, "MOST_POINTS", 24)
    assert len(DiscretizedGaussian(1.0, 0.0).table()[0]) == 25  # 24 steps from end to end
    with pytest.raises(InvalidArgument, match="spacing = "):
        DiscretizedGaussian(0.999, 0.0).table()


def drawn(law, coarse, fine, monkeypatch):
    """What `sample` makes of chosen halves of its uniforms."""
    parts = iter(torch.tensor(half, dtype=torch.float64) for half in (coarse, fine))
    monkeypatch.setattr(torch, "rand", lambda *_, **__: next(parts))
    return law.sample(len(coarse), torch.Generator()).tolist()


def test_slivers_hold_their_lower_ends_and_the_last_one_all_that_rounding_leaves(monkeypatch):
    law = DiscretizedGaussian(3.0, 0.25)
    points, probabilities = law.table()
    order = probabilities.argsort()
    rising = probabilities[order].cumsum(0)
    ends = rising[:-1].tolist()
    assert drawn(law, ends, [0.0] * len(ends), monkeypatch) == points[order][1:].tolist()
    below = 1 - 2.0**-53
    assert drawn(law, [0.0, below], [0.0, below], monkeypatch) == points[order][[0, -1]].tolist()


def test_the_second_half_of_a_uniform_weighs_2_to_the_minus_53(monkeypatch):
    law = DiscretizedGaussian(1.0, 0.3)
    points, probabilities = law.table()
    order = probabilities.argsort()
    rising = probabilities[order].cumsum(0)
    ends = rising[rising < 2.0**-53]
    assert len(ends) >= 5
    for side, drift in ((0, -1e-9), (1, 1e-9)):
        fine = (ends * 2.0**53 * (1 + drift)).tolist()
        expected = points[order][side : side + len(ends)].tolist()
        assert drawn(law, [0.0] * len(ends), fine, monkeypatch) == expected


def test_points_of_one_probability_are_drawn_in_their_order(monkeypatch):
    law = DiscretizedGaussian(2.0, 0.5)
    points, probabilities = law.table()
    assert probabilities.unique().numel() < len(points)
    order = sorted(range(len(points)), key=lambda i: (float(probabilities[i]), i))
    middles = probabilities[order].cumsum(0) - probabilities[order] / 2
    clear = middles > 1e-15  # so that one half of the uniform tells
    found = drawn(law, middles[clear].tolist(), [0.0] * int(clear.sum()), monkeypatch)
    assert found == points[order][clear].tolist()
