"""The lattice, its smoothing, and what the easy scores miss. `python benchmarks/plot_scores.py`."""

import math
import random
from collections.abc import Callable

import numpy as np
import torch
from drawing import BLUE, GREEN, INK, LIGHT, RED, Picture, main
from matplotlib.figure import Figure

from hardposterior import bounds, calibrate, impl
from hardposterior.properties.mixture_score import mixture_errors
from hardposterior.properties.naive_instance import errors_of_both_formulas
from hardposterior.properties.tables import draw_digits
from hardposterior.properties.vertex_score import vertex_error
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.mixture_score import bound_of_sizes
from hardposterior.spec.vertex_score import vertex_score_bound

SIZE, SEPARATION, SPACING = 6, 6.0, 1.0
LATTICE, HALF = 1.11, 0.5


def lattice(figure: Figure) -> None:
    """Densities at four noise levels, and the distance of the score from the Gaussian's."""
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    x = torch.linspace(-4.2, 4.2, 1681, dtype=torch.float64)
    law = impl.DiscretizedGaussian(LATTICE, HALF)
    levels = (1.0, 0.5, 0.3, 0.15)
    for row, sigma in enumerate(levels):
        t = 1 + sigma**2
        height = law.log_prob(x, sigma).exp()
        smooth = torch.exp(-(x**2) / (2 * t)) / math.sqrt(2 * math.pi * t)
        scale, base = 0.95 / max(height.max(), smooth.max()), -1.25 * row
        left.plot(x, smooth * scale + base, "--", color=RED, lw=1)
        left.plot(x, height * scale + base, color=INK, lw=1.2)
        left.text(4.3, base + 0.05, f"σ = {sigma:g}", ha="right", va="bottom")
    left.set(xlabel="x", yticks=[], title="Density, each to its own scale", ylim=(-3.9, 1.1))
    left.spines["left"].set_visible(False)
    left.grid(visible=False)

    sigmas = np.geomspace(0.25, 1.6, 40)
    points = torch.linspace(0, 1, 400, dtype=torch.float64)
    gaps = []
    for sigma in sigmas:
        cell = points * LATTICE * (1 + sigma**2)
        gaps.append(float((law.score(cell, float(sigma)) + cell / (1 + sigma**2)).abs().max()))
    allowed = [bounds.score_gap(spacing=LATTICE, sigma=float(s)) for s in sigmas]
    right.semilogy(sigmas, allowed, "--", color=BLUE, label="bound B")
    right.semilogy(sigmas, gaps, color=INK, label="largest over x")
    right.set(xlabel="σ", title="|score − Gaussian's score|", ylim=(1e-6, 1e2))
    right.legend()


def score_error(figure: Figure) -> None:
    """Both scores' errors against their bounds, over the noise."""
    axes = figure.subplots()
    digits = draw_digits(SIZE, SIZE, random.Random(0))
    sigmas = np.geomspace(0.05, 10, 28)
    vertex, mixture = [], []
    for i, sigma in enumerate(sigmas):
        cell = (SIZE, SIZE, digits, SEPARATION, SPACING, float(sigma), 6000, i)
        vertex.append(vertex_error(impl, *cell)[0].mean)
        mixture.append(float(mixture_errors(impl, *cell)[0][1::2].square().mean()))  # plain draws
    fine = np.geomspace(0.05, 10, 200)
    sizes = {"n": SIZE, "m": SIZE, "separation": SEPARATION, "spacing": SPACING}
    for bound, colour, style, name in (
        (vertex_score_bound, BLUE, "-", "bound V, vertex score"),
        (bound_of_sizes, RED, "--", "bound U, mixture score"),
    ):
        heights = [finite(bound, sigma=float(s), **sizes) * s * s for s in fine]
        axes.loglog(fine, heights, style, color=colour, lw=1.5, label=name)
    axes.loglog(sigmas, vertex, "o", ms=4, color=BLUE, label="measured, vertex score")
    axes.loglog(sigmas, mixture, "s", ms=4, mfc="none", color=RED, label="measured, mixture score")
    axes.set(xlabel="σ (unscaled)", ylabel="σ² E|error|²", ylim=(1e-16, 1e4))
    axes.legend()


