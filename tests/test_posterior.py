"""The exact posterior: against 40 digits, and against rejection that sees only draws."""

import math
import re
from itertools import product

import mpmath as mp
import pytest
import torch
from instances import Identity, Table, exact_binomial, generator
from scipy import stats

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.hard_instance import HardInstance


def lattice(spacing, bit, low, high):
    phase = mp.mpf(0) if bit else mp.mpf("0.5")
    first, last = int(mp.floor(low / spacing - phase)), int(mp.ceil(high / spacing - phase))
    return [spacing * (k + phase) for k in range(first, last + 1)]


def joint_mass(a, y, beta, R):
    """exp(-a^2 / 2) N(y; a / R, beta^2) for an unscaled lattice point a."""
    gaussian = mp.exp(-((y - a / R) ** 2) / (2 * beta**2)) / (beta * mp.sqrt(2 * mp.pi))
    return mp.exp(-(a**2) / 2) * gaussian


class Reference:
    """The posterior by 40 digits, from the definition: sums over words and lattice points."""

    def __init__(self, instance, y, beta):
        self.instance, self.R = instance, mp.mpf(instance.separation)
        self.beta, self.y = mp.mpf(beta), [mp.mpf(c) for c in y.tolist()]
        self.spacing = mp.mpf(instance.spacing)
        self.normalizers = [
            mp.fsum(mp.exp(-(a**2) / 2) for a in lattice(self.spacing, bit, -14, 14))
            for bit in (0, 1)
        ]
        evidence = [[self.evidence(c, bit) for bit in (0, 1)] for c in self.y]
        self.images = instance.function.table.tolist()
        self.joint = [
            mp.fprod(pair[bit] for pair, bit in zip(evidence, image, strict=True))
            / len(self.images)
            for image in self.images
        ]
        self.total = mp.fsum(self.joint)
        self.probabilities = [p / self.total for p in self.joint]

    def evidence(self, y, bit):
        t = 1 + (self.R * self.beta) ** 2
        reach = 14 * self.R * self.beta / mp.sqrt(t)
        points = lattice(self.spacing, bit, self.R * y / t - reach, self.R * y / t + reach)
        masses = mp.fsum(joint_mass(a, y, self.beta, self.R) for a in points)
        return masses / self.normalizers[bit]

    def density(self, x):
        """p(x | y), its lattice points read off as the nearest ones."""
        n, R = self.instance.n, self.R
        hidden = [mp.mpf(c) for c in x[:n]]
        half_steps = [int(mp.nint(2 * R * mp.mpf(c) / self.spacing)) for c in x[n:]]
        bits = [1 - k % 2 for k in half_steps]
        masses = [
            joint_mass(self.spacing * k / 2, y, self.beta, R) / self.normalizers[b]
            for k, b, y in zip(half_steps, bits, self.y, strict=True)
        ]
        words = product((0, 1), repeat=n)
        matching = [
            mp.exp(
                -mp.fsum((h - (2 * b - 1)) ** 2 for h, b in zip(hidden, w, strict=True)) * R**2 / 2
            )
            for w, image in zip(words, self.images, strict=True)
            if image == bits
        ]
        normal = (R / mp.sqrt(2 * mp.pi)) ** n
        return mp.fsum(matching) * normal * mp.fprod(masses) / len(self.images) / self.total


def a_random_problem(seed):
    """n, m <= 8; y from the model half of the time, else from a wide normal law."""
    g = generator(seed)
    n, m = torch.randint(1, 9, (2,), generator=g).tolist()
    u = torch.rand(3, generator=g, dtype=torch.float64).tolist()
    separation, spacing, beta = 10 ** u[0], 0.3 + 1.7 * u[1], 10 ** (3 * u[2] - 2.5)
    instance = HardInstance(Table(n, m, seed), separation, spacing)
    x, _ = instance.sample(1, g)
    y = instance.measurement(beta).observe(x, g)[0]
    if seed % 2:
        y = torch.randn(m, generator=g, dtype=y.dtype) * math.sqrt(beta**2 + separation**-2)
    return instance, y, beta


@pytest.mark.parametrize("block", range(10))
def test_posterior_agrees_with_forty_digits_on_two_hundred_problems(block):
    with mp.workdps(40):
        for seed in range(20 * block, 20 * block + 20):
            instance, y, beta = a_random_problem(seed)
            posterior = instance.posterior(y, beta)
            exact = Reference(instance, y, beta)
            p, words = exact.probabilities, list(product((0, 1), repeat=instance.n))
            assert posterior.words.tolist() == [list(word) for word in words]
            found = posterior.hidden_probabilities().tolist()
            assert max(abs(a - b) for a, b in zip(found, p, strict=True)) < 1e-10
            for i, got in enumerate(posterior.hidden_bit_probabilities().tolist()):
                assert abs(got - mp.fsum(q for q, w in zip(p, words, strict=True) if w[i])) < 1e-10
            for j, got in enumerate(posterior.image_bit_probabilities().tolist()):
                ones = mp.fsum(q for q, b in zip(p, exact.images, strict=True) if b[j])
                assert abs(got - ones) < 1e-10
            image = exact.images[seed % len(exact.images)]
            same = mp.fsum(q for q, b in zip(p, exact.images, strict=True) if b == image)
            assert abs(posterior.image_probability(torch.tensor(image)).item() - same) < 1e-10
            log_evidence = posterior.log_evidence().item()
            assert abs(log_evidence - mp.log(exact.total)) < 1e-10
            x = posterior.sample(2, generator(seed))
            for row, got in zip(x.tolist(), posterior.log_prob(x).tolist(), strict=True):
                assert abs(got - mp.log(exact.density(row))) < 1e-9


