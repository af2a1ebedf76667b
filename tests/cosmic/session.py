"""A module's mutants and what became of each, in cosmic-ray's own database."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic.mutations import Mutation, diff, mutate, read_diff, why_not

OUTCOMES = ("killed", "survived", "unclear", "annotation", "no Python")


@dataclass(frozen=True)
class Found:
    """A mutant, one of OUTCOMES, and the test that failed or other words."""

    mutation: Mutation
    outcome: str
    words: str


@dataclass
class Session:
    """Mutants of one module that were run, and those that were not yet."""

    module: str
    source: str
    database: Any

    def pending(self) -> list[Any]:
        """cosmic-ray's items without a result, in the order of their places."""
        items = self.database.pending_work_items
        return sorted(items, key=lambda item: _order(item.mutations[0]))

    def text(self, item: Any) -> str | None:
        """The mutated source; None where there is nothing to run, which is then recorded."""
        (spec,) = item.mutations
        text = mutate(self.source, spec)
        reason = why_not(self.source, text, tuple(spec.start_pos))
        if reason is not None:
            self.record(item, reason, "", text)
        return text if reason is None else None

    def record(self, item: Any, outcome: str, words: str, text: str) -> None:
        """Keep an outcome."""
        from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

        tested = {"killed": TestOutcome.KILLED, "survived": TestOutcome.SURVIVED}
        skipped = outcome not in (*tested, "unclear")
        self.database.set_result(
            item.job_id,
            WorkResult(
                worker_outcome=WorkerOutcome.SKIPPED if skipped else WorkerOutcome.NORMAL,
                output=f"{outcome}\n{words}",
                test_outcome=None if skipped else tested.get(outcome, TestOutcome.INCOMPETENT),
                diff=diff(self.source, text),
            ),
        )

    def found(self) -> list[Found]:
        """Everything that has a result."""
        done = []
        for item, result in self.database.completed_work_items:
            outcome, _, words = result.output.partition("\n")
            where = item.mutations[0].definition_name or ""
            done.append(Found(read_diff(self.module, where, result.diff), outcome, words))
        return done

    def forget(self, outcomes: tuple[str, ...]) -> None:
        """Make mutants with these outcomes pending again."""
        items = self.database.work_items
        kept = [
            (item, result)
            for item, result in self.database.completed_work_items
            if result.output.partition("\n")[0] not in outcomes
        ]
        self.database.clear()
        self.database.add_work_items(items)
        for item, result in kept:
            self.database.set_result(item.job_id, result)


def _order(spec: Any) -> tuple[Any, ...]:
    return tuple(spec.start_pos), spec.operator_name, spec.occurrence


@contextmanager
def opened(folder: Path, path: Path, tests: list[str], *, fresh: bool) -> Iterator[Session]:
    """The session of a module: one for each version of it and of its list of tests."""
    from cosmic_ray.commands import init
    from cosmic_ray.work_db import use_db

    source = path.read_text(encoding="utf-8")
    key = hashlib.sha256("\0".join((source, *tests)).encode()).hexdigest()[:12]
    file = folder / f"{path.stem}-{key}.sqlite"
    folder.mkdir(parents=True, exist_ok=True)
    if fresh:
        file.unlink(missing_ok=True)
    with use_db(file) as database:
        if not database.num_work_items:
            init([path], database, {})
        yield Session(path.stem, source, database)
