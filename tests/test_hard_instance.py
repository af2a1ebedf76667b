"""The hard instance against a 40-digit sum over the vertices, written from the definition."""

import math
import os
import re
from itertools import product

import mpmath as mp
import pytest
import torch
from scipy import stats

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.phases import lattice_moments

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"
HALF_ULP = mp.mpf(2) ** -53


class Table:
    """A random function from n to m bits, looked up in a table."""

    def __init__(self, n, m, seed=0):
        self.n, self.m = n, m
        generator = torch.Generator().manual_seed(seed)
        self.table = torch.randint(0, 2, (2**n, m), generator=generator)

    def __call__(self, bits):
        return self.table[(bits * 2 ** torch.arange(self.n - 1, -1, -1)).sum(-1)]


def generator(seed):
    return torch.Generator().manual_seed(seed)


def lattice(spacing, phase, low, high):
    first, last = int(mp.floor(low / spacing - phase)), int(mp.ceil(high / spacing - phase))
    return [spacing * (k + phase) for k in range(first, last + 1)]


def smoothed_phase(x, sigma, spacing, bit):
    """Density, mean and variance of a given a + sigma Z = x, and the nearest lattice point."""
    phase = mp.mpf(0) if bit else mp.mpf("0.5")
    t = 1 + sigma**2
    reach = 14 * sigma / mp.sqrt(t)
    points = lattice(spacing, phase, x / t - reach, x / t + reach)
    weights = [mp.exp(-(a**2) / 2 - (x - a) ** 2 / (2 * sigma**2)) for a in points]
    total = mp.fsum(weights)
    mean = mp.fdot(weights, points) / total
    variance = mp.fdot(weights, [(a - mean) ** 2 for a in points]) / total
    normalizer = mp.fsum(mp.exp(-(a**2) / 2) for a in lattice(spacing, phase, -14, 14))
    density = total / normalizer / (sigma * mp.sqrt(2 * mp.pi))
    return density, mean, variance, min(points, key=lambda a: abs(x / t - a))


def reference(instance, point, level):
    """Log-density, score and natural scales (see `HardInstance.score`), scaled, by 40 digits.

    The scales allow for one rounding of each coordinate of x: the score's derivative times that.
    """
    R, n, d = mp.mpf(instance.separation), instance.n, instance.d
    sigma = R * mp.mpf(level)
    x, t = [R * mp.mpf(c) for c in point.tolist()], 1 + sigma**2
    phases = [
        [smoothed_phase(c, sigma, mp.mpf(instance.spacing), b) for b in (0, 1)] for c in x[n:]
    ]
    words = list(product((0, 1), repeat=n))
    images = instance.function(torch.tensor(words)).tolist()
    weights, means, variances = [], [], []
    for word, image in zip(words, images, strict=True):
        parts = [phases[j][b] for j, b in enumerate(image)]
        signs = [2 * b - 1 for b in word]
        gaussian = [
            mp.exp(-((c - R * s) ** 2) / (2 * t)) for c, s in zip(x[:n], signs, strict=True)
        ]
        weights.append(mp.fprod(gaussian + [p[0] for p in parts]) * (2 * mp.pi * t) ** (-n / 2))
        hidden = [(c + sigma**2 * R * s) / t for c, s in zip(x[:n], signs, strict=True)]
        means.append(hidden + [p[1] for p in parts])
        variances.append([sigma**2 / t] * n + [p[2] for p in parts])
    total = mp.fsum(weights)
    weights = [w / total for w in weights]
    mean = [mp.fdot(weights, [v[i] for v in means]) for i in range(d)]
    score = [(mean[i] - x[i]) / sigma**2 for i in range(d)]
    scale = [(R + abs(c)) / t for c in x[:n]]
    for j, pair in enumerate(phases):
        terms = [(abs(x[n + j] - a) + abs(D - a)) / sigma**2 for _, D, _, a in pair]
        scale.append(mp.fdot(weights, [terms[image[j]] for image in images]))
    rounding = [HALF_ULP * abs(c) for c in x]
    centred = [[v[i] - mean[i] for v in means] for i in range(d)]
    for i in range(d):
        weighted = [w * c for w, c in zip(weights, centred[i], strict=True)]
        for k in range(d):
            covariance = mp.fdot(weighted, centred[k])
            if i == k:
                covariance += mp.fdot(weights, [v[i] for v in variances]) - sigma**2
            scale[i] += abs(covariance) / sigma**4 * rounding[k] / mp.mpf("1e-11")
    log_scale = d + abs(mp.log(total)) + mp.fsum((c**2 + R**2) / (2 * t) for c in x[:n])
    log_scale += mp.fsum(max(abs(mp.log(p[0])) for p in pair) for pair in phases)
    log_scale += mp.fdot([abs(s) for s in score], rounding) / mp.mpf("1e-13")
    log_prob = mp.log(total) - n * mp.log(2) + d * mp.log(R)
    return log_prob, log_scale, [R * s for s in score], [R * s for s in scale]


