"""The linear measurement y = A x + beta Z."""

import math
import re

import pytest
import torch
from scipy import stats

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.measurement import LinearMeasurement


def generator(seed):
    return torch.Generator().manual_seed(seed)


def contraction(m, d, seed=0):
    A = torch.randn(m, d, generator=generator(seed), dtype=torch.float64)
    return A / torch.linalg.matrix_norm(A, 2)


def test_observations_are_the_image_plus_white_noise():
    """Kolmogorov-Smirnov per coordinate and correlation tests, rate 1e-6 in all."""
    A, x = contraction(3, 5), torch.randn(1, 5, generator=generator(1), dtype=torch.float64)
    y = LinearMeasurement(A, 0.3).observe(x.expand(50_000, 5), generator(2))
    noise = (y - x @ A.T) / 0.3
    p_values = [stats.kstest(noise[:, j].numpy(), "norm").pvalue for j in range(3)]
    p_values += [
        stats.pearsonr(noise[:, i], noise[:, j]).pvalue for i, j in ((0, 1), (1, 2), (0, 2))
    ]
    assert min(p_values) > 1e-6 / len(p_values)


def test_log_likelihood_is_the_normal_log_density_and_broadcasts():
    A = contraction(2, 4)
    measurement = LinearMeasurement(A, 0.7)
    x = torch.randn(6, 1, 4, generator=generator(3), dtype=torch.float64)
    y = torch.randn(5, 2, generator=generator(4), dtype=torch.float64)
    found = measurement.log_likelihood(y, x)
    assert found.shape == (6, 5)
    for i in range(6):
        law = stats.multivariate_normal((A @ x[i, 0]).numpy(), 0.49)
        for j in range(5):
            assert math.isclose(found[i, j].item(), law.logpdf(y[j].numpy()), rel_tol=1e-13)
    x.requires_grad_()
    assert torch.autograd.gradcheck(lambda z: measurement.log_likelihood(y, z), x)


def test_norm_one_is_allowed_despite_rounding_and_more_is_not():
    for dtype in (torch.float32, torch.float64):
        for seed in range(20):
            A = contraction(6, 9, seed).to(dtype)
            LinearMeasurement(A, 1.0)
            slack = 1 + 200 * torch.finfo(dtype).eps
            with pytest.raises(InvalidArgument, match=r"^\|A\| = 1\.0.*at most 1"):
                LinearMeasurement(A * slack, 1.0)


EYE = torch.eye(2, dtype=torch.float64)
BAD = [
    (lambda: LinearMeasurement(2 * EYE, 1.0), r"\|A\| = 2.0: must be at most 1"),
    (lambda: LinearMeasurement(EYE[0], 1.0), r"A = \(2,\): must be a tensor of shape"),
    (lambda: LinearMeasurement([[1.0]], 1.0), "A = .*must be a tensor"),
    (lambda: LinearMeasurement(EYE * math.nan, 1.0), "A = 'not finite'"),
    (lambda: LinearMeasurement(EYE.to(torch.int64), 1.0), "dtype = torch.int64"),
    (lambda: LinearMeasurement(EYE, 0.0), "beta = 0.0: .*above 0"),
    (lambda: LinearMeasurement(EYE, -1.0), "beta = -1.0: .*above 0"),
    (lambda: LinearMeasurement(EYE, 1.0).observe(torch.ones(3).double(), generator(0)), "x.shape"),
    (lambda: LinearMeasurement(EYE, 1.0).observe(EYE, 3), "generator = 3"),
    (lambda: LinearMeasurement(EYE, 1.0).log_likelihood(torch.ones(3).double(), EYE), "y.shape"),
    (lambda: LinearMeasurement(EYE, 1.0).log_likelihood(EYE.float(), EYE), "y.dtype"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_one_clear_line(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
