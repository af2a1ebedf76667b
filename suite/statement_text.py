"""One statement in full, as `hardposterior show` prints it: no line is cut, all can be copied."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hardposterior import rooms
from hardposterior.derivations import derivation
from hardposterior.ledger import tightness_of
from hardposterior.runner import Record
from hardposterior.spec.notation import notation
from hardposterior.spec.statements import (
    Bound,
    Definition,
    Derived,
    Formula,
    Hypothesis,
    Identity,
    Statement,
)
from hardposterior.tables import coloured

SCOPES = {"whole": "whole claim", "box": "range of parameters", "step": "one step of the proof"}


def in_words(formula: Formula) -> str:
    """A formula as its docstring states it."""
    return (formula.__doc__ or formula.__name__).strip().split("\n")[0]


def at(witness: Mapping[str, Any]) -> str:
    """Parameters as a reader would write them."""
    return ", ".join(f"{name} = {value}" for name, value in witness.items())


def need_of(hypothesis: Hypothesis) -> str:
    """A hypothesis, and why it is there."""
    if hypothesis.witness is None:
        return f"{hypothesis.claim}; kept without a witness: {hypothesis.unneeded}"
    return f"{hypothesis.claim}; without it false, e.g. at {at(hypothesis.witness)}"


def facts(statement: Statement) -> list[tuple[str, str]]:
    """What a statement says, row by row."""
    rows = [("claim", statement.claim), ("paper", f"{statement.paper} ({statement.relation})")]
    rows += [("parameter", f"{name}: {d.text}") for name, d in statement.domain.items()]
    rows += [("hypothesis", need_of(hypothesis)) for hypothesis in statement.where]
    if isinstance(statement, Bound | Identity):
        rows += [("left", in_words(statement.left)), ("right", in_words(statement.right))]
    if isinstance(statement, Definition):
        rows += [("formula", f"{name}: {in_words(f)}") for name, f in statement.formulas.items()]
    rows.append(("proof", statement.proof))
    if isinstance(statement, Derived):
        rows.append(("status", derivation(statement)))
    elif statement.depends:
        rows.append(("rests on", ", ".join(statement.depends)))
    said = [text for name, text in rows if name not in ("paper", "parameter", "rests on")]
    rows += [("notation", f"{letter}: {what}") for letter, what in notation(statement.id, said)]
    return rows


def show(statement: Statement, console: Console, records: list[Record]) -> None:
    """One statement; `records` are outcomes of an earlier run, if there are any."""
    console.print(Text(statement.id, style="bold"), Text(f"  {statement.form}"))
    rows = Table.grid(padding=(0, 2))
    previous = ""
    for name, text in facts(statement):
        rows.add_row("" if name == previous else name, Text(text))
        previous = name
    console.print(rows)
    pieces = rooms.evidence_of(statement)
    console.print(Text("\nevidence" if pieces else "\nno evidence: it is assumed", style="bold"))
    last = {record["name"]: record["status"] for record in records}
    for piece in pieces:
        status = coloured(last[piece.name]) if piece.name in last else Text("not run here")
        console.print(Text(piece.name))
        line = Text(f"{piece.kind}, {SCOPES[piece.scope]}: ").append(status)
        console.print(Padding(line, (0, 0, 0, 2)))
        console.print(Padding(Text(piece.summary, style="dim"), (0, 0, 0, 2)))
    worst = tightness_of(records)
    if worst is not None:
        console.print(f"worst ratio left / right seen: {worst:.6g}")
    if pieces:
        console.print(f"rerun: hardposterior verify {statement.id}")
