"""Exact binomial limits, and what an exact binomial test would have found."""

from scipy.special import betaincinv
from scipy.stats import binom

POWER = 0.99
SHARE_OF_EXACT = 0.1
"""Of a set's alpha, what goes to the exact posterior's side: its draws are cheap and many."""


def lower(hits: int, trials: int, alpha: float) -> float:
    """The p at which Pr[at least `hits` of `trials`] is alpha (Clopper and Pearson 1934)."""
    return float(betaincinv(hits, trials - hits + 1, alpha)) if hits else 0.0


def upper(hits: int, trials: int, alpha: float) -> float:
    """The p at which Pr[at most `hits` of `trials`] is alpha."""
    return 1.0 - lower(trials - hits, trials, alpha)


def tail(hits: int, trials: int, chance: float) -> float:
    """Pr[Binomial(trials, chance) >= hits]."""
    return float(binom.sf(hits - 1, trials, chance)) if hits else 1.0


def sign_test(positive: int, negative: int) -> float:
    """The two-sided p-value of `positive` heads among fair coins."""
    total = positive + negative
    return min(1.0, 2 * tail(max(positive, negative), total, 0.5)) if total else 1.0


def smallest_gap(
    trials: int, exact_trials: int, alpha: float, delta: float = 0.0, mass: float = 0.5
) -> float:
    """The least v found with probability `POWER`, where exact draws give a set the mass `mass`.

    The sampler gives its neighbourhood `mass` - delta - v. Both sides' sampling errors count, each
    for half of what may be missed; `alpha` is that of one set.
    """
    missed = (1 - POWER) / 2
    seen = int(binom.ppf(missed, exact_trials, mass))
    limit = lower(seen, exact_trials, SHARE_OF_EXACT * alpha) - delta
    hits = bisect(lambda k: upper(k, trials, (1 - SHARE_OF_EXACT) * alpha) < limit, 0, trials)
    if hits is None:
        return 1.0
    # Pr[Bin(trials, q) <= hits] >= 1 - missed up to this q.
    q = lower(hits + 1, trials, missed) if hits < trials else 1.0
    return mass - delta - q


def least_hits(trials: int, chance: float, alpha: float) -> int:
    """The fewest hits whose tail under Binomial(trials, chance) is at most alpha."""
    hits = int(binom.isf(alpha, trials, chance))
    while tail(hits, trials, chance) > alpha:
        hits += 1
    return hits


def smallest_share(trials: int, chance: float, alpha: float) -> float:
    """The least share of bad y that a count beyond `chance` would show with probability POWER."""
    hits = least_hits(trials, chance, alpha)
    return upper(hits - 1, trials, 1 - POWER) if hits <= trials else 1.0


def bisect(holds, low: int, high: int) -> int | None:  # type: ignore[no-untyped-def]
    """The largest integer of [low, high] at which a property that ends once still holds."""
    if not holds(low):
        return None
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
