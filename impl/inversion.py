"""The reduction (Appendix B): any posterior sampler of the hard instance inverts its function.

Statement inversion. From z = f(s*) alone a measurement y is made whose joint law with s* is that of
the prior; the signs of the first n coordinates of a posterior draw are then a preimage of z, unless
noise, the sampler or a sign errs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from hardposterior.impl import arguments, words
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.points import normal

PosteriorSampler = Callable[..., torch.Tensor]
"""`sampler(denoise, A, y, beta, count, generator) -> (count, d)`, y (m,); `denoise(x, sigma)`."""


class CountedDenoiser:
    """E[X | X + sigma Z = x] as a sampler sees it; `calls` made, `points` denoised."""

    def __init__(self, denoise: Callable[..., torch.Tensor]) -> None:
        self._denoise = denoise
        self.calls = self.points = 0

    def __call__(self, x: torch.Tensor, sigma: Any) -> torch.Tensor:
        self.calls += 1
        self.points += x.numel() // x.shape[-1] if x.dim() else 0
        return self._denoise(x, sigma)


@dataclass(frozen=True)
class Inversion:
    """What a reduction found, and what it asked for.

    `bits` (n,): a preimage where `found`, else the last candidate. `candidates` (attempts, n): one
    for each measurement made. `denoiser_calls` are the sampler's, `function_calls` the checks.
    """

    found: bool
    bits: torch.Tensor
    candidates: torch.Tensor
    sampler_calls: int
    denoiser_calls: int
    function_calls: int

    @property
    def attempts(self) -> int:
        """Measurements made until a preimage was found, or all of them."""
        return len(self.candidates)


def measurement_of_image(
    instance: HardInstance, image: torch.Tensor, beta: float, generator: torch.Generator
) -> torch.Tensor:
    """y (..., m), scaled, made from image bits (..., m) alone: lattice points plus beta Z.

    If the image is that of a uniform word, y has the law of the prior's measurement, jointly with
    the word.
    """
    bits = words.checked_bits("image_bits", image, instance.m)
    beta = arguments.positive("beta", beta)
    arguments.generator(generator)
    points = instance.phases.sample(bits, generator) / instance.separation
    return points + beta * normal(points.shape, generator, points)


def hidden_bits(x: torch.Tensor, n: int) -> torch.Tensor:
    """The signs of the first n coordinates as bits (..., n); bit 0 at zero."""
    return (x[..., :n] > 0).to(torch.int64)


def invert(
    instance: HardInstance,
    image_bits: torch.Tensor,
    posterior_sampler: PosteriorSampler,
    generator: torch.Generator,
    *,
    beta: float,
    attempts: int = 1,
    denoise: Callable[..., torch.Tensor] | None = None,
) -> Inversion:
    """Look for s with f(s) = `image_bits` (m,), by `attempts` draws of a posterior sampler.

    Each attempt makes a measurement of its own, scaled noise `beta`, asks
    `posterior_sampler(denoise, A, y, beta, 1, generator)` for one draw (1, d) and checks its signs
    with f; the first that is right ends the search. The sampler is given `denoise(x, sigma)`, by
    default `instance.denoise` (exact, n <= 20). Raises `InvalidArgument` for an image of the wrong
    length, and for what a sampler returns: another shape or dtype, NaN or infinity.

    >>> import hardposterior.impl as impl
    >>> table = torch.tensor([[0, 1], [1, 1], [1, 0], [0, 0]])
    >>> prior = HardInstance(impl.random_table(table), separation=6.0, spacing=1.5)
    >>> def exact(denoise, A, y, beta, count, generator):
    ...     return prior.posterior(y, beta).sample(count, generator)
    >>> stream = torch.Generator().manual_seed(0)
    >>> invert(prior, torch.tensor([1, 0]), exact, stream, beta=0.01, attempts=3).bits.tolist()
    [1, 0]
    """
    if not isinstance(instance, HardInstance):
        arguments.reject("instance", instance, "a HardInstance")
    wanted = words.checked_bits("image_bits", image_bits, instance.m)
    if wanted.dim() != 1:
        arguments.reject("image_bits.shape", tuple(wanted.shape), f"({instance.m},)")
    wanted = wanted if instance.device is None else wanted.to(instance.device)
    if not callable(posterior_sampler):
        arguments.reject("posterior_sampler", posterior_sampler, "a callable posterior sampler")
    attempts = arguments.integer("attempts", attempts, 1)
    arguments.generator(generator)
    channel = instance.measurement(beta)
    counted = CountedDenoiser(instance.denoise if denoise is None else denoise)
    candidates: list[torch.Tensor] = []
    found = False
    while not found and len(candidates) < attempts:
        y = measurement_of_image(instance, wanted, channel.beta, generator)
        drawn = posterior_sampler(counted, channel.A, y, channel.beta, 1, generator)
        x = checked_draws(drawn, 1, instance.d, instance.dtype)
        candidates.append(hidden_bits(x, instance.n)[0])
        found = bool((words.image_bits(instance.function, candidates[-1]) == wanted).all())
    calls = len(candidates)
    return Inversion(found, candidates[-1], torch.stack(candidates), calls, counted.calls, calls)


def checked_draws(drawn: Any, count: int, d: int, dtype: torch.dtype) -> torch.Tensor:
    """What a posterior sampler returned, if it is `count` finite points of R^d."""
    name = "posterior_sampler(...)"
    if not isinstance(drawn, torch.Tensor):
        arguments.reject(name, type(drawn).__name__, f"a tensor of shape ({count}, {d})")
    if tuple(drawn.shape) != (count, d):
        arguments.reject(f"{name}.shape", tuple(drawn.shape), f"({count}, {d})")
    if drawn.dtype != dtype:
        arguments.reject(f"{name}.dtype", drawn.dtype, f"{dtype}")
    if not bool(drawn.isfinite().all()):
        arguments.reject(name, "NaN or infinity", "finite")
    return drawn.detach()
