"""Closeness of two laws on the line from cdfs: closed forms, a flow of discretised mass, atoms."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.closeness import closeness
from hardposterior.impl.closeness_line import closeness_from_cdfs


def normal(mean, deviation):
    return lambda x: torch.from_numpy(ndtr((x.numpy() - mean) / deviation))


def lattice(phase, sigma):
    """The lattice of spacing 1.1, smoothed by N(0, sigma^2)."""
    points = [1.1 * (k + phase) for k in range(-9, 10)]
    weights = [math.exp(-a * a / 2) for a in points]
    return lambda x: sum(
        w / sum(weights) * normal(a, sigma)(x) for a, w in zip(points, weights, strict=True)
    )


@pytest.mark.parametrize(("gap", "tau"), [(1.0, 0.2), (1.0, 0.99), (2.0, 0.01), (0.5, 1.0)])
def test_shifted_normals_have_a_closed_form(gap, tau):
    """N(0, 1) and N(gap, 1): first move by tau, then the rest is total variation."""
    exact = max(0.0, 2 * float(ndtr((gap - tau) / 2)) - 1)
    lower, upper = closeness_from_cdfs(normal(0, 1), normal(gap, 1), tau, -12, 12)
    assert lower <= exact + 1e-14
    assert exact <= upper + 1e-14
    assert exact - lower < 1e-8  # second order in the cells
    assert upper - exact < 2e-4  # first order


def by_flow(cdf_x, cdf_y, steps, low, high, cells):
    """Mass in cells of width tau / steps, moved greedily over pairs of cells.

    Allowing pairs of cells that have any points within tau bounds delta from below, allowing only
    those that have no points beyond tau from above.
    """
    grid = torch.linspace(low, high, cells + 1, dtype=torch.float64)
    ends = []
    for reach in (steps + 1, steps - 1):
        p, q = (cdf(grid).diff().tolist() for cdf in (cdf_x, cdf_y))
        moved, i, j = 0.0, 0, 0
        while i < cells and j < cells:
            if abs(i - j) <= reach:
                mass = min(p[i], q[j])
                moved, p[i], q[j] = moved + mass, p[i] - mass, q[j] - mass
            if abs(i - j) <= reach and p[i] > q[j]:
                j += 1
            elif abs(i - j) <= reach or i < j:
                i += 1
            else:
                j += 1
        ends.append(1 - moved)
    return ends


LAWS = {
    "normal": normal(0, 1),
    "narrow": normal(0, 0.5),
    "phase 0": lattice(0.0, 0.1),
    "phase 1/2": lattice(0.5, 0.1),
}


@pytest.mark.parametrize("tau", [0.1, 0.4])
@pytest.mark.parametrize("first", LAWS)
@pytest.mark.parametrize("second", LAWS)
def test_sets_and_flow_agree(first, second, tau):
    """Dual (best union of intervals) within primal (flow of discretised mass), and the converse."""
    lower, upper = closeness_from_cdfs(LAWS[first], LAWS[second], tau, -10, 10, cells=20_000)
    flow_lower, flow_upper = by_flow(LAWS[first], LAWS[second], round(tau * 500), -10, 10, 10_000)
    assert 0 <= lower <= upper <= 1
    assert upper - lower < 0.01
    assert lower <= flow_upper + 1e-12
    assert flow_lower <= upper + 1e-12
    swapped = closeness_from_cdfs(LAWS[second], LAWS[first], tau, -10, 10, cells=20_000)
    assert (lower, upper) == pytest.approx(swapped, abs=1e-4)
    if first == second:
        assert lower < 1e-12
    elif tau == 0.1:
        assert lower > 0.2  # so that agreement says something


def point_masses(masses):
    points = torch.tensor(sorted(masses), dtype=torch.float64)
    totals = torch.tensor([0.0] + [masses[a] for a in sorted(masses)], dtype=torch.float64).cumsum(
        0
    )
    return lambda x: totals[torch.searchsorted(points, x, right=True)]


def test_atoms():
    p, q = point_masses({0.0: 0.5, 1.0: 0.5}), point_masses({0.3: 0.25, 1.0: 0.5, 5.0: 0.25})
    for tau, exact in ((0.25, 0.5), (0.35, 0.25), (4.1, 0.0)):
        lower, upper = closeness_from_cdfs(p, q, tau, -1, 6, cells=7001)
        assert lower == pytest.approx(exact, abs=1e-12)
        assert upper == pytest.approx(exact, abs=1e-12)
    # Where delta jumps, the two values enclose the jump instead of deciding it.
    lower, upper = closeness_from_cdfs(p, q, 0.3, -1, 6, cells=7001)
    assert lower <= 0.25 + 1e-12
    assert upper >= 0.25 - 1e-12


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=6),
    st.lists(st.integers(-20, 20), min_size=1, max_size=6),
    st.integers(1, 15),
    st.integers(0, 40),
)
def test_any_grid_encloses_the_delta_of_atoms(x, y, tau, more_cells):
    """On coarse grids too, where a cell holds many atoms, against the sweep over the same atoms."""

    def law(points):
        return point_masses({float(a): points.count(a) / len(points) for a in points})

    exact = closeness(*(torch.tensor(side, dtype=torch.float64)[:, None] for side in (x, y)), tau)
    cells = math.ceil(41.3 / (2 * tau)) + more_cells
    lower, upper = closeness_from_cdfs(law(x), law(y), tau, -20.9, 20.4, cells=cells)
    assert lower <= exact + 1e-12
    assert exact <= upper + 1e-12


def test_a_set_inside_one_cell_counts_in_the_upper_value():
    p, q = point_masses({0.5: 1.0}), point_masses({-0.55: 0.5, 1.55: 0.5})
    lower, upper = closeness_from_cdfs(p, q, 1.0, -1.0, 2.0, cells=15)
    assert lower <= 1
    assert upper == pytest.approx(1)


def test_mass_in_the_tails_widens_the_upper_value():
    exact = 2 * float(ndtr(0.4)) - 1
    lower, upper = closeness_from_cdfs(normal(0, 1), normal(1, 1), 0.2, -1.5, 2.5)
    assert lower <= exact + 1e-14 <= upper
    assert upper - lower == pytest.approx(float(ndtr(-1.5) + ndtr(-2.5)), abs=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tau": -1}, "tau = -1: must be a finite number >= 0"),
        ({"tau": 0}, "tau = 0.0: must be above 0"),
        ({"low": 8}, "high = 8.0: must be above low = 8.0"),
        ({"low": math.nan}, "low = nan: must be a finite"),
        ({"cells": 3}, "cells = 3: must be at least 40: width <= 2 tau"),
        ({"cdf_x": None}, "cdf_x = None: must be callable"),
        ({"cdf_y": lambda x: x}, "cdf_y = 'values outside .*': must be a cdf"),
        ({"cdf_y": lambda x: 1 - normal(0, 1)(x)}, "cdf_y = 'values that decrease'"),
        ({"cdf_x": lambda x: x[:3] * 0}, r"cdf_x = 'values of shape \(3,\)': must be of shape"),
        ({"cdf_x": lambda x: x * math.nan}, "cdf_x = 'values outside"),
    ],
)
def test_bad_arguments_are_one_line(change, message):
    good = {"cdf_x": normal(0, 1), "cdf_y": normal(1, 1), "tau": 0.2, "low": -8, "high": 8}
    with pytest.raises(InvalidArgument, match=message) as caught:
        closeness_from_cdfs(**(good | change))
    assert "\n" not in str(caught.value)
