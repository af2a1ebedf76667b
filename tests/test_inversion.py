"""The reduction with good and spoilt samplers, exhaustive search, and bad input."""

import itertools

import pytest
import torch
from scipy import stats

from hardposterior import bounds
from hardposterior.impl import HardInstance, goldreich, invert, preimages, sha256
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.functions import draw_neighbours, draw_table, random_table
from hardposterior.impl.inversion import CountedDenoiser, measurement_of_image
from hardposterior.impl.posterior_samplers import (
    ExactSampler,
    PriorSampler,
    RejectionSampler,
    SearchSampler,
    SpoiltSampler,
)
from hardposterior.impl.words import all_words
from hardposterior.properties.tables import Function
from hardposterior.spec import inversion as inversion_spec
from hardposterior.spec.arithmetic import Floats


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def instance():
    """n = m = 8, a random table, at the reference separation and spacing."""
    return HardInstance(Function(draw_table(8, 8, seeded(3)).tolist()), 4.0, 1.5)


def successes(instance, sampler, count, beta=0.03, seed=1, **options):
    """How many of `count` random images are inverted."""
    generator = seeded(seed)
    words = torch.randint(0, 2, (count, instance.n), generator=generator)
    images = instance.function(words)
    return sum(invert(instance, z, sampler, generator, beta=beta, **options).found for z in images)


def test_bound_at_the_reference():
    bound = bounds.inversion(n=8, m=8, separation=4.0, spacing=1.5, beta=0.03, tau=0.0, delta=0.0)
    assert round(bound, 4) == 0.9713


@pytest.mark.parametrize("make", [ExactSampler, SearchSampler])
def test_good_samplers_invert(instance, make):
    found = successes(instance, make(instance), 300)
    assert stats.binom.cdf(found, 300, 0.9713) > 1e-6


def test_a_spoilt_sampler_loses_what_it_may(instance):
    tau, delta = 0.1, 0.1
    sampler = SpoiltSampler(SearchSampler(instance), instance, tau, delta)
    found = successes(instance, sampler, 2000)
    assert 1e-6 < stats.binom.cdf(found, 2000, (1 - delta) ** 2) < 1 - 1e-6
    assert found / 2000 < 0.9


def test_a_spoilt_sampler_moves_the_weakest_coordinate_by_tau(instance):
    x = torch.linspace(-2, 2, 48, dtype=torch.float64).reshape(3, 16)
    x[0, 3], x[1, 5], x[2, 0] = 0.1, -0.4, 0.05
    spoilt = SpoiltSampler(lambda *_: x, instance, tau=0.3)
    moved = spoilt(None, None, torch.zeros(8, dtype=torch.float64), 0.03, 3, seeded(0)) - x
    expected = torch.zeros_like(x)
    weakest = x[:, :8].abs().argmin(-1)
    expected[range(3), weakest] = -0.3 * x[range(3), weakest].sign()
    assert torch.allclose(moved, expected, rtol=0, atol=1e-15)
    assert torch.equal(x[0, 3], torch.tensor(0.1, dtype=torch.float64))


def test_a_spoilt_sampler_spoils_a_share_delta_of_y_and_of_draws(instance):
    delta = 0.2
    constant = torch.full((50, 16), 9.0, dtype=torch.float64)
    spoilt = SpoiltSampler(lambda *_: constant, instance, delta=delta)
    generator = seeded(5)
    x, _ = instance.sample(1500, generator)
    ys = instance.measurement(0.03).observe(x, generator)
    kept = torch.stack([(spoilt(None, None, y, 0.03, 50, generator) == 9).all(-1) for y in ys])
    bad = int((~kept.any(-1)).sum())
    assert stats.binomtest(bad, 1500, delta).pvalue > 1e-6
    good = kept[kept.any(-1)]
    assert stats.binomtest(int((~good).sum()), good.numel(), delta).pvalue > 1e-6


def test_the_prior_inverts_at_chance(instance):
    found = successes(instance, PriorSampler(instance), 2000)
    rows = [tuple(row) for row in instance.function.rows.tolist()]
    chance = sum(rows.count(row) for row in rows) / len(rows) ** 2
    assert stats.binomtest(found, 2000, chance).pvalue > 1e-6
    more = successes(instance, PriorSampler(instance), 200, attempts=20)
    assert found / 2000 < 0.05 < more / 200


