"""The small-noise network's error, derived event by event (Appendix C.4)."""

from typing import Any

import sympy
import z3

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.score_network import triangle_inequality
from hardposterior.proofs_checks.solver import Reals, prove_all
from hardposterior.spec import relu_gadgets, score_network, small_noise, vertex_score
from hardposterior.spec.evidence import Outcome, Run, evidence

ctx = Symbols()
R, eps, sigma, window, square = sympy.symbols("R eps sigma w square", positive=True)
n, m, t = sympy.symbols("n m t", positive=True)
x = sympy.Symbol("x", real=True)
PLACE = {"separation": R, "spacing": eps, "sigma": sigma}


def chance_of_the_window() -> sympy.Expr:
    """Pr[|x_1| < w] for x_1 ~ N(R, t), less the formula."""
    density = sympy.exp(-((x - R) ** 2) / (2 * t)) / sympy.sqrt(2 * sympy.pi * t)
    chance = sympy.integrate(density, (x, -window, window))
    stated = score_network.window_chance(ctx, R, sigma, window).subs(sigma, sympy.sqrt(t - 1))
    return sympy.simplify((chance - stated).rewrite(sympy.erf))


def terms_as_stated(pieces: sympy.Expr, wrong: sympy.Expr) -> sympy.Expr:
    """(sqrt V + sqrt(P + W + X))^2 for m = n, from the text of the claim."""
    error = vertex_score.sign_error(ctx, R, sigma)
    some = 1 - sympy.exp(n * sympy.log(1 - error))
    lattice = (eps / sigma**2) ** 2
    vertex = n * error * (2 * R / (1 + sigma**2)) ** 2 + some * n * lattice / 4
    near = n * score_network.window_chance(ctx, R, sigma, window)
    near = near * ((R / (1 + sigma**2)) ** 2 + n * lattice)
    added = n * lattice * pieces + near + some * n * lattice * wrong
    return (sympy.sqrt(vertex) + sympy.sqrt(added)) ** 2


@evidence(small_noise.RELU_SCORE_SMALL_NOISE, kind="symbolic", scope="whole")
def triangle_inequality_and_four_events(run: Run) -> Outcome:
    """Minkowski, the window's chance, and the terms as stated.

    |s_hat - s_r|^2 summed over four events: within some coordinate's window W, by the z3 step; no
    sign wrong P; some sign wrong, an image coordinate of the same bit in P, of the other in X.
    """
    del run
    bit = {**PLACE, "window": window, "square": square}
    stated = small_noise.small_noise_bound(ctx, n, **bit)
    return derive(
        {
            **triangle_inequality(),
            "the window": chance_of_the_window(),
            "as stated": sympy.simplify(stated - terms_as_stated(square, sympy.Integer(1))),
        },
        detail="with the z3 step for the pointwise bounds",
    )


@evidence(small_noise.RELU_SCORE_SMALL_NOISE, kind="exhaustive", scope="step")
def fractional_bits_cost_at_most_what_is_stated(run: Run) -> Outcome:
    """z3, in units of R / t and eps / sigma^2: all b in [0, 1] and all offsets of at most 1/2.

    b on the side of the sign r; what stands for f(r)_j is any number in [0, 1].
    """
    del run
    reals: Any = Reals()
    b, first, second, target = z3.Reals("b G_1 G_0 target")
    half = reals.number(0.5)
    inside = [b >= 0, b <= 1]
    small = [z3.And(value <= half, -half <= value) for value in (first, second, target)]
    kept = relu_gadgets.selection(reals, half, b, first)
    other = relu_gadgets.selection(reals, half, 1 - b, second)
    gap = kept + other - target
    hidden = reals.absolute((2 * b - 1) - 1)
    return prove_all(
        {
            "hidden": (hidden <= 1, [b >= half, b <= 1]),
            "image above": (gap <= 1, inside + small),
            "image below": (-gap <= 1, inside + small),
            "exact bit": (z3.Implies(b == 1, kept + other == first), small),
        }
    )


@evidence(small_noise.RELU_SCORE_EVERYWHERE, kind="symbolic", scope="whole")
def sup_bounds_need_no_wrong_phase(run: Run) -> Outcome:
    """The same with P for right and wrong signs together; as stated with X = 0."""
    del run
    bit = {**PLACE, "window": window, "square": square}
    stated = small_noise.bound_without_the_wrong_phase(ctx, n, **bit)
    return derive(
        {
            **triangle_inequality(),
            "as stated": sympy.simplify(stated - terms_as_stated(square, sympy.Integer(0))),
        }
    )


@evidence(small_noise.RELU_SCORE_BOTH_PHASES, kind="symbolic", scope="whole")
def wrong_signs_are_independent_of_the_image(run: Run) -> Outcome:
    """E[1_A g^2] = Pr[A] E[g^2] over the cells of a product law; and the terms as stated.

    Between zeros of H the interpolant has its sign, so |H_hat - H| <= 1/2 and a quarter of X does.
    """
    del run
    chances, gaps, law = (sympy.symbols(f"{name}0:3") for name in "Agp")
    happens = (0, 1, 1)  # whether A happens in a cell
    cells = sum(chances[i] * happens[i] * law[k] * gaps[k] ** 2 for i in range(3) for k in range(3))
    chance = sum(a * one for a, one in zip(chances, happens, strict=True))
    mean = sum(p * gap**2 for p, gap in zip(law, gaps, strict=True))
    some = score_network.wrong_phase_term_of_square(ctx, n, m, R, eps, sigma, square)
    whole = score_network.wrong_phase_term(ctx, n, m, R, eps, sigma)
    added = score_network.pieces_term(ctx, n, eps, sigma, square)
    error = vertex_score.vertex_score_bound(ctx, n, n, R, eps, sigma)
    near = score_network.window_term(ctx, n, n, R, eps, sigma, window)
    other = sympy.Symbol("other", positive=True)
    wrong = score_network.wrong_phase_term_of_square(ctx, n, n, R, eps, sigma, other)
    joined = score_network.joined(ctx, error, [added, near, wrong])
    return derive(
        {
            **triangle_inequality(),
            "independence": sympy.expand(cells - chance * mean),
            "a quarter": sympy.simplify(some.subs(square, sympy.Rational(1, 4)) - whole / 4),
            "as stated": sympy.simplify(joined - terms_as_stated(square, other)),
        }
    )
