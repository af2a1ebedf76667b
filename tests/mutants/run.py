"""`make mutants`: plant every fault of the catalogue, one at a time, and say which check caught it.

First the evidence of the statements that the mutant names, on a copy of `impl` under another name;
where none of it refutes the copy, the tests of the module in a scratch copy of the whole project.
A result is kept while the mutant and the module it changes stay the same, so an interrupted run
resumes; after new checks start afresh with --fresh, or retry the survivors with --survivors.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

from mutants.catalogue import ROOT, Mutant, applied, asked_tests, everything, source_of
from mutants.report import CAUGHT, report, verdict
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from scratch import scratch_copy

CPU_SECONDS = 120  # a mutant that makes evidence run longer is caught: it hangs
TEST_SECONDS = 900


def main() -> int:
    """Run the catalogue; exit code 1 if one survives that is not listed as equivalent.

    Or if one is caught that is listed, or if a fault that breaks a statement is caught by no
    evidence of the statements that it names.
    """
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.split("\n")[0])
    parser.add_argument("only", nargs="*", help="parts of mutants' names; default all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--state", type=Path, default=ROOT / "build/mutants.json")
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    parser.add_argument("--survivors", action="store_true", help="retry those that survived")
    arguments = parser.parse_args()
    console = Console()
    chosen = [
        m for m in everything() if not arguments.only or any(o in m.id for o in arguments.only)
    ]
    state = read(arguments.state)
    hints = {key: hint_in(found["what"]) for key, found in state.items()}
    if arguments.fresh:
        state = {}
    if arguments.survivors:
        state = {key: found for key, found in state.items() if found["by"] in CAUGHT}
    keys = {m.id: key_of(m) for m in chosen}
    todo = [m.id for m in chosen if state.get(m.id, {}).get("key") != keys[m.id]]
    try:
        for identifier, found in run_all(todo, hints, arguments.jobs, console):
            state[identifier] = {**found, "key": keys[identifier]}
            write(arguments.state, state)
            wrong = verdict(catalogue()[identifier], found["by"])
            if wrong:
                console.print(f"{wrong}: {identifier} ({found['what']})", soft_wrap=True)
    except KeyboardInterrupt:
        console.print(f"interrupted; run again to resume from {arguments.state}")
        return 130
    return report(chosen, state, console)


def key_of(mutant: Mutant) -> str:
    """A digest of the mutant and of the module that it changes."""
    text = "\0".join((source_of(mutant.module), mutant.old, mutant.new, *mutant.named))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(path: Path) -> dict[str, Any]:
    """Earlier results, if there are any."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def write(path: Path, state: dict[str, Any]) -> None:
    """Keep the results; the file is whole at every moment."""
    from hardposterior.ledger import write_atomically

    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(dict(sorted(state.items())), indent=1) + "\n")


def hint_in(what: str) -> str:
    """The test that caught a mutant the last time, which is then asked first; empty if none did."""
    found = re.match(r"(?:FAILED|ERROR) (\S+?::\w+)", what)
    return found[1] if found else ""


def run_all(todo: list[str], hints: dict[str, str], jobs: int, console: Console) -> Any:
    """(id, result) of every mutant as it is done."""
    context = multiprocessing.get_context("spawn")
    shown = (TextColumn("mutants"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*shown, console=console, transient=True) as progress,
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        ProcessPoolExecutor(jobs, context, initializer=prepare, initargs=(folder,)) as pool,
    ):
        task = progress.add_task("mutants", total=len(todo))
        futures = {pool.submit(run_one, name, hints.get(name, "")): name for name in todo}
        try:
            for future in as_completed(futures):
                progress.advance(task)
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@cache
def catalogue() -> dict[str, Mutant]:
    """Mutants by id."""
    return {m.id: m for m in everything()}


SCRATCH: list[Path] = []


def prepare(folder: str) -> None:
    """A scratch copy of the project for this worker, importable as `hardposterior`."""
    import torch

    torch.set_num_threads(1)
    scratch = scratch_copy(Path(tempfile.mkdtemp(dir=folder)), ROOT)
    SCRATCH.append(scratch)


def run_one(identifier: str, hint: str = "") -> dict[str, Any]:
    """What caught a mutant: `by` evidence or tests, or how it survived; `what` in words."""
    mutant, started = catalogue()[identifier], time.perf_counter()
    by, what = by_evidence(mutant)
    if by != "evidence":
        by, what = by_tests(mutant, hint)
    return {"by": by, "what": what, "seconds": round(time.perf_counter() - started, 1)}


def evidence_ids(mutant: Mutant) -> list[str]:
    """The named evidence, or all that holds an implementation to a named statement."""
    from hardposterior import rooms

    return [
        e.id
        for name in mutant.named
        for e in rooms.evidence()
        if e.id == name or (e.needs and f"{e.statement.id}.".startswith(f"{name}."))
    ]


def by_evidence(mutant: Mutant) -> tuple[str, str]:
    """The first evidence that does not hold for a copy of `impl` with the fault."""
    from faults import planted

    ids = evidence_ids(mutant)
    if not ids:
        return "", "no evidence is named"
    with tempfile.TemporaryDirectory(prefix="fault-", dir=SCRATCH[0]) as folder:
        try:
            implementation = planted(mutant, Path(folder))
        except Exception as error:  # the copy does not even import
            return "evidence", f"import: {type(error).__name__}"
        for identifier in ids:
            status = status_of(identifier, implementation)
            if status not in ("held", "proved"):
                return "evidence", f"{identifier}: {status}"
    return "", f"{len(ids)} pieces of evidence held"


def status_of(identifier: str, implementation: Any) -> str:
    """The status of one piece of evidence; `hangs` where it takes too long."""
    from hardposterior import rooms
    from hardposterior.runner import seed_of
    from hardposterior.spec.evidence import Run

    class Hangs(BaseException):
        pass

    def stop(*_: Any) -> None:
        raise Hangs

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        run = Run(seed_of(0, identifier), "dev", implementation, shrink=False)
        return str(rooms.evidence()[identifier].function(run).status)
    except Exception as error:
        return f"error ({type(error).__name__})"
    except Hangs:
        return "hangs"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def by_tests(mutant: Mutant, hint: str = "") -> tuple[str, str]:
    """The first test of the module's files that fails in a scratch copy with the fault.

    `hint` is asked first: where it fails again, the others need not run.
    """
    scratch = SCRATCH[0]
    path, source = scratch / mutant.file, source_of(mutant.module)
    files = asked_tests(mutant.module)
    try:
        path.write_text(applied(mutant, source), encoding="utf-8")
        forget_compiled(path)
        code, last = run_tests(scratch, [hint]) if hint.partition("::")[0] in files else (0, "")
        if code not in (1, 2):  # 2: it did not even collect
            code, last = run_tests(scratch, files)
    finally:
        path.write_text(source, encoding="utf-8")
        forget_compiled(path)
    if code in (1, 2):  # failed, or did not even collect
        return "tests", last
    return "survived" if code == 0 else "unclear", f"{' '.join(files)}: {last}"


def forget_compiled(path: Path) -> None:
    """Remove bytecode: two versions of a file may share size and second."""
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()


def run_tests(scratch: Path, files: list[str]) -> tuple[int, str]:
    """pytest's exit code (1 where it took too long), and the test that failed."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files]
    environment = {**os.environ, "PYTHONPATH": str(scratch / "package")}
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, "hangs"
    lines = done.stdout.splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return done.returncode, (failed or lines or [done.stderr])[-1 if not failed else 0][:200]


if __name__ == "__main__":
    sys.exit(main())
