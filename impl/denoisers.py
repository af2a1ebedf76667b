"""Adapters: models trained in other conventions, as a denoiser `denoise(x, sigma)`.

Here x = X + sigma Z with Z standard normal ('variance exploding'). A variance-preserving model sees
x_t = sqrt(a) X + sqrt(1 - a) Z, a = a(t) in (0, 1) (the 'cumulative alpha'): the same row, scaled
by sqrt(a), where sigma^2 = (1 - a) / a, that is a = 1 / (1 + sigma^2).
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch

from hardposterior.impl import arguments
from hardposterior.impl.diffusion import Denoiser


def from_score(score: Callable[[torch.Tensor, float], torch.Tensor]) -> Denoiser:
    """The denoiser x + sigma^2 score(x, sigma) of a score (Tweedie), x of shape (count, d)."""
    _callable("score", score)
    return lambda x, sigma: x + sigma**2 * score(x, sigma)


def from_noise(noise: Callable[[torch.Tensor, float], torch.Tensor]) -> Denoiser:
    """The denoiser x - sigma noise(x, sigma) of a model that predicts Z from x = X + sigma Z.

    x and the prediction have shape (count, d); sigma is a float in units of x.
    """
    _callable("noise", noise)
    return lambda x, sigma: x - sigma * noise(x, sigma)


def from_variance_preserving(
    noise: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    time: Callable[[float], float],
) -> Denoiser:
    """The denoiser of a model `noise(x_t, t)` that predicts Z in variance-preserving time.

    `time(sigma)` is the time t at which (1 - a(t)) / a(t) = sigma^2: see `linear_time`,
    `table_time`. The model gets x_t = x / sqrt(1 + sigma^2), shape (count, d), and t repeated to
    shape (count,), in the dtype and on the device of x.
    """
    _callable("noise", noise)
    _callable("time", time)

    def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
        t = x.new_full(x.shape[:1], time(sigma))
        return x - sigma * noise(x / math.hypot(1.0, sigma), t)

    return denoise


def linear_time(beta_min: float = 0.1, beta_max: float = 20.0) -> Callable[[float], float]:
    """sigma -> t for the noise rate beta(t) = beta_min + (beta_max - beta_min) t, t in [0, 1].

    There -log a(t) = beta_min t + (beta_max - beta_min) t^2 / 2 = log(1 + sigma^2), a quadratic
    in t. A sigma that asks for t > 1 raises `InvalidArgument`.
    """
    low = arguments.positive("beta_min", beta_min)
    high = arguments.positive("beta_max", beta_max)
    if high < low:
        arguments.reject("beta_max", beta_max, f"at least beta_min = {low!r}")

    def time(sigma: float) -> float:
        area = math.log1p(arguments.positive("sigma", sigma) ** 2)
        # The root of the quadratic in the form that does not cancel as area -> 0.
        t = 2 * area / (low + math.sqrt(low * low + 2 * (high - low) * area))
        if t > 1 + 1e-12:
            largest = math.sqrt(math.expm1((low + high) / 2))
            arguments.reject("sigma", sigma, f"at most {largest:.6g}, the level at time 1")
        return min(t, 1.0)

    return time


def table_time(alphas: Sequence[float] | torch.Tensor) -> Callable[[float], float]:
    """sigma -> t for a model of whole times 0 .. T-1 with cumulative alphas `alphas`, shape (T,).

    `alphas` decreases within (0, 1). Between two entries t is interpolated linearly in log sigma;
    round the result in your model if it takes whole times only. A sigma outside the table raises
    `InvalidArgument`.
    """
    values = alphas.tolist() if isinstance(alphas, torch.Tensor) else list(alphas)
    if len(values) < 2:
        arguments.reject("alphas", values, "at least two values")
    for k, value in enumerate(values):
        if not 0 < arguments.finite(f"alphas[{k}]", value) < 1:
            arguments.reject(f"alphas[{k}]", value, "in (0, 1)")
    if any(later >= earlier for earlier, later in pairwise(values)):
        arguments.reject("alphas", values, "strictly decreasing")
    logs = np.array([math.log((1 - a) / a) / 2 for a in values])

    def time(sigma: float) -> float:
        wanted = math.log(arguments.positive("sigma", sigma))
        slack = 1e-6  # room for alphas stored in float32
        if not logs[0] - slack <= wanted <= logs[-1] + slack:
            allowed = f"in [{math.exp(logs[0]):.6g}, {math.exp(logs[-1]):.6g}], the table's levels"
            arguments.reject("sigma", sigma, allowed)
        return float(np.interp(wanted, logs, np.arange(len(logs))))

    return time


def _callable(name: str, value: object) -> None:
    if not callable(value):
        arguments.reject(name, value, "callable")
