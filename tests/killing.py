"""Commands in process groups of their own, killed with SIGKILL at a drawn moment.

What is left on the disk is judged by `unreadable`; what is left running by `survivors`.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from safetensors import SafetensorError, safe_open

START = """
import sys
from pathlib import Path
from hardposterior import command, ledger, rooms
{plant}
if sys.argv[2] == "verify":
    rooms.evidence()
elif sys.argv[2] != "calibrate":
    import torch
Path(sys.argv[1]).touch()
sys.exit(command.main(sys.argv[2:]))
"""
"""Runs a command; tells, by a file, that the slow imports are done: moments count from there."""


class Killed:
    """A command under way in `folder`; `after(seconds)` kills it unless it has ended.

    `plant` is run before the command, to plant a fault in it.
    """

    def __init__(self, folder: Path, *arguments: str, plant: str = "") -> None:
        self.folder = folder
        self.started = folder.with_name(f"{folder.name}.started")
        self.started.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", START.format(plant=plant), str(self.started), *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )

    def after(self, seconds: float, group: bool = True) -> bool:
        """Kill the group, or the first process alone; whether it was still running."""
        self.wait_for(self.started)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.now(group)

    def once_there(self, name: str, seconds: float = 0.0, group: bool = True) -> bool:
        """Kill `seconds` after a file of this name has appeared in the folder."""
        self.wait_for(self.folder / name)
        return self.after(seconds, group)

    def now(self, group: bool = True) -> bool:
        """Kill; whether it was still running."""
        running = self.process.poll() is None
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return running

    def wait_for(self, path: Path) -> None:
        """Wait until the file is there or the process has ended."""
        while not path.exists() and self.process.poll() is None:
            time.sleep(0.002)


def survivors(folder: Path, seconds: float = 10.0) -> list[str]:
    """The command lines of processes that still work in the folder after some seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = [said for pid in others() for said in at(pid, folder)]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def others() -> list[str]:
    """The processes but this one."""
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]


def at(pid: str, folder: Path) -> list[str]:
    """The command line of a process, if it works in the folder and is no zombie."""
    with suppress(OSError):
        if Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder.resolve()):
            return [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()]
    return []


def unreadable(folder: Path) -> list[str]:
    """The files that are not whole: JSON, TOML apart, draws and pages."""
    return [p.name for p in folder.rglob("*") if p.is_file() and not is_part(p) and not whole(p)]


def is_part(path: Path) -> bool:
    """Whether this is what a killed writer left: never under a name that anything reads."""
    return re.fullmatch(r"\..+\.[^.]+\.part", path.name) is not None


def parts(folder: Path) -> list[str]:
    """What killed writers left."""
    return sorted(p.name for p in folder.rglob("*") if is_part(p))


def whole(path: Path) -> bool:
    """Whether a file parses to its end."""
    if path.suffix == ".json":
        with suppress(ValueError):
            json.loads(path.read_text(encoding="utf-8"))
            return True
        return False
    if path.suffix == ".safetensors":
        try:
            with safe_open(path, "pt") as file:
                return all(file.get_tensor(name) is not None for name in file.keys())  # noqa: SIM118
        except (OSError, SafetensorError):
            return False
    if path.suffix == ".html":
        return path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    return True
