"""Adapters that turn models of other conventions into denoisers."""

import math

import pytest
import torch

from hardposterior.impl import denoisers
from hardposterior.impl.arguments import InvalidArgument


@pytest.mark.parametrize("sigma", [1e-3, 0.3, 1.0, 20.0])
def test_adapters_agree_with_the_exact_denoiser(sigma):
    """N(1, 4): exact score, noise prediction, and that in variance-preserving time."""
    x = torch.linspace(-50, 50, 12, dtype=torch.float64).reshape(4, 3)
    exact = (4 * x + sigma**2) / (4 + sigma**2)

    def vp_noise(x_t, t):
        assert t.shape == x_t.shape[:1]
        # x_t = sqrt(a) X + sqrt(1 - a) Z: E[Z | x_t] for X ~ N(1, 4)
        a = torch.exp(-(0.1 * t + 19.9 * t**2 / 2))[:, None]
        return (1 - a).sqrt() * (x_t - a.sqrt()) / (4 * a + 1 - a)

    made = [
        denoisers.from_score(lambda x, s: (1 - x) / (4 + s**2)),
        denoisers.from_noise(lambda x, s: s * (x - 1) / (4 + s**2)),
        denoisers.from_variance_preserving(vp_noise, denoisers.linear_time()),
    ]
    for denoise in made:
        torch.testing.assert_close(denoise(x, sigma), exact, rtol=1e-10, atol=1e-10)


def test_linear_time_inverts_the_cumulative_alpha():
    time = denoisers.linear_time(0.1, 20)
    for t in (1e-6, 0.01, 0.5, 1.0):
        a = math.exp(-(0.1 * t + 19.9 * t**2 / 2))
        assert time(math.sqrt((1 - a) / a)) == pytest.approx(t, rel=1e-9)
    assert denoisers.linear_time(2, 2)(math.sqrt(math.expm1(1.0))) == pytest.approx(0.5)
    with pytest.raises(InvalidArgument, match=r"sigma = 1000.0: must be at most 152.* time 1"):
        time(1000.0)


def test_table_time_finds_its_entries_and_what_lies_between():
    betas = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    alphas = torch.cumprod(1 - betas, 0)
    time = denoisers.table_time(alphas)
    for k in (0, 1, 500, 999):
        sigma = math.sqrt((1 - float(alphas[k])) / float(alphas[k]))
        assert time(sigma) == pytest.approx(k, abs=1e-6)
    assert 500 < time(1.001 * math.sqrt(float(1 / alphas[500] - 1))) < 501
    with pytest.raises(InvalidArgument, match=r"sigma = 1e-05: must be in .* the table's levels"):
        time(1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: denoisers.from_noise(None), "noise = None: must be callable"),
        (lambda: denoisers.from_score(1), "score = 1: must be callable"),
        (lambda: denoisers.from_variance_preserving(len, 0.5), "time = 0.5: must be callable"),
        (lambda: denoisers.linear_time(0), "beta_min = 0: must be"),
        (lambda: denoisers.linear_time(2, 1), "beta_max = 1: must be at least beta_min"),
        (lambda: denoisers.table_time([0.5]), "alphas = .*at least two values"),
        (lambda: denoisers.table_time([0.5, 1.5]), r"alphas\[1\] = 1.5: must be in \(0, 1\)"),
        (lambda: denoisers.table_time([0.5, 0.9]), "alphas = .*strictly decreasing"),
        (lambda: denoisers.linear_time()(-1.0), "sigma = -1.0: must be"),
    ],
)
def test_bad_adapters_are_one_line(call, message):
    with pytest.raises(InvalidArgument, match=message):
        call()
