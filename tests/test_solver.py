"""z3 stops after so much work, never after so much time, and then nothing counts as proved."""

import z3

from hardposterior.proofs_checks import closeness, solver
from hardposterior.spec.evidence import Run


def hard():
    """Six quintic sums: z3 needs far more than a thousand of its units."""
    unknowns = z3.Reals("a b c d e f")
    quintics = z3.Sum(*(u**5 for u in unknowns))
    quartics = z3.Sum(*(u**3 * w for u in unknowns for w in unknowns))
    return z3.Or(quintics != 7, quartics != 1)


def test_a_question_beyond_the_work_allowed_is_undecided(monkeypatch):
    monkeypatch.setattr(solver, "WORK", 1000)
    found = solver.prove("quintics", hard())
    assert found.status == "undecided"
    assert found.detail == "quintics: z3 gives up (max. resource limit exceeded)"


def test_duality_beyond_the_work_allowed_is_undecided(monkeypatch):
    monkeypatch.setattr(closeness, "WORK", 10)
    found = closeness.duality_on_every_small_relation_for_all_masses(Run(0))
    assert found.status == "undecided"
    assert "z3 gives up on" in found.detail
