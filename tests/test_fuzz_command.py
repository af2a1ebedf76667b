"""Every command under spoilt arguments and spoilt files, in this process.

Valid calls are spoilt in one to three places, so that a few still are valid; what a command
promises is in `fuzz_rules`. Audits draw from the exact posterior, in this process.
"""

import argparse
import os
from pathlib import Path
from signal import pause

import fuzz_rules
import pytest
from fuzz_calls import CALLS
from fuzz_rules import ENDS_WELL, given_folder, held_to_the_rules, refilled
from fuzz_spoil import honest_work, spoil, spoilt_arguments, writing
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from hardposterior import command

PROFILE = os.environ.get("HARDPOSTERIOR_PROFILE", "dev")
CASES = {"dev": 150, "ci": 1000, "thorough": 5500}[PROFILE]  # of arguments, and again of files


@pytest.fixture(scope="module")
def given_files(tmp_path_factory):
    with given_folder(tmp_path_factory.mktemp("given")) as folder:
        yield folder


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch")


CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
FUZZ = settings(max_examples=CASES, deadline=None, suppress_health_check=CHECKS)


@FUZZ
@given(arguments=spoilt_arguments())
def test_spoilt_arguments_end_in_one_line(given_files, scratch, capsys, arguments):
    assume(not honest_work(arguments))
    first = arguments[0] if arguments else "nothing"
    folder = refilled(scratch, given_files)
    code = held_to_the_rules(folder, capsys, arguments, writing(first))
    event(f"{first!a}: exit {code}")


def test_a_fault_may_bring_an_option_that_writes(given_files, scratch, capsys):
    """CI found it: `--export` before the name of the function writes a file of that name."""
    call = [
        "network",
        "--export",
        "random-table",
        "--n",
        "3",
        "--m",
        "2",
        "--sigma",
        "0.5",
        "--C",
        "1",
    ]
    assert writing("network") == ["--export"]
    assert held_to_the_rules(refilled(scratch, given_files), capsys, call, ["--export"]) == 0
    assert Path("random-table").stat().st_size


READING = sorted(name for name, (_, _, reads) in CALLS.items() if reads)


@FUZZ
@given(name=st.sampled_from(READING), data=st.data())
def test_spoilt_files_end_in_one_line(given_files, scratch, capsys, name, data):
    call, writes, reads = CALLS[name]
    folder = refilled(scratch, given_files)
    for path in data.draw(st.lists(st.sampled_from(reads), min_size=1, max_size=2, unique=True)):
        content = Path(path).read_bytes()
        Path(path).write_bytes(spoil(data, content))
    event(f"{name}: exit {held_to_the_rules(folder, capsys, call, writes)}")


@pytest.mark.parametrize("name", CALLS)
def test_the_calls_are_valid_before_they_are_spoilt(given_files, scratch, capsys, name):
    call, writes, _ = CALLS[name]
    code = held_to_the_rules(refilled(scratch, given_files), capsys, call, writes)
    assert code in ENDS_WELL[call[0] == "audit"]


def options(parser, name=()):
    """(words of the command, option) for every option of every command."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                yield from options(inner, (*name, word))
        if action.option_strings and action.dest not in ("help", "version"):
            yield name, action.option_strings[-1]


def test_every_option_of_every_command_is_spoilt():
    calls = [call for call, _, _ in CALLS.values()]
    never = [
        (name, option)
        for name, option in options(command.parser())
        if not any(c[0] == name[0] and option in c for c in calls)
    ]
    # A cluster that is awaited takes seconds; `--dask` is among the junk.
    assert never == [(("verify",), "--dask")]


def test_a_command_that_breaks_the_rules_is_seen(given_files, scratch, capsys, monkeypatch):
    folder = refilled(scratch, given_files)

    def meddling(arguments):
        Path("notes.txt").write_text(f"yours {len(arguments)}")
        return 0

    monkeypatch.setattr(command, "main", meddling)
    with pytest.raises(AssertionError, match=r"changed notes\.txt"):
        held_to_the_rules(folder, capsys, ["list"], [])
    with pytest.raises(AssertionError, match="which it reads"):
        held_to_the_rules(
            folder, capsys, ["list", "--y", "notes.txt", "--out", "notes.txt"], ["--out"]
        )
    monkeypatch.setattr(command, "main", lambda _: 2)
    with pytest.raises(AssertionError):
        held_to_the_rules(folder, capsys, ["list"], [])


@pytest.mark.parametrize(("limit", "work"), [("SECONDS", lambda: 0), ("BY_THE_CLOCK", pause)])
def test_a_command_that_hangs_is_seen(given_files, scratch, capsys, monkeypatch, limit, work):
    def hangs(_):
        while True:
            work()

    monkeypatch.setattr(fuzz_rules, limit, 0.2)
    monkeypatch.setattr(command, "main", hangs)
    with pytest.raises(fuzz_rules.Hung):
        held_to_the_rules(refilled(scratch, given_files), capsys, ["list"], [])
