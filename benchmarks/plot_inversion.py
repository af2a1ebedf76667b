"""Success of the reduction and its bound, against the noise and against the separation.

`python benchmarks/plot_inversion.py --out FOLDER`; `benchmarks/figures.py` draws the same two.
Every point inverts images of uniform words with the exact posterior (Appendix B), n = m = 8.
"""

import random

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from drawing import main
from matplotlib.axes import Axes

from hardposterior import bounds, impl
from hardposterior.properties.inversion import FAMILIES, chance, inverted

SIZE, SEPARATION, SPACING, COUNT = 8, 4.0, 1.5, 200
COLOURS = ("#0b5f86", "#a4161a", "#3f7d20")
INK, LIGHT = "#1c2126", "#9aa3ab"


def promised(separation: float, beta: float, tau: float, delta: float) -> float:
    """The bound, cut off at 0."""
    bound = bounds.inversion(
        n=SIZE,
        m=SIZE,
        separation=separation,
        spacing=SPACING,
        beta=beta,
        tau=tau,
        delta=delta,
    )
    return max(bound, 0.0)


def tables() -> dict[str, tuple[tuple[int, ...], ...]]:
    """One function of each family."""
    draw = random.Random(0)
    return {name: make(SIZE, SIZE, draw) for name, make in FAMILIES.items()}


def errors(shares: list[float]) -> list[float]:
    """Standard deviations of measured shares."""
    return [(p * (1 - p) / COUNT) ** 0.5 for p in shares]


def inversion_against_noise(axes: Axes) -> None:
    """Where the bound bites, where it is loose, and where phases blur."""
    betas, fine = np.geomspace(0.015, 0.4, 11), np.geomspace(0.015, 0.4, 300)
    axes.semilogx(
        fine, [promised(SEPARATION, float(b), 0, 0) for b in fine], color=INK, label="bound"
    )
    for (name, table), colour in zip(tables().items(), COLOURS, strict=True):
        found = [
            inverted(impl, table, (SEPARATION, SPACING, float(b)), (0.0, 0.0), COUNT, i) / COUNT
            for i, b in enumerate(betas)
        ]
        axes.errorbar(
            betas, found, errors(found), fmt="o", ms=4, color=colour, label=f"exact, {name}"
        )
        axes.axhline(chance(table), color=colour, ls=":", lw=0.8)
    axes.set(
        xlabel="beta (scaled)",
        ylabel="share of images inverted",
        title="Inversion, n = m = 8, separation 4, spacing 1.5; dotted: chance",
    )
    ticks = [0.015, 0.03, 0.06, 0.12, 0.24]
    axes.set_xticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.legend(fontsize=8)


def inversion_against_separation(axes: Axes) -> None:
    """Signs: too weak to be read where the separation is small, or the sampler moves them."""
    places, fine = np.linspace(1.0, 6.0, 11), np.linspace(1.0, 6.0, 200)
    table = tables()["random table"]
    for (tau, delta), colour in zip(((0.0, 0.0), (0.3, 0.0), (0.1, 0.1)), COLOURS, strict=True):
        name = "exact" if tau == delta == 0 else f"spoilt, tau {tau:g}, delta {delta:g}"

        def noise(separation: float) -> float:
            return SPACING / (4 * separation * 3.5)  # h = 3.5: decoding hardly fails

        bound = [promised(float(r), noise(float(r)), tau, delta) for r in fine]
        axes.plot(fine, bound, color=colour, lw=1.3, label=f"bound, {name}")
        found = [
            inverted(impl, table, (float(r), SPACING, noise(float(r))), (tau, delta), COUNT, i)
            / COUNT
            for i, r in enumerate(places)
        ]
        axes.errorbar(
            places, found, errors(found), fmt="o", ms=4, color=colour, label=f"measured, {name}"
        )
    axes.axhline(chance(table), color=LIGHT, ls=":", label="chance")
    axes.set(
        xlabel="separation R (unscaled); beta = spacing / (14 R)",
        ylabel="share of images inverted",
        title="Inversion, n = m = 8, a random table, spacing 1.5",
    )
    axes.legend(fontsize=8)


FIGURES = (inversion_against_noise, inversion_against_separation)


if __name__ == "__main__":
    main(FIGURES, __doc__)
