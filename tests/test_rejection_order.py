"""What blocks of proposals promise beside their law: order, counts, blocks that do not pickle."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from hardposterior.impl.measurement import LinearMeasurement
from hardposterior.impl.rejection import rejection_sample
from hardposterior.impl.rejection_workers import portable

MEASUREMENT = LinearMeasurement(torch.eye(1, dtype=torch.float64), 1.0)
Y = torch.zeros(1, dtype=torch.float64)


def draws(count, executor=None, batch=64):
    def proposal(size, generator):  # a local function does not pickle
        return torch.randn(size, 1, dtype=torch.float64, generator=generator)

    stream = torch.Generator().manual_seed(3)
    return rejection_sample(
        proposal,
        MEASUREMENT,
        Y,
        count,
        stream,
        max_proposals=10_000,
        batch=batch,
        executor=executor,
    )


@pytest.mark.parametrize("count", [1, 5, 40, 100])
def test_fewer_draws_are_the_first_of_more(count):
    many, few = draws(200), draws(count)
    assert torch.equal(few.samples, many.samples[:count])
    assert few.proposals < many.proposals


def test_a_block_that_cannot_be_pickled_is_carried_as_it_is():
    def block(seed, size):
        raise NotImplementedError

    assert portable(block) is block
    alone = draws(50)
    with ThreadPoolExecutor(2) as executor:
        assert torch.equal(draws(50, executor).samples, alone.samples)
