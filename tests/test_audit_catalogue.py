"""The catalogue of broken samplers: none is broken at its neutral size, each is at its own.

Judged here by plain two-sample tests on the problems' features, which the audit does not use: a
fault that they see, at a false-alarm rate of 1e-6, is there to be found.
"""

import os

import broken_hard
import broken_samplers
import pytest
from broken import FAULTS, NOT_INDEPENDENT, recognised
from two_samples import independence, p_values, seeded

from hardposterior import impl
from hardposterior.properties.audit.problems import problems

FALSE_ALARM = 1e-6
COUNT = 4000
THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"
SLOW = {"stale_denoiser", "few_steps"}


def drawn(broken, size, count=COUNT, seed=1):
    problem = problems(impl, [broken.problem])[broken.problem]
    y = problem.observe(seeded(0))
    sampler = broken.on(problem, size)
    x, again = (
        sampler(problem.denoise, problem.A, y, problem.beta, count, seeded(seed + k))
        for k in range(2)
    )
    assert x.shape == (count, problem.dim)
    assert x.isfinite().all()
    return problem, y, x, again


def names(thorough_too=SLOW):
    return [n for n in FAULTS if n != "sometimes_wrong" and (THOROUGH or n not in thorough_too)]


def test_there_are_twenty_and_more():
    assert len(FAULTS) >= 21
    for name, broken in FAULTS.items():
        assert broken in (getattr(broken_samplers, name, None), getattr(broken_hard, name, None))


@pytest.mark.parametrize("name", names())
def test_at_its_neutral_size_a_fault_is_none(name):
    broken = FAULTS[name]
    problem, y, x, again = drawn(broken, broken.neutral)
    assert min(p_values(problem, y, x).values()) > FALSE_ALARM
    assert independence(x, again) > FALSE_ALARM


@pytest.mark.parametrize("name", names())
def test_at_its_size_a_fault_is_there(name):
    broken = FAULTS[name]
    problem, y, x, again = drawn(broken, broken.size, 2 * COUNT if name not in SLOW else COUNT)
    found = p_values(problem, y, x)
    found[NOT_INDEPENDENT] = independence(x, again)
    assert min(found[kind] for kind in broken.seen) < FALSE_ALARM, found


def test_a_fault_finds_its_problem():
    problem = problems(None, ["mixture-2"])["mixture-2"]
    assert recognised(problem.A, problem.beta).name == "mixture-2"
    y = problem.observe(seeded(0))
    x = broken_samplers.spread(problem.denoise, problem.A, y, problem.beta, 5, seeded(1))
    assert x.shape == (5, 2)


def test_the_one_that_is_sometimes_wrong_is_wrong_as_often_as_it_says():
    # 2000 fresh y: a share of 0.05 is met within 0.03 but for a chance of 1e-8.
    problem = problems(None, ["gaussian-6"])["gaussian-6"]
    y = problem.draw(2000, seeded(3))[1]
    share = (y.sum(-1) * 1e6).frac().abs() < 0.05
    assert abs(float(share.double().mean()) - 0.05) < 0.03
    wrong = y[share][0]
    x = broken_samplers.sometimes_wrong(
        problem.denoise, problem.A, wrong, problem.beta, COUNT, seeded(4)
    )
    assert p_values(problem, wrong, x)["ignoring y"] < FALSE_ALARM
