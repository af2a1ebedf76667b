"""The discretized Gaussian on a lattice, and its score, density and denoiser under Gaussian noise.

Source: Appendix C.5 (smoothing a discretized Gaussian) of arXiv:2402.12727. The numerics are in
`lattice_level` (what depends on sigma alone) and `lattice_kernel` (what depends on x).
"""

import math
from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor

from hardposterior.impl import arguments
from hardposterior.impl.chunks import elementwise
from hardposterior.impl.exact_arithmetic import two_prod, two_sum
from hardposterior.impl.lattice_kernel import smoothed
from hardposterior.impl.lattice_level import level, levels, log_mass
from hardposterior.impl.shapes import AnyValues, Level, Values

RANGE = (1e-50, 1e50)  # of spacing and sigma: beyond, products of their squares leave float64
MODERATE = "a finite number above 0, in [1e-50, 1e50]"
REACH = 150.0  # the table holds a^2 <= (smallest a^2) + REACH: all but 1e-31 of the mass
MOST_POINTS = 10_000_000


class DiscretizedGaussian:
    """The law on the lattice spacing (Z + phase) with mass proportional to exp(-a^2 / 2).

    Units: the underlying Gaussian has standard deviation 1. `spacing` > 0 and `phase` are floats,
    `dtype` float32 or float64; every number is taken exactly. Raises `InvalidArgument`.

    Under noise N(0, sigma^2), with t = 1 + sigma^2, v = sigma^2 / t, D the denoiser, a the lattice
    point nearest to x / t and g = (D - a) / spacing, the natural scales of score and denoiser are
    - space form, v < spacing^2 / (2 pi):
      (|x - a| + spacing |g|) / sigma^2 and |x| / t + |a| + spacing |g|;
    - Fourier form: |x| / t + |D - x / t| / sigma^2 and |x| / t + |D - x / t|.
    For sigma in [1e-4, 1e3], spacing in [0.05, 4], any phase, |x| <= 12 sqrt(t), in float64 `score`
    and `denoise` err by at most 1e-13 natural scale + 1e-290, `log_prob` by at most
    1e-12 max(1, |log_prob|). In float32 x is taken exactly and the float64 result is rounded once.
    Finite values for every |x| <= 1e100 at any spacing and sigma allowed; NaN stays NaN.

    Differentiable in x, not in sigma, by autograd and `torch.func`. The derivative of `log_prob`
    errs by at most 1e-13 score scale with the posterior mean of |A - a| in place of spacing |g|,
    that of `denoise` by 1e-12 of the largest of its own terms, 1 / t and |D' - 1 / t|, or of D'
    itself in the space form, that of `score` by as much over sigma^2.
    Do not fuse it by `torch.compile`: contracted sums would no longer be error-free.

    >>> law = DiscretizedGaussian(1.0, 0.5)
    >>> law.denoise(torch.tensor([0.45, -0.4], dtype=torch.float64), 0.1).round(decimals=6).tolist()
    [0.5, -0.5]
    """

    def __init__(
        self,
        spacing: float,
        phase: float,
        *,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> None:
        self.spacing = _moderate("spacing", spacing)
        self.phase = arguments.finite("phase", phase)
        self.dtype = arguments.dtype(dtype)
        try:
            self.device = torch.device("cpu" if device is None else device)
        except (RuntimeError, TypeError):
            arguments.reject("device", device, "a torch device, such as 'cpu'")
        self._phase = math.remainder(self.phase, 1.0)  # exact: the same lattice
        self._log_mass = log_mass(self.spacing, self._phase)

    def __repr__(self) -> str:
        return (
            f"DiscretizedGaussian(spacing={self.spacing}, phase={self.phase}, dtype={self.dtype})"
        )

    def log_prob(self, x: AnyValues, sigma: Level) -> Values:
        """Log density at x, (...), of the law smoothed with N(0, sigma^2): shape (...).

        `sigma` is a float or a tensor that broadcasts to x. Raises `InvalidArgument`.
        """
        return self._evaluate(x, sigma, "log_prob")

    def score(self, x: AnyValues, sigma: Level) -> Values:
        """Derivative in x of `log_prob`, (...): (denoise(x) - x) / sigma^2 by Tweedie's formula."""
        return self._evaluate(x, sigma, "score")

    def denoise(self, x: AnyValues, sigma: Level) -> Values:
        """Posterior mean E[A | A + sigma Z = x] of the lattice point A, (...)."""
        return self._evaluate(x, sigma, "denoise")

    def table(self) -> tuple[Tensor, Tensor]:
        """(points, probabilities): float64, (k,) each, points increasing.

        Neglected mass below 1e-30; relative error of each below 1e-14. Raises `InvalidArgument` if
        the spacing is so small that there are more than ten million points.
        """
        points, probabilities = self._table
        return points.clone(), probabilities.clone()

    def sample(self, shape: int | Sequence[int], generator: torch.Generator) -> Tensor:
        """Independent draws, of the given shape: lattice points, rounded once to dtype.

        Inverse distribution function, summed from the rarest point up and read at a uniform number
        of 106 bits: even a point of probability 1e-30 is drawn as often as it should be, to 2^-106.
        """
        generator = arguments.generator(generator)
        if generator.device.type != self.device.type:
            arguments.reject("generator", generator, f"on {self.device}")
        sizes = _sizes(shape)
        points, _ = self._table
        order, cumulative = self._inverse
        coarse, fine = (
            torch.rand(sizes, dtype=torch.float64, device=self.device, generator=generator)
            for _ in range(2)
        )
        place = torch.searchsorted(cumulative, coarse + 2.0**-53 * fine, right=True)
        return points[order[place.clamp(max=len(points) - 1)]].to(self.dtype)

    @cached_property
    def _table(self) -> tuple[Tensor, Tensor]:
        nearest = self.spacing * self._phase
        reach = math.sqrt(nearest**2 + REACH) / self.spacing
        if 2 * reach > MOST_POINTS:
            arguments.reject("spacing", self.spacing, "above 2.5e-6 where the points are listed")
        low, high = math.ceil(-reach - self._phase), math.floor(reach - self._phase)
        index = torch.arange(low, high + 1, dtype=torch.float64, device=self.device)
        spacing = index.new_tensor(self.spacing)
        shifted, rest = two_sum(index, index.new_tensor(self._phase))
        point, error = two_prod(spacing, shifted)
        point, error = two_sum(point, error + spacing * rest)
        square, tail = two_prod(point, point)
        least = square.min()
        weights = torch.exp((least - square) / 2) * (1 - (tail + 2 * point * error) / 2)
        return point, weights / math.fsum(weights.tolist())

    @cached_property
    def _inverse(self) -> tuple[Tensor, Tensor]:
        _, probabilities = self._table
        rising, order = torch.sort(probabilities, stable=True)
        return order, torch.cumsum(rising, 0)

    def _evaluate(self, x: Tensor, sigma: float | Tensor, quantity: str) -> Tensor:
        if not isinstance(x, Tensor):
            arguments.reject("x", x, f"a tensor of {self.dtype}")
        self._check("x", x)
        lattice = self.spacing, self._phase, self._log_mass
        if not isinstance(sigma, Tensor):
            at = level(*lattice, _moderate("sigma", sigma))
            return elementwise(lambda x: smoothed(x.double(), at, quantity).to(self.dtype), x)
        self._check_levels(sigma, x)

        def piece(x: Tensor, sigma: Tensor) -> Tensor:
            # The sum puts x into every torch.func.vmap that sigma is in: later steps are in place.
            x, many = x.double() + 0 * sigma.double(), levels(*lattice, sigma.double())
            return smoothed(x, many, quantity).to(self.dtype)

        if sigma.numel() == 1:
            return elementwise(lambda x: piece(x, sigma.reshape(())), x)
        return elementwise(piece, x, sigma.expand(x.shape))

    def _check(self, name: str, value: Tensor) -> None:
        if value.dtype != self.dtype:
            arguments.reject(name, value.dtype, f"of dtype {self.dtype}, as the law is")
        if value.device.type != self.device.type:
            arguments.reject(name, value.device, f"on {self.device}, as the law is")

    def _check_levels(self, sigma: Tensor, x: Tensor) -> None:
        self._check("sigma", sigma)
        if sigma.requires_grad:
            arguments.reject("sigma", "requires_grad", "a constant: derivatives are in x alone")
        try:
            fits = torch.broadcast_shapes(x.shape, sigma.shape) == x.shape
        except RuntimeError:
            fits = False
        if not fits:
            shape = tuple(x.shape)
            arguments.reject(
                "sigma", tuple(sigma.shape), f"a shape that broadcasts to x's, {shape}"
            )
        wrong = ~((sigma >= RANGE[0]) & (sigma <= RANGE[1]))
        try:
            found = bool(wrong.any())
        except RuntimeError:  # torch.func.vmap over sigma: values cannot be read
            return
        if found:
            arguments.reject("sigma", float(sigma[wrong][0]), MODERATE)


def _moderate(name: str, value: object) -> float:
    number = arguments.positive(name, value)
    if not RANGE[0] <= number <= RANGE[1]:
        arguments.reject(name, value, MODERATE)
    return number


def _sizes(shape: object) -> tuple[int, ...]:
    if isinstance(shape, Sequence) and not isinstance(shape, str):
        return tuple(arguments.integer("shape", size, 0) for size in shape)
    return (arguments.integer("shape", shape, 0),)
