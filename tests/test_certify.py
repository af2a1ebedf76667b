"""A certificate's false-alarm rate where rows hang together and only their mean law is right."""

import pytest
import torch
from scipy.stats import binom

from hardposterior.properties.audit import certificate
from hardposterior.properties.audit.certificate import certify, mixed
from hardposterior.properties.audit.problem import Feature
from hardposterior.properties.audit.sets import Interval

ALPHA, RUNS = 0.05, 12
FEATURE = Feature("x0", "x0", "mean", lambda x: x[:, 0].contiguous(), most=8192)


def stratified(generator, calls=1024, rows=64):
    """Row i of every call lies in stratum i of the first coordinate: together N(0, I)."""
    x = torch.randn(calls, rows, 2, generator=generator, dtype=torch.float64)
    u = torch.rand(calls, rows, generator=generator, dtype=torch.float64)
    x[..., 0] = torch.special.ndtri((torch.arange(rows) + u) / rows)
    return x


def false_alarms():
    """Of `RUNS` right samplers, how many get a certificate."""
    found = 0
    for seed in range(RUNS):
        generator, own = (torch.Generator().manual_seed(seed + k) for k in (0, 1_000))
        exact = torch.randn(16_000, 2, generator=own, dtype=torch.float64)
        calls = stratified(generator)
        nothing = torch.zeros(1)
        found += bool(
            certify([FEATURE], calls, exact[:4_000], exact[4_000:], 0.0, 0.0, ALPHA, nothing, own)
        )
    return found


def test_which_rows_a_dear_feature_looks_at_is_drawn_for_each_call():
    """5 of 12 at a rate of 1/20 has probability 2e-4; seeds are fixed."""
    assert binom.sf(4, RUNS, ALPHA) < 2e-4
    assert false_alarms() < 5


def same_rows_of_every_call(calls, generator):
    """The planted fault: one order for all calls."""
    return calls[:, torch.randperm(calls.shape[1], generator=generator)]


def test_the_same_rows_of_every_call_would_blame_right_samplers(monkeypatch):
    monkeypatch.setattr(certificate, "mixed", same_rows_of_every_call)
    assert false_alarms() >= 5


def test_some_rows_of_each_call_stand_for_all():
    """Five rows of each of 1,024 calls: half are positive within .05, seven deviations."""
    calls = stratified(torch.Generator().manual_seed(0))
    rows = mixed(calls, torch.Generator().manual_seed(1))
    assert abs(float((rows[:, :5, 0] > 0).double().mean()) - 0.5) < 0.05
    assert torch.equal(rows[..., 0].sort(1).values, calls[..., 0].sort(1).values)
    place = rows[..., 0].argsort(1)[..., None].expand_as(rows)
    kept = calls[..., 0].argsort(1)[..., None].expand_as(calls)
    assert torch.equal(rows.gather(1, place), calls.gather(1, kept))


def test_a_fault_in_every_second_row_has_a_certificate():
    """Which rows propose and which are compared is not a matter of their place."""
    own = torch.Generator().manual_seed(0)
    exact = torch.randn(16_000, 2, generator=own, dtype=torch.float64)
    for place in (0, 1):
        calls = torch.randn(64, 32, 2, generator=own, dtype=torch.float64)
        calls[:, place::2] *= 3
        nothing = torch.zeros(1)
        assert certify([], calls, exact[:4_000], exact[4_000:], 0.0, 0.0, ALPHA, nothing, own)


@pytest.mark.parametrize("outside", [False, True])
def test_a_value_that_is_not_a_number_may_be_near(outside):
    """`near` may say no only to draws that are farther than tau from the set."""
    x = torch.tensor([[torch.nan], [0.5], [5.0]], dtype=torch.float64)
    near = Interval(Feature("x", "x", "mean", lambda x: x[:, 0]), 0.0, 1.0, outside).near(x, 0.1)
    assert near.tolist() == [True, not outside, outside]
