"""The process in which a sampler under audit runs: `python -m hardposterior.audit_worker`.

It is told the target and the problem, gets requests on one pipe and answers on another: a line of
JSON, then raw float64. Nothing is pickled, and what the target prints goes nowhere.
"""

import fcntl
import json
import os
import resource
import select
import signal
import sys
from importlib import import_module
from typing import Any, BinaryIO


def target(name: str) -> Any:
    """The callable `MODULE:SAMPLER`; `LookupError` where there is none."""
    module, _, attribute = name.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        found: Any = import_module(module)
    except (Exception, SystemExit) as error:
        line = f"{type(error).__name__}: {error}".split("\n")[0]
        raise LookupError(f"{module} does not import ({line[:200]})") from error
    for part in attribute.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        reason = f"{module} has no {attribute}" if found is None else f"{name} is not callable"
        raise LookupError(reason)
    return found


def limit_memory(more: int) -> None:
    """Let this process grow by `more` bytes from here."""
    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, now + more))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with(life_line: int) -> None:
    """Let the system kill this process and all it forks when the other end of a pipe closes.

    A sampler that hangs, even with Python's lock held, does not outlive an audit that was killed.
    """
    fcntl.fcntl(life_line, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(life_line, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(life_line, fcntl.F_SETFL, os.O_RDONLY | os.O_ASYNC)
    if select.select([life_line], [], [], 0)[0]:
        os.killpg(0, signal.SIGKILL)  # it closed before


def answer(out: BinaryIO, header: dict[str, Any], payload: bytes = b"") -> None:
    """Write one answer."""
    out.write(json.dumps({**header, "bytes": len(payload)}).encode() + b"\n" + payload)
    out.flush()


def main() -> None:
    """Serve draws until the requests end."""
    reading, writing = int(sys.argv[1]), int(sys.argv[2])
    end_with(int(sys.argv[3]))
    name, problem_name, dtype_name, memory = sys.argv[4:8]
    me = os.getpid()
    requests, out = os.fdopen(reading, "rb"), os.fdopen(writing, "wb")
    import torch

    torch.set_num_threads(1)
    from hardposterior import impl
    from hardposterior.properties.audit.judging import bind
    from hardposterior.properties.audit.problems import problems
    from hardposterior.properties.audit.verdict import SamplerFailed, checked

    problem = problems(impl, [problem_name])[problem_name]
    try:
        draw = bind(problem, target(name), getattr(torch, dtype_name))
    except LookupError as error:
        answer(out, {"failed": str(error)})
        return
    limit_memory(int(memory))
    answer(out, {"ready": True})
    for line in requests:
        asked = json.loads(line)
        generator = torch.Generator().manual_seed(asked["seed"])
        y = torch.tensor(asked["y"], dtype=torch.float64)
        try:
            rows = checked(draw(y, asked["count"], generator), asked["count"], problem.dim)
            header, payload = {"ok": True}, rows.numpy().tobytes()
        except SamplerFailed as error:
            header, payload = {"failed": str(error)}, b""
        except MemoryError:
            header, payload = {"failed": "out of memory"}, b""
        if os.getpid() != me:
            os._exit(0)  # a child that the target forked has nothing to say here
        answer(out, {**header, "token": asked["token"]}, payload)


if __name__ == "__main__":
    main()