def test_rejection_inverts_a_small_instance():
    small = HardInstance(random_table(draw_table(4, 3, seeded(2))), 4.0, 1.5)
    found = successes(small, RejectionSampler(small), 60)
    assert stats.binom.cdf(found, 60, 0.98) > 1e-6
    with pytest.raises(InvalidArgument, match="max_proposals = 1: must be enough for 1 draws"):
        successes(small, RejectionSampler(small, 1), 20)


def test_search_inverts_where_no_sum_over_words_is_possible():
    big = HardInstance(goldreich(draw_neighbours(22, 22, seeded(5)), n=22), 6.6, 1.0)
    found = successes(big, SearchSampler(big), 1, beta=0.005)
    assert found == 1
    with pytest.raises(InvalidArgument, match=r"function\.n = 22: must be at most 20"):
        successes(big, ExactSampler(big), 1, beta=0.005)


def test_a_sampler_that_asks_the_denoiser_is_counted(instance):
    def asking(denoise, *_):
        x = torch.zeros(5, 16, dtype=torch.float64, requires_grad=True)
        denoise(x, 0.5).sum().backward()
        assert x.grad.abs().sum() > 0
        return denoise(x.detach(), 0.3)[:1]

    result = invert(instance, torch.zeros(8), asking, seeded(0), beta=0.03, attempts=3)
    assert result.sampler_calls == result.attempts == len(result.candidates)
    assert result.denoiser_calls == 2 * result.attempts
    assert result.function_calls == result.attempts
    other = invert(
        instance, torch.zeros(8), asking, seeded(0), beta=0.03, denoise=lambda x, sigma: x * 1.0
    )
    assert other.denoiser_calls == 2


def test_the_result_depends_on_the_generator_alone(instance):
    torch.manual_seed(0)
    first = invert(instance, torch.ones(8), ExactSampler(instance), seeded(7), beta=0.03)
    torch.manual_seed(1)
    again = invert(instance, torch.ones(8), ExactSampler(instance), seeded(7), beta=0.03)
    assert torch.equal(first.candidates, again.candidates)


