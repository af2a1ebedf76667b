"""Elementwise numerics of a smoothed lattice law, in float64, with both series of Appendix C.5.

t = 1 + sigma^2, mu = x / t, v = sigma^2 / t, q = v / spacing^2, u = mu / spacing - phase. Given x,
the lattice index is a discrete Gaussian about u with parameter q.

A point is first placed exactly (`place`): it is y away from the nearest multiple of half a cell,
and y is free of error up to one final rounding. So no digit is lost near a lattice point (even
multiples) or near a cell edge (odd ones).

The theta series then has one shape in both domains. With S the sum of its first pair of terms and
c the nome squared, theta(S) = 1 + S + c (S^2 - 2 c) + c^3 (S^3 - 3 c S) + O(c^6).
Space: the two neighbours of the nearest lattice point weigh near >= far against its 1;
S = near + far, c = near far = exp(-1 / q). Fourier: S = 2 rho cos(2 pi u), c = rho^2,
rho = exp(-2 pi^2 q). They swap at q = 1 / (2 pi), where c = exp(-2 pi) on both sides.

Everything is differentiable in x, to any order: the multiple of half a cell and the nearest lattice
point are constants, and what follows is smooth in y. No step branches on the values of tensors.
Memory traffic is what costs: hence fused and in-place steps, and passes that numbers show idle.
"""

import torch
from torch import Tensor

from hardposterior.impl.lattice_level import SWITCH, Constant, Level

NEGLIGIBLE = 2.0**-60  # a squared nome below this leaves theta(S) = 1 + S in float64
SHORT, LONG = 50.0, 1600.0  # exponents whose rounding costs less than 50 ulp, or that underflow


def affine(constant: Constant | Tensor, x: Tensor, slope: Constant) -> Tensor:
    """constant + slope x, in one pass."""
    if isinstance(constant, float):
        constant = torch.scalar_tensor(constant, dtype=x.dtype, device=x.device)
    if isinstance(slope, float):
        return torch.add(constant, x, alpha=slope)
    return torch.addcmul(constant, x, slope)


def less(x: Tensor, constant: Constant) -> Tensor:
    """x - constant, written over x; no pass where the constant is the number 0."""
    return x if isinstance(constant, float) and constant == 0 else x.sub_(constant)


def below(a: Constant, bound: float) -> bool:
    """Whether a number is below the bound; of many numbers nothing is assumed."""
    return isinstance(a, float) and a < bound


def place(x: Tensor, at: Level) -> tuple[Tensor, Tensor]:
    """(M, y): x = t spacing (phase + M / 2) + y, the integer M nearest.

    Each subtraction is exact or far from cancelling.
    """
    index = affine(at.start, x.detach(), at.per_half).round_()
    rest = x - affine(at.center, index, at.half)
    rest = less(affine(rest, index, -at.half_rest), at.center_rest)
    # The bound is passed only by an x so large that it has no digits left below a cell.
    rest = less(rest, at.center_tail).clamp(-at.reach, at.reach)  # type: ignore[arg-type]
    return less(index, at.fold), rest


def theta(total: Tensor, nome: Constant) -> Tensor:
    """theta(S) - 1."""
    if below(nome, NEGLIGIBLE):
        return total
    inner = affine(1 - 3 * nome**4, affine(nome, total, nome**3), total)
    return affine(-2 * nome**2, inner, total)


def less_log_slope(wave: Tensor, total: Tensor, nome: Constant) -> Tensor:
    """-wave theta'(S) / theta(S)."""
    if below(nome, NEGLIGIBLE):
        return wave / (-1 - total)
    slope = affine(1 - 3 * nome**4, affine(2 * nome, total, 3 * nome**3), total)
    return wave * slope / (-1 - theta(total, nome))


def space_form(x: Tensor, at: Level, quantity: str) -> Tensor:
    """The sum over lattice points: the nearest one and its neighbours."""
    index, rest = place(x, at)
    quarter = torch.copysign(x.new_tensor(0.25), rest.detach())
    point = torch.add(quarter, index, alpha=0.5).round_()  # the nearest lattice point; no tie
    odd = torch.sub(index, point, alpha=2).abs_()  # 1: y starts from a cell edge; 0: from the point
    pull = affine(4 * at.pull, odd, -8 * at.pull).mul_(quarter)  # towards the nearest neighbour

    # log near = side - edge where even, side where odd; log far = log near - 2 gap.
    side = rest * pull
    edge = affine(at.edge, odd, -at.edge)
    exponent = side - edge
    if below(at.edge, SHORT) or below(-at.edge, -LONG):
        near = torch.exp(exponent)
    else:
        # What that subtraction rounded away. Subnormal results would be slow, and are not needed.
        lost = (exponent.detach() + edge).sub_(side.detach())
        lost.add_(affine(at.edge_rest, odd, -at.edge_rest))
        near = torch.exp(exponent.clamp(min=-700)) * (1 - lost)
    gap = affine(side, odd, at.edge)
    less_far = near * torch.expm1(gap.mul_(-2))
    total = torch.add(less_far, near, alpha=2)

    if quantity != "log_prob":
        mean = less_log_slope(less_far, total, at.nome) * pull  # of A - a, over sigma^2
    if quantity == "denoise":
        return affine(affine(at.origin, point, at.spacing), mean, at.variance)
    offset = x - affine(at.origin_high, point, at.spacing_high)
    offset = less(affine(offset, point, -at.spacing_rest), at.origin_rest)
    offset = less(offset, at.origin_tail)
    if quantity == "score":
        return affine(mean, offset, -at.precision)
    location = affine(at.origin, point, at.spacing)
    squares = affine((location * location).mul_(0.5), offset * offset, 0.5 * at.precision)
    return torch.log1p(theta(total, at.nome)).sub_(squares).sub_(at.space_constant)


def fourier_form(x: Tensor, at: Level, quantity: str) -> Tensor:
    """The Poisson dual of that sum: the first harmonics."""
    index, rest = place(x, at)
    odd = torch.frac(index.mul_(0.5)).abs_()  # half of: 1 for a cell edge, 0 for a lattice point
    amplitude = affine(2 * at.rho, odd, -8 * at.rho)
    angle = rest * at.frequency
    total = amplitude * torch.cos(angle)
    nome = at.rho**2
    if quantity == "log_prob":
        squares = (x * x).mul_(0.5 / at.t)
        return torch.log1p(theta(total, nome)).sub_(squares).sub_(at.fourier_constant)
    wave = less_log_slope(amplitude * torch.sin(angle), total, nome)
    if quantity == "score":
        return affine(x * (-1 / at.t), wave, at.frequency)
    return affine(x * (1 / at.t), wave, at.frequency * at.variance)


def smoothed(x: Tensor, at: Level, quantity: str) -> Tensor:
    """`quantity` of the smoothed law at x, of the shape of x."""
    if isinstance(at.q, float):
        form = space_form if at.q < SWITCH else fourier_form
        return form(x, at, quantity)
    space = space_form(x, at, quantity)
    return torch.where(at.q < SWITCH, space, fourier_form(x, at, quantity))
