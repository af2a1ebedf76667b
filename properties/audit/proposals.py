"""Sets on which draws of a sampler and exact draws seem to differ, proposed from some of both.

Nothing here needs to be right for a certificate to hold: other draws test what is proposed.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from hardposterior.properties.audit.betting import growth
from hardposterior.properties.audit.likeness import likenesses
from hardposterior.properties.audit.problem import Feature, Kind
from hardposterior.properties.audit.sets import ClosedSet, Interval, Labels, values

ENDS, FEW_ENDS, FEW = 40, 16, 1_000
"""Quantiles that may be ends of an interval; of few draws, fewer."""

WORSE = 3.0
"""So many standard errors: the best of some thousand intervals owes about that to chance."""


class Proposal(NamedTuple):
    """A set, whether the sampler gives it more, what one call is hoped to show, and its stake."""

    set: ClosedSet
    sampler_more: bool
    score: float
    stake: float | None = None


def propose(
    features: Sequence[Feature],
    q: torch.Tensor,
    p: torch.Tensor,
    tau: float,
    delta: float,
    count: int,
    rows: int,
) -> list[Proposal]:
    """The `count` most telling sets: q (k, d) draws of the sampler, p (l, d) exact ones.

    What a set tells is how fast a bet on it grows from call to call, each of `rows` rows.
    Directions are learned from the first half of the rows; all sets are compared on the second.
    The best set of every kind comes first, so that a fault which shows in many features of one kind
    does not hide another; then the best of every feature before the second best of any.
    """
    game = Game(len(q[1::2]), len(p[1::2]), delta, rows)
    learned = [*directions(q[0::2], p[0::2]), *likenesses(q[0::2], p[0::2], tau)]
    q, p = q[1::2], p[1::2]
    best: list[Proposal] = []
    others: list[Proposal] = []
    for feature in [*features, *learned]:
        found = sorted(_of_feature(feature, q, p, tau, game), key=lambda s: -s.score)
        best += found[:1]
        others += found[1:2]
    best.sort(key=lambda s: -s.score)
    others.sort(key=lambda s: -s.score)
    kinds: dict[str, Proposal] = {}
    for proposal in best:
        kinds.setdefault(proposal.set.feature.kind, proposal)
    first = list(kinds.values())
    return [*first, *(s for s in best if s not in first), *others][:count]


class Game(NamedTuple):
    """What scores a set: the numbers of draws on both sides, what is forgiven, rows of a call."""

    sampler: int
    exact: int
    delta: float
    rows: int

    def score(
        self, q: torch.Tensor, p: torch.Tensor, sampler_more: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The growth by call of a bet on sets of masses q and p, and its stake.

        Each mass is taken `WORSE` standard errors worse than it was seen.
        """
        if not sampler_more:
            q, p = 1 - q, 1 - p
        q, p = q.clamp(0, 1), p.clamp(0, 1)
        off_q = WORSE * ((q * (1 - q)).clamp(min=1 / self.sampler) / self.sampler).sqrt()
        off_p = WORSE * ((p * (1 - p)).clamp(min=1 / self.exact) / self.exact).sqrt()
        return growth((q - off_q).clamp(min=0), p + off_p + self.delta, self.rows)


def _of_feature(
    feature: Feature, q: torch.Tensor, p: torch.Tensor, tau: float, game: Game
) -> Iterator[Proposal]:
    if feature.most is not None:
        q, p = q[: feature.most], p[: feature.most]
        game = game._replace(sampler=len(q), exact=len(p))
    vq, vp = values(feature, q), values(feature, p)
    if feature.categorical:
        yield from _of_labels(feature, vq, vp, game)
        return
    reach = tau * feature.lipschitz
    for sampler_more, more, less in ((True, vq, vp), (False, vp, vq)):
        yield from _intervals(feature, more, less, reach, sampler_more, game)


def _of_labels(
    feature: Feature, vq: torch.Tensor, vp: torch.Tensor, game: Game
) -> Iterator[Proposal]:
    size = len(feature.labels)
    share_q, share_p = (torch.bincount(v, minlength=size).double() / len(v) for v in (vq, vp))
    for sampler_more, more, less in ((True, share_q, share_p), (False, share_p, share_q)):
        sets: list[tuple[int, ...]] = [(k,) for k in range(size)]
        union = tuple(int(k) for k in torch.nonzero(more > less)[:, 0])
        if 1 < len(union) < size:
            sets.append(union)
        for chosen in sets:
            mass = [share[list(chosen)].sum() for share in (share_q, share_p)]
            if more[list(chosen)].sum() > less[list(chosen)].sum():
                score, stake = game.score(mass[0], mass[1], sampler_more)
                yield Proposal(
                    Labels(feature, chosen), sampler_more, float(score), float(stake) or None
                )