def excess(found, exact, allowed):
    """The error over what is allowed: 1 is the limit; zero allows no error at all."""
    error = abs(mp.mpf(found.item()) - exact)
    return 0.0 if error == 0 else float(error / allowed) if allowed > 0 else math.inf


def worst_errors(instance, points, level):
    """Errors of score, denoiser and log-density, over their allowances."""
    worst = {"score": 0.0, "denoise": 0.0, "log_prob": 0.0}
    scores, denoised = instance.score(points, level), instance.denoise(points, level)
    logs, variance = instance.log_prob(points, level), mp.mpf(level) ** 2
    for row, point in enumerate(points):
        log_prob, log_scale, score, scale = reference(instance, point, level)
        for i, x in enumerate(point.tolist()):
            error = excess(scores[row, i], score[i], mp.mpf("1e-11") * scale[i])
            worst["score"] = max(worst["score"], error)
            exact = x + variance * score[i]
            allowed = mp.mpf("1e-11") * variance * scale[i] + mp.mpf("1e-14") * (abs(x) + 1)
            worst["denoise"] = max(worst["denoise"], excess(denoised[row, i], exact, allowed))
        error = excess(logs[row], log_prob, mp.mpf("1e-13") * log_scale)
        worst["log_prob"] = max(worst["log_prob"], error)
    return worst


def points_to_try(instance, level, seed):
    """Two draws of the smoothed prior, lattice points, a point where all words tie, a far one."""
    g = generator(seed)
    x, _ = instance.sample(5, g)
    x = x + level * torch.randn(x.shape, generator=g, dtype=x.dtype)
    n, cell = instance.n, instance.spacing / instance.separation
    half_steps = torch.randint(-3, 4, (instance.m,), generator=g)
    x[2, n:] = half_steps * cell / 2
    x[3, :n] = 0
    x[3, n:] = (half_steps + 0.5) * cell / 2
    x[4] *= 5
    return x


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


def exact_binomial(count, trials, probability):
    """Two-sided p-value of a count, exact."""
    law = stats.binom(trials, probability)
    return min(1.0, 2 * min(law.cdf(count), law.sf(count - 1)))


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


def small(n=2, m=2, **kwargs):
    return HardInstance(Table(n, m), 2.0, 1.0, **kwargs)


class Odd:
    """A function with sizes as given that returns what it is told to."""

    def __init__(self, n, m, output):
        self.n, self.m, self.output = n, m, output

    def __call__(self, bits):
        return self.output(bits)


class Parity:
    """For any n: all image bits are the parity."""

    def __init__(self, n, m):
        self.n, self.m = n, m

    def __call__(self, bits):
        return (bits.sum(-1, keepdim=True) % 2).expand(*bits.shape[:-1], self.m)


