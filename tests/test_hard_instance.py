"""The hard instance against a 40-digit sum over the vertices, its derivatives, its two forms."""

import math
import os
from itertools import product

import mpmath as mp
import pytest
import torch
from hard_instance_reference import points_to_try, worst_errors
from instances import Parity, Table, generator

from hardposterior.impl.hard_instance import HardInstance

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"


CASES = [(1, 1, 2.0, 1.0), (3, 2, 1.5, 0.5), (6, 6, 4.0, 1.1), (4, 3, 6.0, 0.8), (2, 5, 1.0, 2.5)]
LEVELS = [1e-3, 1e-2, 0.05, 0.2, 1.0, 10.0, 100.0]


@pytest.mark.parametrize(("n", "m", "separation", "spacing"), CASES)
def test_score_denoiser_and_density_agree_with_forty_digits(n, m, separation, spacing):
    levels = torch.logspace(-3, 2, 26, dtype=torch.float64).tolist() if THOROUGH else LEVELS
    with mp.workdps(40):
        for seed in range(4 if THOROUGH else 1):
            instance = HardInstance(Table(n, m, seed), separation, spacing)
            for level in levels:
                worst = worst_errors(instance, points_to_try(instance, level, seed), level)
                assert max(worst.values()) <= 1, (level, worst)


def swap_phases(instance):
    instance.phases.laws = instance.phases.laws[::-1]


def forget_a_word(instance):
    instance._vertices.vertices = instance._vertices.vertices[1:]


def double_the_log_odds(instance):
    fields = instance._fields

    def wrong(hidden, image, level):
        right, rest = fields(hidden, image, level)
        return torch.cat([right[..., : instance.n], 2 * right[..., instance.n :]], -1), rest

    instance._fields = wrong


def coarsen_by_a_billionth(instance):
    instance.separation *= 1 + 1e-9


@pytest.mark.parametrize(
    "fault", [swap_phases, forget_a_word, double_the_log_odds, coarsen_by_a_billionth]
)
def test_the_comparison_sees_a_planted_fault(fault):
    right, wrong = (HardInstance(Table(3, 2), 2.0, 1.0) for _ in range(2))
    points = points_to_try(right, 0.2, 0)
    fault(wrong)
    wrong_values = {name: getattr(wrong, name) for name in ("score", "denoise", "log_prob")}
    for name, method in wrong_values.items():
        setattr(right, name, method)
    with mp.workdps(40):
        worst = worst_errors(right, points, 0.2)
    assert min(worst.values()) > 1, worst


# torch's own forward mode still calls torch.jit.script, which is deprecated.
FORWARD_MODE = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")


@FORWARD_MODE
def test_derivatives_in_the_point():
    instance = HardInstance(Table(2, 2), 2.0, 1.0)
    x, _ = instance.sample(2, generator(2))
    x = (x + 0.3 * torch.randn(x.shape, generator=generator(3), dtype=x.dtype)).requires_grad_()
    for level in (0.1, torch.tensor([0.1, 3.0], dtype=torch.float64)):
        for method in (instance.score, instance.denoise, instance.log_prob):
            assert torch.autograd.gradcheck(lambda z, f=method, s=level: f(z, s), x)
    for method in (instance.score, instance.log_prob):
        point = x[:1].detach().requires_grad_()
        assert torch.autograd.gradcheck(
            lambda z, f=method: f(z, 0.3), point, check_forward_ad=True, check_backward_ad=False
        )
        assert torch.autograd.gradgradcheck(lambda z, f=method: f(z, 0.3), point)


@FORWARD_MODE
def test_function_transforms_agree():
    instance = HardInstance(Table(4, 3), 2.0, 1.0)
    x, _ = instance.sample(6, generator(4))
    level = 0.15
    score = instance.score(x, level)
    gradient = torch.func.vmap(torch.func.grad(lambda z: instance.log_prob(z, level)))(x)
    torch.testing.assert_close(gradient, score, rtol=1e-10, atol=1e-10)
    jacobians = [
        torch.func.vmap(transform(lambda z: instance.score(z, level)))(x)
        for transform in (torch.func.jacrev, torch.func.jacfwd)
    ]
    hessian = torch.func.vmap(torch.func.hessian(lambda z: instance.log_prob(z, level)))(x)
    for jacobian in jacobians:
        torch.testing.assert_close(jacobian, hessian, rtol=1e-9, atol=1e-9)
    vertex = torch.func.vmap(lambda z: instance.vertex_score(z, level))(x)
    torch.testing.assert_close(vertex, instance.vertex_score(x, level))
    denoised = torch.func.vmap(instance.denoise)(x, torch.full((6,), level, dtype=torch.float64))
    torch.testing.assert_close(denoised, x + level**2 * score, rtol=1e-12, atol=1e-12)


