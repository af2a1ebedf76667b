"""Are the draws independent? Exact sign tests that need no knowledge of the law.

Four independent rows of one law, (a1, a2) drawn together and (b1, b2) drawn together, have the same
law with a2 and b2 exchanged. So (v(a1) - v(b1)) (v(a2) - v(b2)) is as often positive as negative,
for any v: where draws drawn together agree more than others, the signs betray it. The same holds
with rows replaced by the means of half calls, in which a small shift common to one call stands out,
and by the means of calls next to each other. Likewise a row that repeats is found as often in its
own call as in another, where rows are independent: a law with atoms repeats itself and is not
blamed here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch

from hardposterior.properties.audit import intervals

PROJECTIONS = 4

CENTRE = 500
"""Exact draws that say where the middle of the posterior is, and how wide it is."""

WORDS = {
    "repeated": "draws of one call repeat each other",
    "same generator": "calls with different generators repeat each other, row by row",
    "neighbours": "a draw is correlated with the next of its call",
    "one call": "draws of one call are correlated",
    "half calls": "draws of one call are correlated, as the means of its halves show",
    "two calls": "draws of different calls are correlated, row by row",
    "next calls": "a call is correlated with the next",
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
        tests = len(WORDS) * (PROJECTIONS + 1)
        for (name, _), (positive, negative) in self.counts.items():
            p = intervals.sign_test(positive, negative)
            if p <= alpha / tests:
                total = positive + negative
                return (
                    f"{WORDS[name]}: {positive:,} of {total:,} comparisons, 1/2 expected "
                    f"(p = {p:.1e})"
                )
        return None


def radius(exact: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function of rows (..., d) that no linear one sees: how far out they lie.

    The distance to the mean of exact draws (l, d), in their deviations along their axes.
    """
    variances, axes = torch.linalg.eigh(torch.atleast_2d(exact.T.cov()))
    middle = exact.mean(0)
    sizes = variances.clamp(min=0).sqrt()
    whiten = axes / sizes.clamp(min=1e-6 * float(sizes[-1]) + 1e-300)
    return lambda x: ((x - middle) @ whiten).norm(dim=-1)


def compare(
    calls: torch.Tensor,
    signs: Signs,
    generator: torch.Generator,
    v: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> None:
    """Add to `signs` what calls (k, c, d) at one y say, made in this order; an odd last is left.

    Rows beyond a multiple of four are left out too. Rows are looked at along random directions, and
    by `v`, a function to (k, c) that must not hang on these rows.
    """
    count, size = len(calls) // 2 * 2, calls.shape[1] // 4 * 4
    if count < 2 or size < 4:
        return
    pairs = calls[:count, :size].reshape(count // 2, 2, size, -1)
    _repeats(pairs, signs, generator)
    projections = torch.randn(pairs.shape[-1], PROJECTIONS, generator=generator).double()
    for index in range(PROJECTIONS):
        for name, sign in _concordances(pairs @ projections[:, index]):
            signs.add(name, index, sign)
    if v is not None:
        for name, sign in _concordances(v(pairs)):
            signs.add(name, PROJECTIONS, sign)


def _concordances(v: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """Signs from values (pairs, 2, size) of the rows of pairs of calls."""
    half = v.shape[-1] // 2
    first, second = v[..., :half], v[..., half:]
    # Neighbours against neighbours half a call away.
    steps = first.unflatten(-1, (-1, 2)) - second.unflatten(-1, (-1, 2))
    yield "neighbours", steps.prod(-1)
    yield "one call", (first[:, 0] - first[:, 1]) * (second[:, 0] - second[:, 1])
    means = torch.stack([first.mean(-1), second.mean(-1)], -1)
    yield "half calls", (means[:, 0] - means[:, 1]).prod(-1)
    along = v.unflatten(-1, (-1, 2))
    yield "two calls", (along[..., 0] - along[..., 1]).prod(1)
    four = v.mean(-1).flatten()[: len(v) // 2 * 4].reshape(-1, 2, 2)
    yield "next calls", (four[:, 0] - four[:, 1]).prod(-1)


def _repeats(pairs: torch.Tensor, signs: Signs, generator: torch.Generator) -> None:
    rows = pairs.flatten(0, 2)
    if len(rows[:, 0].unique()) == len(rows):
        return  # all differ: no comparison is decided
    labels = torch.unique(rows, dim=0, return_inverse=True)[1].reshape(pairs.shape[:3])
    a, b = labels.unbind(1)
    pa, pb = a.unflatten(-1, (-1, 2)), b.unflatten(-1, (-1, 2))
    signs.add("same generator", 0, (pa == pb).sum(-1) - (pa == pb.flip(-1)).sum(-1))
    order = torch.randperm(pairs.shape[2], generator=generator)
    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    for la, lb in zip(a, b, strict=True):

        def found(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return torch.isin(x[second], y[first]).int()

        own, other = found(la, la) + found(lb, lb), found(la, lb) + found(lb, la)
        signs.add("repeated", 0, own - other)
