"""`claim`: is the sampler a (tau, delta)-posterior sampler? Bad y are counted, not looked for.

A (tau, delta)-posterior sampler may fail on a share delta of y. At each of K fresh y a certificate
says, wrongly with probability at most `PER_Y` however the rows of one call hang together, that the
output is not (tau, delta)-close. Their
number is then at most Binomial(K, delta + PER_Y); the claim is refuted where that is incredible.
"""

from typing import Any

import torch
from scipy.stats import binom

from hardposterior.properties.audit import intervals
from hardposterior.properties.audit.certificate import Certificate, calls_that_test, certify
from hardposterior.properties.audit.independence import CENTRE, Signs, compare, radius
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

SHAPES = ((40, 12), (16, 24))
"""Calls at one y and draws of each: the first if the last look can pay for it. Of 16 calls 8 test:
with 5, a fault in half of the draws showed at no y."""

SETS = 3
"""Sets tested at one y."""

EVERY = 2
"""One call in so many proposes them: calls are few and small here."""

EXACT = 4


def claim(
    problem: Problem,
    draw: Draw,
    request: Request,
    sizes: tuple[int, ...] = SIZES,
    shape: tuple[int, int] | None = None,
) -> Verdict:
    """The verdict on one problem. Raises `SamplerFailed` where the sampler fails."""
    assert problem.posterior is not None
    clock = Clock(draw, problem.dim)
    own, stream = request.stream(0), request.stream(1)
    if shape is None:
        price = clock.cost(observations(problem, 1, own)[0], stream)
        shape = next(
            (s for s in SHAPES if sizes[-1] * s[0] * price(s[1]) <= request.budget), SHAPES[-1]
        )
        calls, rows = shape
        sizes = tuple(affordable(sizes, lambda k: k * calls * price(rows), request.budget))
    calls, rows = shape
    signs, bad, have = Signs(), 0, 0
    chance = min(1.0, request.delta + PER_Y)
    level = (1 - INDEPENDENCE) * request.look
    verdict = Verdict(problem.name, "claim", "consistent")
    first: Certificate | None = None
    gaps: list[float] = []
    for size in sizes:
        for y in observations(problem, size - have, own):
            new = clock.calls(y, calls, rows, stream)
            compare(new, signs, own, radius(problem.posterior(y).sample(CENTRE, own)))
            certificate = at_one_y(problem, y, new, request, own)
            bad += certificate is not None
            gaps.append(0.0 if certificate is None else certificate.gap)
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
    verdict.plots = {
        "bars": [],
        "histograms": [],
        "count": pictured(gaps, chance, level, request.delta),
    }
    verdict.tried, verdict.draws, verdict.seconds = have, clock.draws, clock.seconds
    return verdict


def pictured(gaps: list[float], chance: float, level: float, delta: float) -> dict[str, Any]:
    """The count of bad y beside Binomial(K, chance), as numbers to draw; `gaps` are 0 at other y.

    `least` is the count that would refute; `masses` are the chances of the counts from 0 on.
    """
    tried, bad = len(gaps), sum(gap > 0 for gap in gaps)
    least = intervals.least_hits(tried, chance, level)
    shown = min(tried, max(bad, least) + max(2, least // 4))
    masses = [float(binom.pmf(k, tried, chance)) for k in range(shown + 1)]
    return {
        "tried": tried, "bad": bad, "chance": chance, "least": least, "masses": masses,
        "gaps": gaps, "delta": delta,
    }  # fmt: skip


def at_one_y(
    problem: Problem,
    y: torch.Tensor,
    calls: torch.Tensor,
    request: Request,
    own: torch.Generator,
) -> Certificate | None:
    """A certificate at level `PER_Y` from calls (k, c, d) that the output is not close at y."""
    assert problem.posterior is not None
    law, half = problem.posterior(y), calls_that_test(len(calls), EVERY) * calls.shape[1]
    found = certify(
        problem.features(y),
        calls,
        law.sample(max(half, 500), own),
        law.sample(max(EXACT * half, 1_000), own),
        request.tau,
        request.delta,
        PER_Y,
        y,
        own,
        SETS,
        EVERY,
    )
    return found[0] if found else None
