"""Every example in a docstring runs; modules are named in full, so that none is loaded twice."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import hardposterior

ROOT = Path(__file__).parent.parent
MODULES = [
    ("hardposterior." if room == "suite" else f"hardposterior.{room}.") + path.stem
    for room in ("spec", "impl", "properties", "proofs_checks", "suite")
    for path in sorted((ROOT / room).glob("*.py"))
    if path.stem not in ("__init__", "__main__")
]
WITH_EXAMPLES = [
    name
    for name in MODULES
    if any(test.examples for test in doctest.DocTestFinder().find(import_module(name)))
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(name):
    found = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted
    assert not found.failed


def test_examples_are_found():
    assert "hardposterior.impl.arguments" in WITH_EXAMPLES


PUBLIC = [
    *(
        (f"hardposterior.{module}", name)
        for name, module in hardposterior.PUBLIC.items()
        if name.islower()  # what functions return is shown there
    ),
    *((f"hardposterior.impl.{module}", name) for name, module in hardposterior.impl.PUBLIC.items()),
]


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_a_public_name_has_an_example(module, name):
    thing = getattr(import_module(module), name)
    assert any(test.examples for test in doctest.DocTestFinder().find(thing, name))
