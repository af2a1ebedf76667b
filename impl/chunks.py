"""Elementwise work in pieces that fit the cores' caches, shared out by PyTorch's own threads."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import forward_ad

SHARE = 32 * 1024  # elements of a piece for each thread: PyTorch's grain, and 256 kB in float64


def plain(x: Tensor) -> bool:
    """Whether `x` is ordinary memory that nothing differentiates, maps over or traces."""
    if x.requires_grad or x.device.type != "cpu" or torch.compiler.is_compiling():
        return False
    try:
        x.data_ptr()  # refused by every wrapper: torch.func's tensors, fake tensors
        return forward_ad.unpack_dual(x).tangent is None
    except RuntimeError:
        return False


def elementwise(function: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    """`function` of `tensors`, all of one shape; it must act element by element.

    Differentiable and batchable where the function is: then it gets the tensors whole.
    """
    size = SHARE * torch.get_num_threads()
    if tensors[0].numel() <= size or not all(plain(x) for x in tensors):
        return function(*tensors)
    pieces = zip(*(x.reshape(-1).split(size) for x in tensors), strict=True)
    first = function(*next(pieces))
    found = first.new_empty(tensors[0].numel())
    found[:size] = first
    for start, piece in enumerate(pieces, 1):  # each result is stored while the cache holds it
        found[start * size : (start + 1) * size] = function(*piece)
    return found.reshape(tensors[0].shape)
