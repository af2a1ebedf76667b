"""The live table of an audit: every problem with its verdict, and how far the audit is."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

COLOURS = {"consistent": "green", "not independent": "yellow"}

Watch = Callable[[str, Any], None]
"""A problem's name with None when it begins, with what is being done, or with its verdict."""


class State:
    """What is known of each problem, as a table."""

    def __init__(self, names: Sequence[str]) -> None:
        self.rows: dict[str, Any] = dict.fromkeys(names, "")

    def table(self) -> Table:
        """One row for each problem."""
        shown = Table("problem", "verdict", "what is wrong", "draws", "s", box=None)
        for name, row in self.rows.items():
            if isinstance(row, str):
                shown.add_row(Text(name), Text(row, "dim"))
                continue
            kind = row.certificate.kind if row.certificate else ""
            status = Text(row.status, COLOURS.get(row.status, "bold red"))
            shown.add_row(Text(name), status, kind, f"{row.draws:,}", f"{row.seconds:.1f}")
        return shown


@contextmanager
def live(console: Console, names: Sequence[str]) -> Iterator[Watch]:
    """Show progress while problems are judged; the function it yields is `audit`'s `watch`."""
    bar = Progress(TextColumn("auditing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    task = bar.add_task("auditing", total=len(names))
    state = State(names)

    def screen() -> Group:
        return Group(state.table(), bar)

    with Live(screen(), console=console, transient=True, refresh_per_second=4) as shown:

        def watch(name: str, row: Any) -> None:
            state.rows[name] = row
            if not isinstance(row, str):
                bar.advance(task)
            shown.update(screen())

        yield watch
