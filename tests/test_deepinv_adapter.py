"""The deepinv adapter: its map, denoiser and operator, and, where deepinv is, its samplers."""

import importlib.util
import sys

import pytest
import torch

from hardposterior import deepinv_adapter, impl
from hardposterior.properties.audit.problems import problems
from hardposterior.usage import UsageError

INSTALLED = importlib.util.find_spec("deepinv") is not None
needs_deepinv = pytest.mark.skipif(
    not INSTALLED, reason="deepinv is not installed (the extra 'deepinv')"
)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def problem(name):
    return problems(impl, [name])[name]


@pytest.mark.parametrize("name", ["gaussian-6", "mixture-8", "digits-blur", "hard-table"])
def test_the_range_is_read_off_the_denoiser(name):
    p = problem(name)
    found = deepinv_adapter.value_range(p.denoise, p.dim)
    x = p.prior.sample(20_000, seeded(0))
    middle = float(x.mean(0).mean())
    half = 3 * float(x.std(0).max()) + float((x.mean(0) - middle).abs().max())
    assert abs(found.low - (middle - half)) < 0.15 * half
    assert abs(found.width - 2 * half) < 0.15 * half


@pytest.mark.skipif(INSTALLED, reason="deepinv is installed")
def test_without_deepinv_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "deepinv", None)
    deepinv_adapter.deepinv.cache_clear()
    p = problem("mixture-2")
    with pytest.raises(UsageError, match=r"must be installed, pip install") as caught:
        deepinv_adapter.dps(p.denoise, p.A, p.observe(seeded(0)), p.beta, 3, seeded(1))
    assert "\n" not in str(caught.value)


@needs_deepinv
@pytest.mark.parametrize("name", ["gaussian-6", "mixture-8", "hard-table"])
def test_the_operator_is_the_measurement(name):
    p = problem(name)
    physics = deepinv_adapter.measured(p.A, 0.3, torch.float64)
    x = p.prior.sample(5, seeded(0))
    images = x[:, None, None, :]
    torch.testing.assert_close(physics.A(images)[:, 0, 0], x @ p.A.T)
    y = torch.randn(5, p.measurements, generator=seeded(1), dtype=torch.float64)
    torch.testing.assert_close(physics.A_adjoint(y[:, None, None, :])[:, 0, 0], y @ p.A)
    assert physics.A_dagger(physics.A(images)).shape == images.shape


@needs_deepinv
def test_the_network_is_the_denoiser_in_other_units():
    p = problem("mixture-8")
    bounds = deepinv_adapter.value_range(p.denoise, p.dim)
    net = deepinv_adapter.network(p.denoise, bounds)
    x = p.prior.sample(5, seeded(0))
    u = ((x - bounds.low) / bounds.width).float()[:, None, None, :]
    clean = bounds.low + bounds.width * net(u, torch.full((5, 1, 1, 1), 0.1)).double()[:, 0, 0]
    torch.testing.assert_close(clean, p.denoise(x, 0.1 * bounds.width), rtol=0, atol=1e-4)
    assert torch.equal(net(u, 0.0), u)


@needs_deepinv
@pytest.mark.parametrize("sampler", deepinv_adapter.SAMPLERS, ids=lambda s: s.name)
def test_samplers_follow_the_contract_and_the_generator(sampler):
    p = problem("mixture-2")
    y = p.observe(seeded(0))
    before = y.clone()
    draw = [sampler(p.denoise, p.A, y, p.beta, 4, seeded(seed)) for seed in (1, 1, 2)]
    assert draw[0].shape == (4, 2)
    assert draw[0].isfinite().all()
    assert torch.equal(draw[0], draw[1])
    assert not torch.equal(draw[0], draw[2])
    assert torch.equal(y, before)


@needs_deepinv
@pytest.mark.parametrize("sampler", deepinv_adapter.SAMPLERS, ids=lambda s: s.name)
def test_hidden_bits_are_near_chance(sampler):
    # Exact draws always explain y; 1 in 2 of 60 draws is met by chance (1/31) with odds of 1e-28.
    p = problem("hard-table")
    y = p.observe(seeded(0))
    x = sampler(p.denoise, p.A, y, p.beta, 60, seeded(1))
    assert float(p.hidden_bits(y).map(x).double().mean()) < 0.5
