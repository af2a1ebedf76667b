"""The hard instance's own law: draws, covariance, moments of its lattices."""

import math
from itertools import product

import mpmath as mp
import pytest
import torch
from instances import Table, exact_binomial, generator, lattice
from scipy import stats

from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.phases import lattice_moments


def test_sample_follows_the_definition():
    """Exact tests at a false-alarm rate of 1e-6 in all; a cell off by 1.5 % of the mass is seen."""
    instance, count = HardInstance(Table(3, 2), 2.0, 1.0), 100_000
    x, bits = instance.sample(count, generator(10))
    assert x.shape == (count, 5)
    assert bits.shape == (count, 3)
    p_values = []
    for word in product((0, 1), repeat=3):
        hits = int((bits == torch.tensor(word)).all(-1).sum())
        p_values.append(exact_binomial(hits, count, 1 / 8))
    residuals = 2.0 * x[:, :3] - 2.0 * (2 * bits - 1)
    p_values += [stats.kstest(residuals[:, i].numpy(), "norm").pvalue for i in range(3)]
    image = instance.function(bits)
    half_steps = 2 * 2.0 * x[:, 3:]
    assert torch.equal(half_steps, half_steps.round())
    assert torch.equal(half_steps.remainder(2) == 0, image == 1)
    for bit, phase in ((0, 0.5), (1, 0.0)):
        drawn = 2.0 * x[:, 3:][image == bit]
        points = torch.arange(-12, 12, dtype=torch.float64) + phase
        masses = (-(points**2) / 2).exp()
        for a, mass in zip(points, masses / masses.sum(), strict=True):
            p_values.append(exact_binomial(int((drawn == a).sum()), len(drawn), mass.item()))
    assert min(p_values) > 1e-6 / len(p_values)


def test_covariance_is_exact():
    instance = HardInstance(Table(4, 3), 2.0, 2.5)
    ones = instance.function.table.double().mean(0)
    with mp.workdps(40):
        variances = []
        for phase in (mp.mpf("0.5"), mp.mpf(0)):
            points = lattice(mp.mpf("2.5"), phase, -20, 20)
            masses = [mp.exp(-(a**2) / 2) for a in points]
            variances.append(float(mp.fdot(masses, [a**2 for a in points]) / mp.fsum(masses)))
    image = (ones * variances[1] + (1 - ones) * variances[0]) / 4
    expected = torch.diag(torch.cat([torch.full((4,), 1.25, dtype=torch.float64), image]))
    torch.testing.assert_close(instance.covariance(), expected, rtol=1e-14, atol=0)
    # The draws have it too: within 6 standard errors in each of the 28 entries (rate 1e-7).
    x, _ = instance.sample(200_000, generator(11))
    products = x[:, :, None] * x[:, None, :]
    deviation = (products.mean(0) - expected) / (products.std(0) / math.sqrt(len(x)))
    assert deviation.abs().max() < 6


@pytest.mark.parametrize("spacing", [0.05, 0.249, 0.25, 1.0, 6.0, 300.0])
@pytest.mark.parametrize("phase", [0.0, 0.5])
def test_lattice_moments_agree_with_forty_digits(spacing, phase):
    log_sum, variance = lattice_moments(spacing, phase)
    with mp.workdps(40):
        reach = 16 + mp.mpf(spacing)
        points = lattice(mp.mpf(spacing), mp.mpf(phase), -reach, reach)
        masses = [mp.exp(-(a**2) / 2) for a in points]
        exact = mp.log(mp.fsum(masses))
        second = mp.fdot(masses, [a**2 for a in points]) / mp.fsum(masses)
        assert abs(log_sum - exact) <= 1e-15 * (4 + abs(exact))
        assert abs(variance - second) <= 1e-15 * second + mp.mpf("1e-300")
