"""Calibration with explicit parameters, proved for all n, m and C; tabulated ones in balls.

The whole proof is a chain of inequalities: identities that sympy confirms, and constants that
balls compare. y = log d >= log 2; q = exp(-pi^2 / eps^2) bounds rho and rho_0 for sigma >= 1.
"""

from fractions import Fraction
from typing import Any

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols, Unchosen
from hardposterior.proofs_checks.calibration_certificate import Parameters, prove
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.outcomes import outcome_of
from hardposterior.spec import calibration, mixture_score, theta, vertex_score
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted
from hardposterior.spec.lattice_margins import TOP

n, m = sympy.symbols("n m", positive=True, integer=True)
C = sympy.Symbol("C", nonnegative=True)
y, z, sigma = sympy.symbols("y z sigma", positive=True)

F = Fraction
REFERENCE = (
    (8, 2, F("1.1106"), F("5.8159")),
    (64, 2, F("0.88755"), F("8.0971")),
    (256, 2, F("0.79661"), F("9.3293")),
    (256, 10, F("0.54239"), F("19.583")),
)
"""n = m, C, spacing and separation: what a search found to have the largest ratio."""


def small_noise() -> dict[str, sympy.Expr]:
    """sigma <= 1: V sigma^2 d^C <= 8 y e^(-3y) + eps^2 e^(-2y) / 32."""
    ctx = Symbols()
    R = calibration.explicit_separation(ctx, n, m, C)
    t = 1 + sigma**2
    d = sympy.exp(y)
    wrong = sympy.exp(-(3 * C + 4) * y) / 2
    eps = sympy.Symbol("eps", positive=True)
    hidden = wrong * d * (4 * (3 * C + 4) * y)
    image = wrong * (d**2 / 4) * eps**2 * sympy.exp(2 * C * y) / 4
    normal = sympy.exp(-(z**2) / 2) / 2 - sympy.erfc(z / sympy.sqrt(2)) / 2
    growth = sympy.exp(2 * C * y) - (1 + 2 * C * y)
    return {
        "p_e at t <= 2": sympy.simplify(
            sympy.exp(-(R**2) / 4) - sympy.exp(-(3 * C + 4) * sympy.log(n + m))
        ),
        # Phi(-z) <= exp(-z^2 / 2) / 2: equal at 0 and infinity, the gap first rises, then falls
        "normal tail at 0": normal.subs(z, 0),
        "normal tail at infinity": sympy.limit(normal, z, sympy.oo),
        "normal tail's slope": sympy.simplify(
            sympy.diff(normal, z) - sympy.exp(-(z**2) / 2) * (1 / sympy.sqrt(2 * sympy.pi) - z / 2)
        ),
        "sigma^2 / t^2 <= 1/4": sympy.simplify(
            sympy.Rational(1, 4) - sigma**2 / t**2 - (sigma**2 - 1) ** 2 / (4 * t**2)
        ),
        "n m <= d^2 / 4": sympy.expand((n + m) ** 2 / 4 - n * m - (n - m) ** 2 / 4),
        "hidden bits": sympy.simplify(
            hidden * sympy.exp(C * y)
            - 2 * (3 * C + 4) * sympy.exp(-2 * C * y) * y * sympy.exp(-3 * y)
        ),
        "image bits": sympy.simplify(image * sympy.exp(C * y) - eps**2 * sympy.exp(-2 * y) / 32),
        # 4 e^(2Cy) - (4 + 3 C) = 4 (e^(2Cy) - 1 - 2Cy) + C (8 y - 3)
        "(3 C + 4) e^(-2Cy) <= 4": sympy.expand(
            4 * sympy.exp(2 * C * y) - (4 + 3 * C) - 4 * growth - C * (8 * y - 3)
        ),
        "y e^(-3y) falls from 1/3": sympy.simplify(
            sympy.diff(y * sympy.exp(-3 * y), y) - (1 - 3 * y) * sympy.exp(-3 * y)
        ),
    }


def large_noise() -> dict[str, sympy.Expr]:
    """sigma >= 1: rho, rho_0 <= q and what U costs in terms of q."""
    ctx = Symbols()
    t = 1 + sigma**2
    eps = calibration.explicit_spacing(ctx, n, m, C)
    stated = sympy.exp(-(C / 2 + 2) * sympy.log(n + m)) / (C + 4)
    rho = sympy.Symbol("rho", positive=True)
    atanh_slope = sympy.diff(rho / (1 - rho**2) - sympy.atanh(rho), rho)
    return {
        "v >= 1/2": sympy.simplify(sigma**2 / t - sympy.Rational(1, 2) - (sigma**2 - 1) / (2 * t)),
        "q": sympy.simplify(sympy.exp(-(sympy.pi**2) / eps**2) - stated),
        "atanh rho <= rho / (1 - rho^2)": sympy.simplify(
            atanh_slope - 2 * rho**2 / (1 - rho**2) ** 2
        ),
        "27 n m^2 <= 4 d^3": sympy.expand(
            4 * (n + m) ** 3 - 27 * n * m**2 - (m - 2 * n) ** 2 * (4 * m + n)
        ),
        "y e^(-y) is largest at 1": sympy.diff(y * sympy.exp(-y), y).subs(y, 1),
        "log(C + 4) <= log 4 + C / 4": sympy.simplify(
            sympy.diff(sympy.log(4) + C / 4 - sympy.log(C + 4), C) - C / (4 * (C + 4))
        ),
    }


