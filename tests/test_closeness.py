"""Closeness of empirical laws: known values, line and plane, cuts at size, counts, bad input.

Against brute force over all sets, and as a metric: evidence for `closeness`.
"""

from fractions import Fraction

import pytest
import torch

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.closeness import closeness, closeness_curve, worst_set


def test_line_and_plane_agree():
    """The sweep on the line and the flow in the plane, on the same points, k and l different."""
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(300, 1, generator=generator, dtype=torch.float64)
    y = 1.2 * torch.randn(210, 1, generator=generator, dtype=torch.float64) + 0.3
    taus = [0.0, 0.01, 0.1, 0.5, 2.0]
    on_line = closeness_curve(x, y, taus)
    in_plane = closeness_curve(x.expand(300, 2) / 2**0.5, y.expand(210, 2) / 2**0.5, taus)
    torch.testing.assert_close(on_line, in_plane, rtol=0, atol=0)
    assert len(set(on_line.tolist())) == len(taus)


@pytest.mark.parametrize(("k", "other", "dim"), [(1200, 1200, 2), (900, 700, 3)])
def test_a_cut_certifies_the_flow_at_size(k, other, dim):
    """P(A) - Q(A^tau) of the reported set equals the flow's delta: both are optimal."""
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(k, dim, generator=generator, dtype=torch.float64)
    y = torch.randn(other, dim, generator=generator, dtype=torch.float64) * 0.8
    for tau in (0.1, 0.3):
        inside = worst_set(x, y, tau)
        near = (torch.cdist(x[inside], y) <= tau).any(dim=0)
        gap = Fraction(int(inside.sum()), k) - Fraction(int(near.sum()), other)
        assert 0 < closeness(x, y, tau) < 1
        assert closeness(x, y, tau) == pytest.approx(float(gap), abs=1e-12)


def test_known_values():
    x = torch.tensor([[0.0], [1.0]])
    assert closeness(x, x + 0.25, 0.25) == 0  # ties count: at most tau
    assert closeness(x, x + 0.25, 0.125) == 1
    # Monotone coupling would leave every point unmatched here; the best one moves two of three.
    x, y = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[1.0], [2.0], [3.0]])
    assert closeness(x, y, 0.5) == pytest.approx(1 / 3)
    # One point against three: each holds a third.
    assert closeness(torch.zeros(1, 2), torch.tensor([[0.0, 1], [3, 0], [0, 0]]), 1) == 1 / 3
    assert closeness_curve(x, y, [1.0, 0.5]).tolist() == [0, closeness(x, y, 0.5)]


def test_counts_are_repetitions():
    generator = torch.Generator().manual_seed(9)
    for dim in (1, 2):
        x = torch.randn(20, dim, generator=generator)
        y = torch.randn(15, dim, generator=generator)
        counts = torch.randint(0, 5, (20,), generator=generator)
        repeated = x.repeat_interleave(counts, dim=0)
        assert closeness(x, y, 0.4, x_counts=counts) == closeness(repeated, y, 0.4)


def test_float32_points_are_taken_as_they_are():
    x = torch.tensor([[0.1], [0.7]], dtype=torch.float32)
    assert closeness(x, x.double(), 0.0) == 0


X = torch.zeros(3, 2)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((X, X, -1.0), "tau = -1.0: must be a finite number >= 0"),
        ((X, X, float("nan")), "tau = nan: must be"),
        ((torch.zeros(0, 2), X, 1.0), r"x = 'shape \(0, 2\)': must be of shape \(points, d\)"),
        ((X, torch.zeros(3, 0), 1.0), r"y = 'shape \(3, 0\)': must be of shape"),
        ((torch.zeros(3), X, 1.0), r"x = 'shape \(3,\)': must be of shape"),
        ((X, torch.zeros(3, 5), 1.0), "y = 'points of dimension 5': must be of dimension 2"),
        ((torch.zeros(3, 5), X, 1.0), "y = 'points of dimension 2': must be of dimension 5"),
        ((X * float("nan"), X, 1.0), "x = 'NaN or infinity': must be finite"),
        ((X.long(), X, 1.0), "x = .*: must be a tensor of real numbers"),
        (([[1.0]], X, 1.0), "x = .*: must be a tensor of real numbers"),
    ],
)
def test_bad_samples_are_one_line(args, message):
    calls = [closeness, worst_set, lambda x, y, tau: closeness_curve(x, y, [1.0, tau])]
    for call in calls:
        with pytest.raises(InvalidArgument, match=message) as caught:
            call(*args)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (torch.tensor([1, 2]), r"x_counts = .*of shape \(3,\), >= 0, not all 0"),
        (torch.tensor([1, -1, 1]), "x_counts = .*>= 0"),
        (torch.tensor([0, 0, 0]), "x_counts = .*not all 0"),
        (torch.tensor([0.5, 0.5, 1.0]), "x_counts = .*whole numbers"),
        (torch.tensor([2**30, 2**30 + 1, 0]), "total counts = .*common multiple below 2"),
    ],
)
def test_bad_counts_are_one_line(counts, message):
    with pytest.raises(InvalidArgument, match=message):
        closeness(X, X, 1.0, x_counts=counts)


def test_the_line_has_no_limit_on_counts():
    counts = torch.tensor([2**30, 2**30 + 1])
    x = torch.tensor([[0.0], [1.0]])
    assert closeness(x, x, 0.5, x_counts=counts) == pytest.approx(0.5 / (2**31 + 1), rel=1e-9)
