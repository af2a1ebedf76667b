"""What attacks on the audit found: faults that passed, and runs that it did not survive."""

import hostile_samplers
import torch

from hardposterior import audit
from hardposterior.properties.audit import judging
from hardposterior.properties.audit.controls import exact_posterior, prior_alone
from hardposterior.properties.audit.exactness import exactness
from hardposterior.properties.audit.looks import Looks
from hardposterior.properties.audit.mixture import GaussianMixture
from hardposterior.properties.audit.mixture_problems import of_prior
from hardposterior.properties.audit.problems import problems
from hardposterior.properties.audit.verdict import Request


def row(sampler, problems=("gaussian-6",), **more):
    return audit(sampler, problems, controls=False, **more).verdicts[0]


def test_half_of_the_mass_on_a_set_of_none_is_refuted():
    """No direction and no distance shows it, likeness to the sampler's own draws does."""
    found = row(hostile_samplers.half_of_space, budget=4.0)
    assert found.status == "refuted"
    assert "joint shape" in found.kinds


def test_draws_from_a_store_are_refuted():
    """Every draw is exact and calls are independent, but the law is one of 6,000 points."""
    found = row(hostile_samplers.from_a_store(6_000), first=True, budget=4.0)
    assert found.status == "refuted"
    assert "distance to the sampler's other draws" in found.detail


def test_a_failure_after_a_refutation_does_not_hide_it():
    asked = []

    def fails_later(_denoise, _A, y, _beta, count, generator):
        asked.append(count)
        law = problem.posterior(y)
        if len(asked) > 300:
            raise RuntimeError("out of luck")
        return law.mean() + 1.5 * (law.sample(count, generator) - law.mean())

    problem = problems(names=["mixture-8"])["mixture-8"]
    bound = judging.bind(problem, fails_later)
    request = Request(1e-3, 0.0, 1e-3, 1.0, 0)
    found = exactness(problem, bound, request, Looks(1, 64, (64, 512)))
    assert found.status == "refuted"
    assert "later it failed: RuntimeError: out of luck" in found.detail


def test_a_problem_in_one_dimension():
    eye = torch.eye(1, dtype=torch.float64)
    law = GaussianMixture(torch.ones(2), torch.tensor([[-1.0], [1.0]]), eye[None])
    problem = of_prior("line", "two modes on the line", law, eye, 0.5)
    assert row(exact_posterior(problem), problems=[problem], budget=0.2).status == "consistent"
    assert row(prior_alone(problem), problems=[problem], budget=0.2).status == "refuted"