def error_as_stated() -> dict[str, sympy.Expr]:
    """min(V, U) sigma^2, or V sigma^2 where U is of no use, at n = m = C = 1; and d^-C."""
    one, ctx = sympy.Integer(1), Unchosen()
    separation = 2 * sympy.sqrt(7 * sympy.log(2))
    spacing = sympy.pi / sympy.sqrt(sympy.Rational(5, 2) * sympy.log(2) + sympy.log(5))
    steps = {"right as stated": calibration.CALIBRATION.right(ctx, n=n, m=m, C=C) - (n + m) ** -C}
    for name, noise in (("small", sympy.Rational(1, 10)), ("large", sympy.Integer(2))):
        place = (ctx, one, one, separation, spacing, noise)
        best = vertex_score.vertex_score_bound(*place)
        if name == "large":
            best = ctx.minimum(best, mixture_score.sharp_bound_of_sizes(*place))
        left = calibration.CALIBRATION.left(ctx, n=one, m=one, C=one, sigma=noise)
        steps[f"left as stated, {name} noise"] = left - best * noise**2
    return steps


def constants(ctx: Any) -> dict[str, bool]:
    """The inequalities between numbers that close both cases, certainly true in balls."""
    log2, e, q = ctx.log(ctx.number(2)), ctx.exp(ctx.number(1)), ctx.number(F(1, 16))
    # y e^(-3y) at y = log 2; eps^2 <= pi^2 / (4 log 2) and e^(-2y) <= 1/4
    small = 8 * log2 / 8 + ctx.pi**2 / (4 * log2) / 128
    # (C + 4)^2 > intercept + slope C for all C >= 0, from 16 > intercept and 8 > slope:
    # U sigma^2 d^C (C + 4)^2 <= (144 / 25) ((C / 2 + 2) y + log(C + 4)) e^(-3y)
    #                            + (441 / 100) (4 / 27) 4 (3 C + 4) y e^(-y)
    gap, odds = ctx.number(F(144, 25)) / 8, ctx.number(F(441 * 16, 2700)) / e
    intercept = gap * (2 * log2 + 2 * log2) + 4 * odds
    slope = gap * (log2 / 2 + ctx.number(F(1, 4))) + 3 * odds
    eta = theta.eta_of(q)
    return {
        "8 y > 3": bool(8 * log2 > 3),
        "y > 1/3": bool(log2 > ctx.number(F(1, 3))),
        "V": bool(small < 1),
        "sharp gap": bool(1 / (1 - q**2) ** 2 < ctx.number(F(6, 5))),
        "sharp odds": bool(2 / (1 - q**2) ** 2 < ctx.number(F(21, 10))),
        "stated gap": bool(1 / (1 - q**3) ** 2 / (1 - eta) < ctx.number(F(6, 5))),
        "stated odds": bool(ctx.atanh(eta) < ctx.number(F(21, 10)) * q),
        "U at C = 0": bool(intercept < 16),
        "U in C": bool(slope < 8),
        "U is used": bool(q < ctx.number(TOP)),
    }


@evidence(calibration.CALIBRATION, kind="symbolic", scope="whole")
def explicit_parameters_for_all_sizes(run: Run) -> Outcome:
    """Both noise ranges, all n, m >= 1 and C >= 0: identities by sympy, constants by balls."""
    del run
    steps = {**small_noise(), **large_noise(), **error_as_stated()}
    derived = derive(steps)
    if derived.status != "proved":
        return derived
    with Balls(128) as ctx:
        checked = constants(ctx)
    for name, certain in checked.items():
        if not certain:
            return refuted(f"calibration.constants(ctx): {name!r} is not certain")
    return proved(len(steps) + len(checked), detail="sigma <= 1 by V, sigma >= 1 by U")


@evidence(calibration.CALIBRATION, kind="certified", scope="box")
def tabulated_parameters_on_the_half_line(run: Run) -> Outcome:
    """Balls: the parameters of the largest spacing / separation, every sigma >= d^-C."""
    cases = [
        (size, exponent, Parameters(size, size, F(exponent), separation, spacing))
        for size, exponent, spacing, separation in REFERENCE
    ]
    found = [prove(parameters, run.progress) for _, _, parameters in cases]
    return outcome_of([proof for proof, _ in found], [data for _, data in found])


@evidence(calibration.CALIBRATION_BETA, kind="symbolic", scope="whole")
def normal_tail_at_the_explicit_noise(run: Run) -> Outcome:
    """2 m Phi(-h) <= m exp(-h^2 / 2) = 1/250 at h = sqrt(2 log(250 m))."""
    del run
    steps = {name: step for name, step in small_noise().items() if name.startswith("normal tail")}
    ratio = sympy.sqrt(2 * sympy.log(250 * m))
    stated = calibration.CALIBRATION_BETA
    steps["left as stated"] = stated.left(Symbols(), m=m) - 2 * m * (
        sympy.erfc(ratio / sympy.sqrt(2)) / 2
    )
    steps["value"] = sympy.simplify(m * sympy.exp(-(ratio**2) / 2) - stated.right(Symbols(), m=m))
    return derive(steps)
