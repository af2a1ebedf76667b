"""`plan`: the upper bound as numbers, for a dimension, a measurement and an accuracy (Appendix E).

Reverse diffusion in K steps proposes, rejection accepts: the sampler is a (tau, delta)-posterior
sampler of at most K N network evaluations a draw. Every formula is one of `hardposterior.spec`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from hardposterior.impl import arguments
from hardposterior.spec import reverse_diffusion, upper_bound
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.posterior_stability import noise_distance
from hardposterior.usage import UsageError

FLOATS = Floats()
MOST_STEPS = 10**15


@dataclass(frozen=True)
class SamplingPlan:
    """A schedule and a number of proposals, and what they guarantee.

    `sigma_max`, `sigma_min` and `steps` are arguments of `geometric_schedule`, in the units of x.
    `tau` and `delta` are guaranteed, not merely asked for. `log_rounds` is the logarithm of
    `rounds`, which is infinite where it overflows.
    """

    steps: int
    sigma_max: float
    sigma_min: float
    divergence: float
    closeness: float
    log_rounds: float
    tau: float
    delta: float

    @property
    def rounds(self) -> float:
        """Proposals at most, for each draw."""
        return float(math.ceil(math.exp(self.log_rounds))) if self.log_rounds < 700 else math.inf

    @property
    def network_evaluations(self) -> float:
        """Evaluations of the denoiser at most, for each draw."""
        return self.steps * self.rounds


def least(fits: Callable[[float], bool], low: float, high: float) -> float:
    """The least float where an increasing condition holds, by bisection; `high` must fit."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def least_steps(span: float, d: int, budget: float) -> int:
    """The least K for which K steps over log(u_0 / u_K) = span discretize within the budget."""

    def fits(steps: int) -> bool:
        ratio = math.exp(min(span / steps, 700))
        return reverse_diffusion.discretization_term(d, ratio, steps) <= budget

    high = 1
    while not fits(high):
        high *= 2
        if high > MOST_STEPS:
            raise UsageError("delta: so small that more than 10^15 steps are needed")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def plan(
    d: int,
    m: int,
    beta: float,
    tau: float,
    delta: float,
    score_error: float,
    *,
    covariance: float = 1.0,
) -> SamplingPlan:
    """Steps, proposals and evaluations that make a (tau, delta)-posterior sampler.

    x in R^d has covariance of norm at most `covariance` and mean zero; y = A x + beta N(0, I_m),
    |A| <= 1. `score_error` bounds sigma^2 E|s_hat - s|^2 at every level. Raises `UsageError` where
    that error is too large for the accuracy asked for.

    >>> plan(d=8, m=2, beta=0.5, tau=0.1, delta=0.1, score_error=1e-9).delta <= 0.1
    True
    """
    d, m = arguments.integer("d", d, 1), arguments.integer("m", m, 1)
    beta, tau = arguments.positive("beta", beta), arguments.positive("tau", tau)
    covariance = arguments.positive("covariance", covariance)
    delta = arguments.positive("delta", delta)
    if delta > 1:
        raise UsageError(f"delta = {delta}: must be a number in (0, 1]")
    if arguments.finite("score_error", score_error) < 0:
        raise UsageError(f"score_error = {score_error}: must be a finite number >= 0")
    part = upper_bound.closeness_allowed(FLOATS, delta) / 3
    near = tau
    if noise_distance(FLOATS, 1.0, tau, beta) > part:
        near = -least(lambda t: noise_distance(FLOATS, 1.0, -t, beta) <= part, -tau, 0.0)
    tail = least(
        lambda z: reverse_diffusion.chi_square_tail(FLOATS, d, z) <= part, 0.0, far(d, part)
    )
    last, budget = near**2 / tail, 2 * part**2 / 3
    top = d * covariance / (2 * budget)
    span = math.log(top / last)
    steps = least_steps(span, d, budget)
    ratio = math.exp(span / steps)
    if reverse_diffusion.score_term(score_error, ratio, steps) > budget:
        allowed = budget / reverse_diffusion.score_term(1.0, ratio, steps)
        raise UsageError(
            f"score_error = {score_error}: must be at most {allowed:.3g} for tau = {tau}, "
            f"delta = {delta}"
        )
    divergence = reverse_diffusion.divergence_bound(
        FLOATS, d, d * covariance, top, ratio, steps, score_error
    )
    closeness = reverse_diffusion.closeness_bound(FLOATS, divergence, d, near, last)
    alpha = noise_distance(FLOATS, 1.0, near, beta)
    guaranteed = upper_bound.guaranteed_delta(FLOATS, closeness, alpha, delta / 4, delta / 4)
    second_moment = m * (covariance + beta**2)
    return SamplingPlan(
        steps=steps,
        sigma_max=math.sqrt(top),
        sigma_min=math.sqrt(last),
        divergence=divergence,
        closeness=closeness,
        log_rounds=upper_bound.log_rounds(FLOATS, m, beta, delta / 4, second_moment, delta / 4),
        tau=near,
        delta=guaranteed,
    )


def far(d: int, tail: float) -> float:
    """A z with Pr[chi2_d > z] <= tail, by doubling."""
    z = 2.0 * d
    while reverse_diffusion.chi_square_tail(FLOATS, d, z) > tail:
        z *= 2
    return z
