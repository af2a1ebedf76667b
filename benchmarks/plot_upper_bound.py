"""Exponents of rejection on the hard instance against m, with both acceptance bounds and search.

`python benchmarks/plot_upper_bound.py --largest 16 --measured 6 --ys 100` prints the table and
draws it whole; `make figures` draws a smaller one. Means are of log q: the mean of 1 / q over y is
infinite.
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from drawing import BLUE, GREEN, INK, LIGHT, RED, Picture, write
from matplotlib.figure import Figure

from hardposterior import bounds
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.functions import draw_neighbours, draw_table, goldreich
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.properties.tables import Function
from hardposterior.spec import near_optimality
from hardposterior.spec.arithmetic import Floats

SEPARATION, SPACING, BETA, DELTA = 6.0, 1.11, 0.0114, 0.1
FLOATS = Floats()


def function_of(name, m):
    """A random table, or Goldreich's function (five inputs at least)."""
    generator = torch.Generator().manual_seed(m)
    if name == "random table":
        return Function(draw_table(m, m, generator).tolist())
    return goldreich(draw_neighbours(m, m, generator), n=m)


def exponents(name, m, ys, measured):
    """The exact mean of -log q over y, its error, and the mean of log(rounds) where measured."""
    instance = HardInstance(function_of(name, m), SEPARATION, SPACING)
    generator = torch.Generator().manual_seed(1)
    x, _ = instance.sample(ys, generator)
    observed = instance.measurement(BETA).observe(x, generator)
    scale = m / 2 * math.log(2 * math.pi * BETA**2)
    exact = [-scale - float(instance.posterior(y, BETA).log_evidence()) for y in observed]
    # The mean of 1 / q over y is infinite: rounds are measured at y whose q is above its median.
    good = [i for i in range(ys) if exact[i] <= np.median(exact)][: 20 if measured else 0]
    rounds = []
    for i in good:
        stream = torch.Generator().manual_seed(i)
        most = int(60 * math.exp(exact[i]))
        found = fast_rejection_sample(instance, observed[i], BETA, 20, stream, max_proposals=most)
        rounds.append(-math.log(found.acceptance.estimate))
    return (
        float(np.mean(exact)),
        float(np.std(exact) / math.sqrt(ys)),
        float(np.mean(rounds)) if rounds else math.nan,
        float(np.mean([exact[i] for i in good])) if rounds else math.nan,
    )


def slope(ms, values, errors):
    """Least squares slope with a 95 % confidence interval from the values' own errors."""
    weights = 1 / np.square(errors)
    centre = np.average(ms, weights=weights)
    spread = float((weights * (ms - centre) ** 2).sum())
    found = float((weights * (ms - centre) * values).sum()) / spread
    return found, 1.96 / math.sqrt(spread)


def bound_exponents(ms: np.ndarray, form: str) -> list[float]:
    """Minus the logarithm of an acceptance bound at each m."""
    second_moment = 1 / SEPARATION**2 + BETA**2
    return [
        -bounds.acceptance(
            m=int(m), beta=BETA, delta=DELTA, second_moment=m * second_moment, form=form, log=True
        )
        for m in ms
    ]


def drawing(largest: int, measured: int, ys: int) -> Callable[[Figure], None]:
    """Print the table and draw the exponents for m to `largest`, rounds measured to `measured`."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        print("function      m   -E log q  measured  (exact there)  predicted")
        for name, first, colour, mark in (
            ("random table", 2, BLUE, "o"),
            ("Goldreich", 5, RED, "s"),
        ):
            ms = np.arange(first, largest + 1)
            rows = [exponents(name, int(m), ys, m <= measured) for m in ms]
            for m, row in zip(ms, rows, strict=True):
                predicted = near_optimality.predicted_exponent(FLOATS, m, m, SPACING)
                print(
                    f"{name:12} {m:2}  {row[0]:8.3f}  {row[2]:8.3f}  {row[3]:13.3f}"
                    f"  {predicted:9.3f}"
                )
            values, errors = (np.array([row[i] for row in rows]) for i in (0, 1))
            found, half = slope(ms, values, errors)
            print(f"{name}: slope {found:.3f} +- {half:.3f}")
            axes.errorbar(
                ms, values, 2 * errors, fmt=mark, ms=4.5, mfc="none", color=colour,
                label=f"−E log q, {name}, slope {found:.2f} ± {half:.2f}",
            )  # fmt: skip
            if measured >= first:
                axes.plot(
                    ms, [row[2] for row in rows], "x", color=GREEN,
                    label=f"measured, {name}, where q is above its median",
                )  # fmt: skip
        ms = np.arange(2, largest + 1)
        for form, style in (("plain", ":"), ("sharp", "--")):
            axes.plot(ms, bound_exponents(ms, form), style, color=LIGHT, label=f"{form} bound")
        predicted = near_optimality.predicted_exponent(FLOATS, ms, ms, SPACING)
        axes.plot(ms, predicted, color=INK, lw=1, label="predicted")
        axes.plot(ms, ms * math.log(2), "-.", color=INK, lw=1, label="search, log 2ⁿ")
        axes.set(xlabel="n = m", ylabel="logarithm of the number of rounds")
        axes.legend()

    return draw


def picture(largest: int, measured: int, ys: int) -> Picture:
    """The picture with these ranges."""
    return Picture(
        "near-optimality",
        "Rejection on the hard instance against search",
        f"Minus the mean of log q(y) over {ys} draws of y, q exact, at separation 6, spacing 1.11, "
        "β = 0.0114 (two standard errors): the logarithm of the rounds of rejection. It is linear "
        "in m with the predicted slope log 2 + 1 + log(√(2π) / ε), a constant above search's "
        f"log 2; both acceptance bounds (δ = {DELTA:g}) lie above it. Against exhaustive search "
        "for an injective f, which needs n log 2: for m = Θ(n) rejection's exponent is at most "
        "O(1 + |log ε|) times that.",
        "near-optimality",
        drawing(largest, measured, ys),
        (7.0, 4.6),
    )


PICTURES = (picture(10, 0, 40),)


def main() -> None:
    """Print the table and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--largest", type=int, default=16, help="m up to here, q exact")
    parser.add_argument("--measured", type=int, default=6, help="m up to here, rounds measured")
    parser.add_argument("--ys", type=int, default=100)
    given: Any = parser.parse_args()
    write([picture(given.largest, given.measured, given.ys)], given.out)


if __name__ == "__main__":
    main()
