"""How commands read their arguments: errors in one line, help texts that fit a screen."""

import argparse
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from hardposterior.usage import UsageError


class Help(argparse.HelpFormatter):
    """Help with every default in it; lines that begin with two spaces stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        lines = [
            part if part[:2] == "  " else fill(part, width, indent) for part in text.split("\n")
        ]
        return "\n".join(lines)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        has_one = action.nargs is None and action.default is not None
        return f"{action.help} (default %(default)s)" if has_one else action.help


class Parser(argparse.ArgumentParser):
    """One line for a usage error, with the nearest name that exists, without the usage text."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # No abbreviations: `--e FILE` for `--export FILE` would write a file that nobody named.
        super().__init__(*arguments, formatter_class=Help, allow_abbrev=False, **options)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse has it, but a command speaks of what it does not know by itself."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return parsed, unknown

    def error(self, message: str) -> NoReturn:
        """`UsageError`, which `main` prints."""
        message = re.sub(r"invalid int value: ('.*')$", r"\1: must be an integer", message)
        message = re.sub(r"invalid float value: ('.*')$", r"\1: must be a number", message)
        said = re.search(r"invalid choice: '(.*?)'|unrecognized arguments: (-\S+)", message)
        known = [option for action in self._actions for option in action.option_strings]
        if said and said[1] is not None:
            known = [str(name) for action in self._actions for name in action.choices or ()]
        near = get_close_matches(said[1] or said[2] or "", known) if said else []
        hint = f"; nearest: {', '.join(near)}" if near else ""
        raise UsageError(f"{message}{hint} (see {self.prog} --help)")


def given(arguments: Sequence[str]) -> frozenset[str]:
    """The options that a command line names, as attributes.

    >>> sorted(given(["network", "--sigma", "0.1", "--dtype=float32"]))
    ['dtype', 'sigma']
    """
    named = (argument.split("=", 1)[0] for argument in arguments if argument.startswith("--"))
    return frozenset(option[2:].replace("-", "_") for option in named)


def refuse_beside(parsed: argparse.Namespace, option: str, others: Iterable[str]) -> None:
    """`UsageError` where options are given that have no say once `option` is."""
    for name in others:
        if name in parsed.given:
            value = getattr(parsed, name)
            shown = str(value) if isinstance(value, Path) else value
            raise UsageError(f"{name} = {shown!r}: must not be given beside --{option}")


def examples(*commands: str) -> str:
    """The end of a help text."""
    return "\n  ".join(["example:" if len(commands) == 1 else "examples:", *commands])


def positive_integer(text: str) -> int:
    """An integer >= 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: must be an integer >= 1")
    return int(text)


MOST_STEPS = 10**7
"""Of a schedule, which is kept whole: more would take the memory before the first draw."""


def steps(text: str) -> int:
    """An integer in [1, 10^7]."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_STEPS:
        raise argparse.ArgumentTypeError(f"{text!r}: must be an integer in [1, {MOST_STEPS}]")
    return int(text)


MOST_JOBS = 1024
"""Worker processes; the system's own limits are not told in one line."""


def jobs(text: str) -> int:
    """An integer in [1, 1024]."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"{text!r}: must be an integer in [1, {MOST_JOBS}]")
    return int(text)


def seed(text: str) -> int:
    """An integer in [0, 2^63)."""
    if not text.isascii() or not text.isdigit() or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"{text!r}: must be an integer in [0, 2^63)")
    return int(text)
