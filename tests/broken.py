"""What a broken sampler is: exact draws of a problem's posterior with one small, named fault.

A fault has a size, and at its neutral size it is none: the draws are exact.
`FAULTS[name].on(problem, size)` is a sampler for a problem in this process; called itself, as from
a command line (`broken_samplers:spread`), a fault finds its problem by A and beta.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from hardposterior import impl
from hardposterior.properties.audit.mixture import GaussianMixture
from hardposterior.properties.audit.problem import Problem
from hardposterior.properties.audit.problems import HARD, MAKERS, problems

NOT_INDEPENDENT = "not independent"


@dataclass(frozen=True)
class Call:
    """One call of a broken sampler, with what it knows of the problem."""

    problem: Problem
    y: torch.Tensor
    law: GaussianMixture
    count: int
    generator: torch.Generator

    def normal(self, *shape: int) -> torch.Tensor:
        """Standard normal draws, (count, d) by default."""
        shape = shape or (self.count, self.problem.dim)
        return torch.randn(*shape, generator=self.generator, dtype=torch.float64)

    def uniform(self, *shape: int) -> torch.Tensor:
        """Uniform draws, (count, 1) by default."""
        return torch.rand(
            *(shape or (self.count, 1)), generator=self.generator, dtype=torch.float64
        )

    def exact(self) -> torch.Tensor:
        """Exact draws."""
        return self.law.sample(self.count, self.generator)

    def of(
        self,
        weights: torch.Tensor | None = None,
        covariances: torch.Tensor | None = None,
        normal: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Draws of the posterior with other weights, covariances or normal numbers."""
        law = GaussianMixture(
            self.law.weights if weights is None else weights,
            self.law.means,
            self.law.covariances if covariances is None else covariances,
        )
        labels = torch.multinomial(law.weights, self.count, True, generator=self.generator)
        normal = self.normal() if normal is None else normal
        return law.means[labels] + law.stretched(normal, labels)


Fault = Callable[[Call, float], torch.Tensor]


@dataclass(frozen=True)
class Broken:
    """A fault: its words, neutral size, default size, sizes for the table, and where it is shown.

    `seen` is how the audit is to call it: kinds of features, or `NOT_INDEPENDENT`.
    """

    name: str
    words: str
    draw: Fault
    neutral: float
    size: float
    sizes: tuple[float, ...]
    seen: frozenset[str]
    problem: str

    def on(self, problem: Problem, size: float | None = None) -> Any:
        """The sampler for one problem."""
        return partial(_sample, self, problem, self.size if size is None else size)

    def __call__(self, denoise, A, y, beta, count, generator):
        """The sampler for whichever problem has this A and beta."""
        return self.on(recognised(A, beta))(denoise, A, y, beta, count, generator)


def _sample(broken, problem, size, _denoise, _A, y, _beta, count, generator):
    y = y.double()
    return broken.draw(Call(problem, y, problem.posterior(y), count, generator), size)


def recognised(A: torch.Tensor, beta: float) -> Problem:
    """The problem with this A and beta, the cheaper ones looked at first."""
    for name in (*MAKERS, *HARD):
        problem = problems(impl, [name])[name]
        if problem.A.shape == A.shape and problem.beta == beta and torch.equal(problem.A, A):
            return problem
    raise LookupError("no problem has this A and beta")


FAULTS: dict[str, Broken] = {}


def fault(
    words: str,
    size: float,
    *sizes: float,
    seen: str | tuple[str, ...],
    neutral: float = 0.0,
    problem: str = "mixture-8-random",
) -> Callable[[Fault], Broken]:
    """Register a fault; `sizes` are tried for the table, from harmless to gross."""

    def register(draw: Fault) -> Broken:
        kinds = frozenset((seen,) if isinstance(seen, str) else seen)
        name = draw.__name__
        FAULTS[name] = Broken(name, words, draw, neutral, size, sizes or (size,), kinds, problem)
        return FAULTS[name]

    return register
