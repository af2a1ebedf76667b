"""What sampling costs: the prior by reverse diffusion, the posterior by rejection."""

import math

import torch

from hardposterior import bounds
from hardposterior.hardness_links import Link
from hardposterior.hardness_problem import DELTA, TAU, Problem
from hardposterior.planning import FLOATS, far, least, least_steps
from hardposterior.spec import near_optimality, reverse_diffusion


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
    reached = math.sqrt(last) * law.separation >= problem.target_noise
    promised = delta < 1 and reached
    if promised:
        said = f"reverse diffusion is ({TAU:g}, {delta:.4g})-close to the prior"
    elif reached:
        said = "nothing is promised, as delta would exceed 1"
    else:
        said = "nothing is promised, as the last levels are below the certified noise"
    given = f"given sigma^2 E|s_hat - s|^2 <= d^-{problem.C:g} = {problem.target:.4g}"
    return [
        Link(
            step,
            "closeness",
            delta if promised else 1.0,
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
