"""Words of bits: the hidden function's arguments and values, checked.

Bits are {0, 1} in code and s = 2 b - 1 in formulas. A hidden function is any callable with integer
attributes n and m that maps int64 bits (..., n) to bits (..., m) of any dtype, row by row.
"""

from collections.abc import Iterator
from typing import Any

import torch

from hardposterior.impl import arguments

LARGEST_N = 20  # hidden bits that an exact sum may enumerate
BLOCK = 2**16  # words that are made at a time


def holds(condition: torch.Tensor) -> bool:
    """Whether a condition holds everywhere; taken on trust inside `torch.func.vmap`.

    There a batch has no single truth value.
    """
    try:
        return bool(condition.all())
    except RuntimeError:
        return True


def checked_function(function: Any) -> Any:
    """`function` if it is callable, has sizes n and m, and maps n bits to m bits (one probe)."""
    if not callable(function):
        arguments.reject("function", function, "callable with integer attributes n and m")
    for name in ("n", "m"):
        if not hasattr(function, name):
            arguments.reject("function", function, f"a function with an integer attribute {name}")
        arguments.integer(f"function.{name}", getattr(function, name), 1)
    image_bits(function, torch.zeros(2, int(function.n), dtype=torch.int64))
    return function


def checked_bits(name: str, bits: Any, width: int) -> torch.Tensor:
    """`bits` as int64 zeros and ones of shape (..., width)."""
    if not isinstance(bits, torch.Tensor):
        arguments.reject(name, bits, f"a tensor of bits of shape (..., {width})")
    if bits.dim() == 0 or bits.shape[-1] != width:
        arguments.reject(f"{name}.shape", tuple(bits.shape), f"(..., {width})")
    if not holds((bits == 0) | (bits == 1)):
        wrong = bits[(bits != 0) & (bits != 1)][0].item()
        arguments.reject(name, wrong, "bits, 0 or 1")
    return bits.to(torch.int64)


def image_bits(function: Any, bits: torch.Tensor) -> torch.Tensor:
    """f(bits) as int64 bits (..., m), checked."""
    image = checked_bits("function(bits)", function(bits), int(function.m))
    if image.shape[:-1] != bits.shape[:-1]:
        expected = (*bits.shape[:-1], int(function.m))
        arguments.reject("function(bits).shape", tuple(image.shape), f"{expected}")
    return image


def signs(bits: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """s = 2 b - 1."""
    return 2 * bits.to(dtype) - 1


def all_words(n: int, device: torch.device | None = None) -> Iterator[torch.Tensor]:
    """The 2^n words of n bits, in blocks (..., n), counted with the first bit most significant.

    >>> torch.cat(list(all_words(2))).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    places = torch.arange(n - 1, -1, -1, device=device)
    for numbers in torch.arange(2**n, device=device).split(BLOCK):
        yield (numbers[:, None] >> places) & 1


def enumerable(function: Any, instead: str) -> int:
    """n, if 2^n words may be enumerated; else an error that says what to use `instead`."""
    if function.n > LARGEST_N:
        allowed = f"at most {LARGEST_N} for a sum over all 2^n words; {instead}"
        arguments.reject("function.n", function.n, allowed)
    return int(function.n)
