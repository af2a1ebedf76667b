"""An implementation of the hard instance held to its definition (Appendix A), scaled units.

Contracts in float64: each coordinate of the score errs by at most 1e-11 of its natural scale, the
log density by 1e-12 of the sizes it adds up, the covariance by 1e-12, posterior probabilities by
1e-10. In float32 nothing is promised here: log-odds are products of large numbers.
"""

from typing import Any

import numpy as np

from hardposterior.properties.arithmetic import Decimals
from hardposterior.properties.lattice import natural_scale
from hardposterior.properties.search import search
from hardposterior.properties.tables import instance_of, instances, point_of, table_of
from hardposterior.spec import covariance, hard_instance, lattice
from hardposterior.spec.evidence import Outcome, Run, evidence

ctx = Decimals(50)

REFERENCE = ctx.number("1e-40")
"""What 50 digits themselves may err by."""

SCORE, LOG_PROB, COVARIANCE, POSTERIOR = 1e-11, 1e-12, 1e-12, 1e-10
NEEDS = ("HardInstance",)


def exactly(case: dict[str, Any]) -> dict[str, Any]:
    """The definition's parameters at 50 digits, floats taken exactly."""
    return {
        "table": table_of(case["n"], case["m"], case["digits"]),
        **{name: ctx.number(case[name]) for name in ("separation", "spacing", "sigma")},
        "x": [ctx.number(c) for c in case["x"]],
    }


def allowances(numbers: dict[str, Any]) -> list[Any]:
    """What each coordinate of the score may err by, scaled.

    1e-11 of the natural scale: (R + |x|) / t in a hidden coordinate, in an image coordinate the
    phases' scales averaged by their probabilities. The probabilities have errors of a rounding of
    1, so 2^-50 of the phases' whole scales is added.
    """
    n, R = hard_instance.hidden_bits(numbers["table"]), numbers["separation"]
    sigma, x = R * numbers["sigma"], [R * c for c in numbers["x"]]
    t = lattice.smoothed_variance(sigma)
    table, spacing = numbers["table"], numbers["spacing"]
    weights = hard_instance.word_probabilities(ctx, table, R, spacing, sigma, x)
    found = [SCORE * (R + abs(c)) / t for c in x[:n]]
    for j, c in enumerate(x[n:]):
        one = sum(w * row[j] for w, row in zip(weights, table, strict=True))
        phases = [natural_scale(spacing, ctx.number(p), sigma, c) for p in hard_instance.PHASES]
        average = (1 - one) * phases[0] + one * phases[1]
        found.append(SCORE * average + 2.0**-50 * sum(phases) + REFERENCE)
    return [R * allowed for allowed in found]


def score_matches_the_definition(implementation: Any, **case: Any) -> float:
    """The worst coordinate's error of `score` over its allowance."""
    law = instance_of(implementation, case)
    found = law.score(point_of(law, case["x"]), case["sigma"]).tolist()
    numbers = exactly(case)
    exact = hard_instance.scaled_score(ctx, **numbers)
    return max(
        float(abs(ctx.number(a) - b) / allowed)
        for a, b, allowed in zip(found, exact, allowances(numbers), strict=True)
    )


def log_prob_matches_the_definition(implementation: Any, **case: Any) -> float:
    """Error of `log_prob` over its allowance, 1e-12 of the sizes that it adds up.

    These are d, |log p|, (x^2 + R^2) / (2 t) of the hidden coordinates, and the larger of both
    phases' log densities in each image coordinate: on a point of one lattice the other's is large.
    """
    law = instance_of(implementation, case)
    found = float(law.log_prob(point_of(law, case["x"]), case["sigma"]))
    numbers = exactly(case)
    exact = ctx.log(hard_instance.scaled_density(ctx, **numbers))
    R, spacing = numbers["separation"], numbers["spacing"]
    sigma, x = R * numbers["sigma"], [R * c for c in numbers["x"]]
    t = lattice.smoothed_variance(sigma)
    hidden, image = x[: case["n"]], x[case["n"] :]
    pairs = hard_instance.coordinate_densities(ctx, 0, R, spacing, sigma, image)
    scale = len(x) + abs(exact) + sum((c * c + R * R) / (2 * t) for c in hidden)
    scale += sum(max(abs(ctx.log(p)) for p in pair) for pair in pairs)
    return float(abs(ctx.number(found) - exact) / (LOG_PROB * scale))


def covariance_matches_the_definition(implementation: Any, **case: Any) -> float:
    """The worst entry's error of `covariance` over 1e-12 |Cov|; off the diagonal it is zero."""
    law = instance_of(implementation, case)
    found = law.covariance().double().cpu().numpy()
    table = table_of(case["n"], case["m"], case["digits"])
    R, spacing = ctx.number(case["separation"]), ctx.number(case["spacing"])
    zero, one = (
        covariance.second_moment(ctx, spacing, ctx.number(p)) for p in hard_instance.PHASES
    )
    variances = [1 + R * R] * case["n"]
    for j in range(case["m"]):
        share = ctx.number(sum(row[j] for row in table)) / len(table)
        variances.append((1 - share) * zero + share * one)
    exact = np.diag([float(v / (R * R)) for v in variances])
    norm = float(covariance.covariance_norm(ctx, table, R, spacing))
    worst = float(np.abs(found - exact).max())
    return worst / (COVARIANCE * norm)


def posterior_matches_enumeration(implementation: Any, **case: Any) -> float:
    """The worst error of P(s | y) and of P(f(s)_j = 1 | y) over 1e-10."""
    law = instance_of(implementation, case)
    posterior = law.posterior(point_of(law, case["x"][case["n"] :]), case["sigma"])
    numbers = exactly(case)
    y = numbers.pop("x")[case["n"] :]
    exact = hard_instance.scaled_posterior(ctx, beta=numbers.pop("sigma"), y=y, **numbers)
    found = posterior.hidden_probabilities().tolist()
    errors = [abs(ctx.number(a) - b) for a, b in zip(found, exact, strict=True)]
    for j, bit in enumerate(posterior.image_bit_probabilities().tolist()):
        one = sum(w * row[j] for w, row in zip(exact, numbers["table"], strict=True))
        errors.append(abs(ctx.number(bit) - one))
    return float(max(errors)) / POSTERIOR


def hold(run: Run, check: Any, examples: int, cases: Any = None) -> Outcome:
    """Search for an instance on which the implementation fails `check`."""
    if run.dtype != "float64":
        return Outcome(status="not covered", detail="promised in float64 alone")
    drawn = instances() if cases is None else cases
    return search(run, check, drawn, examples=run.size(examples, 5 * examples, 50 * examples))


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_score_matches_the_sum_over_vertices(run: Run) -> Outcome:
    """`score` against 50 digits, n, m <= 6, scaled sigma in [1e-3, 1e2]."""
    return hold(run, score_matches_the_definition, 25, instances(largest=6))


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_log_density_matches_the_sum_over_vertices(run: Run) -> Outcome:
    """`log_prob` against 50 digits."""
    return hold(run, log_prob_matches_the_definition, 25)


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_posterior_matches_enumeration(run: Run) -> Outcome:
    """P(s | y) and the image bits' probabilities against 50 digits, n, m <= 8."""
    cases = instances(largest=8, sigma=(3e-3, 10.0))
    return hold(run, posterior_matches_enumeration, 40, cases)


@evidence(covariance.COVARIANCE, kind="property", scope="box", needs=NEEDS)
def implemented_covariance_matches_the_definition(run: Run) -> Outcome:
    """`covariance` against the lattice's second moments at 50 digits."""
    return hold(run, covariance_matches_the_definition, 20)