def test_one_level_per_point_means_each_point_at_its_level():
    instance = HardInstance(Table(4, 3), 2.0, 1.0)
    x, _ = instance.sample(6, generator(5))
    levels = torch.logspace(-2, 1, 6, dtype=torch.float64)
    for name in ("score", "denoise", "log_prob", "vertex_score", "mixture_score", "vertex_mean"):
        together = getattr(instance, name)(x, levels)
        apart = [getattr(instance, name)(x[i], levels[i].item()) for i in range(6)]
        torch.testing.assert_close(together, torch.stack(apart), rtol=1e-12, atol=1e-12)


def component_log_density(instance, x, level, word):
    """log of the density of x + sigma Z given the hidden word, scaled."""
    R, n = instance.separation, instance.n
    spread = math.sqrt(1 + (R * level) ** 2)
    hidden = torch.distributions.Normal(R * (2 * word.double() - 1), spread).log_prob(
        R * x[..., :n]
    )
    image = instance.function(word).tolist()
    columns = [
        instance.phases.laws[bit].log_prob(R * x[..., n + j], R * level)
        for j, bit in enumerate(image)
    ]
    return hidden.sum(-1) + sum(columns) + instance.d * math.log(R)


def test_vertex_score_is_the_score_of_one_component_and_averages_to_the_score():
    instance = HardInstance(Table(3, 2), 1.5, 0.7)
    x, _ = instance.sample(4, generator(6))
    x.requires_grad_()
    level, words = 0.4, torch.tensor(list(product((0, 1), repeat=3)))
    logs = torch.stack([component_log_density(instance, x, level, word) for word in words])
    scores = torch.stack(
        [instance.vertex_score(x, level, bits=word.expand(4, 3)) for word in words]
    )
    for log, score in zip(logs, scores, strict=True):
        (gradient,) = torch.autograd.grad(log.sum(), x, retain_graph=True)
        torch.testing.assert_close(score, gradient, rtol=1e-11, atol=1e-11)
    average = (logs.softmax(0)[..., None] * scores).sum(0)
    torch.testing.assert_close(average, instance.score(x, level), rtol=1e-11, atol=1e-11)
    log_prob = logs.logsumexp(0) - 3 * math.log(2)
    torch.testing.assert_close(log_prob, instance.log_prob(x, level), rtol=1e-12, atol=1e-12)
    nearest = (x[:, :3] > 0).to(torch.int64)
    torch.testing.assert_close(
        instance.vertex_score(x, level),
        instance.vertex_score(x, level, bits=nearest),
        rtol=0,
        atol=0,
    )


def test_mixture_score_is_the_score_of_the_product_of_mixtures():
    instance = HardInstance(Table(3, 2), 3.0, 1.0)
    x, _ = instance.sample(50, generator(7))
    x.requires_grad_()
    for level in (0.01, 0.3, 5.0):
        t = 1 + (3.0 * level) ** 2
        hidden, image = 3.0 * x[:, :3], 3.0 * x[:, 3:]
        log_density = torch.logaddexp(
            -((hidden - 3) ** 2) / (2 * t), -((hidden + 3) ** 2) / (2 * t)
        )
        total = log_density.sum() - image.square().sum() / (2 * t)
        (gradient,) = torch.autograd.grad(total, x)
        torch.testing.assert_close(
            instance.mixture_score(x, level), gradient, rtol=1e-11, atol=1e-11
        )


def test_the_two_approximate_scores_meet_the_exact_one_in_their_regimes():
    """Not a bound: at vanishing noise one vertex is left, at large noise no lattice is seen."""
    instance = HardInstance(Table(6, 6), 6.0, 1.0)
    x, _ = instance.sample(200, generator(8))
    z = torch.randn(x.shape, generator=generator(9), dtype=x.dtype)
    for name, level in (("vertex_score", 0.01), ("mixture_score", 1.0)):
        noisy = x + level * z
        error = getattr(instance, name)(noisy, level) - instance.score(noisy, level)
        assert error.abs().max() * level < 1e-6


def test_float32_follows_float64():
    double = HardInstance(Table(4, 3), 2.0, 1.0)
    single = HardInstance(Table(4, 3), 2.0, 1.0, dtype=torch.float32)
    x, _ = single.sample(100, generator(12))
    assert x.dtype == torch.float32
    for level in (0.1, 1.0, 10.0):
        for name in ("score", "denoise", "vertex_score", "mixture_score"):
            found = getattr(single, name)(x, level)
            assert found.dtype == torch.float32
            exact = getattr(double, name)(x.double(), level)
            size = 1 if name == "denoise" else (1 + x.abs().max()) / level**2
            assert (found.double() - exact).abs().max() < 1e-4 * size


def test_any_n_where_no_sum_is_needed():
    instance = HardInstance(Parity(300, 212), 9.0, 0.8)
    x, bits = instance.sample(5, generator(13))
    for name in ("vertex_score", "mixture_score"):
        assert getattr(instance, name)(x, 0.1).shape == (5, 512)
    assert bits.shape == (5, 300)
