"""Where a general mutation tool found `closeness` untested: many dimensions, long lines, shapes.

`make cosmic` mutates the module; each test here kills a mutant that all others had let live.
"""

import pytest
import torch

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.closeness import closeness, closeness_curve, worst_set


def test_there_may_be_hundreds_of_dimensions():
    x = torch.eye(300)[:3]
    assert closeness(x, x, 0.0) == 0
    assert closeness(x, x.flip(0), 0.0) == 0
    assert closeness(x, x + 0.1, 1.7) == 1  # sqrt(300) / 10 = 1.73
    assert closeness(x, x + 0.1, 1.74) == 0


def test_a_line_of_hundreds_of_points_ends_where_either_sample_does():
    """All of y is matched before x is through, then the other way round."""
    x = torch.arange(900.0)[:, None]
    y = x[:400]
    assert closeness(x[100:], y + 100, 0.25, y_counts=torch.full((400,), 2)) == 0.5
    assert closeness(y + 100, x[100:], 0.25) == 0.5
    assert closeness(x[:400], y, 0.0) == 0


@pytest.mark.parametrize(
    ("x", "y", "counts", "message"),
    [
        (torch.zeros(3, 5), torch.zeros(3, 2), None, "y = 'points of dimension 2': must be of dim"),
        (torch.zeros(3, 2, 1), torch.zeros(3, 2), None, r"x = 'shape \(3, 2, 1\)': must be of"),
        (torch.zeros(3, 2), torch.zeros(3, 2, 2), None, r"y = 'shape \(3, 2, 2\)': must be of"),
        (torch.zeros(3, 2), torch.zeros(3, 2), torch.ones(4).int(), r"x_counts = .*shape \(3,\)"),
        (torch.zeros(3, 1), torch.zeros(3, 1), torch.ones(2).int(), r"x_counts = .*shape \(3,\)"),
    ],
)
def test_shapes_too_large_are_refused_as_those_too_small(x, y, counts, message):
    with pytest.raises(InvalidArgument, match=message):
        closeness(x, y, 1.0, x_counts=counts)


@pytest.mark.parametrize("call", [closeness, closeness_curve, worst_set])
def test_counts_are_given_by_name(call):
    x, ones = torch.zeros(2, 1), torch.ones(2).int()
    tau = [1.0] if call is closeness_curve else 1.0
    assert call(x, x, tau, x_counts=ones, y_counts=ones) is not None
    with pytest.raises(TypeError, match="positional"):
        call(x, x, tau, ones, ones)