def p_values_of_draws(x, posterior, instance, y, beta):
    """Exact p-values of draws x: cells of signs and image, lattice points, hidden laws."""
    n, R, count = instance.n, instance.separation, len(x)
    half_steps = (2 * R * x[:, n:] / instance.spacing).round().to(torch.int64)
    images, signs = (half_steps % 2 == 0).to(torch.int64), (x[:, :n] > 0).to(torch.int64)
    words, weights = posterior.words, posterior.hidden_probabilities()
    p_values = []
    right = stats.norm.cdf(R)  # probability that a hidden coordinate has the sign of its bit
    for sign in product((0, 1), repeat=n):
        seen = signs == torch.tensor(sign)
        keeps = (words == torch.tensor(sign)).sum(-1)
        chance = weights * right**keeps * (1 - right) ** (n - keeps)
        for image in product((0, 1), repeat=instance.m):
            hits = (seen.all(-1) & (images == torch.tensor(image)).all(-1)).sum().item()
            same = (instance.function(words) == torch.tensor(image)).all(-1)
            p_values.append(exact_binomial(hits, count, chance[same].sum().item()))
    ones = posterior.image_bit_probabilities()
    for j in range(instance.m):
        for bit in (0, 1):
            steps = torch.arange(-12 + 1 - bit, 13, 2)
            points = steps * instance.spacing / 2
            logs = -(points**2) / 2 - (y[j] - points / R) ** 2 / (2 * beta**2)
            masses = logs.softmax(0) * (ones[j] if bit else 1 - ones[j])
            for step, mass in zip(steps, masses, strict=True):
                hits = (half_steps[:, j] == step).sum().item()
                p_values.append(exact_binomial(hits, count, mass.item()))
    for i, one in enumerate(posterior.hidden_bit_probabilities().tolist()):

        def cdf(h, one=one):
            return one * stats.norm.cdf(R * (h - 1)) + (1 - one) * stats.norm.cdf(R * (h + 1))

        p_values.append(stats.kstest(x[:, i].numpy(), cdf).pvalue)
    return p_values


PROBLEM = HardInstance(Table(3, 2, seed=3), 1.5, 1.2)
Y, BETA = torch.tensor([0.31, -0.12], dtype=torch.float64), 0.25


def rejected(instance, y, beta, proposals, seed):
    """Posterior draws that use only draws of the prior and the likelihood."""
    g = generator(seed)
    x, _ = instance.sample(proposals, g)
    measurement = instance.measurement(beta)
    peak = measurement.log_likelihood(
        y, instance.sample(1, g)[0] * 0 + torch.cat([y.new_zeros(3), y])
    )
    accept = (measurement.log_likelihood(y, x) - peak).exp()
    return x[torch.rand(proposals, generator=g, dtype=x.dtype) < accept]


def test_posterior_agrees_with_rejection():
    """False alarms 1e-6 in all; 50,000 draws, so a cell off by 1.5 % of the mass is seen."""
    x = rejected(PROBLEM, Y, BETA, 400_000, seed=1)
    assert len(x) > 50_000
    p_values = p_values_of_draws(x, PROBLEM.posterior(Y, BETA), PROBLEM, Y, BETA)
    assert min(p_values) > 1e-6 / len(p_values)


def test_posterior_draws_follow_the_posterior():
    """The same exact tests for the sampler: false alarms 1e-6 in all."""
    posterior = PROBLEM.posterior(Y, BETA)
    x = posterior.sample(60_000, generator(2))
    p_values = p_values_of_draws(x, posterior, PROBLEM, Y, BETA)
    assert min(p_values) > 1e-6 / len(p_values)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_rejection_sees_a_posterior_for_the_wrong_noise(factor):
    x = rejected(PROBLEM, Y, BETA, 400_000, seed=1)
    wrong = PROBLEM.posterior(Y, factor * BETA)
    p_values = p_values_of_draws(x, wrong, PROBLEM, Y, BETA)
    assert min(p_values) < 1e-6 / len(p_values)


def test_evidence_is_the_density_of_y():
    """E exp(log-likelihood) over the prior, within 6 standard errors (rate 2e-9)."""
    x, _ = PROBLEM.sample(400_000, generator(4))
    likelihood = PROBLEM.measurement(BETA).log_likelihood(Y, x).exp()
    error = likelihood.mean() - PROBLEM.posterior(Y, BETA).log_evidence().exp()
    assert error.abs() < 6 * likelihood.std() / math.sqrt(len(x))


