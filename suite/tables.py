"""What people read in a terminal: the list, one statement, the ledger and its weakest link."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from hardposterior import rooms
from hardposterior.derivations import derivation
from hardposterior.ledger import FAILED, STRENGTH, Ledger, tightness_of
from hardposterior.runner import Record
from hardposterior.spec.statements import Bound, Definition, Derived, Formula, Identity, Statement
from hardposterior.verification import statuses

COLOURS = {
    "proved": "green",
    "proved on a box": "green",
    "held": "cyan",
    "derived": "blue",
    "assumed": "magenta",
    "not covered": "yellow",
}


def coloured(status: str) -> Text:
    """A status in its colour; failures in red."""
    return Text(status, style=COLOURS.get(status, "bold red"))


def statement_list(console: Console) -> None:
    """Every statement: id, form, relation to the paper, kinds of evidence."""
    first = Column("statement", no_wrap=True)
    table = Table(first, "form", "relation", "paper", "evidence", title="Statements")
    for statement in rooms.statements():
        kinds = sorted({e.kind for e in rooms.evidence_of(statement)})
        table.add_row(
            statement.id, statement.form, statement.relation, statement.paper, ", ".join(kinds)
        )
    console.print(table)


def in_words(formula: Formula) -> str:
    """A formula as its docstring states it."""
    return (formula.__doc__ or formula.__name__).strip().split("\n")[0]


def show(statement: Statement, console: Console, records: list[Record]) -> None:
    """One statement in full; `records` are outcomes of an earlier run, if there are any."""
    console.print(Text(statement.id, style="bold"), Text(f"  {statement.form}"))
    rows = Table.grid(padding=(0, 2))
    rows.add_row("claim", Text(statement.claim))
    rows.add_row("paper", Text(f"{statement.paper} ({statement.relation})"))
    for name, domain in statement.domain.items():
        rows.add_row("parameter", Text(f"{name}: {domain.text}"))
    for hypothesis in statement.where:
        need = f"; fails at {dict(hypothesis.witness)}" if hypothesis.witness else ""
        rows.add_row("hypothesis", Text(f"{hypothesis.claim}{need or hypothesis.unneeded}"))
    if isinstance(statement, Bound | Identity):
        rows.add_row("left", Text(in_words(statement.left)))
        rows.add_row("right", Text(in_words(statement.right)))
    if isinstance(statement, Definition):
        for name, formula in statement.formulas.items():
            rows.add_row("formula", Text(f"{name}: {in_words(formula)}"))
    rows.add_row("proof", Text(statement.proof))
    if isinstance(statement, Derived):
        rows.add_row("status", Text(derivation(statement)))
    elif statement.depends:
        rows.add_row("rests on", Text(", ".join(statement.depends)))
    console.print(rows)
    table = Table("evidence", "kind", "scope", "last", "what it shows", title="Evidence")
    last = {record["name"]: record["status"] for record in records}
    for piece in rooms.evidence_of(statement):
        table.add_row(
            piece.name, piece.kind, piece.scope, coloured(last.get(piece.name, "-")), piece.summary
        )
    console.print(table)
    worst = tightness_of(records)
    console.print(f"worst ratio left / right: {'-' if worst is None else f'{worst:.6g}'}")
    console.print(f"rerun: hardposterior verify {statement.id}")


KINDS = {
    "symbolic": "S",
    "certified": "C",
    "exhaustive": "E",
    "property": "P",
    "statistical": "M",
}
"""One letter for each kind of evidence, so that the ledger fits a terminal of 80 columns."""


def ledger_table(book: Ledger, console: Console) -> None:
    """Statement, kinds of evidence, status, tightness, cases and seconds; then what failed."""
    first = Column("statement", overflow="fold")
    kinds = Column("by", no_wrap=True)
    table = Table(first, kinds, Column("status", no_wrap=True), title="Ledger", box=SIMPLE_HEAD)
    for column in ("tight", "cases", "s"):
        table.add_column(column, justify="right", no_wrap=True)
    found = statuses(book)
    for name, status in found.items():
        records = [r for r in book.outcomes.values() if r["statement"] == name]
        held = {r["kind"] for r in records if r["status"] in ("proved", "held")}
        worst = tightness_of(records)
        table.add_row(
            name,
            "".join(letter for kind, letter in KINDS.items() if kind in held) or "-",
            coloured(status),
            "-" if worst is None else f"{worst:.4f}",
            f"{sum(r['cases'] for r in records):,}",
            f"{sum(r['seconds'] for r in records):.1f}",
        )
    console.print(table)
    console.print("by: " + ", ".join(f"{letter} {kind}" for kind, letter in KINDS.items()))
    failures(book, console)
    counts = ", ".join(
        f"{n} {status}"
        for status in reversed(STRENGTH)
        if (n := sum(s == status for s in found.values()))
    )
    console.print(f"{len(found)} statements: {counts}")
    if found:
        weakest = min(found.values(), key=STRENGTH.index)
        names = [name for name, status in found.items() if status == weakest]
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        console.print(f"weakest link: {weakest} ({', '.join(names[:4])}{more})")


def failures(book: Ledger, console: Console) -> None:
    """Counterexamples, errors and gaps in coverage, each with the call that reproduces it."""
    for key, record in sorted(book.outcomes.items()):
        if record["status"] in FAILED:
            console.print(coloured(record["status"]), Text(key, style="bold"))
            for line in (record["counterexample"], record["detail"]):
                if line:
                    console.print(Text(f"  {line}"), soft_wrap=True)
    uncovered = [r for r in book.outcomes.values() if r["status"] == "not covered"]
    if uncovered:
        lacking = sorted({r["detail"] for r in uncovered})
        console.print(f"not covered: {len(uncovered)} checks ({'; '.join(lacking)})")
