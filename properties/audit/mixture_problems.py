"""Problems with Gaussian priors and asymmetric mixtures of Gaussians: posteriors in closed form."""

import zlib
from collections.abc import Sequence

import torch

from hardposterior.properties.audit.features import of_mixture
from hardposterior.properties.audit.mixture import GaussianMixture
from hardposterior.properties.audit.problem import Ask, Problem

SEED = 240212727
"""Of the problems' fixed data (matrices, means): a problem is the same on every call."""

BOTH: frozenset[Ask] = frozenset({"exactness", "claim"})


def stream(name: str) -> torch.Generator:
    """A generator of the problem's own."""
    return torch.Generator().manual_seed(SEED + zlib.crc32(name.encode()))


def matrix(m: int, d: int, generator: torch.Generator) -> torch.Tensor:
    """A random (m, d) matrix of spectral norm 1."""
    A = torch.randn(m, d, generator=generator, dtype=torch.float64)
    scaled: torch.Tensor = A / torch.linalg.matrix_norm(A, 2)
    return scaled


def coordinates(m: int, d: int) -> torch.Tensor:
    """The measurement of the first m of d coordinates."""
    return torch.eye(m, d, dtype=torch.float64)


def ellipsoid(dim: int, generator: torch.Generator, low: float, high: float) -> torch.Tensor:
    """A random covariance (d, d), its standard deviations spread between `low` and `high`."""
    axes = torch.linalg.qr(torch.randn(dim, dim, generator=generator, dtype=torch.float64))[0]
    deviations = torch.linspace(low, high, dim, dtype=torch.float64)
    covariance: torch.Tensor = (axes * deviations.square()) @ axes.T
    return covariance


def of_prior(
    name: str,
    words: str,
    prior: GaussianMixture,
    A: torch.Tensor,
    beta: float,
    *,
    groups: torch.Tensor | None = None,
    labels: Sequence[str] = (),
    image: tuple[int, int] | None = None,
) -> Problem:
    """The problem of a mixture; `groups` (K,) int64 and `labels` name its components by groups."""

    def posterior(y: torch.Tensor) -> GaussianMixture:
        return prior.condition(A, beta, y)

    return Problem(
        name=name,
        words=words,
        prior=prior,
        A=A,
        beta=beta,
        scale=float(prior.covariance().diagonal().mean().sqrt()),
        asks=BOTH,
        posterior=posterior,
        features=lambda y: of_mixture(prior, posterior(y), A, beta, y, groups, labels),
        image=image,
    )


def gaussian(name: str) -> Problem:
    """One Gaussian in 6 dimensions, 3 random measurements."""
    draw = stream(name)
    prior = GaussianMixture(torch.ones(1), torch.zeros(1, 6), ellipsoid(6, draw, 0.4, 1.2)[None])
    words = "one Gaussian, 3 random measurements of 6"
    return of_prior(name, words, prior, matrix(3, 6, draw), 0.2)


def mixture(
    name: str, dim: int, weights: list[float], beta: float, measured: int | torch.Tensor
) -> Problem:
    """A mixture of unequal weights, shapes and distances; `measured` is A, or m for a random one.

    Modes are drawn towards each other in the directions that A sees: y must not tell them apart.
    """
    draw = stream(name)
    size = len(weights)
    means = torch.randn(size, dim, generator=draw, dtype=torch.float64)
    lengths = torch.linspace(1.4, 2.6, size, dtype=torch.float64)
    means = means / means.norm(dim=1, keepdim=True) * lengths[:, None]
    A = matrix(measured, dim, draw) if isinstance(measured, int) else measured
    means = means - 0.85 * means @ (A.T @ torch.linalg.pinv(A.T))
    shapes = [ellipsoid(dim, draw, 0.15 + 0.05 * k, 0.5 - 0.04 * k) for k in range(size)]
    prior = GaussianMixture(torch.tensor(weights), means, torch.stack(shapes))
    words = f"{size} unequal Gaussians in {dim} dimensions, {len(A)} measurements"
    return of_prior(name, words, prior, A, beta)
