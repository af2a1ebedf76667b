"""Reverse diffusion: schedule, reproducibility, memory, bad input."""

import math
from itertools import pairwise

import pytest
import torch

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.diffusion import geometric_schedule, reverse_diffusion


def gaussian(x, sigma):
    """The exact denoiser of N(0, I)."""
    return x / (1 + sigma**2)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("high", "low", "steps"), [(20, 0.1, 20), (1.5, 1.4, 1), (80.0, 2e-3, 999)]
)
def test_schedule_is_geometric_with_exact_ends(high, low, steps):
    levels = geometric_schedule(high, low, steps)
    assert len(levels) == steps + 1
    assert (levels[0], levels[-1]) == (high, low)
    ratio = (high / low) ** (1 / steps)
    for here, there in pairwise(levels):
        assert here / there == pytest.approx(ratio, rel=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_one_step_is_the_stated_transition(dtype):
    """With the noise known, the step is D + (u'/u)(x - D) + sqrt(u'(u - u')/u) Z."""
    seen = []

    def record(x, sigma):
        seen.append((x, sigma))
        return torch.sin(x) + 0.25

    def final(levels):
        return reverse_diffusion(record, 3, levels, 64, seeded(), dtype=dtype)

    final([5.0, 2.0])
    start, sigma = seen[0]
    assert sigma == 5.0
    # The same generator gives the same noise: two denoisers reveal it.
    other = reverse_diffusion(
        lambda x, _: torch.zeros_like(x), 3, [5.0, 2.0], 64, seeded(), dtype=dtype
    )
    u, v = 25.0, 4.0
    noise = (other - v / u * start) / math.sqrt(v * (u - v) / u)
    clean = torch.sin(start) + 0.25
    expected = clean + v / u * (start - clean) + math.sqrt(v * (u - v) / u) * noise
    tolerance = 1e-5 if dtype == torch.float32 else 1e-13
    torch.testing.assert_close(final([5.0, 2.0]), expected, rtol=tolerance, atol=tolerance)
    assert final([5.0, 2.0]).dtype == dtype
    # 192 standard normals: the sum of squares leaves this interval with probability 5e-7.
    for z in (noise, start / 5.0):
        assert 109.1 < float((z**2).sum()) < 307.2


def test_gaussian_law_has_the_closed_form_variance():
    """For N(0, I) every step is linear: the output's variance follows a recursion."""
    levels = geometric_schedule(10, 0.1, 12)
    variance = levels[0] ** 2
    for here, there in pairwise(levels):
        u, v = here**2, there**2
        slope = 1 / (1 + u) + v / u * (1 - 1 / (1 + u))
        variance = slope**2 * variance + v * (u - v) / u
    draws = reverse_diffusion(gaussian, 4, levels, 50_000, seeded(1), dtype=torch.float64)
    # 200,000 values: the relative error of their variance is 0.0032; 5.1 of it is a false alarm of
    # 4e-7. A step with the noise of a wrong level is off by tens of percent.
    assert float(draws.var(unbiased=False)) == pytest.approx(variance, rel=5.1 * math.sqrt(2 / 2e5))
    assert float(draws.mean()) == pytest.approx(0, abs=5.1 * math.sqrt(variance / 2e5))
    correlation = torch.corrcoef(draws.T) - torch.eye(4, dtype=torch.float64)
    assert float(correlation.abs().max()) < 5.6 / math.sqrt(
        50_000
    )  # six pairs, below 2e-7 together
    # Neighbouring blocks of rows have different noise.
    blocks = torch.stack([draws[:256].flatten(), draws[256:512].flatten()])
    assert abs(float(torch.corrcoef(blocks)[0, 1])) < 5.1 / math.sqrt(1024)  # 4e-7


@pytest.mark.parametrize("batch", [1, 7, 255, 256, 257, 512, 600, 699, 700, 10_000])
def test_draws_do_not_depend_on_the_batch(batch):
    levels = geometric_schedule(3, 0.2, 4)
    whole = reverse_diffusion(gaussian, 2, levels, 700, seeded(2))
    assert torch.equal(reverse_diffusion(gaussian, 2, levels, 700, seeded(2), batch=batch), whole)


def test_draws_depend_on_the_generator_alone():
    levels = geometric_schedule(3, 0.2, 4)
    generator = seeded(3)
    before = torch.get_rng_state()
    first = reverse_diffusion(gaussian, 2, levels, 10, generator)
    second = reverse_diffusion(gaussian, 2, levels, 10, generator)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, reverse_diffusion(gaussian, 2, levels, 10, seeded(3)))
    assert not torch.equal(first, second)


def test_batch_bounds_the_rows_and_progress_counts_the_calls():
    rows, calls = [], []

    def count_rows(x, sigma):
        rows.append(len(x))
        return gaussian(x, sigma)

    reverse_diffusion(
        count_rows, 2, [3, 2, 1], 600, seeded(), batch=100, progress=lambda *at: calls.append(at)
    )
    assert max(rows) == 100
    assert sum(rows) == 600 * 2
    assert calls == [(k + 1, len(rows)) for k in range(len(rows))]


