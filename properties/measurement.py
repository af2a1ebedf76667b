"""Measurements, decoding and the exact posterior by routes that use only draws."""

import math
import random
from typing import Any

import torch
from hypothesis import strategies as st
from scipy import stats

from hardposterior.properties import claims
from hardposterior.properties.arithmetic import Decimals
from hardposterior.properties.hard_instance_draws import variance_p_value
from hardposterior.properties.search import search
from hardposterior.properties.tables import Function, draw_digits, table_of
from hardposterior.spec import hard_instance, measurement
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence, judged, undecided

NEEDS = ("HardInstance",)
ENOUGH = 1000
"""Accepted proposals below which rejection decides nothing."""

ctx = Decimals(50)


def log_likelihood_matches(
    implementation: Any, rows: list[list[float]], beta: float, y: list[float], x: list[float]
) -> float:
    """Error of `log_likelihood` over 1e-13 of the sizes it adds up; rows are divided by |A|."""
    A = torch.tensor(rows, dtype=torch.float64)
    A = A / max(1.0, float(torch.linalg.matrix_norm(A, 2)) * (1 + 1e-12))
    channel = implementation.LinearMeasurement(A, beta)
    found = channel.log_likelihood(
        torch.tensor(y, dtype=torch.float64), torch.tensor(x, dtype=torch.float64)
    )
    numbers = [ctx.number(beta), [ctx.number(c) for c in y], [ctx.number(c) for c in x]]
    matrix = [[ctx.number(a) for a in row] for row in A.tolist()]
    exact = measurement.log_likelihood(ctx, matrix, *numbers)
    reach = sum(abs(c) for c in x) + max(abs(c) for c in y)
    residual = abs(exact) + len(y) * (2 + abs(math.log(beta)))
    scale = residual + reach * math.sqrt(float(residual)) / beta
    return float(abs(ctx.number(float(found)) - exact) / (1e-13 * scale))


@evidence(
    measurement.LINEAR_MEASUREMENT, kind="property", scope="box", needs=("LinearMeasurement",)
)
def implemented_likelihood_matches_the_definition(run: Run) -> Outcome:
    """`log_likelihood` against 50 digits, A up to 3 x 4 and of norm at most 1."""
    entry = st.floats(-2, 2).map(lambda a: round(a, 6))
    cases = st.tuples(st.integers(1, 3), st.integers(1, 4)).flatmap(
        lambda shape: st.fixed_dictionaries(
            {
                "rows": st.lists(
                    st.lists(entry, min_size=shape[1], max_size=shape[1]),
                    min_size=shape[0],
                    max_size=shape[0],
                ),
                "beta": st.floats(0.01, 3.0),
                "y": st.lists(entry, min_size=shape[0], max_size=shape[0]),
                "x": st.lists(entry, min_size=shape[1], max_size=shape[1]),
            }
        )
    )
    return search(run, log_likelihood_matches, cases, examples=run.size(60, 200, 2000))


@evidence(
    measurement.LINEAR_MEASUREMENT, kind="statistical", scope="box", needs=("LinearMeasurement",)
)
def noise_of_the_implementation_is_normal(run: Run) -> Outcome:
    """(y - A x) / beta: Kolmogorov-Smirnov for coordinates and sums, and the sum of squares.

    False alarm 1e-6; finds beta off by 2 %.
    """
    count = run.size(100_000, 200_000, 2_000_000)
    A, beta = torch.tensor([[0.6, 0.0, 0.8], [0.0, 0.5, 0.0]], dtype=torch.float64), 0.3
    channel = run.implementation.LinearMeasurement(A, beta)
    generator = torch.Generator().manual_seed(run.seed)
    x = torch.randn((count, 3), generator=generator, dtype=torch.float64)
    noise = ((channel.observe(x, generator) - x @ A.T) / beta).numpy()
    sides = [noise[:, 0], noise[:, 1], noise.sum(1) / math.sqrt(2), noise[:, 0] - x[:, 0].numpy()]
    sides[3] = sides[3] / math.sqrt(2)
    tests = [variance_p_value(noise), *(float(stats.kstest(z, "norm").pvalue) for z in sides)]
    p_value = min(1.0, len(tests) * min(tests))
    call = f"LinearMeasurement({A.tolist()}, {beta}).observe, seed {run.seed}: not N(A x, beta^2)"
    return judged(p_value, count, call)


def decoding_p_value(
    implementation: Any, n: int, m: int, digits: str, h: float, count: int, seed: int
) -> tuple[float, float]:
    """The p-value that decoded bits fail as the exact series says, and the share of p_dec used.

    R = 4, eps = 1; beta = eps / (4 R h). Given f(s) coordinates fail independently.
    """
    separation, spacing = 4.0, 1.0
    function = Function(table_of(n, m, digits))
    law = implementation.HardInstance(function, separation, spacing)
    generator = torch.Generator(device=law.device or "cpu").manual_seed(seed)
    x, bits = law.sample(count, generator)
    beta = spacing / (4 * separation * h)
    y = law.measurement(beta).observe(x, generator)
    half_steps = torch.round(2 * separation * y / spacing)
    wrong = (half_steps.remainder(2) == 0).long() != function(bits)
    fails = int(wrong.sum())
    exact = float(measurement.coordinate_failure(Floats(), h))
    any_fails = float(wrong.any(-1).double().mean())
    bound = float(measurement.failure_bound(Floats(), m, h))
    return float(stats.binomtest(fails, m * count, exact).pvalue), any_fails / bound


