"""Checks of arguments: one clear line naming the argument, its value and what is allowed."""

import math
from numbers import Real
from typing import NoReturn

import torch

DTYPES = (torch.float32, torch.float64)


class InvalidArgument(ValueError):
    """An argument outside its domain; the message is one line fit for a command line."""


def reject(name: str, value: object, allowed: str) -> NoReturn:
    """Raise `InvalidArgument` in the project's one format."""
    shown = repr(value) if len(repr(value)) <= 80 else repr(value)[:77] + "..."
    raise InvalidArgument(f"{name} = {shown}: must be {allowed}".replace("\n", " "))


def finite(name: str, value: object) -> float:
    """`value` as a finite float.

    >>> finite("phase", 0.5)
    0.5
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(float(value)):
        reject(name, value, "a finite number")
    return float(value)


def positive(name: str, value: object) -> float:
    """`value` as a finite float above zero.

    >>> positive("spacing", -1.0)
    Traceback (most recent call last):
    ...
    hardposterior.impl.arguments.InvalidArgument: spacing = -1.0: must be a finite number above 0
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, Real)
        or not (math.isfinite(float(value)) and float(value) > 0)
    ):
        reject(name, value, "a finite number above 0")
    return float(value)


def integer(name: str, value: object, low: int, high: int | None = None) -> int:
    """`value` as an integer in [low, high]; no upper limit where `high` is None."""
    allowed = f"an integer in [{low}, {high}]" if high is not None else f"an integer >= {low}"
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        reject(name, value, allowed)
    number = int(value.__index__())
    if number < low or (high is not None and number > high):
        reject(name, value, allowed)
    return number


def dtype(value: object) -> torch.dtype:
    """`value` if it is a dtype that the implementation supports (float32, float64)."""
    if value not in DTYPES:
        reject("dtype", value, "torch.float32 or torch.float64")
    return value


def generator(value: object) -> torch.Generator:
    """`value` if it is a `torch.Generator`: the global generator is never used."""
    if not isinstance(value, torch.Generator):
        reject("generator", value, "a torch.Generator")
    return value