def test_a_denoiser_may_keep_its_inputs_and_use_gradients():
    kept = []

    def by_gradient(x, sigma):
        kept.append(x)
        with torch.enable_grad():
            at = x.detach().requires_grad_()
            (score,) = torch.autograd.grad(-(at**2).sum() / (2 * (1 + sigma**2)), at)
        return x + sigma**2 * score

    draws = reverse_diffusion(by_gradient, 2, [3, 2, 1], 5, seeded(), dtype=torch.float64)
    copies = [x.clone() for x in kept]
    again = reverse_diffusion(gaussian, 2, [3, 2, 1], 5, seeded(), dtype=torch.float64)
    torch.testing.assert_close(draws, again, rtol=1e-13, atol=1e-13)
    assert not torch.equal(copies[0], copies[1])
    assert not draws.requires_grad


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ([1.0, 2.0], r"schedule\[1\] = 2.0: must be below schedule\[0\] = 1.0"),
        ([2.0, 1.0, 1.0], r"schedule\[2\] = 1.0: must be below"),
        ([2.0, 0.0], r"schedule\[1\] = 0.0: must be a finite number above 0"),
        ([2.0, -1.0], r"schedule\[1\] = -1.0: must be"),
        ([math.inf, 1.0], r"schedule\[0\] = inf: must be"),
        ([2.0, math.nan], r"schedule\[1\] = nan: must be"),
        ([2.0], "schedule = .*at least two noise levels"),
        ("21", "schedule = '21': must be a sequence"),
        (torch.tensor([1.0, 3.0]), r"schedule\[1\] = 3.0: must be below"),
    ],
)
def test_bad_schedules_are_one_line(schedule, message):
    with pytest.raises(InvalidArgument, match=message) as caught:
        reverse_diffusion(gaussian, 2, schedule, 3, seeded())
    assert "\n" not in str(caught.value)


def from_step(step, change):
    """A denoiser that is right before `step` and changed from there on."""
    calls = iter(range(1000))
    return lambda x, sigma: gaussian(x, sigma) if next(calls) < step else change(x)


def with_nan(x):
    x = x.clone()
    x[1] = math.nan
    return x


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            with_nan,
            r"denoise at step 2 \(sigma 1.5\) = 'NaN or infinity in 1 rows': must be finite",
        ),
        (lambda x: x * math.inf, r"step 2 \(sigma 1.5\) = 'NaN or infinity in 3 rows'"),
        (lambda x: x.double() * 1e300, r"step 2 \(sigma 1.5\) = 'NaN or infinity in 3 rows'"),
        (lambda x: x[:2], r"step 2 \(sigma 1.5\) = .*\(2, 2\)': must be .* shape \(3, 2\)"),
        (lambda x: x[:, :1], r"step 2 \(sigma 1.5\) = .*\(3, 1\)': must be"),
        (lambda x: x.long(), r"step 2 \(sigma 1.5\) = 'torch.int64 \(3, 2\)': must be a real"),
        (lambda x: x.to("meta"), r"step 2 \(sigma 1.5\) = 'meta': must be on the device of x, cpu"),
        (lambda _: None, r"step 2 \(sigma 1.5\) = 'NoneType': must be a tensor"),
    ],
)
def test_a_bad_denoiser_is_reported_with_step_and_sigma(change, message):
    with pytest.raises(InvalidArgument, match=message) as caught:
        reverse_diffusion(from_step(2, change), 2, [3, 2, 1.5, 1], 3, seeded())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"denoise": 3}, "denoise = 3: must be a callable"),
        ({"dim": 0}, "dim = 0: must be an integer >= 1"),
        ({"count": 0}, "count = 0: must be an integer >= 1"),
        ({"count": 2.0}, "count = 2.0: must be"),
        ({"batch": 0}, "batch = 0: must be an integer >= 1"),
        ({"generator": 7}, "generator = 7: must be a torch.Generator"),
        ({"dtype": torch.float16}, "dtype = torch.float16: must be"),
    ],
)
def test_other_bad_arguments_are_one_line(change, message):
    good = {"denoise": gaussian, "dim": 2, "schedule": [2, 1], "count": 3, "generator": seeded()}
    with pytest.raises(InvalidArgument, match=message):
        reverse_diffusion(**(good | change))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((1, 2, 5), "sigma_min = 2: must be below sigma_max = 1.0"),
        ((1, 1, 5), "sigma_min = 1: must be below"),
        ((-1, 0.1, 5), "sigma_max = -1: must be"),
        ((1, 0, 5), "sigma_min = 0: must be"),
        ((1, 0.5, 0), "steps = 0: must be an integer >= 1"),
        ((1, 1 - 1e-16, 50), r"must be below"),
    ],
)
def test_bad_schedule_arguments(args, message):
    with pytest.raises(InvalidArgument, match=message):
        geometric_schedule(*args)
