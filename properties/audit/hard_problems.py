"""The hard instances as problems, made by an implementation under audit's rules.

Where all words can be listed the posterior is exact. SHA-256 of 64 bits is not to be inverted: its
denoiser is the vertex score at small noise and the mixture score at large (Appendix C), and what a
sampler can be asked is whether the hidden bits explain y.
"""

from typing import Any

import torch

from hardposterior.properties.audit.hard_features import explains, observed_bits, of_instance
from hardposterior.properties.audit.hard_law import HardPosterior, all_words
from hardposterior.properties.audit.mixture_problems import stream
from hardposterior.properties.audit.problem import Ask, Feature, Law, Problem

EVERYTHING: frozenset[Ask] = frozenset({"exactness", "claim", "hidden-bits"})
HIDDEN: frozenset[Ask] = frozenset({"hidden-bits"})


class HardPrior:
    """The prior of an implementation's hard instance, as a law."""

    def __init__(self, instance: Any, denoise: Any = None) -> None:
        self.instance, self._denoise = instance, denoise or instance.denoise

    def sample(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """Independent draws, shape (count, n + m)."""
        x: torch.Tensor = self.instance.sample(count, generator)[0]
        return x

    def denoise(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """E[X | X + sigma Z = x], shape of x (..., n + m)."""
        clean: torch.Tensor = self._denoise(x.double(), sigma).to(x.dtype)
        return clean


def two_forms(instance: Any, switch: float) -> Any:
    """The denoiser from the vertex score below the level `switch`, the mixture score above."""

    def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
        score = instance.vertex_score if sigma < switch else instance.mixture_score
        clean: torch.Tensor = x + sigma**2 * score(x, sigma)
        return clean

    return denoise


def enumerated(
    name: str, words: str, implementation: Any, function: Any, separation: float, beta: float
) -> Problem:
    """A hard instance of spacing 1 whose words are few enough to list."""
    instance = implementation.HardInstance(function, separation, 1.0)
    n, m = int(function.n), int(function.m)
    A = torch.eye(n + m, dtype=torch.float64)[n:]
    vocabulary = all_words(n)
    images = function(vocabulary).to(torch.int64)
    counts = images.unique(dim=0, return_counts=True)[1].double()

    def posterior(y: torch.Tensor) -> Law:
        exact = instance.posterior(y.double(), beta)
        return HardPosterior(images, separation, 1.0, y, beta, exact.sample)

    def hidden_bits(y: torch.Tensor) -> Feature:
        return explains(function, n, observed_bits(y, separation, 1.0), vocabulary)

    return Problem(
        name=name,
        words=words,
        prior=HardPrior(instance),
        A=A,
        beta=beta,
        scale=1.0,
        asks=EVERYTHING,
        posterior=posterior,
        features=lambda y: of_instance(A, beta, y, hidden_bits(y), separation, 1.0),
        hidden_bits=hidden_bits,
        chance=float((counts / counts.sum()).square().sum()),
    )


def table(implementation: Any, name: str) -> Problem:
    """A random table of 6 bits to 6."""
    rows = torch.randint(0, 2, (64, 6), generator=stream(name))
    words = "hard instance, random table of 6 bits to 6"
    return enumerated(name, words, implementation, implementation.random_table(rows), 6.0, 0.01)


def local(implementation: Any, name: str) -> Problem:
    """Goldreich's function of 8 bits to 8."""
    keys = torch.rand(8, 8, generator=stream(name), dtype=torch.float64)
    neighbours = keys.argsort(dim=1)[:, :5].contiguous()
    function = implementation.goldreich(neighbours, n=8)
    words = "hard instance, Goldreich's function of 8 bits to 8"
    return enumerated(name, words, implementation, function, 6.0, 0.01)


def secure_hash(implementation: Any, name: str) -> Problem:
    """SHA-256 of 64 bits, the first 64 bits of the digest: hidden bits alone can be tested."""
    n, separation, beta = 64, 8.0, 0.005
    function = implementation.sha256(n, 64, n)
    instance = implementation.HardInstance(function, separation, 1.0)
    boxes = implementation.default_boxes(instance)
    switch = next(box.low for box in boxes if box.form == "large-noise")
    A = torch.eye(2 * n, dtype=torch.float64)[n:]

    def hidden_bits(y: torch.Tensor) -> Feature:
        return explains(function, n, observed_bits(y, separation, 1.0))

    return Problem(
        name=name,
        words="hard instance, SHA-256 of 64 bits, 64 bits of the digest",
        prior=HardPrior(instance, two_forms(instance, switch)),
        A=A,
        beta=beta,
        scale=1.0,
        asks=HIDDEN,
        posterior=None,
        features=lambda y: of_instance(A, beta, y, hidden_bits(y), separation, 1.0),
        hidden_bits=hidden_bits,
        chance=2.0**-n,
    )
