"""Planted faults of reverse diffusion: each is caught by the evidence named."""

import faults
import pytest
import sympy
from faults import Fault

from hardposterior import impl, rooms
from hardposterior.spec import reverse_diffusion
from hardposterior.spec.evidence import Run

DRAWS = "reverse-diffusion/draws-of-the-implementation-follow-the-stated-steps"

FAULTS = [
    Fault("diffusion", "spread = there * math", "spread = here * math", "noise of before", DRAWS),
    Fault(
        "diffusion",
        "pull = (here - there) * (here + there) / here**2",
        "pull = (here - there) / here",
        "the ratio of deviations for that of variances",
        DRAWS,
    ),
    Fault("diffusion", "rows[part], here, step)", "rows[part], there, step)", "next level", DRAWS),
    Fault("diffusion", "rows = [levels[0] * part", "rows = [0.9 * part", "a narrow start", DRAWS),
    Fault("diffusion", ".add_(fresh, alpha=spread)", ".add_(fresh, alpha=0)", "no noise", DRAWS),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.mistake)
def test_a_planted_fault_is_caught(fault, tmp_path):
    found = faults.outcome_of(fault, tmp_path)
    assert found.status in ("refuted", "error"), f"{fault.caught_by} let it pass"


@pytest.mark.parametrize(
    ("module", "name", "piece"),
    [
        (reverse_diffusion, "three_terms_for_a_gaussian", "chain-rule-step-by-step"),
        (reverse_diffusion, "output_variance", "chain-rule-step-by-step"),
    ],
)
def test_a_wrong_formula_is_refuted_by_the_proof(module, name, piece, monkeypatch):
    """One tenth off."""
    right = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *sides: right(*sides) * sympy.Rational(9, 10))
    run = Run(0, implementation=impl, shrink=False)
    assert rooms.evidence()[f"reverse-diffusion/{piece}"].function(run).status == "refuted"
