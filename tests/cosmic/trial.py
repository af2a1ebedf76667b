"""Tests of one mutant in a forked process: what is heavy is imported once, before the forks.

In a process of its own a mutant would spend 3 seconds on imports, more than most need to fail.
"""

import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 12 * 2**30  # of address space; a mutant that wants more fails, and so is seen
OPTIONS = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider")


def preload(names: list[str]) -> None:
    """Import what the tests will need; never the project itself."""
    os.environ["OMP_NUM_THREADS"] = "1"  # a fork is safe as long as there are no other threads
    for name in names:
        importlib.import_module(name)
    from _pytest.config import get_config

    get_config()  # imports pytest's own plugins


@dataclass(frozen=True)
class Trial:
    """A scratch copy in which one file gets a new text, and the tests to run there."""

    scratch: Path
    file: str
    text: str
    tests: list[str]
    cpu_seconds: int
    keep_bytecode: bool = False

    def start(self) -> int:
        """Fork; the id of the process that runs the tests."""
        sys.stdout.flush()
        child = os.fork()
        if child:
            return child
        code = 70
        try:
            code = self._run()
        finally:
            os._exit(code)

    def _run(self) -> int:
        import pytest

        os.setsid()
        os.chdir(self.scratch)
        file = Path(self.file)
        file.write_text(self.text, encoding="utf-8")
        for compiled in file.parent.glob(f"__pycache__/{file.stem}.*"):
            compiled.unlink()  # two versions of a file may share size and second
        output = os.open("pytest.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_seconds, self.cpu_seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(20 * self.cpu_seconds)  # one that sleeps
        package = str(self.scratch / "package")
        sys.path.insert(0, package)
        os.environ["PYTHONPATH"] = package  # of worker processes
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        sys.dont_write_bytecode = not self.keep_bytecode
        return int(pytest.main([*OPTIONS, *(f"tests/{name}.py" for name in self.tests)]))

    def verdict(self, status: int) -> tuple[str, str]:
        """`survived`, `killed` or `unclear`, and the test that failed, from what `wait` gave."""
        if os.WIFSIGNALED(status):
            return "killed", signal.Signals(os.WTERMSIG(status)).name
        code = os.waitstatus_to_exitcode(status)
        text = (self.scratch / "pytest.log").read_text(encoding="utf-8")
        failed = [line for line in text.splitlines() if line.startswith(("FAILED", "ERROR"))]
        outcome = {0: "survived", 1: "killed", 2: "killed"}.get(code, "unclear")
        return outcome, failed[0][:300] if failed else text[-300:]


Job = tuple[Any, Callable[[int], Trial]]


def run_trials(jobs: Iterable[Job], slots: int) -> Generator[tuple[Any, str, str], None, None]:
    """(key, outcome, words) as trials end, of pairs (key, the trial in a given slot)."""
    running: dict[int, tuple[Any, int, Trial]] = {}
    free = list(range(slots))
    try:
        for key, place in jobs:
            if not free:
                yield _wait(running, free)
            slot = free.pop()
            trial = place(slot)
            running[trial.start()] = key, slot, trial
        while running:
            yield _wait(running, free)
    finally:
        for child in running:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _wait(running: dict[int, tuple[Any, int, Trial]], free: list[int]) -> tuple[Any, str, str]:
    child, status = os.wait()
    key, slot, trial = running.pop(child)
    free.append(slot)
    return key, *trial.verdict(status)
