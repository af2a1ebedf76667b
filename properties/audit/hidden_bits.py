"""Where no exact posterior is to be had: do hidden bits explain y as often as they should?

If x is drawn from the prior and y from x, then x is itself one exact draw given its y. So the mean
over y of the posterior's success is estimated without the posterior, and compared with the mean of
the sampler's: one draw at each y counts, which makes the trials independent.
"""

import torch

from hardposterior.properties.audit.certificate import Certificate, side
from hardposterior.properties.audit.intervals import SHARE_OF_EXACT, smallest_gap
from hardposterior.properties.audit.problem import Problem
from hardposterior.properties.audit.verdict import (
    INDEPENDENCE,
    Clock,
    Draw,
    Request,
    Verdict,
    affordable,
    observations,
)

SIZES = (12, 48, 192, 768)
EXACT = 1_000


def hidden_bits(problem: Problem, draw: Draw, request: Request, asked: str) -> Verdict:
    """The verdict on one problem; `claim` forgives 2 delta. Raises `SamplerFailed`."""
    assert problem.hidden_bits is not None
    own, stream = request.stream(0), request.stream(1)
    clock = Clock(draw, problem.dim)
    price = clock.cost(observations(problem, 1, own)[0], stream)
    sizes = affordable(SIZES, lambda k: k * price(1), request.budget)
    forgiven = 2 * request.delta if asked == "claim" else 0.0
    level = (1 - INDEPENDENCE) * request.look
    true, made = problem.draw(EXACT, own)
    exact = _explain(problem, made, true, None)
    verdict = Verdict(problem.name, f"{asked} (hidden bits)", "consistent")
    near = torch.empty(0, dtype=torch.bool)
    for size in sizes:
        fresh = observations(problem, size - len(near), own)
        x = torch.cat([clock(y, 1, stream) for y in fresh])
        near = torch.cat([near, _explain(problem, fresh, x, request.tau)])
        p = side(exact, SHARE_OF_EXACT * level)
        q = side(near, (1 - SHARE_OF_EXACT) * level)
        gap = p[2] - q[3]
        if gap > forgiven:
            words = "how often the hidden bits explain y"
            verdict.status = "refuted"
            verdict.certificate = Certificate(
                "hidden bits", words, words, False, p, q, gap, request.tau, forgiven, level,
                calls=len(near),
            )  # fmt: skip
            verdict.detail = f"{verdict.certificate}; chance {problem.chance:.2g}"
            break
    else:
        verdict.smallest = smallest_gap(len(near), EXACT, level, forgiven, mass=0.99)
        verdict.detail = f"success lower by {verdict.smallest:.3f} would have been found"
    verdict.tried, verdict.draws, verdict.seconds = len(near), clock.draws, clock.seconds
    return verdict


def _explain(problem: Problem, y: torch.Tensor, x: torch.Tensor, tau: float | None) -> torch.Tensor:
    """Which x (k, d), or points that may lie within tau of them, explain their y (k, m)."""
    assert problem.hidden_bits is not None
    feature = problem.hidden_bits(y)
    if tau is None or feature.distance is None:
        return feature.map(x) == 1
    return feature.distance(x)[:, 1] <= tau * (1 + 1e-9)
