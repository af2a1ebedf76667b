"""What a statement rests on: a derived one in words, a proved one where a premise is weaker."""

from collections.abc import Mapping

from hardposterior import rooms
from hardposterior.spec.statements import Assumed, Definition, Statement


def premises(statement: Statement) -> list[str]:
    """The statements that this one rests on, at any depth, nearest first."""
    known = rooms.statements()
    found: list[str] = []
    todo = list(statement.depends)
    while todo:
        name = todo.pop(0)
        if name not in found:
            found.append(name)
            todo.extend(known[name].depends)
    return found


def assumptions(statement: Statement) -> list[str]:
    """The assumed statements that this one rests on, at any depth."""
    known = rooms.statements()
    return [name for name in premises(statement) if isinstance(known[name], Assumed)]


def derivation(statement: Statement) -> str:
    """'derived from ... under the assumption ...'."""
    assumed = assumptions(statement)
    sources = ", ".join(name for name in statement.depends if name not in assumed)
    under = f" under the assumption {', '.join(assumed)}" if assumed else ""
    return f"derived from {sources}{under}"


def conditions(found: Mapping[str, str]) -> dict[str, list[str]]:
    """Of the proved statements, those that rest on a claim which is not: its names, at any depth.

    `found` holds the status of each statement that a run looked at. A proof is of the step from its
    premises; it is no better than they are. Definitions claim nothing, and premises that the run
    left out are not judged.
    """
    known = rooms.statements()
    weaker = {name for name, status in found.items() if status != "proved"}
    weaker -= {name for name in weaker if isinstance(known[name], Definition)}
    proved = [name for name, status in found.items() if status == "proved"]
    rests = {name: [p for p in premises(known[name]) if p in weaker] for name in proved}
    return {name: below for name, below in rests.items() if below}


def conditional(name: str, found: Mapping[str, str]) -> str:
    """'closeness (proved on a box), ...': the weaker claims under one that is proved, or ''."""
    below = conditions(found).get(name, [])
    return ", ".join(f"{premise} ({found[premise]})" for premise in below)
