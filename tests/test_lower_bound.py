"""The chain at (1/10, 1/10): what calibration gives, where it gives less, how it is reported."""

from fractions import Fraction

import pytest

from hardposterior import calibrate, ledger, report, rooms
from hardposterior.command import main
from hardposterior.derivations import assumptions, derivation
from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.proofs_checks.lower_bound import success_at_one_tenth


def success(n, m, C):
    """The promised success at (1/10, 1/10), a ball, for what `calibrate` finds."""
    found = calibrate(n, m, C)
    with Balls(128) as ctx:
        numbers = (ctx.number(Fraction(v)) for v in (found.separation, found.spacing, found.beta))
        return success_at_one_tenth(ctx, n, m, *numbers)


@pytest.mark.parametrize(
    ("n", "m", "C"), [(2, 2, 2), (4, 4, 2), (8, 8, 1), (1, 8, 2), (8, 1, 2), (512, 512, 0.5)]
)
def test_calibrated_parameters_invert(n, m, C):
    assert success(n, m, C) > 0.79


@pytest.mark.parametrize(
    ("n", "m", "C", "below"), [(1, 1, 0, 0.61), (2, 2, 0, 0.43), (8, 8, 0, 0.785), (1, 1, 3, 0.787)]
)
def test_least_separations_of_easy_targets_do_not(n, m, C, below):
    """The least separation that makes the score easy may leave signs too weak to be read.

    The promise of 0.79 for every n, m and C is for explicit separations (`inversion.calibrated`).
    """
    assert success(n, m, C) < below


def test_a_derived_statement_names_what_it_assumes(capsys):
    statement = rooms.statements()["lower-bound"]
    assert assumptions(statement) == ["one-way-functions.exist"]
    assert derivation(statement).endswith("under the assumption one-way-functions.exist")
    assert assumptions(rooms.statements()["inversion"]) == []
    assert "under" not in derivation(rooms.statements()["near-optimality"])
    assert main(["show", "lower-bound"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "derived from calibration" in said
    assert "under the assumption one-way-functions.exist" in said
    page = report.card(statement, "derived", [])
    assert "Derived from calibration" in page


def test_a_derived_statement_is_never_verified():
    statement = rooms.statements()["lower-bound"]
    record = {"status": "proved", "scope": "whole", "kind": "symbolic"}
    assert ledger.status_of(statement, [record]) == "derived"
