"""The catalogue of planted faults is whole: each applies, and every public function has one.

`make mutants` runs them; here one is run for each way of being caught, and one that survives.
"""

import pytest
from mutants import run
from mutants.catalogue import (
    Mutant,
    applied,
    asked_tests,
    everything,
    place,
    public_functions,
    source_of,
)

from hardposterior import rooms

MODULES = sorted(path.stem for path in (run.ROOT / "impl").glob("*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_every_mutant_of_a_module_applies_once_and_every_public_function_has_one(module):
    found = [m for m in everything() if m.module == module]
    assert found, f"tests/mutants has no fault in impl/{module}.py"
    for mutant in found:
        applied(mutant, source_of(module))
    without = set(public_functions(module)) - {place(m) for m in found}
    assert not without, f"tests/mutants has no fault in {sorted(without)} of impl/{module}.py"
    assert asked_tests(module), "no test file speaks of it"


def test_names_are_distinct_and_name_statements_or_evidence():
    names = [m.id for m in everything()]
    assert len(names) == len(set(names)) >= 60
    known = {s.id for s in rooms.statements()} | {e.id for e in rooms.evidence()}
    assert {name for m in everything() for name in m.named} <= known


@pytest.mark.parametrize(
    ("old", "new"), [("no such text", "x"), ("import", "import"), ("def holds", "dof holds")]
)
def test_a_mutant_that_does_not_apply_is_refused(old, new):
    with pytest.raises((ValueError, SyntaxError)):
        applied(Mutant("words", old, new, "none"), source_of("words"))


SIGNS = "return 2 * bits.to(dtype) - 1"


@pytest.mark.parametrize(
    ("new", "named", "by"),
    [
        ("return 1 - 2 * bits.to(dtype)", ("naive-instance",), "evidence"),
        ("return 1 - 2 * bits.to(dtype)", (), "tests"),
        ("return bits.to(dtype) * 2 - 1", ("naive-instance",), "survived"),
    ],
)
def test_the_runner_says_what_caught_a_mutant(tmp_path, monkeypatch, new, named, by):
    mutant = Mutant("words", SIGNS, new, "a sign", named)
    monkeypatch.setattr(run, "SCRATCH", [])
    monkeypatch.setattr(run, "catalogue", lambda: {mutant.id: mutant})
    monkeypatch.setattr(run, "asked_tests", lambda module: ["tests/test_naive_instance.py"])
    run.prepare(str(tmp_path))
    found = run.run_one(mutant.id)
    assert found["by"] == by, found
