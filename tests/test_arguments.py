"""Argument checks: one line naming the argument, the value and what is allowed."""

import math

import pytest
import torch

from hardposterior.impl import arguments


@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf, "1", None, True])
def test_positive_rejects_in_one_line(value):
    with pytest.raises(arguments.InvalidArgument) as caught:
        arguments.positive("spacing", value)
    assert str(caught.value) == f"spacing = {value!r}: must be a finite number above 0"


@pytest.mark.parametrize("value", [math.nan, -math.inf, "x", False])
def test_finite_rejects(value):
    with pytest.raises(arguments.InvalidArgument, match=r"phase = .*a finite number"):
        arguments.finite("phase", value)


@pytest.mark.parametrize("value", [0, 5, 1.0, True, "2"])
def test_integer_rejects(value):
    with pytest.raises(arguments.InvalidArgument, match=r"n = .*an integer in \[1, 4\]"):
        arguments.integer("n", value, 1, 4)


def test_accepted_values_pass_through():
    assert arguments.positive("spacing", 2) == 2.0
    assert arguments.finite("phase", -0.25) == -0.25
    assert arguments.integer("n", 4, 1, 4) == 4
    assert arguments.dtype(torch.float32) is torch.float32


def test_long_values_are_cut_to_one_line():
    with pytest.raises(arguments.InvalidArgument) as caught:
        arguments.generator("a\n" * 200)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 140


def test_dtype_rejects():
    with pytest.raises(arguments.InvalidArgument, match=r"dtype = torch.float16: must be"):
        arguments.dtype(torch.float16)


def test_values_of_several_lines_are_shown_on_one():
    with pytest.raises(arguments.InvalidArgument) as caught:
        arguments.finite("x", torch.zeros(2, 2))
    assert str(caught.value).startswith("x = tensor([[0., 0.],")
    assert "\n" not in str(caught.value)
