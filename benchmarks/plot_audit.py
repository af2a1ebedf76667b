"""The audit's digits: a measurement, its exact posterior, and a sampler that falls short of it.

`python benchmarks/plot_audit.py --out FOLDER`. The sampler is diffusion posterior sampling (Chung
et al. 2023): reverse diffusion with the exact denoiser of the digits, and at each step a step down
the gradient of |y - A D(x)|.
"""

import math
from itertools import pairwise

import numpy as np
import torch
from drawing import BLUE, INK, LIGHT, PAPER, RED, Picture, main
from matplotlib.figure import Figure

from hardposterior.properties.audit.digits_problems import digits
from hardposterior.properties.audit.problem import Problem
from hardposterior.properties.audit.problems import problems

SHOWN, COUNT, STEPS, STRENGTH = 8, 400, 200, 1.0
SEED = 1


def guided(problem: Problem, y: torch.Tensor, count: int, stream: torch.Generator) -> torch.Tensor:
    """Diffusion posterior sampling, step size `STRENGTH` over the residual's norm."""
    levels = [20.0 * (1e-2 / 20.0) ** (k / STEPS) for k in range(STEPS + 1)]
    x = levels[0] * torch.randn(count, problem.dim, generator=stream, dtype=torch.float64)
    for here, there in pairwise(levels):
        x = x.requires_grad_()
        clean = problem.denoise(x, here)
        misfit = (y - clean @ problem.A.T).norm(dim=-1)
        (down,) = torch.autograd.grad(misfit.sum(), x)
        keep = (there / here) ** 2
        noise = torch.randn(x.shape, generator=stream, dtype=x.dtype)
        moved = torch.lerp(clean.detach(), x.detach(), keep) + there * math.sqrt(1 - keep) * noise
        x = moved - STRENGTH * down
    return problem.denoise(x, levels[-1]).detach()


def nearest(x: torch.Tensor) -> torch.Tensor:
    """The digit whose image is nearest, (count,)."""
    images, shown = digits()
    return shown[torch.cdist(x, images).argmin(-1)]


def draw(figure: Figure) -> None:
    """Rows of images on the left, shares of digits on the right."""
    problem = problems(names=["digits-inpainting"])["digits-inpainting"]
    stream = torch.Generator().manual_seed(SEED)
    x, y = (rows[0] for rows in problem.draw(1, stream))
    assert problem.posterior is not None
    exact = problem.posterior(y).sample(COUNT, stream)
    found = guided(problem, y, COUNT, stream)
    rows = (
        ("truth", x[None]),
        ("measurement", (problem.A.T @ y)[None]),
        ("exact\nposterior", exact[:SHOWN]),
        ("DPS", found[:SHOWN]),
    )
    left, right = figure.subfigures(1, 2, width_ratios=(5, 3))
    grid = left.subplots(len(rows), SHOWN, gridspec_kw={"wspace": 0.05, "hspace": 0.08})
    hidden = problem.A.sum(0) == 0
    for line, (name, images) in zip(grid, rows, strict=True):
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=6)
        for k, axes in enumerate(line):
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            axes.spines[:].set_visible(False)
            if k >= len(images):
                axes.patch.set_visible(False)
                continue
            pixels = images[k].reshape(8, 8).numpy()
            if name == "measurement":
                pixels = np.ma.masked_array(pixels, hidden.reshape(8, 8).numpy())
                axes.patch.set(facecolor=LIGHT, hatch="////", edgecolor=PAPER)
            axes.imshow(pixels, cmap="gray", vmin=-1, vmax=1)

    axes = right.subplots()
    shares = [
        (torch.bincount(nearest(rows), minlength=10).double() / COUNT).numpy()
        for rows in (exact, found)
    ]
    places = np.arange(10)
    axes.bar(places - 0.2, shares[0], 0.38, color=BLUE, label="exact posterior")
    axes.bar(places + 0.2, shares[1], 0.38, color=PAPER, edgecolor=RED, hatch="////", label="DPS")
    axes.set(xlabel="nearest digit", ylabel=f"share of {COUNT} draws", ylim=(0, 1))
    axes.set_xticks(places)
    axes.grid(visible=False, axis="x")
    axes.legend()
    apart = float(np.abs(shares[0] - shares[1]).sum() / 2)
    axes.set_title(f"total variation {apart:.2f}", color=INK)
    print(f"truth {int(nearest(x[None]))}; shares {shares[0].round(3)} and {shares[1].round(3)}")


PICTURES = (
    Picture(
        "audit-digits",
        "The audit's digits: exact posterior and a sampler's draws",
        "scikit-learn's 8 × 8 digits, the left half measured with noise β = 0.7 of a grey range of "
        "2 (hatched: not measured). Eight exact draws of the posterior, known in closed form since "
        "the prior is a finite mixture, and eight of diffusion posterior sampling, 200 steps with "
        "the prior's exact denoiser. Its images fit the half that was seen, but over 400 draws "
        "the digits come in other shares than the posterior's: that is what an audit counts.",
        "posterior-sampler",
        draw,
        (8.4, 3.9),
    ),
)


if __name__ == "__main__":
    main(PICTURES, __doc__)
