"""Every command under spoilt arguments and spoilt files, in this process.

Whatever is given, a command ends within a minute with exit code 0, 1, 2 or 3; code 2 says why in
one line and leaves every file as it was; other codes change what they were asked to write and
nothing else. Valid calls are spoilt in one to three places, so that a few still are valid.
"""

import json
import os
import shutil
import signal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from hardposterior import rooms
from hardposterior.command import main

PROFILE = os.environ.get("HARDPOSTERIOR_PROFILE", "dev")
CASES = {"dev": 150, "ci": 1000, "thorough": 5500}[PROFILE]  # of arguments, and again of files
SECONDS = 60

QUICK = "lattice-density.space/fourier-coefficients-of-the-periodised-gaussian"
DRAWN = "--function random-table --n 3 --m 2"

# A valid and cheap call of every command, the options that write, and the files that it reads.
CALLS = {
    name: (call.split(), writes.split(), reads.split())
    for name, call, writes, reads in (
        ("list", "list", "", ""),
        ("show", "show lattice-smoothing --json ledger.json", "", "ledger.json"),
        (
            "verify",
            f"verify {QUICK} --json ledger.json --seed 1 --profile dev",
            "--json",
            "ledger.json",
        ),
        (
            "verify more",
            f"verify {QUICK} --json new.json --html new.html --dtype float64 --device cpu "
            "--impl hardposterior.impl",
            "--json --html",
            "",
        ),
        (
            "calibrate",
            "calibrate --n 2 --m 2 --C 1 --share 0.9 --json new.json",
            "--json",
            "",
        ),
        (
            "posterior",
            "posterior --instance instance.json --y y.json --count 2 --max-proposals 3000 "
            "--out new.safetensors --seed 4",
            "--out",
            "instance.json circuit.json y.json",
        ),
        (
            "function",
            "function random-table --n 3 --m 2 --eval 6 --seed 2 --export new.json",
            "--export",
            "",
        ),
        ("function subset-sum", "function subset-sum --n 4 --m 4", "", ""),
        ("function goldreich", "function goldreich --n 6 --m 2", "", ""),
        (
            "function sha256",
            "function sha256 --message-bits 3 --rounds 1 --digest-bits 2",
            "",
            "",
        ),
        (
            "challenge new",
            "challenge new --function random-table --n 3 --C 1 --out new --planted-secret new.json",
            "--out --planted-secret",
            "",
        ),
        (
            "challenge ladder",
            "challenge ladder --function random-table --most 8 --out new",
            "--out",
            "",
        ),
        (
            "challenge check",
            "challenge check problem --solution secret.json",
            "",
            "secret.json problem/challenge.json problem/circuit.json problem/manifest.json "
            "problem/measurement.safetensors problem/calibration.json",
        ),
        ("hardness", f"hardness {DRAWN} --C 1 --seed 3 --json new.json", "--json", ""),
        ("network", f"network {DRAWN} --sigma 0.5 --C 1 --dtype float32", "", ""),
        (
            "network of an instance",
            "network --instance instance.json --sigma 0.5",
            "",
            "instance.json circuit.json",
        ),
        (
            "sample",
            f"sample {DRAWN} --count 3 --steps 2 --batch 2 --C 1 --out draws.safetensors",
            "--out",
            "draws.safetensors",
        ),
    )
}
MADE = (
    "function random-table --n 3 --m 2 --export circuit.json",
    f"verify {QUICK} --json ledger.json",
    "challenge new --function random-table --n 3 --C 1 --out problem --planted-secret secret.json",
    " ".join(CALLS["sample"][0]),
)
"""What writes the files that the calls read."""

