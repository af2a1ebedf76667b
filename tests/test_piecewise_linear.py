"""Knots by curvature, the lattice profile, and its networks: direct, folded, and their sizes."""

import math

import numpy as np
import pytest
import torch

from hardposterior.impl import piecewise_network
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.lattice import DiscretizedGaussian
from hardposterior.impl.lattice_profile import curvature, offset, profile_knots, tanh_knots
from hardposterior.impl.piecewise_linear import adaptive_knots
from hardposterior.impl.piecewise_network import direct, folded, folds_for
from hardposterior.impl.relu_blocks import piecewise, side_by_side, spline

LEVELS = [0.003, 0.03, 0.1, 0.3, 0.8]  # of sqrt(q), sigma in spacings
FORMS = pytest.mark.parametrize("form", [direct, folded])


def dense(knots, per_piece=40):
    """Points in every piece, knots included."""
    places = np.linspace(0, len(knots) - 1, per_piece * (len(knots) - 1) + 1)
    return np.interp(places, np.arange(len(knots)), knots)


def heights(knots, q):
    values = offset(knots, q).clip(0, 0.5)
    values[[0, -1]] = 0.0
    return values


def profile(root, error, ratio=1.0, **options):
    knots = profile_knots(root**2, (root * ratio) ** 2, error, **options)
    return knots, heights(knots, root**2)


def unfolded(u, phase, knots, values, reach):
    """The statement's function: odd about the lattice points u = phase + integer, period 1."""
    w = u - phase - np.round(u - phase)
    inside = np.sign(w) * np.interp(0.5 - abs(w), knots, values)
    return np.where(abs(u) <= reach, inside, 0.0)


@pytest.mark.parametrize("root", LEVELS)
@pytest.mark.parametrize("phase", [0.0, 0.5, 0.3])
def test_offset_is_the_denoisers(root, phase):
    """Against another route: the lattice's denoiser at mu = spacing (u + phase)."""
    spacing = 0.25
    variance = root**2 * spacing**2
    t = 1 / (1 - variance)
    law = DiscretizedGaussian(spacing, phase)
    v = np.linspace(0, 0.5, 101)
    x = torch.tensor(t * spacing * (0.5 - v + phase))
    found = (x / t - law.denoise(x, math.sqrt(variance * t))).numpy() / spacing
    steepest = 1 + 1 / (4 * root**2)  # x is rounded, and the riser magnifies it
    assert abs(found - offset(v, root**2)).max() < 4 * 2.0**-53 * (1 + phase) * steepest


@pytest.mark.parametrize("root", LEVELS)
def test_curvature_is_the_second_difference(root):
    q = root**2
    v = np.linspace(0.001, 12 * q, 60) if q < 0.01 else np.linspace(0.02, 0.48, 60)
    v = v[v < 0.49]
    step = 1e-3 * min(1.0, 10 * q)
    second = (offset(v + step, q) - 2 * offset(v, q) + offset(v - step, q)) / step**2
    scale = max(curvature(v, q).max(), 1e-6)
    assert abs(abs(second) - curvature(v, q)).max() < 1e-4 * scale + 1e-15 / step**2


@pytest.mark.parametrize("root", LEVELS)
@pytest.mark.parametrize("error", [1e-3, 1e-5])
def test_sup_error_is_within_the_request_for_a_whole_box(root, error):
    ratio = 1.2
    knots, _ = profile(root, error, ratio, everywhere=True)
    v = dense(knots)
    for level in np.linspace(root, ratio * root, 7):
        gap = abs(np.interp(v, knots, heights(knots, level**2)) - offset(v, level**2)).max()
        assert gap <= error
        if level == root and len(knots) > 20:
            assert gap > error / 2  # the knots are not spent in vain


@pytest.mark.parametrize("root", [0.01, 0.03, 0.06, 0.1, 0.2])
def test_mean_square_error_is_within_the_request(root):
    """Under the law of u, a wrapped N(0, q), by a fine sum; the riser is left out where rare."""
    error, q = 1e-4, root**2
    knots, values = profile(root, error, 1.2)
    v = np.unique(np.concatenate([dense(knots), np.linspace(0, 0.5, 20001)]))
    u = 0.5 - v
    density = sum(np.exp(-((u + k) ** 2) / (2 * q)) for k in (-1, 0, 1)) / math.sqrt(2 * np.pi * q)
    squares = (np.interp(v, knots, values) - offset(v, q)) ** 2
    assert 2 * np.trapezoid(squares * density, v) <= error**2
    if root <= 0.06:
        full, _ = profile(root, error, 1.2, everywhere=True)
        assert len(knots) < len(full) / 4
        assert math.sqrt(squares.max()) > 0.1  # where no mass is


