"""The kept list of mutants that no test can tell from the original, each with the reason."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cosmic.mutations import Mutation


@dataclass(frozen=True)
class Compared:
    """Survivors against the list: what is not explained, what no longer survives."""

    explained: list[Mutation]
    unexplained: list[Mutation]
    stale: list[Mutation]


def read(path: Path) -> dict[Mutation, str]:
    """The reason of each listed mutant. An entry lists several changes `after` of one line."""
    listed: dict[Mutation, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", []):
        if set(entry) != {"module", "where", "before", "after", "why"} or not entry["why"].strip():
            raise ValueError(f"{path}: an entry has module, where, before, after, why: {entry}")
        for after in entry["after"]:
            change = Mutation(entry["module"], entry["where"], entry["before"], after)
            if change in listed:
                raise ValueError(f"{path}: twice: {change}")
            listed[change] = entry["why"]
    return listed


def compare(
    survived: Iterable[Mutation], killed: Iterable[Mutation], listed: Iterable[Mutation]
) -> Compared:
    """A listed change is stale where one like it is killed, or where none is made any more."""
    alive, dead, known = set(survived), set(killed), set(listed)
    return Compared(
        sorted(alive & known), sorted(alive - known), sorted((known - alive) | (known & dead))
    )
