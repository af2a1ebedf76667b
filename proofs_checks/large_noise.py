"""The large-noise network's error, derived; tanh's pieces in balls (Appendix C.7)."""

from itertools import pairwise

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.score_network import triangle_inequality
from hardposterior.spec import hard_instance, large_noise, mixture_score, score_network
from hardposterior.spec.arithmetic import Number
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted
from hardposterior.spec.piecewise_linear import piece_bound

ctx = Symbols()
R, n, t = sympy.symbols("R n t", positive=True)
sigma = sympy.Symbol("sigma", positive=True)
x = sympy.Symbol("x", real=True)


def sides_as_stated() -> dict[str, sympy.Expr]:
    """For one bit and its image, at R x_1 / t = 1/2, on one piece of tanh from 0 to 1 at 1."""
    one, half, eps = sympy.Integer(1), sympy.Rational(1, 2), sympy.Symbol("eps", positive=True)
    var = 1 + sigma**2
    stated, place = large_noise.RELU_SCORE_LARGE_NOISE, (half * var / R, x)
    at = {"table": ((0,), (1,)), "separation": R, "spacing": eps, "sigma": sigma}
    exact = hard_instance.score(ctx, **at, x=place)
    off = [exact[0] - (R * half - place[0]) / var, exact[1] + x / var]
    sup = score_network.tanh_error(ctx, (0 * one, one))
    root = sympy.sqrt(mixture_score.MIXTURE_SCORE_SHARP.right(ctx, **at)) + R / var * sup
    return {
        "left as stated": stated.left(ctx, **at, x=place, knots=(0 * one, one))
        - (off[0] ** 2 + off[1] ** 2),
        "right as stated": stated.right(ctx, **at, x=place, knots=(0 * one, one)) - root**2,
        # max(h^2 sup|tanh''| / 8, 1 - tanh 1): the curvature's share is the smaller
        "sup as stated": sympy.simplify((sup - (1 - sympy.tanh(1))).rewrite(sympy.exp)),
    }


@evidence(large_noise.RELU_SCORE_LARGE_NOISE, kind="symbolic", scope="whole")
def raised_chord_of_tanh(run: Run) -> Outcome:
    """tanh'' = -2 tanh (1 - tanh^2) <= 0: chords lie below, by h^2 sup|tanh''| / 8 at most.

    With T = tanh it is f(T) = 2 T (1 - T^2), concave for T >= 0, so below its tangents, and largest
    where 3 T^2 = 1. The last chord, raised at one end by 1 - tanh(a_N), is raised by a share of it.
    A hidden score of the two networks differs by (R / t) |T - tanh|, an image score not at all.
    """
    del run
    share, low, high, error = sympy.symbols("share a b e", positive=True)
    top = sympy.Symbol("T", positive=True)
    bend = 2 * top * (1 - top**2)
    chord = low + share * (high - low)
    raised = low + share * (1 - low)
    hidden = (R * (sympy.tanh(x) + error) - x) / t - (R * sympy.tanh(x) - x) / t
    stated = score_network.tanh_term(ctx, n, R, sigma, error).subs(sigma, sympy.sqrt(t - 1))
    above = 2 / (sympy.exp(2 * low) + 1)
    return derive(
        {
            **triangle_inequality(),
            **sides_as_stated(),
            "tanh''": sympy.simplify(
                sympy.diff(sympy.tanh(x), x, 2) + 2 * sympy.tanh(x) * (1 - sympy.tanh(x) ** 2)
            ),
            "f is concave": sympy.diff(bend, top, 2) + 12 * top,
            "its tangent": sympy.expand(sympy.diff(bend, top) - (2 - 6 * top**2)),
            "its largest value": sympy.simplify(
                bend.subs(top, 1 / sympy.sqrt(3)) - 4 / (3 * sympy.sqrt(3))
            ),
            "raised end": sympy.expand(raised - chord - share * (1 - high)),
            "1 - tanh": sympy.simplify((above - (1 - sympy.tanh(low))).rewrite(sympy.exp)),
            "hidden coordinates": sympy.expand(stated - n * hidden**2),
        }
    )


def sup_of_a_piece(ctx: Balls, low: Number, high: Number) -> Number:
    """sup (tanh - chord) on [low, high], where tanh' is the chord's slope: tanh^2 = 1 - slope."""
    slope = (high.tanh() - low.tanh()) / (high - low)
    height = ctx.sqrt(1 - slope)
    return height - low.tanh() - slope * (ctx.atanh(height) - low)


@evidence(large_noise.RELU_SCORE_LARGE_NOISE, kind="certified", scope="step")
def exact_sup_of_every_piece_is_within_the_bound(run: Run) -> Outcome:
    """Balls: knots k / 4, k / 16, k / 64, ... up to 4; the sup in closed form against the bound.

    As pieces get short the two agree: the bound is at most 1.02 times the largest sup at k / 64.
    """
    densities = [4, 16, 64, *run.size(0, 1, 1) * [256]]
    ratio = 0.0
    with Balls(128) as balls:
        for per in densities:
            knots = [balls.number(i) / per for i in range(4 * per + 1)]
            bounds = [
                piece_bound(high - low, score_network.tanh_bend(balls, low, high))
                for low, high in pairwise(knots)
            ]
            sups = [sup_of_a_piece(balls, low, high) for low, high in pairwise(knots)]
            for i, (sup, bound) in enumerate(zip(sups, bounds, strict=True)):
                if not sup <= bound:
                    return refuted(f"score_network.tanh_bend(ctx, {i}/{per}, {i + 1}/{per})")
            ratio = float(max(sups, key=float) / max(bounds, key=float))
    if not ratio > 0.98:
        return refuted(f"knots k / {densities[-1]}: the bound is loose, {ratio}")
    return proved(4 * sum(densities), tightness=ratio)
