"""Reverse diffusion on a calibrated hard instance: draws decode, and follow the prior's marginals.

A draw shows its word by signs, and its image by the lattice point nearest to each coordinate.
The sampler's law is not the prior: to first order in 1 / K, its variances are 8.3 / K too small
here (`output_variance` of statement reverse-diffusion), so that the mass at a is off by about
4.2 (1 - a^2) / K. Marginals are given that much slack, rounded up, beside their chance.
"""

import random
from collections.abc import Callable
from typing import Any

import torch
from scipy import stats

from hardposterior.properties.tables import Function, draw_digits, table_of
from hardposterior.spec import hard_instance, lattice, reverse_diffusion
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import FALSE_ALARM, Outcome, Run, evidence, judged, refuted

N = M = 8
SEPARATION, SPACING = 5.8159, 1.1106
"""Calibrated for n = m = 8 and C = 2, unscaled."""

FIRST, LAST = 20.0, 1 / 256
"""Scaled noise levels; d^-2 is the last."""

FAILURES = 1e-3
OF_BITS = 0.01
OF_VARIANCES, OF_MASSES = 10.0, 5.0
"""Slack: of a bit's probability; times 1 / K of a variance; times (1 + a^2) / K of a mass at a."""

TAU, NEAR = 0.05, 0.1
"""A distance, scaled, three times what the last level's noise moves x by; and a delta."""

Denoise = Callable[[torch.Tensor, float], torch.Tensor]
EXACT = ("HardInstance", "reverse_diffusion")
CLOSE = (*EXACT, "closeness_lower_bound")
NETWORK = (*EXACT, "ScoreNetwork", "random_table")


def geometric(steps: int) -> list[float]:
    """Levels in a constant ratio from `FIRST` to `LAST`."""
    return [FIRST * (LAST / FIRST) ** (k / steps) for k in range(steps + 1)]


def instance_and_denoiser(implementation: Any, digits: str, form: str) -> tuple[Any, Denoise]:
    """The hard instance of a table, and its exact denoiser or its network's."""
    table = table_of(N, M, digits)
    if form == "exact":
        law = implementation.HardInstance(Function(table), SEPARATION, SPACING)
        score = law.score
    else:
        circuit = implementation.random_table(torch.tensor(table))
        law = implementation.HardInstance(circuit, SEPARATION, SPACING)
        score = implementation.ScoreNetwork(law, float(N + M) ** -2)
    return law, lambda x, sigma: x + sigma**2 * score(x, sigma)


def draws(
    implementation: Any, digits: str, form: str, steps: int, count: int, seed: int
) -> tuple[Any, torch.Tensor]:
    """The instance and `count` draws, unscaled, float64 on the CPU."""
    law, denoise = instance_and_denoiser(implementation, digits, form)
    generator = torch.Generator(device=law.device or "cpu").manual_seed(seed)
    x = implementation.reverse_diffusion(
        denoise, N + M, geometric(steps), count, generator, dtype=law.dtype
    )
    return law, x.double().cpu() * SEPARATION


def within(found: int, trials: int, low: float, high: float) -> float:
    """The two-sided p-value that `found` of `trials` has a probability in [low, high]."""
    below, above = stats.binom.cdf(found, trials, low), stats.binom.sf(found - 1, trials, high)
    return float(min(1.0, 2 * min(below, above)))


def spread_within(squares: float, count: int, slack: float) -> float:
    """The two-sided p-value that a sum of squares is of normal draws of variance 1 +- `slack`."""
    low = stats.chi2.cdf(squares / (1 - slack), count)
    high = stats.chi2.sf(squares / (1 + slack), count)
    return float(min(1.0, 2 * min(low, high)))


