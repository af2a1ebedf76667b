"""The small-noise network for n = m = 1, f(s) = s, and its errors by quadrature. Unscaled.

The network reads a bit b of the sign of x_1 and uses it for both lattices: its score is
(R (2 b - 1) - x_1) / t and -x_2 / t + sel(G_1, b) + sel(G_0, 1 - b), G_b the interpolated offsets.
"""

from collections.abc import Sequence
from typing import NamedTuple

from hardposterior.spec import lattice
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.hard_instance import PHASES
from hardposterior.spec.lattice import smoothed_variance
from hardposterior.spec.measurement import upper_tail
from hardposterior.spec.piecewise_linear import interpolant
from hardposterior.spec.relu_gadgets import selection, sign_clamp
from hardposterior.spec.relu_gates import relu
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.vertex_score import simpson_weight

CELLS = 64
"""Cells of Simpson's rule in x_1 outside the window; inside there are `INSIDE`."""

INSIDE = 24
PER_PERIOD = 40
"""The midpoint rule in x_2 has a multiple of this many points a period of the lattices."""


class Bit(NamedTuple):
    """The instance, the sign window's half width, and the interpolant on a half period."""

    separation: Number
    spacing: Number
    sigma: Number
    window: Number
    knots: Sequence[Number]
    values: Sequence[Number]


class Column(NamedTuple):
    """At one x_2, by bit: densities, offsets D - mu and interpolated ones, in spacings."""

    weight: Number
    densities: list[Number]
    offsets: list[Number]
    found: list[Number]


def interpolated_offset(ctx: Arithmetic, bit: Bit, u: Number) -> Number:
    """(D_hat - mu) / eps = -H_hat(u), H_hat odd and of period 1, H_hat(1/2 - v) = g(v).

    With y = u - k, |y| <= 1 for some integer k, v = ||y| - 1/2|, and H_hat has the sign of a
    triangle wave z; |z| = min(v, 1/2 - v), so K |z| >= g for K the steepest slope.
    """
    half = ctx.number(1) / 2
    y = u - ctx.nearest_integer(u)
    height = interpolant(ctx, bit.knots, bit.values, ctx.absolute(ctx.absolute(y) - half))
    folded = ctx.absolute(ctx.absolute(y + half / 2) - 1)
    wave = half / 2 - ctx.absolute(folded - half)
    steep = steepest(ctx, bit)
    below = relu(ctx, height - steep * relu(ctx, -wave))
    return relu(ctx, height - steep * relu(ctx, wave)) - below


def steepest(ctx: Arithmetic, bit: Bit) -> Number:
    """The largest slope of the interpolant, in absolute value."""
    found = ctx.number(0)
    for i in range(len(bit.knots) - 1):
        rise = bit.values[i + 1] - bit.values[i]
        found = ctx.maximum(found, ctx.absolute(rise / (bit.knots[i + 1] - bit.knots[i])))
    return found


def columns(ctx: Arithmetic, bit: Bit) -> list[Column]:
    """The points x_2 > 0 of the midpoint rule, and their weights in the integral over the line.

    Everything is even in x_2. Lattice points and midpoints of both phases lie halfway between two
    points, as places that are multiples of 1 / PER_PERIOD do; at least 4 points make up a sigma.
    """
    t = smoothed_variance(bit.sigma)
    period = t * bit.spacing
    per_sigma = ctx.nearest_integer(4 * period / (PER_PERIOD * bit.sigma)) + 1
    step = period / (PER_PERIOD * per_sigma)
    found = []
    for k in range(ctx.nearest_integer(9 * ctx.sqrt(t) / step) + 2):
        x = (2 * k + 1) * step / 2
        phases = [ctx.number(phase) for phase in PHASES]
        found.append(
            Column(
                2 * step,
                [lattice.density(ctx, bit.spacing, p, bit.sigma, x) for p in phases],
                [
                    lattice.denoiser_offset(ctx, bit.spacing, p, bit.sigma, x) / bit.spacing
                    for p in phases
                ],
                [interpolated_offset(ctx, bit, x / period - p) for p in phases],
            )
        )
    return found


