"""The shapes that public functions promise, as jaxtyping annotations; tests enforce them.

Arguments keep their checks in one clear line, so only what is returned is annotated with `Float`;
what is taken is any tensor of the right rank.
"""

from typing import TypeAlias

from jaxtyping import Float, Int, Shaped
from torch import Tensor

Level: TypeAlias = float | Shaped[Tensor, "..."]
"""A noise level: one number, or one for each point."""

Values: TypeAlias = Float[Tensor, "*batch"]
"""One number for each point."""

Points: TypeAlias = Float[Tensor, "*batch d"]
"""Points of R^d along the last dimension."""

AnyPoints: TypeAlias = Shaped[Tensor, "*batch d"]
"""Points as an argument, before their dtype is checked."""

AnyValues: TypeAlias = Shaped[Tensor, "*batch"]
"""Numbers as an argument, before their dtype is checked."""

Words: TypeAlias = Int[Tensor, "count n"]
"""Bits {0, 1}, one word a row."""

Draws: TypeAlias = Float[Tensor, "count d"]
"""Independent points, one a row."""

Square: TypeAlias = Float[Tensor, "d d"]
"""A matrix on R^d."""
