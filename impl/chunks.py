"""Elementwise work in pieces that fit a core's cache, on as many threads as PyTorch uses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor
from torch.autograd import forward_ad

PIECE = 15 * 1024  # elements: a dozen float64 buffers in 1.5 MB, and no OpenMP team for a piece
THREADS = 8  # beyond these the interpreter lock is the limit


def plain(x: Tensor) -> bool:
    """Whether `x` is ordinary memory that nothing differentiates, maps over or traces.

    Only then may other threads work on it: PyTorch's transforms are local to a thread.
    """
    if x.requires_grad or torch.compiler.is_compiling():
        return False
    try:
        x.data_ptr()  # refused by every wrapper: torch.func's tensors, fake tensors
        return forward_ad.unpack_dual(x).tangent is None
    except RuntimeError:
        return False


def elementwise(function: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    """`function` of flat pieces of `tensors`, all of one shape, put together in that shape.

    The function must act element by element. Differentiable and batchable where the function is.
    """
    shape = tensors[0].shape
    if tensors[0].device.type != "cpu" or tensors[0].numel() <= PIECE:
        return function(*tensors)
    pieces = list(zip(*(x.reshape(-1).split(PIECE) for x in tensors), strict=True))
    threads = min(torch.get_num_threads(), THREADS, len(pieces) // 4)
    if threads < 2 or not all(plain(x) for x in tensors):
        return torch.cat([function(*piece) for piece in pieces]).reshape(shape)
    with ThreadPoolExecutor(threads) as pool:
        return torch.cat(list(pool.map(lambda piece: function(*piece), pieces))).reshape(shape)
