"""The posterior of an implementation's hard instance and its measurement (Appendices A and B).

Evidence, density, words and images by enumeration at 50 digits; scaled units. Contracts in float64:
logarithms err by at most 1e-11 of the sizes that they add up, probabilities by 1e-10.
"""

from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.hard_instance import NEEDS, POSTERIOR, ctx, exactly, hold
from hardposterior.properties.hard_instance_functions import log_odds_size
from hardposterior.properties.tables import (
    Spread,
    digits,
    instance_of,
    instances,
    point_of,
    table_of,
)
from hardposterior.spec import hard_instance, lattice, measurement
from hardposterior.spec.evidence import Outcome, Run, evidence
from hardposterior.spec.smoothing import gaussian_density

LOG = 1e-11
PARAMETERS = ("separation", "spacing", "sigma")
OFFERED = ("words", "hidden_bit_probabilities", "image_probability", "log_evidence", "log_prob")


def joint_densities(numbers: dict[str, Any]) -> list[Any]:
    """p(s, y) for every word, scaled; `numbers` has y as the last m coordinates of x."""
    table, R, spacing = numbers["table"], numbers["separation"], numbers["spacing"]
    n = hard_instance.hidden_bits(table)
    y = [R * c for c in numbers["x"][n:]]
    pairs = hard_instance.coordinate_densities(ctx, 0, R, spacing, R * numbers["sigma"], y)
    flat = [(ctx.number(1), ctx.number(1))] * n
    joint = hard_instance.vertex_densities(table, flat + pairs)
    return [R ** len(y) * density / len(table) for density in joint]


def posterior_probabilities_match(implementation: Any, **case: Any) -> float:
    """Errors of bits', images' and words' probabilities over 1e-10, of log p(y) over its own."""
    law = instance_of(implementation, case)
    found = law.posterior(point_of(law, case["x"][case["n"] :]), case["sigma"])
    numbers = exactly(case)
    joint, table = joint_densities(numbers), numbers["table"]
    total = sum(joint)
    words = hard_instance.words(case["n"])
    if found.words.tolist() != [list(word) for word in words]:
        return float("inf")
    error = abs(ctx.number(float(found.log_evidence())) - ctx.log(total))
    worst = float(error / (LOG * (abs(ctx.log(total)) + log_odds_size(numbers))))
    pairs = []
    for i, chance in enumerate(found.hidden_bit_probabilities().tolist()):
        pairs.append((chance, sum(p for p, word in zip(joint, words, strict=True) if word[i])))
    images = hard_instance.words(case["m"])
    chances = found.image_probability(torch.tensor(images, device=law.device)).tolist()
    for image, chance in zip(images, chances, strict=True):
        same = (p for p, row in zip(joint, table, strict=True) if tuple(row) == image)
        pairs.append((chance, sum(same, ctx.number(0))))
    return max(worst, *(float(abs(ctx.number(a) - b / total)) / POSTERIOR for a, b in pairs))


def posterior_density_matches(
    implementation: Any, word: int, steps: list[int], **case: Any
) -> float:
    """Error of the posterior's log density at a point of a word's lattices, over its sizes.

    With respect to Lebesgue measure in the hidden coordinates and counting measure on the lattice.
    """
    law, n, numbers = instance_of(implementation, case), case["n"], exactly(case)
    table, R, spacing = numbers["table"], numbers["separation"], numbers["spacing"]
    image, y = table[word % len(table)], numbers["x"][n:]
    phases = [ctx.number(hard_instance.PHASES[bit]) for bit in image]
    points = [spacing * (k + phase) for k, phase in zip(steps, phases, strict=False)]
    x = [*case["x"][:n], *(float(point / R) for point in points)]
    found = float(
        law.posterior(point_of(law, case["x"][n:]), case["sigma"]).log_prob(point_of(law, x))
    )
    hidden = [
        [R * gaussian_density(ctx, ctx.number(1), R * c - s * R) for s in (-1, 1)]
        for c in numbers["x"][:n]
    ]
    total = ctx.number(0)
    for bits, row in zip(hard_instance.words(n), table, strict=True):
        if row == image:
            product = ctx.number(1)
            for pair, bit in zip(hidden, bits, strict=True):
                product *= pair[bit]
            total += product / len(table)
    exact = ctx.log(total) - ctx.log(sum(joint_densities(numbers)))
    sizes = abs(exact) + sum(R * R * (1 + abs(c)) ** 2 for c in numbers["x"][:n])
    variance = numbers["sigma"] ** 2
    for k, phase, point, seen in zip(steps, phases, points, y, strict=False):
        exact += ctx.log(lattice.mass(ctx, spacing, phase, k))
        term = ctx.log(gaussian_density(ctx, variance, seen - point / R))
        exact += term
        # a point of the lattice is rounded before it is given
        sizes += abs(term) + point**2 + abs(seen - point / R) * abs(point / R) / variance
    return float(abs(ctx.number(found) - exact) / (LOG * (sizes + log_odds_size(numbers))))


