"""Evidence for a statement, and the outcome of looking at it.

Evidence is a plain function of a `Run`, registered for a statement. Two entry points read the
one list: `hardposterior verify` and pytest. Workers receive (statement id, evidence name, seed).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hardposterior.spec.statements import Statement

Kind = Literal["symbolic", "certified", "exhaustive", "property", "statistical"]
"""sympy derives it; balls prove it on a whole box; all cases of a finite set or a SAT/SMT proof;
Hypothesis searches for a counterexample; Monte Carlo with a stated false-alarm rate."""

Scope = Literal["whole", "box", "step"]
"""The whole claim, a box of its parameters, or one step of the proof (never enough alone)."""

Status = Literal["proved", "held", "refuted", "undecided", "error", "not covered"]

Profile = Literal["dev", "ci", "thorough"]

PROOFS: frozenset[str] = frozenset({"symbolic", "certified", "exhaustive"})

FALSE_ALARM = 1e-6
"""The largest false-alarm rate of one statistical check."""


@dataclass(frozen=True)
class Run:
    """What evidence is given: its seed, how hard to try, and the implementation to hold.

    `shrink` is whether a counterexample is made small before it is reported.
    """

    seed: int
    profile: Profile = "dev"
    implementation: Any = None
    dtype: str = "float64"
    device: str = "cpu"
    shrink: bool = True
    progress: Callable[[int, int], None] = field(default=lambda done, total: None, compare=False)

    def size(self, dev: int, ci: int, thorough: int) -> int:
        """The number of cases for the profile in force."""
        return {"dev": dev, "ci": ci, "thorough": thorough}[self.profile]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one piece of evidence showed.

    `tightness` is the worst ratio left / right seen; `counterexample` is a call that reproduces
    a refutation; `certificate` is data that a second checker can verify again; `witnesses` names
    the hypotheses shown to be needed.
    """

    status: Status
    cases: int = 0
    tightness: float | None = None
    counterexample: str | None = None
    detail: str = ""
    witnesses: tuple[str, ...] = ()
    certificate: Mapping[str, Any] | None = None
    p_value: float | None = None


def proved(cases: int = 1, **more: Any) -> Outcome:
    """A proof went through."""
    return Outcome(status="proved", cases=cases, **more)


def held(cases: int, **more: Any) -> Outcome:
    """A search found no counterexample."""
    return Outcome(status="held", cases=cases, **more)


def refuted(counterexample: str, cases: int = 1, **more: Any) -> Outcome:
    """The claim, or the implementation held to it, is wrong."""
    return Outcome(status="refuted", counterexample=counterexample, cases=cases, **more)


def undecided(detail: str, cases: int = 0, **more: Any) -> Outcome:
    """Neither: precision, boxes or events did not suffice (then say `not resolved`)."""
    return Outcome(status="undecided", detail=detail, cases=cases, **more)


def judged(p_value: float, cases: int, counterexample: str, **more: Any) -> Outcome:
    """The outcome of a statistical check: refuted where the p-value is below `FALSE_ALARM`."""
    if p_value < FALSE_ALARM:
        return refuted(counterexample, cases, p_value=p_value, **more)
    return held(cases, p_value=p_value, **more)


@dataclass(frozen=True)
class Evidence:
    """A function that looks at a statement, and what kind of looking it is.

    `needs` lists the public names of an implementation that it exercises: an implementation
    without them is reported as not covered.
    """

    statement: Statement
    name: str
    kind: Kind
    scope: Scope
    function: Callable[[Run], Outcome] = field(repr=False)
    needs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """`statement-id/evidence-name`, which is also the pytest id."""
        return f"{self.statement.id}/{self.name}"

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (self.function.__doc__ or "").strip().split("\n")[0]


class EvidenceList:
    """All evidence by id, in the order of registration."""

    def __init__(self) -> None:
        self._evidence: dict[str, Evidence] = {}

    def add(self, evidence: Evidence) -> None:
        """Register evidence; `ValueError` if its id is taken."""
        if evidence.id in self._evidence:
            raise ValueError(f"evidence {evidence.id!r} is registered twice")
        self._evidence[evidence.id] = evidence

    def __iter__(self) -> Iterator[Evidence]:
        return iter(self._evidence.values())

    def __getitem__(self, identifier: str) -> Evidence:
        return self._evidence[identifier]

    def of(self, statement: Statement) -> list[Evidence]:
        """The evidence registered for one statement."""
        return [e for e in self if e.statement is statement]


EVIDENCE = EvidenceList()

Function = Callable[[Run], Outcome]


def evidence(
    statement: Statement, *, kind: Kind, scope: Scope, needs: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Register the decorated function as evidence for `statement`."""

    def register(function: Function) -> Function:
        name = function.__name__.replace("_", "-")
        EVIDENCE.add(Evidence(statement, name, kind, scope, function, needs))
        return function

    return register
