"""The upper bound end to end: reverse diffusion with a wrong denoiser proposes, rejection accepts.

The prior is N(0, v I_d) and y = x_1 + beta Z, so the posterior is Gaussian: coordinates beyond the
first are those of the prior. With D_hat(x) = (v / (v + u) + error) x proposals are Gaussian too, of
a variance that the spec's recursion gives, and so is what rejection returns.
"""

import math
from typing import Any

import torch
from hypothesis import strategies as st
from scipy import stats

from hardposterior.properties.hard_instance_draws import variance_p_value
from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import reverse_diffusion, upper_bound
from hardposterior.spec.acceptance import log_sharp
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence, judged
from hardposterior.spec.posterior_stability import noise_distance, stability_bound

FLOATS = Floats()


def promised(
    variance: float, top: float, ratio: float, steps: int, error: float, tau: float
) -> tuple[float, float]:
    """delta' of the proposals at tau, d = 1, and their variance."""
    divergence = reverse_diffusion.three_terms_for_a_gaussian(
        FLOATS, variance, top, ratio, steps, error
    )
    last = reverse_diffusion.levels(top, ratio, steps)[-1]
    closeness = reverse_diffusion.closeness_bound(FLOATS, divergence, 1, tau, last)
    made = reverse_diffusion.output_variance(variance, top, ratio, steps, error)
    return float(closeness), float(made)


def posterior(variance: float, beta: float, y: float) -> tuple[float, float]:
    """Mean and standard deviation of x given y for the prior N(0, v)."""
    gain = variance / (variance + beta**2)
    return gain * y, math.sqrt(gain) * beta


def failure_of_gaussians(
    first: tuple[float, float], second: tuple[float, float], tau: float
) -> float:
    """An upper bound on the least failure at tau: the monotone coupling."""
    shift, scale = abs(first[0] - second[0]), abs(first[1] - second[1])
    if scale == 0:
        return float(shift > tau)
    return float(stats.norm.sf((tau - shift) / scale) + stats.norm.cdf((-tau - shift) / scale))


def expected_failure_within_the_promise(
    variance: float, beta: float, top: float, ratio: float, steps: int, error: float, tau: float
) -> float:
    """E over y of the failure of p_hat's exact posterior, over 2 (delta' + (1 - delta') alpha).

    The failure is bounded by the monotone coupling, averaged over a grid of quantiles of y.
    """
    closeness, made = promised(variance, top, ratio, steps, error, tau)
    bound = stability_bound(min(closeness, 1.0), noise_distance(FLOATS, 1.0, tau, beta))
    spread = math.sqrt(variance + beta**2)
    levels = [spread * float(stats.norm.ppf((i + 0.5) / 200)) for i in range(200)]
    failures = [
        failure_of_gaussians(posterior(variance, beta, y), posterior(made, beta, y), tau)
        for y in levels
    ]
    return sum(failures) / len(failures) / float(bound)


def bad_measurements_within_the_promise(
    variance: float, beta: float, top: float, ratio: float, steps: int, error: float, tau: float
) -> float:
    """Pr_{y~p}[q_hat(y) < bound(delta_a, S of p)] over delta_a + delta' + alpha, delta_a = .1."""
    closeness, made = promised(variance, top, ratio, steps, error, tau)
    level = log_sharp(FLOATS, 1, beta, 0.1, variance + beta**2)
    allowed = upper_bound.bad_measurements(0.1, closeness, noise_distance(FLOATS, 1.0, tau, beta))
    peak = math.log(beta) - math.log(made + beta**2) / 2
    if peak <= level:
        return 1 / float(allowed)
    edge = math.sqrt(2 * (made + beta**2) * (peak - level))
    return 2 * float(stats.norm.sf(edge / math.sqrt(variance + beta**2))) / float(allowed)


