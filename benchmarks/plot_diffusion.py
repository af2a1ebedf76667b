"""Pictures of reverse diffusion: the lattice emerging, and the error against the steps.

`python benchmarks/plot_diffusion.py --out FOLDER`; `make figures` draws the same two.
"""

import numpy as np
import torch
from drawing import BLUE, INK, LIGHT, RED, Picture, main
from matplotlib.figure import Figure

from hardposterior import impl
from hardposterior.impl.functions import random_table
from hardposterior.properties.diffusion_of_mixtures import bounds_of, geometric
from hardposterior.properties.mixture_laws import LAWS, divergences

SEPARATION, SPACING, STEPS, COUNT = 6.0, 1.11, 240, 2000
MIDDLE_RED, MIDDLE_BLUE = "#d9534f", "#2f8fc4"
"""Of points that are drawn as pixels, which no style sheet reaches: they suit both papers."""

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


def lattice_emerging(figure: Figure) -> None:
    """A slice (x_1, x_3) of the reverse process: first the word settles, then its lattice."""
    path = reverse_path()
    word = path[-1][1][:, 0] > 0
    grid = figure.subplots(2, 3, sharex=True, sharey=True)
    for place, (axes, (sigma, x)) in enumerate(zip(grid.flat, path, strict=True)):
        for side, colour in ((word, MIDDLE_RED), (~word, MIDDLE_BLUE)):
            axes.plot(x[side, 0], x[side, 2], ".", ms=2.2, mew=0, color=colour, rasterized=True)
        axes.set(xlim=(-13, 13), ylim=(-4.5, 4.5), title=f"σ = {sigma:.2g}")
        axes.set_xticks((-SEPARATION, 0, SEPARATION), labels=("−R", "0", "R"))
        axes.grid(visible=False)
        if place == len(path) - 1:
            for shift, side in ((0.0, -1), (SPACING / 2, 1)):
                levels = SPACING * np.arange(-4, 5) + shift
                axes.hlines(levels, *sorted((side * 0.5, side * 13)), color=LIGHT, lw=0.4, zorder=0)
    figure.supxlabel("hidden coordinate (unscaled)", fontsize=9)
    figure.supylabel("image coordinate", fontsize=9)


def error_and_steps(figure: Figure) -> None:
    """The sampler's KL, by quadrature, below the bound by its mmse and the closed form."""
    axes = figure.subplots()
    law = LAWS["lattice 1.1, 1/2"]
    measured = [divergences(law, geometric(steps)) for steps in ALL_STEPS]
    own, closed = zip(*(bounds_of(law, geometric(steps)) for steps in ALL_STEPS), strict=True)
    kl, variation = zip(*measured, strict=True)
    axes.loglog(ALL_STEPS, closed, color=LIGHT, ls="--", label="KL bound, closed form")
    axes.loglog(ALL_STEPS, own, color=BLUE, ls="-.", label="KL bound, exact mmse")
    axes.loglog(ALL_STEPS, kl, "o-", ms=4, color=INK, label="KL(p | output), quadrature")
    axes.loglog(ALL_STEPS, variation, "s:", ms=4, color=RED, label="total variation, quadrature")
    axes.set(xlabel="steps K", ylabel="divergence (nats), variation", xlim=(4.5, 450))
    axes.set_xticks(
        (5, 10, 20, 40, 80, 160, 320), labels=("5", "10", "20", "40", "80", "160", "320")
    )
    axes.minorticks_off()
    axes.legend()


PICTURES = (
    Picture(
        "lattice-emerging",
        "Reverse diffusion of the hard instance, a slice",
        "2,000 rows at six levels of one run, 240 steps with the exact denoiser; two hidden bits, "
        "f(s) = (s₁, s₁ xor s₂), separation 6, spacing 1.11. Across the first hidden bit, coloured "
        "by the side where it ends; up the image bit. The word settles while σ falls below R; its "
        "lattice, whose phase is the image bit (grey lines), only near the spacing.",
        "reverse-diffusion",
        lattice_emerging,
        (7.6, 4.4),
    ),
    Picture(
        "diffusion-steps",
        "Error of reverse diffusion against its steps",
        "The lattice of spacing 1.1 and phase 1/2, σ from 20 to 0.1 in constant ratio. The KL "
        "divergence of the sampler's output, by quadrature, lies below the bound by the law's own "
        "mmse and below the closed form; both bounds halve when the steps double, and the "
        "divergence falls faster.",
        "reverse-diffusion",
        error_and_steps,
    ),
)


if __name__ == "__main__":
    main(PICTURES, __doc__)
