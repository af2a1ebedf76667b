"""The stability chain: a pointwise inequality by z3, totals in sympy, the constant 2 in balls."""

from fractions import Fraction
from typing import Any

import sympy
import z3

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.solver import prove
from hardposterior.spec import posterior_stability
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

ctx = Symbols()
delta, gain, tau, beta, z = sympy.symbols("delta gain tau beta z", positive=True)
y = sympy.Symbol("y", real=True)

EXTREMAL: dict[str, Any] = {
    "pairs": ((0, 0), (2000, 1)),
    "masses": (Fraction(98, 100), Fraction(2, 100)),
    "tau": Fraction(1, 2**20),
    "gain": Fraction(1),
    "beta": Fraction(20),
    "cuts": (Fraction(200),),
}
"""p has 2 % far away where y shows it; p_hat has them next to the rest, where y does not."""


@evidence(posterior_stability.POSTERIOR_STABILITY, kind="exhaustive", scope="whole")
def thinning_loses_three_terms(run: Run) -> Outcome:
    """z3: min(a, h r) >= a - (a - b)_+ - h (1 - r)_+ for all a, b, r >= 0 and h >= b.

    Here a = p(y, x') on the near pairs, b the same seen with the y of x', h = p_hat(x', y) and
    r = p(y) / p_hat(y). Integrated, a has mass 1 - delta'; the second term at most (1 - delta')
    alpha, pair by pair; the third is the total variation of the two laws of y, at most
    delta' + (1 - delta') alpha. The sum is the bound.
    """
    del run
    a, b, h, r = z3.Reals("a b h r")
    thinned = z3.If(a <= h * r, a, h * r)
    first = z3.If(a >= b, a - b, 0)
    third = z3.If(r <= 1, h * (1 - r), 0)
    given = [a >= 0, b >= 0, h >= b, r >= 0]
    return prove("posterior_stability.thinning", thinned >= a - first - third, given)


@evidence(posterior_stability.POSTERIOR_STABILITY, kind="symbolic", scope="step")
def three_terms_add_up(run: Run) -> Outcome:
    """Total variation of N(0, 1) and N(z, 1) is 2 Phi(z / 2) - 1; the three losses add up."""
    del run
    density = sympy.exp(-(y**2) / 2) / sympy.sqrt(2 * sympy.pi)
    variation = sympy.integrate(density - density.subs(y, y - z), (y, -sympy.oo, z / 2))
    alpha = posterior_stability.noise_distance(ctx, gain, tau, beta)
    stated = posterior_stability.stability_bound_in_general(ctx, delta, gain, tau, beta)
    losses = delta + (1 - delta) * alpha + (delta + (1 - delta) * alpha)
    # one pair is near, the other is further apart than tau = 1: delta' is its share
    near, far = sympy.symbols("near far", positive=True)
    coupling = posterior_stability.POSTERIOR_STABILITY.right(
        ctx, pairs=((0, 0), (2, 0)), masses=(near, far), tau=1, gain=gain, beta=beta
    )
    return derive(
        {
            "total variation": sympy.simplify(
                (variation.subs(z, gain * tau / beta) - alpha).rewrite(sympy.erf)
            ),
            "sum": sympy.simplify(losses - stated),
            "right as stated": sympy.simplify(
                losses.subs({delta: far / (near + far), tau: 1}) - coupling
            ),
        }
    )


@evidence(posterior_stability.POSTERIOR_STABILITY, kind="certified", scope="step")
def factor_two_is_needed(run: Run) -> Outcome:
    """Balls: with delta' = .02 a law fails with more than .0395: no constant below 1.97 will do."""
    del run
    with Balls(256) as balls:
        case: dict[str, Any] = {
            name: value if name == "pairs" else balls.number(value)
            for name, value in EXTREMAL.items()
            if name not in ("masses", "cuts")
        }
        case |= {name: tuple(map(balls.number, EXTREMAL[name])) for name in ("masses", "cuts")}
        left = posterior_stability.expected_failure(balls, **case)
        right = posterior_stability.stability_bound_of_a_coupling(balls, **case)
        if not (left > balls.number(Fraction(395, 10_000)) and left <= right):
            return refuted(f"posterior_stability.expected_failure(ctx, **EXTREMAL) = {left}")
        return proved(tightness=float((left / right).mid()))


@evidence(posterior_stability.POSTERIOR_STABILITY_LINEAR, kind="symbolic", scope="whole")
def normal_law_below_its_tangent(run: Run) -> Outcome:
    """z / sqrt(2 pi) - (2 Phi(z / 2) - 1) is 0 at 0, of slope (1 - exp(-z^2 / 8)) / sqrt(2 pi).

    Then 2 (delta + (1 - delta) alpha) = 2 delta + 2 alpha - 2 delta alpha <= 2 delta + 2 alpha.
    """
    del run
    alpha = posterior_stability.noise_distance(ctx, gain, z * beta / gain, beta)
    gap = z / sympy.sqrt(2 * sympy.pi) - alpha
    slope = (1 - sympy.exp(-(z**2) / 8)) / sympy.sqrt(2 * sympy.pi)
    of_z = {tau: z * beta / gain}
    left = posterior_stability.stability_bound_in_general(ctx, delta, gain, tau, beta).subs(of_z)
    right = posterior_stability.linear_bound(ctx, delta, gain, tau, beta).subs(of_z)
    return derive(
        {
            "at zero": sympy.limit(gap, z, 0),
            "slope": sympy.simplify(sympy.diff(gap, z) - slope),
            "both sides": sympy.simplify(right - left - (2 * gap + 2 * delta * alpha)),
        }
    )
