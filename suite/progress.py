"""The live table of a run: how far it is, and the last outcomes."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from hardposterior.runner import Record
from hardposterior.spec.evidence import Evidence
from hardposterior.tables import coloured

SHOWN = 10


@contextmanager
def live(console: Console, wanted: Sequence[Evidence]) -> Iterator[Callable[[str, Record], None]]:
    """Show progress while evidence runs; the function it yields takes each outcome."""
    bar = Progress(TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    task = bar.add_task("checking", total=len(wanted))
    latest: deque[tuple[str, Record]] = deque(maxlen=SHOWN)
    counts: Counter[str] = Counter()

    def table() -> Group:
        rows = Table("evidence", "status", "cases", "seconds", box=None)
        for evidence_id, record in latest:
            rows.add_row(
                evidence_id,
                coloured(record["status"]),
                f"{record['cases']:,}",
                f"{record['seconds']:.1f}",
            )
        summary = ", ".join(f"{number} {status}" for status, number in counts.items())
        return Group(rows, summary, bar)

    with Live(table(), console=console, transient=True, refresh_per_second=4) as screen:

        def watch(evidence_id: str, record: Record) -> None:
            latest.append((evidence_id, record))
            counts[record["status"]] += 1
            bar.advance(task)
            screen.update(table())

        yield watch
