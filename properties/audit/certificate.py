"""A certificate: a set A found on some of the calls, and both its probabilities on the others.

If the laws P and Q are (tau, delta)-close then P(A) <= Q(A^tau) + delta, and likewise with P and Q
exchanged, for every closed A. A certificate is a set for which limits contradict one of them: of
the sampler's calls, whose rows may hang together in any way, and exact binomial limits of the
posterior's own draws.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from hardposterior.properties.audit import betting, intervals
from hardposterior.properties.audit.intervals import SHARE_OF_EXACT
from hardposterior.properties.audit.problem import Feature
from hardposterior.properties.audit.proposals import Proposal, propose

SETS = 7
"""Sets that one look tests at one y, each at an equal share of its alpha."""

EXACT = 2
"""Exact draws for each of the sampler's, at most, where a feature looks at some alone."""

EVERY = 4
"""One call in so many proposes sets: its rows are many, and what is tested counts by the call."""


def calls_that_test(calls: int, every: int = EVERY) -> int:
    """How many of so many calls test what the others propose."""
    return calls - -(-calls // every)


@dataclass(frozen=True)
class Certificate:
    """`exact` and `sampler`: hits, trials and limits at `alpha`, of A on the side that has more.

    The side with more is measured on A, the other on A^tau. `gap` is the certain part of
    P(A) - Q(A^tau) (or with P and Q exchanged); it exceeds `delta`. The sampler's trials came in
    `calls` calls, on which alone its limits rely.
    """

    kind: str
    words: str
    set: str
    sampler_more: bool
    exact: tuple[int, int, float, float]
    sampler: tuple[int, int, float, float]
    gap: float
    tau: float
    delta: float
    alpha: float
    y: tuple[float, ...] = ()
    calls: int = 0

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {**asdict(self), "sentence": str(self)}

    def __str__(self) -> str:
        (eh, et, el, eu), (sh, st, sl, su) = self.exact, self.sampler
        more = "more" if self.sampler_more else "less"
        return (
            f"{self.kind}: the sampler puts {more} mass than the posterior on {{{self.set}}}: "
            f"{sh / st:.4f} [{sl:.4f}, {su:.4f}] of {st:,} draws in {self.calls:,} calls, "
            f"exact {eh / et:.4f} [{el:.4f}, {eu:.4f}] of {et:,}; "
            f"the gap exceeds {self.gap:.4f} at tau = {self.tau:.3g}"
        )


def side(mask: torch.Tensor, alpha: float) -> tuple[int, int, float, float]:
    """Hits, trials and one-sided exact limits at alpha, below and above."""
    hits, trials = int(mask.sum()), len(mask)
    return (
        hits,
        trials,
        intervals.lower(hits, trials, alpha),
        intervals.upper(hits, trials, alpha),
    )


def tested(
    proposal: Proposal,
    q: torch.Tensor,
    p: torch.Tensor,
    tau: float,
    delta: float,
    alpha: float,
    y: torch.Tensor,
) -> Certificate | None:
    """A certificate if fresh calls q (k, c, d) of the sampler and draws p (l, d) show one.

    Which side has more was chosen beforehand: one limit of each side is used, together at alpha.
    """
    chosen = proposal.set
    if chosen.feature.most is not None:
        most = chosen.feature.most
        q, p = q[:, : max(1, most // len(q))], p[: EXACT * most]
    flat = q.flatten(0, 1)
    if proposal.sampler_more:
        on_q, on_p = chosen.contains(flat), chosen.near(p, tau)
    else:
        on_q, on_p = chosen.near(flat, tau), chosen.contains(p)
    exact = side(on_p, SHARE_OF_EXACT * alpha)
    shares = on_q.reshape(q.shape[:2]).double().mean(-1)
    level = (1 - SHARE_OF_EXACT) * alpha
    if proposal.sampler_more:
        gap = betting.lower(shares, level, proposal.stake) - exact[3]
    else:
        gap = exact[2] - betting.upper(shares, level, proposal.stake)
    if gap <= delta:
        return None
    low, high = (limit(shares, level, proposal.stake) for limit in (betting.lower, betting.upper))
    feature = chosen.feature
    return Certificate(
        feature.kind,
        feature.words,
        str(chosen),
        proposal.sampler_more,
        exact,
        (int(on_q.sum()), len(on_q), low, high),
        gap,
        tau,
        delta,
        alpha,
        tuple(y.tolist()),
        len(q),
    )


def shuffled(rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Calls, or rows, in an order that is the audit's own.

    Which of them propose sets and which test them must not be a matter of their place: a sampler
    could be right in every second row alone, or in every second call.
    """
    return rows[torch.randperm(len(rows), generator=generator)]


def mixed(calls: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Calls (k, c, d) with the rows of each in an order of its own.

    Where some rows of each are looked at alone, their mean law is that of all only so.
    """
    order = torch.rand(calls.shape[:2], generator=generator).argsort(1)
    return calls.gather(1, order[..., None].expand_as(calls))


def certify(
    features: Sequence[Feature],
    calls: torch.Tensor,
    proposing: torch.Tensor,
    testing: torch.Tensor,
    tau: float,
    delta: float,
    alpha: float,
    y: torch.Tensor,
    own: torch.Generator,
    sets: int = SETS,
    every: int = EVERY,
) -> list[Certificate]:
    """Certificates at alpha in all that the rows' law is not the posterior's, the widest first.

    `calls` (k, c, d) are k calls of c rows, `shuffled` by `own`, and the rows of each. One in
    `every` and the exact draws `proposing` propose `sets` sets, the others and `testing` test each
    at alpha / sets.
    However the rows of one call hang together, if calls are independent and the law of their rows
    is (tau, delta)-close to the posterior, a certificate comes out with probability at most alpha.
    """
    calls = mixed(shuffled(calls, own), own)
    proposed = len(calls) - calls_that_test(len(calls), every)
    rows = shuffled(calls[:proposed].flatten(0, 1), own)
    chosen = propose(features, rows, proposing, tau, delta, sets, calls.shape[1])
    found = [tested(s, calls[proposed:], testing, tau, delta, alpha / sets, y) for s in chosen]
    return sorted((c for c in found if c is not None), key=lambda c: c.gap, reverse=True)
