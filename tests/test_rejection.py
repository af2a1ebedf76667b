"""Rejection sampling: exact laws, counts, workers, and one clear line for bad input.

Each statistical check has a false-alarm rate of at most 1e-6.
"""

import gc
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pytest
import torch
from scipy import stats

from hardposterior.impl import fast_rejection
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.functions import draw_neighbours, draw_table, goldreich, random_table
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.hidden_words import Sliced, Tabulated
from hardposterior.impl.measurement import LinearMeasurement
from hardposterior.impl.rejection import PriorProposal, ProposalBlock, rejection_sample
from hardposterior.impl.rejection_blocks import acceptance, collect

SPAWN = get_context("spawn")  # a fork of a process whose torch threads have run may hang

FALSE_ALARM = 1e-6


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@dataclass
class Mixture:
    """Two Gaussians in the plane; picklable."""

    weights: tuple[float, ...] = (0.3, 0.7)

    def __call__(self, count, generator):
        first = torch.rand(count, generator=generator, dtype=torch.float64) < self.weights[0]
        centre = torch.where(first, -1.0, 1.0)[:, None]
        return centre + 0.5 * torch.randn(count, 2, generator=generator, dtype=torch.float64)


A = torch.tensor([[0.6, 0.8]], dtype=torch.float64)
MEASUREMENT = LinearMeasurement(A, 0.3)
Y = torch.tensor([0.4], dtype=torch.float64)


def mixture_posterior():
    """Weights, means and covariance of the two components given Y, and q(Y)."""
    variance = 0.25 + 0.09  # |A| = 1
    centres = np.array([[-1.0, -1.0], [1.0, 1.0]])
    means = centres @ A[0].numpy()
    density = np.array([0.3, 0.7]) * stats.norm.pdf(0.4, means, np.sqrt(variance))
    gain = 0.25 / variance * A[0].numpy()
    posterior = centres + np.outer(0.4 - means, gain)
    covariance = 0.25 * np.eye(2) - np.outer(gain, 0.25 * A[0].numpy())
    q = np.sqrt(2 * np.pi) * 0.3 * density.sum()
    return density / density.sum(), posterior, covariance, q


def test_draws_follow_the_closed_form_posterior_of_a_mixture():
    weights, means, covariance, q = mixture_posterior()
    found = rejection_sample(Mixture(), MEASUREMENT, Y, 4000, seeded(1), max_proposals=10**6)
    assert found.complete
    x = found.samples.numpy()
    for direction in ([1.0, 0.0], [0.0, 1.0], [0.8, -0.6], [0.6, 0.8]):
        along = x @ direction
        scale = np.sqrt(np.array(direction) @ covariance @ direction)

        def cdf(z, direction=direction, scale=scale):
            return sum(
                w * stats.norm.cdf((z - mean @ direction) / scale)
                for w, mean in zip(weights, means, strict=True)
            )

        # 4000 draws: sees a distribution function that is off by 0.05 with near certainty.
        assert stats.kstest(along, cdf).pvalue > FALSE_ALARM / 4
    failures = stats.nbinom(4000, q)
    missed = found.proposals - 4000
    assert min(failures.cdf(missed), failures.sf(missed - 1)) > FALSE_ALARM / 2
    assert found.acceptance.low < q < found.acceptance.high


def test_gaps_between_acceptances_are_geometric():
    q = mixture_posterior()[3]
    _, places = ProposalBlock(Mixture(), MEASUREMENT, Y)(3, 60_000)
    gaps = np.diff(places.numpy(), prepend=-1)
    bins = np.bincount(np.minimum(gaps, 12), minlength=13)[1:]
    expected = stats.geom.pmf(np.arange(1, 13), q)
    expected[-1] += stats.geom.sf(12, q)
    assert stats.chisquare(bins, expected * bins.sum()).pvalue > FALSE_ALARM


def instance(n=3, m=2, dtype=torch.float64):
    return HardInstance(random_table(draw_table(n, m, seeded(5))), 2.0, 1.5, dtype=dtype)


BETA = 0.25
OBSERVED = torch.tensor([0.4, -0.3], dtype=torch.float64)


def word_counts(samples, law):
    """How many draws have each (hidden sign pattern, image point) among the likeliest."""
    steps = (samples[:, law.n :] * law.separation / (law.spacing / 2)).round().long()
    signs = (samples[:, : law.n] > 0).long()
    rows = torch.cat([signs, steps], -1)
    keys, counts = rows.unique(dim=0, return_counts=True)
    return {tuple(key): int(c) for key, c in zip(keys.tolist(), counts, strict=True)}


def homogeneous(first, second):
    """p-value that two tables of counts come from one law; rare cells put together."""
    keys = sorted(set(first) | set(second))
    table = np.array([[counts.get(key, 0) for key in keys] for counts in (first, second)])
    rare = table.sum(0) < 20
    table = np.column_stack([table[:, ~rare], table[:, rare].sum(1)])
    return stats.chi2_contingency(table[:, table.sum(0) > 0]).pvalue


