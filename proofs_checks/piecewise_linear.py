"""Bounds on piecewise-linear interpolants, proved by z3 (Appendix C.1)."""

from typing import Any

import z3

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
