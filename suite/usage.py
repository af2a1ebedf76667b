"""Bad usage: one clear line, exit code 2."""

from collections.abc import Iterable
from difflib import get_close_matches


class UsageError(ValueError):
    """An argument outside its domain; the message is one line naming it and what is allowed."""


def unknown(name: str, value: str, known: Iterable[str]) -> UsageError:
    """An id that does not exist, with the nearest that do."""
    choices = list(known)
    near = get_close_matches(value, choices, n=3, cutoff=0.4)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    return UsageError(f"{name} = {value!r}: must be one of the {len(choices)} known ids{hint}")
