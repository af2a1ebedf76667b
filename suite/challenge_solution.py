"""Judging solutions of a challenge: by f alone, whatever made them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from hardposterior.challenge_folder import Challenge
from hardposterior.impl.inversion import hidden_bits
from hardposterior.impl.words import image_bits
from hardposterior.usage import UsageError

TENSORS = ("samples", "x")


@dataclass(frozen=True)
class Verdict:
    """Per row of x: bits of f(signs of x) that are the image's, and phases that are f's.

    `agreeing` (count,): bits of f(signs) equal to the image's. `phases` (count,): image coordinates
    whose nearest lattice point has the phase of f(signs). `residual` (count,): root mean square of
    (y - A x) / beta, about 1 for a posterior draw.
    """

    m: int
    agreeing: torch.Tensor
    phases: torch.Tensor
    residual: torch.Tensor
    bits: torch.Tensor

    @property
    def solved(self) -> torch.Tensor:
        """Whether f maps the signs to the image, shape (count,)."""
        return self.agreeing == self.m

    @property
    def best(self) -> int:
        """The row that agrees most."""
        return int(self.agreeing.argmax())


def load_solution(path: Path, d: int) -> torch.Tensor:
    """x (count, d), float64, from a file.

    safetensors with a tensor `samples` or `x`, or JSON: numbers, a list of rows, or an object with
    `x`; one x (d,) counts as a batch of one.
    """
    where = f"solution = {str(path)!r}"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{where}: {(error.strerror or 'not readable').lower()}") from error
    try:
        x = from_tensors(content) if path.suffix == ".safetensors" else from_json(content)
    except (
        ValueError, TypeError, KeyError, OverflowError, SafetensorError, RecursionError
    ) as error:  # fmt: skip
        raise UsageError(
            f"{where}: must be safetensors with a tensor 'samples' or 'x', or JSON numbers "
            f"({str(error).splitlines()[0]})"
        ) from error
    x = x.to(torch.float64)
    rows = x[None] if x.dim() == 1 else x
    if rows.dim() != 2 or rows.shape[1] != d or len(rows) == 0:
        raise UsageError(f"{where}: must be of shape ({d},) or (count, {d}), not {tuple(x.shape)}")
    if not bool(rows.isfinite().all()):
        raise UsageError(f"{where}: must be finite numbers")
    return rows


def from_tensors(content: bytes) -> torch.Tensor:
    """The tensor `samples` or `x`."""
    tensors = load(content)
    for name in TENSORS:
        if name in tensors:
            if tensors[name].is_complex():
                raise TypeError(f"tensor {name!r} is complex")
            return tensors[name]
    raise KeyError(f"tensors {sorted(tensors)}")


def from_json(content: bytes) -> torch.Tensor:
    """Numbers, or rows of numbers."""
    found: Any = json.loads(content)
    if isinstance(found, dict):
        found = found["x"]
    return torch.tensor(found, dtype=torch.float64)


def judge(challenge: Challenge, x: torch.Tensor) -> Verdict:
    """Hold x (count, d) to f, to its own phases and to y."""
    law = challenge.instance
    bits = hidden_bits(x, law.n)
    image = image_bits(law.function, bits)
    half_steps = torch.round(2 * law.separation * x[:, law.n :] / law.spacing)
    phase_bits = (half_steps.remainder(2) == 0).to(torch.int64)
    residual = (challenge.y - x[:, law.n :]) / challenge.beta
    return Verdict(
        law.m,
        (image == challenge.image).sum(-1),
        (image == phase_bits).sum(-1),
        residual.square().mean(-1).sqrt(),
        bits,
    )
