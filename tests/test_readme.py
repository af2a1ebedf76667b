"""The README is run: its Python, its commands, and the ledger that it prints."""

import os
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from coverage_rules import promised

from hardposterior import rooms
from hardposterior.command import main, parser
from hardposterior.ledger import STRENGTH
from hardposterior.tables import letters

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [README, *(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))]
THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"

EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.S)


def commands_in(text):
    """The lines that call `hardposterior`, without their comments."""
    found = re.findall(r"^    (hardposterior .*)$", text, re.M)
    return [" ".join(shlex.split(line, comments=True)) for line in found]


COMMANDS = commands_in(README)

HEAVY = {
    "hardposterior verify --impl hardposterior.impl": "all evidence: minutes",
    "hardposterior well-modeled --function sha256 --C 2 --json network.json": "14 s of a core",
    "hardposterior hardness --function sha256 --n 256 --C 2": "25 s of a core",
    "hardposterior sample --function sha256 --count 256 --steps 1000": "five minutes",
    "hardposterior audit my_module:my_sampler --html audit.html": "all problems: minutes",
}
"""What is run as printed in the thorough profile alone, and why."""

REDUCED = {
    "hardposterior sample --function sha256 --count 256 --steps 1000": (
        "hardposterior sample --function sha256 --count 2 --steps 4"
    ),
    "hardposterior audit my_module:my_sampler --html audit.html": (
        "hardposterior audit my_module:my_sampler --problem mixture-2 --budget 2 --html audit.html"
    ),
}
"""What the default run tries in place of a heavy command: less of the same."""

PRINTED = {
    "hardposterior verify lattice-smoothing --profile ci --jobs 2": "weakest link: proved",
    "hardposterior verify --impl hardposterior.impl": "weakest link: assumed",
    "hardposterior calibrate --n 64 --m 64 --C 2": "67 boxes and a tail; 64 of them checked",
    "hardposterior well-modeled --function sha256 --C 2 --json network.json": (
        "certified: sigma^2 E|s_hat - s|^2 <= 3.485e-06 <= d^-2, d = 512"
    ),
    "hardposterior hardness --function sha256 --n 256 --C 2": "follows: no (1/10, 1/10)-sampler",
    "hardposterior sample --function sha256 --count 256 --steps 1000": (
        "256 of 256 draws agree with hashlib"
    ),
    "hardposterior challenge new --function sha256 --n 256 --out problem": "challenge: problem (",
    "hardposterior audit my_module:my_sampler --html audit.html": "behave report: audit.html",
}
"""What a reader sees, in part."""

REFUTED = "hardposterior audit"
"""Ends with exit code 1: the sampler below does not sample the posterior."""

MODULE = """
import torch


def my_sampler(denoise, A, y, beta, count, generator):
    return torch.randn(count, A.shape[1], dtype=A.dtype, generator=generator)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of one's own, with the module that the README speaks of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "my_module.py").write_text(MODULE)
    return tmp_path


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
@pytest.mark.usefixtures("folder")
def test_an_example_runs(number):
    exec(compile(EXAMPLES[number], f"README example {number}", "exec"), {})


def flat(text):
    """Without line breaks, as a reader joins them."""
    return " ".join(text.split())


def run(command, capsys):
    """Run a command as typed; what it printed."""
    code = main(shlex.split(command)[1:])
    seen = capsys.readouterr()
    assert (code, seen.err) == (int(command.startswith(REFUTED)), ""), seen.out
    return seen.out


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_it_says(command, folder, capsys):
    if command in HEAVY and not THOROUGH:
        if command not in REDUCED:
            pytest.skip(f"{HEAVY[command]}, in the thorough run")
        run(REDUCED[command], capsys)
        return
    printed = run(command, capsys)
    assert PRINTED.get(command, "") in flat(printed)
    assert "VOID" not in printed
    for option in ("--json", "--html", "--out"):
        words = shlex.split(command)
        if option in words:
            assert (folder / words[words.index(option) + 1]).exists()
    if command == "hardposterior verify --impl hardposterior.impl":
        assert not stale_rows(README, printed)


def test_what_is_left_out_is_named():
    assert set(HEAVY) <= set(COMMANDS)
    assert set(REDUCED) <= set(HEAVY)
    assert set(PRINTED) <= set(COMMANDS)
    assert len(HEAVY) == 5


@pytest.mark.parametrize("page", PAGES, ids=lambda text: text.split("\n")[0])
def test_every_command_on_a_page_parses(page):
    for command in commands_in(page):
        assert parser().parse_args(shlex.split(command)[1:]).run


def test_every_make_target_on_a_page_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = [name for page in PAGES for name in re.findall(r"(?:`|^    )make ([a-z]+)", page, re.M)]
    assert named
    assert set(named) <= targets


ROW = re.compile(r"^ *([a-z][a-z0-9.-]+) +([SCEPM]+|-) +([a-z ]+?) +([0-9.]+|-) +([\d,]+) ", re.M)


def rows(text):
    """Of a printed ledger: id -> kinds, status, tightness and cases; seconds are anybody's."""
    return {found[0]: found[1:] for found in ROW.findall(text)}


def stale_rows(readme, printed):
    """The README's rows that a real ledger does not have."""
    real = rows(printed)
    return {name: row for name, row in rows(readme).items() if real.get(name) != row}


def stale_statuses(readme):
    """The README's rows whose kinds or status are not what the evidence shows when it holds."""
    stale = {}
    for name, (kinds, status, _, _) in rows(readme).items():
        statement = rooms.statements()[name]
        due = letters(e.kind for e in rooms.evidence_of(statement)), promised(statement)
        if (kinds, status) != due:
            stale[name] = due
    return stale


def counts():
    """The line below the ledger, from the evidence that there is."""
    found = Counter(promised(statement) for statement in rooms.statements())
    parts = [f"{found[status]} {status}" for status in reversed(STRENGTH) if found[status]]
    return f"{found.total()} statements: {', '.join(parts)}"


def test_the_printed_ledger_is_not_stale():
    assert len(rows(README)) >= 14
    assert not stale_statuses(README)
    assert counts() in README
    assert "weakest link: assumed (one-way-functions.exist)" in README


STALE = [
    ("SCP    proved              1.0000", "SC     proved              1.0000"),
    ("assumed                  -", "proved                   -"),
    ("proved on a box ", "proved          "),
]


@pytest.mark.parametrize(("old", "new"), STALE)
def test_a_stale_row_is_seen(old, new):
    assert old in README
    assert stale_statuses(README.replace(old, new, 1))


def test_a_stale_figure_is_seen():
    assert not stale_rows(README, README)
    assert list(stale_rows(README.replace("0.9401", "0.9402"), README)) == ["mixture-score"]
    cases = rows(README)["smoothed-score"][3]
    assert list(stale_rows(README.replace(f" {cases} ", f" 1{cases} ", 1), README)) == [
        "smoothed-score"
    ]


def test_there_are_examples():
    assert EXAMPLES
    assert len(COMMANDS) >= 10
