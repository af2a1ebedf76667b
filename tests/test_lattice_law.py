"""The unsmoothed lattice law: its table of masses, and draws from it."""

import math
from itertools import pairwise

import mpmath
import pytest
import torch

from hardposterior.impl.lattice import DiscretizedGaussian

mp = mpmath.MPContext()
mp.dps = 60


@pytest.mark.parametrize("spacing", [0.05, 0.7, 4.0, 60.0])
@pytest.mark.parametrize("phase", [0.0, 0.3, -0.5, 7.25])
def test_the_table_is_the_law(spacing, phase):
    points, probabilities = DiscretizedGaussian(spacing, phase).table()
    s, theta = mp.mpf(spacing), mp.mpf(phase)
    steps = [mp.nint(mp.mpf(point) / s - theta) for point in points.tolist()]
    assert all(b - a == 1 for a, b in pairwise(steps))
    exact = [s * (k + theta) for k in steps]
    for point, true in zip(points.tolist(), exact, strict=True):
        assert abs(point - true) <= abs(true) * mp.mpf(2) ** -52
    radius = 20 + 2 * spacing
    low, high = (math.floor(side * radius / spacing - phase) for side in (-1, 1))
    mass = {k: mp.exp(-((s * (k + theta)) ** 2) / 2) for k in range(low, high + 1)}
    total = mp.fsum(mass.values())
    assert mp.fsum(m for k, m in mass.items() if k not in set(steps)) < total * mp.mpf("1e-30")
    for k, probability in zip(steps, probabilities.tolist(), strict=True):
        assert abs(probability - mass[int(k)] / total) <= 1e-14 * mass[int(k)] / total


def test_samples_have_the_table_s_frequencies():
    """Each frequency within 6 standard deviations: false alarm below 1e-7 for the lot.

    A probability wrong by 1 percent at .2 shows as 10 standard deviations.
    """
    law = DiscretizedGaussian(0.5, 0.3)
    points, probabilities = law.table()
    count = 4_000_000
    draws = law.sample((count // 2, 2), torch.Generator().manual_seed(5))
    found, times = draws.unique(return_counts=True)
    assert draws.shape == (count // 2, 2)
    assert torch.isin(found, points).all()
    frequent = probabilities > 1e-4
    seen = torch.zeros_like(probabilities)
    seen[torch.searchsorted(points, found)] = times.double()
    expected = count * probabilities
    deviation = (seen - expected) / (expected * (1 - probabilities)).sqrt()
    assert deviation[frequent].abs().max() < 6
    again = law.sample((count // 2, 2), torch.Generator().manual_seed(5))
    assert torch.equal(draws, again)
    assert law.sample(4, torch.Generator()).shape == (4,)
    assert law.sample((), torch.Generator()).shape == ()


def test_rare_points_are_drawn_by_their_own_sliver_of_the_uniform(monkeypatch):
    """The uniform is replaced by chosen values of its two halves: nothing is left to chance."""
    law = DiscretizedGaussian(1.0, 0.3)
    points, probabilities = law.table()
    order = probabilities.argsort()
    # A uniform at the middle of the sliver that the i-th rarest point owns.
    rising = probabilities[order].cumsum(0)
    middles = rising - probabilities[order] / 2
    coarse = (middles * 2.0**53).floor() * 2.0**-53
    fine = (middles - coarse) * 2.0**53
    assert probabilities.min() < 1e-29
    assert coarse[0] == 0
    parts = iter((coarse, fine))
    monkeypatch.setattr(torch, "rand", lambda *_, **__: next(parts))
    draws = law.sample(len(points), torch.Generator())
    resolved = probabilities[order] > 2.0**-106
    assert torch.equal(draws[resolved], points[order][resolved])


def test_uniforms_are_float64_whatever_the_dtype(monkeypatch):
    seen = []
    rand = torch.rand
    monkeypatch.setattr(torch, "rand", lambda *a, **k: seen.append(k["dtype"]) or rand(*a, **k))
    DiscretizedGaussian(1.0, 0.3, dtype=torch.float32).sample(2, torch.Generator())
    assert seen == [torch.float64, torch.float64]
