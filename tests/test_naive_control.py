"""The negative control: the builder's own blocks on the naive instance, certified and measured."""

import numpy as np
import pytest
import torch

from hardposterior import well_modeled
from hardposterior.impl.functions import draw_table, random_table
from hardposterior.impl.naive_instance import NaiveInstance
from hardposterior.impl.relu_gadgets import sign_bits
from hardposterior.naive_control import naive_failure
from hardposterior.spec import naive_network
from hardposterior.spec.arithmetic import Floats

N = M = 8
TARGET = 16.0**-2


@pytest.fixture(scope="module")
def circuit():
    return random_table(draw_table(N, M, torch.Generator().manual_seed(1)))


@pytest.fixture(scope="module")
def modeled(circuit):
    return well_modeled(circuit, C=2)


def errors(circuit, modeled, sigma, count=4000):
    """sigma^2 |s_hat - s|^2 of both forms at draws of the naive law."""
    law = NaiveInstance(circuit)
    generator = torch.Generator().manual_seed(7)
    clean, _ = law.sample(count, generator)
    x = clean + sigma * torch.randn(clean.shape, generator=generator, dtype=clean.dtype)
    bits = sign_bits(2.0**-10, N, torch.float64)(x[:, :N])
    image = circuit.to_relu(torch.float64)(bits)
    vertex = (2 * torch.cat([bits, image], 1) - 1 - x) / sigma**2
    boxes = modeled.network.boxes
    index = next(i for i, box in enumerate(boxes) if box.form == "large-noise")
    knots = np.array(modeled.network.knots(index))
    heights = np.array(modeled.network.values(boxes[index].high))
    u = (x / sigma**2).numpy()
    tanh = np.sign(u) * np.interp(abs(u), knots, heights)
    product = (torch.from_numpy(tanh) - x) / sigma**2
    exact = law.score(x, sigma)
    return [(sigma * (form - exact)).square().sum(-1).numpy() for form in (vertex, product)]


def test_the_naive_instance_fails_where_the_hard_one_is_certified(circuit, modeled):
    """The certificate names a level; from a little above it the networks really are wrong."""
    sigma, bound = naive_failure(N, M, 2)
    print(f"naive instance: the bound is {bound:.4g} > {TARGET:.4g} at sigma = {sigma:.4g}")
    assert bound > TARGET
    assert modeled.holds
    assert modeled.certificate.at(sigma)["bound"] <= TARGET
    for level in (0.5, 0.7, 1.0, 2.0):
        means = [
            float(found.mean() - 6 * found.std() / len(found) ** 0.5)
            for found in errors(circuit, modeled, level)
        ]
        assert min(means) > 10 * TARGET
        assert modeled.certificate.at(level)["bound"] <= TARGET


@pytest.mark.parametrize("sigma", [0.4, 0.6, 1.0, 3.0, 10.0])
def test_the_bounds_of_the_control_hold(circuit, modeled, sigma):
    """Six standard errors and a hundredth for window and pieces; false alarm 1e-8."""
    ctx = Floats()
    bounds = [
        formula(ctx, N, M, sigma)
        for formula in (naive_network.vertex_bound, naive_network.product_bound)
    ]
    for found, bound in zip(errors(circuit, modeled, sigma), bounds, strict=True):
        assert found.mean() - 6 * found.std() / len(found) ** 0.5 <= 1.01 * bound
    assert errors(circuit, modeled, sigma)[0].mean() > 0.05 * bounds[0]
