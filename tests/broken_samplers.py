"""Broken samplers: one small, named fault each, from a wrong mode weight to a shared seed."""

import math
from typing import Any

import torch
from broken import NOT_INDEPENDENT, Call, fault

from hardposterior.properties.audit.controls import STEPS, diffusion

WEIGHTS = ("mode weights", "mean", "ignoring y")
SPREAD = "spread inside a mode"
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)


@fault("mass moved from the heaviest mode to the lightest", 0.1, *SHARES, seen=WEIGHTS)
def mode_weight(call, size):
    weights = call.law.weights.clone()
    moved = size * weights.max()
    weights[weights.argmax()] -= moved
    weights[weights.argmin()] += moved
    return call.of(weights=weights)


@fault("share of the lightest mode's mass that is lost", 1.0, 0.2, 0.5, 1.0, seen=WEIGHTS)
def dropped_mode(call, size):
    weights = call.law.weights.clone()
    weights[weights.argmin()] *= 1 - size
    return call.of(weights=weights)


@fault("mode weights to this power", 1.5, 1.05, 1.1, 1.25, 1.5, seen=WEIGHTS, neutral=1.0)
def tempered(call, size):
    return call.of(weights=call.law.weights**size)


@fault("prior weights made equal, by this share", 1.0, 0.1, 0.25, 0.5, 1.0, seen=WEIGHTS)
def wrong_prior(call, size):
    prior = call.problem.prior
    flat = (1 - size) * prior.weights + size / prior.size
    return call.of(weights=call.law.weights * flat / prior.weights)


@fault("relative error of the spread inside modes", 0.05, 0.01, 0.02, 0.05, 0.1, seen=SPREAD)
def spread(call, size):
    return call.of(covariances=call.law.covariances * (1 + size) ** 2)


@fault("error of the spread along one axis", -0.4, -0.1, -0.2, -0.4, seen=(SPREAD, "mean"))
def one_axis(call, size):
    variances, axes = torch.linalg.eigh(call.law.covariances)
    variances[:, -1] *= (1 + size) ** 2
    return call.of(covariances=(axes * variances[:, None, :]) @ axes.mT)


@fault("correlations inside modes lost, by this share", 1.0, 0.2, 0.5, 1.0, seen=SPREAD)
def no_correlation(call, size):
    full = call.law.covariances
    diagonal = torch.diag_embed(full.diagonal(dim1=-2, dim2=-1))
    return call.of(covariances=(1 - size) * full + size * diagonal)


@fault("modes given their common shape, by this share", 1.0, 0.2, 0.5, 1.0, seen=SPREAD)
def one_shape(call, size):
    full = call.law.covariances
    common = torch.einsum("k,kij->ij", call.law.weights, full)
    return call.of(covariances=(1 - size) * full + size * common)


@fault(
    "share of draws whose product of three signs is made positive",
    1.0, 0.5, 0.7, 1.0, seen=("joint shape", SPREAD, "mean"), problem="gaussian-6",
)  # fmt: skip
def joint_signs(call, size):
    normal = call.normal()
    turned = (normal[:, :3].prod(-1) < 0) & (call.uniform()[:, 0] < size)
    normal[turned, 0] *= -1
    return call.of(normal=normal)


@fault("mean shifted, in deviations of the principal axis", 0.1, 0.02, 0.05, 0.1, seen="mean")
def shifted(call, size):
    variances, axes = torch.linalg.eigh(call.law.covariance())
    return call.exact() + size * variances[-1].sqrt() * axes[:, -1]


@fault("share of draws that ignore y", 1.0, 0.02, 0.05, 0.1, 1.0, seen=("ignoring y", "residual"))
def ignores_y(call, size):
    prior = call.problem.prior.sample(call.count, call.generator)
    return torch.where(call.uniform() < size, prior, call.exact())


@fault("beta times this", 2.0, 1.05, 1.1, 1.25, 2.0, neutral=1.0, seen=("residual", SPREAD))
def larger_beta(call, size):
    p = call.problem
    return p.prior.condition(p.A, size * p.beta, call.y).sample(call.count, call.generator)


@fault("beta times this", 0.5, 0.95, 0.9, 0.75, 0.5, neutral=1.0, seen=("residual", SPREAD))
def smaller_beta(call, size):
    return larger_beta.draw(call, size)


