"""What statistical checks say they find, planted at just that size; and p-values that are none."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from hardposterior import impl, rooms
from hardposterior.impl import closed_sets
from hardposterior.properties import near_optimality, rejection
from hardposterior.properties.counts import counts_p_value
from hardposterior.spec.evidence import Run


class Replaced:
    """The implementation with one thing replaced."""

    def __init__(self, **replaced):
        self.__dict__.update(replaced)

    def __getattr__(self, name):
        return getattr(impl, name)


def status(identifier, implementation=impl):
    run = Run(7, implementation=implementation, shrink=False)
    return rooms.evidence()[identifier].function(run).status


@pytest.mark.parametrize("mean", [1.2, 3.0, 9.5, 11.0, 40.0])
@pytest.mark.parametrize("level", [1e-3, 1e-7])
def test_counts_raise_no_more_false_alarms_than_stated(mean, level):
    """By the exact law of one cell: the chi-square law fails here, some by factors of hundreds."""
    total = 3000
    law = stats.binom(total, mean / total)
    chances = np.array([1 - mean / total, mean / total])
    wrong = sum(
        law.pmf(k) for k in range(150) if counts_p_value(np.array([total - k, k]), chances) < level
    )
    assert wrong <= level


def test_a_count_where_none_can_be_is_refuted():
    assert counts_p_value(np.array([3000, 1]), np.array([1.0, 0.0])) == 0


def changed(sampler, change):
    """An implementation whose sampler's result is changed."""

    def wrong(*arguments, **options):
        return change(getattr(impl, sampler)(*arguments, **options), *arguments)

    return Replaced(**{sampler: wrong})


def moved_mass(found, law, *_):
    """0.05 of the draws go from the likeliest image to the next."""
    x, generator = found.samples.clone(), torch.Generator().manual_seed(1)
    images = law.function((x[:, : law.n] > 0).long())
    _, label, count = images.unique(dim=0, return_inverse=True, return_counts=True)
    second, first = count.argsort()[-2:]
    share = torch.rand(len(x), generator=generator) < 0.05 * len(x) / count[first]
    goes, pool = share & (label == first), x[label == second]
    x[goes] = pool[torch.randint(len(pool), (int(goes.sum()),), generator=generator)]
    return replace(found, samples=x)


def fewer_proposals(found, *_):
    return replace(found, proposals=round(found.proposals / 1.1))


def more_proposals(found, *_):
    return replace(found, proposals=round(found.proposals / 0.9))


@pytest.mark.parametrize("change", [moved_mass, fewer_proposals, more_proposals])
def test_the_fast_samplers_check_finds_what_it_says(change):
    faulty = changed("fast_rejection_sample", change)
    assert status("rejection-exact/implemented-fast-draws-follow-a-circuit", faulty) == "refuted"


@pytest.mark.parametrize("change", [fewer_proposals, more_proposals])
def test_an_acceptance_rate_off_by_a_tenth_is_refuted(change):
    faulty = changed("rejection_sample", change)
    assert status("rejection-exact.rounds/implemented-proposals-are-geometric", faulty) == "refuted"


@pytest.mark.parametrize("direction", rejection.DIRECTIONS)
def test_draws_shifted_by_a_tenth_of_their_deviation_are_refuted(direction):
    axis = torch.tensor(direction, dtype=torch.float64)

    def shifted(found, *_):
        return replace(found, samples=found.samples + 0.1 * (found.samples @ axis).std() * axis)

    identifier = "rejection-exact/implemented-draws-follow-gaussian-and-mixture-posteriors"
    assert status(identifier, changed("rejection_sample", shifted)) == "refuted"


@pytest.mark.parametrize("column", [slice(0, 1), slice(1, 3)])
@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_tenth_in_variance_is_refuted(column, factor):
    def scaled(found, *_):
        x = found.samples.clone()
        mean = x[:, column].mean(0)
        x[:, column] = mean + factor**0.5 * (x[:, column] - mean)
        return replace(found, samples=x)

    identifier = "upper-bound/reverse-diffusion-then-rejection"
    assert status(identifier, changed("rejection_sample", scaled)) == "refuted"


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_an_exponent_off_by_three_hundredths_a_bit_is_refuted(bits, monkeypatch):
    right = near_optimality.measured_exponent

    def off(implementation, table, *rest):
        found, error = right(implementation, table, *rest)
        return found + 0.03 * bits * (len(table[0]) == bits), error

    monkeypatch.setattr(near_optimality, "measured_exponent", off)
    assert status("near-optimality/measured-exponents-meet-the-bound") == "refuted"


@pytest.mark.parametrize("kind", ["HalfSpace", "Slab", "Outside", "Balls"])
def test_one_kind_of_set_that_does_not_grow_is_refuted(kind, monkeypatch):
    sets = getattr(closed_sets, kind)
    monkeypatch.setattr(sets, "within", lambda self, points, tau: self.contains(points))
    assert status("closeness.lower-bound/bounds-of-moved-laws-are-zero") == "refuted"
