"""The catalogue of planted faults over `impl`, and where in the sources each of them is.

`make mutants` plants them one at a time (`run.py`); `tests/test_mutants.py` keeps the list whole.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Mutant:
    """`old` replaced by `new`, exactly once, in `impl/module.py`.

    `mistake` is what a mathematician would call it. `named` are the statements, or pieces of
    evidence, that it falsifies; none where it breaks a tool and no statement. The tests that are
    asked when no evidence refutes it are those of the module's `SUBJECTS`. `equivalent` says why
    no check can tell it from what it replaces; that it survives is then tried as well.
    """

    module: str
    old: str
    new: str
    mistake: str
    named: tuple[str, ...] = ()
    equivalent: str = ""

    @property
    def kind(self) -> str:
        """`claim`: it breaks a statement through a public name. `tool`: only tests can see it.

        Tools are checks of arguments, files, errors, helpers that no role of the specification
        reaches, precision beyond what is promised, speed, and the power of a search.
        """
        return "claim" if self.named else "tool"

    @property
    def id(self) -> str:
        """A name that is stable while the catalogue grows."""
        return f"{self.module}: {self.mistake}"

    @property
    def file(self) -> str:
        """The file that it changes, from the root."""
        return f"impl/{self.module}.py"


def mutant(module: str, old: str, new: str, mistake: str, *named: str) -> Mutant:
    """A mutant in one call."""
    return Mutant(module, old, new, mistake, named)


def equivalent(module: str, old: str, new: str, what: str, reason: str, *named: str) -> Mutant:
    """A change that is no fault, with the reason."""
    return Mutant(module, old, new, what, named, reason)


def applied(mutant: Mutant, source: str) -> str:
    """The source with the fault; `ValueError` unless `old` stands there exactly once."""
    if source.count(mutant.old) != 1:
        raise ValueError(f"{mutant.old!r} stands {source.count(mutant.old)} times in {mutant.file}")
    changed = source.replace(mutant.old, mutant.new)
    compile(changed, mutant.file, "exec")
    if ast.dump(ast.parse(changed)) == ast.dump(ast.parse(source)):
        raise ValueError(f"{mutant.id}: changes nothing")
    return changed


SUBJECTS = {
    "arguments": "arguments lattice measurement diffusion",
    "bitsliced": "circuits",
    "box_knots": "score_network score_network_module",
    "chunks": "chunks lattice lattice_calls",
    "circuit_builder": "circuits",
    "circuit_json": "circuit_json",
    "circuit_memo": "score_network score_network_module",
    "circuit_relu": "circuit_relu relu_network",
    "circuit_words": "sha256 functions",
    "circuits": "circuits circuit_json",
    "closed_sets": "closed_sets closeness_bound",
    "closeness_bound": "closeness_bound",
    "cumulants": "enumeration hard_instance naive_instance",
    "denoisers": "denoisers diffusion",
    "diffusion": "diffusion diffusion_quadrature",
    "enumeration": "enumeration posterior",
    "exact_arithmetic": "exact_arithmetic lattice",
    "fast_rejection": "rejection rejection_input rejection_edges posterior_command",
    "hidden_words": "rejection rejection_edges",
    "lattice_kernel": "lattice lattice_calls",
    "lattice_level": "lattice lattice_calls",
    "lattice_profile": "piecewise_linear score_network score_network_module",
    "noise_boxes": "score_network score_network_module",
    "phases": "hard_instance posterior lattice",
    "piecewise_network": "piecewise_linear score_network score_network_module",
    "points": "hard_instance measurement",
    "posterior_samplers": "posterior_samplers inversion",
    "rejection": "rejection rejection_blocks rejection_input rejection_edges",
    "rejection_blocks": "rejection_order rejection_blocks rejection_input rejection",
    "rejection_workers": "rejection_order rejection_workers rejection",
    "relu_blocks": "piecewise_linear relu_network score_network score_network_module",
    "relu_gadgets": "relu_network",
    "relu_layout": "relu_layout circuit_relu",
    "score_forms": "score_network score_network_module",
    "set_search": "set_search closeness_bound closed_sets",
    "sha256_circuit": "sha256",
    "sha256_words": "sha256",
    "transport": "closeness",
    "word_search": "inversion word_search",
    "words": "words hard_instance enumeration",
    "__init__": "rooms",
    "shapes": "shapes",
    "score_network": "score_network score_network_module",
}
"""The stems of the test files that speak of a module, where they are not its own."""


def asked_tests(module: str) -> list[str]:
    """The test files that are asked about a module, from the root."""
    stems = SUBJECTS.get(module, module).split()
    paths = [f"tests/test_{stem}.py" for stem in stems]
    return [path for path in paths if (ROOT / path).exists()]


def source_of(module: str) -> str:
    """The text of a module of `impl`."""
    return (ROOT / f"impl/{module}.py").read_text(encoding="utf-8")


def definitions(module: str) -> list[tuple[str, int, int]]:
    """(name, first line, last line) of every function and method, outermost first."""
    found = []

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                name = f"{prefix}{child.name}"
                if isinstance(child, ast.FunctionDef):
                    found.append((name, child.lineno, child.end_lineno or child.lineno))
                if isinstance(child, ast.ClassDef):
                    walk(child, f"{name}.")

    walk(ast.parse(source_of(module)), "")
    return found


def place(mutant: Mutant) -> str:
    """The function or method that a mutant changes; empty for the module's own lines."""
    source = source_of(mutant.module)
    start = source.index(mutant.old)
    common = 0  # the change begins after what old and new have in common
    while common < min(len(mutant.old), len(mutant.new)) - 1 and (
        mutant.old[common] == mutant.new[common]
    ):
        common += 1
    line = source.count("\n", 0, start + common) + 1
    for name, first, last in definitions(mutant.module):
        if first <= line <= last:
            return name
    return ""


def is_silent(node: ast.FunctionDef) -> bool:
    """Whether a function has no body but words: a protocol's method."""
    return all(
        isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in node.body
    )


def public_functions(module: str) -> list[str]:
    """The public functions and methods of a module, and `__init__`, `__call__` of its classes."""
    found = []
    for node in ast.parse(source_of(module)).body:
        inner = [node] if isinstance(node, ast.FunctionDef) else getattr(node, "body", [])
        owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        if getattr(node, "name", "_").startswith("_"):
            continue
        for function in inner:
            if not isinstance(function, ast.FunctionDef) or is_silent(function):
                continue
            if not function.name.startswith("_") or function.name == "__call__":
                found.append(f"{owner}{function.name}")
    return found


@cache
def everything() -> tuple[Mutant, ...]:
    """All mutants, those of `tests/faults.py` and `tests/faults_circuits.py` among them."""
    from faults import LATTICE
    from faults_circuits import CIRCUITS
    from mutants import (
        circuits,
        closeness,
        diffusion,
        functions,
        gadgets,
        instances,
        lattice,
        networks,
        rejection,
        words,
    )

    parts = (
        lattice, words, instances, rejection, diffusion, closeness,
        circuits, functions, gadgets, networks,
    )  # fmt: skip
    older = [Mutant(f.module, f.old, f.new, f.mistake, (f.caught_by,)) for f in LATTICE + CIRCUITS]
    return (*older, *(mutant for part in parts for mutant in part.MUTANTS))
