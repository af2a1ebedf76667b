"""The audit's problems: every exact posterior and denoiser by a route of its own.

Statistical checks have a false-alarm rate of at most 1e-6 each.
"""

import pytest
import torch
from scipy import stats
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from hardposterior import impl
from hardposterior.impl.measurement import LinearMeasurement
from hardposterior.impl.rejection import rejection_sample
from hardposterior.properties.audit import hard_problems
from hardposterior.properties.audit.controls import CONTROLS
from hardposterior.properties.audit.hard_features import ANSWERS
from hardposterior.properties.audit.problems import HARD, MAKERS, made, problems

FALSE_ALARM = 1e-6
ENUMERATED = ("hard-table", "hard-goldreich")


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def problem(name):
    return problems(impl, [name])[name]


def as_distribution(law, sigma=0.0, A=None):
    """The law of X + sigma Z, or of A X + sigma Z, in torch's own words."""
    A = torch.eye(law.dim, dtype=torch.float64) if A is None else A
    noise = sigma**2 * torch.eye(len(A), dtype=torch.float64)
    covariances = (A @ law.covariances @ A.T + noise).expand(law.size, -1, -1)
    parts = MultivariateNormal(law.means @ A.T, covariances)
    return MixtureSameFamily(Categorical(law.weights), parts)


def test_names_and_sizes():
    found = problems(impl)
    assert list(found) == [*MAKERS, *HARD]
    assert set(problems()) == set(MAKERS)
    for name, p in found.items():
        assert p.name == name
        assert torch.linalg.matrix_norm(p.A, 2) <= 1 + 1e-12
        x, y = p.draw(3, seeded(0))
        assert x.shape == (3, p.dim)
        assert y.shape == (3, p.measurements)
        assert p.observe(seeded(0)).shape == (p.measurements,)
    with pytest.raises(KeyError, match="nothing"):
        problems(impl, ["nothing"])
    with pytest.raises(KeyError, match="hard-table"):
        problems(None, ["hard-table"])


def test_a_worker_makes_the_same_problem():
    for name in MAKERS:
        again = made.__wrapped__(name, None)
        p = problem(name)
        assert torch.equal(again.A, p.A)
        assert torch.equal(again.prior.means, p.prior.means)
        assert torch.equal(again.prior.covariances, p.prior.covariances)


@pytest.mark.parametrize("name", MAKERS)
def test_the_denoiser_is_tweedies(name):
    law = problem(name).prior
    for sigma in (0.05, 0.7, 5.0):
        x = law.sample(4, seeded(1)) + sigma * torch.randn(
            4, law.dim, generator=seeded(2), dtype=torch.float64
        )
        x.requires_grad_(True)
        density = as_distribution(law, sigma).log_prob(x)
        (score,) = torch.autograd.grad(density.sum(), x)
        clean = law.denoise(x, sigma)
        torch.testing.assert_close(clean, x + sigma**2 * score, rtol=1e-8, atol=1e-8)
        assert torch.autograd.grad(clean.sum(), x)[0].isfinite().all()
        assert law.denoise(x.float(), sigma).dtype == torch.float32


def bayes_error(p, y, law):
    """The largest error of `law` as the posterior given y, as log-densities by Bayes' rule."""
    x = torch.cat([law.sample(20, seeded(3)), p.prior.sample(5, seeded(4))])
    likelihood = MultivariateNormal(
        x @ p.A.T, p.beta**2 * torch.eye(p.measurements, dtype=torch.float64)
    ).log_prob(y)
    prior = as_distribution(p.prior).log_prob(x)
    evidence = as_distribution(p.prior, p.beta, p.A).log_prob(y)
    return float((law.log_density(x) - (prior + likelihood - evidence)).abs().max())


@pytest.mark.parametrize("name", MAKERS)
def test_the_posterior_is_bayes(name):
    p = problem(name)
    for seed in range(2):
        y = p.observe(seeded(seed))
        assert bayes_error(p, y, p.posterior(y)) < 1e-7
    y = p.observe(seeded(0))
    assert bayes_error(p, y, p.prior.condition(p.A, 1.01 * p.beta, y)) > 1e-4


@pytest.mark.parametrize("name", ["gaussian-6", "mixture-2", "mixture-8-random"])
def test_posterior_draws_are_rejections(name):
    # 4000 draws: sees a distribution function that is off by 0.06 with near certainty.
    p = problem(name)
    y = p.observe(seeded(5))
    found = rejection_sample(
        p.prior.sample,
        LinearMeasurement(p.A, p.beta),
        y,
        4000,
        seeded(6),
        max_proposals=4 * 10**6,
        batch=2**16,
    )
    assert found.complete
    draws = p.posterior(y).sample(8000, seeded(7))
    features = p.features(y)
    assert {f.kind for f in features} >= {"mean", "spread inside a mode", "residual"}
    for f in features:
        values = [f.map(x).numpy() for x in (found.samples, draws)]
        if f.categorical:
            table = [[(v == k).sum() for k in range(len(f.labels))] for v in values]
            p_value = stats.chi2_contingency(table).pvalue
        else:
            p_value = stats.ks_2samp(*values).pvalue
        assert p_value > FALSE_ALARM / len(features), f.name


