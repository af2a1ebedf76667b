"""Success of the reduction and its bound, against the noise and against the separation.

`python benchmarks/plot_inversion.py --out FOLDER`. Every point inverts images of uniform words
with the exact posterior (Appendix B), n = m = 8.
"""

import random

import numpy as np
from drawing import BLUE, GREEN, INK, LIGHT, RED, Picture, main
from matplotlib.figure import Figure

from hardposterior import bounds, impl
from hardposterior.properties.inversion import FAMILIES, chance, inverted

SIZE, SEPARATION, SPACING, COUNT = 8, 4.0, 1.5, 200
COLOURS, MARKS, STYLES = (BLUE, RED, GREEN), ("o", "s", "^"), ("-", "--", "-.")
ROOM = 3.5  # spacing / (4 R beta): decoding hardly fails


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
    """Two standard deviations of measured shares."""
    return [2 * (p * (1 - p) / COUNT) ** 0.5 for p in shares]


def against_noise(figure: Figure) -> None:
    """Where the bound bites, where it is loose, and where phases blur."""
    axes = figure.subplots()
    betas, fine = np.geomspace(0.015, 0.4, 11), np.geomspace(0.015, 0.4, 300)
    axes.semilogx(
        fine, [promised(SEPARATION, float(b), 0, 0) for b in fine], color=INK, label="bound"
    )
    worst = 0.0
    for k, (name, table) in enumerate(tables().items()):
        found = [
            inverted(impl, table, (SEPARATION, SPACING, float(b)), (0.0, 0.0), COUNT, i) / COUNT
            for i, b in enumerate(betas)
        ]
        axes.errorbar(
            betas * 1.03 ** (k - 1), found, errors(found), fmt=MARKS[k], ms=4.5, color=COLOURS[k],
            mfc="none", lw=0.8, label=f"measured, {name}",
        )  # fmt: skip
        worst = max(worst, chance(table))
    axes.axhspan(0, worst, color=LIGHT, alpha=0.35, lw=0, label="chance, at most")
    axes.set(xlabel="noise β (scaled)", ylabel="share of images inverted", ylim=(0, 1.03))
    ticks = [0.015, 0.03, 0.06, 0.12, 0.24]
    axes.set_xticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.legend()


def against_separation(figure: Figure) -> None:
    """Signs: too weak to be read where the separation is small, or the sampler moves them."""
    axes = figure.subplots()
    places, fine = np.linspace(1.0, 6.0, 11), np.linspace(1.0, 6.0, 200)
    table = tables()["random table"]

    def noise(separation: float) -> float:
        return SPACING / (4 * separation * ROOM)

    for k, (tau, delta) in enumerate(((0.0, 0.0), (0.3, 0.0), (0.1, 0.1))):
        name = "exact sampler" if tau == delta == 0 else f"spoilt by τ = {tau:g}, δ = {delta:g}"
        bound = [promised(float(r), noise(float(r)), tau, delta) for r in fine]
        axes.plot(fine, bound, STYLES[k], color=COLOURS[k], lw=1.3, label=f"bound, {name}")
        found = [
            inverted(impl, table, (float(r), SPACING, noise(float(r))), (tau, delta), COUNT, i)
            / COUNT
            for i, r in enumerate(places)
        ]
        axes.errorbar(
            places + 0.05 * (k - 1), found, errors(found), fmt=MARKS[k], ms=4.5, color=COLOURS[k],
            mfc="none", lw=0.8, label=f"measured, {name}",
        )  # fmt: skip
    axes.axhspan(0, chance(table), color=LIGHT, alpha=0.35, lw=0, label="chance")
    axes.set(xlabel="separation R (unscaled)", ylabel="share of images inverted", ylim=(0, 1.03))
    axes.legend(loc="lower right")


PICTURES = (
    Picture(
        "inversion-noise",
        "Inversion by posterior draws, against the noise",
        "Images of 200 uniform words a point, each inverted from one draw of the exact posterior; "
        "n = m = 8, separation 4, spacing 1.5, three families of functions (shifted sideways to "
        "be told apart; bars are two standard deviations). The bound holds for every function and "
        "falls to nothing where the phases blur; success then falls to chance.",
        "inversion",
        against_noise,
    ),
    Picture(
        "inversion-separation",
        "Inversion by exact and by spoilt samplers, against the separation",
        "A random table, n = m = 8, spacing 1.5, β = spacing / (14 R); 200 words a point, shifted "
        "sideways. A sampler that is (τ, δ)-close to the posterior still inverts as often as the "
        "bound promises: τ moves signs, δ ignores y altogether.",
        "inversion",
        against_separation,
    ),
)


if __name__ == "__main__":
    main(PICTURES, __doc__)
