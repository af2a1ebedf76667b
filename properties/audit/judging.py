"""One problem from end to end: the verdict on a sampler, and the controls that vouch for it."""

import dataclasses
from typing import Any

import torch

from hardposterior.properties.audit import controls
from hardposterior.properties.audit.claim import claim
from hardposterior.properties.audit.exactness import exactness
from hardposterior.properties.audit.hidden_bits import hidden_bits
from hardposterior.properties.audit.looks import Looks, Y
from hardposterior.properties.audit.problem import Problem
from hardposterior.properties.audit.verdict import Draw, Request, SamplerFailed, Verdict

LOOKS = Looks(Y, 16, (64, 256))
"""Of a control."""

IGNORING = "prior that ignores y"


def judge(problem: Problem, draw: Draw, asked: str, request: Request) -> Verdict:
    """The verdict; whatever goes wrong in the sampler makes a `failed` row."""
    try:
        if asked not in problem.asks:
            return hidden_bits(problem, draw, request, asked)
        if asked == "exactness":
            return exactness(problem, draw, request)
        return claim(problem, draw, request)
    except SamplerFailed as error:
        words = asked if asked in problem.asks else f"{asked} (hidden bits)"
        return Verdict(problem.name, words, "failed", str(error))


def bind(problem: Problem, sampler: Any, dtype: torch.dtype = torch.float64) -> Draw:
    """The sampler on one problem, in this process; its inputs are copies of its own."""

    def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
        return problem.denoise(x.double(), float(sigma)).to(x.dtype)

    def draw(y: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
        try:
            found: torch.Tensor = sampler(
                denoise,
                problem.A.to(dtype, copy=True),
                y.to(dtype, copy=True),
                problem.beta,
                count,
                generator,
            )
        except (Exception, SystemExit) as error:
            line = f"{type(error).__name__}: {error}".split("\n")[0]
            raise SamplerFailed(line[:200]) from error
        return found

    return draw


def stocked(draw: Draw, size: int = LOOKS.calls[-1] * LOOKS.rows) -> Draw:
    """The same sampler, called once for `size` rows at each y: its calls share them out.

    For controls alone, whose rows are known to be independent: many small calls are slow.
    """
    stock: dict[tuple[float, ...], torch.Tensor] = {}

    def sharing(y: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
        key = tuple(y.tolist())
        left = stock.get(key)
        if left is None or len(left) < count:
            left = draw(y, max(size, count), generator)
        stock[key] = left[count:]
        return left[:count]

    return sharing


@dataclasses.dataclass(frozen=True)
class Control:
    """A sampler whose verdict is known, and the verdict it got."""

    problem: str
    name: str
    expected: str
    verdict: Verdict

    @property
    def behaves(self) -> bool:
        """Whether the verdict is the one that is known."""
        return self.verdict.status == self.expected


def control(problem: Problem, asked: str, request: Request) -> list[Control]:
    """The controls of one problem, at a smaller size than the audit."""
    request = dataclasses.replace(request, first=True)
    wrong = bind(problem, controls.prior_alone(problem))
    right = "exact posterior"
    if problem.posterior is None:
        remembering, exact = controls.planted(problem)
        good = judge(remembering, bind(remembering, exact), asked, request)
        bad = judge(problem, wrong, asked, request)
        return [
            Control(problem.name, "draw that y was made from", "consistent", good),
            Control(problem.name, IGNORING, "refuted", bad),
        ]
    ignoring = exactness(problem, stocked(wrong), request, LOOKS)
    if asked == "exactness":
        draw = bind(problem, controls.exact_posterior(problem))
        good = exactness(problem, stocked(draw), request, LOOKS)
    else:
        right = "exact conditional score"
        draw = bind(problem, controls.exact_conditional_score(problem))
        good = claim(problem, stocked(draw, 200), request, sizes=(10,), shape=(10, 20))
    return [
        Control(problem.name, right, "consistent", good),
        Control(problem.name, IGNORING, "refuted", ignoring),
    ]
