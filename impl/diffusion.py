"""Unconditional sampling by reverse diffusion with a frozen denoiser (Appendix F).

A denoiser is any callable `denoise(x, sigma)`: x of shape (rows, dim) at noise level sigma (a
float, the standard deviation of the noise) to the estimate of the clean rows, same shape.
`hardposterior.impl.denoisers` turns noise-prediction and variance-preserving models into one.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch

from hardposterior.impl import arguments

Denoiser = Callable[[torch.Tensor, float], torch.Tensor]

ROWS_PER_STREAM = 256  # rows that share one stream of noise, whatever the batch


def geometric_schedule(sigma_max: float, sigma_min: float, steps: int) -> tuple[float, ...]:
    """Noise levels sigma_0 = sigma_max > ... > sigma_steps = sigma_min in constant ratio.

    The variances u = sigma^2 then have the constant ratio (sigma_max / sigma_min)^(2 / steps).
    Levels are standard deviations in the units of the data; there are steps + 1 of them.

    >>> geometric_schedule(8.0, 1.0, 3)
    (8.0, 4.0, 2.0, 1.0)
    """
    high = arguments.positive("sigma_max", sigma_max)
    low = arguments.positive("sigma_min", sigma_min)
    steps = arguments.integer("steps", steps, 1)
    if low >= high:
        arguments.reject("sigma_min", sigma_min, f"below sigma_max = {high!r}")
    inner = (high * math.exp(math.log(low / high) * k / steps) for k in range(1, steps))
    return _levels((high, *inner, low))


@torch.no_grad()
def reverse_diffusion(
    denoise: Denoiser,
    dim: int,
    schedule: Sequence[float] | torch.Tensor,
    count: int,
    generator: torch.Generator,
    *,
    batch: int | None = None,
    dtype: torch.dtype = torch.float32,
    progress: Callable[[int, int], None] | None = None,
) -> torch.Tensor:
    """`count` independent draws at the last level of `schedule`, shape (count, dim).

    Start at N(0, u_0 I), u = sigma^2 over the levels of `schedule`, and step with the denoiser
    frozen at its value D at x_k:

        x_{k+1} = D + (u_{k+1} / u_k) (x_k - D) + sqrt(u_{k+1} (u_k - u_{k+1}) / u_k) Z,

    the exact transition for that D (Appendix F). The draws have noise sigma_K left in them: call
    the denoiser once more for a point estimate. With levels of ratio r each draw costs one
    denoiser evaluation per step.

    `batch` (default: all rows at once) caps the rows given to one call of `denoise`; beside the
    result and what the denoiser itself needs, memory is a few arrays of max(batch, 256) rows. The
    noise of a row depends on the state of `generator` and on `count`, never on `batch`: every
    256 rows have a stream of their own. So `batch` changes the draws only as far as the denoiser's
    rounding depends on how many rows it is given. Draws live on the device of `generator`.
    No gradient is recorded.

    `progress(done, total)` is called after every call of the denoiser.

    Raises `InvalidArgument` in one line for a bad argument, and for a denoiser that returns
    something else than a finite tensor of its input's shape and device: it says at which step.

    >>> schedule = geometric_schedule(10.0, 0.1, 20)
    >>> normal = lambda x, sigma: x / (1 + sigma**2)  # the denoiser of N(0, I)
    >>> reverse_diffusion(normal, 2, schedule, 3, torch.Generator().manual_seed(0)).shape
    torch.Size([3, 2])
    """
    if not callable(denoise):
        arguments.reject("denoise", denoise, "a callable denoise(x, sigma)")
    dim = arguments.integer("dim", dim, 1)
    count = arguments.integer("count", count, 1)
    batch = count if batch is None else arguments.integer("batch", batch, 1)
    levels = _levels(schedule)
    generator = arguments.generator(generator)
    dtype = arguments.dtype(dtype)

    # Consecutive seeds: the CPU generator keeps only 32 bits, and drawn ones could collide.
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    group = count if batch >= count else ROWS_PER_STREAM * max(1, batch // ROWS_PER_STREAM)
    sizes = [min(group, count - first) for first in range(0, count, group)]
    total = (len(levels) - 1) * sum(math.ceil(size / batch) for size in sizes)
    out = torch.empty(count, dim, dtype=dtype, device=generator.device)
    done = 0
    for index, size in enumerate(sizes):
        first = index * (group // ROWS_PER_STREAM)
        streams = [
            torch.Generator(generator.device).manual_seed(seed + first + number)
            for number in range(math.ceil(size / ROWS_PER_STREAM))
        ]
        noise = torch.empty(size, dim, dtype=dtype, device=generator.device)
        _fill(noise, streams)
        rows = [levels[0] * part for part in torch.split(noise, batch)]
        for step, (here, there) in enumerate(pairwise(levels)):
            _fill(noise, streams)
            pull = (here - there) * (here + there) / here**2  # 1 - u_{k+1} / u_k, not cancelled
            spread = there * math.sqrt(pull)
            for part, fresh in enumerate(torch.split(noise, batch)):
                clean = _denoised(denoise, rows[part], here, step)
                rows[part] = torch.lerp(rows[part], clean, pull).add_(fresh, alpha=spread)
                done += 1
                if progress is not None:
                    progress(done, total)
        torch.cat(rows, out=out[index * group : index * group + size])
    return out


def _fill(noise: torch.Tensor, streams: list[torch.Generator]) -> None:
    """Standard normal noise, each block of rows from its own stream."""
    for block, stream in zip(torch.split(noise, ROWS_PER_STREAM), streams, strict=True):
        block.normal_(generator=stream)


def _denoised(denoise: Denoiser, x: torch.Tensor, sigma: float, step: int) -> torch.Tensor:
    """The denoiser's answer, checked: a wrong one is reported where it first appears."""
    clean = denoise(x, sigma)
    name = f"denoise at step {step} (sigma {sigma:.6g})"
    if not isinstance(clean, torch.Tensor):
        arguments.reject(name, type(clean).__name__, "a tensor")
    if clean.shape != x.shape or not clean.is_floating_point():
        arguments.reject(
            name, f"{clean.dtype} {tuple(clean.shape)}", f"a real tensor of shape {tuple(x.shape)}"
        )
    if clean.device != x.device:
        arguments.reject(name, str(clean.device), f"on the device of x, {x.device}")
    clean = clean.to(x.dtype)
    if not math.isfinite(float(clean.sum())):  # a finite sum has finite terms, and is cheaper
        bad = int((~torch.isfinite(clean)).any(dim=1).sum())
        if bad:
            arguments.reject(name, f"NaN or infinity in {bad} rows", "finite")
    return clean


def _levels(schedule: Sequence[float] | torch.Tensor) -> tuple[float, ...]:
    """The levels as floats, checked: at least two, positive, strictly decreasing."""
    values = schedule.tolist() if hasattr(schedule, "tolist") else schedule
    if not isinstance(values, Sequence) or isinstance(values, str) or len(values) < 2:
        arguments.reject("schedule", schedule, "a sequence of at least two noise levels")
    levels = tuple(arguments.positive(f"schedule[{k}]", value) for k, value in enumerate(values))
    for k in range(1, len(levels)):
        if levels[k] >= levels[k - 1]:
            arguments.reject(
                f"schedule[{k}]", levels[k], f"below schedule[{k - 1}] = {levels[k - 1]!r}"
            )
    return levels
