"""The smoothed lattice law against 60-digit arithmetic on the same float64 numbers."""

import math
import random
from functools import cache

import mpmath
import pytest
import torch
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap

from hardposterior.impl import chunks
from hardposterior.impl.lattice import DiscretizedGaussian
from hardposterior.impl.lattice_kernel import fourier_form, space_form
from hardposterior.impl.lattice_level import levels

mp = mpmath.MPContext()
mp.dps = 60

SPACINGS = (0.05, 0.31, 0.97, 2.3, 4.0)
PHASES = (0.0, 0.5, 0.25, 0.3, -0.41, 1e-9, 0.5 - 1e-12, -3.7)
SIGMAS = (1e-4, 3e-3, 0.02, 0.07, 0.3, 1.0, 10.0, 1e3)
QUANTITIES = ("log_prob", "score", "denoise")


@cache
def log_mass(spacing, phase):
    """log of the sum of exp(-a^2 / 2), by the direct sum: 13.5 standard deviations suffice."""
    s, theta = mp.mpf(spacing), mp.mpf(phase)
    low, high = (math.floor(side * 13.5 / spacing - phase) for side in (-1, 1))
    return mp.log(mp.fsum(mp.exp(-((s * (k + theta)) ** 2) / 2) for k in range(low, high + 1)))


def reference(spacing, phase, sigma, point):
    """(log_prob, score, denoise, their derivatives, their natural scales) in 60 digits."""
    x, s, theta, noise = (mp.mpf(value) for value in (point, spacing, phase, sigma))
    t = 1 + noise**2
    mu, q, rate = x / t, noise**2 / t / s**2, t * s**2 / (2 * noise**2)
    nearest = mp.nint(mu / s - theta)
    r, a = mu / s - theta - nearest, s * (nearest + theta)
    if q < 0.5:  # else the Fourier form: 60 digits would take thousands of lattice points
        offsets = [j for j in range(-17, 18) if (j * j - abs(j)) * rate < 250]
        weights = [mp.exp((2 * r - j) * j * rate) for j in offsets]
        total = mp.fsum(weights)
        g = mp.fsum(j * w for j, w in zip(offsets, weights, strict=True)) / total
        spread = mp.fsum(abs(j) * w for j, w in zip(offsets, weights, strict=True)) / total
        variance = mp.fsum((j - g) ** 2 * w for j, w in zip(offsets, weights, strict=True)) / total
        log_prob = mp.log(total) - a**2 / 2 - (x - a) ** 2 / (2 * noise**2)
        log_prob -= mp.log(2 * mp.pi * noise**2) / 2 + log_mass(spacing, phase)
        score, denoise = ((a - x) + s * g) / noise**2, a + s * g
    else:
        nome = mp.exp(-2 * mp.pi**2 * q)
        terms = [(2 * j, 2 * nome ** (j * j)) for j in range(1, 5)]
        zero = 1 + mp.fsum(c * mp.cospi(w * r) for w, c in terms)
        slope = -mp.pi * mp.fsum(w * c * mp.sinpi(w * r) for w, c in terms) / zero
        bend = -(mp.pi**2) * mp.fsum(w**2 * c * mp.cospi(w * r) for w, c in terms) / zero - slope**2
        g, variance = r + q * slope, q * (1 + q * bend)
        spread = abs(g)
        log_prob = (
            mp.log(zero) - x**2 / (2 * t) - mp.log(t) / 2 - mp.log(s) - log_mass(spacing, phase)
        )
        score, denoise = q * s * slope / noise**2 - mu, mu + q * s * slope
    ratio = variance / (q * t)
    if q < 1 / (2 * mp.pi):
        terms = {"score": abs(x - a) + s * abs(g), "slope": abs(x - a) + s * spread}
        scales = {key: value / noise**2 for key, value in terms.items()}
        scales |= {"denoise": abs(mu) + abs(a) + s * abs(g), "ratio": ratio}
        scales |= {"bend": (1 + ratio) / noise**2}
    else:
        size = abs(mu) + abs(denoise - mu) / noise**2
        scales = {"score": size, "slope": size, "denoise": abs(mu) + abs(denoise - mu)}
        scales |= {"ratio": 1 / t + abs(ratio - 1 / t)}
        scales |= {"bend": 1 / t + abs(ratio - 1 / t) / noise**2}
    scales["log_prob"] = max(1, abs(log_prob))
    values = {"log_prob": log_prob, "score": score, "denoise": denoise}
    values |= {"slope": score, "ratio": ratio, "bend": (ratio - 1) / noise**2}
    return values, scales


TOLERANCES = {"log_prob": 1e-12, "score": 1e-13, "denoise": 1e-13}
DERIVATIVES = {"slope": ("log_prob", 1e-13), "bend": ("score", 1e-12), "ratio": ("denoise", 1e-12)}


def disagreement(law, points, sigma, *, derivatives=False):
    """The largest error over tolerance, with the case that shows it."""
    noise = float(torch.as_tensor(sigma, dtype=torch.float64).reshape(-1)[0])
    x = torch.tensor(points, dtype=torch.float64, requires_grad=derivatives)
    computed = {name: getattr(law, name)(x, sigma) for name in QUANTITIES}
    checks = {name: (computed[name], TOLERANCES[name]) for name in QUANTITIES}
    if derivatives:
        for key, (name, tolerance) in DERIVATIVES.items():
            (slope,) = torch.autograd.grad(computed[name].sum(), x, retain_graph=True)
            checks[key] = slope, tolerance
    worst = (-1.0, "")
    for index, point in enumerate(points):
        values, scales = reference(law.spacing, law.phase, noise, point)
        for key, (tensor, tolerance) in checks.items():
            value = tensor[index].item()
            case = f"{key} of {law} at x = {point!r}, sigma = {noise!r}: {value!r}"
            if not math.isfinite(value):
                return math.inf, case
            error = abs(mp.mpf(value) - values[key]) / (tolerance * scales[key] + mp.mpf("1e-290"))
            worst = max(worst, (float(error), case))
    return worst