NUMBERS = ["0", "-1", "1", "2", "1.5", "-0.0", "1e-320", "1e308", "1e999", "nan", "-inf", "0x3"]
HUGE = ["99999999999999999999", str(2**63), str(2**31), "9" * 5000]
WORDS = ["", " ", "-", "--", "-h!", "--no-such", "é", "\u2028", "a\nb", "[red]x[/red]", "'", "%s"]
PATHS = [".", "problem", "missing/x", "y.json", "notes.txt", "/dev/null/x", "a\x00b", "x" * 300]
JUNK = [*NUMBERS, *HUGE, *WORDS, *PATHS]
# What asks for honest work without end, and is no usage error.
LONG = {"--count": HUGE, "--steps": HUGE, "--max-proposals": HUGE, "--most": HUGE, "--n": HUGE}
LONG |= {"--m": HUGE, "--message-bits": HUGE, "--profile": ["ci", "thorough"]}


@pytest.fixture(scope="module")
def given_files(tmp_path_factory):
    """A folder of small valid files of every kind."""
    folder = tmp_path_factory.mktemp("given")
    previous = Path.cwd()
    os.chdir(folder)
    try:
        for call in MADE:
            assert main(call.split()) == 0, call
    finally:
        os.chdir(previous)
    instance = {"format": "hardposterior instance", "version": 1, "function": "circuit.json"}
    instance |= {"separation": 5.82, "spacing": 1.11, "beta": 0.3}
    (folder / "instance.json").write_text(json.dumps(instance))
    (folder / "y.json").write_text("[0.1, 0.2]")
    (folder / "notes.txt").write_text("mine")
    return folder


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
    signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    capsys.readouterr()
    try:
        code = main(arguments)
    except SystemExit as leaving:  # argparse prints a help text and leaves
        code = leaving.code
        assert code == 0, "left by another door than `main`"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
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
        for name in {n for n in {*before, *after} if before.get(n) != after.get(n)}:
            assert any(name == r or name.startswith(f"{r}/") for r in roots), f"changed {name}"
    return code


@st.composite
def spoilt_arguments(draw):
    """A valid call with one to three faults in its arguments."""
    call, writes, _ = CALLS[draw(st.sampled_from(sorted(CALLS)))]
    arguments = list(call)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(arguments)))
        kind = draw(st.sampled_from(["value", "value", "value", "drop", "add", "glue", "repeat"]))
        option = arguments[place - 1] if place else ""
        junk = draw(st.one_of(st.sampled_from(JUNK), st.text(max_size=8), near(arguments)))
        if junk in LONG.get(option, []):
            junk = "-1"
        if kind == "value" and place < len(arguments):
            arguments[place] = junk
        elif kind == "drop" and place < len(arguments):
            del arguments[place]
        elif kind == "add":
            arguments.insert(place, junk)
        elif kind == "glue" and place < len(arguments) and option.startswith("--"):
            arguments[place - 1 : place + 1] = [f"{option}={junk}"]
        elif kind == "repeat" and place < len(arguments):
            arguments.insert(place, arguments[place])
    return arguments, writes


@st.composite
def near(draw, arguments):
    """An option or a value of this call, or of another."""
    other, _, _ = CALLS[draw(st.sampled_from(sorted(CALLS)))]
    return draw(st.sampled_from([*arguments, *other] or [""]))


