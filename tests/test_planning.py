"""`plan` and the bounds behind it as floats."""

import math

import pytest
from scipy import stats

import hardposterior
from hardposterior import bounds
from hardposterior.planning import plan
from hardposterior.spec import reverse_diffusion
from hardposterior.spec.arithmetic import Floats
from hardposterior.usage import UsageError

FLOATS = Floats()


def test_acceptance_bounds_at_a_known_place():
    S = 1.0 + 0.25
    plain = bounds.acceptance(m=2, beta=0.5, delta=0.1, second_moment=S, form="plain")
    sharp = bounds.acceptance(m=2, beta=0.5, delta=0.1, second_moment=S, form="sharp")
    assert plain == pytest.approx(0.05 * 0.25 * 0.1 / S, rel=1e-14)
    assert sharp == pytest.approx(0.1 * 2 * 2 * 0.25 * 0.1 / (4 * S), rel=1e-14)
    deep = bounds.acceptance(m=2000, beta=0.01, delta=0.1, second_moment=2000.0, log=True)
    assert -math.inf < deep < -10_000
    with pytest.raises(UsageError, match="form = 'blunt': must be 'plain' or 'sharp'"):
        bounds.acceptance(m=1, beta=1.0, delta=0.1, second_moment=1.0, form="blunt")


def test_rounds_are_enough():
    for q in (1e-9, 1e-3, 0.3, 0.9):
        for failure in (0.5, 1e-6):
            needed = math.ceil(bounds.rounds(q=q, failure=failure))
            assert math.exp(needed * math.log1p(-q)) <= failure * (1 + 1e-9)


@pytest.mark.parametrize("d", [1, 2, 3, 8, 33, 200])
def test_the_chi_square_tail_is_scipys(d):
    for z in (0.1 * d, d, 3.0 * d):
        ours = reverse_diffusion.chi_square_tail(FLOATS, d, z)
        assert ours == pytest.approx(stats.chi2.sf(z, d), rel=1e-10)


CASES = [(8, 2, 0.5, 0.1, 0.1, 1e-9), (2, 1, 1.0, 0.5, 0.3, 1e-6), (100, 10, 0.1, 0.1, 0.5, 1e-12)]


@pytest.mark.parametrize("case", CASES)
def test_what_is_asked_for_is_guaranteed(case):
    d, m, beta, tau, delta, _ = case
    found = plan(*case)
    assert found.tau <= tau
    assert found.delta <= delta
    q = bounds.acceptance(
        m=m, beta=beta, delta=delta / 4, second_moment=m * (1 + beta**2), log=True
    )
    assert found.log_rounds == pytest.approx(math.log(math.log(4 / delta)) - q, rel=1e-12)
    assert found.network_evaluations == found.steps * found.rounds
    ratio = (found.sigma_max / found.sigma_min) ** (2 / found.steps)
    by_hand = (
        d / (2 * found.sigma_max**2)
        + d * (ratio - 1) * (1 + (found.steps - 1) * (1 - 1 / ratio)) / 2
        + case[5] * (ratio - 1) * found.steps / 2
    )
    assert found.divergence == pytest.approx(by_hand, rel=1e-5)
    tail = stats.chi2.sf((found.tau / found.sigma_min) ** 2, d)
    assert found.closeness == pytest.approx(math.sqrt(by_hand / 2) + tail, rel=1e-5)


def test_harder_asks_cost_more():
    base = plan(*CASES[0])
    assert plan(8, 2, 0.5, 0.1, 0.05, 1e-12).log_rounds > base.log_rounds
    assert plan(8, 2, 0.25, 0.1, 0.1, 1e-9).log_rounds > base.log_rounds
    assert plan(16, 2, 0.5, 0.1, 0.1, 1e-9).steps > base.steps
    assert hardposterior.plan is plan


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"score_error": 1.0}, r"score_error = 1.0: must be at most .* for tau = 0.1, delta = 0.1"),
        ({"score_error": -1.0}, "score_error = -1.0: must be a finite number >= 0"),
        ({"delta": 2.0}, r"delta = 2.0: must be a number in \(0, 1\]"),
        ({"tau": 0.0}, "tau = 0.0: must be a finite number above 0"),
        ({"d": 0}, "d = 0: must be an integer >= 1"),
        ({"delta": 1e-9}, "delta: so small that more than"),
    ],
)
def test_bad_input_is_one_clear_line(change, line):
    case = dict(zip(("d", "m", "beta", "tau", "delta", "score_error"), CASES[0], strict=True))
    with pytest.raises(ValueError, match=line):
        plan(**{**case, **change})
