"""Means held to bounds: unresolved ones are drawn again, and every attempt is paid for."""

from types import SimpleNamespace

import numpy as np
import pytest

from hardposterior.properties.weighted_mean import (
    ATTEMPTS,
    ENOUGH,
    Estimate,
    attempts_of,
    estimate_of,
    exceeds,
    means_below,
)
from hardposterior.spec.evidence import Run


def run_of(**options):
    return Run(0, implementation=SimpleNamespace(), **options)


def rare(_, height, count, seed):
    """Nonnegative values, one in 500 of them `height`, the others 1: (estimate, bound 3)."""
    draw = np.random.default_rng(seed)
    return estimate_of(np.where(draw.random(count) < 1 / 500, height, 1.0)), 3.0


def test_a_mean_with_few_events_is_drawn_again():
    found = means_below(run_of(), rare, [(60.0, 2000, 1)])
    assert found.status == "held"
    assert found.cases > 2000
    assert "drawn again" in found.detail


def test_attempts_are_fresh_and_larger():
    tried = attempts_of(100, 7)
    assert [count for count, _ in tried] == [100, 400, 1600]
    assert tried[0][1] == 7
    assert len({seed for _, seed in tried}) == ATTEMPTS
    assert tried == attempts_of(100, 7)


def test_a_mean_that_is_never_resolved_is_undecided():
    found = means_below(run_of(), rare, [(1e9, 100, 1)])
    assert found.status == "undecided"
    assert found.detail.startswith("not resolved")


def test_a_mean_above_its_bound_is_refuted_by_a_call_that_can_be_repeated():
    found = means_below(run_of(), rare, [(2000.0, 100_000, 1)])
    assert found.status == "refuted"
    assert found.counterexample.startswith(f"{__name__}.rare(implementation, 2000.0, ")


def test_every_cell_and_every_attempt_is_paid_for():
    above = Estimate(1.1, 0.05, 1000.0)
    found = means_below(run_of(), lambda *_: (above, 1.0), [(1, 0), (1, 0)])
    assert found.p_value == pytest.approx(exceeds(above, 1.0) * 2 * ATTEMPTS)


def test_looking_thrice_without_paying_would_be_seen():
    """A p-value of .02 that stands on an attempt of its own is no p-value of the whole."""
    attempts = iter([Estimate(1.1, 0.05, 1.0), Estimate(0.9, 0.05, 1000.0)])
    found = means_below(run_of(), lambda *_: (next(attempts), 1.0), [(1, 0)])
    assert found.p_value == pytest.approx(ATTEMPTS * exceeds(Estimate(1.1, 0.05, 1.0), 1.0))


def test_a_mean_a_third_above_its_bound_is_found():
    """150 cells at a false-alarm rate of 1e-6, with no more events than are asked for."""
    error = (4 / 3) / ENOUGH**0.5
    draw = np.random.default_rng(0)
    tests, seen = 150 * ATTEMPTS, 0
    for _ in range(200):
        above = Estimate(4 / 3 + error * draw.standard_normal(), error, ENOUGH)
        seen += exceeds(above, 1.0) * tests < 1e-6
    assert seen >= 180
