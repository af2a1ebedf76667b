"""The README's library examples run, and its commands exist."""

import re
import shlex
from pathlib import Path

import pytest

from hardposterior.command import parser

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.S)
COMMANDS = [
    line.strip()
    for line in re.findall(r"^    (hardposterior .*)$", README, re.M)
    if "$" not in line
]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLES[number], f"README example {number}", "exec"), {})


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_parses(command):
    assert parser().parse_args(shlex.split(command.split("#")[0])[1:]).run


def test_there_are_examples():
    assert EXAMPLES
    assert COMMANDS
