"""Limits of the mean of shares in [0, 1], one share from each call: exact whatever the calls do.

The call is the unit of independence. The rows of one call may be correlated in any way; the share
of them that falls in a set is one number in [0, 1], its mean over calls is the mass of the set, and
shares of different calls are independent. If that mean is at most p, a stake of the fraction t on
every call multiplies a capital of 1 by 1 - t + t share / p, whose mean is at most 1, so that the
capital reaches 1 / alpha with probability at most alpha (Markov). All p at which a mixture of
stakes has done so lie below the mean (Waudby-Smith and Ramdas 2024). Where the rows of a call are
independent too, the limits are nearly those of the binomial.
"""

import math

import torch
from scipy.stats import binom

from hardposterior.properties.audit import intervals

STAKES = torch.tensor(
    [1 / 128, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 0.95], dtype=torch.float64
)
"""Fractions of the capital; a stake chosen beforehand has as much weight as all these together."""

TRIALS = 300
"""Simulated audits, all of which must find a violation that is called found at 99 % power: at a
power of 99 % that happens with probability .05."""


def log_capital(shares: torch.Tensor, p: float, stake: float | None = None) -> torch.Tensor:
    """log of the capital after all shares (..., m), for the claim that their mean is at most p."""
    stakes, logs = STAKES, torch.full_like(STAKES, -math.log(len(STAKES)))
    if stake is not None:
        stakes = torch.cat([stakes, torch.tensor([stake], dtype=torch.float64)])
        logs = torch.cat([logs, torch.zeros(1, dtype=torch.float64)]) - math.log(2)
    grown = torch.log1p(stakes[:, None] * (shares / p - 1).unsqueeze(-2)).sum(-1)
    capital: torch.Tensor = (grown + logs).logsumexp(-1)
    return capital


def lower(shares: torch.Tensor, alpha: float, stake: float | None = None) -> float:
    """A number that exceeds the mean of shares (m,) with probability at most alpha."""
    low, high, goal = 0.0, float(shares.mean()), -math.log(alpha)
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        if float(log_capital(shares, middle, stake)) >= goal:
            low = middle
        else:
            high = middle
    return low


def upper(shares: torch.Tensor, alpha: float, stake: float | None = None) -> float:
    """A number below the mean of shares (m,) with probability at most alpha."""
    return 1.0 - lower(1 - shares, alpha, stake)


def growth(a: torch.Tensor, b: torch.Tensor, rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What one call adds to log capital, and at which stake: `rows` independent rows of mean a.

    The claim is a mean of at most b. A share is taken as normal, at three points. For tensors a, b
    of one shape; 0 where a <= b.
    """
    best, chosen = torch.zeros_like(a), torch.zeros_like(a)
    more = a > b
    mean, claimed = a[more], b[more].clamp(min=1e-300)
    spread = (3 * mean * (1 - mean) / rows).sqrt()
    share = torch.stack([mean - spread, mean, mean + spread]).clamp(0, 1) / claimed - 1
    gains = torch.log1p(STAKES[:, None, None] * share)
    most, place = ((gains[:, 0] + 4 * gains[:, 1] + gains[:, 2]) / 6).max(0)
    best[more] = most.clamp(min=0)
    chosen[more] = torch.where(most > 0, STAKES[place], 0.0)
    return best, chosen


def foreseen(calls: int, rows: int, alpha: float, mass: float = 0.2) -> float:
    """About the least excess over `mass` that `calls` calls of `rows` independent rows show."""
    goal = -math.log(alpha) + math.log(2)
    excess = torch.linspace(0.002, 1 - mass, 400, dtype=torch.float64)
    total = calls * growth(mass + excess, torch.full_like(excess, mass), rows)[0]
    enough = torch.nonzero(total >= goal)
    return float(excess[enough[0, 0]]) if len(enough) else 1.0


def smallest_gap(
    calls: int, rows: int, exact_trials: int, alpha: float, mass: float = 0.5
) -> float:
    """The least v found at 99 % power where exact draws give a set `mass` and the sampler v less.

    By simulation of calls of independent rows; both sides' sampling errors count, `alpha` is that
    of one set. 1 where no violation would be found.
    """
    share = intervals.SHARE_OF_EXACT
    seen = int(binom.ppf((1 - intervals.POWER) / 2, exact_trials, mass))
    limit = intervals.lower(seen, exact_trials, share * alpha)
    goal = -math.log((1 - share) * alpha)

    def found(step: int) -> bool:
        q = mass - step / 1000
        stake = float(
            growth(torch.tensor(1 - q).double(), torch.tensor(1 - limit).double(), rows)[1]
        )
        generator = torch.Generator().manual_seed(step)
        count = torch.full((TRIALS, calls), float(rows), dtype=torch.float64)
        hits = torch.binomial(count, torch.full_like(count, 1 - q), generator=generator)
        capital = log_capital(hits / rows, 1 - limit, stake if stake > 0 else None)
        return bool((capital >= goal).all())

    last = int(1000 * mass)
    missed = intervals.bisect(lambda step: not found(step), 1, last)
    if missed is None:
        return 0.001
    return (missed + 1) / 1000 if missed < last else 1.0
