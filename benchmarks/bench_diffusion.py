"""Reverse diffusion beside the bare denoiser and deepinv's sampler, and closeness of samples."""

import math
import warnings
from typing import Any

import numpy as np
import torch
from figure import Measured, Ratio, figure, times_faster, times_the_cost_of
from scipy.optimize import linear_sum_assignment
from timing import Work, growth

from hardposterior import deepinv_adapter
from hardposterior.impl.closeness import closeness
from hardposterior.impl.closeness_bound import closeness_lower_bound
from hardposterior.impl.diffusion import Denoiser, geometric_schedule, reverse_diffusion
from hardposterior.impl.functions import draw_neighbours, goldreich
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.noise_boxes import default_boxes
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.usage import UsageError

LEVELS = geometric_schedule(20.0, 0.05, 20)
WIDTH = 1024


def network(dim: int) -> Denoiser:
    """A residual ReLU network of two hidden layers as denoiser, with fixed random weights."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(dim, WIDTH), (WIDTH, WIDTH), (WIDTH, dim)]
    first, second, third = (
        torch.randn(rows, columns, generator=generator) / math.sqrt(rows)
        for rows, columns in shapes
    )

    def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
        scaled = x / math.hypot(1.0, sigma)
        return (torch.relu(torch.relu(scaled @ first) @ second) @ third + scaled).tanh()

    return denoise


def shrink(x: torch.Tensor, sigma: float) -> torch.Tensor:
    """A denoiser that costs one pass: what the sampler costs by itself."""
    return x / (1 + sigma**2)


def sample(
    denoise: Denoiser, dim: int, count: int, levels: Any = LEVELS, batch: int = 256
) -> torch.Tensor:
    return reverse_diffusion(
        denoise, dim, levels, count, torch.Generator().manual_seed(1), batch=batch
    )


def bare(denoise: Denoiser, dim: int, count: int, levels: Any = LEVELS) -> Work:
    """The calls of the denoiser alone, on rows of the same shape."""
    x = torch.randn(count, dim, generator=torch.Generator().manual_seed(2))

    @torch.no_grad()
    def work() -> None:
        for sigma in levels[:-1]:
            for rows in torch.split(x, 256):
                denoise(rows, sigma)

    return work


def by_deepinv(denoise: Denoiser, dim: int, count: int) -> Work:
    """deepinv's ancestral sampler, the same transitions at the same levels in float32."""
    library = deepinv_adapter.deepinv()

    class Wrapped(torch.nn.Module):
        def forward(self, x: torch.Tensor, sigma: Any, **_: Any) -> torch.Tensor:
            return denoise(x.flatten(1), float(sigma)).reshape(x.shape)

    times = torch.linspace(1, 0, len(LEVELS))
    rate = math.log(LEVELS[0] / LEVELS[-1])
    sampling = library.sampling
    sde = sampling.EDMDiffusionSDE(
        sigma_t=lambda t: LEVELS[-1] * torch.exp(rate * t),
        sigma_prime_t=lambda t: rate * LEVELS[-1] * torch.exp(rate * t),
        variance_exploding=True,
        denoiser=Wrapped(),
        solver=sampling.sde_solver.DDPMSolver(timesteps=times),
        minus_one_one=False,
        dtype=torch.float32,
    )
    shape = (count, 1, 1, dim)

    @torch.no_grad()
    def work() -> torch.Tensor:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return sde.sample(shape, seed=1)

    return work


def against_deepinv(denoise: Denoiser, dim: int, count: int) -> Ratio:
    try:
        theirs = by_deepinv(denoise, dim, count)
    except UsageError:
        return Ratio("deepinv's sampler", skipped="deepinv is not installed")
    return times_faster("deepinv's sampler", theirs, lambda: sample(denoise, dim, count))


@figure("diffusion", "reverse diffusion, d = 512, 256 draws, a network of 2 million weights")
def with_a_network() -> Measured:
    denoise = network(512)
    return Measured(
        against_deepinv(denoise, 512, 256),
        times_the_cost_of(
            "the bare network", lambda: sample(denoise, 512, 256), bare(denoise, 512, 256)
        ),
    )


@figure("diffusion-alone", "reverse diffusion, d = 256, 256 draws, a denoiser of one pass")
def alone() -> Measured:
    generator = torch.Generator().manual_seed(3)
    noise = torch.empty(256, 256)

    def numbers() -> None:
        for _ in LEVELS:
            noise.normal_(generator=generator)

    return Measured(
        against_deepinv(shrink, 256, 256),
        times_the_cost_of("the random numbers", lambda: sample(shrink, 256, 256), numbers),
        {
            "steps": growth(
                (10, 40, 160),
                lambda k: lambda: sample(shrink, 256, 256, geometric_schedule(20.0, 0.05, k)),
            ),
            "count": growth((256, 1024, 4096), lambda k: lambda: sample(shrink, 256, k)),
            "d": growth((64, 256, 1024), lambda k: lambda: sample(shrink, k, 256)),
        },
    )


@figure("diffusion-hard", "reverse diffusion, n = m = 256, Goldreich's function, 64 draws")
def hard() -> Measured:
    neighbours = draw_neighbours(256, 256, torch.Generator().manual_seed(0))
    law = HardInstance(goldreich(neighbours, n=256), 9.3293, 0.79661, dtype=torch.float32)
    boxes = default_boxes(law, low=0.0022, high=165.0, everywhere=True)
    built = ScoreNetwork(law, 512.0**-2, boxes=boxes)
    levels = geometric_schedule(160.0, 0.0022, 12)
    return Measured(
        bound=times_the_cost_of(
            "the bare score network",
            lambda: sample(built.denoise, 512, 64, levels),
            bare(built.denoise, 512, 64, levels),
        )
    )


def points(count: int, dim: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    x, y = (torch.randn(count, dim, generator=generator) for _ in range(2))
    return x, y


@figure("closeness", "closeness of 1000 draws to 1000, d = 2, tau = .3")
def close() -> Measured:
    x, y = points(1000, 2)

    def assignment() -> float:
        far = (torch.cdist(x.double(), y.double()) > 0.3).double().numpy()
        rows, columns = linear_sum_assignment(far)
        return float(np.mean(far[rows, columns]))

    assert abs(assignment() - closeness(x, y, 0.3)) < 1e-9

    def of_count(count: int) -> Work:
        first, second = points(count, 2)
        return lambda: closeness(first, second, 0.3)

    return Measured(
        times_faster("scipy's assignment", assignment, lambda: closeness(x, y, 0.3)),
        times_the_cost_of(
            "all distances",
            lambda: closeness(x, y, 0.3),
            lambda: torch.cdist(x.double(), y.double()),
        ),
        {"count": growth((500, 1000, 2000, 4000), of_count)},
    )


@figure("closeness-bound", "certified lower bound on closeness, 1000 draws against 1000, d = 16")
def lower_bound() -> Measured:
    x, y = points(1000, 16)

    def of(count: int, dim: int) -> Work:
        first, second = points(count, dim)
        return lambda: closeness_lower_bound(first, second, 0.1, 0.01)

    return Measured(
        bound=times_the_cost_of(
            "all distances", of(1000, 16), lambda: torch.cdist(x.double(), y.double())
        ),
        growth={
            "count": growth((500, 2000, 8000), lambda k: of(k, 16)),
            "d": growth((8, 32, 128), lambda k: of(1000, k)),
        },
    )
