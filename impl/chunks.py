"""Elementwise work in pieces that fit a core's cache, on as many threads as PyTorch uses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor
from torch.autograd import forward_ad

PIECE = 32 * 1024  # elements: 256 kB in float64
THREADS = 8  # beyond these the interpreter lock is the limit


def plain(x: Tensor) -> bool:
    """Whether `x` is ordinary memory that nothing differentiates, maps over or traces.

    Only then may other threads work on it: PyTorch's transforms are local to a thread.
    """
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
    if tensors[0].numel() <= PIECE or not all(plain(x) for x in tensors):
        return function(*tensors)
    pieces = list(zip(*(x.reshape(-1).split(PIECE) for x in tensors), strict=True))
    results = in_threads(lambda piece: function(*piece), pieces)
    return torch.cat(results).reshape(tensors[0].shape)


def in_threads(
    work: Callable[[tuple[Tensor, ...]], Tensor], pieces: list[tuple[Tensor, ...]]
) -> list[Tensor]:
    """`work` of each piece, in order."""
    allowed = torch.get_num_threads()
    threads = min(allowed, THREADS, len(pieces))
    if threads == 1:
        return [work(piece) for piece in pieces]
    # Each worker is serial inside: teams of threads for single operations would wait on each other.
    # What a worker sets, later threads would inherit: so it is set back.
    try:
        with ThreadPoolExecutor(threads, "pieces", torch.set_num_threads, (1,)) as pool:
            return list(pool.map(work, pieces))
    finally:
        torch.set_num_threads(allowed)
