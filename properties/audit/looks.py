"""How many calls, of how many rows, at how many y: what the budget buys, before any is judged.

A certificate counts calls, so many small calls show more than a few large ones, until the price of
a call outweighs that of its rows. All numbers are powers of two: the
plan of a second run of the audit is mostly that of the first, though it hangs on a clock.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hardposterior.properties.audit import betting
from hardposterior.properties.audit.certificate import calls_that_test

Y = 3
ROWS = (8, 16, 32, 64, 128, 256, 512)
FEWEST, MOST = 4, 2048
"""Calls at one y."""

MASSES = (0.2, 0.01)
"""Of sets on which plans are compared: a bulk and a tail, which few calls can still tell apart."""

ENOUGH = 0.25
"""The sum of what is seen of both, above which all calls go to one y."""

LARGE_CALLS = (4096, 1024, 256)
"""Rows of the calls that test independence alone: repeats may need a large call to show."""

LARGE_SHARE = 0.2
"""Of the budget, what these may cost."""


@dataclass(frozen=True)
class Looks:
    """`ys` values of y; `calls[k]` calls of `rows` rows at each after look k; a large call's rows.

    `large` is 0 where one is too dear.
    """

    ys: int
    rows: int
    calls: tuple[int, ...]
    large: int = 0


def planned(price: Callable[[int], float], budget: float, most_rows: int, alpha: float) -> Looks:
    """The looks that cost at most `budget` seconds where a call of n rows costs price(n).

    `most_rows` at one y; `alpha` is that of one set at one y among `Y`.
    """
    large = next((n for n in LARGE_CALLS if 2 * Y * price(n) <= LARGE_SHARE * budget), 0)
    left = budget - (2 * Y * price(large) if large else 0.0)
    found = {}
    for ys in (Y, 1):
        options = [
            (seen(calls_that_test(calls), rows, alpha), rows, calls)
            for rows in ROWS
            if (calls := affordable(price(rows), left / ys, most_rows // rows)) >= FEWEST
        ]
        if options:
            found[ys] = min(options)
    if not found:
        return Looks(1, ROWS[0], (FEWEST,))
    ys = Y if Y in found and found[Y][0] <= ENOUGH else 1
    _, rows, calls = found[ys]
    return Looks(ys, rows, steps(calls), large)


def seen(calls: int, rows: int, alpha: float) -> float:
    """About the least faults on a bulk and on a tail that so many calls show, added."""
    return sum(betting.foreseen(calls, rows, alpha, mass) for mass in MASSES)


def affordable(price: float, budget: float, most: int) -> int:
    """The largest power of two of calls within the budget and `most`."""
    count = MOST
    while count and (count > most or count * price > budget):
        count //= 2
    return count


def steps(calls: int) -> tuple[int, ...]:
    """At most four looks, each at four times the calls of the last."""
    fewer = [calls // 4**k for k in (3, 2, 1)]
    return (*(k for k in fewer if k >= 8), calls)
