"""What a posterior sampler would do to the function, what is assumed of it, and what follows."""

import math
from fractions import Fraction

from hardposterior import bounds
from hardposterior.hardness_links import Link
from hardposterior.hardness_problem import Problem
from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.proofs_checks.lower_bound import success_at_one_tenth


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
