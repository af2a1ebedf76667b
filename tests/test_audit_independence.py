# ruff: noqa: ARG001 - the contract names what a sampler may use
"""Rows of one call that hang together: never `refuted` where their law over calls is right.

Certificates rest on calls alone. Held exactly for limits (whatever the law of a call's share), and
by planted samplers whose every row has the posterior's law: the false-alarm rate of each audit here
is 1e-3, of the certificates among them too.
"""

import itertools
import math
import os

import pytest
import torch
from scipy.stats import binom

from hardposterior import audit
from hardposterior.properties.audit import betting
from hardposterior.properties.audit.controls import exact_posterior
from hardposterior.properties.audit.looks import MOST, ROWS, Y, planned
from hardposterior.properties.audit.problems import problems
from hardposterior.properties.audit.verdict import Request

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"
SEEDS = range(100 if THOROUGH else 5)
GAUSSIAN = problems(names=["gaussian-6"])["gaussian-6"]
MIXTURE = problems(names=["mixture-2"])["mixture-2"]


def shared_shift(size):
    """Posterior draws, but a share size^2 of their variance is one shift of the whole call."""

    def sampler(denoise, A, y, beta, count, generator):
        law = GAUSSIAN.posterior(y)
        middle, root = law.mean(), torch.linalg.cholesky(law.covariance())
        own, shared = (
            torch.randn(n, GAUSSIAN.dim, generator=generator, dtype=torch.float64)
            for n in (count, 1)
        )
        return middle + (math.sqrt(1 - size**2) * own + size * shared) @ root.T

    return sampler


def one_mode(denoise, A, y, beta, count, generator):
    """Each call draws a mode, and all its rows from that mode."""
    law = MIXTURE.posterior(y)
    mode = torch.multinomial(law.weights, 1, generator=generator).expand(count)
    normal = torch.randn(count, MIXTURE.dim, generator=generator, dtype=torch.float64)
    return law.means[mode] + law.stretched(normal, mode)


def one_radius(denoise, A, y, beta, count, generator):
    """Every row has the posterior's law, all of one call are equally far out: no line shows it."""
    law = GAUSSIAN.posterior(y)
    z = torch.randn(count, GAUSSIAN.dim, generator=generator, dtype=torch.float64)
    shared = torch.randn(GAUSSIAN.dim, generator=generator, dtype=torch.float64).norm()
    root = torch.linalg.cholesky(law.covariance())
    return law.mean() + shared * (z / z.norm(dim=-1, keepdim=True)) @ root.T


def test_one_radius_for_a_call_is_not_independent():
    for seed in SEEDS:
        found = audit(one_radius, [GAUSSIAN], controls=False, budget=0.1, seed=seed).verdicts[0]
        assert found.status == "not independent", found.detail


@pytest.mark.parametrize("size", [0.1, 0.3])
def test_a_shift_common_to_a_call_is_never_refuted(size):
    found = [
        audit(shared_shift(size), [GAUSSIAN], controls=False, budget=0.3, seed=seed).verdicts[0]
        for seed in SEEDS
    ]
    assert {f.status for f in found} <= {"consistent", "not independent"}
    # The rows' law over calls is the posterior's, but at .3 most audits see that calls differ.
    if size == 0.3:
        assert sum(f.status == "not independent" for f in found) > len(found) / 3


@pytest.mark.parametrize("budget", [0.01, 0.1])
def test_one_mode_for_a_call_is_never_refuted(budget):
    for seed in SEEDS:
        found = audit(one_mode, [MIXTURE], controls=False, budget=budget, seed=seed).verdicts[0]
        assert found.status in ("consistent", "not independent"), found.detail
        assert budget < 0.1 or found.status == "not independent"


@pytest.mark.skipif(not THOROUGH, reason="a minute: in the thorough profile")
def test_a_claim_is_not_refuted_by_a_shift_common_to_a_call():
    for seed in range(5):
        sampler = shared_shift(0.3)
        report = audit(sampler, [GAUSSIAN], verdict="claim", controls=False, budget=3.0, seed=seed)
        assert report.verdicts[0].status in ("consistent", "not independent")


