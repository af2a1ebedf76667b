"""Checks of points, noise levels and counts that every prior here shares."""

from typing import Any

import torch

from hardposterior.impl import arguments
from hardposterior.impl.words import holds


def checked_points(name: str, x: Any, width: int, dtype: torch.dtype) -> torch.Tensor:
    """`x` if it is a tensor of shape (..., width) of the given dtype."""
    if not isinstance(x, torch.Tensor):
        arguments.reject(name, x, f"a {dtype} tensor of shape (..., {width})")
    if x.dim() == 0 or x.shape[-1] != width:
        arguments.reject(f"{name}.shape", tuple(x.shape), f"(..., {width})")
    if x.dtype != dtype:
        arguments.reject(f"{name}.dtype", x.dtype, f"{dtype}")
    return x


def checked_level(sigma: Any, x: torch.Tensor) -> float | torch.Tensor:
    """A positive noise level: a float, or a tensor (..., 1) made from one level per point."""
    if not isinstance(sigma, torch.Tensor):
        return arguments.positive("sigma", sigma)
    try:
        fits = torch.broadcast_shapes(sigma.shape, x.shape[:-1]) == x.shape[:-1]
    except RuntimeError:
        fits = False
    if not fits:
        allowed = f"broadcastable to the points' shape {tuple(x.shape[:-1])}"
        arguments.reject("sigma.shape", tuple(sigma.shape), allowed)
    if not holds((sigma > 0) & sigma.isfinite()):
        arguments.reject("sigma", sigma.min().item(), "finite and above 0")
    return sigma.to(x.dtype)[..., None]


def normal(shape: tuple[int, ...], generator: torch.Generator, like: torch.Tensor) -> torch.Tensor:
    """Standard normal draws with the dtype and device of `like`."""
    return torch.randn(shape, generator=generator, dtype=like.dtype, device=like.device)