@pytest.mark.parametrize("name", [n for n in [*MAKERS, *HARD] if n != "hard-sha256"])
def test_lengths_and_distances_are_bounds(name):
    p = problem(name)
    y = p.observe(seeded(8))
    law = p.posterior(y)
    x = torch.cat([law.sample(60, seeded(9)), p.prior.sample(60, seeded(10))])
    other = x[torch.randperm(len(x), generator=seeded(11))]
    step = torch.randn(x.shape, generator=seeded(12), dtype=torch.float64)
    for there in (other, x + 0.3 * p.scale * step, x + 1e-3 * step, (x + other) / 2):
        apart = (there - x).norm(dim=-1)
        for f in p.features(y):
            here, moved = f.map(x), f.map(there)
            if f.categorical:
                distance = f.distance(x)
                assert distance.shape == (len(x), len(f.labels))
                assert distance.gather(1, here[:, None]).abs().max() < 1e-6
                assert (distance.gather(1, moved[:, None])[:, 0] <= apart + 1e-6).all(), f.name
            else:
                assert ((here - moved).abs() <= f.lipschitz * apart * (1 + 1e-9) + 1e-9).all()


@pytest.mark.parametrize("name", ENUMERATED)
def test_hard_posteriors_agree_with_the_implementation(name):
    p = problem(name)
    for seed in range(3):
        y = p.observe(seeded(seed))
        law = p.posterior(y)
        exact = p.prior.instance.posterior(y, p.beta).hidden_probabilities()
        torch.testing.assert_close(law.word_probabilities(), exact, rtol=1e-7, atol=1e-9)
        # The denoiser as an average of posterior draws, weighed by the noise: both routes differ.
        draws = law.sample(40_000, seeded(13))
        x = law.sample(4, seeded(14)) + 0.8 * torch.randn(
            4, p.dim, generator=seeded(21), dtype=torch.float64
        )
        weights = (-torch.cdist(x, draws).square() / (2 * 0.8**2)).softmax(-1)
        effective = 1 / weights.square().sum(-1).max()
        assert effective > 200
        error = (weights @ draws - law.denoise(x, 0.8)).abs().max()
        assert error < 6 / effective.sqrt()


@pytest.mark.parametrize("name", HARD)
def test_hidden_bits_are_read_off_the_truth_and_not_off_the_prior(name):
    p = problem(name)
    pairs = 10 if name == "hard-sha256" else 100
    x, y = p.draw(pairs, seeded(15))
    seen = [p.hidden_bits(one).map(point[None]) for one, point in zip(y, x, strict=True)]
    assert float(torch.cat(seen).double().mean()) > 0.98
    blind = p.prior.sample(2000, seeded(16))
    rate = [float(p.hidden_bits(one).map(blind).double().mean()) for one in y[: pairs // 5]]
    assert abs(sum(rate) / len(rate) - p.chance) < 0.03
    assert p.hidden_bits(y[0]).labels == ANSWERS


def test_two_forms_are_near_the_exact_denoiser_where_words_can_be_listed():
    p = problem("hard-table")
    instance = p.prior.instance
    switch = instance.spacing / (2 * 2**0.5 * 3.141592653589793)
    forms = hard_problems.two_forms(instance, switch)
    for sigma in (0.01, 0.05, 0.3, 1.0):
        noise = torch.randn(2000, p.dim, generator=seeded(18), dtype=torch.float64)
        x = p.prior.sample(2000, seeded(17)) + sigma * noise
        error = (forms(x, sigma) - p.denoise(x, sigma)).square().sum(-1).mean()
        assert error < 1e-3 * sigma**2 + 1e-5, sigma


def test_controls_have_the_contract_and_the_right_law():
    p = problem("hard-table")
    y = p.observe(seeded(19))
    hidden = p.hidden_bits(y)
    rates = {}
    for name, make in CONTROLS.items():
        x = make(p)(p.denoise, p.A, y, p.beta, 64, seeded(20))
        assert x.shape == (64, p.dim)
        rates[name] = float(hidden.map(x).double().mean())
    assert rates["exact posterior"] == rates["exact conditional score"] == 1.0
    assert rates["prior that ignores y"] < 0.3
    with pytest.raises(ValueError, match="exact posterior is known"):
        CONTROLS["exact posterior"](problem("hard-sha256"))(None, None, y, 1.0, 1, seeded(0))
