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
from mutants.report import report, verdict
from rich.console import Console

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


def test_the_test_that_caught_a_mutant_is_asked_first(tmp_path, monkeypatch):
    failed = "FAILED tests/test_words.py::test_bits_are_refused[bits0-bits = 2] - assert 1 == 2"
    assert run.hint_in(failed) == "tests/test_words.py::test_bits_are_refused"
    assert run.hint_in("3 pieces of evidence held") == ""
    asked = []
    monkeypatch.setattr(run, "SCRATCH", [tmp_path])
    monkeypatch.setattr(run, "run_tests", lambda _, files: asked.append(files) or (1, "FAILED"))
    (tmp_path / "impl").mkdir()
    found = Mutant("words", SIGNS, "return bits.to(dtype)", "no sign")
    for hint in ("tests/test_words.py::test_bits", "tests/test_lattice.py::test_score", ""):
        assert run.by_tests(found, hint) == ("tests", "FAILED")
    assert asked == [["tests/test_words.py::test_bits"], *[asked_tests("words")] * 2]


@pytest.mark.parametrize(
    ("named", "reason", "by", "said"),
    [
        (("naive-instance",), "", "evidence", ""),
        (("naive-instance",), "", "tests", "breaks a statement, but no evidence of it says so"),
        (("naive-instance",), "", "survived", "survived"),
        ((), "", "tests", ""),
        ((), "", "unclear", "survived"),
        ((), "the same", "survived", ""),
        ((), "the same", "tests", "listed as equivalent, but tests"),
        (("naive-instance",), "the same", "evidence", "listed as equivalent, but evidence"),
    ],
)
def test_what_is_wrong_is_said_and_fails_the_run(named, reason, by, said):
    mutant = Mutant("words", SIGNS, "return bits", "a sign", named, reason)
    assert verdict(mutant, by) == said
    console = Console(record=True, width=200)
    state = {mutant.id: {"by": by, "what": "what"}}
    assert report([mutant], state, console) == bool(said)
    shown = console.export_text()
    assert said in shown
    assert mutant.id in shown or not said
    assert f"all faults: {int(by in ('evidence', 'tests'))} of 1" in shown or reason
