"""Changes that cosmic-ray's operators make to a module, each told by its text."""

import ast
import difflib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Mutation:
    """One change: the line as it stood, as it stands now, and in which function."""

    module: str
    where: str  # "" at module level
    before: str
    after: str

    def __str__(self) -> str:
        place = f"{self.module}, {self.where}" if self.where else self.module
        return f"{place}\n  - {self.before}\n  + {self.after}"


def diff(source: str, mutated: str) -> str:
    """What changed, as a unified diff without context."""
    lines = difflib.unified_diff(source.splitlines(), mutated.splitlines(), lineterm="", n=0)
    return "\n".join(lines)


def read_diff(module: str, where: str, text: str) -> Mutation:
    """The change that a diff shows, without line numbers, indentation and doubled spaces."""
    lines = text.splitlines()[2:]
    before, after = (
        " ".join(" / ".join(line[1:] for line in lines if line.startswith(mark)).split())
        for mark in "-+"
    )
    return Mutation(module, where, before, after)


def mutate(source: str, spec: Any) -> str:
    """The source with one of cosmic-ray's mutations applied."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    operator = get_operator(spec.operator_name)(**spec.operator_args)
    text = mutate_code(source, operator, spec.occurrence)
    if text is None:
        raise ValueError(f"{spec.operator_name} has no occurrence {spec.occurrence}")
    return str(text)


def why_not(source: str, mutated: str, position: tuple[int, int]) -> str | None:
    """Why a mutation at a position, (line from 1, column from 0), is not worth a run, or None."""
    if any(start <= position < end for start, end in _annotations(source)):
        return "annotation"
    try:
        compile(mutated, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return "no Python"
    return None


def _annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    parts = [
        getattr(node, name, None)
        for node in ast.walk(ast.parse(source))
        for name in ("annotation", "returns")
    ]
    return [
        ((part.lineno, part.col_offset), (part.end_lineno or 0, part.end_col_offset or 0))
        for part in parts
        if isinstance(part, ast.expr)
    ]
