"""What the audit finds: every broken sampler of the catalogue, and shifts beyond tau alone."""

import dataclasses
import os

import broken_hard  # noqa: F401 - registers its faults
import broken_samplers  # noqa: F401
import pytest
import torch
from broken import FAULTS, NOT_INDEPENDENT

from hardposterior import audit, impl
from hardposterior.properties.audit.controls import exact_posterior
from hardposterior.properties.audit.exactness import exactness, widest
from hardposterior.properties.audit.features import Feature
from hardposterior.properties.audit.looks import Looks
from hardposterior.properties.audit.mixture import GaussianMixture
from hardposterior.properties.audit.problems import problems
from hardposterior.properties.audit.proposals import propose
from hardposterior.properties.audit.verdict import Request, Verdict

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"
RARE = "sometimes_wrong"


def verdict_on(name, **more):
    broken = FAULTS[name]
    problem = problems(impl, [broken.problem])[broken.problem]
    more = {"controls": False, "budget": 6.0, "seed": 3, "first": True, **more}
    return audit(broken.on(problem, broken.size), [problem], **more).verdicts[0]


@pytest.mark.parametrize("name", [n for n in FAULTS if n != RARE])
def test_a_broken_sampler_is_found(name):
    found = verdict_on(name)
    assert found.status in ("refuted", "not independent"), found.detail
    if FAULTS[name].seen == {NOT_INDEPENDENT}:
        assert found.status == "not independent", found.detail


@pytest.mark.skipif(not THOROUGH, reason="half a minute: in the thorough profile")
def test_one_that_is_rarely_wrong_keeps_the_larger_claim_alone():
    assert verdict_on(RARE, verdict="claim", delta=0.1, budget=60.0).status == "consistent"
    assert verdict_on(RARE, verdict="claim", delta=0.01, budget=60.0).status == "refuted"


@pytest.mark.parametrize(("tau", "status"), [(0.5, "consistent"), (0.3, "refuted")])
def test_a_shift_within_tau_is_allowed(tau, status):
    problem = problems(names=["gaussian-6"])["gaussian-6"]
    exact = exact_posterior(problem)
    step = 0.45 * problem.scale / problem.dim**0.5  # |shift| = 0.45 scale

    def shifted(*arguments):
        return exact(*arguments) + step

    found = audit(shifted, [problem], tau=tau, controls=False, budget=2.0).verdicts[0]
    assert found.status == status, found.detail


def test_a_fault_that_shows_in_several_ways_is_named_in_each():
    """Of each other kind the widest certificate is told, and at which y."""
    first = verdict_on("ignores_y").certificate
    assert first is not None
    less = dataclasses.replace(first, kind="mode weights", gap=first.gap / 2)
    elsewhere = dataclasses.replace(first, kind="mean", y=(7.0,), gap=first.gap / 3)
    least = dataclasses.replace(less, gap=first.gap / 4)
    found = [least, less, dataclasses.replace(first, gap=0.9 * first.gap), elsewhere, first]
    assert widest(found) == [first, less, elsewhere]
    row = Verdict("p", "exactness", "refuted", certificate=first, also=[less, elsewhere])
    assert row.more == [
        f"at this y: {less}",
        f"at another y: {elsewhere}",
    ]
    assert row.kinds == [first.kind, "mode weights", "mean"]


def test_looks_go_on_until_all_that_is_wrong_is_named():
    """Spreads of twice the size show at the first look; modes 5 % too even take more calls."""
    problem = problems(names=["mixture-8"])["mixture-8"]

    def two_faults(y, count, generator):
        law = problem.posterior(y)
        weights = 0.95 * law.weights + 0.05 / law.size
        return GaussianMixture(weights, law.means, 4 * law.covariances).sample(count, generator)

    def kinds(first):
        request = Request(1e-3, 0.0, 1e-3, 1.0, 0, first)
        row = exactness(problem, two_faults, request, Looks(1, 64, (32, 512)))
        assert row.status == "refuted"
        return set(row.kinds)

    assert "spread inside a mode" in kinds(first=True)
    assert "mode weights" not in kinds(first=True)
    assert {"mode weights", "spread inside a mode"} <= kinds(first=False)


def test_the_best_set_of_every_kind_is_tested():
    """Many features of one kind that show more must not crowd out another kind."""
    generator = torch.Generator().manual_seed(0)
    q, p = (torch.randn(4_000, 8, generator=generator, dtype=torch.float64) for _ in range(2))
    q[:, :7] += 3.0
    q[:, 7] += 0.3
    features = [
        Feature(f"x{k}", f"x{k}", "mean" if k < 7 else "residual", lambda x, k=k: x[:, k])
        for k in range(8)
    ]
    kinds = [s.set.feature.kind for s in propose(features, q, p, 0.0, 0.0, 4, 64)]
    assert "residual" in kinds
    assert kinds[0] != "residual"
