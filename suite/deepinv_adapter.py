"""deepinv's diffusion samplers under the audit's contract: `hardposterior.deepinv_adapter:dps`.

They are called `model(y, physics)` on images (B, C, H, W) of values in [0, 1]. Here x becomes
images (count, 1, 1, d) by one affine map u = (x - low) / width of all coordinates; then
y = A x + beta Z becomes (y - low A 1) / width = A u + (beta / width) Z. The map is chosen from the
denoiser alone: the prior's mean and deviations, and `REACH` of these to either side.

deepinv is the extra `deepinv`, imported when a sampler is first called. Defaults are deepinv's own;
methods that it offers as a data fidelity alone (PiGDM, moment matching) run under the equation,
solver and 1000 steps that are its DPS's defaults.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from hardposterior.usage import UsageError

Denoise = Callable[[torch.Tensor, float], torch.Tensor]

REACH = 3.0
"""Deviations of the prior from its mean to the ends of [0, 1]."""

FAR = 1e3
"""Noise level, in deviations of the first estimate, at which the denoiser is linear."""

STEPS = 1000

KEPT: list[Any] = []
"""Declared operators, which would be forgotten with their library."""


@cache
def deepinv() -> Any:
    """The library; `UsageError` where it is not installed.

    torchvision's compiled operators are missing beside a build of torch for the CPU alone. They are
    never called here, but must be declared before it is imported.
    """
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    KEPT.append(library)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import deepinv as found
    except ImportError as error:
        raise UsageError(
            f"deepinv = {error}: must be installed, pip install 'hardposterior[deepinv]'"
        ) from error
    return found


@dataclass(frozen=True)
class Range:
    """The affine map of x to [0, 1]: u = (x - low) / width."""

    low: float
    width: float


def value_range(denoise: Denoise, dim: int) -> Range:
    """The range of the prior, REACH deviations about its mean, from its denoiser alone.

    At a noise level far above the prior's deviations the denoiser is linear:
    E[X | X + sigma Z = x] = E X + Cov X (x - E X) / sigma^2, up to O(sigma^-4).
    """
    eye, guess = torch.eye(dim, dtype=torch.float64), 1.0
    for _ in range(3):  # the level must be far above the deviations, and not so far as to cancel
        sigma = FAR * guess
        mean = denoise(torch.zeros(1, dim, dtype=torch.float64), sigma)
        moved = denoise(mean + sigma * eye, sigma) - denoise(mean, sigma)
        guess = float(moved.diagonal().clamp(min=0).amax() * sigma) ** 0.5 or guess
    middle = float(mean.mean())
    half = REACH * guess + float((mean - middle).abs().max())
    return Range(middle - half, 2 * half)


def network(denoise: Denoise, bounds: Range) -> Any:
    """The denoiser as deepinv calls it: images in [0, 1], float32, `sigma` in their units."""

    class Exact(deepinv().models.Denoiser):  # type: ignore[misc]
        def forward(self, x: torch.Tensor, sigma: Any, **_: Any) -> torch.Tensor:
            level = float(torch.as_tensor(sigma).detach().flatten()[0])
            if level <= 0:
                return x
            rows = bounds.low + bounds.width * x.double().flatten(1)
            clean = (denoise(rows, bounds.width * level) - bounds.low) / bounds.width
            return clean.reshape(x.shape).to(x.dtype)

    return Exact()


def measured(A: torch.Tensor, noise: float, dtype: torch.dtype) -> Any:
    """A as deepinv's operator with a singular value decomposition, noise N(0, noise^2)."""
    d = A.shape[1]
    U, s, Vh = torch.linalg.svd(A.double(), full_matrices=True)
    U, Vh = U.to(dtype), Vh.to(dtype)
    rank = len(s)
    values = torch.zeros(1, 1, 1, d, dtype=dtype)
    values[..., :rank] = s.to(dtype)

    def spread(y: torch.Tensor) -> torch.Tensor:
        turned = (y.to(dtype) @ U)[..., :rank]
        return torch.nn.functional.pad(turned, (0, d - rank))

    return deepinv().physics.DecomposablePhysics(
        U=lambda z: z[..., :rank].to(dtype) @ U[:, :rank].T,
        U_adjoint=spread,
        V=lambda z: z.to(dtype) @ Vh,
        V_adjoint=lambda x: x.to(dtype) @ Vh.T,
        mask=values,
        noise_model=deepinv().physics.GaussianNoise(noise),
    )


@contextmanager
def global_stream(generator: torch.Generator) -> Iterator[None]:
    """torch's global stream, from the caller's generator; put back afterwards."""
    seed = 1 + int(torch.randint(2**31, (), generator=generator))  # deepinv ignores seed 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def guided(fidelity: str) -> Callable[..., Any]:
    """A method that deepinv offers as a data fidelity, run as its DPS is."""

    def make(net: Any, _noise: float, generator: torch.Generator) -> Any:
        sampling = deepinv().sampling
        times = torch.linspace(1, 0, STEPS, dtype=torch.float64)
        return sampling.PosteriorDiffusion(
            data_fidelity=getattr(sampling, fidelity)(denoiser=net),
            denoiser=net,
            sde=sampling.VariancePreservingDiffusion(alpha=1.0, dtype=torch.float64),
            solver=sampling.sde_solver.DDPMSolver(timesteps=times, rng=generator),
            dtype=torch.float64,
        )

    return make


def _dps(net: Any, _noise: float, generator: torch.Generator) -> Any:
    return deepinv().sampling.DPS(net, rng=generator)


def _ddrm(net: Any, _noise: float, _generator: torch.Generator) -> Any:
    return deepinv().sampling.DDRM(net)


def _diffpir(net: Any, noise: float, _generator: torch.Generator) -> Any:
    fidelity = deepinv().optim.data_fidelity.L2()
    return deepinv().sampling.DiffPIR(net, fidelity, sigma=noise)


@dataclass(frozen=True)
class DeepinvSampler:
    """One of deepinv's samplers; `make(network, noise, generator)` builds it in units of [0, 1]."""

    name: str
    make: Callable[..., Any]
    dtype: torch.dtype = torch.float64

    def __call__(
        self,
        denoise: Denoise,
        A: torch.Tensor,
        y: torch.Tensor,
        beta: float,
        count: int,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """`count` draws, shape (count, d); `UsageError` where deepinv is not installed."""
        d = A.shape[1]
        bounds = value_range(denoise, d)
        net = network(denoise, bounds)
        physics = measured(A, beta / bounds.width, self.dtype)
        shifted = (y.double() - bounds.low * A.double().sum(1)) / bounds.width
        rows = shifted.to(self.dtype).repeat(count, 1)[:, None, None, :]  # DDRM overwrites its y
        with global_stream(generator), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            u = self.make(net, beta / bounds.width, generator)(rows, physics)
        return bounds.low + bounds.width * u.detach().reshape(count, d).double()


dps = DeepinvSampler("DPS", _dps)
pigdm = DeepinvSampler("PiGDM", guided("PiGDMDataFidelity"))
moment_matching = DeepinvSampler("moment matching", guided("MomentMatchingDataFidelity"))
diffpir = DeepinvSampler("DiffPIR", _diffpir, torch.float32)
ddrm = DeepinvSampler("DDRM", _ddrm, torch.float32)

SAMPLERS = (dps, pigdm, diffpir, ddrm, moment_matching)
