"""What an instance offers beside score and density, held to its definition (Appendices A and C).

Denoisers, posterior means of the vertex, derivatives, one level per point, and sums over so many
words that they are made in blocks. Scaled units; contracts in float64 as in `hard_instance`.
"""

import random
from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.hard_instance import (
    LOG_PROB,
    NEEDS,
    allowances,
    ctx,
    exactly,
    hold,
)
from hardposterior.properties.tables import (
    Function,
    Spread,
    draw_digits,
    instance_of,
    instances,
    point_of,
    table_of,
)
from hardposterior.spec import hard_instance, lattice, mixture_score, smoothing
from hardposterior.spec.evidence import Outcome, Run, evidence, held, refuted

DENOISER = 1e-13
"""On |x| + |D|, beside sigma^2 times what the score may err by."""


def not_covered(name: str) -> Outcome:
    """An implementation's instances may lack this."""
    return Outcome(status="not covered", detail=f"HardInstance has no {name}")


def denoiser_matches_the_definition(implementation: Any, **case: Any) -> float:
    """The worst coordinate's error of `denoise`, D = x + sigma^2 s, over its allowance."""
    law = instance_of(implementation, case)
    found = law.denoise(point_of(law, case["x"]), case["sigma"]).tolist()
    numbers = exactly(case)
    variance = numbers["sigma"] ** 2
    score = hard_instance.scaled_score(ctx, **numbers)
    exact = [c + variance * s for c, s in zip(numbers["x"], score, strict=True)]
    return max(
        float(abs(ctx.number(a) - b) / (variance * allowed + DENOISER * (abs(b) + abs(c))))
        for a, b, c, allowed in zip(found, exact, numbers["x"], allowances(numbers), strict=True)
    )


def log_odds_size(numbers: dict[str, Any]) -> Any:
    """The sizes that a word's log-weight adds up."""
    n, R = hard_instance.hidden_bits(numbers["table"]), numbers["separation"]
    sigma, x = R * numbers["sigma"], [R * c for c in numbers["x"]]
    t = lattice.smoothed_variance(sigma)
    pairs = hard_instance.coordinate_densities(ctx, 0, R, numbers["spacing"], sigma, x[n:])
    return (
        len(x)
        + sum(R * abs(c) / t for c in x[:n])
        + sum(abs(ctx.log(p)) for pair in pairs for p in pair)
    )


def vertex_mean_matches_the_definition(implementation: Any, **case: Any) -> float:
    """The worst error of `vertex_mean`, over 1e-12 of the sizes that log-weights add up."""
    law = instance_of(implementation, case)
    found = law.vertex_mean(point_of(law, case["x"]), case["sigma"]).tolist()
    numbers = exactly(case)
    R, table = numbers["separation"], numbers["table"]
    scaled = [R * c for c in numbers["x"]]
    place = (table, R, numbers["spacing"], R * numbers["sigma"], scaled)
    weights = hard_instance.word_probabilities(ctx, *place)
    words = hard_instance.words(case["n"])
    vertices = [(*word, *image) for word, image in zip(words, table, strict=True)]
    exact = [
        sum(w * hard_instance.sign(v[i]) for w, v in zip(weights, vertices, strict=True))
        for i in range(len(found))
    ]
    worst = max(abs(ctx.number(a) - b) for a, b in zip(found, exact, strict=True))
    return float(worst / (LOG_PROB * log_odds_size(numbers)))