def test_pieces_go_with_the_root_of_the_error():
    """h^2 sup |f''| / 8: a hundredth of the error takes ten times the pieces, not a hundred."""
    counts = [len(profile(0.1, e, everywhere=True)[0]) - 1 for e in (1e-3, 1e-5, 1e-7)]
    assert 8 < counts[1] / counts[0] < 12
    assert 9 < counts[2] / counts[1] < 11


def test_riser_costs_no_more_when_it_is_steeper():
    counts = [len(profile(root, 1e-4, everywhere=True)[0]) for root in (1e-5, 1e-3, 1e-1)]
    assert max(counts) < 2 * min(counts)


@pytest.mark.parametrize("error", [0.05, 1e-3, 1e-6])
def test_tanh_knots(error):
    knots = np.array(tanh_knots(error))
    values = np.append(np.tanh(knots[:-1]), 1.0)
    a = np.concatenate([dense(knots), knots[-1] + np.linspace(0, 20, 200)])
    assert abs(np.interp(a, knots, values) - np.tanh(a)).max() <= error * (1 + 1e-9)


def test_march_uses_the_tallest_curvature_of_a_piece():
    """|f''| = 1 then 100: the piece that crosses must be as short as the latter asks."""
    knots = adaptive_knots(lambda z: np.where(z < 1, 1.0, 100.0), [0.0, 1.0, 2.0], 0.01)
    widths = np.diff(knots)
    tall = knots[1:] > 1
    assert (widths[~tall] ** 2 <= 0.08).all()
    assert (widths[tall] ** 2 * 100 <= 0.08).all()
    assert knots[0] == 0
    assert knots[-1] == 2


