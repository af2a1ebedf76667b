"""Faults planted in circuits and networks are refuted by the evidence that names the statement."""

import faults
import pytest
from faults_circuits import CIRCUITS


@pytest.mark.parametrize("fault", CIRCUITS, ids=lambda f: f.mistake)
def test_a_planted_fault_is_refuted(fault, tmp_path):
    found = faults.outcome_of(fault, tmp_path)
    assert found.status == "refuted", f"{fault.caught_by} gave {found.status}: {found.detail}"
    assert found.counterexample
