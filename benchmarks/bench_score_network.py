"""The score network at n = m = 256 with the full SHA-256 inside, and its certificate."""

from functools import cache
from itertools import count
from typing import Any

import torch
from figure import Measured, figure, times_faster, times_the_cost_of
from timing import Work, growth

from hardposterior import calibrate, well_modeled
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.impl.sha256_circuit import sha256
from hardposterior.named_functions import goldreich
from hardposterior.proofs_checks.score_prover import Prover
from hardposterior.proofs_checks.score_recheck import Evaluator

SEPARATION, SPACING = 9.33, 0.797  # calibrated for n = m = 256 and C = 2
ACCURACY = 512.0**-2 / 16
BATCH = 64
LEVELS = {"small": 0.1, "large": 3.0}
"""Noise, unscaled: with the circuit inside, and without."""


@cache
def built() -> tuple[HardInstance, ScoreNetwork]:
    instance = HardInstance(sha256(), SEPARATION, SPACING)
    network = ScoreNetwork(instance, ACCURACY)
    network.at(LEVELS["small"] / SEPARATION)
    return instance, network


def rows(sigma: float, many: int = BATCH) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    clean, _ = built()[0].sample(many, generator)
    return clean + sigma * torch.randn(clean.shape, dtype=clean.dtype, generator=generator)


@figure("score-network", "score network with SHA-256 inside, a batch of 64, small noise")
def forward() -> Measured:
    instance, network = built()
    sigma = LEVELS["small"] / SEPARATION
    x, module = rows(sigma), network.at(sigma)
    assert torch.equal(network(x, sigma), module(x))
    bits = (x[:, : instance.n] > 0).double()
    circuit = instance.function.to_relu(torch.float64)
    weights, values = (torch.ones(1024, k, dtype=torch.float64) for k in (1024, BATCH))

    def of_batch(many: int) -> Work:
        points = rows(sigma, many)
        return lambda: module(points)

    return Measured(
        times_faster(
            "as many dense layers of 1024",
            lambda: [weights @ values for _ in range(module.sizes().depth + 1)],
            lambda: module(x),
        ),
        times_the_cost_of("the bare circuit's network", lambda: module(x), lambda: circuit(bits)),
        {"batch": growth((8, 32, 128), of_batch)},
    )


@figure("score-network-remembered", "the same where the rows' bits were seen before")
def remembered() -> Measured:
    instance, network = built()
    sigma = LEVELS["small"] / SEPARATION
    x, module = rows(sigma), network.at(sigma)
    network(x, sigma)
    return Measured(
        times_faster("the plain module", lambda: module(x), lambda: network(x, sigma)),
        times_the_cost_of(
            "the score without a network",
            lambda: network(x, sigma),
            lambda: instance.vertex_score(x, sigma),
        ),
    )


@figure("score-network-level", "the next noise level, small noise")
def next_level() -> Measured:
    instance, network = built()
    sigma = LEVELS["small"] / SEPARATION
    levels = (sigma * (1 + 1e-6 * k) for k in count(1))
    x = rows(sigma)
    module = network.at(sigma)
    return Measured(
        times_faster(
            "building anew",
            lambda: ScoreNetwork(instance, ACCURACY).at(sigma),
            lambda: network.at(next(levels)),
            rounds=3,
        ),
        times_the_cost_of(
            "one batch through it", lambda: network.at(next(levels)), lambda: module(x)
        ),
    )


def certified(d: int, C: float) -> Any:
    """The network and certificate for Goldreich's function, n = m = d / 2."""
    return well_modeled(goldreich(d // 2, d // 2, seed=0).circuit, C=C)


@figure("certificate", "certificate of a score network at all noise levels: its boxes, n = m = 8")
def certificate() -> Measured:
    found = certified(16, 2.0)
    data, network = found.certificate.data, found.network.data()
    chosen = data["boxes"][::40]
    provers = {entry["box"]: Prover(network, network["boxes"][entry["box"]]) for entry in chosen}
    evaluator = Evaluator(data)

    def balls() -> None:
        for entry in chosen:
            provers[entry["box"]].evaluate(entry["low"], entry["high"])

    def intervals() -> None:
        for entry in chosen:
            evaluator.terms(entry)

    return Measured(
        times_faster("the same boxes in mpmath.iv", intervals, balls),
        growth={
            "d": growth((16, 32, 128), lambda d: lambda: certified(d, 2.0), rounds=3),
            "C": growth((1, 1.5, 2), lambda C: lambda: certified(16, float(C)), rounds=3),
        },
    )


@figure("calibration", "calibration and its proof, n = m = 256, C = 2")
def calibration() -> Measured:
    return Measured(
        growth={
            "d": growth((8, 64, 512), lambda d: lambda: calibrate(d // 2, d // 2, 2.0), rounds=3),
            "C": growth((1, 2, 4, 8), lambda C: lambda: calibrate(8, 8, float(C)), rounds=3),
        }
    )
