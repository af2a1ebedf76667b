"""Every claim of the paper is stated, and every statement has the evidence that it owes."""

from dataclasses import replace

import pytest
from coverage_rules import NEEDED, TIGHT, debts, due, needed, promised, says_how_tight

from hardposterior import rooms
from hardposterior.spec.statements import Bound, Identity

CLAIMS = [
    "smoothed-score",
    "closeness",
    "well-modeled",
    "linear-measurement",
    "posterior-sampler",
    "discretized-gaussian",
    "hard-instance",
    "lattice-density",
    "lattice-smoothing",
    "lattice-denoiser",
    "vertex-score",
    "mixture-score",
    "piecewise-linear-score",
    "relu-gates",
    "relu-selection",
    "relu-sign",
    "relu-product-score",
    "relu-score-small-noise",
    "relu-score-large-noise",
    "relu-score",
    "calibration",
    "naive-instance",
    "phase-decoding",
    "inversion",
    "lower-bound",
    "one-way-functions",
    "rejection-exact",
    "acceptance",
    "rejection-rounds",
    "posterior-stability",
    "upper-bound",
    "near-optimality",
    "reverse-diffusion",
]
"""What the paper claims or defines, by the ids under which it is stated here."""

STATEMENTS = {s.id: s for s in rooms.statements()}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_of_the_paper_is_stated(claim):
    assert claim in STATEMENTS


def test_no_statement_stands_outside_the_claims():
    assert {identifier.split(".")[0] for identifier in STATEMENTS} == set(CLAIMS)


@pytest.mark.parametrize("identifier", STATEMENTS)
def test_a_statement_has_the_evidence_that_it_owes(identifier):
    statement = STATEMENTS[identifier]
    assert not debts(statement, rooms.evidence_of(statement))


def test_the_exceptions_exist():
    assert all(isinstance(STATEMENTS[identifier], Bound) for identifier in TIGHT)
    assert all(isinstance(STATEMENTS[identifier], Identity) for identifier in NEEDED)
    for identifier, name in (TIGHT | NEEDED).items():
        assert name in [e.name for e in rooms.evidence_of(STATEMENTS[identifier])]


BOUND = STATEMENTS["lattice-smoothing"]


@pytest.mark.parametrize(
    ("kept", "lacking"),
    [
        (lambda e: e.kind == "property", {"a second kind", "a failure at"}),
        (lambda e: e.kind != "property", {"a tightness"}),
        (lambda e: e.name != "hypotheses-are-needed", {"a failure at"}),
        (lambda e: False, {"a second kind", "a tightness", "a failure at"}),
    ],
    ids=["properties alone", "proofs alone", "no witnesses", "nothing"],
)
def test_evidence_that_is_taken_away_is_missed(kept, lacking):
    pieces = rooms.evidence_of(BOUND)
    assert not debts(BOUND, pieces)
    found = debts(BOUND, [e for e in pieces if kept(e)])
    assert len(found) == len(lacking)
    assert all(any(debt.startswith(start) for start in lacking) for debt in found)


def test_an_outcome_without_its_figure_or_its_witness_is_missed():
    search, witnesses = (
        next(e for e in rooms.evidence_of(BOUND) if e.name == name)
        for name in ("no-counterexample-at-60-digits", "hypotheses-are-needed")
    )
    whole = {"tightness": 0.5, "witnesses": sorted(needed(BOUND))}
    assert due(search, whole) == due(witnesses, whole) == []
    empty = {"tightness": None, "witnesses": []}
    assert due(search, empty) == ["a tightness"]
    assert due(witnesses, empty) == ["a failure at its witnesses"]
    assert not says_how_tight(replace(search, statement=STATEMENTS["lattice-density"]))


def test_a_step_alone_promises_nothing(monkeypatch):
    steps = [e for e in rooms.evidence_of(BOUND) if e.scope == "step"]
    assert promised(BOUND) == "proved"
    monkeypatch.setattr(rooms, "evidence_of", lambda statement: steps)
    assert promised(BOUND) == "no evidence"