def draws_follow_the_wrong_prior(
    implementation: Any,
    d: int,
    variance: float,
    beta: float,
    y: float,
    levels: tuple[float, ...],
    error: float,
    count: int,
    seed: int,
) -> tuple[float, float]:
    """The least p-value of the first coordinate and of the rest, and the proposals for a draw.

    Kolmogorov-Smirnov for shapes, sums of squares for variances, Bonferroni over all four.
    """
    top, steps = levels[0] ** 2, len(levels) - 1
    ratio = (levels[0] / levels[-1]) ** (2 / steps)

    def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
        return (variance / (variance + sigma**2) + error) * x

    def proposal(size: int, generator: torch.Generator) -> torch.Tensor:
        drawn: torch.Tensor = implementation.reverse_diffusion(
            denoise, d, levels, size, generator, dtype=torch.float64
        )
        return drawn

    row = torch.zeros(1, d, dtype=torch.float64)
    row[0, 0] = 1
    found = implementation.rejection_sample(
        proposal,
        implementation.LinearMeasurement(row, beta),
        torch.tensor([y], dtype=torch.float64),
        count,
        torch.Generator().manual_seed(seed),
        max_proposals=1000 * count,
    )
    made = float(reverse_diffusion.output_variance(variance, top, ratio, steps, error))
    mean, deviation = posterior(made, beta, y)
    x = found.samples.numpy()
    sides = (x[:, 0] - mean) / deviation, x[:, 1:].ravel() / math.sqrt(made)
    tests = [float(stats.kstest(side, "norm").pvalue) for side in sides]
    tests += [variance_p_value(side) for side in sides]
    return min(1.0, len(tests) * min(tests)), found.proposals / count


@evidence(
    upper_bound.UPPER_BOUND,
    kind="statistical",
    scope="box",
    needs=("reverse_diffusion", "rejection_sample", "LinearMeasurement"),
)
def reverse_diffusion_then_rejection(run: Run) -> Outcome:
    """Draws against the Gaussian law that a wrong denoiser leads to; false alarm 1e-6.

    Sees a tenth in either variance.
    """
    count = run.size(15_000, 15_000, 50_000)
    levels = tuple(8.0 * 0.8**k for k in range(20))
    case = (3, 1.0, 0.5, 0.7, levels, 0.02, count, run.seed)
    p_value, proposals = draws_follow_the_wrong_prior(run.implementation, *case)
    shown = ", ".join(map(repr, case))
    call = f"{__name__}.draws_follow_the_wrong_prior(implementation, {shown})"
    return judged(p_value, count, call, detail=f"{proposals:.2f} proposals a draw")


def problems() -> st.SearchStrategy[dict[str, Any]]:
    """A Gaussian prior, a schedule, a denoiser's error and a tau."""
    return st.fixed_dictionaries(
        {
            "variance": on_a_log_scale(0.1, 10.0),
            "beta": on_a_log_scale(0.05, 2.0),
            "top": on_a_log_scale(100.0, 1e6),
            "ratio": on_a_log_scale(1.01, 1.5),
            "steps": st.integers(10, 400),
            "error": st.floats(-0.01, 0.01),
            "tau": on_a_log_scale(1e-3, 0.5),
        }
    )


@evidence(upper_bound.UPPER_BOUND, kind="property", scope="box")
def expected_failure_stays_within_the_promise(run: Run) -> Outcome:
    """E over y of the posterior's failure at tau against the composed bound, Gaussian priors."""
    return search(
        run,
        expected_failure_within_the_promise,
        problems(),
        examples=run.size(60, 300, 3000),
        on_implementation=False,
        tightness=True,
    )


@evidence(upper_bound.UPPER_BOUND, kind="property", scope="box")
def bad_measurements_stay_within_the_promise(run: Run) -> Outcome:
    """Pr_{y~p}[q_hat(y) < bound] against delta_a + delta' + alpha, Gaussian priors."""
    return search(
        run,
        bad_measurements_within_the_promise,
        problems(),
        examples=run.size(100, 500, 5000),
        on_implementation=False,
        tightness=True,
    )