X = torch.zeros(3, 4, dtype=torch.float64)
BAD = [
    (
        lambda: HardInstance(Parity(21, 2), 2.0, 1.0).score(X.new_zeros(3, 23), 1.0),
        "function.n = 21: must be at most 20 .*use vertex_score or mixture_score",
    ),
    (
        lambda: HardInstance(Parity(24, 2), 2.0, 1.0).covariance(),
        "function.n = 24: must be at most",
    ),
    (
        lambda: HardInstance(Parity(24, 2), 2.0, 1.0).posterior(X[0, :2], 0.1),
        "function.n = 24: must be at most 20 .*preimages",
    ),
    (lambda: HardInstance(3, 2.0, 1.0), "function = 3: must be callable"),
    (lambda: HardInstance(lambda b: b, 2.0, 1.0), "function = .*integer attribute n"),
    (lambda: HardInstance(Odd(0, 1, lambda b: b), 2.0, 1.0), r"function.n = 0: must be an integer"),
    (lambda: HardInstance(Odd(2, 3, lambda b: b), 2.0, 1.0), r"function\(bits\).shape = \(2, 2\)"),
    (lambda: HardInstance(Odd(2, 2, lambda b: b[0]), 2.0, 1.0), r"function\(bits\).shape = \(2,\)"),
    (lambda: HardInstance(Odd(2, 2, lambda b: b + 2), 2.0, 1.0), r"function\(bits\) = 2: .*0 or 1"),
    (lambda: HardInstance(Odd(2, 2, lambda b: b - 0.5), 2.0, 1.0), r"function\(bits\) = -0.5"),
    (lambda: HardInstance(Odd(2, 2, lambda b: b.tolist()), 2.0, 1.0), "must be a tensor of bits"),
    (lambda: HardInstance(Odd(2, 2, lambda b: 2 * b), 2.0, 1.0).score(X, 1.0), "= 2: .*0 or 1"),
    (lambda: HardInstance(Table(2, 2), 0.0, 1.0), "separation = 0.0: .*above 0"),
    (lambda: HardInstance(Table(2, 2), 0.5, 1.0), "separation = 0.5: must be at least 1"),
    (lambda: HardInstance(Table(2, 2), math.nan, 1.0), "separation = nan"),
    (lambda: HardInstance(Table(2, 2), 2.0, -1.0), "spacing = -1.0: .*above 0"),
    (lambda: small(dtype=torch.float16), "dtype = torch.float16"),
    (lambda: small().sample(0, generator(0)), "count = 0: must be an integer >= 1"),
    (lambda: small().sample(3, None), "generator = None"),
    (lambda: small().score(X[:, :3], 1.0), r"x.shape = \(3, 3\): must be \(..., 4\)"),
    (lambda: small().score(X.tolist(), 1.0), "x = .*: must be a torch.float64 tensor"),
    (lambda: small().score(X.float(), 1.0), "x.dtype = torch.float32: must be torch.float64"),
    (lambda: small().score(X, 0.0), "sigma = 0.0"),
    (lambda: small().denoise(X, torch.tensor([1.0, 0.0, 2.0])), "sigma = 0.0: .*above 0"),
    (lambda: small().log_prob(X, torch.ones(2)), r"sigma.shape = \(2,\): .*broadcastable"),
    (lambda: small().vertex_score(X, 1.0, bits=X), r"bits.shape = \(3, 4\): must be \(..., 2\)"),
    (lambda: small().vertex_score(X, 1.0, bits=X[0, :2]), r"bits.shape = \(2,\): must be \(3, 2\)"),
    (lambda: small().vertex_score(X, 1.0, bits=X[:, :2] + 3), "bits = 3.0: must be bits"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_one_clear_line(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)


def test_any_n_where_no_sum_is_needed():
    instance = HardInstance(Parity(300, 212), 9.0, 0.8)
    x, bits = instance.sample(5, generator(13))
    for name in ("vertex_score", "mixture_score"):
        assert getattr(instance, name)(x, 0.1).shape == (5, 512)
    assert bits.shape == (5, 300)