def measurement_sees_the_image(implementation: Any, **case: Any) -> float:
    """Error of the instance's own log p(y | x), over 1e-12 of the sizes that it adds up."""
    law, n = instance_of(implementation, case), case["n"]
    y = [c + case["sigma"] for c in reversed(case["x"][n:])]
    channel = law.measurement(case["sigma"])
    found = float(channel.log_likelihood(point_of(law, y), point_of(law, case["x"])))
    x = [ctx.number(c) for c in case["x"]]
    matrix = [[int(j == n + i) for j in range(len(x))] for i in range(len(y))]
    beta = ctx.number(case["sigma"])
    exact = measurement.log_likelihood(ctx, matrix, beta, [ctx.number(c) for c in y], x)
    reach = sum(abs(a) + abs(b) for a, b in zip(y, x[n:], strict=True)) ** 2 / beta**2
    return float(abs(ctx.number(found) - exact) / (1e-12 * (abs(exact) + len(y) + reach)))


def many_words_match(
    implementation: Any, n: int, places: list[int], digits: str, beta: float, y: list[float]
) -> float:
    """Errors of P(f(s) = z | y) and of log p(y), over 1e-10; f reads the bits at `places` alone.

    The other bits do not matter: the sums over 2^n words are those over few. R = 2, eps = 1.25.
    """
    table = table_of(len(places), len(y), digits)
    law = implementation.HardInstance(Spread(table, n, places), 2.0, 1.25)
    found = law.posterior(point_of(law, y), beta)
    numbers = {name: ctx.number(c) for name, c in zip(PARAMETERS, (2.0, 1.25, beta), strict=True)}
    x = [ctx.number(c) for c in [0.0] * len(places) + y]
    joint = joint_densities({"table": table, **numbers, "x": x})
    total = sum(joint)
    worst = float(abs(ctx.number(float(found.log_evidence())) - ctx.log(total)))
    for image in hard_instance.words(len(y)):
        chance = found.image_probability(torch.tensor(image, device=law.device))
        same = (p for p, row in zip(joint, table, strict=True) if tuple(row) == image)
        worst = max(worst, float(abs(ctx.number(float(chance)) - sum(same) / total)))
    return worst / POSTERIOR


def lacking(run: Run) -> Outcome | None:
    """An implementation's posteriors may lack what is asked here."""
    law = instance_of(
        run.implementation, {"n": 1, "m": 1, "digits": "2", "separation": 2.0, "spacing": 1.0}
    )
    posterior = law.posterior(point_of(law, [0.0]), 0.5)
    without = [name for name in OFFERED if not hasattr(posterior, name)]
    if without:
        return Outcome(status="not covered", detail=f"a posterior has no {', '.join(without)}")
    return None


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_probabilities_given_y_match_enumeration(run: Run) -> Outcome:
    """log p(y), words in order, P(s_i | y), P(f(s) = z | y) for all z: 50 digits, n, m <= 4."""
    cases = instances(sigma=(3e-3, 10.0))
    return lacking(run) or hold(run, posterior_probabilities_match, 25, cases)


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_posterior_over_many_words_is_whole(run: Run) -> Outcome:
    """n = 15 bits of which f reads two: P(f(s) = z | y) for all z and log p(y), 50 digits."""
    place = st.integers(-8, 8).map(lambda k: k / 16)
    cases = st.fixed_dictionaries(
        {
            "n": st.just(15),
            "places": st.lists(st.integers(0, 14), min_size=2, max_size=2, unique=True),
            "digits": digits(2, 2),
            "beta": st.sampled_from([0.1, 0.25, 1.0]),
            "y": st.lists(place, min_size=2, max_size=2),
        }
    )
    return lacking(run) or hold(run, many_words_match, 4, cases)


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_density_given_y_matches_enumeration(run: Run) -> Outcome:
    """The posterior's log density at points of both lattices, 50 digits, n, m <= 4."""
    cases = st.tuples(
        instances(sigma=(3e-3, 10.0)),
        st.integers(0, 15),
        st.lists(st.integers(-5, 5), min_size=4, max_size=4),
    ).map(lambda drawn: {**drawn[0], "word": drawn[1], "steps": drawn[2]})
    return lacking(run) or hold(run, posterior_density_matches, 25, cases)


@evidence(measurement.LINEAR_MEASUREMENT, kind="property", scope="box", needs=NEEDS)
def implemented_measurement_of_an_instance_sees_the_image(run: Run) -> Outcome:
    """log p(y | x) of the instance's measurement, A = [0 I_m], against 50 digits."""
    return hold(run, measurement_sees_the_image, 25, instances(sigma=(1e-2, 10.0)))
