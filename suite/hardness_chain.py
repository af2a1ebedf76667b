"""`hardness`: the lower bound from end to end for one function, n and C, in concrete numbers."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch

from hardposterior import bounds, named_functions
from hardposterior.calibration import Calibration, calibrate
from hardposterior.hardness_links import Link, first_stated
from hardposterior.impl import HardInstance, ScoreNetwork, default_boxes
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.noise_boxes import default_switch
from hardposterior.impl.score_forms import ScoreSizes
from hardposterior.planning import FLOATS, far, least, least_steps
from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.proofs_checks.calibration_certificate import recheck_calibration
from hardposterior.proofs_checks.lower_bound import success_at_one_tenth
from hardposterior.spec import near_optimality, reverse_diffusion

SHARE = 0.5
"""Of the target d^-C: for the exact formulas; the rest is left to the network."""

ACCURACY = 1 / 64
"""Of the target: what the pieces of the network may add."""

TAU = DELTA = 0.1


@dataclass(frozen=True)
class Problem:
    """What every step of the argument is about."""

    about: dict[str, Any]
    circuit: Circuit
    found: Calibration
    instance: HardInstance
    C: float

    @property
    def target(self) -> float:
        """d^-C."""
        return float(self.instance.d) ** -self.C


def hardness(
    function: str, n: int, C: float, *, m: int | None = None, seed: int = 0, rounds: int = 64
) -> list[Link]:
    """The argument, link by link. m is n unless given (at most 256 for sha256).

    `seed` draws the function's data, `rounds` are SHA-256's. Raises `UsageError` and
    `InvalidArgument` on arguments out of range.
    """
    images = min(n, 256) if m is None else m
    about = named_functions.parameters_of(function, n, images, seed, rounds)
    made = named_functions.named(**about)
    found = calibrate(n, images, C, share=SHARE)
    instance = HardInstance(made.circuit, found.separation, found.spacing)
    problem = Problem(about, made.circuit, found, instance, C)
    return [
        *function_links(problem, named_functions.self_check(made, seed)),
        *calibration_links(problem),
        *network_links(problem),
        *sampling_links(problem),
        *inversion_links(problem),
        *conclusion_links(problem),
        *rejection_links(problem),
    ]


def function_links(problem: Problem, check: named_functions.SelfCheck) -> list[Link]:
    """The function and its circuit."""
    step, circuit = "the function", problem.circuit
    statement = f"one-way-functions.{problem.about['name']}"
    right = "differs from its definition" if check.wrong else "equals its definition"
    tried = f"{right} on {check.inputs} inputs"
    return [
        Link(step, "gates", len(circuit.gates), f"{len(circuit.gates):,}", statement, "counted"),
        Link(step, "depth", circuit.depth, f"{circuit.depth:,}", "one-way-functions", "counted"),
        Link(step, "circuit", check.inputs, tried, statement, "counted"),
    ]


def calibration_links(problem: Problem) -> list[Link]:
    """Separation, spacing, noise, and the covariance."""
    step, found, law = "the calibrated prior", problem.found, problem.instance
    boxes = len(found.certificate["boxes"])
    _, again = recheck_calibration(found.certificate, sample=64)
    exact = SHARE * problem.target
    covariance = 1 + 1 / found.separation**2
    return [
        Link(
            step,
            "separation R",
            found.separation,
            f"{found.separation:g} (unscaled)",
            "calibration",
            "proved here",
        ),
        Link(
            step,
            "spacing eps",
            found.spacing,
            f"{found.spacing:g} (unscaled), eps / R = {found.ratio:.4f}, "
            f"(eps / R) log d = {found.law:.3f}",
            "calibration",
            "proved here",
        ),
        Link(
            step,
            "exact scores' error",
            exact,
            f"min(V, U) sigma^2 <= {SHARE:g} d^-{problem.C:g} = {exact:.4g} for every sigma >= "
            f"d^-{problem.C:g}: {boxes} boxes and a tail, {again} boxes checked again",
            "calibration",
            "proved here",
        ),
        Link(
            step,
            "noise beta",
            found.beta,
            f"{found.beta:g} (scaled), p_dec <= 1/250",
            "calibration.beta",
            "proved here",
        ),
        Link(
            step,
            "covariance",
            covariance,
            f"|Cov X| <= {covariance:.4f} (scaled), d = {law.d}",
            "well-modeled.covariance",
            "by formula",
        ),
    ]


def network_sizes(problem: Problem) -> tuple[int, list[ScoreSizes]]:
    """How many boxes of noise levels there are, and the network's size at the foot of each.

    No sizes where a network so accurate has too many pieces to be built.
    """
    law, low = problem.instance, float(problem.instance.d) ** -problem.C
    boxes = default_boxes(law, low=low, high=float(law.d) ** max(problem.C, 1.0))
    network = ScoreNetwork(law, ACCURACY * problem.target, boxes=boxes)
    switch = default_switch(law)
    order = sorted(range(len(boxes)), key=lambda i: abs(math.log(boxes[i].low / switch)))
    try:
        for i in order:  # where pieces are most, first
            network.knots(i)
    except InvalidArgument:
        return len(boxes), []
    return len(boxes), [network.size(box.low) for box in boxes]


def network_links(problem: Problem) -> list[Link]:
    """The largest network over the noise levels, and what is certified of its error."""
    step, d = "the score network", problem.instance.d
    boxes, sizes = network_sizes(problem)
    statement = first_stated("relu-score.size", "relu-score", "relu-score-small-noise")
    pieces = ACCURACY * problem.target
    if sizes:
        most = max(sizes, key=lambda size: size.neurons)
        weight = max(size.largest_weight for size in sizes)
        numbers: tuple[tuple[str, float, str], ...] = (
            ("neurons", most.neurons, f"{most.neurons:,} at most over {boxes} noise levels"),
            ("parameters", most.parameters, f"{most.parameters:,}"),
            ("depth", most.depth, f"{most.depth:,}"),
            ("largest weight", weight, f"{weight:.6g} = d^{math.log(weight, d):.2f}"),
        )
        counted = [Link(step, *number, statement, "counted") for number in numbers]
    else:
        text = f"not built: too many pieces for an error of {pieces:.3g}"
        counted = [Link(step, "neurons", "not built", text, statement, "not certified here")]
    share = (1 - SHARE) * problem.target
    return [
        *counted,
        Link(
            step,
            "the network's own error",
            share,
            f"its share is {1 - SHARE:g} d^-{problem.C:g} = {share:.4g}; the pieces are built for "
            f"{pieces:.4g}",
            first_stated("relu-score", "relu-score-small-noise"),
            "not certified here",
        ),
    ]


def sampling_links(problem: Problem) -> list[Link]:
    """Unconditional sampling with a score of that error: closeness and cost."""
    step, law = "sampling the prior is easy", problem.instance
    moment = law.d * (1 + 1 / law.separation**2)
    budget = DELTA**2 / 6  # of the divergence, for each of the start and the steps
    top = moment / (2 * budget)
    tail = least(
        lambda z: reverse_diffusion.chi_square_tail(FLOATS, law.d, z) <= DELTA / 2,
        0.0,
        far(law.d, DELTA / 2),
    )
    last = TAU**2 / tail
    span = math.log(top / last)
    steps = least_steps(span, law.d, budget)
    divergence = reverse_diffusion.divergence_bound(
        FLOATS, law.d, moment, top, math.exp(span / steps), steps, problem.target
    )
    delta = float(reverse_diffusion.closeness_bound(FLOATS, divergence, law.d, TAU, last))
    said = (
        f"reverse diffusion is ({TAU:g}, {delta:.4g})-close to the prior"
        if delta < 1
        else "nothing is promised, as delta would exceed 1"
    )
    given = f"given sigma^2 E|s_hat - s|^2 <= d^-{problem.C:g} = {problem.target:.4g}"
    return [
        Link(
            step,
            "closeness",
            min(delta, 1.0),
            f"{said}, {given}",
            "reverse-diffusion",
            "by formula",
        ),
        Link(
            step,
            "cost",
            steps,
            f"{steps:,} network evaluations a draw, sigma from {math.sqrt(top):.4g} to "
            f"{math.sqrt(last):.4g}",
            "reverse-diffusion.discretization",
            "by formula",
        ),
    ]


def success_in_balls(problem: Problem) -> float:
    """A lower end of the success at (1/10, 1/10), rounded down to 5 digits."""
    found, law = problem.found, problem.instance
    with Balls(128) as ctx:
        exact = (ctx.number(Fraction(v)) for v in (found.separation, found.spacing, found.beta))
        low = success_at_one_tenth(ctx, law.n, law.m, *exact).lower()
        return math.floor(float(low) * 1e5 - 1e-6) / 1e5


def inversion_links(problem: Problem) -> list[Link]:
    """What a posterior sampler would do to the function."""
    step, found, law = "sampling the posterior inverts", problem.found, problem.instance
    spoilt = success_in_balls(problem)
    exact = bounds.inversion(
        n=law.n,
        m=law.m,
        separation=found.separation,
        spacing=found.spacing,
        beta=found.beta,
        tau=0.0,
        delta=0.0,
    )
    return [
        Link(
            step,
            "any (1/10, 1/10)-sampler",
            spoilt,
            f"finds a preimage with probability >= {spoilt:.5f}",
            "inversion",
            "proved here",
        ),
        Link(
            step,
            "an exact sampler",
            exact,
            f"finds a preimage with probability >= {exact:.5f}",
            "inversion",
            "by formula",
        ),
    ]


def in_words(problem: Problem, success: float) -> str:
    """What is taken on trust of this function."""
    about = problem.about
    n, m = about["n"], about["m"]
    if about["name"] == "random-table":
        return f"nothing: the table is given, and search tries {2**n:,} words; a control"
    what = (
        f"SHA-256 of {n} bits ({about['rounds']} rounds, first {m} digest bits)"
        if about["name"] == "sha256"
        else f"Goldreich's function from {n} to {m} bits (these neighbours)"
    )
    return (
        f"that nothing as fast as the sampler finds, with probability {success:.2f}, a preimage "
        f"under {what} of the image of a random input"
    )


def conclusion_links(problem: Problem) -> list[Link]:
    """The assumption and what follows: neither is verified."""
    step, success = "what is assumed, and what follows", success_in_balls(problem)
    trusted = problem.about["name"] != "random-table"
    return [
        Link(
            step,
            "assumed",
            success,
            in_words(problem, success),
            "one-way-functions.exist",
            "assumed",
        ),
        Link(
            step,
            "follows",
            "no such sampler" if trusted else "nothing",
            "no (1/10, 1/10)-sampler of this posterior is as fast as that"
            if trusted
            else "nothing, as nothing is assumed",
            "lower-bound",
            "derived",
        ),
    ]


def rejection_links(problem: Problem) -> list[Link]:
    """What rejection costs instead."""
    step, found, law = "rejection sampling", problem.found, problem.instance
    mean = near_optimality.rejection_exponent(FLOATS, law.n, law.m, found.spacing) / math.log(2)
    ends = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    variance = float(law.phases.variance(ends).max())
    moment = law.m * (variance / found.separation**2 + found.beta**2)
    log_q = bounds.acceptance(
        m=law.m, beta=found.beta, delta=0.5, second_moment=moment, form="sharp", log=True
    )
    half = -log_q / math.log(2)
    return [
        Link(
            step,
            "proposals a draw",
            mean,
            f"2^{mean:.1f} at most in the geometric mean over y; search tries 2^{law.n}",
            "near-optimality",
            "derived",
        ),
        Link(
            step,
            "guaranteed",
            half,
            f"2^{half:.1f} at most for half of all y",
            "acceptance.sharp",
            "by formula",
        ),
    ]
