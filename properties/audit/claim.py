"""`claim`: is the sampler a (tau, delta)-posterior sampler? Bad y are counted, not looked for.

A (tau, delta)-posterior sampler may fail on a share delta of y. At each of K fresh y a certificate
says, wrongly with probability at most `PER_Y`, that the output is not (tau, delta)-close. Their
number is then at most Binomial(K, delta + PER_Y); the claim is refuted where that is incredible.
"""

import torch

from hardposterior.properties.audit import intervals
from hardposterior.properties.audit.certificate import Certificate, certify, shuffled
from hardposterior.properties.audit.independence import Signs, compare
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

PER_Y = 1e-3
"""The false-alarm rate of the certificate at one y: part of the binomial's chance."""

SIZES = (50, 100, 200, 400)
ROWS = 400
"""Draws at each y, in two calls."""

EXACT = 4


def claim(
    problem: Problem,
    draw: Draw,
    request: Request,
    sizes: tuple[int, ...] = SIZES,
    rows: int = ROWS,
) -> Verdict:
    """The verdict on one problem. Raises `SamplerFailed` where the sampler fails."""
    clock = Clock(draw, problem.dim)
    own, stream = request.stream(0), request.stream(1)
    price = clock.cost(observations(problem, 1, own)[0], stream)
    sizes = tuple(affordable(sizes, lambda k: k * 2 * price(rows // 2), request.budget))
    signs, bad, have = Signs(), 0, 0
    chance = min(1.0, request.delta + PER_Y)
    level = (1 - INDEPENDENCE) * request.look
    verdict = Verdict(problem.name, "claim", "consistent")
    first: Certificate | None = None
    for size in sizes:
        for y in observations(problem, size - have, own):
            one, two = (clock(y, rows // 2, stream) for _ in range(2))
            compare([(one, two)], signs, own)
            draws = torch.cat([shuffled(call, own) for call in (one, two)])
            certificate = at_one_y(problem, y, draws, request, own)
            bad += certificate is not None
            if certificate is not None and (first is None or certificate.gap > first.gap):
                first = certificate
        have = size
        wrong = signs.verdict(INDEPENDENCE * request.look)
        if wrong is not None:
            verdict.status, verdict.detail = "not independent", wrong
            break
        p = intervals.tail(bad, have, chance)
        if p <= level:
            verdict.status, verdict.certificate = "refuted", first
            verdict.detail = (
                f"{bad} of {have} y with a certificate, Binomial({have}, {chance:.4g}) allowed "
                f"(p = {p:.1e}); the widest: {first}"
            )
            break
    else:
        verdict.smallest = intervals.smallest_share(have, chance, level)
        verdict.detail = (
            f"{bad} of {have} y with a certificate, within Binomial({have}, {chance:.4g}); a share "
            f"of {verdict.smallest:.3f} would have been found"
        )
    verdict.tried, verdict.draws, verdict.seconds = have, clock.draws, clock.seconds
    return verdict


def at_one_y(
    problem: Problem,
    y: torch.Tensor,
    draws: torch.Tensor,
    request: Request,
    own: torch.Generator,
) -> Certificate | None:
    """A certificate at level `PER_Y` that the output at y is not (tau, delta)-close."""
    assert problem.posterior is not None
    law, half = problem.posterior(y), len(draws) // 2
    return certify(
        problem.features(y),
        draws,
        law.sample(max(half, 500), own),
        law.sample(max(EXACT * half, 1_000), own),
        request.tau,
        request.delta,
        PER_Y,
        y,
    )
