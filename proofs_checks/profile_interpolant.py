"""A profile's pieces: derived by sympy, and marched and enclosed in balls (Appendix C.1)."""

from fractions import Fraction
from itertools import pairwise

import sympy
from flint import arb

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.lattice_profile import profile_of
from hardposterior.spec import lattice_profile, piecewise_linear, profile_interpolant
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

a, x, y, h, reach, share = sympy.symbols("a x y h reach share", real=True)
g, c, error = sympy.symbols("g c e", positive=True)
k = sympy.Symbol("k", integer=True)
q = sympy.Symbol("q", positive=True)
ctx = Symbols()


@evidence(profile_interpolant.PIECEWISE_LINEAR_SIGN, kind="symbolic", scope="whole")
def pairing_and_jacobis_product(run: Run) -> Outcome:
    """w_(-k) / w_k = exp(-k (1 - 2 place) / q) <= 1, so E[k] >= 0. And H = -q T'/T >= 0.

    u = 1/2 - place. A weight's logarithm has derivative (k - u) / q in u, so q (log sum)' is
    E[k] - u = -H, the sum being T but for a factor; and a factor 1 + 2 p cos(2 pi u) + p^2 of T
    falls on [0, 1/2].
    """
    del run
    place, u, p = sympy.symbols("place u p", real=True)
    stated, at = profile_interpolant.PIECEWISE_LINEAR_SIGN, {"q": q, "place": place}
    middle = (sympy.Rational(1, 2) - place) / 2
    exponent = -(k * (k - 1) + 2 * k * place) / (2 * q)
    full = -((k - u) ** 2) / (2 * q)
    factor = 1 + 2 * p * sympy.cos(2 * sympy.pi * u) + p**2
    return derive(
        {
            "right as stated": stated.right(ctx, **at) - middle,
            "left as stated": stated.left(ctx, **at) - sympy.Abs(profile_of(q, place) - middle),
            "k against -k": sympy.expand(exponent.subs(k, -k) - exponent + k * (1 - 2 * place) / q),
            "the same weights": sympy.expand(
                sympy.diff(full.subs(u, sympy.Rational(1, 2) - place) - exponent, k)
            ),
            "a weight's derivative": sympy.expand(q * sympy.diff(full, u) - (k - u)),
            "a factor's slope": sympy.simplify(
                sympy.diff(factor, u) + 4 * sympy.pi * p * sympy.sin(2 * sympy.pi * u)
            ),
        }
    )


@evidence(profile_interpolant.PIECEWISE_LINEAR_CURVATURE, kind="symbolic", scope="whole")
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
    at = {"q": q, "place": a, "reach": reach, "share": share}
    width = reach * (sympy.Rational(1, 2) - a)
    envelope = sympy.exp(-a / q) / q**2
    values = [profile_of(q, a + part * width) for part in (0, share, 1)]
    off = sympy.Abs(values[0] + share * (values[2] - values[0]) - values[1])
    stated = profile_interpolant.PIECEWISE_LINEAR_CURVATURE
    return derive(
        {
            "left as stated": stated.left(ctx, **at) - off,
            "right as stated": sympy.expand(
                stated.right(ctx, **at)
                - bound.subs({h: width, sympy.Symbol("S"): envelope}, simultaneous=True)
            ),
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


@evidence(profile_interpolant.PIECEWISE_LINEAR_PIECES, kind="symbolic", scope="whole")
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
    stated = profile_interpolant.pieces_bound(ctx, error)
    eighth = sympy.Rational(1, 8)  # g = 1, exp(-1/2) and less than 1 / sqrt 8: then one piece more
    marched = profile_interpolant.PIECEWISE_LINEAR_PIECES.left(ctx, eighth)
    return derive(
        {
            "the march at 1/8": marched - 3,
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


def marched_knots(ctx: Balls, q: arb, error: arb) -> list[arb]:
    """The march's knots: places -2 q log g, and 1/2, where the profile ends or the march does."""
    half = ctx.number(Fraction(1, 2))
    step = ctx.sqrt(2 * error)
    g, knots = ctx.number(1), [ctx.number(0)]
    while g * g > error:
        g = g * ctx.exp(-step / g)
        place = -2 * q * ctx.log(g)
        if not place < half:
            break
        knots.append(place)
    return [*knots, half]


def errs_by_less(
    ctx: Balls, q: arb, ends: tuple[arb, arb], most: arb, shares: tuple[Fraction, Fraction]
) -> int:
    """Cells on which |chord - H| < most is certain, of [low, high] between two shares; 0 if none.

    On a cell the gap is its value in the middle, and its slope times half the width around it.
    """
    low, high = ends
    middle = sum(shares, Fraction(0)) / 2
    heights = [lattice_profile.profile(ctx, q, place) for place in ends]
    line = piecewise_linear.chord(heights[0], heights[1], ctx.number(middle))
    place = piecewise_linear.chord(low, high, ctx.number(middle))
    cell = [piecewise_linear.chord(low, high, ctx.number(share)) for share in shares]
    slope = (heights[1] - heights[0]) / (high - low)
    bend = abs(slope - lattice_profile.profile_slope(ctx, q, cell[0].union(cell[1])))
    gap = abs(line - lattice_profile.profile(ctx, q, place))
    if gap + bend * (cell[1] - cell[0]) / 2 < most:
        return 1
    if not gap < most or shares[1] - shares[0] < Fraction(1, 2**16):
        return 0
    halves = [(shares[0], middle), (middle, shares[1])]
    parts = [errs_by_less(ctx, q, ends, most, part) for part in halves]
    return sum(parts) if all(parts) else 0


@evidence(profile_interpolant.PIECEWISE_LINEAR_PIECES, kind="certified", scope="step")
def marched_pieces_keep_the_error(run: Run) -> Outcome:
    """Balls: on all of every piece of the march, errors 1/8 to 2^-8 and q from 2^-12 to 1/2.

    And the number of pieces is at most the march's, which knows no q.
    """
    tried = 0
    with Balls(128) as ctx:
        for power in (3, 5, run.size(7, 9, 13)):
            error = ctx.number(Fraction(1, 2**power))
            stated = profile_interpolant.marched_pieces(ctx, error)
            for octave in (1, 3, 5, 8, 12):
                ratio = ctx.number(Fraction(1, 2**octave))
                knots = marched_knots(ctx, ratio, error)
                if not len(knots) - 1 <= stated:
                    return refuted(f"{len(knots) - 1} pieces at q = 2^-{octave}, e = 2^-{power}")
                for i, ends in enumerate(pairwise(knots)):
                    cells = errs_by_less(ctx, ratio, ends, error, (Fraction(0), Fraction(1)))
                    if not cells:
                        return refuted(f"piece {i} at q = 2^-{octave}, e = 2^-{power}: above e")
                    tried += cells
    return proved(tried)
