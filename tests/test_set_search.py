"""Candidate sets: every kind is proposed, in both directions. What is missed costs power only."""

import numpy as np

from hardposterior.impl.closed_sets import Balls, HalfSpace, Outside, Slab
from hardposterior.impl.set_search import candidate_sets, directions


def clouds(count=200):
    """A narrow cloud inside a wide one, in the plane."""
    draw = np.random.default_rng(1)
    return 0.3 * draw.standard_normal((count, 2)), 3 * draw.standard_normal((count, 2))


def test_normals_come_with_both_signs():
    for dim in (1, 2, 5):
        draw = np.random.default_rng(dim)
        p, q = draw.standard_normal((2, 50, dim))
        found = np.array(directions(p, q))
        assert np.allclose(np.linalg.norm(found, axis=1), 1)
        assert all(np.isclose(found, -normal).all(axis=1).any() for normal in found)


def test_every_kind_is_proposed_and_the_ball_about_the_mean_tells_the_clouds_apart():
    p, q = clouds()
    found = list(candidate_sets(p, q, 0.1, directions(p, q)))
    assert {type(candidate) for candidate in found} == {HalfSpace, Slab, Outside, Balls}
    (ball,) = (a for a in found if isinstance(a, Balls) and np.allclose(a.centers, p.mean(axis=0)))
    assert ball.contains(p).mean() - ball.within(q, 0.1).mean() > 0.8
