"""The house: which room may import which, and what the statements must have."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hardposterior import rooms
from hardposterior.spec.catalogue import ROOMS
from hardposterior.spec.statements import Bound, Identity

ROOT = Path(__file__).parent.parent
STDLIB = set(sys.stdlib_module_names)
ALLOWED = {
    "spec": {"hardposterior.spec"},
    "impl": {"hardposterior.impl", "jaxtyping", "torch", "numpy", "scipy", "safetensors"},
    "properties": {
        "hardposterior.properties",
        "hardposterior.spec",
        "hypothesis",
        "torch",
        "numpy",
        "scipy",
        "sklearn",  # its digits are a prior of the sampler audit
        "mpmath",
    },
    "proofs_checks": {
        "hardposterior.proofs_checks",
        "hardposterior.spec",
        "mpmath",
        "sympy",
        "flint",
        "z3",
    },
}


def imports(source: str) -> set[str]:
    """Every module that the source imports, at any depth of nesting."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def forbidden(room: str, source: str) -> set[str]:
    """The imports that the room may not make."""
    return {
        name
        for name in imports(source)
        if name.split(".")[0] not in STDLIB
        and not any(name == a or name.startswith(a + ".") for a in ALLOWED[room])
    }


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_what_it_may(room):
    for path in sorted((ROOT / room).rglob("*.py")):
        assert not forbidden(room, path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("spec", "import torch"),
        ("spec", "from hardposterior.impl.lattice import DiscretizedGaussian"),
        ("impl", "def f():\n    from hardposterior.spec import lattice"),
        ("properties", "import hardposterior.impl"),
        ("proofs_checks", "from hardposterior.properties import search"),
        ("proofs_checks", "from ..impl import lattice"),
    ],
)
def test_a_forbidden_import_is_seen(room, source):
    assert forbidden(room, source)


def run_python(source: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter in the repository's root."""
    return subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_specification_loads_no_torch():
    done = run_python(
        "import sys, hardposterior.spec.catalogue, hardposterior;"
        "print([m for m in ('torch','numpy','sympy','flint','mpmath') if m in sys.modules])"
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_under_its_bare_name_is_refused(room):
    done = run_python(f"import {room}")
    assert f"ImportError: import hardposterior.{room}, not {room}" in done.stderr


def test_no_module_of_the_suite_has_the_name_of_a_public_function():
    import hardposterior

    modules = {path.stem for path in (ROOT / "suite").glob("*.py")}
    assert not modules & set(hardposterior.PUBLIC)
    for name in hardposterior.__all__:
        assert getattr(hardposterior, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hardposterior.nothing


def test_public_names_of_the_implementation_exist():
    from hardposterior import impl

    for name in impl.PUBLIC:
        assert getattr(impl, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = impl.nothing


def test_modules_are_listed_once_each():
    stems = {path.stem for path in (ROOT / "spec").glob("*.py")}
    listed = {module.__name__.rsplit(".", 1)[1] for module in ROOMS}
    stating = {
        stem for stem in stems if "STATEMENTS.state(" in (ROOT / f"spec/{stem}.py").read_text()
    }
    assert listed == stating


@pytest.mark.parametrize("statement", list(rooms.statements()), ids=lambda s: s.id)
def test_a_statement_is_complete(statement):
    evidence = rooms.evidence_of(statement)
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", statement.id)
    assert "\n" not in statement.claim
    assert statement.paper.startswith(("Section", "Appendix", "Introduction", "this project"))
    assert set(statement.depends) <= {s.id for s in rooms.statements()}
    for hypothesis in statement.where:
        assert (hypothesis.witness is None) == bool(hypothesis.unneeded), hypothesis.name
        if hypothesis.witness is not None:
            assert set(hypothesis.witness) == set(statement.domain)
    if isinstance(statement, Bound | Identity):
        assert len({e.kind for e in evidence}) >= 2, "a second kind of evidence is due"
        assert statement.left.__doc__, "the left side is not put into words"
        assert statement.right.__doc__, "the right side is not put into words"
        assert any(e.scope in ("whole", "box") for e in evidence)
