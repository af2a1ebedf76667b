"""The naive instance against a direct sum over its 2^n vertices."""

import math
from itertools import product

import mpmath as mp
import pytest
import torch

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.naive_instance import NaiveInstance


class Majority:
    """m copies of the majority of three bits, each flipped by its position's parity."""

    n, m = 3, 2

    def __call__(self, bits):
        return (bits.sum(-1, keepdim=True) > 1) ^ (torch.arange(2) == 1)


class Wide:
    n, m = 40, 1

    def __call__(self, bits):
        return bits[..., :1]


def generator(seed):
    return torch.Generator().manual_seed(seed)


def reference(point, sigma):
    """log p_sigma and the denoiser by 40 digits."""
    vertices = [(*w, int(sum(w) > 1), 1 - int(sum(w) > 1)) for w in product((0, 1), repeat=3)]
    vertices = [[2 * b - 1 for b in v] for v in vertices]
    x, s2 = [mp.mpf(c) for c in point], mp.mpf(sigma) ** 2
    weights = [
        mp.exp(-mp.fsum((c - v) ** 2 for c, v in zip(x, vertex, strict=True)) / (2 * s2))
        for vertex in vertices
    ]
    total = mp.fsum(weights)
    mean = [mp.fdot(weights, [v[i] for v in vertices]) / total for i in range(5)]
    return mp.log(total / 8) - mp.mpf(5) / 2 * mp.log(2 * mp.pi * s2), mean


@pytest.mark.parametrize("sigma", [0.01, 0.3, 1.0, 30.0])
def test_density_denoiser_and_score_agree_with_forty_digits(sigma):
    """Errors within 1e-13 of the sizes of the terms: field x / sigma^2, score that / sigma^2."""
    instance = NaiveInstance(Majority())
    x, _ = instance.sample(20, generator(0))
    x = x + sigma * torch.randn(x.shape, generator=generator(1), dtype=x.dtype)
    x[0] = 0
    log_prob, denoised, score = (
        f(x, sigma) for f in (instance.log_prob, instance.denoise, instance.score)
    )
    with mp.workdps(40):
        for row in range(20):
            log_exact, mean = reference(x[row].tolist(), sigma)
            size = 1 + x[row].abs().max().item()
            assert abs(log_prob[row].item() - log_exact) < 1e-13 * (10 + 5 * size**2 / sigma**2)
            allowed = 1e-13 * max(1, size / sigma**2)
            for i in range(5):
                assert abs(denoised[row, i].item() - mean[i]) < allowed
                exact = (mean[i] - mp.mpf(x[row, i].item())) / mp.mpf(sigma) ** 2
                assert abs(score[row, i].item() - exact) < allowed / sigma**2


def test_derivatives():
    instance = NaiveInstance(Majority())
    x = torch.randn(2, 5, generator=generator(2), dtype=torch.float64, requires_grad=True)
    level = torch.tensor([0.5, 1.0], dtype=torch.float64)
    for method in (instance.score, instance.denoise, instance.log_prob):
        assert torch.autograd.gradcheck(lambda z, f=method: f(z, level), x)
    (gradient,) = torch.autograd.grad(instance.log_prob(x, level).sum(), x)
    torch.testing.assert_close(gradient, instance.score(x, level), rtol=1e-12, atol=1e-12)


def test_samples_are_vertices():
    instance = NaiveInstance(Majority())
    x, bits = instance.sample(500, generator(3))
    vertex = torch.cat([bits, Majority()(bits).to(bits.dtype)], -1)
    assert torch.equal(x, 2.0 * vertex.double() - 1)
    assert len(bits.unique(dim=0)) == 8
    assert NaiveInstance(Wide()).sample(3, generator(4))[0].shape == (3, 41)


def test_bad_input_is_one_clear_line():
    x = torch.zeros(41, dtype=torch.float64)
    with pytest.raises(InvalidArgument, match=r"^function.n = 40: must be at most 20"):
        NaiveInstance(Wide()).score(x, 1.0)
    with pytest.raises(InvalidArgument, match=r"^x.shape = \(41,\): must be \(..., 5\)"):
        NaiveInstance(Majority()).score(x, 1.0)
    with pytest.raises(InvalidArgument, match=r"^sigma = nan"):
        NaiveInstance(Majority()).log_prob(x[:5], math.nan)
    with pytest.raises(InvalidArgument, match=r"^count = 0"):
        NaiveInstance(Majority()).sample(0, generator(0))