def too_long(arguments):
    """Whether the call may check all statements, or one that takes seconds: honest work, no fault.

    What is left of `verify` names the quick piece of evidence, or an id that does not exist.
    """
    if arguments[:1] != ["verify"] or QUICK in arguments:
        return False
    known = {s.id for s in rooms.statements()} | {e.id for e in rooms.evidence()}
    first = arguments[1] if len(arguments) > 1 else "-"
    return first.startswith("-") or first in known


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A folder that is emptied for every case."""
    return tmp_path_factory.mktemp("scratch")


def refilled(scratch, given_files):
    """The scratch folder with fresh copies of the given files, as the working folder."""
    os.chdir(scratch.parent)
    shutil.rmtree(scratch)
    shutil.copytree(given_files, scratch)
    os.chdir(scratch)
    return scratch


CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
FUZZ = settings(max_examples=CASES, deadline=None, suppress_health_check=CHECKS)


@FUZZ
@given(case=spoilt_arguments())
def test_spoilt_arguments_end_in_one_line(given_files, scratch, capsys, monkeypatch, case):
    arguments, writes = case
    if too_long(arguments):
        return
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(refilled(scratch, given_files))
    code = held_to_the_rules(scratch, capsys, arguments, writes)
    event(f"{arguments[0] if arguments else 'nothing'}: exit {code}")


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.sampled_from(
        [10**30, -(10**30), 1e308, -1e-308, 1e999, "", "x", "../notes.txt", "1" * 5000]
    ),
    st.floats(),
    st.lists(st.integers(-1, 3), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.text(max_size=6),
)


def places(document, prefix=()):
    """The paths to every value of a JSON document."""
    found = [prefix]
    pairs = document.items() if isinstance(document, dict) else []
    pairs = enumerate(document) if isinstance(document, list) else pairs
    for key, inner in pairs:
        found += places(inner, (*prefix, key))
    return found


def replaced(document, path, value):
    """The document with the value at a path replaced."""
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = replaced(document[path[0]], path[1:], value)
    return copy


def without(document, path):
    """The document without the entry at a path."""
    copy = dict(document) if isinstance(document, dict) else list(document)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(document[path[0]], path[1:])
    return copy


def spoil(data, content):
    """A file's bytes, spoilt as JSON or as bytes."""
    if content[:1] in (b"{", b"[") and data.draw(st.booleans()):
        return spoil_document(data, json.loads(content))
    spot = data.draw(st.integers(0, max(0, len(content) - 1)))
    head, byte, tail = content[:spot], content[spot : spot + 1], content[spot + 1 :]
    other = data.draw(st.binary(min_size=1, max_size=4))
    whole = [b"", b"null", b"[]", b"{}", b"0", b"NaN", b"[" * 99_999, b"\xff\xfe"]
    spoilt = [head, head + other + tail, head + other + byte + tail, *whole]
    return data.draw(st.sampled_from(spoilt))


def spoil_document(data, document):
    """A JSON document with a value replaced, left out or added, as bytes."""
    every = places(document)
    path = data.draw(st.sampled_from(every))
    changed = [replaced(document, path, data.draw(VALUES))]
    if path:
        changed.append(without(document, path))
    if isinstance(document, dict):
        changed.append({**document, "more": data.draw(VALUES)})
    return json.dumps(data.draw(st.sampled_from(changed))).encode()


READING = sorted(name for name, (_, _, reads) in CALLS.items() if reads)


@FUZZ
@given(name=st.sampled_from(READING), data=st.data())
def test_spoilt_files_end_in_one_line(given_files, scratch, capsys, monkeypatch, name, data):
    call, writes, reads = CALLS[name]
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(refilled(scratch, given_files))
    for path in data.draw(st.lists(st.sampled_from(reads), min_size=1, max_size=2, unique=True)):
        content = Path(path).read_bytes()
        Path(path).write_bytes(spoil(data, content))
    event(f"{name}: exit {held_to_the_rules(scratch, capsys, call, writes)}")


@pytest.mark.parametrize("name", CALLS)
def test_the_calls_are_valid_before_they_are_spoilt(
    given_files, scratch, capsys, monkeypatch, name
):
    call, writes, _ = CALLS[name]
    monkeypatch.chdir(refilled(scratch, given_files))
    assert held_to_the_rules(scratch, capsys, call, writes) == 0


def test_a_command_that_breaks_the_rules_is_seen(given_files, scratch, capsys, monkeypatch):
    monkeypatch.chdir(refilled(scratch, given_files))

    def meddling(_):
        Path("notes.txt").write_text("yours")
        return 0

    monkeypatch.setitem(globals(), "main", meddling)
    with pytest.raises(AssertionError, match=r"changed notes\.txt"):
        held_to_the_rules(scratch, capsys, ["list"], [])
    monkeypatch.setitem(globals(), "main", lambda _: 2)
    with pytest.raises(AssertionError):
        held_to_the_rules(scratch, capsys, ["list"], [])
