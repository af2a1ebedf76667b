"""A certificate: a set A found on one half of the draws, and both its probabilities on the other.

If the laws P and Q are (tau, delta)-close then P(A) <= Q(A^tau) + delta, and likewise with P and Q
exchanged, for every closed A. A certificate is a set for which exact binomial limits contradict
one of them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from hardposterior.properties.audit import intervals
from hardposterior.properties.audit.intervals import SHARE_OF_EXACT
from hardposterior.properties.audit.problem import Feature
from hardposterior.properties.audit.proposals import Proposal, propose

SETS = 6
"""Sets that one look tests at one y, each at an equal share of its alpha."""


@dataclass(frozen=True)
class Certificate:
    """`exact` and `sampler`: hits, trials and limits at `alpha`, of A on the side that has more.

    The side with more is measured on A, the other on A^tau. `gap` is the certain part of
    P(A) - Q(A^tau) (or with P and Q exchanged); it exceeds `delta`.
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

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return {**asdict(self), "sentence": str(self)}

    def __str__(self) -> str:
        (eh, et, el, eu), (sh, st, sl, su) = self.exact, self.sampler
        more = "more" if self.sampler_more else "less"
        return (
            f"{self.kind}: the sampler puts {more} mass than the posterior on {{{self.set}}}: "
            f"{sh / st:.4f} [{sl:.4f}, {su:.4f}] of {st:,} draws, exact {eh / et:.4f} "
            f"[{el:.4f}, {eu:.4f}] of {et:,}; the gap exceeds {self.gap:.4f} at "
            f"tau = {self.tau:.3g}"
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
    """A certificate if fresh draws q of the sampler and p of the posterior show one.

    Which side has more was chosen beforehand: one limit of each side is used, together at alpha.
    """
    chosen = proposal.set
    if proposal.sampler_more:
        on_q, on_p = chosen.contains(q), chosen.near(p, tau)
    else:
        on_q, on_p = chosen.near(q, tau), chosen.contains(p)
    exact = side(on_p, SHARE_OF_EXACT * alpha)
    sampler = side(on_q, (1 - SHARE_OF_EXACT) * alpha)
    gap = sampler[2] - exact[3] if proposal.sampler_more else exact[2] - sampler[3]
    if gap <= delta:
        return None
    feature = chosen.feature
    return Certificate(
        feature.kind,
        feature.words,
        str(chosen),
        proposal.sampler_more,
        exact,
        sampler,
        gap,
        tau,
        delta,
        alpha,
        tuple(y.tolist()),
    )


def shuffled(rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The rows of one call in an order that is the audit's own.

    Which rows propose sets and which test them must not be a matter of their place: a sampler could
    be right in every second row alone.
    """
    return rows[torch.randperm(len(rows), generator=generator)]


def certify(
    features: Sequence[Feature],
    draws: torch.Tensor,
    proposing: torch.Tensor,
    testing: torch.Tensor,
    tau: float,
    delta: float,
    alpha: float,
    y: torch.Tensor,
    sets: int = SETS,
) -> Certificate | None:
    """The widest certificate at level alpha that the law of `draws` (k, d) is not the posterior's.

    Even rows and the exact draws `proposing` propose `sets` sets, odd rows and `testing` test each
    at alpha / sets; calls come `shuffled`. Whatever the law of the rows, if they are independent
    and (tau, delta)-close to the posterior, a certificate comes out with probability at most alpha.
    """
    chosen = propose(features, draws[0::2], proposing, tau, sets)
    odd = draws[1::2]
    found = [tested(s, odd, testing, tau, delta, alpha / sets, y) for s in chosen]
    return max((c for c in found if c is not None), key=lambda c: c.gap, default=None)