def _intervals(
    feature: Feature,
    more: torch.Tensor,
    less: torch.Tensor,
    reach: float,
    sampler_more: bool,
    game: Game,
) -> Iterator[Proposal]:
    """The best interval (half-lines among them) and the best outside of one."""
    size = ENDS if len(more) >= FEW and len(less) >= FEW else FEW_ENDS
    levels = torch.linspace(0.0, 1.0, size + 2, dtype=torch.float64)[1:-1]
    step = max(1, len(more) // 20_000)
    ends = torch.cat([torch.quantile(v[::step], levels) for v in (more, less)]).unique()
    more, less = more.sort().values, less.sort().values

    def below(v: torch.Tensor, at: torch.Tensor, closed: bool) -> torch.Tensor:
        return torch.searchsorted(v, at.contiguous(), right=closed).double() / len(v)

    infinity = torch.tensor([torch.inf], dtype=torch.float64)
    low, high = torch.cat([-infinity, ends]), torch.cat([ends, infinity])
    inside_more = below(more, high, True) - below(more, low, False)[:, None]
    inside_less = below(less, high + reach, True) - below(less, low - reach, False)[:, None]
    ordered = low[:, None] <= high
    whole = torch.zeros_like(ordered)
    whole[0, -1] = True  # the whole line shows nothing
    for outside in (False, True):
        if outside:
            left, right = ends[:, None], ends
            a = below(more, left, True) + 1 - below(more, right, False)
            b = below(less, left + reach, True) + 1 - below(less, right - reach, False)
            usable = left + 2 * reach < right
        else:
            a, b, usable = inside_more, inside_less.clamp(0, 1), ordered & ~whole
        q, p = (a, b) if sampler_more else (b, a)
        score, stake = game.score(q, p, sampler_more)
        score = torch.where(usable & (a > b), score, -torch.inf)
        top = int(score.argmax())
        if score.flatten()[top] == -torch.inf:
            continue
        i, j = divmod(top, score.shape[1])
        lows, highs = (ends, ends) if outside else (low, high)
        chosen = Interval(feature, float(lows[i]), float(highs[j]), outside)
        yield Proposal(chosen, sampler_more, float(score[i, j]), float(stake[i, j]) or None)


def directions(q: torch.Tensor, p: torch.Tensor) -> Iterator[Feature]:
    """Features learned from draws: Fisher's direction, axes of unequal spread, a distance."""
    both = torch.cat([q - q.mean(0), p - p.mean(0)])
    spread = both.T @ both / len(both)
    size, axes = torch.linalg.eigh(spread)
    whiten = axes / (size.clamp(min=0) + 1e-9 * size[-1] + 1e-300).sqrt()
    gap = whiten @ (whiten.T @ (q.mean(0) - p.mean(0)))
    found = [("mean", "a direction learned from draws", gap)]
    ratio = torch.linalg.eigh(torch.atleast_2d((q - q.mean(0)).mm(whiten).T.cov()))[1]
    for rank, which in ((0, "narrowest"), (-1, "widest")):
        words = f"the direction in which draws are {which}"
        found.append(("spread", words, whiten @ ratio[:, rank]))
    for kind, words, normal in found:
        length = normal.norm()
        if float(length) > 0 and bool(normal.isfinite().all()):
            yield _along(normal / length, words, kind == "spread")
    centre = p.mean(0)
    yield Feature(
        "distance to the posterior's mean",
        "how far draws lie from the posterior's mean",
        "spread inside a mode",
        lambda x: (x.double() - centre).norm(dim=-1),
    )


def _along(unit: torch.Tensor, words: str, spread: bool) -> Feature:
    kind: Kind = "spread inside a mode" if spread else "mean"
    # The rounded length may exceed 1 by a few units in the last place.
    return Feature(f"position along {words}", words, kind, lambda x: x.double() @ unit, 1 + 1e-12)