def finite(bound: Callable[..., float], **parameters: float) -> float:
    """The bound in floats; not a number where it says nothing."""
    try:
        value = float(bound(Floats(), **parameters))
    except (ZeroDivisionError, ValueError, OverflowError):
        return math.nan
    return value if value > 0 else math.nan


def naive(figure: Figure) -> None:
    """Without phases no easy score is accurate at middling noise."""
    axes = figure.subplots()
    digits = draw_digits(8, 8, random.Random(1))
    sigmas = np.geomspace(0.1, 10, 30)
    both = [
        [float(v.mean()) for v in errors_of_both_formulas(impl, 8, 8, digits, float(s), 4000, i)]
        for i, s in enumerate(sigmas)
    ]
    vertex, mixture = zip(*both, strict=True)
    axes.loglog(sigmas, np.minimum(vertex, mixture), color=LIGHT, lw=5, label="the better one")
    axes.loglog(sigmas, vertex, color=BLUE, label="vertex formula")
    axes.loglog(sigmas, mixture, "--", color=RED, label="product formula")
    axes.axhline(16.0**-2, color=INK, ls=":", label="target d⁻²")
    axes.set(xlabel="σ (bits are ±1)", ylabel="σ² E|error|²", ylim=(1e-8, 1e2))
    axes.legend()


def calibration(figure: Figure) -> None:
    """Spacing over separation is of order 1 / log d."""
    axes = figure.subplots()
    sizes = [2**k for k in range(3, 20, 2)]
    for exponent, colour, style in ((2, BLUE, "o-"), (4, INK, "s--"), (10, GREEN, "^:")):
        found = [calibrate(size, size, exponent) for size in sizes]
        dimension = [2 * size for size in sizes]
        law = [f.ratio * math.log(d) for f, d in zip(found, dimension, strict=True)]
        axes.semilogx(dimension, law, style, ms=4, color=colour, label=f"C = {exponent}")
    axes.set(xlabel="d = n + m", ylabel="(spacing / separation) · log d", ylim=(0, None))
    axes.legend(ncols=3)


PICTURES = (
    Picture(
        "lattice",
        "A discretized Gaussian and its smoothing",
        "Left: the law on the lattice 1.11 (Z + 1/2) after noise N(0, σ²), solid, beside the "
        "Gaussian N(0, 1 + σ²), dashed: once σ is near the spacing nothing is left to see. Right: "
        "the largest distance of its score from the Gaussian's over one period, computed by the "
        "implementation on 400 points, stays below the bound B.",
        "lattice-smoothing",
        lattice,
        (7.6, 3.8),
    ),
    Picture(
        "score-error",
        "Score error against the noise, and its two bounds",
        "Mean squared errors of the two scores that need no enumeration, n = m = 6, separation 6, "
        "spacing 1, a random function; 6,000 draws a point. The vertex score is good at small "
        "noise, the mixture score at large, and each stays below its bound V or U: together they "
        "are good at every level. Below σ = 0.2 the bound U says nothing.",
        "vertex-score",
        score_error,
    ),
    Picture(
        "naive",
        "Why phases are needed: the naive instance misses the target",
        "The same two formulas on the instance without phases (image bits as ±1), n = m = 8, 4,000 "
        "draws a point. Between small and large noise even the better formula stays above the "
        "target d⁻². Left of σ = 0.22 no draw erred.",
        "naive-instance",
        naive,
    ),
    Picture(
        "calibration",
        "Calibrated parameters over the dimension",
        "For n = m up to 2¹⁹, the calibrated spacing over separation times log d: it neither "
        "vanishes nor grows, as the order 1 / log d says. Each point is proved to be well modeled "
        "on the half line of noise levels.",
        "calibration",
        calibration,
    ),
)


if __name__ == "__main__":
    main(PICTURES, __doc__)
