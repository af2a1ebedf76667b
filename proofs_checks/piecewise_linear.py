"""Bounds on piecewise-linear interpolants, proved by z3 (Appendix C.1)."""

from typing import Any

import sympy
import z3

from hardposterior.proofs_checks import theta as theta_checks
from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.solver import Reals, prove, prove_all
from hardposterior.spec import piecewise_linear
from hardposterior.spec.evidence import Outcome, Run, evidence

ctx: Any = Reals()


@evidence(piecewise_linear.PIECEWISE_LINEAR_SCORE, kind="exhaustive", scope="whole")
def chord_of_a_nondecreasing_function(run: Run) -> Outcome:
    """z3: D(a) <= D(x) <= D(b) puts |chord - D(x)| at most at D(b) - D(a), at every share.

    (D - x) / sigma^2: the chord of the linear part is the linear part.
    """
    del run
    low, middle, high, share, start, width = z3.Reals("low middle high share start width")
    place = piecewise_linear.chord(start, start + width, share)
    scores = [d - at for d, at in ((low, start), (middle, place), (high, start + width))]
    gap = ctx.absolute(piecewise_linear.chord(scores[0], scores[2], share) - scores[1])
    given = [low <= middle, middle <= high, share >= 0, share <= 1]
    return prove("chord", gap <= high - low, given)


@evidence(piecewise_linear.PIECEWISE_LINEAR_JOIN, kind="exhaustive", scope="whole")
def ramp_is_at_most_its_start(run: Run) -> Outcome:
    """z3: |(1 - share) a - b| <= |a| + 1/2 where |b| <= 1/2, in units of eps / sigma^2."""
    del run
    start, there, share = z3.Reals("start there share")
    half = ctx.number(0.5)
    gap = ctx.absolute((1 - share) * start - there)
    inside = [share >= 0, share <= 1, there <= half, -half <= there]
    at_a_zero = prove("zero", ctx.absolute(there) <= half, inside)
    if at_a_zero.status != "proved":
        return at_a_zero
    return prove_all(
        {
            "start above": (gap <= start + half, [*inside, start >= 0]),
            "start below": (gap <= -start + half, [*inside, start <= 0]),
        }
    )


width, share = sympy.symbols("width share", positive=True)
PIECE = {**theta_checks.AT, "width": width, "share": share}


def offset_over_noise(place: sympy.Expr) -> sympy.Expr:
    """(D - mu) / sigma^2, written out."""
    return theta_checks.offset_of_the_mean(place=place) / theta_checks.sigma**2


@evidence(piecewise_linear.PIECEWISE_LINEAR_SCORE, kind="symbolic", scope="step")
def both_sides_in_terms_of_the_denoiser(run: Run) -> Outcome:
    """The chord of (D - x) / sigma^2 against its value, and the rise of D over sigma^2."""
    del run
    stated, x = piecewise_linear.PIECEWISE_LINEAR_SCORE, theta_checks.x
    places = [x, x + share * width, x + width]
    means = [at / theta_checks.t + theta_checks.offset_of_the_mean(place=at) for at in places]
    low, middle, high = (
        (mean - at) / theta_checks.sigma**2 for mean, at in zip(means, places, strict=True)
    )
    return derive(
        {
            "left as stated": stated.left(Symbols(), **PIECE)
            - sympy.Abs(low + share * (high - low) - middle),
            "right as stated": stated.right(Symbols(), **PIECE)
            - (means[2] - means[0]) / theta_checks.sigma**2,
        }
    )


@evidence(piecewise_linear.PIECEWISE_LINEAR_JOIN, kind="symbolic", scope="step")
def both_sides_in_terms_of_the_offset(run: Run) -> Outcome:
    """The ramp down from (D - mu) / sigma^2 against its value, and eps / (2 sigma^2) + its size."""
    del run
    stated, x = piecewise_linear.PIECEWISE_LINEAR_JOIN, theta_checks.x
    start, there = offset_over_noise(x), offset_over_noise(x + share * width)
    unit = theta_checks.eps / theta_checks.sigma**2
    return derive(
        {
            "left as stated": stated.left(Symbols(), **PIECE)
            - sympy.Abs((1 - share) * start - there),
            "right as stated": stated.right(Symbols(), **PIECE) - unit / 2 - sympy.Abs(start),
        }
    )