def slope_matches_the_definition(implementation: Any, direction: list[int], **case: Any) -> float:
    """Errors of torch's derivative of `log_prob`, and of two of `score` along a direction.

    The first over ten times what the score may err by. The others against differences of 50-digit
    scores, over 1e-8 and 1e-6 of their sizes, powers of R^2 ((R^2 + 1) / t + (eps / sigma^2)^2).
    """
    law = instance_of(implementation, case)
    x = point_of(law, case["x"]).requires_grad_()
    (slope,) = torch.autograd.grad(law.log_prob(x, case["sigma"]), x)
    numbers = exactly(case)
    exact = hard_instance.scaled_score(ctx, **numbers)
    worst = max(
        float(abs(ctx.number(a) - b) / (10 * allowed))
        for a, b, allowed in zip(slope.tolist(), exact, allowances(numbers), strict=True)
    )
    toward = point_of(law, [float(c) for c in direction])
    (bend,) = torch.autograd.grad(law.score(x, case["sigma"]) @ toward, x, create_graph=True)
    (turn,) = torch.autograd.grad(bend @ toward, x)
    step = numbers["sigma"] * ctx.number("1e-12")
    there, back = (
        hard_instance.scaled_score(
            ctx,
            **{
                **numbers,
                "x": [c + s * step * e for c, e in zip(numbers["x"], direction, strict=True)],
            },
        )
        for s in (1, -1)
    )
    R, sigma = numbers["separation"], numbers["separation"] * numbers["sigma"]
    curved = (R * R + 1) / lattice.smoothed_variance(sigma)
    size = len(direction) * R * R * (1 / sigma**2 + curved + (numbers["spacing"] / sigma**2) ** 2)
    slopes, turns = bend.tolist(), turn.tolist()
    for i, (a, b) in enumerate(zip(there, back, strict=True)):
        error = abs(ctx.number(slopes[i]) - (a - b) / (2 * step))
        worst = max(worst, float(error / (1e-8 * size)))
        error = abs(ctx.number(turns[i]) - (a - 2 * exact[i] + b) / step**2)
        worst = max(worst, float(error / (1e-6 * size**1.5)))
    return worst


def levels_stay_with_their_points(implementation: Any, levels: list[float], **case: Any) -> float:
    """`score` and `denoise` of one point at several levels in a tensor, each as in its contract."""
    law = instance_of(implementation, case)
    x = point_of(law, [case["x"]] * len(levels))
    sigmas = point_of(law, levels)
    scores, denoised = law.score(x, sigmas).tolist(), law.denoise(x, sigmas).tolist()
    worst = 0.0
    for level, score, mean in zip(sigmas.tolist(), scores, denoised, strict=True):
        numbers = exactly({**case, "sigma": level})
        exact, variance = hard_instance.scaled_score(ctx, **numbers), numbers["sigma"] ** 2
        for i, allowed in enumerate(allowances(numbers)):
            c = numbers["x"][i]
            error = abs(ctx.number(score[i]) - exact[i]) / allowed
            ideal = c + variance * exact[i]
            room = variance * allowed + DENOISER * (abs(ideal) + abs(c))
            worst = max(worst, float(error), float(abs(ctx.number(mean[i]) - ideal) / room))
    return worst


