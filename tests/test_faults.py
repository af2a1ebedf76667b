"""Every planted fault is caught by the evidence that names the statement it breaks."""

import faults
import pytest


@pytest.mark.parametrize("fault", faults.LATTICE, ids=lambda f: f.mistake)
def test_a_planted_fault_is_caught(fault, tmp_path):
    found = faults.outcome_of(fault, tmp_path)
    assert found.status in ("refuted", "error"), f"{fault.caught_by} let it pass"


def test_the_copy_without_a_fault_passes(tmp_path):
    same = faults.Fault("lattice", "REACH = 150.0", "REACH = 150.0", "none", faults.SCORE)
    assert faults.outcome_of(same, tmp_path).status == "held"
