"""The audit's end of the process in which a sampler runs: limits, deadlines, and clearing up."""

import json
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

import numpy as np
import torch

from hardposterior.properties.audit.problem import Problem
from hardposterior.properties.audit.verdict import SamplerFailed

MEMORY = 4 << 30  # bytes that a sampler may take beyond what torch and the problem take
START = 120.0  # seconds in which the process must have imported torch and the target
HEADER = 1 << 16  # bytes of an answer's line at most

IDLE = 0.01
"""A process with less of a processor than that is not running: it sleeps, or waits for another."""

INTRUDED = "its process wrote on the audit's pipe what is no answer"


def failure_in(line: bytes, size: int, token: str | None = None) -> str | None:
    """What an answer's line says went wrong; None where it announces `size` bytes of draws.

    `token` is the request's: an answer to another one, or made up ahead, is none.
    """
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        return INTRUDED
    if not isinstance(header, dict) or header.get("token") != token:
        return INTRUDED
    failed = header.get("failed")
    if isinstance(failed, str):
        return failed[:1000]
    return None if header.get("bytes") == size and failed is None else INTRUDED


class Watch:
    """The time that a process has taken: of its processor while it runs, by the clock while not.

    So a busy machine does not fail a sampler that runs, and one that sleeps does not wait for ever.
    """

    def __init__(self, processor: Callable[[], float]) -> None:
        self._processor, self._total = processor, 0.0
        self._wall, self._own = time.monotonic(), processor()

    def spent(self) -> float:
        """Seconds since the start; to be asked about once a second."""
        wall, own = time.monotonic(), self._processor()
        passed, ran = wall - self._wall, own - self._own
        self._total += ran if ran > IDLE * passed else passed
        self._wall, self._own = wall, own
        return self._total


class Isolated:
    """A sampler in a process of its own, as a `Draw`; a context manager that ends the process.

    A call that takes longer than `timeout` seconds (`Watch`), exits, or asks for more memory is a
    `SamplerFailed`; the process group goes with it, so that what it forked goes too.
    """

    def __init__(
        self, target: str, problem: Problem, timeout: float, dtype: str, memory: int = MEMORY
    ) -> None:
        self.dim, self.timeout = problem.dim, timeout
        theirs_in, self._requests = os.pipe()
        self._answers, theirs_out = os.pipe()
        # Nothing is written here: it closes when this process ends, however it ends.
        life_line, self._alive = os.pipe()
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "hardposterior.audit_worker", str(theirs_in),
                str(theirs_out), str(life_line), target, problem.name, dtype, str(memory),
            ],
            pass_fds=(theirs_in, theirs_out, life_line),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        os.close(life_line)
        self._buffer = bytearray()
        self._ready = False
        self._seconds = 0.0
        self._seed: int | None = None

    def __enter__(self) -> "Isolated":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process and everything in its group."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for end in (self._requests, self._answers, self._alive):
            with suppress(OSError):
                os.close(end)
        self._requests = self._answers = self._alive = -1

    def seconds(self) -> float:
        """The processor time that the process has spent; what it forked is not counted."""
        with suppress(OSError):  # it may have ended
            self._seconds = time.clock_gettime(~self._process.pid << 3 | 2)  # Linux: its own clock
        return self._seconds

    def start(self) -> None:
        """Wait until the process has the sampler; `SamplerFailed` where it cannot have it."""
        if not self._ready:
            self._answer(START, 0)
            self._ready = True

    def __call__(self, y: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
        """Draws (count, d), float64; the first call's `generator` seeds those of all calls."""
        self.start()
        if self._buffer or select.select([self._answers], [], [], 0.0)[0]:
            self._unasked()
        if self._seed is None:
            self._seed = int(torch.randint(2**62, (), generator=generator))
        # Consecutive seeds: the CPU generator keeps only 32 bits, and drawn ones could collide.
        seed, self._seed = self._seed, self._seed + 1
        token = secrets.token_hex(8)
        asked = json.dumps({"y": y.tolist(), "count": count, "seed": seed, "token": token})
        try:
            os.write(self._requests, asked.encode() + b"\n")
        except OSError as error:
            raise SamplerFailed(self._end()) from error
        size = count * self.dim * np.dtype(np.float64).itemsize
        rows = np.frombuffer(self._answer(self.timeout, size, token), dtype=np.float64)
        return torch.from_numpy(rows.copy()).reshape(count, self.dim)

    def _unasked(self) -> None:
        """The pipe has something before it was asked: an end, or an answer made up ahead."""
        if self._buffer or os.read(self._answers, 1):
            raise SamplerFailed(INTRUDED)
        raise SamplerFailed(self._end())

    def _answer(self, seconds: float, size: int, token: str | None = None) -> bytes:
        """A payload of `size` bytes; the target may write on the pipe too, so nothing is trusted.

        Raises `SamplerFailed` for any other answer, before more than it could take is kept.
        """
        watch = Watch(self.seconds)
        while b"\n" not in self._buffer:
            if len(self._buffer) > HEADER:
                raise SamplerFailed(INTRUDED)
            self._more(watch, seconds)
        line, _, rest = bytes(self._buffer).partition(b"\n")
        failure = failure_in(line, size, token)
        if failure is not None:
            raise SamplerFailed(failure)
        self._buffer = bytearray(rest)
        while len(self._buffer) < size:
            self._more(watch, seconds)
        payload = bytes(self._buffer[:size])
        del self._buffer[:size]
        return payload

    def _more(self, watch: "Watch", seconds: float) -> None:
        left = seconds - watch.spent()
        ready = select.select([self._answers], [], [], max(0.0, min(left, 1.0)))[0]
        if ready:
            part = os.read(self._answers, 1 << 20)
            if part:
                self._buffer += part
                return
            raise SamplerFailed(self._end())
        if self._process.poll() is not None:
            raise SamplerFailed(self._end())  # a fork of it may still hold the pipe
        if left <= 0:
            raise SamplerFailed(f"time out: no answer in {seconds:.0f} s")

    def _end(self) -> str:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return "its process closed the pipe"
        return f"its process ended (signal {-code})" if code < 0 else f"exited with code {code}"
