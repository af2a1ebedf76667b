"""A certified lower bound on the delta of two laws that are known through samples only.

If the laws P and Q are (tau, delta)-close, P(A) - Q(A^tau) <= delta for every closed A (Strassen).
A set is found on one half of the rows and tested once on the other half, where its two
probabilities have exact binomial confidence limits (Clopper and Pearson 1934).
"""

from typing import NamedTuple

import numpy as np
import torch
from scipy.special import betaincinv

from hardposterior.impl import arguments
from hardposterior.impl.closed_sets import ClosedSet
from hardposterior.impl.closeness import samples, threshold
from hardposterior.impl.set_search import Points, candidate_sets, directions


class ClosenessBound(NamedTuple):
    """delta >= `delta` with confidence 1 - alpha, and the set that shows it.

    `inside` of the `inside_of` tested draws of sample `more` ("x" or "y") lie in the set, `near` of
    the `near_of` tested draws of the other sample within tau of it. `delta` is 0 where nothing was
    shown.
    """

    delta: float
    witness: ClosedSet
    more: str
    inside: int
    inside_of: int
    near: int
    near_of: int
    tau: float
    alpha: float

    def __str__(self) -> str:
        other = "y" if self.more == "x" else "x"
        return (
            f"delta >= {self.delta:.4g} at tau = {self.tau:g}, confidence {1 - self.alpha:g}: "
            f"{self.inside} of {self.inside_of} draws of {self.more} lie in the set, "
            f"{self.near} of {self.near_of} draws of {other} within tau of it; "
            f"the set: {self.witness}"
        )


def closeness_lower_bound(
    x: torch.Tensor, y: torch.Tensor, tau: float, alpha: float
) -> ClosenessBound:
    """A lower confidence bound on the least delta of the LAWS of x (k, d) and y (l, d).

    The rows of x must be independent draws of one law, the rows of y of another. Then, whatever the
    laws, the returned delta exceeds theirs with probability at most alpha. Even rows choose a set
    (half-spaces, slabs, balls, complements of balls, unions of balls: `set_search`) and which of
    the two laws it favours; odd rows test that choice once, each of the two probabilities at
    alpha / 2. It is a bound from below: 0 does not say that the laws are close.

    Raises `InvalidArgument` for samples of fewer than 4 rows, not finite, or of different
    dimensions, tau < 0, and alpha outside (0, 1).

    >>> x = torch.randn(1000, 1, generator=torch.Generator().manual_seed(0))
    >>> closeness_lower_bound(x, x + 3, tau=1.0, alpha=1e-3).delta > 0.5
    True
    """
    tau = threshold(tau)
    level = arguments.positive("alpha", alpha)
    if level >= 1:
        arguments.reject("alpha", alpha, "in (0, 1)")
    both = {name: side.points for name, side in zip("xy", samples(x, y), strict=True)}
    for name, points in both.items():
        if len(points) < 4:
            arguments.reject(name, f"{len(points)} rows", "at least 4 rows")

    normals = directions(both["x"][0::4], both["y"][0::4])
    best: ClosenessBound | None = None
    for more, other in (("x", "y"), ("y", "x")):
        # Of the choosing half, one quarter proposes the sets, the other compares them: a set is
        # not judged by the points that it was built around.
        for candidate in candidate_sets(both[more][0::4], both[other][0::4], tau, normals):
            found = _limit(candidate, more, both[more][2::4], both[other][2::4], tau, level)
            if best is None or found.delta > best.delta:
                best = found
    assert best is not None
    other = "y" if best.more == "x" else "x"
    tested = _limit(best.witness, best.more, both[best.more][1::2], both[other][1::2], tau, level)
    return tested._replace(delta=max(0.0, tested.delta))


def _limit(
    candidate: ClosedSet, more: str, ours: Points, theirs: Points, tau: float, alpha: float
) -> ClosenessBound:
    """P(A) - Q(A^tau), each at its exact binomial limit at alpha / 2; it may be negative."""
    inside = int(np.count_nonzero(candidate.contains(ours)))
    near = int(np.count_nonzero(candidate.within(theirs, tau)))
    at_least = binomial_lower(inside, len(ours), alpha / 2)
    at_most = 1 - binomial_lower(len(theirs) - near, len(theirs), alpha / 2)
    delta = at_least - at_most
    return ClosenessBound(delta, candidate, more, inside, len(ours), near, len(theirs), tau, alpha)


def binomial_lower(hits: int, trials: int, alpha: float) -> float:
    """The Clopper-Pearson lower limit: the p at which Pr[at least `hits` of `trials`] is alpha."""
    return float(betaincinv(hits, trials - hits + 1, alpha)) if hits else 0.0
