"""Features in which a fault of the draws has a name, and the lengths that they stretch by."""

from collections.abc import Sequence

import torch

from hardposterior.properties.audit.mixture import GaussianMixture
from hardposterior.properties.audit.problem import Feature, Kind

AXES = 8
"""Principal axes of a posterior that are looked at."""


def along(direction: torch.Tensor, name: str, words: str, kind: Kind) -> Feature:
    """The coordinate along a direction (d,), in units of x."""
    unit = direction / direction.norm()
    return Feature(name, words, kind, lambda x: x.double() @ unit)


def residual(A: torch.Tensor, beta: float, y: torch.Tensor) -> Feature:
    """|y - A x| / beta, whose square is about m for a draw of the posterior."""
    return Feature(
        "residual",
        "the distance of A x from y",
        "residual",
        lambda x: (y - x.double() @ A.T).norm(dim=-1) / beta,
        lipschitz=float(torch.linalg.matrix_norm(A, 2)) / beta,
    )


def nearest(centres: torch.Tensor, groups: torch.Tensor, names: Sequence[str]) -> Feature:
    """The group, `groups` (K,) int64, of the centre (K, d) nearest to x.

    The points nearest to centre j are at least as far from x as the half-space of points nearer to
    j than to a, a the centre nearest to x; a group's distance is the least of its centres'.
    """
    gaps = torch.cdist(centres, centres)
    gaps.fill_diagonal_(1.0)

    def squares(x: torch.Tensor) -> torch.Tensor:
        x = x.double()
        return x.square().sum(-1, keepdim=True) - 2 * x @ centres.T + centres.square().sum(-1)

    def distance(x: torch.Tensor) -> torch.Tensor:
        square = squares(x)
        least, place = square.min(-1, keepdim=True)
        outside = (square - least) / (2 * gaps[place[:, 0]])
        return torch.stack([outside[:, groups == k].amin(-1) for k in range(len(names))], -1)

    return Feature(
        "nearest mode" if len(names) == len(centres) else "nearest group of modes",
        "how often each mode is visited",
        "mode weights",
        lambda x: groups[squares(x).argmin(-1)],
        labels=tuple(names),
        distance=distance,
    )


def inside(law: GaussianMixture, scale: float) -> Feature:
    """The whitened distance to the likeliest component's centre, times `scale`.

    As the least over components of a norm it is Lipschitz with the largest of theirs.
    """
    variances, axes = torch.linalg.eigh(law.covariances)
    whiten = axes / variances.sqrt()[:, None, :]

    def distance(x: torch.Tensor) -> torch.Tensor:
        x = x.double()
        if law.shared:
            # cdist by differences: the expanded square would lose a small distance.
            near = torch.cdist(
                x @ whiten[0], law.means @ whiten[0], compute_mode="donot_use_mm_for_euclid_dist"
            )
            return scale * near.amin(-1)
        norms = [((x - m) @ w).norm(dim=-1) for m, w in zip(law.means, whiten, strict=True)]
        return scale * torch.stack(norms, -1).amin(-1)

    return Feature(
        "distance to the nearest mode",
        "how far draws lie from the centre of their mode",
        "spread inside a mode",
        distance,
        lipschitz=scale / float(variances.min().sqrt()),
    )


def of_mixture(
    prior: GaussianMixture,
    law: GaussianMixture,
    A: torch.Tensor,
    beta: float,
    y: torch.Tensor,
    groups: torch.Tensor | None = None,
    names: Sequence[str] = (),
) -> list[Feature]:
    """The features of a posterior that is a mixture, the telling ones first."""
    found = []
    if law.size > 1:
        groups = torch.arange(law.size) if groups is None else groups
        names = names or [f"mode {k}" for k in range(law.size)]
        found.append(nearest(law.means, groups, names))
    found.append(inside(law, 1.0))
    axes = torch.linalg.eigh(law.covariance())[1]
    for rank, axis in enumerate(axes.T.flip(0)[:AXES], start=1):
        words = f"the position along the posterior's principal axis {rank}"
        found.append(along(axis, f"principal axis {rank}", words, "mean"))
    if law.dim > AXES:
        found.append(
            along(axes[:, 0], "least axis", "the position along the posterior's least axis", "mean")
        )
    shift = law.mean() - prior.mean()
    if float(shift.norm()) > 0:
        words = "how far draws move from the prior's mean to the posterior's"
        found.append(along(shift, "move with y", words, "ignoring y"))
    found.append(residual(A, beta, y))
    return found
