"""The hard instance by a 40-digit sum over the vertices, written from the definition."""

import math
from itertools import product

import mpmath as mp
import torch
from instances import generator, lattice

HALF_ULP = mp.mpf(2) ** -53


def smoothed_phase(x, sigma, spacing, bit):
    """Density, mean and variance of a given a + sigma Z = x, and the nearest lattice point."""
    phase = mp.mpf(0) if bit else mp.mpf("0.5")
    t = 1 + sigma**2
    reach = 14 * sigma / mp.sqrt(t)
    points = lattice(spacing, phase, x / t - reach, x / t + reach)
    weights = [mp.exp(-(a**2) / 2 - (x - a) ** 2 / (2 * sigma**2)) for a in points]
    total = mp.fsum(weights)
    mean = mp.fdot(weights, points) / total
    variance = mp.fdot(weights, [(a - mean) ** 2 for a in points]) / total
    normalizer = mp.fsum(mp.exp(-(a**2) / 2) for a in lattice(spacing, phase, -14, 14))
    density = total / normalizer / (sigma * mp.sqrt(2 * mp.pi))
    return density, mean, variance, min(points, key=lambda a: abs(x / t - a))


def reference(instance, point, level):
    """Log-density, score and natural scales (see `HardInstance.score`), scaled, by 40 digits.

    The scales allow for one rounding of each coordinate of x: the score's derivative times that.
    """
    R, n, d = mp.mpf(instance.separation), instance.n, instance.d
    sigma = R * mp.mpf(level)
    x, t = [R * mp.mpf(c) for c in point.tolist()], 1 + sigma**2
    phases = [
        [smoothed_phase(c, sigma, mp.mpf(instance.spacing), b) for b in (0, 1)] for c in x[n:]
    ]
    words = list(product((0, 1), repeat=n))
    images = instance.function(torch.tensor(words)).tolist()
    weights, means, variances = [], [], []
    for word, image in zip(words, images, strict=True):
        parts = [phases[j][b] for j, b in enumerate(image)]
        signs = [2 * b - 1 for b in word]
        gaussian = [
            mp.exp(-((c - R * s) ** 2) / (2 * t)) for c, s in zip(x[:n], signs, strict=True)
        ]
        weights.append(mp.fprod(gaussian + [p[0] for p in parts]) * (2 * mp.pi * t) ** (-n / 2))
        hidden = [(c + sigma**2 * R * s) / t for c, s in zip(x[:n], signs, strict=True)]
        means.append(hidden + [p[1] for p in parts])
        variances.append([sigma**2 / t] * n + [p[2] for p in parts])
    total = mp.fsum(weights)
    weights = [w / total for w in weights]
    mean = [mp.fdot(weights, [v[i] for v in means]) for i in range(d)]
    score = [(mean[i] - x[i]) / sigma**2 for i in range(d)]
    scale = [(R + abs(c)) / t for c in x[:n]]
    for j, pair in enumerate(phases):
        terms = [(abs(x[n + j] - a) + abs(D - a)) / sigma**2 for _, D, _, a in pair]
        scale.append(mp.fdot(weights, [terms[image[j]] for image in images]))
    rounding = [HALF_ULP * abs(c) for c in x]
    centred = [[v[i] - mean[i] for v in means] for i in range(d)]
    for i in range(d):
        weighted = [w * c for w, c in zip(weights, centred[i], strict=True)]
        for k in range(d):
            covariance = mp.fdot(weighted, centred[k])
            if i == k:
                covariance += mp.fdot(weights, [v[i] for v in variances]) - sigma**2
            scale[i] += abs(covariance) / sigma**4 * rounding[k] / mp.mpf("1e-11")
    log_scale = d + abs(mp.log(total)) + mp.fsum((c**2 + R**2) / (2 * t) for c in x[:n])
    log_scale += mp.fsum(max(abs(mp.log(p[0])) for p in pair) for pair in phases)
    log_scale += mp.fdot([abs(s) for s in score], rounding) / mp.mpf("1e-13")
    log_prob = mp.log(total) - n * mp.log(2) + d * mp.log(R)
    return log_prob, log_scale, [R * s for s in score], [R * s for s in scale]


def excess(found, exact, allowed):
    """The error over what is allowed: 1 is the limit; zero allows no error at all."""
    error = abs(mp.mpf(found.item()) - exact)
    return 0.0 if error == 0 else float(error / allowed) if allowed > 0 else math.inf


def worst_errors(instance, points, level):
    """Errors of score, denoiser and log-density, over their allowances."""
    worst = {"score": 0.0, "denoise": 0.0, "log_prob": 0.0}
    scores, denoised = instance.score(points, level), instance.denoise(points, level)
    logs, variance = instance.log_prob(points, level), mp.mpf(level) ** 2
    for row, point in enumerate(points):
        log_prob, log_scale, score, scale = reference(instance, point, level)
        for i, x in enumerate(point.tolist()):
            error = excess(scores[row, i], score[i], mp.mpf("1e-11") * scale[i])
            worst["score"] = max(worst["score"], error)
            exact = x + variance * score[i]
            allowed = mp.mpf("1e-11") * variance * scale[i] + mp.mpf("1e-14") * (abs(x) + 1)
            worst["denoise"] = max(worst["denoise"], excess(denoised[row, i], exact, allowed))
        error = excess(logs[row], log_prob, mp.mpf("1e-13") * log_scale)
        worst["log_prob"] = max(worst["log_prob"], error)
    return worst


def points_to_try(instance, level, seed):
    """Two draws of the smoothed prior, lattice points, a point where all words tie, a far one."""
    g = generator(seed)
    x, _ = instance.sample(5, g)
    x = x + level * torch.randn(x.shape, generator=g, dtype=x.dtype)
    n, cell = instance.n, instance.spacing / instance.separation
    half_steps = torch.randint(-3, 4, (instance.m,), generator=g)
    x[2, n:] = half_steps * cell / 2
    x[3, :n] = 0
    x[3, n:] = (half_steps + 0.5) * cell / 2
    x[4] *= 5
    return x
