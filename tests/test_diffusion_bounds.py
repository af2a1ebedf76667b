"""`bounds.divergence`: its terms against formulas written out here, and bad input."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from hardposterior import bounds
from hardposterior.impl.diffusion import geometric_schedule
from hardposterior.properties.mixture_laws import LAWS

LATTICE = LAWS["lattice 1.1, 1/2"]
SCHEDULE = geometric_schedule(20.0, 0.1, 20)


def test_terms_at_the_reference_numbers():
    """The lattice of spacing 1.1 in 20 steps: .4230 by its mmse, below 5.2304 in closed form."""
    moment = LATTICE.second_moment()
    own = bounds.divergence(d=1, second_moment=moment, schedule=SCHEDULE, mmse=LATTICE.mmse)
    assert own.total == pytest.approx(0.4230, abs=5e-5)
    assert own.start == pytest.approx(moment / 800, rel=1e-12)
    plain = bounds.divergence(d=1, second_moment=moment, schedule=SCHEDULE)
    r, K = (20.0 / 0.1) ** (2 / 20), 20
    assert plain.discretization == pytest.approx(
        (r - 1) * (1 + (K - 1) * (1 - 1 / r)) / 2, rel=1e-9
    )
    # Without the start 5.2304 is the looser form (d / 2) (r - 1) (1 + (r - 1) K).
    assert (r - 1) * (1 + (r - 1) * K) / 2 == pytest.approx(5.2304, abs=5e-5)
    assert own.total < plain.total < 5.2304
    assert own.total_variation == pytest.approx(math.sqrt(own.total / 2))
    for tau in (0.1, 0.5):
        tail = stats.chi2.sf((tau / 0.1) ** 2, 1)
        assert own.closeness(tau) == pytest.approx(
            min(1, math.sqrt(own.total / 2) + tail), rel=1e-9
        )
    assert plain.closeness(0.3) == plain.total_variation == 1.0


def test_a_gaussians_integral_is_closed():
    """mmse = v u / (v + u): the integral of mmse / u^2 is log((v + u) / u) between the ends."""
    schedule = [3.0, 2.0, 0.7, 0.65]
    found = bounds.divergence(
        d=1, second_moment=2.0, schedule=schedule, mmse=lambda u: 2 * u / (2 + u)
    )
    u = np.square(schedule)
    exact = sum(
        2 * a / (2 + a) * (1 / b - 1 / a) - (math.log((2 + b) / b) - math.log((2 + a) / a))
        for a, b in pairwise(u)
    )
    assert found.discretization == pytest.approx(exact / 2, rel=1e-4)


def test_score_errors_add_up():
    schedule = [3.0, 2.0, 1.0]
    each = bounds.divergence(d=2, second_moment=1.0, schedule=schedule, score_error=[0.1, 0.3])
    assert each.score == pytest.approx((0.1 * (9 / 4 - 1) + 0.3 * 3) / 2)
    same = bounds.divergence(d=2, second_moment=1.0, schedule=schedule, score_error=0.2)
    assert same.score == pytest.approx(0.2 * (9 / 4 - 1 + 3) / 2)


GOOD = {"d": 1, "second_moment": 1.0, "schedule": [2.0, 1.0]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"d": 0}, "d = 0: must be an integer >= 1"),
        ({"second_moment": -1.0}, "second_moment = -1.0: must be a finite number >= 0"),
        ({"second_moment": math.nan}, "second_moment = nan: must be a finite number"),
        ({"schedule": [1.0, 2.0]}, r"schedule\[1\] = 2.0: must be below schedule\[0\] = 1.0"),
        ({"schedule": [1.0]}, "schedule = .*at least two levels"),
        ({"schedule": [1.0, 0.0]}, r"schedule\[1\] = 0.0: must be"),
        ({"score_error": -0.1}, "score_error = -0.1: must be a finite number >= 0"),
        ({"score_error": [0.1, 0.2]}, "score_error = 2 numbers: must be 1, one for each step"),
        ({"score_error": [-1.0]}, r"score_error\[0\] = -1.0: must be"),
        ({"mmse": 3.0}, "mmse = 3.0: must be a function"),
    ],
)
def test_bad_arguments_are_one_line(change, message):
    with pytest.raises(ValueError, match=message) as caught:
        bounds.divergence(**(GOOD | change))
    assert "\n" not in str(caught.value)


def test_tau_is_positive():
    with pytest.raises(ValueError, match="tau = 0: must be"):
        bounds.divergence(**GOOD).closeness(0)
