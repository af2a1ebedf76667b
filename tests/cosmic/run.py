"""`make cosmic`: mutate modules with a general tool; which mutants do their unit tests let live?

cosmic-ray lists and makes the mutations and keeps the record, a session for each module under
build/cosmic; the tests run in forked processes. A session holds while its module and its list of
tests stay the same, so an interrupted run resumes; after new checks retry with --survivors or start
again with --fresh. Exit code 1 where a mutant survives that equivalent.toml does not explain, or
where one that it explains does not survive; 2 where the tests fail without any mutation.
"""

import argparse
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from cosmic import equivalents
from cosmic.session import OUTCOMES, Found, Session, opened
from cosmic.trial import Trial, preload, run_trials
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from scratch import ROOT, scratch_copy

FOLDER = Path(__file__).parent


class BaselineFailed(Exception):
    """The tests fail without any mutation."""


def main() -> int:
    """Run what is pending; print what survived."""
    parser = argparse.ArgumentParser(prog="make cosmic", description=__doc__.split("\n")[0])
    parser.add_argument("modules", nargs="*", help="default: all of the configuration")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--root", type=Path, default=ROOT, help="the project to mutate")
    parser.add_argument("--config", type=Path, default=FOLDER / "config.toml")
    parser.add_argument("--equivalent", type=Path, default=FOLDER / "equivalent.toml")
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    parser.add_argument("--survivors", action="store_true", help="retry those that survived")
    arguments = parser.parse_args()
    config = tomllib.loads(arguments.config.read_text(encoding="utf-8"))
    files = {Path(file).stem: file for file in config["cosmic-ray"]["module-path"]}
    chosen = arguments.modules or list(files)
    if unknown := sorted(set(chosen) - set(files)):
        parser.error(f"modules = {unknown}: must be among {sorted(files)}")
    console, found = Console(), {}
    preload(config["preload"]["modules"])
    try:
        for module in chosen:
            tests = config["tests"][module]
            folder, path = arguments.root / "build/cosmic", arguments.root / files[module]
            with opened(folder, path, tests, fresh=arguments.fresh) as session:
                if arguments.survivors:
                    session.forget(("survived", "unclear"))
                limit = config["cpu-seconds"][module]
                trial = partial(Trial, file=files[module], tests=tests, cpu_seconds=limit)
                test_pending(session, trial, arguments, console)
                found[module] = session.found()
    except BaselineFailed as failure:
        console.print(f"{module}: the tests fail without any mutation: {failure}", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("interrupted; run again to resume")
        return 130
    return report(found, equivalents.read(arguments.equivalent), console)


def test_pending(session: Session, trial: Any, arguments: Any, console: Console) -> None:
    """Run the tests on every mutant of a module that has no result."""
    pending = session.pending()
    if not pending:
        return
    shown = (TextColumn(session.module), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(prefix="cosmic-") as folder,
        Progress(*shown, console=console, transient=True) as progress,
    ):
        slots = scratch_copies(Path(folder), session, trial, arguments)
        task = progress.add_task("mutants", total=len(pending))

        def jobs() -> Iterator[Any]:
            for item in pending:
                text = session.text(item)
                if text is None:
                    progress.advance(task)
                else:
                    yield (item, text), lambda slot, text=text: trial(slots[slot], text=text)

        with closing(run_trials(jobs(), len(slots))) as trials:
            for (item, text), outcome, words in trials:
                session.record(item, outcome, words, text)
                progress.advance(task)


def scratch_copies(folder: Path, session: Session, trial: Any, arguments: Any) -> list[Path]:
    """Copies of the project, in each of which the tests pass and have left their bytecode."""
    slots = []
    for slot in range(arguments.jobs):
        scratch = folder / str(slot)
        scratch.mkdir()
        slots.append(scratch_copy(scratch, arguments.root))
        baseline = trial(scratch, text=session.source, keep_bytecode=True)
        job = None, lambda _, baseline=baseline: baseline
        ((_, outcome, words),) = run_trials([job], 1)
        if outcome != "survived":
            raise BaselineFailed(words)
    return slots


def report(
    found: dict[str, list[Found]], listed: dict[equivalents.Mutation, str], console: Console
) -> int:
    """A table by module, then what is not as the list says."""
    table = Table("module", *OUTCOMES, "explained", "rate", box=None)
    wrong = 0
    for module, results in found.items():
        count = Counter(f.outcome for f in results)
        by = {name: [f.mutation for f in results if f.outcome == name] for name in OUTCOMES}
        mine = [m for m in listed if m.module == module]
        compared = equivalents.compare(by["survived"], by["killed"], mine)
        explained = sum(m in listed for m in by["survived"])
        rate = count["killed"] / max(1, count["killed"] + count["survived"] - explained)
        row = [*(count[name] for name in OUTCOMES), explained, f"{rate:.1%}"]
        table.add_row(module, *map(str, row))
        notes = {"survived": compared.unexplained, "listed, does not survive": compared.stale}
        for note, mutations in {**notes, "unclear": by["unclear"]}.items():
            wrong += len(mutations)
            for mutation in mutations:
                console.print(f"{note}: {mutation}", markup=False, soft_wrap=True)
    console.print(table)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
