"""What every command promises, whatever it is given; and the folder in which it is held to that.

A command ends within a minute of processor time with exit code 0, 1, 2 or 3; code 2 says why in one
line and leaves every file as it was; other codes change what they were asked to write and nothing
else.
"""

import json
import os
import shutil
import signal
from contextlib import contextmanager
from itertools import pairwise

import pytest
import torch
from fuzz_calls import MADE

from hardposterior import audit_command, audit_process, command
from hardposterior.properties.audit import judging
from hardposterior.properties.audit.controls import exact_posterior

READING = ("--known", "--baseline", "--instance", "--y", "--solution", "--recheck")
SECONDS, BY_THE_CLOCK = 60, 600
"""Of processor time, so that a busy machine makes no hung command; and what none may wait."""


ENDS_WELL = {False: (0,), True: (0, 3)}
"""Of an audit: a millisecond on a busy machine may be too short for its controls."""


class Here:
    """Stands for `Isolated`: the exact posterior, in this process, whatever target is named."""

    def __init__(self, target, problem, timeout, dtype):  # noqa: ARG002 - as `Isolated` has them
        self.draw = judging.bind(problem, exact_posterior(problem), getattr(torch, dtype))

    def __enter__(self):
        return self.draw

    def __exit__(self, *_):
        return None


def quick_control(problem, asked, request, control=judging.control):
    """The controls of exactness; those of a claim take seconds."""
    return control(problem, asked, request) if asked == "exactness" else []


@contextmanager
def given_folder(folder, audits=True):
    """A folder of small valid files of every kind as the working folder, audits in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_process, "Isolated", Here)
        patch.setattr(audit_command, "check_sampler", lambda *_: None)
        patch.setattr(judging, "control", quick_control)
        patch.setenv("COLUMNS", "200")
        patch.chdir(folder)
        for call in MADE if audits else [c for c in MADE if c[:5] != "audit"]:
            assert command.main(call.split()) in ENDS_WELL[call[:5] == "audit"], call
        if audits:  # a void audit is no baseline
            baseline = json.loads((folder / "baseline.json").read_text()) | {"void": False}
            (folder / "baseline.json").write_text(json.dumps(baseline))
        instance = {"format": "hardposterior instance", "version": 1, "function": "circuit.json"}
        instance |= {"separation": 5.82, "spacing": 1.11, "beta": 0.3}
        (folder / "instance.json").write_text(json.dumps(instance))
        (folder / "y.json").write_text("[0.1, 0.2]")
        (folder / "notes.txt").write_text("mine")
        (folder / "known.toml").write_text('[known]\n"mixture-8/exactness" = "issue 3"\n')
        yield folder


def refilled(scratch, given):
    """The scratch folder with fresh copies of the given files, as the working folder."""
    os.chdir(scratch.parent)
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(given, scratch)
    os.chdir(scratch)
    return scratch


def contents(folder):
    """Every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Hung(BaseException):
    """A command that ran for too long."""


def hung(*_):
    raise Hung


def held_to_the_rules(folder, capsys, arguments, writes):
    """Run a command in the folder; assert what every command promises; return its exit code."""
    before = contents(folder)
    for alarm in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(alarm, hung)
    signal.setitimer(signal.ITIMER_REAL, BY_THE_CLOCK)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    capsys.readouterr()
    try:
        code = command.main(arguments)
    except SystemExit as leaving:  # argparse prints a help text and leaves
        code = leaving.code
        assert code == 0, "left by another door than `main`"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
    err = capsys.readouterr().err
    after = contents(folder)
    assert code in (0, 1, 2, 3)
    if code == 2:
        assert err.count("\n") == 1, err
        assert err.startswith("hardposterior: "), err
        assert "Traceback" not in err
        assert after == before, "bad usage changed a file"
    else:
        assert err == ""
        named = [a for option, a in pairwise(arguments) if option in writes]
        named += [a.split("=", 1)[1] for a in arguments if a.split("=")[0] in writes and "=" in a]
        roots = [os.path.normpath(name) for name in named] + [".hardposterior"]
        read = {os.path.normpath(a) for option, a in pairwise(arguments) if option in READING}
        for name in {n for n in {*before, *after} if before.get(n) != after.get(n)}:
            assert name not in read, f"changed {name}, which it reads"
            assert any(name == r or name.startswith(f"{r}/") for r in roots), f"changed {name}"
    return code