@fault("y with further noise, in units of beta", 1.0, 0.2, 0.5, 1.0, seen=("residual", "mean"))
def noisy_y(call, size):
    # Conditioning is linear within a mode: a fresh y for each draw, mode by mode.
    p = call.problem
    rows = []
    for _ in range(20):  # twenty values of y, each for a share of the draws
        y = call.y + size * p.beta * call.normal(p.measurements)
        law = p.prior.condition(p.A, p.beta, y)
        rows.append(law.sample(-(-call.count // 20), call.generator))
    x = torch.cat(rows)
    return x[torch.randperm(len(x), generator=call.generator)[: call.count]]


@fault("the last measurement's weight lost, by this share", 1.0, 0.2, 0.5, 1.0, seen="residual")
def unseen_measurement(call, size):
    p = call.problem
    rows = torch.ones(p.measurements, 1, dtype=torch.float64)
    rows[-1] = 1 - size
    law = p.prior.condition(rows * p.A, p.beta, rows[:, 0] * call.y)
    return law.sample(call.count, call.generator)


@fault("noise left in the draws, in units of the scale", 0.1, 0.02, 0.05, 0.1, seen=SPREAD)
def noise_left(call, size):
    return call.exact() + size * call.problem.scale * call.normal()


@fault("normal numbers beyond this are drawn in", 2.0, 3.0, 2.5, 2.0, seen=SPREAD, neutral=99.0)
def clipped(call, size):
    return call.of(normal=call.normal().clamp(-size, size))


@fault("heavy tails: 1 / degrees of freedom", 0.2, 0.02, 0.05, 0.1, 0.2, seen=SPREAD)
def heavy_tails(call, size):
    if size == 0:
        return call.exact()
    degrees = round(1 / size)
    chi = call.normal(call.count, degrees).square().sum(-1, keepdim=True) / degrees
    return call.of(normal=call.normal() / chi.sqrt())


@fault("draws pulled to their modes, by this share", 0.2, 0.02, 0.05, 0.1, seen=SPREAD)
def pulled(call, size):
    return call.of(covariances=call.law.covariances * (1 - size) ** 2)


@fault("values rounded to this grid", 0.5, 0.1, 0.2, 0.5, seen=(SPREAD, "residual"))
def rounded(call, size):
    x = call.exact()
    return (x / size).round() * size if size else x


@fault("the units of x times this", 1.05, 1.01, 1.02, 1.05, neutral=1.0, seen=("mean", SPREAD))
def other_units(call, size):
    return size * call.exact()


def _frozen(call: Call, hold: float, steps: int) -> torch.Tensor:
    """Diffusion with the posterior's own score, its denoiser asked once in `hold` steps."""
    last: dict[str, Any] = {"k": 0, "clean": None}

    def denoise(x, sigma):
        if last["k"] % max(1, int(hold)) == 0 or last["k"] >= steps:
            last["clean"] = call.law.denoise(x, sigma)
        last["k"] += 1
        return last["clean"]

    p = call.problem
    return diffusion(denoise, p.dim, p.scale, call.count, call.generator, steps)


@fault("steps between calls of the denoiser, of 1000", 50, 10, 25, 50, 100, neutral=1, seen=SPREAD)
def stale_denoiser(call, size):
    return _frozen(call, size, STEPS)


@fault("steps of the diffusion", 20, 200, 100, 50, 20, neutral=STEPS, seen=SPREAD)
def few_steps(call, size):
    return _frozen(call, 1, int(size))


@fault("correlation of a draw with the next", 0.5, 0.05, 0.1, 0.2, 0.5, seen=NOT_INDEPENDENT)
def correlated(call, size):
    normal = call.normal()
    for k in range(1, call.count):
        normal[k] = size * normal[k - 1] + math.sqrt(1 - size**2) * normal[k]
    return call.of(normal=normal)


@fault("share of draws that repeat the last", 0.5, 0.01, 0.05, 0.2, 0.5, seen=NOT_INDEPENDENT)
def repeated(call, size):
    x = call.exact()
    again = call.uniform(call.count) < size
    for k in range(1, call.count):
        if again[k]:
            x[k] = x[k - 1]
    return x


@fault("one seed for every call", 1, seen=NOT_INDEPENDENT)
def shared_seed(call, size):
    return call.law.sample(call.count, torch.Generator().manual_seed(5) if size else call.generator)


@fault("one seed for every batch of this many draws", 64, 512, 64, neutral=0, seen=NOT_INDEPENDENT)
def shared_batch(call, size):
    if not size:
        return call.exact()
    seed = int(torch.randint(2**31, (), generator=call.generator))
    parts = []
    for start in range(0, call.count, int(size)):
        batch = min(int(size), call.count - start)
        generator = torch.Generator().manual_seed(seed)
        parts.append(call.law.sample(int(size), generator)[:batch])
    return torch.cat(parts)


@fault("share of mirrored draws that follow their image", 1.0, 0.2, 1.0, seen=NOT_INDEPENDENT)
def antithetic(call, size):
    normal = call.normal()
    half = call.count // 2
    mirrored = call.uniform(half, 1) < size
    normal[1 : 2 * half : 2] = torch.where(
        mirrored, -normal[0 : 2 * half : 2], normal[1 : 2 * half : 2]
    )
    return call.of(normal=normal)


@fault("late draws shifted, in deviations", 0.3, 0.1, 0.3, seen=("mean", NOT_INDEPENDENT))
def drifting(call, size):
    x = call.exact()
    variances, axes = torch.linalg.eigh(call.law.covariance())
    x[call.count // 2 :] += size * variances[-1].sqrt() * axes[:, -1]
    return x


@fault("share of y at which the draws ignore y", 0.05, seen=())
def sometimes_wrong(call, size):
    """Exact on most y. Which are the others hangs on the digits of y that no law resolves."""
    share = float((call.y.sum() * 1e6).frac().abs())
    return ignores_y.draw(call, 1.0 if share < size else 0.0)