@pytest.mark.parametrize("mean", [0.02, 0.3, 0.7])
@pytest.mark.parametrize("stake", [None, 0.5])
def test_limits_hold_whatever_a_call_does(mean, stake):
    # Calls whose rows are all alike (shares 0 and 1), or of which half are (0, 1/2, 1): every
    # outcome is listed, and the limits fail with probability at most alpha.
    alpha, calls = 0.05, 30
    for level, limit in ((mean, betting.lower), (1 - mean, betting.upper)):
        failed = 0.0
        for hits in range(calls + 1):
            shares = (torch.arange(calls) < hits).double()
            shares = shares if limit is betting.lower else 1 - shares
            value = limit(shares, alpha, stake)
            if value > mean if limit is betting.lower else value < mean:
                failed += float(binom.pmf(hits, calls, level))
        assert failed <= alpha
    chances = {0.0: 1 - 1.5 * mean * 0.8, 0.5: mean * 0.8, 1.0: mean * 0.4}
    expected = sum(v * p for v, p in chances.items())
    assert abs(sum(chances.values()) - 1) < 1e-12
    calls, failed = 5, 0.0
    for outcome in itertools.product(chances, repeat=calls):
        shares = torch.tensor(outcome, dtype=torch.float64)
        if betting.lower(shares, alpha, stake) > expected:
            failed += math.prod(chances[v] for v in outcome)
    assert failed <= alpha


def test_a_binomial_limit_would_fail():
    # The fault that this guards against: 30 calls of 100 rows, all rows of a call alike.
    from hardposterior.properties.audit import intervals

    failed = sum(
        binom.pmf(hits, 30, 0.3)
        for hits in range(31)
        if intervals.lower(100 * hits, 3000, 0.05) > 0.3
    )
    assert failed > 0.3


@pytest.mark.parametrize(("calls", "rows"), [(1024, 64), (128, 16)])
def test_the_smallest_gap_is_found(calls, rows):
    # Fresh simulation at the gap: 99 % power is missed here by 2 % or more with chance 1e-6.
    alpha, exact = 1e-5, 100_000
    gap = betting.smallest_gap(calls, rows, exact, alpha)
    assert 0 < gap < 0.4
    generator = torch.Generator().manual_seed(0)
    many = torch.full((1_000, calls), float(rows), dtype=torch.float64)
    shares = torch.binomial(many, torch.full_like(many, 0.5 + gap), generator=generator) / rows
    capital = betting.log_capital(shares, 0.5 + 4.5 * 0.5 / math.sqrt(exact))
    assert float((capital >= -math.log(alpha)).double().mean()) > 0.97
    smaller = torch.binomial(many, torch.full_like(many, 0.5 + gap / 3), generator=generator) / rows
    capital = betting.log_capital(smaller, 0.5)
    assert float((capital >= -math.log(alpha)).double().mean()) < 0.5


def test_a_stake_grows_as_foreseen():
    a, b = torch.tensor([0.3, 0.1, 0.9]).double(), torch.tensor([0.2, 0.2, 0.001]).double()
    gain, stake = betting.growth(a, b, 10_000)
    assert float(gain[1]) == float(stake[1]) == 0
    assert abs(float(gain[0]) - math.log(0.05 + 0.95 * 1.5)) < 1e-3
    assert abs(float(gain[2]) - math.log(0.05 + 0.95 * 900)) < 1e-2


@pytest.mark.parametrize("fixed", [1e-4, 1e-2, 1.0])
@pytest.mark.parametrize("budget", [0.5, 5.0, 60.0])
def test_a_plan_keeps_its_budget(fixed, budget):
    def price(rows):
        return fixed + 1e-5 * rows

    plan = planned(price, budget, 131_072, 1e-5)
    spent = plan.ys * plan.calls[-1] * price(plan.rows) + 2 * Y * price(plan.large)
    assert spent <= budget or plan.calls == (4,)
    assert plan.rows in ROWS
    assert plan.calls[-1] <= MOST
    assert len(plan.calls) <= 4
    assert plan.rows * plan.calls[-1] <= 131_072


def test_every_seed_gives_streams_of_its_own():
    # The CPU generator keeps 32 bits of a seed: what stands above them must not be lost.
    seeds = [0, 1, 1 << 32, 2 << 32, 1 << 62]
    first = [
        float(torch.rand((), generator=Request(0.0, 0.0, 1.0, 1.0, seed).stream(purpose)))
        for seed in seeds
        for purpose in (0, 1)
    ]
    assert len(set(first)) == len(first)
    verdicts = [
        audit(exact_posterior(GAUSSIAN), [GAUSSIAN], controls=False, budget=0.02, seed=seed)
        for seed in (0, 1)
    ]
    assert verdicts[0].verdicts[0].plots["y"] != verdicts[1].verdicts[0].plots["y"]
