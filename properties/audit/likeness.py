"""Whether a draw is like those of the sampler: two features learned from draws.

A fault that only several coordinates together show, such as a product of their signs, shows here:
some of the draws that propose are kept as references, and a draw is compared with both kinds by
soft least distances, whose difference is about the log ratio of two kernel density estimates and
is, as that ratio is not, Lipschitz. A sampler that repeats a store of draws has most of its mass
within tau of the draws that it made before.
"""

from collections.abc import Iterator

import torch
from scipy.spatial import cKDTree

from hardposterior.properties.audit.problem import Feature

REFERENCES, FEWEST = 400, 100
"""Draws of either kind that are kept; with fewer than the least there is no such feature."""

MOST = 8_192
"""Draws that are compared at most: each costs 2 `REFERENCES` distances."""

TREE, MOST_FAR, REFERENCES_FAR = 12, 1_024, 2_048
"""Coordinates from which on a nearest draw is dear, and the numbers of draws there."""

WIDTH = 0.25
"""Of the kernel, in median distances from a reference to the next."""

TAUS = 20.0
"""A direction narrower than so many tau is not stretched: A^tau would take in everything."""

FAR = 4.0
"""Times the farthest exact reference: farther draws are moved that near, or they would cancel."""


def likenesses(q: torch.Tensor, p: torch.Tensor, tau: float) -> Iterator[Feature]:
    """The features from draws q (k, d) of the sampler and exact ones p (l, d); none of too few."""
    if min(len(q), len(p)) >= FEWEST:
        yield likeness(q, p, tau)
        yield repetition(q)


def likeness(q: torch.Tensor, p: torch.Tensor, tau: float) -> Feature:
    """How much more a draw is like the rows of q than like those of p.

    Distances are taken where p has deviations 1 along its axes, or less where `TAUS` says so, after
    a projection to a ball. A soft least distance -h log sum exp(-s / h) is 1-Lipschitz in all s,
    and s = sqrt(distance^2 + r^2) in the distance: r, the distance to the next reference, keeps
    rounding away from zero.
    """
    variances, axes = torch.linalg.eigh(torch.atleast_2d(p.T.cov()))
    sizes = variances.clamp(min=0).sqrt()
    sizes = sizes.clamp(min=max(TAUS * tau, 1e-6 * float(sizes[-1]), 1e-300))
    middle, whiten = p.mean(0), axes / sizes
    reach = FAR * float(((p[:REFERENCES] - middle) @ whiten).norm(dim=-1).max())

    def placed(x: torch.Tensor) -> torch.Tensor:
        z = (x.double() - middle) @ whiten
        norm = z.norm(dim=-1, keepdim=True).clamp(min=reach + 1e-300)
        inside: torch.Tensor = z * (reach / norm)
        return inside

    references = [placed(part[:REFERENCES]) for part in (q, p)]
    near = torch.cdist(references[1], references[1]).fill_diagonal_(torch.inf).amin(-1)
    apart = float(near.median()) or 1.0
    width = WIDTH * apart
    # One coordinate more, in which all draws lie r from all references, makes s of the distance.
    both = [torch.nn.functional.pad(kept, (0, 1)) for kept in references]

    def compared(x: torch.Tensor) -> torch.Tensor:
        z = torch.nn.functional.pad(placed(x), (0, 1), value=apart)
        of_q, of_p = (torch.cdist(z, kept).div_(-width).logsumexp(-1) for kept in both)
        found: torch.Tensor = width * (of_q - of_p)
        return found

    return Feature(
        "likeness to the sampler's draws",
        "where draws lie in all coordinates together",
        "joint shape",
        compared,
        lipschitz=2 / float(sizes.min()),
        most=MOST,
    )


def repetition(q: torch.Tensor) -> Feature:
    """The distance from a draw to the nearest row of q, or of the first of them in many dimensions.

    There a tree is no faster than looking at all.
    """
    most, kept = MOST, q.double()
    if q.shape[1] > TREE:
        most, kept = MOST_FAR, kept[:REFERENCES_FAR]
    tree = cKDTree(kept.numpy())
    return Feature(
        "distance to the sampler's other draws",
        "how near draws lie to others of the sampler",
        "joint shape",
        lambda x: torch.from_numpy(tree.query(x.double().numpy())[0]),
        most=most,
    )
