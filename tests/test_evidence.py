"""Every piece of evidence, with `statement-id/evidence-name` as its test id."""

import os

import pytest
from coverage_rules import due

from hardposterior import rooms
from hardposterior.runner import Plan, run_one
from hardposterior.spec.evidence import PROOFS

PLAN = Plan(
    seed=int(os.environ.get("HARDPOSTERIOR_SEED", "0")),
    profile=os.environ.get("HARDPOSTERIOR_PROFILE", "dev"),
)


@pytest.mark.parametrize("evidence_id", [e.id for e in rooms.evidence()])
def test_evidence(evidence_id):
    record = run_one(evidence_id, PLAN)
    assert record["status"] in ("proved", "held"), record["counterexample"] or record["detail"]
    piece = rooms.evidence()[evidence_id]
    assert (record["status"] == "proved") == (piece.kind in PROOFS)
    assert not due(piece, record)
    assert record["cases"] > 0