def p_values(
    implementation: Any, digits: str, form: str, steps: int, count: int, seed: int
) -> dict[str, float]:
    """For each marginal the p-value that the draws have it, within the slack."""
    _, x = draws(implementation, digits, form, steps, count, seed)
    table = table_of(N, M, digits)
    bits = (x[:, :N] > 0).to(torch.int64)
    halves = (2 * x[:, N:] / SPACING).round().to(torch.int64)
    image = 1 - halves % 2
    right = Function(table)(bits)
    wrong = int((image != right).any(-1).sum())
    found = {"decoding": float(stats.binom.sf(wrong - 1, count, FAILURES))}
    signs = 2 * bits - 1
    for i in range(N):
        for j in range(i, N):
            ones = int((bits[:, i] if i == j else bits[:, i] ^ bits[:, j]).sum())
            found[f"hidden bits {i} and {j}"] = within(ones, count, 0.5 - OF_BITS, 0.5 + OF_BITS)
    noise, slack = SEPARATION * LAST, OF_VARIANCES / steps
    hidden = (x[:, :N] - SEPARATION * signs) ** 2 / (1 + noise**2)
    found["spread around +-R"] = spread_within(float(hidden.sum()), count * N, slack)
    left = ((x[:, N:] - halves * SPACING / 2) / noise) ** 2
    found["noise around the lattice"] = spread_within(float(left.sum()), count * M, slack)
    ctx = Floats()
    for bit, phase in enumerate(hard_instance.PHASES):
        places = (halves[right == bit] - (1 - bit)) // 2
        for k in range(-2 - (1 - bit), 3):
            mass = float(lattice.mass(ctx, SPACING, float(phase), k))
            seen = int((places == k).sum())
            room = OF_MASSES * (1 + (SPACING * (k + float(phase))) ** 2) / steps
            ends = mass * max(0.0, 1 - room), mass * (1 + room)
            found[f"mass {k} of phase {float(phase)}"] = within(seen, len(places), *ends)
    return found


def judged_draws(run: Run, form: str) -> Outcome:
    """Draws of one random table; the smallest p-value times their number."""
    digits = draw_digits(N, M, random.Random(run.seed))
    count, steps = run.size(2_000, 4_000, 20_000), run.size(300, 300, 1000)
    case = (digits, form, steps, count, run.seed)
    found = p_values(run.implementation, *case)
    worst = min(found, key=lambda name: found[name])
    call = f"{__name__}.p_values(implementation, {', '.join(map(repr, case))})[{worst!r}]"
    return judged(
        min(1.0, found[worst] * len(found)), count, call, detail=f"{len(found)} tests of {form}"
    )


@evidence(reverse_diffusion.REVERSE_DIFFUSION, kind="statistical", scope="step", needs=EXACT)
def draws_of_a_hard_instance_decode_with_the_exact_denoiser(run: Run) -> Outcome:
    """n = m = 8 calibrated: 99.9 % decode; words, spread, lattice masses; false alarm 1e-6.

    Finds (in dev) failures of 2 %, bits at .6, variances 13 % off, masses near 0 off by 15 %.
    """
    return judged_draws(run, "exact")


@evidence(reverse_diffusion.REVERSE_DIFFUSION, kind="statistical", scope="step", needs=NETWORK)
def draws_of_a_hard_instance_decode_with_the_network(run: Run) -> Outcome:
    """As with the exact denoiser, by the ReLU network of accuracy d^-2; false alarm 1e-6."""
    return judged_draws(run, "network")


def certified_distance(
    implementation: Any, digits: str, steps: int, count: int, seed: int
) -> float:
    """At least this is delta between the sampler's law and the prior at `TAU`, at 1 - 1e-6."""
    law, x = draws(implementation, digits, "exact", steps, count, seed)
    generator = torch.Generator(device=law.device or "cpu").manual_seed(seed + 1)
    exact, _ = law.sample(count, generator)
    found = implementation.closeness_lower_bound(
        x / SEPARATION, exact.double().cpu(), TAU, FALSE_ALARM
    )
    return float(found.delta)


@evidence(reverse_diffusion.REVERSE_DIFFUSION, kind="statistical", scope="step", needs=CLOSE)
def draws_of_a_hard_instance_are_close_to_exact_ones(run: Run) -> Outcome:
    """No set shows more than delta = .1 at tau = .05, scaled; false alarm 1e-6 if delta <= .1.

    Ten steps are told apart: .22 is certified. From below: it cannot show that delta is small.
    """
    digits = draw_digits(N, M, random.Random(run.seed))
    count, steps = run.size(2_000, 2_000, 20_000), run.size(150, 150, 1000)
    delta = certified_distance(run.implementation, digits, steps, count, run.seed)
    if delta > NEAR:
        case = f"{digits!r}, {steps}, {count}, {run.seed}"
        return refuted(f"{__name__}.certified_distance(implementation, {case}) = {delta:.4g}")
    return judged(1.0, count, "", detail=f"at least {delta:.3g} apart")
