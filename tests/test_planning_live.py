"""`plan` against a live run: its schedule, its number of proposals, a perturbed score, fresh y.

The prior is N(0, 1), y = x + Z, and the posterior is N(y / 2, 1 / 2). Every check is one-sided with
a false-alarm rate of 1e-6; a denoiser 60 times further off than allowed must be caught.
"""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy import stats

from hardposterior.impl.diffusion import geometric_schedule, reverse_diffusion
from hardposterior.impl.measurement import LinearMeasurement
from hardposterior.impl.rejection import rejection_sample
from hardposterior.planning import plan
from hardposterior.spec import upper_bound
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.posterior_stability import noise_distance, stability_bound

FLOATS = Floats()
BETA, TAU, DELTA, KAPPA2 = 1.0, 1.0, 0.9, 2e-4
YS = 200
FALSE_ALARM = 1e-6


@dataclass
class Pool:
    """Proposals made beforehand, each handed out once."""

    rows: torch.Tensor
    used: int = 0

    def __call__(self, count, generator):
        del generator
        self.used += count
        return self.rows[self.used - count : self.used]


def least_failure(residuals, tau):
    """A lower confidence bound on the least delta at tau from draws to N(0, 1), by half-lines."""
    count = len(residuals)
    margin = math.sqrt(math.log(2 / FALSE_ALARM) / (2 * count))  # Dvoretzky, Kiefer, Wolfowitz
    x = np.sort(residuals)
    above = np.arange(1, count + 1) / count - stats.norm.cdf(x + tau)
    below = np.arange(count, 0, -1) / count - stats.norm.sf(x - tau)
    return max(above.max(), below.max()) - margin


def run_the_plan(made, wrong):
    """Draws of the planned sampler at fresh y: residuals, refusals, evaluations, proposals."""
    evaluations = 0

    def denoise(x, sigma):
        # e^2 = u^2 E|s - s_hat|^2 = kappa^2 u, all that score_error allows where wrong = 1
        nonlocal evaluations
        evaluations += len(x)
        u = sigma**2
        return x / (1 + u) + wrong * math.sqrt(KAPPA2 * u / (1 + u)) * x

    rounds = int(made.rounds)
    generator = torch.Generator().manual_seed(0)
    schedule = geometric_schedule(made.sigma_max, made.sigma_min, made.steps)
    rows = reverse_diffusion(denoise, 1, schedule, YS * rounds, generator, dtype=torch.float64)
    measurement = LinearMeasurement(torch.ones(1, 1, dtype=torch.float64), BETA)
    residuals, refused = [], 0
    for i in range(YS):
        x = torch.randn(1, 1, generator=generator, dtype=torch.float64)
        y = measurement.observe(x, generator)[0]
        pool = Pool(rows[i * rounds : (i + 1) * rounds])
        found = rejection_sample(pool, measurement, y, 1, generator, max_proposals=rounds)
        refused += len(found.samples) == 0
        residuals += ((found.samples[:, 0] - y / 2) * math.sqrt(2)).tolist()
    return np.array(residuals), refused, evaluations, rows[:, 0].numpy()


@pytest.fixture(scope="module")
def made():
    """The plan: 3 * 10^4 steps and 28 proposals a draw."""
    return plan(1, 1, BETA, TAU, DELTA, KAPPA2)


def test_the_promise_holds_at_the_planned_cost(made):
    residuals, refused, evaluations, proposals = run_the_plan(made, wrong=1.0)
    assert evaluations <= YS * made.network_evaluations
    alpha = noise_distance(FLOATS, 1.0, made.tau, BETA)
    expected = float(stability_bound(made.closeness, alpha))
    bad = float(upper_bound.bad_measurements(DELTA / 4, made.closeness, alpha)) + DELTA / 4
    assert stats.binomtest(refused, YS, bad, alternative="greater").pvalue > FALSE_ALARM
    assert least_failure(proposals, made.tau) <= made.closeness
    assert least_failure(residuals, made.tau * math.sqrt(2)) + refused / YS <= expected + bad


def test_a_worse_score_than_planned_for_is_seen(made):
    _, _, _, proposals = run_the_plan(made, wrong=-60.0)
    assert least_failure(proposals, made.tau) > made.closeness