@FORMS
@pytest.mark.parametrize("root", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("folds", [0, 1, 4])
def test_network_is_the_interpolant(form, root, folds):
    """Up to rounding: that of u, magnified by the slope, and of sums of the slopes' size."""
    knots, values = profile(root, 3e-5)
    scale, reach = 1.7, 2.0**folds - 0.5
    u = np.concatenate(
        [np.linspace(-reach - 1, reach + 1, 801), *(k - np.array(knots) for k in range(-3, 4))]
    )
    x = torch.tensor(u / scale)[:, None]
    found = form(knots, values, scale, folds)(x).numpy()
    steepest = abs(np.diff(values) / np.diff(knots)).max()
    rounding = 2.0**-53 * (4 + reach) * steepest * (8 if form is folded else 60)
    for output, phase in enumerate((0.0, 0.5)):
        expected = unfolded(x.numpy()[:, 0] * scale, phase, knots, values, reach)
        assert abs(found[:, output] - expected).max() < rounding


@pytest.mark.parametrize("folds", [0, 2, 5])
def test_folded_equals_direct(folds):
    knots, values = profile(0.15, 1e-4)
    x = torch.linspace(-70, 70, 1201, dtype=torch.float64)[:, None]
    one, other = (form(knots, values, 0.4, folds)(x) for form in (direct, folded))
    assert (one - other).abs().max() < 1e-11
    beyond = x.abs() * 0.4 > 2.0**folds - 0.5
    assert torch.equal(other[beyond[:, 0]], torch.zeros_like(other[beyond[:, 0]]))


@pytest.mark.parametrize(("reach", "folds"), [(0.5, 0), (0.6, 1), (10, 4), (100, 7), (1000, 10)])
def test_sizes_of_both_forms(reach, folds):
    """Exact counts; direct grows with the range, folded with its logarithm."""
    assert folds_for(reach) == folds
    knots, values = profile(0.2, 1e-3)
    pieces, periods = len(knots) - 1, 2 ** (folds + 1) - 1
    small = folded(knots, values, 1.0, folds).sizes()
    assert (small.depth, small.neurons) == (folds + 6, 4 * folds + 2 * pieces + 16)
    large = direct(knots, values, 1.0, folds).sizes()
    assert (large.depth, large.neurons) == (1, 4 * periods * pieces + 4)
    if reach >= 10:
        assert large.neurons / small.neurons > reach


def test_spline_is_the_interpolant_from_any_center():
    knots, values = [-1.0, 0.25, 0.5, 3.0], [2.0, -1.0, 4.0, 4.5]
    z = torch.linspace(-3, 5, 801, dtype=torch.float64)
    expected = np.interp(z.numpy() * 0.5, knots, values)
    for center in range(4):
        found = piecewise(knots, values, center, scale=0.5)(z[:, None])[:, 0].numpy()
        assert abs(found - expected).max() < 2.0**-53 * 3 * 32 * 3  # terms, slopes, reach
        assert len(spline(knots, values, center).knots) == 4 + (0 < center < 3)


def test_side_by_side_is_each_coordinate_alone():
    knots, values = profile(0.2, 1e-2)
    one = folded(knots, values, 1.0, 1)
    many = side_by_side(one, 3)
    x = torch.randn(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    alone = torch.cat([one(x[:, i : i + 1]) for i in range(3)], 1)
    assert torch.equal(many(x), alone)
    assert many.sizes().neurons == 3 * one.sizes().neurons
    assert many.sizes().parameters == 3 * one.sizes().parameters


def test_one_wave_alone_cannot_fold_an_odd_function(monkeypatch):
    """The witness for two waves: with b = a the network is even, and wrong by twice the value."""
    knots, values = profile(0.2, 1e-2)
    x = torch.linspace(0.05, 0.45, 9, dtype=torch.float64)[:, None]
    right = folded(knots, values, 1.0, 1)(x)

    def second_wave_is_the_first(v, h, dtype):
        layers = original(v, h, dtype)
        weights = layers[0].matrix().toarray()
        weights[-2:] = weights[-2:][:, [2, 3, 0, 1]]
        bias = layers[0].bias.numpy()
        return [piecewise_network.affine(weights, bias, dtype), *layers[1:]]

    original = piecewise_network._profiles
    monkeypatch.setattr(piecewise_network, "_profiles", second_wave_is_the_first)
    assert (folded(knots, values, 1.0, 1)(x) - right).abs().max() > 0.1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: adaptive_knots(np.abs, [0.0], 1.0), "start = .*two increasing points"),
        (lambda: adaptive_knots(np.abs, [0.0, 0.0], 1.0), "start = "),
        (lambda: adaptive_knots(np.abs, [0.0, 1.0], 0.0), "error = 0.0"),
        (lambda: adaptive_knots(np.abs, [0.0, 1.0], 1e-20), "error = 1e-20: .*cells"),
        (lambda: profile_knots(1.0, 0.5, 0.1), "q_low = 1.0: must be at most q_high"),
        (lambda: profile_knots(-1.0, 0.5, 0.1), "q_low = -1.0"),
        (lambda: profile_knots(0.1, 0.5, math.nan), "error = nan"),
        (lambda: offset([0.1], 0.0), "q = 0.0"),
        (lambda: tanh_knots(0), "error = 0"),
        (lambda: folds_for(0), "reach = 0"),
        (lambda: folded([0, 0.25], [0, 0], 1.0, 1), r"knots = .*increasing from 0 to 1/2"),
        (lambda: folded([0, 0.25, 0.5], [0, 0.6, 0], 1.0, 1), r"values = .*in \[0, 1/2\]"),
        (lambda: direct([0, 0.25, 0.5], [0, 0.1, 0.1], 1.0, 1), "values = "),
        (lambda: direct([0, 0.5], [0, 0], -1.0, 1), "scale = -1.0"),
        (lambda: folded([0, 0.5], [0, 0], 1.0, 21), "folds = 21"),
        (lambda: folded([0, 0.5], [0, 0], 1.0, 1, torch.int64), "dtype = torch.int64"),
        (lambda: spline([0.0, 1.0], [0.0], 0), "knots, values = "),
        (lambda: spline([0.0, 1.0], [0.0, 1.0], 2), "center = 2"),
        (lambda: side_by_side(piecewise([0, 1], [0, 1], 0), 0), "count = 0"),
    ],
)
def test_bad_arguments_are_one_line(call, message):
    with pytest.raises(InvalidArgument, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