@pytest.mark.parametrize("source", ["general", "tabulated", "sliced"])
def test_hard_instance_draws_follow_the_exact_posterior(source, monkeypatch):
    law = instance()
    exact = law.posterior(OBSERVED, BETA)
    if source == "sliced":
        monkeypatch.setattr(fast_rejection, "word_source", Sliced)
    if source == "general":
        measurement = law.measurement(BETA)
        found = rejection_sample(
            PriorProposal(law), measurement, OBSERVED, 8000, seeded(2), max_proposals=10**7
        )
    else:
        found = fast_rejection_sample(law, OBSERVED, BETA, 8000, seeded(2), max_proposals=10**7)
    draws = exact.sample(40_000, seeded(3))
    assert homogeneous(word_counts(found.samples, law), word_counts(draws, law)) > FALSE_ALARM / 4
    for i in range(law.n):
        assert stats.ks_2samp(found.samples[:, i], draws[:, i]).pvalue > FALSE_ALARM / 4
    q = (2 * np.pi * BETA**2) ** (law.m / 2) * float(exact.log_evidence().exp())
    missed, failures = found.proposals - 8000, stats.nbinom(8000, q)
    assert min(failures.cdf(missed), failures.sf(missed - 1)) > FALSE_ALARM / 2


def test_a_planted_fault_in_the_budget_is_seen(monkeypatch):
    monkeypatch.setattr(fast_rejection, "LARGEST_BUDGET", 0.5)
    law = instance()
    found = fast_rejection_sample(law, OBSERVED, BETA, 8000, seeded(2), max_proposals=10**7)
    draws = law.posterior(OBSERVED, BETA).sample(40_000, seeded(3))
    assert homogeneous(word_counts(found.samples, law), word_counts(draws, law)) < FALSE_ALARM


@pytest.mark.parametrize("circuit", [True, False])
@pytest.mark.parametrize("size", [1, 64, 1000])
def test_words_and_images_belong_together(circuit, size):
    function = goldreich(draw_neighbours(9, 7, seeded(1)))

    class Wrapped:
        n, m = 9, 7

        def __call__(self, bits):
            return function(bits)

    for source in (Tabulated, Sliced):
        block = source(function if circuit else Wrapped()).draw(size, seeded(4))
        for kept in (torch.arange(size), torch.arange(0, size, 3)):
            block.keep(kept)
            bits = block.bits()
            assert bits.shape == (len(kept), 9)
            images = torch.stack([block.image(j) for j in range(7)], -1)
            assert torch.equal(images, function(bits))
    assert len(Tabulated(function).draw(20_000, seeded(1)).bits().unique(dim=0)) == 512


def test_float32_is_kept():
    law = instance(dtype=torch.float32)
    found = fast_rejection_sample(law, OBSERVED.float(), BETA, 5, seeded(2), max_proposals=10**6)
    assert found.samples.dtype == torch.float32


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


BAD = [
    ({"y": torch.tensor([float("nan")], dtype=torch.float64)}, "y = [nan]: must be finite"),
    ({"y": torch.zeros(2, dtype=torch.float64)}, "y.shape = (2,): must be (1,): one measurement"),
    ({"y": torch.zeros(1)}, "y.dtype = torch.float32: must be torch.float64"),
    ({"count": 0}, "count = 0: must be an integer >= 1"),
    ({"max_proposals": 4}, "max_proposals = 4: must be at least count = 10"),
    ({"batch": 0}, "batch = 0: must be an integer >= 1"),
    ({"executor": 3}, "executor = 3: must be a concurrent.futures.Executor"),
    ({"measurement": A}, "measurement = "),
    ({"proposal": None}, "proposal = None: must be a callable"),
    (
        {"proposal": lambda count, generator: torch.zeros(count, 3)},
        "proposal(count, generator) = (50, 3): must be a tensor of shape (50, 2)",
    ),
    (
        {"proposal": lambda count, generator: torch.zeros(count, 2)},
        "proposal(count, generator).dtype = torch.float32: must be torch.float64",
    ),
    (
        {"proposal": lambda count, generator: torch.full((count, 2), torch.nan).double()},
        "proposal(count, generator) = 'NaN or infinity': must be finite",
    ),
]


@pytest.mark.parametrize(("change", "line"), BAD)
def test_bad_input_is_one_clear_line(change, line):
    case = {
        "proposal": Mixture(),
        "measurement": MEASUREMENT,
        "y": Y,
        "count": 10,
        "generator": seeded(0),
        "max_proposals": 50,
    }
    with pytest.raises(InvalidArgument) as caught:
        rejection_sample(**{**case, **change})
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"beta": 0.0}, "beta = 0.0: must be a finite number above 0"),
        ({"y": torch.zeros(3, dtype=torch.float64)}, "y.shape = (3,): must be (2,)"),
        ({"instance": 3}, "instance = 3: must be a HardInstance"),
    ],
)
def test_bad_input_of_the_fast_path_is_one_clear_line(change, line):
    case = {
        "instance": instance(),
        "y": OBSERVED,
        "beta": BETA,
        "count": 1,
        "generator": seeded(0),
        "max_proposals": 50,
    }
    with pytest.raises(InvalidArgument) as caught:
        fast_rejection_sample(**{**case, **change})
    assert str(caught.value).startswith(line)
