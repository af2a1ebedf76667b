"""Planted faults of closeness and of its certified bound: each is caught by the evidence named."""

import faults
import pytest
from faults import Fault

from hardposterior import rooms
from hardposterior.spec import closeness
from hardposterior.spec.evidence import Run

FLOW = "closeness/implemented-flow-equals-the-best-of-all-sets"
METRIC = "closeness.triangle/implemented-delta-is-like-a-metric"
RARELY = "closeness.lower-bound/bounds-of-the-implementation-exceed-delta-rarely"
LINE = "closeness.gaussian-shift/implemented-bracket-from-cdfs-holds-the-closed-form"
POWER = "closeness.lower-bound/bounds-of-the-implementation-have-power"

FAULTS = [
    Fault("closeness", "<= tau:\n            mass", "< tau:\n            mass", "ties", FLOW),
    Fault(
        "closeness",
        "elif xs[i] < ys[j]:",
        "elif xs[i] > ys[j]:",
        "the sweep skips the wrong point",
        FLOW,
    ),
    Fault(
        "closeness",
        "order = points.argsort().tolist()",
        "order = list(range(len(points)))",
        "the sweep takes points as they come",
        METRIC,
    ),
    Fault(
        "transport",
        "unused = flow.supply > flow.moved.sum(axis=1)",
        "unused = flow.supply >= flow.moved.sum(axis=1)",
        "the cut starts from full points",
        FLOW,
    ),
    Fault(
        "transport",
        "count * (common // total)",
        "count",
        "laws of different totals in different units",
        FLOW,
    ),
    Fault(
        "closeness_line",
        'ahead = _values("cdf_y", cdf_y, grid + tau)',
        'ahead = _values("cdf_y", cdf_y, grid)',
        "the neighbourhood grows to one side only",
        LINE,
    ),
    Fault(
        "closeness_bound",
        "both[best.more][1::2], both[other][1::2]",
        "both[best.more][2::4], both[other][2::4]",
        "the set is tested on the draws that chose it",
        RARELY,
    ),
    Fault(
        "closeness_bound",
        "at_most = 1 - binomial_lower(len(theirs) - near, len(theirs), alpha / 2)",
        "at_most = binomial_lower(near, len(theirs), alpha / 2)",
        "a lower limit where an upper one is due",
        RARELY,
    ),
    Fault(
        "closeness_bound",
        "if best is None or found.delta > best.delta:",
        "if best is None or found.delta < best.delta:",
        "the worst set is chosen",
        POWER,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.mistake)
def test_a_planted_fault_is_caught(fault, tmp_path):
    found = faults.outcome_of(fault, tmp_path)
    assert found.status in ("refuted", "error"), f"{fault.caught_by} let it pass"


def without_large_sets(size):
    """All sets of fewer than `size` points."""
    return [chosen for chosen in SUBSETS(size) if len(chosen) < size]


SUBSETS = closeness.subsets
PROOFS = ("duality-on-every-small-relation-for-all-masses", "augmenting-paths-find-the-best-set")


@pytest.mark.parametrize("piece", PROOFS)
def test_a_dual_that_forgets_sets_is_refuted(piece, monkeypatch):
    """z3 finds masses for which the whole of P is the best set."""
    monkeypatch.setattr(closeness, "subsets", without_large_sets)
    found = rooms.evidence()[f"closeness/{piece}"].function(Run(0))
    assert found.status == "refuted"


def test_a_coupling_that_stops_early_is_refuted(monkeypatch):
    """Direct pairs only, no way back over mass that has moved."""
    right = closeness.path_with_room
    monkeypatch.setattr(
        closeness,
        "path_with_room",
        lambda *sides: path if (path := right(*sides)) and len(path) == 1 else None,
    )
    found = rooms.evidence()[f"closeness/{PROOFS[1]}"].function(Run(0))
    assert found.status == "refuted"


def test_the_closed_form_at_another_level_is_refuted(monkeypatch):
    monkeypatch.setattr(
        closeness,
        "delta_by_coupling",
        lambda ctx, gap, tau: 1 - 2 * closeness.standard_normal_cdf(ctx, tau - gap),
    )
    shift = "closeness.gaussian-shift/overlap-and-best-half-space"
    assert rooms.evidence()[shift].function(Run(0)).status == "refuted"
