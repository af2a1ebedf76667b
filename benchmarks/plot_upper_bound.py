"""Tables and plots of the upper bound: `python benchmarks/plot_upper_bound.py --out FOLDER`.

Exponents of rejection on the hard instance against m, with both acceptance bounds and search, and
acceptance against beta for a Gaussian. Means are of log q: the mean of 1 / q over y is infinite.
"""

import argparse
import math
from pathlib import Path

import matplotlib
import numpy as np
import torch

from hardposterior import bounds
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.functions import draw_neighbours, draw_table, goldreich
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.properties.acceptance import rare_for_a_radial_mixture
from hardposterior.properties.tables import Function
from hardposterior.spec import near_optimality
from hardposterior.spec.arithmetic import Floats

matplotlib.use("Agg")
from matplotlib import pyplot as plt

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


def near_optimality_plot(folder, largest, measured, ys):
    """Print the table and draw the exponents against m."""
    second_moment = 1 / SEPARATION**2 + BETA**2
    print("function      m   -E log q  measured  (exact there)   plain   sharp  search  predicted")
    figure, axes = plt.subplots(figsize=(6, 4.5))
    for name, first in (("random table", 2), ("Goldreich", 5)):
        ms = np.arange(first, largest + 1)
        rows = [exponents(name, int(m), ys, m <= measured) for m in ms]
        for m, row in zip(ms, rows, strict=True):
            mark = {"m": int(m), "beta": BETA, "delta": DELTA, "second_moment": m * second_moment}
            plain = -bounds.acceptance(**mark, form="plain", log=True)
            sharp = -bounds.acceptance(**mark, form="sharp", log=True)
            predicted = near_optimality.predicted_exponent(FLOATS, m, m, SPACING)
            print(
                f"{name:12} {m:2}  {row[0]:8.3f}  {row[2]:8.3f}  {row[3]:13.3f}  {plain:6.2f}  "
                f"{sharp:6.2f}  {m * math.log(2):6.2f}  {predicted:9.3f}"
            )
        values, errors = (np.array([row[i] for row in rows]) for i in (0, 1))
        found, half = slope(ms, values, errors)
        print(f"{name}: slope {found:.3f} +- {half:.3f}")
        axes.errorbar(ms, values, errors, fmt="o", label=f"-E log q, {name}")
        axes.plot(
            ms,
            [row[2] for row in rows],
            "x",
            label=f"log rounds measured where q is above its median, {name}",
        )
    ms = np.arange(2, largest + 1)
    for form, style in (("plain", ":"), ("sharp", "--")):
        logs = [
            -bounds.acceptance(
                m=int(m),
                beta=BETA,
                delta=DELTA,
                second_moment=m * second_moment,
                form=form,
                log=True,
            )
            for m in ms
        ]
        axes.plot(ms, logs, style, color="grey", label=f"{form} bound, delta = {DELTA}")
    axes.plot(ms, near_optimality.predicted_exponent(FLOATS, ms, ms, SPACING), label="predicted")
    axes.plot(ms, ms * math.log(2), label="search, log 2^n")
    axes.set(xlabel="n = m", ylabel="logarithm of the number of rounds")
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(folder / "near_optimality.png", dpi=150)
    predicted = near_optimality.predicted_exponent(FLOATS, 1, 1, SPACING)
    print(f"predicted slope log 2 + 1 + log(sqrt(2 pi) / eps) = {predicted:.3f}")


def quantile(m, beta, delta):
    """The delta-quantile of q(y) for y ~ N(0, (1 + beta^2) I_m), exactly."""
    from scipy import stats

    square = stats.chi2.isf(delta, m)
    return math.exp(m / 2 * math.log(beta**2 / (1 + beta**2)) - square / 2)


def acceptance_plot(folder):
    """Acceptance against beta and against m for a Gaussian: exact quantiles and both bounds."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
    betas, ms = np.geomspace(1e-3, 1, 30), np.arange(1, 33)
    for axes, places, case in (
        (left, betas, lambda beta: (4, float(beta))),
        (right, ms, lambda m: (int(m), 0.1)),
    ):
        cases = [case(place) for place in places]
        axes.loglog(places, [quantile(*c, DELTA) for c in cases], label="exact quantile")
        for form in ("sharp", "plain"):
            found = [
                bounds.acceptance(
                    m=m, beta=beta, delta=DELTA, second_moment=m * (1 + beta**2), form=form
                )
                for m, beta in cases
            ]
            axes.loglog(places, found, label=form)
            shares = [rare_for_a_radial_mixture(form, *c, DELTA, [1.0], [1.0]) for c in cases]
            assert max(shares) <= 1
    left.set(xlabel="beta (m = 4)", ylabel=f"q(y), exceeded with probability {1 - DELTA}")
    right.set(xlabel="m (beta = 0.1)")
    left.legend()
    figure.tight_layout()
    figure.savefig(folder / "acceptance.png", dpi=150)


def main():
    """Write both plots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--largest", type=int, default=16, help="m up to here, q exact")
    parser.add_argument("--measured", type=int, default=6, help="m up to here, rounds measured")
    parser.add_argument("--ys", type=int, default=100)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    acceptance_plot(arguments.out)
    near_optimality_plot(arguments.out, arguments.largest, arguments.measured, arguments.ys)


if __name__ == "__main__":
    main()
