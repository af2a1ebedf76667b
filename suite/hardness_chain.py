"""`hardness`: the lower bound from end to end for one function, n and C, in concrete numbers."""

from hardposterior import named_functions
from hardposterior.calibration import calibrate
from hardposterior.hardness_inversion import conclusion_links, inversion_links
from hardposterior.hardness_links import Link
from hardposterior.hardness_network import explicit_links, network_links
from hardposterior.hardness_problem import Problem
from hardposterior.hardness_sampling import rejection_links, sampling_links
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.modeling import SHARE
from hardposterior.proofs_checks.calibration_certificate import recheck_calibration


def hardness(
    function: str, n: int, C: float, *, m: int | None = None, seed: int = 0, rounds: int = 64
) -> list[Link]:
    """The argument, link by link. m is n unless given (at most 256 for sha256).

    `seed` draws the function's data, `rounds` are SHA-256's. Raises `UsageError` and
    `InvalidArgument` on arguments out of range.

    >>> len(hardness("random-table", 4, 1.5)) > 5
    True
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
        *explicit_links(problem),
        *sampling_links(problem),
        *inversion_links(problem),
        *conclusion_links(problem),
        *rejection_links(problem),
    ]


def function_links(problem: Problem, check: named_functions.SelfCheck) -> list[Link]:
    """The function and its circuit."""
    step, circuit = "the function", problem.circuit
    statement = f"one-way-functions.{problem.about['name']}"
    if check.wrong is not None:
        raise RuntimeError(f"the circuit differs from its definition at {check.wrong}")
    tried = f"equals its definition on {check.inputs} inputs"
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