def many_words_match(
    implementation: Any, n: int, places: list[int], digits: str, sigma: float, seed: int
) -> float:
    """Errors of `score` and `log_prob` at three of 300 points, over 1e-10 of their sizes.

    The function reads the bits at `places` alone: the others are independent of all, and the sum
    over all words is one over few times one-dimensional mixtures. R = 2, eps = 1.25, two images.
    """
    R, eps, table = 2.0, 1.25, table_of(len(places), 2, digits)
    law = implementation.HardInstance(Spread(table, n, places), R, eps)
    generator = torch.Generator().manual_seed(seed)
    x = 1.5 * torch.randn(300, n + 2, generator=generator, dtype=torch.float64)
    x = (x * 2**20).round() / 2**20
    x = x.to(device=law.device, dtype=law.dtype)
    score, density = law.score(x, sigma).tolist(), law.log_prob(x, sigma).tolist()
    free = [i for i in range(n) if i not in places]
    t = lattice.smoothed_variance(ctx.number(R * sigma))
    worst = 0.0
    for row in (0, 130, 299):
        point = [ctx.number(c) for c in x[row].tolist()]
        seen = [point[i] for i in places] + point[n:]
        place = (table, ctx.number(R), ctx.number(eps), ctx.number(sigma), seen)
        exact = dict(zip([*places, n, n + 1], hard_instance.scaled_score(ctx, *place), strict=True))
        flat = mixture_score.mixture_score(
            ctx, n, ctx.number(R), ctx.number(R * sigma), [R * c for c in point]
        )
        exact |= {i: R * flat[i] for i in free}
        log_density = ctx.log(hard_instance.scaled_density(ctx, *place))
        for i in free:
            two = (smoothing.gaussian_density(ctx, t, R * point[i] - s * R) for s in (1, -1))
            log_density += ctx.log(R * sum(two) / 2)
        errors = [abs(ctx.number(score[row][i]) - exact[i]) for i in range(n + 2)]
        size = 1e-10 * R * R * (1 + max(map(abs, point))) / (R * sigma) ** 2
        worst = max(worst, float(max(errors) / size))
        error = abs(ctx.number(density[row]) - log_density)
        worst = max(worst, float(error / (1e-10 * (n + abs(log_density)))))
    return worst


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_denoiser_matches_the_sum_over_vertices(run: Run) -> Outcome:
    """`denoise` against x + sigma^2 s at 50 digits, n, m <= 4."""
    if not hasattr(run.implementation.HardInstance, "denoise"):
        return not_covered("denoise")
    return hold(run, denoiser_matches_the_definition, 15)


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="step", needs=NEEDS)
def implemented_vertex_mean_matches_the_sum_over_vertices(run: Run) -> Outcome:
    """`vertex_mean`, E[(s, f(s)) | x], against 50 digits, n, m <= 4."""
    if not hasattr(run.implementation.HardInstance, "vertex_mean"):
        return not_covered("vertex_mean")
    return hold(run, vertex_mean_matches_the_definition, 15)


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_levels_stay_with_their_points(run: Run) -> Outcome:
    """`score` and `denoise` at two or three levels in one tensor, n, m <= 2."""
    if not hasattr(run.implementation.HardInstance, "denoise"):
        return not_covered("denoise")
    level = st.integers(4, 64).map(lambda k: k / 32)
    levels = st.lists(level, min_size=2, max_size=3, unique=True)
    cases = st.builds(lambda case, drawn: {**case, "levels": drawn}, instances(largest=2), levels)
    return hold(run, levels_stay_with_their_points, 10, cases)


@evidence(smoothing.SMOOTHED_SCORE, kind="property", scope="step", needs=NEEDS)
def implemented_density_of_an_instance_has_the_score_as_its_slope(run: Run) -> Outcome:
    """torch's derivatives of `log_prob` and of `score`, n, m <= 3; sigma from .01 to 10."""
    cases = instances(largest=3, sigma=(1e-2, 10.0)).flatmap(
        lambda case: st.lists(
            st.integers(-2, 2), min_size=len(case["x"]), max_size=len(case["x"])
        ).map(lambda direction: {**case, "direction": direction})
    )
    law = run.implementation.HardInstance(Function(((0,), (1,))), 2.0, 1.0)
    if not law.log_prob(point_of(law, [1.0, 0.5]).requires_grad_(), 1.0).requires_grad:
        return not_covered("derivatives")
    return hold(run, slope_matches_the_definition, 15, cases)


@evidence(hard_instance.HARD_INSTANCE, kind="property", scope="box", needs=NEEDS)
def implemented_sums_over_many_words_are_whole(run: Run) -> Outcome:
    """n = 12 bits of which f reads two, 300 points at once, against 50 digits at three of them."""
    if run.dtype != "float64":
        return Outcome(status="not covered", detail="promised in float64 alone")
    draw = random.Random(run.seed)
    cases = run.size(2, 4, 20)
    for done in range(cases):
        places = sorted(draw.sample(range(12), 2))
        case = (12, places, draw_digits(2, 2, draw), draw.choice([0.2, 0.6]), draw.getrandbits(48))
        share = many_words_match(run.implementation, *case)
        if not share <= 1:
            shown = ", ".join(map(repr, case))
            call = f"{__name__}.many_words_match(implementation, {shown}) = {share:.3g}"
            return refuted(call, cases=done + 1)
    return held(cases)
