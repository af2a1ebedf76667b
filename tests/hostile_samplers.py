# ruff: noqa: ARG001 - the contract names what a sampler may use
"""Samplers that misbehave as programs, each in its own way; `exact` is right."""

import json
import os
import sys
import time

import torch

NOT_CALLABLE = 3


def exact(denoise, A, y, beta, count, generator):
    """gaussian-6's posterior from its denoiser alone: the prior is N(mean, C), and D is affine."""
    d = A.shape[1]
    sigma = 1.0
    zero = torch.zeros(1, d, dtype=A.dtype)
    at_zero = denoise(zero, sigma)
    K = (denoise(torch.eye(d, dtype=A.dtype), sigma) - at_zero).T  # C (C + I)^-1
    eye = torch.eye(d, dtype=A.dtype)
    C = torch.linalg.solve(eye - K, K)
    mean = torch.linalg.solve(eye - K, at_zero[0])
    gain = C @ A.T @ torch.linalg.inv(A @ C @ A.T + beta**2 * torch.eye(len(A), dtype=A.dtype))
    left = C - gain @ A @ C
    root = torch.linalg.cholesky((left + left.T) / 2)
    normal = torch.randn(count, d, generator=generator, dtype=A.dtype)
    return mean + gain @ (y - A @ mean) + normal @ root.T


def prints(denoise, A, y, beta, count, generator):
    print("<script>" * 10_000)
    sys.stderr.write("noise" * 10_000)
    os.write(1, b"{}\n" * 1000)
    y.zero_()  # a copy of its own
    return torch.zeros(count, A.shape[1], dtype=A.dtype)


def hangs(denoise, A, y, beta, count, generator):
    while True:
        time.sleep(1)


def exits(denoise, A, y, beta, count, generator):
    os._exit(7)


def leaves(denoise, A, y, beta, count, generator):
    sys.exit("enough")


def forks(denoise, A, y, beta, count, generator):
    os.fork()
    return exact(denoise, A, y, beta, count, generator)


def allocates(denoise, A, y, beta, count, generator):
    kept = []
    while True:
        kept.append(torch.ones(10_000_000))


def raises(denoise, A, y, beta, count, generator):
    raise ValueError("<script>alert(1)</script>\nsecond line")


def nan(denoise, A, y, beta, count, generator):
    x = torch.zeros(count, A.shape[1])
    x[0] = torch.nan
    return x


def misshaped(denoise, A, y, beta, count, generator):
    return torch.zeros(count, 1)


def fewer(denoise, A, y, beta, count, generator):
    return torch.zeros(count - 1, A.shape[1])


def nothing(denoise, A, y, beta, count, generator):
    return None


def view(denoise, A, y, beta, count, generator):
    return A[:1].expand(count, -1)


def one_seed(denoise, A, y, beta, count, generator):
    return exact(denoise, A, y, beta, count, torch.Generator().manual_seed(0))


def twice(denoise, A, y, beta, count, generator):
    return exact(denoise, A, y, beta, count, generator)[: (count + 1) // 2].repeat(2, 1)[:count]


def walks(denoise, A, y, beta, count, generator):
    """A chain: every draw is correlated with the one before."""
    x = exact(denoise, A, y, beta, count, generator)
    middle = exact(denoise, A, y, beta, 4000, torch.Generator().manual_seed(1)).mean(0)
    x = x - middle
    for k in range(1, count):
        x[k] = 0.5 * x[k - 1] + 0.75**0.5 * x[k]
    return x + middle


def shifts_together(denoise, A, y, beta, count, generator):
    """All draws of one call share a random shift."""
    x = exact(denoise, A, y, beta, count, generator)
    return x + 0.5 * torch.randn(1, A.shape[1], generator=generator, dtype=A.dtype)


def every_other_row(denoise, A, y, beta, count, generator):
    """Independent draws, but every second one has ten times the spread: no sign test sees it."""
    x = exact(denoise, A, y, beta, count, generator)
    middle = exact(denoise, A, y, beta, 4000, torch.Generator().manual_seed(1)).mean(0)
    x[0::2] = middle + 10 * (x[0::2] - middle)
    return x


def half_of_space(denoise, A, y, beta, count, generator):
    """Never where the product of three whitened coordinates is negative; all pairs fit."""
    many = exact(denoise, A, y, beta, 4000, torch.Generator().manual_seed(1)).double()
    middle = many.mean(0)
    axes = torch.linalg.eigh((many - middle).T.cov())[1]
    z = (exact(denoise, A, y, beta, count, generator).double() - middle) @ axes
    z[z[:, 3:].prod(-1) < 0, 5] *= -1
    return middle + z @ axes.T


def diverges(denoise, A, y, beta, count, generator):
    """Finite draws whose squares are not."""
    return 1e200 * exact(denoise, A, y, beta, count, generator)


def from_a_store(size):
    """Draws, with replacement, from as many exact draws as it keeps for each y."""

    def sampler(denoise, A, y, beta, count, generator):
        seed = int(abs(float(y[0])) * 1e6)
        store = exact(denoise, A, y, beta, size, torch.Generator().manual_seed(seed))
        return store[torch.randint(0, size, (count,), generator=generator)]

    return sampler


def on_the_pipe(text, again=False):
    """Writes on every pipe that it finds, the audit's among them, and then answers."""

    def sampler(denoise, A, y, beta, count, generator):
        for name in os.listdir("/proc/self/fd"):
            try:
                if os.readlink(f"/proc/self/fd/{name}").startswith("pipe:"):
                    os.write(int(name), text)
                    while again:
                        os.write(int(name), text)
            except OSError:
                pass
        return exact(denoise, A, y, beta, count, generator)

    return sampler


garbage = on_the_pipe(b"garbage\n")
wrong_size = on_the_pipe(json.dumps({"ok": True, "bytes": 7}).encode() + b"\n1234567")
flood = on_the_pipe(b"x" * 65536, again=True)
ahead = on_the_pipe(json.dumps({"ok": True, "bytes": 96}).encode() + b"\n" + bytes(96))


def sometimes(share):
    """Exact, but on a share of y the deviation is doubled."""

    def sampler(denoise, A, y, beta, count, generator):
        x = exact(denoise, A, y, beta, count, generator)
        if float((y.sum() * 1e6).frac().abs()) < share:
            return x + 3.0
        return x

    return sampler
