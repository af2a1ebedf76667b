"""Planted faults of closeness and of its certified bound: each is caught by the evidence named."""

import faults
import pytest
from faults import Fault

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
