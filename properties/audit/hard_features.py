"""Features of the hard instances: do the hidden bits explain y, and what else may be wrong."""

from collections.abc import Callable

import torch

from hardposterior.properties.audit.features import along, residual
from hardposterior.properties.audit.problem import Feature

ANSWERS = ("f(hidden bits) is not what was observed", "f(hidden bits) is what was observed")

Hidden = Callable[[torch.Tensor], torch.Tensor]


def observed_bits(y: torch.Tensor, separation: float, spacing: float) -> torch.Tensor:
    """The bit of the lattice nearest to each y_j, (..., m): 1 on spacing Z, 0 half a step off."""
    offset = y.double() * separation / spacing
    return ((offset - offset.round()).abs() < 0.25).to(torch.int64)


def hidden_signs(x: torch.Tensor, n: int) -> torch.Tensor:
    """The hidden bits that x shows, (count, n), int64; bit 0 at zero."""
    return (x[..., :n] > 0).to(torch.int64)


def explains(
    function: Hidden, n: int, bits: torch.Tensor, words: torch.Tensor | None = None
) -> Feature:
    """Whether f(signs of the hidden part) = `bits` (m,); labels 0, 1.

    With `words`, all of them (2^n, n), the distance to each answer is the least over its words of
    the distance to their orthant; without, the distance to leave the present orthant, and `bits`
    may be (k, m), a row of its own for each of k rows x.
    """

    def answer(x: torch.Tensor) -> torch.Tensor:
        return (function(hidden_signs(x, n)) == bits).all(-1).to(torch.int64)

    if words is not None:
        good = (function(words) == bits).all(-1)

    def distance(x: torch.Tensor) -> torch.Tensor:
        hidden = x[..., :n].double()
        if words is None:
            here = torch.nn.functional.one_hot(answer(x), 2).bool()
            leave = hidden.abs().amin(-1, keepdim=True)
            return torch.where(here, torch.zeros_like(leave), leave)
        up, down = hidden.clamp(min=0).square(), hidden.clamp(max=0).square()
        one = words.double().T
        squares = up @ (1 - one) + down @ one
        far = torch.full_like(squares[:, 0], torch.inf)
        least = [squares[:, g].amin(-1) if bool(g.any()) else far for g in (~good, good)]
        return torch.stack(least, -1).sqrt()

    return Feature(
        "hidden bits",
        "how often the hidden bits explain y",
        "hidden bits",
        answer,
        labels=ANSWERS,
        distance=distance,
    )


def spread(n: int) -> Feature:
    """The distance of the hidden part from the nearest vertex of the cube."""
    return Feature(
        "distance to the nearest word",
        "how far the hidden coordinates lie from +-1",
        "spread inside a mode",
        lambda x: (x[..., :n].double().abs() - 1).norm(dim=-1),
    )


def off_lattice(n: int, separation: float, spacing: float) -> Feature:
    """The distance of the image part from the nearest points of either phase's lattice."""
    step = spacing / (2 * separation)

    def distance(x: torch.Tensor) -> torch.Tensor:
        steps = x[..., n:].double() / step
        away: torch.Tensor = step * (steps - steps.round()).norm(dim=-1)
        return away

    return Feature(
        "distance to the lattice",
        "how far the measured coordinates lie from the lattice",
        "spread inside a mode",
        distance,
    )


def of_instance(
    A: torch.Tensor,
    beta: float,
    y: torch.Tensor,
    hidden: Feature,
    separation: float,
    spacing: float,
) -> list[Feature]:
    """The features of a hard instance at y, the telling ones first."""
    m, d = A.shape
    n = d - m
    found = [hidden, spread(n), off_lattice(n, separation, spacing)]
    axes = torch.eye(d, dtype=torch.float64)
    for i in range(min(n, 8)):
        words = f"hidden coordinate {i + 1}"
        found.append(along(axes[i], words, words, "mode weights"))
    words = "how far the measured coordinates follow y"
    found.append(along(A.T @ y, "move with y", words, "ignoring y"))
    found.append(residual(A, beta, y))
    return found
