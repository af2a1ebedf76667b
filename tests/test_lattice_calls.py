"""The smoothed lattice law in every way of calling it: many levels, derivatives, batches, pieces.

How exact its values are is in `test_lattice`.
"""

import math

import pytest
import torch
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap

from hardposterior.impl import chunks
from hardposterior.impl.lattice import DiscretizedGaussian
from hardposterior.impl.lattice_kernel import fourier_form, space_form
from hardposterior.impl.lattice_level import levels

SIGMAS = (1e-4, 3e-3, 0.02, 0.07, 0.3, 1.0, 10.0, 1e3)
QUANTITIES = ("log_prob", "score", "denoise")


def test_noise_levels_on_both_sides_of_the_switch_share_a_call():
    law = DiscretizedGaussian(1.0, 0.3)
    x = torch.linspace(-3, 3, 7, dtype=torch.float64)[:, None].expand(7, 8).clone().requires_grad_()
    sigma = torch.tensor(SIGMAS, dtype=torch.float64)
    for name in QUANTITIES:
        together = getattr(law, name)(x, sigma)
        assert together.shape == (7, 8)
        (slope,) = torch.autograd.grad(together.sum(), x, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), x)
        assert slope.isfinite().all()
        assert bend.isfinite().all()
        for column, level in enumerate(SIGMAS):
            alone = getattr(law, name)(x[:, column], level)
            torch.testing.assert_close(together[:, column], alone, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("form", [space_form, fourier_form])
def test_the_form_that_is_not_used_stays_finite(form):
    """Both are evaluated for a tensor of noise levels, and NaN would leak into gradients."""
    x = torch.linspace(-3, 3, 601, dtype=torch.float64)
    for sigma in SIGMAS:
        law = DiscretizedGaussian(1.0, 0.3)
        at = levels(law.spacing, law.phase, 0.0, torch.full_like(x, sigma))
        for name in QUANTITIES:
            assert form(x, at, name).isfinite().all(), (sigma, name)


def test_values_stay_finite_far_outside_the_contract():
    x = torch.tensor([0.0, 1e5, -1e10, 1e20, 1e100], dtype=torch.float64)
    for spacing in (1e-5, 0.05, 4.0, 1e10):
        for sigma in (1e-30, 1e-4, 1.0, 1e30):
            law = DiscretizedGaussian(spacing, 0.3)
            for level in (sigma, torch.full((5,), sigma, dtype=torch.float64)):
                for name in QUANTITIES:
                    assert getattr(law, name)(x, level).isfinite().all(), (spacing, sigma, name)
    assert law.score(torch.tensor([math.nan], dtype=torch.float64), 1.0).isnan().all()


CASES = ((1.0, 0.3, 0.2), (0.7, 0.0, 0.3), (2.0, 0.5, 0.7))


@pytest.mark.parametrize("name", QUANTITIES)
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.filterwarnings("ignore:.*jit.script.*:DeprecationWarning")  # torch's own, on import
def test_derivatives_of_every_kind_work_in_x(name, many):
    for spacing, phase, sigma in CASES:
        law = DiscretizedGaussian(spacing, phase)
        # A lattice point and a cell edge of x / t are among the points: no kink may show there.
        special = [spacing * (phase + half) * (1 + sigma**2) for half in (0, 0.5)]
        x = torch.tensor([-1.4, 0.0, 0.8, *special], dtype=torch.float64, requires_grad=True)
        level = torch.full((5,), sigma, dtype=torch.float64) if many else sigma

        def f(x, law=law, level=level):
            return getattr(law, name)(x, level)

        assert torch.autograd.gradcheck(f, x, check_forward_ad=True, check_batched_grad=True)
        assert torch.autograd.gradgradcheck(f, x)
        plain = x.detach()
        (slope,) = torch.autograd.grad(f(x).sum(), x)
        torch.testing.assert_close(jacrev(f)(plain), torch.diag(slope))
        torch.testing.assert_close(jacfwd(f)(plain), torch.diag(slope))
        torch.testing.assert_close(vjp(f, plain)[1](torch.ones(5).double())[0], slope)
        torch.testing.assert_close(jvp(f, (plain,), (torch.ones(5).double(),))[1], slope)
        if not many:
            assert torch.equal(vmap(f)(plain), f(plain))
            torch.testing.assert_close(vmap(grad(f))(plain), slope)
            assert vmap(hessian(f))(plain).isfinite().all()


@pytest.mark.parametrize("name", QUANTITIES)
def test_batching_over_noise_levels_gives_the_same_numbers(name):
    f = getattr(DiscretizedGaussian(1.0, 0.3), name)
    x = torch.linspace(-2, 2, 6, dtype=torch.float64)
    sigma = torch.tensor([0.1, 0.2, 0.4, 0.5, 1.0, 3.0], dtype=torch.float64)
    assert torch.equal(vmap(f)(x, sigma), f(x, sigma))
    assert torch.equal(vmap(f, (None, 0))(x, sigma), f(x.expand(6, 6), sigma[:, None]))


def test_pieces_and_threads_do_not_change_a_bit(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(8 * chunks.SHARE + 7, dtype=torch.float64, generator=generator)
    law = DiscretizedGaussian(1.0, 0.3)
    for sigma in (0.05, 1.0):
        alone = torch.cat([law.score(part, sigma) for part in x.split(1000)])
        for threads in (1, 3):
            monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
            assert torch.equal(law.score(x, sigma), alone)
            assert torch.equal(law.score(x.reshape(-1, 1), sigma), alone.reshape(-1, 1))
            watched = x.clone().requires_grad_()
            law.denoise(watched, sigma).sum().backward()
            assert watched.grad.isfinite().all()
    batched = vmap(lambda x: law.score(x, 1.0))(x.expand(2, -1))
    assert torch.equal(batched, alone.expand(2, -1))
    assert law.score(torch.empty(0, 3, dtype=torch.float64), 1.0).shape == (0, 3)
    assert law.score(torch.tensor(0.5, dtype=torch.float64), 1.0).shape == ()


def test_float32_is_the_float64_result_rounded_once():
    wide, narrow = (DiscretizedGaussian(0.7, 0.3, dtype=d) for d in (torch.float64, torch.float32))
    x = torch.randn(500, generator=torch.Generator().manual_seed(1)) * 3
    for sigma in (1e-3, 0.1, 2.0, torch.linspace(0.01, 3, 500)):
        exact = sigma.double() if isinstance(sigma, torch.Tensor) else sigma
        for name in QUANTITIES:
            result = getattr(narrow, name)(x, sigma)
            assert result.dtype == torch.float32
            assert torch.equal(result, getattr(wide, name)(x.double(), exact).float())
    assert narrow.sample(3, torch.Generator()).dtype == torch.float32
