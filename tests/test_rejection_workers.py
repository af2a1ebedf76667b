"""The draws of rejection sampling do not depend on who works for it, nor on who dies."""

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import torch
from rejection_cases import BETA, MEASUREMENT, OBSERVED, Mixture, Y, instance, seeded

from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.rejection import rejection_sample

SPAWN = get_context("spawn")  # a fork of a process whose torch threads have run may hang


@dataclass
class Mortal:
    """A proposal that kills every process but the one that made it."""

    owner: int

    def __call__(self, count, generator):
        if os.getpid() != self.owner:
            os._exit(1)
        return Mixture()(count, generator)


def sample(proposal, executor=None, count=300):
    return rejection_sample(
        proposal,
        MEASUREMENT,
        Y,
        count,
        seeded(9),
        max_proposals=20_000,
        batch=64,
        executor=executor,
    )


def same(first, second):
    return torch.equal(first.samples, second.samples) and first.proposals == second.proposals


def test_the_draws_do_not_depend_on_the_workers():
    alone = sample(Mixture())
    for workers in (1, 2, 5):
        with ThreadPoolExecutor(workers) as executor:
            assert same(alone, sample(Mixture(), executor))
    with ProcessPoolExecutor(2, mp_context=SPAWN) as executor:
        assert same(alone, sample(Mixture(), executor))
        law = instance()
        fast = [
            fast_rejection_sample(
                law, OBSERVED, BETA, 50, seeded(1), max_proposals=10**6, batch=512, executor=e
            )
            for e in (None, executor)
        ]
        assert same(*fast)


def test_the_work_of_a_dead_worker_is_redone():
    with ProcessPoolExecutor(2, mp_context=SPAWN) as executor:
        assert same(sample(Mixture()), sample(Mortal(os.getpid()), executor))
