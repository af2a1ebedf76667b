"""The pictures: `make figures` writes them to build/figures. Every curve is computed here, now.

Measured errors come from the same functions that the evidence uses; bounds from the spec.
"""

import math
import random
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch

mpl.use("Agg")
from drawing import write
from matplotlib.axes import Axes
from plot_diffusion import FIGURES as DIFFUSION
from plot_inversion import FIGURES as INVERSION
from plot_network_growth import network_growth
from plot_score_network import FIGURES as SCORE_NETWORK

from hardposterior import calibrate, impl
from hardposterior.properties.mixture_score import mixture_errors
from hardposterior.properties.naive_instance import errors_of_both_formulas
from hardposterior.properties.tables import draw_digits
from hardposterior.properties.vertex_score import vertex_error
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.mixture_score import bound_of_sizes
from hardposterior.spec.vertex_score import vertex_score_bound

FOLDER = Path("build/figures")
SIZE, SEPARATION, SPACING = 6, 6.0, 1.0
INK, LIGHT, RED, BLUE = "#1c2126", "#9aa3ab", "#a4161a", "#0b5f86"


def lattice(axes: Axes) -> None:
    """The lattice emerges as the noise falls."""
    x = torch.linspace(-4, 4, 4001, dtype=torch.float64)
    law = impl.DiscretizedGaussian(1.11, 0.5)
    for shift, sigma in enumerate((1.0, 0.5, 0.3, 0.15)):
        height = law.log_prob(x, sigma).exp()
        axes.plot(x, height / height.max() - 1.15 * shift, color=INK, lw=1.1)
        axes.text(3.1, 0.25 - 1.15 * shift, f"sigma = {sigma:g}", fontsize=9)
    axes.set(xlabel="x", yticks=[], title="A smoothed lattice, spacing 1.11, phase 1/2")


def score_error(axes: Axes) -> None:
    """Both scores' errors against their bounds, over the noise."""
    digits = draw_digits(SIZE, SIZE, random.Random(0))
    sigmas = np.geomspace(0.05, 10, 28)
    vertex, mixture = [], []
    for i, sigma in enumerate(sigmas):
        cell = (SIZE, SIZE, digits, SEPARATION, SPACING, float(sigma), 6000, i)
        vertex.append(vertex_error(impl, *cell).mean)
        mixture.append(float(mixture_errors(impl, *cell)[0][1::2].square().mean()))  # plain draws
    fine = np.geomspace(0.05, 10, 200)
    sizes = (SIZE, SIZE, SEPARATION, SPACING)
    for bound, colour, name in (
        (vertex_score_bound, BLUE, "V, vertex score"),
        (bound_of_sizes, RED, "U, mixture score"),
    ):
        named = dict(zip(("n", "m", "separation", "spacing"), sizes, strict=True))
        heights = [finite(bound, sigma=float(s), **named) * s * s for s in fine]
        axes.loglog(fine, heights, color=colour, lw=1.4, label=f"bound {name}")
    axes.loglog(sigmas, vertex, "o", ms=3.5, color=BLUE, label="measured, vertex score")
    axes.loglog(sigmas, mixture, "s", ms=3.5, color=RED, label="measured, mixture score")
    axes.set(
        xlabel="sigma (unscaled)",
        ylabel="sigma^2 E|error|^2",
        ylim=(1e-16, 1e4),
        title="Score error, n = m = 6, separation 6, spacing 1",
    )
    axes.legend(fontsize=8)


def finite(bound: Callable[..., float], **parameters: float) -> float:
    """The bound in floats; not a number where it says nothing."""
    try:
        value = float(bound(Floats(), **parameters))
    except (ZeroDivisionError, ValueError, OverflowError):
        return math.nan
    return value if value > 0 else math.nan


def naive(axes: Axes) -> None:
    """Why phases are needed: without them no easy score is accurate at middling noise."""
    digits = draw_digits(8, 8, random.Random(1))
    sigmas = np.geomspace(0.1, 10, 30)
    both = [
        [float(v.mean()) for v in errors_of_both_formulas(impl, 8, 8, digits, float(s), 4000, i)]
        for i, s in enumerate(sigmas)
    ]
    vertex, mixture = zip(*both, strict=True)
    axes.loglog(sigmas, vertex, color=BLUE, label="vertex formula")
    axes.loglog(sigmas, mixture, color=RED, label="product formula")
    axes.loglog(sigmas, np.minimum(vertex, mixture), color=INK, lw=2.2, label="the better one")
    axes.axhline(16.0**-2, color=LIGHT, ls="--", label="target d^-2")
    axes.set(
        xlabel="sigma",
        ylabel="sigma^2 E|error|^2",
        ylim=(1e-8, 1e2),
        title="The naive instance misses the target, n = m = 8",
    )
    axes.legend(fontsize=8)


def calibration(axes: Axes) -> None:
    """Spacing over separation is Theta(1 / log d)."""
    sizes = [2**k for k in range(3, 20, 2)]
    for exponent, colour in ((2, BLUE), (4, INK), (10, RED)):
        found = [calibrate(size, size, exponent) for size in sizes]
        dimension = [2 * size for size in sizes]
        law = [f.ratio * math.log(d) for f, d in zip(found, dimension, strict=True)]
        axes.semilogx(dimension, law, "o-", ms=3.5, color=colour, label=f"C = {exponent}")
    axes.set(
        xlabel="d = n + m",
        ylabel="(spacing / separation) log d",
        ylim=(0, None),
        title="Calibrated parameters, each proved on the half line",
    )
    axes.legend(fontsize=8)


FIGURES = (
    lattice,
    score_error,
    naive,
    calibration,
    *DIFFUSION,
    *INVERSION,
    *SCORE_NETWORK,
    network_growth,
)


if __name__ == "__main__":
    write(FIGURES, FOLDER)
