"""The vertex score's bound, derived: Jensen, the chance of a wrong sign, what wrong words cost."""

from fractions import Fraction

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import vertex_score
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

x, v, mean, second = sympy.symbols("x v mean second", real=True)
R, sigma, t, eps = sympy.symbols("R sigma t eps", positive=True)
n, m = sympy.symbols("n m", positive=True)


def chance_of_a_wrong_sign() -> sympy.Expr:
    """P(N(R, t) < 0) - Phi(-R / sqrt t), with t = 1 + sigma^2 as stated."""
    density = sympy.exp(-((x - R) ** 2) / (2 * t)) / sympy.sqrt(2 * sympy.pi * t)
    below = sympy.integrate(density, (x, -sympy.oo, 0))
    stated = vertex_score.sign_error(Symbols(), R, sigma).subs(sigma, sympy.sqrt(t - 1))
    return sympy.simplify(below - stated)


@evidence(vertex_score.VERTEX_SCORE, kind="symbolic", scope="whole")
def jensen_and_the_terms_of_the_bound(run: Run) -> Outcome:
    """|E v|^2 = E|v|^2 - E|v - E v|^2, v = s_{s,sigma} - s_{r,sigma} given x; then its two terms.

    One coordinate of v at a time. The sign of x_i is wrong with probability p_e independently of
    the others, so some sign is with 1 - (1 - p_e)^n; an image coordinate of v is at most
    (eps / 2) / sigma^2 by lattice-denoiser.phases, and vanishes where r = s.
    """
    del run
    # E of the expansion of (v - mean)^2, by linearity
    spread = sympy.expand((v - mean) ** 2)
    expected = spread.coeff(v, 2) * second + spread.coeff(v, 1) * mean + spread.coeff(v, 0)
    right, wrong = (R - x) / t, (-R - x) / t
    error = vertex_score.sign_error(Symbols(), R, sigma)
    none_wrong = sympy.exp(n * sympy.log(1 - error))
    terms = n * error * (2 * R / t) ** 2 + (1 - none_wrong) * m * (eps / (2 * sigma**2)) ** 2
    stated = vertex_score.vertex_score_bound(Symbols(), n, m, R, eps, sigma)
    return derive(
        {
            "Jensen": sympy.expand(mean**2 - (second - expected)),
            "hidden coordinate": sympy.simplify((right - wrong) - 2 * R / t),
            "chance of a wrong sign": chance_of_a_wrong_sign(),
            "the bound as stated": sympy.expand(stated - terms.subs(t, 1 + sigma**2)),
        }
    )


@evidence(vertex_score.VERTEX_SCORE, kind="certified", scope="step")
def bound_keeps_its_digits(run: Run) -> Outcome:
    """Balls of V at 128 bits have 20 digits where p_e is as small as exp(-800).

    The textbook form 1 - (1 - p_e)^n has none there.
    """
    separations = [Fraction(k) for k in range(1, run.size(41, 41, 81))]
    with Balls(128) as ctx:
        for separation in separations:
            for sigma in (Fraction(1, 2**100), Fraction(1, 10), Fraction(1), Fraction(100)):
                value = vertex_score.vertex_score_bound(
                    ctx, 7, 9, ctx.number(separation), ctx.number(1), ctx.number(sigma)
                )
                if not (value > 0 and value.rad() < value * ctx.number(Fraction(1, 10**20))):
                    return refuted(
                        f"vertex_score.vertex_score_bound(ctx, 7, 9, {separation}, 1, {sigma}) = "
                        f"{value}"
                    )
    return proved(4 * len(separations))
