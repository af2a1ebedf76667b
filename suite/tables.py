"""Tables in a terminal: the list of statements, the ledger and its weakest link."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from hardposterior import rooms
from hardposterior.derivations import conditional, conditions
from hardposterior.ledger import FAILED, STRENGTH, Ledger, tightness_of
from hardposterior.spec.statements import Statement
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


KINDS = {
    "symbolic": "S",
    "certified": "C",
    "exhaustive": "E",
    "property": "P",
    "statistical": "M",
}
"""One letter for each kind of evidence, so that the ledger fits a terminal of 80 columns."""


def letters(kinds: Iterable[str]) -> str:
    """Kinds of evidence, a letter each."""
    found = set(kinds)
    return "".join(letter for kind, letter in KINDS.items() if kind in found) or "-"


LEGEND = "by: " + ", ".join(f"{letter} {kind}" for kind, letter in KINDS.items())


def statement_list(console: Console) -> None:
    """Every statement: kinds of evidence, form, relation to the paper, where it stands there."""
    first = Column("statement", no_wrap=True)
    table = Table(first, "by", "form", "relation", "section", box=None, pad_edge=False)
    for statement in rooms.statements():
        table.add_row(
            statement.id,
            letters(e.kind for e in rooms.evidence_of(statement)),
            statement.form,
            statement.relation,
            section(statement),
        )
    console.print(table)
    console.print(LEGEND)
    console.print(
        f"{len(rooms.statements())} statements; one in full: hardposterior show STATEMENT"
    )


def section(statement: Statement) -> str:
    """Where the paper says it, in few letters."""
    short = statement.paper.replace("Introduction", "intro").replace(" and ", ", ")
    return short.replace("Appendix ", "").replace("Section ", "")


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
        held = [r["kind"] for r in records if r["status"] in ("proved", "held")]
        worst = tightness_of(records)
        table.add_row(
            name,
            letters(held),
            coloured(status),
            "-" if worst is None else f"{worst:.4f}",
            f"{sum(r['cases'] for r in records):,}",
            f"{sum(r['seconds'] for r in records):.1f}",
        )
    console.print(table)
    console.print(LEGEND)
    failures(book, console)
    counts = ", ".join(
        f"{n} {status}"
        for status in reversed(STRENGTH)
        if (n := sum(s == status for s in found.values()))
    )
    console.print(f"{len(found)} statements: {counts}", soft_wrap=True)
    if found:
        weakest = min(found.values(), key=STRENGTH.index)
        names = [name for name, status in found.items() if status == weakest]
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        console.print(f"weakest link: {weakest} ({', '.join(names[:4])}{more})", soft_wrap=True)
    for name in conditions(found):
        console.print(f"{name} is proved from {conditional(name, found)}", soft_wrap=True)


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
        console.print(
            f"not covered: {len(uncovered)} checks ({'; '.join(lacking)})", soft_wrap=True
        )
