"""Bad input of the discretized Gaussian, one line each, and what it says of itself."""

import math
import warnings

import pytest
import torch

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.lattice import DiscretizedGaussian

QUANTITIES = ("log_prob", "score", "denoise")

X = torch.zeros(2, 3, dtype=torch.float64)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: DiscretizedGaussian(0.0, 0.0), "spacing = 0.0: must be"),
        (lambda: DiscretizedGaussian(-1.0, 0.0), "spacing = -1.0: must be"),
        (lambda: DiscretizedGaussian(math.inf, 0.0), "spacing = inf: must be"),
        (lambda: DiscretizedGaussian(1e-60, 0.0), "spacing = 1e-60: must be"),
        (lambda: DiscretizedGaussian("1", 0.0), "spacing = '1': must be"),
        (lambda: DiscretizedGaussian(1.0, math.nan), "phase = nan: must be a finite number"),
        (lambda: DiscretizedGaussian(1.0, 0.0, dtype=torch.float16), "dtype = torch.float16: must"),
        (lambda: DiscretizedGaussian(1.0, 0.0, device="nowhere"), "device = 'nowhere': must be"),
        (lambda: DiscretizedGaussian(1e-7, 0.0).table(), "spacing = 1e-07: must be above 2.5e-6"),
    ],
)
def test_a_law_that_cannot_be_is_refused_in_one_line(build, says):
    with pytest.raises(InvalidArgument) as refusal:
        build()
    assert str(refusal.value).startswith(says)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", QUANTITIES)
@pytest.mark.parametrize(
    ("x", "sigma", "says"),
    [
        (X, 0.0, "sigma = 0.0: must be a finite number above 0"),
        (X, -1, "sigma = -1: must be a finite number above 0"),
        (X, math.nan, "sigma = nan: must be a finite number above 0"),
        (X, 1e60, "sigma = 1e+60: must be a finite number above 0, in [1e-50, 1e50]"),
        (X, "1", "sigma = '1': must be"),
        (X, torch.tensor([1.0, 0.0, 2.0]).double(), "sigma = 0.0: must be a finite number above 0"),
        (X, torch.tensor([1.0, -3.0, 2.0]).double(), "sigma = -3.0: must be"),
        (X, torch.tensor([[1.0], [math.inf]]).double(), "sigma = inf: must be"),
        (X, torch.tensor([math.nan]).double(), "sigma = nan: must be"),
        (X, torch.ones(2).double(), "sigma = (2,): must be a shape that broadcasts to x's, (2, 3)"),
        (X, torch.ones(1, 2, 3).double(), "sigma = (1, 2, 3): must be a shape"),
        (X, torch.ones(3), "sigma = torch.float32: must be of dtype torch.float64"),
        (X, torch.ones(3).long(), "sigma = torch.int64: must be of dtype"),
        (X, torch.ones(3).double().requires_grad_(), "sigma = 'requires_grad': must be a constant"),
        (X.float(), 1.0, "x = torch.float32: must be of dtype torch.float64"),
        (X.long(), 1.0, "x = torch.int64: must be of dtype torch.float64"),
        (0.5, 1.0, "x = 0.5: must be a tensor of torch.float64"),
    ],
)
def test_bad_points_and_noise_levels_are_refused_in_one_line(name, x, sigma, says):
    with pytest.raises(InvalidArgument) as refusal:
        getattr(DiscretizedGaussian(1.0, 0.3), name)(x, sigma)
    assert str(refusal.value).startswith(says)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("shape", "generator", "says"),
    [
        (3, None, "generator = None: must be a torch.Generator"),
        (-1, torch.Generator(), "shape = -1: must be an integer >= 0"),
        ((2, 1.5), torch.Generator(), "shape = 1.5: must be an integer >= 0"),
        ("3", torch.Generator(), "shape = '3': must be an integer >= 0"),
    ],
)
def test_bad_draws_are_refused_in_one_line(shape, generator, says):
    with pytest.raises(InvalidArgument) as refusal:
        DiscretizedGaussian(1.0, 0.3).sample(shape, generator)
    assert str(refusal.value).startswith(says)


def test_attributes_are_as_given():
    law = DiscretizedGaussian(2, 7.25, dtype=torch.float32)
    assert (law.spacing, law.phase, law.dtype) == (2.0, 7.25, torch.float32)
    assert law.device == torch.device("cpu")
    assert repr(law) == "DiscretizedGaussian(spacing=2.0, phase=7.25, dtype=torch.float32)"


def test_no_warning_escapes_from_a_first_call():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        DiscretizedGaussian(1.0, 0.3).score(X, 1.0)
    assert not caught
