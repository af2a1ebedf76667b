"""Bad usage: one clear line, exit code 2."""

from collections.abc import Iterable
from difflib import get_close_matches


class UsageError(ValueError):
    """An argument outside its domain; the message is one line naming it and what is allowed."""


FEW = 12
"""Ids that a line has room for."""


def unknown(name: str, value: str, known: Iterable[str]) -> UsageError:
    """An id that does not exist, with the nearest that do, or all where they are few."""
    choices = list(known)
    near = get_close_matches(value, choices, n=3, cutoff=0.4)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    if not near and len(choices) <= FEW:
        hint = f": {', '.join(choices)}"
    elif not near:
        hint = "; see hardposterior list"
    return UsageError(f"{name} = {value!r}: must be one of the {len(choices)} known ids{hint}")
