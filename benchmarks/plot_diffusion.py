"""Pictures of reverse diffusion: the lattice emerging, and the error against the steps.

Drawn by `make figures`, or alone: `python benchmarks/plot_diffusion.py --out FOLDER`.
"""

import matplotlib as mpl
import numpy as np
import torch

mpl.use("Agg")
from drawing import main
from matplotlib.axes import Axes

from hardposterior import impl
from hardposterior.impl.functions import random_table
from hardposterior.properties.diffusion_of_mixtures import bounds_of, geometric
from hardposterior.properties.mixture_laws import LAWS, divergences

INK, LIGHT, RED, BLUE = "#1c2126", "#9aa3ab", "#a4161a", "#0b5f86"
SEPARATION, SPACING, STEPS, COUNT = 6.0, 1.11, 240, 4000
SHOWN = (8.0, 3.0, 1.0, 0.5, 0.25, 0.08)
"""Noise levels of the panels, unscaled."""

ALL_STEPS = (5, 7, 10, 14, 20, 28, 40, 57, 80, 113, 160, 226, 400)


def reverse_path() -> list[tuple[float, torch.Tensor]]:
    """Levels and states of one run, unscaled: two hidden bits, f(s) = (s_1, s_1 xor s_2)."""
    circuit = random_table(torch.tensor([[0, 0], [0, 1], [1, 1], [1, 0]]))
    law = impl.HardInstance(circuit, SEPARATION, SPACING)
    schedule = impl.geometric_schedule(20.0, SHOWN[-1] / SEPARATION / 1.02, STEPS)
    wanted = [min(schedule[:-1], key=lambda s: abs(s * SEPARATION - w)) for w in SHOWN]
    seen = []

    def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
        if sigma in wanted:
            seen.append((sigma * SEPARATION, x * SEPARATION))
        return law.denoise(x, sigma)

    generator = torch.Generator().manual_seed(0)
    impl.reverse_diffusion(denoise, law.d, schedule, COUNT, generator, dtype=torch.float64)
    return seen


def lattice_emerging(axes: Axes) -> None:
    """A slice (x_1, x_3) of the reverse process: first the word settles, then its lattice."""
    path = reverse_path()
    word = path[-1][1][:, 0] > 0
    axes.set_axis_off()
    axes.set_title("Reverse diffusion, a slice: a hidden bit (across) and its lattice (up)")
    for place, (sigma, x) in enumerate(path):
        row, column = divmod(place, 3)
        panel = axes.inset_axes((0.02 + column * 0.335, 0.52 - row * 0.54, 0.31, 0.40))
        for side, colour in ((word, RED), (~word, BLUE)):
            panel.plot(x[side, 0], x[side, 2], ".", ms=1.8, alpha=0.4, color=colour, mew=0)
        panel.set(xlim=(-13, 13), ylim=(-5, 5), xticks=(-6, 6), yticks=())
        panel.set_xticklabels(("-R", "R"))
        if place == len(path) - 1:
            panel.set_yticks(SPACING * np.arange(-4, 5), labels=[""] * 9)
            panel.grid(axis="y", color=LIGHT, lw=0.4)
        panel.tick_params(labelsize=7)
        panel.set_title(f"sigma = {sigma:.2g}", fontsize=8)


def error_and_steps(axes: Axes) -> None:
    """The sampler's KL, by quadrature, below the bound by its mmse and the closed form."""
    law = LAWS["lattice 1.1, 1/2"]
    measured = [divergences(law, geometric(steps)) for steps in ALL_STEPS]
    own, closed = zip(*(bounds_of(law, geometric(steps)) for steps in ALL_STEPS), strict=True)
    kl, variation = zip(*measured, strict=True)
    axes.loglog(ALL_STEPS, closed, color=LIGHT, ls="--", label="KL bound, closed form")
    axes.loglog(ALL_STEPS, own, color=BLUE, label="KL bound, exact mmse")
    axes.loglog(ALL_STEPS, kl, "o-", ms=3.5, color=INK, label="KL(p | output), quadrature")
    axes.loglog(ALL_STEPS, variation, "s-", ms=3.5, color=RED, label="total variation")
    axes.set(
        xlabel="steps K",
        title="Lattice of spacing 1.1, phase 1/2, sigma from 20 to 0.1",
        xlim=(4.5, 450),
    )
    axes.legend(fontsize=8)


FIGURES = (lattice_emerging, error_and_steps)


if __name__ == "__main__":
    main(FIGURES, __doc__)