@pytest.mark.parametrize("n", [3, 6, 9])
def test_search_finds_every_preimage(n):
    circuit = sha256(n, 17, n)
    words = torch.cat(list(all_words(n)))
    images = circuit(words)
    for image in (images[0], images[-1], images[len(images) // 3]):
        expected = words[(images == image).all(-1)]
        assert torch.equal(preimages(circuit, image), expected)
        table = Function(images.tolist())
        assert torch.equal(preimages(table, image), expected)
        assert torch.equal(preimages(circuit, image, most=1), expected[:1])


def test_search_says_that_there_is_none():
    circuit = random_table(torch.zeros(64, 2, dtype=torch.int64))
    assert preimages(circuit, torch.tensor([0, 1])).shape == (0, 6)
    assert len(preimages(circuit, torch.tensor([0, 0]))) == 64


def test_measurements_are_made_from_the_image_alone(instance):
    image = torch.tensor([0, 1] * 4)
    y = measurement_of_image(instance, image.expand(500, 8), 1e-6, seeded(0))
    half_steps = (y * 2 * instance.separation / instance.spacing).round()
    assert torch.equal((half_steps.remainder(2) == 0).long(), image.expand(500, 8))


def returning(make):
    return lambda denoise, A, y, beta, count, generator: make(count, A.shape[1])


BAD_RETURNS = [
    (lambda count, d: torch.zeros(d, dtype=torch.float64), r"shape = \(16,\): must be \(1, 16\)"),
    (lambda count, d: torch.zeros(count, d - 1, dtype=torch.float64), r"shape = \(1, 15\)"),
    (lambda count, d: torch.zeros(2, d, dtype=torch.float64), r"shape = \(2, 16\)"),
    (lambda count, d: torch.zeros(0, d, dtype=torch.float64), r"shape = \(0, 16\)"),
    (torch.zeros, "dtype = torch.float32: must be torch.float64"),
    (
        lambda count, d: torch.full((count, d), torch.nan, dtype=torch.float64),
        "= 'NaN or infinity': must be finite",
    ),
    (lambda count, d: [0.0] * d, "= 'list': must be a tensor of shape"),
    (lambda count, d: None, "= 'NoneType': must be a tensor of shape"),
]


@pytest.mark.parametrize(("make", "message"), BAD_RETURNS)
def test_what_a_sampler_returns_is_checked(instance, make, message):
    with pytest.raises(InvalidArgument, match=message):
        invert(instance, torch.zeros(8), returning(make), seeded(0), beta=0.03)


@pytest.mark.parametrize(
    ("image", "options", "message"),
    [
        (torch.zeros(7), {}, r"image_bits.shape = \(7,\): must be \(..., 8\)"),
        (torch.zeros(2, 8), {}, r"image_bits.shape = \(2, 8\): must be \(8,\)"),
        (torch.full((8,), 2), {}, "image_bits = 2: must be bits, 0 or 1"),
        ([0] * 8, {}, "image_bits = .*: must be a tensor of bits"),
        (torch.zeros(8), {"beta": 0.0}, "beta = 0.0: must be a finite number above 0"),
        (torch.zeros(8), {"attempts": 0}, "attempts = 0: must be an integer >= 1"),
    ],
)
def test_bad_arguments_are_named(instance, image, options, message):
    with pytest.raises(InvalidArgument, match=message):
        invert(instance, image, PriorSampler(instance), seeded(0), **{"beta": 0.03, **options})


def test_other_bad_arguments(instance):
    sampler = PriorSampler(instance)
    for arguments, message in (
        ((None, torch.zeros(8), sampler, seeded(0)), "instance = None"),
        ((instance, torch.zeros(8), 3, seeded(0)), "posterior_sampler = 3"),
        ((instance, torch.zeros(8), sampler, 5), "generator = 5"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            invert(*arguments, beta=0.03)
    for image, most, message in (
        (torch.zeros(3), None, r"image.shape = \(3,\)"),
        (torch.zeros(1, 8), None, r"image.shape = \(1, 8\): must be \(8,\)"),
        (torch.zeros(8), 0, "most = 0"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            preimages(instance.function, image, most=most)
    with pytest.raises(InvalidArgument, match=r"function.n = 40: must be an integer in \[1, 32\]"):
        preimages(goldreich(draw_neighbours(40, 2, seeded(0)), n=40), torch.zeros(2))


def test_bounds_fall_with_what_is_allowed():
    usual = {"n": 8, "m": 8, "separation": 4.0, "spacing": 1.5, "beta": 0.03}
    values = [
        bounds.inversion(**usual, tau=tau, delta=delta)
        for tau, delta in itertools.product((0.0, 0.1, 0.5), (0.0, 0.1))
    ]
    assert values[0] == max(values)
    assert values[-1] == min(values)


def test_no_spoilt_sampler_is_worse_than_the_worst():
    """One y, two images of chance 1/2, no weak coordinate: a share .1 of all draws moves afar.

    If it is drawn from the successes, 1 - .9 (.5 - .1) = .64 fail; if from all draws, as the left
    side of `inversion` once had it, only 1 - .81 / 2 = .595.
    """
    ctx = Floats()
    case = {"n": 1, "separation": 40.0, "tau": 0.0, "delta": 0.1, "joint": [[0.5, 0.5]]}
    worst = inversion_spec.failure_of_the_worst_sampler(ctx, **case)
    assert worst == pytest.approx(0.64)
    assert worst <= inversion_spec.sharp_failure_bound(ctx, **case, decoder=[0])
    # y of which a tenth has the right image for sure, and is spoilt first; a y without mass
    case["joint"] = [[0.1, 0.0], [0.45, 0.45], [0.0, 0.0]]
    worst = inversion_spec.failure_of_the_worst_sampler(ctx, **case)
    assert worst == pytest.approx(1 - 0.9 * 0.4)
    assert worst <= inversion_spec.sharp_failure_bound(ctx, **case, decoder=[0, 0, 0])


def test_a_counted_denoiser_counts_calls_and_points():
    counted = CountedDenoiser(lambda x, sigma: sigma * x)
    assert torch.equal(counted(torch.ones(4, 3), 2.0), torch.full((4, 3), 2.0))
    counted(torch.ones(2, 5, 3), 1.0)
    counted(torch.ones(3), 1.0)
    assert (counted.calls, counted.points) == (3, 4 + 10 + 1)
