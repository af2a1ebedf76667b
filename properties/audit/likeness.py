"""Whether a draw is more like those of the sampler or like exact ones.

A fault that only several coordinates together show, such as a product of their signs, shows here.
Some of the draws that propose are kept as references. A draw is compared with both kinds by soft
least distances, whose difference is about the log ratio of two kernel density estimates and is, as
that ratio is not, Lipschitz.
"""

import torch

from hardposterior.properties.audit.problem import Feature

REFERENCES, FEWEST = 400, 100
"""Draws of either kind that are kept; with fewer than the least there is no such feature."""

MOST = 8_192
"""Draws that are compared at most: each costs 2 `REFERENCES` distances."""

WIDTH = 0.25
"""Of the kernel, in median distances from a reference to the next."""

TAUS = 20.0
"""A direction narrower than so many tau is not stretched: A^tau would take in everything."""


def likeness(q: torch.Tensor, p: torch.Tensor, tau: float) -> Feature | None:
    """The feature from draws q (k, d) of the sampler and exact ones p (l, d); None of too few.

    Distances are taken where p has deviations 1 along its axes, or less where `TAUS` says so. A
    soft least distance -h log sum exp(-s / h) is 1-Lipschitz in all s, and s = sqrt(distance^2 +
    r^2) in the distance: r, the distance to the next reference, keeps rounding away from zero.
    """
    if min(len(q), len(p)) < FEWEST:
        return None
    variances, axes = torch.linalg.eigh(p.T.cov())
    sizes = variances.clamp(min=0).sqrt()
    sizes = sizes.clamp(min=max(TAUS * tau, 1e-6 * float(sizes[-1]), 1e-300))
    middle, whiten = p.mean(0), axes / sizes
    references = [(part[:REFERENCES] - middle) @ whiten for part in (q, p)]
    near = squares(references[1], references[1]).fill_diagonal_(torch.inf).amin(-1)
    apart = float(near.median()) or 1.0
    width = WIDTH * apart**0.5

    def compared(x: torch.Tensor) -> torch.Tensor:
        z = (x.double() - middle) @ whiten
        of_q, of_p = (
            (-(squares(z, kept) + apart).sqrt() / width).logsumexp(-1) for kept in references
        )
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


def squares(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Squared distances between rows, shape (len(x), len(y)), at least 0."""
    inner = x.square().sum(-1, keepdim=True) - 2 * x @ y.T + y.square().sum(-1)
    return inner.clamp(min=0)
