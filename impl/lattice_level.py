"""The constants of a smoothed lattice law: what depends on the lattice and sigma, not on x.

They are formed as pairs (106 bits), then split so that the elementwise part (`lattice_kernel`) can
subtract them from x one part at a time without error. t = 1 + sigma^2, q = sigma^2 / (t spacing^2).
"""

import math
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

from hardposterior.impl.exact_arithmetic import (
    leading_part,
    leading_unit,
    pair_product,
    pair_quotient,
    pair_sum,
    two_prod,
    two_sum,
)

Constant: TypeAlias = float | Tensor  # a number for one sigma, else a float64 tensor

SWITCH = 1 / (2 * math.pi)  # the q at which the nomes of both forms are exp(-2 pi)
TWO_PI_SQUARED = (19.739208802178716, 1.2530591017479423e-15)


class Level(NamedTuple):
    """Constants at one sigma (numbers) or at many (tensors of sigma's shape)."""

    t: Constant
    variance: Constant  # sigma^2
    q: Constant
    fold: Constant  # half cells between the phase and its remainder below a quarter
    per_half: Constant  # 1 / half
    start: Constant  # -2 remainder
    reach: Constant  # a little more than half / 2
    half: Constant  # t spacing / 2, half a cell of x: leading bits, rest
    half_rest: Constant
    center: Constant  # t spacing remainder, a point of that half lattice: leading bits, rest, tail
    center_rest: Constant
    center_tail: Constant
    spacing: Constant
    spacing_high: Constant  # leading bits, rest
    spacing_rest: Constant
    origin: Constant  # spacing phase, a lattice point
    origin_high: Constant  # leading bits, rest, tail
    origin_rest: Constant
    origin_tail: Constant
    precision: Constant  # 1 / sigma^2
    pull: Constant  # spacing / sigma^2
    edge: Constant  # 1 / (2 q), the exponent of a neighbour seen from a lattice point: a pair
    edge_rest: Constant
    nome: Constant  # squared, of the space form
    rho: Constant  # nome of the Fourier form
    frequency: Constant  # 2 pi / (t spacing)
    space_constant: Constant  # what log_prob subtracts in either form
    fourier_constant: Constant


def log_mass(spacing: float, phase: float) -> float:
    """log of the sum of exp(-a^2 / 2) over the lattice, by the quicker of its two series."""
    if spacing < 1:
        rate = -2 * (math.pi / spacing) * (math.pi / spacing)
        waves = (2 * math.exp(rate * j**2) * math.cos(2 * math.pi * j * phase) for j in (1, 2))
        return 0.5 * math.log(2 * math.pi) - math.log(spacing) + math.log1p(math.fsum(waves))
    least = (spacing * phase) ** 2 / 2
    terms = (math.exp(least - (spacing * (k + phase)) ** 2 / 2) for k in range(-14, 15))
    return math.log(math.fsum(terms)) - least


def levels(spacing: float, phase: float, mass: float, sigma: Tensor) -> Level:
    """Tensors for each element of `sigma` (float64); |phase| <= 1/2.

    `mass` is `log_mass(spacing, phase)`. Where the Fourier form does not apply its nome is replaced
    by that at the switch: else its few terms may add up to 0.
    """
    zero = sigma.new_zeros(())
    cell = sigma.new_tensor(spacing)
    fold = float(round(2 * phase))
    remainder = phase - fold / 2

    variance = two_prod(sigma, sigma)
    t = pair_sum((zero + 1, zero), variance)
    half = pair_product(t, (cell / 2, zero))
    center = pair_product(half, (zero + 2 * remainder, zero))
    origin = two_prod(cell, zero + phase)
    edge = pair_quotient(pair_product(half, (cell, zero)), variance)
    q = pair_quotient(variance, pair_product(half, (2 * cell, zero)))
    decay = pair_product(q, (zero + TWO_PI_SQUARED[0], zero + TWO_PI_SQUARED[1]))

    step, cell_step = leading_unit(half[0]), leading_unit(cell)
    half_high, spacing_high = leading_part(half[0], step), leading_part(cell, cell_step)
    center_high, origin_high = leading_part(center[0], step), leading_part(origin[0], cell_step)
    center_rest, center_tail = two_sum(center[0] - center_high, center[1])
    return Level(
        t=t[0],
        variance=variance[0],
        q=q[0],
        fold=zero + fold,
        per_half=1 / half[0],
        start=zero - 2 * remainder,
        reach=0.51 * half[0],
        half=half_high,
        half_rest=(half[0] - half_high) + half[1],
        center=center_high,
        center_rest=center_rest,
        # Behind 40 leading bits the tail cannot be seen, and costs a pass over x.
        center_tail=torch.where(center_high.abs() < 1024 * step, center_tail, 0.0),
        spacing=cell,
        spacing_high=spacing_high,
        spacing_rest=cell - spacing_high,
        origin=origin[0],
        origin_high=origin_high,
        origin_rest=origin[0] - origin_high,
        origin_tail=origin[1],
        precision=1 / variance[0],
        pull=cell / variance[0],
        edge=edge[0],
        edge_rest=edge[1],
        nome=torch.exp(-2 * edge[0]),
        rho=torch.exp(-decay[0].clamp(min=math.pi)) * (1 - decay[1]),
        frequency=math.pi / half[0],
        space_constant=torch.log(sigma) + (0.5 * math.log(2 * math.pi) + mass),
        fourier_constant=0.5 * torch.log(t[0]) + (math.log(spacing) + mass),
    )


def level(spacing: float, phase: float, mass: float, sigma: float) -> Level:
    """Numbers for one `sigma`."""
    tensors = levels(spacing, phase, mass, torch.tensor(sigma, dtype=torch.float64))
    return Level(*(float(constant) for constant in tensors))
