"""`exactness`: at a few fresh y, is the output law the posterior, up to a small tau and delta = 0?

At most four looks, each at alpha / 4 over all its y and sets. A look tests independence first.
Looks go on after a refutation: a few calls show that something is wrong, more of them show what.
"""

from dataclasses import dataclass, field

import torch

from hardposterior.properties.audit import betting
from hardposterior.properties.audit.certificate import SETS, Certificate, calls_that_test, certify
from hardposterior.properties.audit.independence import CENTRE, Signs, compare, radius
from hardposterior.properties.audit.looks import Looks, Y, planned
from hardposterior.properties.audit.pictures import DRAWN, pictures
from hardposterior.properties.audit.problem import Problem
from hardposterior.properties.audit.verdict import (
    INDEPENDENCE,
    Clock,
    Draw,
    Request,
    SamplerFailed,
    Verdict,
)

ROWS = 131_072
"""Draws at each y at most."""

LARGE, LARGEST = 50, 16_384
"""From that many coordinates on, that many draws at most: comparing more is slow."""

EXACT, FEWEST_EXACT = 3, 8_000
"""Exact draws for each tested draw of the sampler, and at least so many."""


def exactness(
    problem: Problem, draw: Draw, request: Request, looks: Looks | None = None
) -> Verdict:
    """The verdict on one problem. Raises `SamplerFailed` where the sampler fails."""
    assert problem.posterior is not None
    clock = Clock(draw, problem.dim)
    own, stream = request.stream(0), request.stream(1)
    truths, ys = problem.draw(Y, own)
    alpha = (1 - INDEPENDENCE) * request.look
    if looks is None:
        most = ROWS if problem.dim < LARGE else LARGEST
        price = clock.cost(ys[0], stream)
        looks = planned(price, request.budget, most, alpha / (Y * SETS))
    ys = ys[: looks.ys]
    seen = _Seen([torch.empty(0, looks.rows, problem.dim, dtype=torch.float64) for _ in ys])
    _search(problem, clock, ys, looks, request, (own, stream), seen)
    verdict = Verdict(problem.name, "exactness", "consistent", tried=len(ys))
    if seen.dependent:
        verdict.status, verdict.detail = "not independent", seen.dependent
    elif seen.certificates:
        first, *verdict.also = widest(seen.certificates)
        verdict.status, verdict.certificate = "refuted", first
        verdict.detail = f"at this y: {first}{seen.failure}"
    else:
        _consistent(verdict, looks, alpha / (len(ys) * SETS))
    shown = 0
    if verdict.certificate is not None:
        shown = next(k for k, y in enumerate(ys) if tuple(y.tolist()) == verdict.certificate.y)
    draws = seen.calls[shown].flatten(0, 1)[:DRAWN]
    verdict.plots = pictures(problem, truths[shown], ys[shown], draws, own)
    verdict.draws, verdict.seconds = clock.draws, clock.seconds
    return verdict


@dataclass
class _Seen:
    """Calls (k, c, d) at each y, and what they showed: certificates, or what hangs together.

    `failure` says how the sampler failed after it was refuted.
    """

    calls: list[torch.Tensor]
    certificates: list[Certificate] = field(default_factory=list)
    dependent: str | None = None
    failure: str = ""


def _search(
    problem: Problem,
    clock: Clock,
    ys: torch.Tensor,
    looks: Looks,
    request: Request,
    streams: tuple[torch.Generator, torch.Generator],
    seen: _Seen,
) -> None:
    """Look by look, until all that can be wrong is named, or all looks are taken."""
    assert problem.posterior is not None
    own, stream = streams
    alpha = (1 - INDEPENDENCE) * request.look
    kinds = {feature.kind for y in ys for feature in problem.features(y)}
    signs = Signs()
    radii = [radius(problem.posterior(y).sample(CENTRE, own)) for y in ys]
    for y, v in zip(ys, radii, strict=True):
        if looks.large:
            compare(clock.calls(y, 2, looks.large, stream), signs, own, v)
    for wanted in looks.calls:
        try:
            for k, y in enumerate(ys):
                new = clock.calls(y, wanted - len(seen.calls[k]), looks.rows, stream)
                compare(new, signs, own, radii[k])
                seen.calls[k] = torch.cat([seen.calls[k], new])
        except SamplerFailed as error:
            if not seen.certificates:
                raise
            seen.failure = f"; later it failed: {error}"
            return
        seen.dependent = signs.verdict(INDEPENDENCE * request.look)
        if seen.dependent:
            return
        seen.certificates += _look(problem, ys, seen.calls, request.tau, alpha, own)
        named = {c.kind for c in seen.certificates}
        if named and (request.first or kinds <= named):
            return


def widest(certificates: list[Certificate]) -> list[Certificate]:
    """The widest of every kind, the widest first: those of all looks hold together at alpha."""
    kinds: dict[str, Certificate] = {}
    for certificate in sorted(certificates, key=lambda c: c.gap, reverse=True):
        kinds.setdefault(certificate.kind, certificate)
    return list(kinds.values())


def exact_draws(tested: int) -> int:
    """How many draws of the posterior itself test a set beside `tested` draws of the sampler."""
    return max(EXACT * tested, FEWEST_EXACT)


def _consistent(verdict: Verdict, looks: Looks, alpha: float) -> None:
    """What would have been found; `alpha` is that of one set at one y."""
    calls = looks.calls[-1]
    tested = calls_that_test(calls)
    found = betting.smallest_gap(tested, looks.rows, exact_draws(tested * looks.rows), alpha)
    verdict.smallest = found
    many = f"{calls:,} calls of {looks.rows} draws at {looks.ys} y"
    if found < 1:
        verdict.detail = (
            f"of the sets tested (intervals of features and learned directions, modes), one of "
            f"mass 1/2 that is off by {found:.3f} would have been found ({many})"
        )
    else:
        verdict.detail = f"too few calls to find any set of mass 1/2 ({many}): raise the budget"


def _look(
    problem: Problem,
    ys: torch.Tensor,
    calls: list[torch.Tensor],
    tau: float,
    alpha: float,
    own: torch.Generator,
) -> list[Certificate]:
    """The certificates over the y of one look; exact draws are fresh each time."""
    assert problem.posterior is not None
    found: list[Certificate] = []
    for y, rows in zip(ys, calls, strict=True):
        law, tested = problem.posterior(y), calls_that_test(len(rows)) * rows.shape[1]
        found += certify(
            problem.features(y),
            rows,
            law.sample(max(len(rows) * rows.shape[1] - tested, 1_000), own),
            law.sample(exact_draws(tested), own),
            tau,
            0.0,
            alpha / len(ys),
            y,
            own,
        )
    return found
