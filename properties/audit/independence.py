"""Are the draws independent? Exact sign tests that need no knowledge of the law.

Four independent rows of one law, (a1, a2) drawn together and (b1, b2) drawn together, have the same
law with a2 and b2 exchanged. So (v(a1) - v(b1)) (v(a2) - v(b2)) is as often positive as negative,
for any v: where draws drawn together agree more than others, the signs betray it. Likewise a row
that repeats is found as often in its own call as in another, where rows are independent: a law with
atoms repeats itself and is not blamed here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from hardposterior.properties.audit import intervals

PROJECTIONS = 4

Pair = tuple[torch.Tensor, torch.Tensor]
"""Two calls of the sampler at one y with different generators, each (count, d)."""

WORDS = {
    "repeated": "draws of one call repeat each other",
    "same generator": "calls with different generators repeat each other, row by row",
    "neighbours": "a draw is correlated with the next of its call",
    "one call": "draws of one call are correlated",
    "two calls": "draws of different calls are correlated, row by row",
}


@dataclass
class Signs:
    """Counts of positive and negative signs for every test, pooled over calls and y."""

    counts: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def add(self, name: str, index: int, signs: torch.Tensor) -> None:
        """Count the signs of independent comparisons."""
        row = self.counts.setdefault((name, index), [0, 0])
        row[0] += int((signs > 0).sum())
        row[1] += int((signs < 0).sum())

    def verdict(self, alpha: float) -> str | None:
        """What is wrong, in words, at a false-alarm rate of alpha over all tests together."""
        tests = len(WORDS) * PROJECTIONS
        for (name, _), (positive, negative) in self.counts.items():
            p = intervals.sign_test(positive, negative)
            if p <= alpha / tests:
                total = positive + negative
                return (
                    f"{WORDS[name]}: {positive:,} of {total:,} comparisons, 1/2 expected "
                    f"(p = {p:.1e})"
                )
        return None


def compare(pairs: Sequence[Pair], signs: Signs, generator: torch.Generator) -> None:
    """Add what these pairs of calls say to `signs`."""
    for one, two in pairs:
        size = min(len(one), len(two)) // 4 * 4
        if size < 4:
            continue
        a, b = one[:size], two[:size]
        _repeats(a, b, signs, generator)
        projections = torch.randn(a.shape[1], PROJECTIONS, generator=generator).double()
        for index in range(PROJECTIONS):
            va, vb = a @ projections[:, index], b @ projections[:, index]
            for name, sign in _concordances(va, vb):
                signs.add(name, index, sign)


def _concordances(va: torch.Tensor, vb: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    half = len(va) // 2
    for v in (va, vb):
        # Neighbours against neighbours half a call away.
        first, second = v[:half].reshape(-1, 2), v[half:].reshape(-1, 2)
        yield "neighbours", (first - second).prod(-1)
    far = (va[:half] - vb[:half]) * (va[half:] - vb[half:])
    yield "one call", far
    pair_a, pair_b = va.reshape(-1, 2), vb.reshape(-1, 2)
    yield "two calls", (pair_a[:, 0] - pair_a[:, 1]) * (pair_b[:, 0] - pair_b[:, 1])


def _repeats(a: torch.Tensor, b: torch.Tensor, signs: Signs, generator: torch.Generator) -> None:
    size = len(a)
    _, labels = torch.unique(torch.cat([a, b]), dim=0, return_inverse=True)
    la, lb = labels[:size], labels[size:]
    pa, pb = la.reshape(-1, 2), lb.reshape(-1, 2)
    straight = (pa == pb).sum(-1)
    crossed = (pa == pb.flip(-1)).sum(-1)
    signs.add("same generator", 0, straight - crossed)
    order = torch.randperm(size, generator=generator)
    first, second = order[: size // 2], order[size // 2 :]
    own = torch.isin(la[second], la[first]).int() + torch.isin(lb[second], lb[first]).int()
    other = torch.isin(la[second], lb[first]).int() + torch.isin(lb[second], la[first]).int()
    signs.add("repeated", 0, own - other)
