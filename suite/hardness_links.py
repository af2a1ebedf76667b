"""One link of the argument for hardness: a number, its statement, and how far it can be trusted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from hardposterior import rooms
from hardposterior.derivations import derivation
from hardposterior.spec.statements import Assumed, Derived

How = Literal["proved here", "counted", "by formula", "not certified here", "assumed", "derived"]
"""Proved here: in balls, for these numbers, in this run. By formula: a bound of the statement in
binary64. Counted: from the built circuit and tensors. The last two are never verified."""


@dataclass(frozen=True)
class Link:
    """`value` in `text`; `statement` is the id of what it rests on."""

    step: str
    name: str
    value: float | int | str
    text: str
    statement: str
    how: How

    @property
    def form(self) -> str:
        """Of the statement: bound, identity, definition, derived or assumed."""
        return rooms.statements()[self.statement].form

    @property
    def evidence(self) -> list[str]:
        """The ids of the statement's evidence; none for what is assumed."""
        return [e.id for e in rooms.evidence_of(rooms.statements()[self.statement])]

    @property
    def status(self) -> str:
        """For what is derived, from what and under which assumption; else how it was got."""
        statement = rooms.statements()[self.statement]
        if isinstance(statement, Derived):
            return derivation(statement)
        return "assumed" if isinstance(statement, Assumed) else self.how

    def as_data(self) -> dict[str, Any]:
        """Everything, as JSON takes it."""
        return {
            **asdict(self),
            "form": self.form,
            "status": self.status,
            "evidence": self.evidence,
        }


def steps_of(links: Sequence[Link]) -> list[str]:
    """The steps in their order, each once."""
    return list(dict.fromkeys(link.step for link in links))