def hard_points(spacing, phase, sigma, source, count):
    """Points at and very near lattice points and cell edges, in x and in x / t, and anywhere."""
    t = 1 + sigma**2
    reach = 12 * math.sqrt(t)
    points = []
    while len(points) < count:
        index = source.randint(-math.ceil(12 / spacing), math.ceil(12 / spacing))
        index = source.choice((0, source.choice((-1, 0, 1)), index))
        base = spacing * (index + source.choice((0.0, 0.5)) + phase) * source.choice((1.0, t))
        near = source.choice((0.0, 1e-9, 1e-16, 1e-20, sigma**2, 1e-4 * spacing))
        x = base + source.choice((-1, 1)) * near * source.random()
        points.append(x if source.random() < 0.8 else source.uniform(-reach, reach))
        points = [x for x in points if abs(x) <= reach]
    return points


@pytest.mark.parametrize("spacing", SPACINGS)
def test_values_and_derivatives_meet_their_contract(spacing):
    source = random.Random(int(1000 * spacing))
    sigmas = list(SIGMAS)
    if spacing**2 < 2 * math.pi:  # then some sigma has v = spacing^2 / (2 pi), where the forms swap
        sigmas += [sigma_at(spacing, 0.5 / math.pi) * (1 + h) for h in (0, 1e-9, -1e-9, 0.1, 1.0)]
    for phase in PHASES:
        law = DiscretizedGaussian(spacing, phase)
        for sigma in sigmas:
            points = hard_points(spacing, phase, sigma, source, 5)
            error, case = disagreement(law, points, sigma, derivatives=True)
            assert error <= 1, f"{error:.3g} times the tolerance: {case}"


def sigma_at(spacing, q):
    """The sigma at which v = q spacing^2."""
    return math.sqrt(q * spacing**2 / (1 - q * spacing**2))


# One rounding of an exponent near 700 costs 5.7e-14 of the exponential, and two of them could cost
# more than the tolerance. A sample of cases will not find the worst: so it must stay well below.
SHARE = 0.2


@pytest.mark.parametrize("exponent", [30.0 + 33 * step for step in range(21)])
def test_exponentially_small_terms_keep_their_digits_where_they_stand_alone(exponent):
    cases = [  # at a lattice point hit exactly, the score is what its neighbours leave
        (spacing, 0.0, spacing * index, sigma_at(spacing, 1 / (2 * exponent)))
        for spacing, index in ((1.0, 1), (0.5, 3), (4.0, 2), (0.25, -40))
    ]
    cases += [  # at the origin it is what the phase leaves
        (spacing, 0.3, 0.0, sigma_at(spacing, exponent / (2 * math.pi**2)))
        for spacing in (0.05, 0.07, 0.11, 0.13)
    ]
    for spacing, phase, point, sigma in cases:
        error, case = disagreement(DiscretizedGaussian(spacing, phase), [point], sigma)
        assert error <= SHARE, f"{error:.3g} times the tolerance: {case}"


def test_a_tiny_phase_keeps_its_digits():
    sigma = sigma_at(0.05, 0.999 / (2 * math.pi))
    for power in range(60):
        phase = 10.0 ** (-power / 4)
        error, case = disagreement(DiscretizedGaussian(0.05, phase), [0.05 * phase], sigma)
        assert error <= SHARE, f"{error:.3g} times the tolerance: {case}"


@pytest.mark.parametrize("sigma", [1e-4, 0.07, 1.0])
def test_around_cell_edges_and_the_origin_no_digit_is_lost(sigma):
    for spacing in (0.05, 1.0, 4.0):
        for phase in (0.5, 0.3, 0.5 - 1e-12, 1e-9, -1e-13):
            t = 1 + sigma**2
            edge = t * spacing * (phase - round(phase) + 0.5)
            q = sigma**2 / t / spacing**2
            steps = (0.0, q * 1e-3, -q, 3 * q, -30 * q, 1e-9)
            points = [edge + spacing * step for step in steps] + [1e-30, -1e-17, 0.0]
            error, case = disagreement(DiscretizedGaussian(spacing, phase), points, sigma)
            assert error <= 1, f"{error:.3g} times the tolerance: {case}"


@pytest.mark.parametrize("shape", [(), (1,), (3,)])
def test_a_tensor_of_noise_levels_meets_the_same_contract(shape):
    source = random.Random(2)
    for spacing in (0.05, 1.0, 4.0):
        for sigma in (1e-4, 0.02, 0.2, 1.0, 1e3):
            law = DiscretizedGaussian(spacing, 0.3)
            points = hard_points(spacing, 0.3, sigma, source, 3)
            levels = torch.full(shape, sigma, dtype=torch.float64)
            error, case = disagreement(law, points, levels, derivatives=True)
            assert error <= 1, f"{error:.3g} times the tolerance: {case}"


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
