"""Blocks of proposals: where they stop, what they leave in memory, and the rate they report."""

import gc

import pytest
import torch
from rejection_cases import MEASUREMENT, Mixture, Y, seeded
from scipy import stats

from hardposterior.impl.rejection import rejection_sample
from hardposterior.impl.rejection_blocks import acceptance, collect


def test_it_stops_at_max_proposals_with_what_it_has():
    seen = []
    found = rejection_sample(
        Mixture(),
        MEASUREMENT,
        Y,
        1000,
        seeded(9),
        max_proposals=1000,
        batch=300,
        progress=seen.append,
    )
    assert not found.complete
    assert found.proposals == 1000
    assert 0 < len(found.samples) < 1000
    assert [result.proposals for result in seen] == [300, 600, 900, 1000]
    longer = rejection_sample(
        Mixture(), MEASUREMENT, Y, len(found.samples), seeded(9), max_proposals=1000, batch=300
    )
    assert torch.equal(longer.samples, found.samples)
    assert longer.proposals <= 1000


def test_blocks_without_a_draw_leave_nothing_in_memory():
    """An empty tensor kept from each of 10^5 blocks once pinned 7 GB of heap."""
    alive = []

    def block(seed, size):
        del size
        alive.append(sum(type(thing) is torch.Tensor for thing in gc.get_objects()))
        rows = torch.zeros(int(seed % 50 == 0), 2)
        return rows, torch.zeros(len(rows), dtype=torch.int64)

    found = collect(block, 2, torch.float32, 1000, seeded(0), max_proposals=1000, batch=10)
    assert len(found.samples) == 2
    assert alive[-1] - alive[0] <= 10


@pytest.mark.parametrize("q", [0.01, 0.1, 0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(("count", "most"), [(1, 20), (3, 10), (5, 60)])
def test_the_interval_covers_exactly(q, count, most):
    covered = 0.0
    for k in range(count):
        found = acceptance(k, most, complete=False)
        covered += stats.binom.pmf(k, most, q) * (found.low <= q <= found.high)
    for proposals in range(count, most + 1):
        found = acceptance(count, proposals, complete=True)
        mass = stats.nbinom.pmf(proposals - count, count, q)
        covered += mass * (found.low <= q <= found.high)
    assert covered >= 0.95


def test_the_acceptance_interval_of_nothing_says_nothing():
    assert (acceptance(0, 0, complete=False).low, acceptance(0, 0, complete=False).high) == (0, 1)
