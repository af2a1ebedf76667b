"""What became of the mutants: a table by module, what is wrong, and two kill rates.

One rate is of the faults that break a statement, by evidence of a statement that they name; the
other of all, by anything: faults in tools (checks of arguments, files, helpers that no role
reaches, speed, power) can only be caught by tests.
"""

from typing import Any

from mutants.catalogue import Mutant
from rich.console import Console
from rich.table import Table

CAUGHT = ("evidence", "tests")


def verdict(mutant: Mutant, by: str) -> str:
    """What is wrong with how a mutant ended, in words; empty if nothing is."""
    if mutant.equivalent:
        return "" if by == "survived" else f"listed as equivalent, but {by}"
    if by not in CAUGHT:
        return "survived"
    if mutant.kind == "claim" and by != "evidence":
        return "breaks a statement, but no evidence of it says so"
    return ""


def rate(found: list[str], *by: str) -> str:
    """How many ended so, of how many, in per cent."""
    hits = sum(one in by for one in found)
    share = f" ({100 * hits / len(found):.1f} %)" if found else ""
    return f"{hits} of {len(found)}{share}"


def report(chosen: list[Mutant], state: dict[str, Any], console: Console) -> int:
    """Print all; 1 if anything is wrong."""
    table = Table("module", "mutants", "by named evidence", "by tests alone", "equivalent", "left")
    table.box = None
    ended = {m.id: state[m.id]["by"] for m in chosen}
    for module in sorted({m.module for m in chosen}):
        mine = [m for m in chosen if m.module == module]
        counts = [sum(ended[m.id] == kind for m in mine) for kind in CAUGHT]
        equal = sum(bool(m.equivalent) and ended[m.id] not in CAUGHT for m in mine)
        left = len(mine) - sum(counts) - equal
        table.add_row(module, *map(str, (len(mine), *counts, equal, left)))
    console.print(table)
    wrong = {m.id: verdict(m, ended[m.id]) for m in chosen if verdict(m, ended[m.id])}
    for identifier, words in wrong.items():
        console.print(f"{words}: {identifier} ({state[identifier]['what']})", soft_wrap=True)
    for mutant in chosen:
        if mutant.equivalent:
            console.print(f"equivalent: {mutant.id}: {mutant.equivalent}", soft_wrap=True)
    faults = [m for m in chosen if not m.equivalent]
    claims = [ended[m.id] for m in faults if m.kind == "claim"]
    tools = [ended[m.id] for m in faults if m.kind == "tool"]
    console.print(
        f"faults that break a statement: {rate(claims, 'evidence')} caught by its evidence"
    )
    console.print(f"faults in tools: {rate(tools, *CAUGHT)} caught by tests")
    console.print(f"all faults: {rate(claims + tools, *CAUGHT)} caught")
    return int(bool(wrong))
