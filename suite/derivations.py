"""What a derived statement rests on, in words: never verified, always from something."""

from hardposterior import rooms
from hardposterior.spec.statements import Assumed, Statement


def assumptions(statement: Statement) -> list[str]:
    """The assumed statements that this one rests on, at any depth."""
    known = rooms.statements()
    found: list[str] = []
    todo, seen = list(statement.depends), set()
    while todo:
        name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if isinstance(known[name], Assumed):
            found.append(name)
        todo.extend(known[name].depends)
    return found


def derivation(statement: Statement) -> str:
    """'derived from ... under the assumption ...'."""
    assumed = assumptions(statement)
    sources = ", ".join(name for name in statement.depends if name not in assumed)
    under = f" under the assumption {', '.join(assumed)}" if assumed else ""
    return f"derived from {sources}{under}"
