"""Help texts: each fits a screen, explains every argument, and has an example that is valid."""

import argparse
import re
import shlex

import pytest

from hardposterior.command import main, parser
from hardposterior.parsing import Help, examples

LINES, COLUMNS = 50, 80


def commands(of, name="hardposterior"):
    """Every command and its parser, subcommands too."""
    found = {name: of}
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                found |= commands(below, f"{name} {word}")
    return found


COMMANDS = commands(parser())


def help_of(command):
    """The help text on a screen of 80 columns."""
    return command.format_help()


def shown_examples(text):
    """The commands after `example:` or `examples:`, continued lines joined."""
    _, *end = re.split(r"^examples?:\n", text, flags=re.M)
    return [line.strip() for line in "".join(end).replace("\\\n", " ").splitlines()]


def faults_of(command, name):
    """What a newcomer would miss in the help of a command."""
    text = help_of(command)
    lines = text.splitlines()
    faults = []
    if len(lines) > LINES or max(map(len, lines)) > COLUMNS:
        faults.append(f"does not fit: {len(lines)} lines, {max(map(len, lines))} columns")
    if not command.description:
        faults.append("says nothing of itself")
    faults += [
        f"{action.dest} is not explained"
        for action in command._actions
        if not action.help and not isinstance(action, argparse._SubParsersAction)
    ]
    if not shown_examples(text):
        faults.append("has no example")
    for example in shown_examples(text):
        words = shlex.split(example)
        if " ".join(words[: name.count(" ") + 1]) != name:
            faults.append(f"has an example of another command: {example}")
        elif "--help" not in words:
            try:
                parser().parse_args(words[1:])
            except ValueError as error:
                faults.append(f"has an example that is not valid: {error}")
    return faults


@pytest.fixture(autouse=True)
def _screen(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_text_serves_a_newcomer(name):
    assert not faults_of(COMMANDS[name], name)


CHEAP = (
    "hardposterior list",
    "hardposterior show",
    "hardposterior function random-table",
    "hardposterior function goldreich",
    "hardposterior function subset-sum",
    "hardposterior network",
)
"""Commands whose first example is run here; the README's, run by its own test, are the others."""


@pytest.mark.parametrize("name", CHEAP)
def test_an_example_works(name, capsys):
    first = shown_examples(help_of(COMMANDS[name]))[0]
    assert main(shlex.split(first)[1:]) == 0
    assert capsys.readouterr().err == ""


def test_help_is_what_the_command_prints(capsys):
    with pytest.raises(SystemExit):
        main(["verify", "--help"])
    assert capsys.readouterr().out == help_of(COMMANDS["hardposterior verify"])


def small(**options):
    """A command with one argument."""
    command = argparse.ArgumentParser("hardposterior list", formatter_class=Help, **options)
    command.add_argument("--size", default=0, help="in bits")
    return command


def test_defaults_are_shown_and_marked_lines_are_kept():
    text = help_of(small(description="One\ntwo.\n  f(x)  ->  y", epilog=examples("a  b", "c")))
    assert "--size SIZE  in bits (default 0)" in text
    assert "One\ntwo.\n  f(x)  ->  y" in text
    assert text.endswith("examples:\n  a  b\n  c\n")


FAULTS = {
    "says nothing of itself": {"epilog": examples("hardposterior list")},
    "has no example": {"description": "List."},
    "not valid": {"description": "List.", "epilog": examples("hardposterior list --no-such")},
    "another command": {"description": "List.", "epilog": examples("hardposterior show")},
    "does not fit": {"description": "List.\n" * 60, "epilog": examples("hardposterior list")},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_seen(fault):
    (seen,) = faults_of(small(**FAULTS[fault]), "hardposterior list")
    assert fault in seen


def test_an_unexplained_argument_is_seen():
    command = small(description="List.", epilog=examples("hardposterior list"))
    command.add_argument("--more")
    assert faults_of(command, "hardposterior list") == ["more is not explained"]


SLIPS = {
    "verfy": "invalid choice: 'verfy'.*nearest: verify .see hardposterior --help",
    "show latice-smoothing": "id = 'latice-smoothing'.*nearest: lattice-smoothing",
    "verify --jobs 2 --sed 1": r"arguments: --sed; nearest: --seed .see hardposterior verify --h",
    "sample --function sha265": r"nearest: sha256 .see hardposterior sample --help\)",
    "function gold --n 8": r"invalid choice: 'gold'.*; nearest: goldreich",
    "calibrate --n 64": r"required: --m, --C \(see hardposterior calibrate --help\)",
    "show lattice-smoothing --json no.json": "json = 'no.json': must be a ledger that is there",
    "audit no_module:sampler": "must name a module here or installed, not 'no_module'",
    "calibrate --n x --m 1 --C 1": "argument --n: 'x': must be an integer",
    "calibrate --n 1 --m 1 --C x": "argument --C: 'x': must be a number",
    "show qqq": "id = 'qqq': must be one of the .* known ids; see hardposterior list",
    "audit os:getcwd --problem qqq": "must be one of the 11 known ids: gaussian-6, mixture-2, ",
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_gets_one_line_that_helps(slip, capsys):
    assert main(slip.split()) == 2
    seen = capsys.readouterr().err
    assert seen.count("\n") == 1
    assert re.search(SLIPS[slip], seen), seen
