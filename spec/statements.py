"""What the paper claims, as data: one class for each logical form of a statement.

A reader sees how faithful a formal claim is, and what it assumes, without reading code.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from hardposterior.spec.arithmetic import Arithmetic, Number

Relation = Literal["as stated", "explicit", "sharper", "special case", "own"]
"""How a formal claim stands to the paper: `explicit` made hidden constants explicit."""

Formula = Callable[..., Number]
"""`formula(ctx, **parameters)`, evaluated in the arithmetic of `ctx`."""


@dataclass(frozen=True)
class Domain:
    """The values that one parameter may take, in words and as a test."""

    text: str
    contains: Callable[[Any], bool] = field(repr=False, compare=False)


REAL = Domain("a real number", lambda x: abs(x) < float("inf"))
POSITIVE = Domain("a positive number", lambda x: 0 < x < float("inf"))
UNIT = Domain("a number in [0, 1)", lambda x: 0 <= x < 1)
PROBABILITY = Domain("a number in (0, 1]", lambda x: 0 < x <= 1)
COUNT = Domain("a positive integer", lambda x: x == int(x) and x >= 1)


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """A condition without which the claim may fail, and parameters where it then does fail.

    `margin(ctx, **parameters)` is positive exactly where the condition holds; at `witness` it
    does not, and the claim is false there. Where no such parameters exist, `witness` is None
    and `unneeded` says why the condition is kept.
    """

    name: str
    claim: str
    margin: Formula
    witness: Mapping[str, Any] | None = None
    unneeded: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Statement:
    """One claim. Ids of parts of a slug are dotted: `lattice-smoothing.product`.

    Attributes: `paper` cites an appendix or section; `relation` says how the formal claim stands
    to the paper's; `proof` sketches the argument; `depends` names the statements it rests on.
    """

    id: str
    paper: str
    relation: Relation
    claim: str
    proof: str
    domain: Mapping[str, Domain] = field(default_factory=dict)
    where: tuple[Hypothesis, ...] = ()
    depends: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        """The logical form: bound, identity, definition, derived or assumed."""
        return type(self).__name__.lower()


@dataclass(frozen=True, kw_only=True, eq=False)
class Bound(Statement):
    """left <= right wherever the hypotheses hold."""

    left: Formula
    right: Formula


@dataclass(frozen=True, kw_only=True, eq=False)
class Identity(Statement):
    """left = right wherever the hypotheses hold: two routes to one number."""

    left: Formula
    right: Formula


@dataclass(frozen=True, kw_only=True, eq=False)
class Definition(Statement):
    """What a word means; its evidence shows that the implementation means the same."""

    formulas: Mapping[str, Formula] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Derived(Statement):
    """Follows from the statements in `depends`; never shown as verified by itself."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Assumed(Statement):
    """Taken on trust (one-way functions exist); never shown as verified."""


AnyStatement = TypeVar("AnyStatement", bound=Statement)


class Registry:
    """The statements by id, in the order in which they were stated."""

    def __init__(self) -> None:
        self._statements: dict[str, Statement] = {}

    def state(self, statement: AnyStatement) -> AnyStatement:
        """Add a statement and return it; `ValueError` if its id is taken."""
        if statement.id in self._statements:
            raise ValueError(f"statement id {statement.id!r} is stated twice")
        self._statements[statement.id] = statement
        return statement

    def arrange(self, order: Iterable[str]) -> None:
        """Put the statements in this order of ids; `ValueError` unless each is there."""
        places = list(dict.fromkeys(order))
        if set(places) != set(self._statements):
            odd = sorted(set(places) ^ set(self._statements))
            raise ValueError(f"order = {odd}: must be every statement, and no other")
        self._statements = {identifier: self._statements[identifier] for identifier in places}

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._statements.values())

    def __len__(self) -> int:
        return len(self._statements)

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._statements

    def __getitem__(self, identifier: str) -> Statement:
        return self._statements[identifier]

    def family(self, identifier: str) -> list[Statement]:
        """The statement of this id and its dotted parts."""
        return [
            statement
            for statement in self
            if statement.id == identifier or statement.id.startswith(identifier + ".")
        ]


STATEMENTS = Registry()


def holds(ctx: Arithmetic, statement: Statement, **parameters: Any) -> bool:
    """Whether every hypothesis of `statement` certainly holds at `parameters`."""
    return all(bool(h.margin(ctx, **parameters) > 0) for h in statement.where)