def mean_squares(ctx: Arithmetic, bit: Bit) -> tuple[Number, Number]:
    """E[(H_hat - H)^2] under the own phase's law and under the other's, the larger over phases."""
    own, other = [ctx.number(0)] * 2, [ctx.number(0)] * 2
    for column in columns(ctx, bit):
        for b in (0, 1):
            square = column.weight * (column.found[b] - column.offsets[b]) ** 2
            own[b] = own[b] + square * column.densities[b]
            other[b] = other[b] + square * column.densities[1 - b]
    return ctx.maximum(*own), ctx.maximum(*other)


def worst_square(ctx: Arithmetic, bit: Bit) -> Number:
    """The largest (H_hat - H)^2 at the points of the rule."""
    worst = ctx.number(0)
    for column in columns(ctx, bit):
        for b in (0, 1):
            worst = ctx.maximum(worst, (column.found[b] - column.offsets[b]) ** 2)
    return worst


def rows(ctx: Arithmetic, bit: Bit) -> list[tuple[Number, Number, Number, Number]]:
    """For x_1 > 0: the bit b, a weight, and the densities under s = +1 and s = -1.

    Simpson's rule in the window and out to 40 t / R; beyond, no sign is wrong, and the rest of
    s = +1 is one row of its chance.
    """
    t = smoothed_variance(bit.sigma)
    reach = ctx.minimum(bit.separation + 9 * ctx.sqrt(t), 40 * t / bit.separation)
    cut = bit.window + reach
    found = []
    for low, high, cells in ((ctx.number(0), bit.window, INSIDE), (bit.window, cut, CELLS)):
        step = (high - low) / cells
        for i in range(cells + 1):
            x = low + i * step
            found.append(
                (
                    sign_clamp(ctx, bit.window, x) if cells == INSIDE else 1,
                    simpson_weight(i, cells) * step / 3,
                    gaussian_density(ctx, t, x - bit.separation),
                    gaussian_density(ctx, t, x + bit.separation),
                )
            )
    rest = upper_tail(ctx, (cut - bit.separation) / ctx.sqrt(t))
    return [*found, (1, rest, ctx.number(1), ctx.number(0))]


def error_of_one_bit(ctx: Arithmetic, bit: Bit) -> Number:
    """E |s_hat - s|^2 by quadrature, to about 1e-3 of its value where sigma >= 1/20.

    Where r = +1, the hidden score is (R (1 - 2 w) - x_1) / t, w the posterior probability of
    s = -1, and the image score averages the two offsets; r = -1 is the mirror image with the
    phases exchanged.
    """
    t = smoothed_variance(bit.sigma)
    hidden, unit = bit.separation / t, bit.spacing / (bit.sigma * bit.sigma)
    total = ctx.number(0)
    places = rows(ctx, bit)
    for column in columns(ctx, bit):
        for b in (0, 1):  # the bit that the sign shows
            right, wrong = column.densities[b], column.densities[1 - b]
            target, other = column.offsets[b], column.offsets[1 - b]
            for value, weight, near, far in places:
                joint = near * right + far * wrong
                if not joint > 0:
                    continue
                doubt = far * wrong / joint
                image = selected(ctx, column.found[b], value)
                image = image + selected(ctx, column.found[1 - b], 1 - value)
                gap = unit * (image - target - doubt * (other - target))
                error = (2 * hidden * (value - 1 + doubt)) ** 2 + gap**2
                total = total + column.weight * weight * joint * error / 2
    return total


def selected(ctx: Arithmetic, offset: Number, value: Number) -> Number:
    """sel(offset, value) with K = 1/2; at a bit, the offset or 0."""
    if isinstance(value, int):
        return offset * value
    return selection(ctx, ctx.number(1) / 2, value, offset)
