"""Dependencies: each one used, each one justified in CONTRIBUTING, and none used undeclared."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROOMS = ("suite", "spec", "impl", "properties", "proofs_checks")
SCREEN = 60

IMPORTED_AS = {"scikit-learn": "sklearn", "python-flint": "flint", "z3-solver": "z3"}
TOOLS = {
    "beartype": "tests/test_shapes.py",
    "build": "tests/test_wheel.py",
    "wheel": "tests/test_wheel.py",
    "mypy": "Makefile",
    "ruff": "Makefile",
    "pytest-xdist": "Makefile",
    "cosmic-ray": "Makefile",
}
"""What is run rather than imported, and where."""
RUN_AS = {"pytest-xdist": "-n $(JOBS)", "cosmic-ray": "cosmic"}


def names(requirements):
    """Without versions."""
    return {re.split(r"[<>=\[ ]", requirement)[0] for requirement in requirements}


USERS = names(PROJECT["dependencies"])
EXTRAS = {e: names(r) for e, r in PROJECT["optional-dependencies"].items()}
ALL = USERS.union(*EXTRAS.values())


def imported(folders):
    """The top-level modules that the files of some folders import."""
    found = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return found


def module_of(name):
    """What a dependency is called in an import."""
    return IMPORTED_AS.get(name, name)


IN_ROOMS = imported(ROOMS)


@pytest.mark.parametrize("name", sorted(USERS))
def test_what_users_install_is_used_by_the_rooms(name):
    assert module_of(name) in IN_ROOMS


@pytest.mark.parametrize("name", sorted(ALL - USERS))
def test_an_extra_is_used(name):
    if name in TOOLS:
        assert RUN_AS.get(name, name) in (ROOT / TOOLS[name]).read_text(encoding="utf-8")
    else:
        assert module_of(name) in IN_ROOMS | imported(["tests", "benchmarks"])


def undeclared(modules, declared):
    """What is imported and neither declared, our own, nor of the standard library."""
    known = {module_of(name) for name in declared} | set(sys.stdlib_module_names)
    return modules - known - {"hardposterior"}


def test_the_rooms_import_what_is_declared():
    optional = EXTRAS["onnx"] | EXTRAS["deepinv"] | EXTRAS["dask"] | {"pytest"}  # the plugin's own
    assert not undeclared(IN_ROOMS, USERS | optional)
    assert undeclared(IN_ROOMS | {"pandas"}, USERS | optional) == {"pandas"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_dependency_is_justified_in_a_line(name):
    said = CONTRIBUTING[CONTRIBUTING.index("**Dependencies**") :]
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said)


def test_contributing_stays_one_screen():
    lines = CONTRIBUTING.splitlines()
    assert len(lines) <= SCREEN
    assert max(map(len, lines)) <= 100
