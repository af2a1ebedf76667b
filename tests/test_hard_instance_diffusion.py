"""Draws of a hard instance: its parameters are calibrated ones, and planted faults are caught."""

import random

import faults
import pytest
from faults import Fault

from hardposterior import calibrate, impl
from hardposterior.properties import hard_instance_diffusion as checks
from hardposterior.properties.tables import draw_digits

EXACT = "reverse-diffusion/draws-of-a-hard-instance-decode-with-the-exact-denoiser"
NETWORK = "reverse-diffusion/draws-of-a-hard-instance-decode-with-the-network"

FAULTS = [
    Fault("phases", "PHASES = (0.5, 0.0)", "PHASES = (0.0, 0.5)", "phases swapped", EXACT),
    Fault("diffusion", ".add_(fresh, alpha=spread)", ".add_(fresh, alpha=0)", "no noise", EXACT),
    Fault(
        "circuit_memo",
        "images: list[torch.Tensor | None] = [self._recall(key, rows) for key in keys]",
        "images: list[torch.Tensor | None] = [self._recall(keys[0], rows) for key in keys]",
        "the memory answers for the first row",
        NETWORK,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.mistake)
def test_a_planted_fault_is_caught(fault, tmp_path):
    found = faults.outcome_of(fault, tmp_path)
    assert found.status in ("refuted", "error"), f"{fault.caught_by} let it pass"


def test_the_parameters_are_calibrated():
    found = calibrate(checks.N, checks.M, 2.0)
    assert (found.separation, found.spacing) == (checks.SEPARATION, checks.SPACING)


def test_ten_steps_are_told_from_the_prior():
    """Seen: .29. Whatever the laws, the bound exceeds their delta with probability 1e-6 only."""
    digits = draw_digits(checks.N, checks.M, random.Random(3))
    assert checks.certified_distance(impl, digits, 10, 2000, 7) > checks.NEAR