def test_preimages_condition_on_the_listed_words():
    instance = HardInstance(Table(5, 3), 2.0, 1.0)
    y = torch.tensor([0.1, 0.4, -0.3], dtype=torch.float64)
    whole = instance.posterior(y, 0.2)
    chosen = torch.tensor([3, 17, 30, 4])
    part = instance.posterior(y, 0.2, preimages=whole.words[chosen])
    weights = whole.hidden_probabilities()[chosen]
    torch.testing.assert_close(part.hidden_probabilities(), weights / weights.sum())
    everything = instance.posterior(y, 0.2, preimages=whole.words)
    x = whole.sample(20, generator(5))
    torch.testing.assert_close(everything.log_prob(x), whole.log_prob(x))
    torch.testing.assert_close(everything.log_evidence(), whole.log_evidence())


def test_preimages_work_beyond_enumeration():
    """One preimage of 200 bits: the image says which lattice, and every draw keeps to it."""
    instance = HardInstance(Identity(200), 8.0, 1.0)
    x, bits = instance.sample(1, generator(6))
    y = instance.measurement(0.01).observe(x, generator(7))[0]
    posterior = instance.posterior(y, 0.01, preimages=bits)
    draws = posterior.sample(50, generator(8))
    assert torch.equal(draws[:, :200] > 0, (bits == 1).expand(50, -1))
    steps = 8.0 * draws[:, 200:] - (1 - bits) / 2
    assert torch.equal(steps, steps.round())
    assert (draws[:, 200:] - y).abs().max() < 1 / 8
    assert posterior.log_prob(draws).isfinite().all()


def test_log_prob_is_minus_infinity_off_the_support():
    posterior = PROBLEM.posterior(Y, BETA)
    x = posterior.sample(1, generator(9))[0]
    assert posterior.log_prob(x).isfinite()
    for step in (1e-9, 0.2):
        moved = x.clone()
        moved[-1] += step
        assert posterior.log_prob(moved) == -math.inf
    zeros = Table(3, 2)
    zeros.table[:] = 0
    nowhere_one = HardInstance(zeros, 1.5, 1.2).posterior(Y, BETA)
    assert nowhere_one.log_prob(torch.zeros(5, dtype=torch.float64)) == -math.inf


def test_small_noise_and_far_measurements_stay_finite():
    """At noise 1e-6 only one lattice point is left; far out the nearest phase decides."""
    instance = HardInstance(Table(3, 2), 2.0, 1.0)
    for y, beta in (([0.0, 0.26], 1e-6), ([40.0, -40.0], 0.1), ([0.1, 0.1], 1e3)):
        posterior = instance.posterior(torch.tensor(y, dtype=torch.float64), beta)
        assert abs(posterior.hidden_probabilities().sum() - 1) < 1e-12
        x = posterior.sample(100, generator(10))
        assert posterior.log_prob(x).isfinite().all()


Z = torch.zeros(2, dtype=torch.float64)
BAD = [
    (lambda: PROBLEM.posterior(Z[:1], 0.1), r"y.shape = \(1,\): must be \(..., 2\)"),
    (lambda: PROBLEM.posterior(Z.expand(3, 2), 0.1), r"y.shape = \(3, 2\): must be \(2,\)"),
    (lambda: PROBLEM.posterior(Z * math.nan, 0.1), r"y = \[nan, nan\]: must be finite"),
    (lambda: PROBLEM.posterior(Z.float(), 0.1), "y.dtype = torch.float32"),
    (lambda: PROBLEM.posterior([0.0, 0.0], 0.1), r"y = \[0.0, 0.0\]: must be a torch.float64"),
    (lambda: PROBLEM.posterior(Z, 0.0), "beta = 0.0: .*above 0"),
    (lambda: PROBLEM.posterior(Z, 0.1, preimages=torch.ones(2, 2)), r"preimages.shape = \(2, 2\)"),
    (lambda: PROBLEM.posterior(Z, 0.1, preimages=torch.ones(2, 3)), "preimages = .*distinct"),
    (lambda: PROBLEM.posterior(Z, 0.1, preimages=torch.ones(0, 3)), "preimages = .*k > 0"),
    (lambda: PROBLEM.posterior(Z, 0.1, preimages=torch.full((1, 3), 2)), "preimages = 2: .*bits"),
    (lambda: PROBLEM.posterior(Z, 0.1).sample(0, generator(0)), "count = 0"),
    (lambda: PROBLEM.posterior(Z, 0.1).sample(1, 0), "generator = 0"),
    (lambda: PROBLEM.posterior(Z, 0.1).log_prob(Z), r"x.shape = \(2,\): must be \(..., 5\)"),
    (lambda: PROBLEM.posterior(Z, 0.1).image_probability(Z + 2), "bits = 2.0: must be bits"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_one_clear_line(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
