"""Bounds on piecewise-linear interpolants, proved by z3 and derived by sympy (Appendix C.1)."""

from typing import Any

import sympy
import z3

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.solver import Reals, prove, prove_all
from hardposterior.spec import piecewise_linear
from hardposterior.spec.evidence import Outcome, Run, evidence

a, x, y, h = sympy.symbols("a x y h", real=True)
g, c, error = sympy.symbols("g c e", positive=True)
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


@evidence(piecewise_linear.PIECEWISE_LINEAR_CURVATURE, kind="symbolic", scope="whole")
def chord_by_the_kernel_of_the_second_derivative(run: Run) -> Outcome:
    """chord - f at x = int K f'', K = (x - a)(b - y) / h for y >= x, (y - a)(b - x) / h below.

    By parts, for every f with two derivatives; K >= 0, and its integral is at most h^2 / 8. On a
    piece of the half period the envelope is largest at its lower end.
    """
    del run
    f = sympy.Function("f")
    b = a + h
    slope = f(y).diff(y)
    # int K f'' = [K f'] - int K' f', and K' is constant on either side of x
    below = (x - a) * (b - x) / h * slope.subs(y, x) - (b - x) / h * (f(x) - f(a))
    above = -(x - a) * (b - x) / h * slope.subs(y, x) + (x - a) / h * (f(b) - f(x))
    chord = f(a) + (x - a) / h * (f(b) - f(a))
    lower, upper = (y - a) * (b - x) / h, (x - a) * (b - y) / h
    mass = sympy.integrate(lower, (y, a, x)) + sympy.integrate(upper, (y, x, b))
    bound = piecewise_linear.piece_bound(h, sympy.Symbol("S"))
    return derive(
        {
            "by parts": sympy.expand(sympy.simplify(below + above - (chord - f(x)))),
            "the kernel meets": sympy.simplify(lower.subs(y, x) - upper.subs(y, x)),
            "its integral": sympy.simplify(mass - (x - a) * (b - x) / 2),
            "at most h^2 / 8": sympy.expand(
                h**2 / 8 - (x - a) * (b - x) / 2 - (2 * x - a - b) ** 2 / 8
            ),
            "as stated": bound - h**2 * sympy.Symbol("S") / 8,
            "the envelope falls": sympy.simplify(
                sympy.diff(sympy.exp(-y / h), y) + sympy.exp(-y / h) / h
            ),
        }
    )


@evidence(piecewise_linear.PIECEWISE_LINEAR_PIECES, kind="symbolic", scope="whole")
def march_falls_by_a_fixed_amount(run: Run) -> Outcome:
    """g - g exp(-c / g) >= c g / (g + c), as exp(y) >= 1 + y; it grows with g, and g > c / sqrt 2.

    So the steps number at most (1 + sqrt 2)(1 - sqrt e) / c + 1, one more piece follows, and
    1 + 1 / sqrt 2 < 7/4 and 1 - 1 / sqrt 2 < 1.
    """
    del run
    fall = c * g / (g + c)
    least = fall.subs(g, c / sympy.sqrt(2))
    steps = (1 - sympy.sqrt(error)) / least.subs(c, sympy.sqrt(2 * error)) + 2
    slope = 1 + 1 / sympy.sqrt(2)
    width = sympy.sqrt(2 * error) / g  # of a piece over 2 q, at g = exp(-place / (2 q))
    stated = piecewise_linear.pieces_bound(Symbols(), error)
    return derive(
        {
            "a piece's error": sympy.simplify(
                piecewise_linear.piece_bound(2 * width, g**2) - error
            ),
            "from exp(y) >= 1 + y": sympy.simplify(g - g / (1 + c / g) - fall),
            "grows with g": sympy.simplify(sympy.diff(fall, g) - c**2 / (g + c) ** 2),
            "at the end": sympy.simplify(least - c / (1 + sympy.sqrt(2))),
            "count": sympy.simplify(steps - (slope / sympy.sqrt(error) + 2 - slope)),
            "as stated": sympy.simplify(stated - 1 - 7 / (4 * sympy.sqrt(error))),
        }
    )
