"""The exponent of rejection on the hard instance: entropies of a lattice by Poisson summation."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive, over_integers
from hardposterior.spec import near_optimality
from hardposterior.spec.evidence import Outcome, Run, evidence
from hardposterior.spec.theta import eta_of

eps, w, rho, v = sympy.symbols("eps w rho v", positive=True)
a = sympy.Symbol("a", real=True)
j = sympy.Symbol("j", integer=True, positive=True)
T0, P, Q = sympy.symbols("T0 P Q", positive=True)


@evidence(near_optimality.NEAR_OPTIMALITY_ENTROPY, kind="symbolic", scope="whole")
def poisson_summation_of_the_moments(run: Run) -> Outcome:
    """Fourier transforms of exp(-a^2/2) and a^2 exp(-a^2/2) at frequency j / eps, then the bound.

    With P = sum j^2 rho_0^(j^2) cos: S_0 = c T_0, S_2 = c (T_0 - (8 pi^2 / eps^2) P),
    c = sqrt(2 pi) / eps; T_0 <= 1 + eta_0, T_0 >= 1 - eta_0, |P| <= Q.
    """
    del run
    kernel = sympy.exp(-(a**2) / 2)
    zeroth = sympy.integrate(kernel * sympy.cos(w * a), (a, -sympy.oo, sympy.oo))
    second = sympy.integrate(a**2 * kernel * sympy.cos(w * a), (a, -sympy.oo, sympy.oo))
    wave = sympy.sqrt(2 * sympy.pi) * sympy.exp(-(w**2) / 2)
    squares = sympy.summation(j**2 * rho ** (1 + 3 * (j - 1)), (j, 1, sympy.oo))
    squares = squares.replace(sympy.Piecewise, lambda branch, *_: branch[0])
    frequency = 2 * sympy.pi * j / eps
    weight = sympy.exp(-(frequency**2) / 2) - sympy.exp(-2 * sympy.pi**2 / eps**2) ** (j**2)
    moment = (T0 - 8 * sympy.pi**2 / eps**2 * P) / T0
    # 1/2 + log S_0 + E a^2 / 2 where T_0 = 1 + eta_0 in the logarithm, 1 - eta_0 below P = -Q
    ctx = Symbols()
    nome = sympy.exp(-2 * sympy.pi**2 / eps**2)
    least, most = 1 - eta_of(nome), 1 + eta_of(nome)
    half = sympy.Rational(1, 2)
    largest = half + sympy.log(sympy.sqrt(2 * sympy.pi) / eps) + sympy.log(most)
    largest += (1 + 8 * sympy.pi**2 / eps**2 * Q / least) / 2
    right = near_optimality.predicted_with_error(ctx, eps)
    phase = sympy.Symbol("theta", real=True)
    total = over_integers(lambda i: sympy.exp(-((eps * (i + phase)) ** 2) / 2))
    moment_sum = over_integers(
        lambda i: (eps * (i + phase)) ** 2 * sympy.exp(-((eps * (i + phase)) ** 2) / 2)
    )
    entropy = sympy.log(total) + moment_sum / total / 2
    stated_squares = nome * (1 + nome**3) / (1 - nome**3) ** 3
    return derive(
        {
            "zeroth transform": sympy.simplify(zeroth - wave),
            "second transform": sympy.simplify(second - (1 - w**2) * wave),
            "weights": sympy.simplify(sympy.powsimp(weight, force=True)),
            "second moment": sympy.simplify(
                moment / 2 - sympy.Rational(1, 2) + 4 * sympy.pi**2 / eps**2 * P / T0
            ),
            "exponents": sympy.expand(j**2 - (1 + 3 * (j - 1)) - (j - 1) * (j - 2)),
            "left as stated": near_optimality.NEAR_OPTIMALITY_ENTROPY.left(
                ctx, spacing=eps, phase=phase
            )
            - (half + entropy),
            "as stated": sympy.simplify(right - largest.subs(Q, stated_squares)),
            "squares": sympy.simplify(squares - rho * (1 + rho**3) / (1 - rho**3) ** 3),
        }
    )
