"""`exactness`: at a few fresh y, is the output law the posterior, up to a small tau and delta = 0?

At most four looks, each at alpha / 4 over all its y and sets. A look tests independence first.
"""

import torch

from hardposterior.properties.audit import intervals
from hardposterior.properties.audit.certificate import SETS, Certificate, certify, shuffled
from hardposterior.properties.audit.independence import Signs, compare
from hardposterior.properties.audit.pictures import DRAWN, pictures
from hardposterior.properties.audit.problem import Problem
from hardposterior.properties.audit.verdict import (
    INDEPENDENCE,
    Clock,
    Draw,
    Request,
    Verdict,
    affordable,
)

Y = 3
SIZES = (1_000, 6_000, 30_000, 120_000)
"""Draws at each y after each look."""

LARGE, LARGEST = 50, 12_000
"""From that many coordinates on, that many draws at most: comparing more is slow."""

CALL = 4_000
"""Draws of one call at most."""

EXACT = 4
"""Exact draws for each tested draw of the sampler."""


def calls(size: int) -> list[int]:
    """Counts of an even number of calls that make `size` draws."""
    pairs = -(-size // (2 * CALL))
    return [size // (2 * pairs) // 4 * 4] * (2 * pairs)


def exactness(
    problem: Problem, draw: Draw, request: Request, sizes: tuple[int, ...] = SIZES
) -> Verdict:
    """The verdict on one problem. Raises `SamplerFailed` where the sampler fails."""
    assert problem.posterior is not None
    clock = Clock(draw, problem.dim)
    own, stream = request.stream(0), request.stream(1)
    truths, ys = problem.draw(Y, own)
    price = clock.cost(ys[0], stream)
    sizes = tuple(s for s in sizes if problem.dim < LARGE or s <= LARGEST)
    sizes = tuple(affordable(sizes, lambda n: Y * sum(price(c) for c in calls(n)), request.budget))
    rows: list[list[torch.Tensor]] = [[] for _ in ys]
    signs = Signs()
    verdict = Verdict(problem.name, "exactness", "consistent", tried=Y)
    have = 0
    for size in sizes:
        for y, kept in zip(ys, rows, strict=True):
            new = [clock(y, count, stream) for count in calls(size - have)]
            compare(list(zip(new[0::2], new[1::2], strict=True)), signs, own)
            kept.extend(shuffled(call, own) for call in new)
        have = size
        wrong = signs.verdict(INDEPENDENCE * request.look)
        if wrong is not None:
            verdict.status, verdict.detail = "not independent", wrong
            break
        certificate = _look(problem, ys, rows, request, own)
        if certificate is not None:
            verdict.status, verdict.certificate = "refuted", certificate
            verdict.detail = f"at this y: {certificate}"
            break
    else:
        tested = len(torch.cat(rows[0])) // 2
        alpha = (1 - INDEPENDENCE) * request.look / (Y * SETS)
        verdict.smallest = intervals.smallest_gap(tested, EXACT * tested, alpha)
        verdict.detail = (
            f"of the sets tested (intervals of features and learned directions, modes), one of "
            f"mass 1/2 that is off by {verdict.smallest:.3f} would have been found "
            f"({have:,} draws at each of {Y} y)"
        )
    shown = 0
    if verdict.certificate is not None:
        shown = next(k for k in range(Y) if tuple(ys[k].tolist()) == verdict.certificate.y)
    draws = torch.cat(rows[shown])[:DRAWN]
    verdict.plots = pictures(problem, truths[shown], ys[shown], draws, own)
    verdict.draws, verdict.seconds = clock.draws, clock.seconds
    return verdict


def _look(
    problem: Problem,
    ys: torch.Tensor,
    rows: list[list[torch.Tensor]],
    request: Request,
    own: torch.Generator,
) -> Certificate | None:
    """The widest certificate over the y of one look, exact draws being fresh each time."""
    assert problem.posterior is not None
    found = []
    for y, parts in zip(ys, rows, strict=True):
        draws = torch.cat(parts)
        law, half = problem.posterior(y), len(draws) // 2
        certificate = certify(
            problem.features(y),
            draws,
            law.sample(max(half, 1_000), own),
            law.sample(EXACT * half, own),
            request.tau,
            0.0,
            (1 - INDEPENDENCE) * request.look / len(ys),
            y,
        )
        if certificate is not None:
            found.append(certificate)
    return max(found, key=lambda c: c.gap, default=None)
