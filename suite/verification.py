"""`verify`: choose evidence, run it, keep the ledger whole all the while, and judge it."""

import multiprocessing
import os
import random
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from threading import Thread

from hardposterior import ledger, provenance, rooms, runner
from hardposterior.ledger import FAILED, Ledger, status_of, undermined
from hardposterior.parsing import MOST_JOBS
from hardposterior.runner import OWN, Plan, Record
from hardposterior.spec.evidence import Evidence
from hardposterior.usage import UsageError, unknown

Watcher = Callable[[str, Record], None]


def select(identifiers: Sequence[str], implementation: str = OWN) -> list[Evidence]:
    """The evidence of statements (with their dotted parts) or evidence ids; all of it by default.

    For another implementation, evidence that involves none is left out unless it is asked for.
    """
    # The order of registration depends on what was imported first; a ledger's must not.
    everything = sorted(rooms.evidence(), key=place)
    if not identifiers:
        return [e for e in everything if e.needs or implementation == OWN]
    chosen: dict[str, Evidence] = {}
    for identifier in identifiers:
        family = {statement.id for statement in rooms.statements().family(identifier)}
        found = [e for e in everything if e.statement.id in family or e.id == identifier]
        if not found and not family:
            known = [*(s.id for s in rooms.statements()), *(e.id for e in everything)]
            raise unknown("id", identifier, known)
        chosen.update({e.id: e for e in found})
    return list(chosen.values())


def place(piece: Evidence) -> tuple[str, int, str]:
    """Where evidence stands in the sources: an order that every process agrees on."""
    function = piece.function
    return function.__module__, function.__code__.co_firstlineno, piece.id


def check_implementation(module: str) -> None:
    """`UsageError` where the module does not import or offers no name that evidence asks for."""
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # as `python -m` does
    try:
        found = import_module(module)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}".split("\n")[0]
        raise UsageError(f"impl = {module!r}: must be a module that imports ({reason})") from error
    names = sorted({name for e in rooms.evidence() for name in e.needs})
    if not any(hasattr(found, name) for name in names):
        few = ", ".join(names[:3])
        raise UsageError(
            f"impl = {module!r}: must have public names of hardposterior.impl, {few} or others"
        )


def process_pool(jobs: int) -> Executor:
    """Worker processes that share nothing with this one, and end when it is killed."""
    return ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
    )


def start_worker() -> None:
    """What a worker process does first."""
    # The queue it waits on is held open by the workers themselves: it never sees its end.
    Thread(target=end_with_parent, daemon=True).start()
    runner.single_threaded()


def end_with_parent() -> None:
    """End this process when the one that started it has ended, killed or not."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def check_cluster(address: str) -> None:
    """`UsageError` unless there are Dask workers of one thread each that run these sources."""
    if not address.startswith(("tcp://", "tls://")):
        raise UsageError(f"dask = {address!r}: must be a scheduler's address, tcp://HOST:PORT")
    try:
        workers = runner.dask_workers(address, provenance.fingerprint)
    except ImportError as error:
        raise UsageError(
            f"dask = {address!r}: must be left out, or install hardposterior[dask] ({error})"
        ) from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".split("\n")[0]
        raise UsageError(
            f"dask = {address!r}: must be a scheduler that answers ({reason})"
        ) from error
    if not workers or any(threads != 1 for threads, _ in workers):
        shown = [threads for threads, _ in workers]
        raise UsageError(
            f"dask = {address!r}: must have workers, of one thread each; they have {shown}"
        )
    if any(sources != provenance.fingerprint() for _, sources in workers):
        raise UsageError(f"dask = {address!r}: must have workers that run these sources")


def verify(
    identifiers: Sequence[str] = (),
    plan: Plan | None = None,
    *,
    jobs: int = 1,
    dask: str | None = None,
    path: Path | None = None,
    watch: Watcher | None = None,
) -> Ledger:
    """Run the evidence and return its ledger; with `path`, saved after every outcome.

    `jobs` = 1 runs in this process, more in worker processes, `dask` on the cluster whose scheduler
    has that address; outcomes are the same. A ledger at `path` that an interrupted run of the same
    plan left is resumed. Raises `UsageError`.

    >>> book = verify(["lattice-density.space/fourier-coefficients-of-the-periodised-gaussian"])
    >>> [record["status"] for record in book.outcomes.values()]
    ['proved']
    """
    plan = plan or Plan()
    if not 1 <= jobs <= MOST_JOBS:
        raise UsageError(f"jobs = {jobs}: must be an integer in [1, {MOST_JOBS}]")
    if dask is not None and jobs != 1:
        raise UsageError(f"jobs = {jobs}: must be left out with dask, whose cluster has workers")
    check_implementation(plan.implementation)
    chosen = select(identifiers, plan.implementation)
    if path is not None:
        ledger.check_writable("json", path)
    if dask is not None:
        check_cluster(dask)
    book = Ledger(plan, [e.id for e in chosen])
    if path is not None:
        book.resume(path)
        book.save(path)
    todo = [e.id for e in chosen if e.id not in book.outcomes]
    # Long pieces are spread over the workers; the order changes no outcome.
    random.Random(0).shuffle(todo)

    def keep(evidence_id: str, record: Record) -> None:
        book.outcomes[evidence_id] = record
        if path is not None:
            book.save(path)
        if watch is not None:
            watch(evidence_id, record)

    if jobs == 1 and dask is None:
        for evidence_id in todo:
            keep(evidence_id, runner.run_one(evidence_id, plan))
        return book

    def pool() -> AbstractContextManager[Executor]:
        return process_pool(jobs) if dask is None else runner.dask_pool(dask)

    try:
        for evidence_id, record in runner.run_many(todo, plan, pool):
            keep(evidence_id, record)
    except CancelledError as error:
        raise UsageError(f"dask = {dask!r}: the cluster was lost; run again to resume") from error
    return book


def statuses(book: Ledger) -> dict[str, str]:
    """The status of every statement that the run looked at, and of those that have no evidence.

    A run of some of the evidence speaks of the statements of that evidence alone. What rests on a
    refuted statement is marked, however well it holds by itself.
    """
    records: dict[str, list[Record]] = {}
    for record in book.outcomes.values():
        records.setdefault(record["statement"], []).append(record)
    whole = set(book.wanted) == {e.id for e in rooms.evidence()}
    own = {
        statement.id: status_of(statement, records.get(statement.id, []))
        for statement in rooms.statements()
        if whole or statement.id in records
    }
    return undermined(own, {s.id: s.depends for s in rooms.statements() if s.id in own})


def exit_code(book: Ledger) -> int:
    """0 where everything holds; 1 where something is refuted, undecided, in error or missing."""
    bad = not book.complete or any(r["status"] in FAILED for r in book.outcomes.values())
    return int(bad or any(status in FAILED for status in statuses(book).values()))
