"""Rejection sampling follows exact laws: a mixture's, the hard instance's, both fast paths too.

Each statistical check has a false-alarm rate of at most 1e-6.
"""

import numpy as np
import pytest
import torch
from rejection_cases import (
    BETA,
    MEASUREMENT,
    OBSERVED,
    Mixture,
    Y,
    instance,
    mixture_posterior,
    seeded,
)
from scipy import stats

from hardposterior.impl import fast_rejection
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.functions import draw_neighbours, goldreich
from hardposterior.impl.hidden_words import Sliced, Tabulated
from hardposterior.impl.rejection import PriorProposal, ProposalBlock, rejection_sample

FALSE_ALARM = 1e-6


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
