"""Likeness to the sampler's draws: Lipschitz as it says, and telling where nothing else is."""

import pytest
import torch

from hardposterior.properties.audit.likeness import FEWEST, MOST, likeness, likenesses, repetition
from hardposterior.properties.audit.proposals import directions
from hardposterior.properties.audit.sets import values


def signs(count, generator, positive):
    """Normal draws in three dimensions; `positive`: the product of their signs always is."""
    x = torch.randn(count, 3, generator=generator, dtype=torch.float64)
    if positive:
        x[x.prod(-1) < 0, 0] *= -1
    return x


@pytest.fixture(params=range(3))
def generator(request):
    return torch.Generator().manual_seed(request.param)


def gap(feature, generator):
    """The largest difference of the two cumulative laws, on 4,000 fresh draws of each."""
    q, p = (
        values(feature, signs(4_000, generator, positive)).sort().values
        for positive in (True, False)
    )
    both = torch.cat([q, p])
    below = (torch.searchsorted(v, both, right=True).double() / len(v) for v in (q, p))
    q_below, p_below = below
    return float((q_below - p_below).abs().max())


def test_it_shows_a_product_of_signs_that_no_direction_shows(generator):
    """Half of the mass is missing. 4,000 draws: .05 by chance has probability below 1e-4."""
    q, p = (signs(1_000, generator, positive) for positive in (True, False))
    alike = likeness(q, p, 1e-3)
    assert alike.kind == "joint shape"
    assert gap(alike, generator) > 0.2
    assert all(gap(feature, generator) < 0.2 for feature in directions(q, p))


def test_equal_laws_differ_by_chance_alone(generator):
    """The references themselves are like their own kind; fresh draws are not."""
    q, p = (signs(1_000, generator, False) for _ in range(2))
    alike = likeness(q, p, 1e-3)
    fresh = [values(alike, signs(8_000, generator, False)) for _ in range(2)]
    mean, spread = fresh[0].mean() - fresh[1].mean(), fresh[0].std()
    assert abs(mean) < 5 * spread * (2 / 8_000) ** 0.5
    assert values(alike, q[:400]).mean() > values(alike, p[:400]).mean() + spread / 2


@pytest.mark.parametrize("scales", [(1.0, 1.0, 1.0), (1.0, 1e-4, 30.0), (1.0, 0.0, 1.0)])
@pytest.mark.parametrize("tau", [0.0, 1e-3, 0.5])
def test_it_is_lipschitz_as_it_says(generator, scales, tau):
    """Random steps, steps along the narrowest axis, and steps from a reference itself."""
    scales = torch.tensor(scales, dtype=torch.float64)
    q, p = (signs(300, generator, positive) * scales for positive in (True, False))
    alike = likeness(q, p, tau)
    x = torch.cat([signs(500, generator, False) * scales, q[:100], p[:100]])
    step = torch.randn(x.shape, generator=generator, dtype=torch.float64)
    step[::2] *= scales + 1e-12
    step *= 10 ** torch.empty(len(x), 1, dtype=torch.float64).uniform_(-6, 1, generator=generator)
    moved = (alike.map(x + step) - alike.map(x)).abs()
    allowed = alike.lipschitz * step.norm(dim=-1)
    assert bool((moved <= allowed * (1 + 1e-9) + 1e-9 * (1 + alike.map(x).abs())).all())


def test_a_direction_narrower_than_tau_is_not_stretched():
    generator = torch.Generator().manual_seed(0)
    thin = torch.tensor([1.0, 1e-6, 1.0], dtype=torch.float64)
    q, p = (signs(300, generator, positive) * thin for positive in (True, False))
    assert likeness(q, p, 1e-3).lipschitz * 1e-3 <= 0.1 * (1 + 1e-12)


def test_of_few_draws_there_is_none_and_of_many_some_are_looked_at():
    generator = torch.Generator().manual_seed(0)
    q, p = (signs(FEWEST, generator, positive) for positive in (True, False))
    assert not [*likenesses(q[1:], p, 1e-3), *likenesses(q, p[1:], 1e-3)]
    assert [feature.most for feature in likenesses(q, p, 1e-3)] == [MOST, MOST]


@pytest.mark.parametrize("size", [1e8, 1e30, 1e100])
def test_draws_far_away_do_not_spoil_it(generator, size):
    """Half of the sampler's draws are far off, of the compared ones too: values stay exact."""
    q, p = (signs(300, generator, positive) for positive in (True, False))
    q[::2] *= size
    alike = likeness(q, p, 1e-3)
    x = signs(1_000, generator, False)
    assert bool(values(alike, torch.cat([x, x * size])).isfinite().all())
    again = likeness(q[torch.arange(299, -1, -1)], p, 1e-3)
    assert torch.allclose(alike.map(x), again.map(x), rtol=0, atol=1e-9)


@pytest.mark.parametrize("dim", [1, 3, 20])
def test_the_nearest_other_draw(generator, dim):
    q, x = (torch.randn(200, dim, generator=generator, dtype=torch.float64) for _ in range(2))
    expected = torch.cdist(x, q, compute_mode="donot_use_mm_for_euclid_dist").amin(-1)
    feature = repetition(q)
    assert torch.allclose(feature.map(x), expected, rtol=1e-12, atol=0)
    assert bool((feature.map(q) == 0).all())
    assert feature.lipschitz == 1
    assert feature.most < MOST or dim < 20