@evidence(measurement.PHASE_DECODING_EXACT, kind="statistical", scope="box", needs=NEEDS)
def decoded_bits_fail_as_the_series_says(run: Run) -> Outcome:
    """Nearest-point decoding at h = 1/2, 1, 2: exact binomials; false alarm 1e-6.

    Finds one of the three rates off by 5 %.
    """
    draw = random.Random(run.seed)
    count = run.size(100_000, 100_000, 1_000_000)
    digits = draw_digits(4, 5, draw)
    ratios, worst, p_value, call = (0.5, 1.0, 2.0), 0.0, 1.0, ""
    for h in ratios:
        case = (4, 5, digits, h, count, draw.getrandbits(48))
        chance, share = decoding_p_value(run.implementation, *case)
        worst = max(worst, share)
        if min(1.0, chance * len(ratios)) <= p_value:
            p_value = min(1.0, chance * len(ratios))
            shown = ", ".join(map(repr, case))
            call = f"{__name__}.decoding_p_value(implementation, {shown}) = {chance:.3g}"
    detail = f"all bits decoded but for {worst:.3f} of p_dec"
    return judged(p_value, 5 * count * len(ratios), call, detail=detail)


def rejection_p_value(
    implementation: Any, n: int, m: int, digits: str, beta: float, count: int, seed: int
) -> tuple[float, int]:
    """The p-value that prior draws kept by the likelihood follow the posterior; how many are kept.

    Words by exact binomials; every coordinate of x by a two-sample Kolmogorov-Smirnov test against
    draws of the posterior (ties make it cautious).
    """
    law = implementation.HardInstance(Function(table_of(n, m, digits)), 1.5, 1.3)
    generator = torch.Generator(device=law.device or "cpu").manual_seed(seed)
    x, bits = law.sample(count, generator)
    made = law.measurement(beta).observe(x[:8], generator)
    y = made[made.double().norm(dim=-1).argmin()]  # one that many proposals reach
    distance = (x[:, n:] - y).double().square().sum(-1)
    uniform = torch.rand(count, generator=generator, device=law.device).double()
    keep = uniform < torch.exp(-distance / (2 * beta * beta))
    keep[:8] = False  # y was made from these
    kept, words = x[keep], bits[keep] @ (2 ** torch.arange(n - 1, -1, -1, device=bits.device))
    posterior = law.posterior(y, beta)
    exact = posterior.hidden_probabilities().double().tolist()
    size = len(kept)
    tests = [
        stats.binomtest(int((words == k).sum()), size, min(1.0, p)).pvalue
        for k, p in enumerate(exact)
    ]
    drawn = posterior.sample(size, generator).double().cpu().numpy()
    tests += [
        float(stats.ks_2samp(column, other, method="asymp").pvalue)
        for column, other in zip(kept.double().cpu().numpy().T, drawn.T, strict=True)
    ]
    return float(min(1.0, min(tests) * len(tests))), size


@evidence(hard_instance.HARD_INSTANCE, kind="statistical", scope="box", needs=NEEDS)
def posterior_agrees_with_rejection(run: Run) -> Outcome:
    """m = 2 to 4: prior draws kept with the likelihood's probability; false alarm 1e-6.

    Finds a word whose probability is off by 0.12 (1,000 kept) to 0.05 (6,000 kept).
    """
    draw = random.Random(run.seed)
    count = run.size(200_000, 400_000, 4_000_000)
    sizes = ((3, 2, 0.25), (3, 3, 0.25), (2, 4, 0.5))
    p_value, kept, call = 1.0, 0, ""
    for n, m, beta in sizes:
        case = (n, m, draw_digits(n, m, draw), beta, count, draw.getrandbits(48))
        shown = f"{__name__}.rejection_p_value(implementation, {', '.join(map(repr, case))})"
        chance, size = rejection_p_value(run.implementation, *case)
        if size < ENOUGH:
            return undecided(f"not resolved: {size} proposals kept in {shown}", cases=kept)
        kept += size
        if min(1.0, chance * len(sizes)) <= p_value:
            p_value, call = min(1.0, chance * len(sizes)), f"{shown} = {chance:.3g}"
    return judged(p_value, kept, call, detail=f"{kept} proposals kept of {count * len(sizes)}")


RATIO = st.floats(0.05, 6.0)
claims.register(
    measurement.PHASE_DECODING,
    st.fixed_dictionaries({"m": st.integers(1, 1000), "h": RATIO}),
    40,
)
claims.register(measurement.PHASE_DECODING_EXACT, st.fixed_dictionaries({"h": RATIO}), 40)
