"""The chain at (1/10, 1/10): explicit parameters for all sizes, tabulated ones in balls."""

from fractions import Fraction

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.calibration import REFERENCE, small_noise
from hardposterior.proofs_checks.calibration_certificate import Parameters, prove
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import calibration, inversion, lower_bound
from hardposterior.spec.arithmetic import Number
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted
from hardposterior.spec.inversion_links import sign_bound

n, m = sympy.symbols("n m", positive=True, integer=True)
C = sympy.Symbol("C", nonnegative=True)

BETAS = ("0.013715", "0.0068454", "0.0049417", "0.0016029")
"""Scaled noises with p_dec <= 1/250 at the tabulated separations and spacings."""


def success_at_one_tenth(
    ctx: Balls, n: int, m: int, separation: Number, spacing: Number, beta: Number
) -> Number:
    """1 - 2 delta - 2 p_dec - n Phi(-R (1 - tau)) at tau = delta = 1/10."""
    tenth = ctx.number(Fraction(1, 10))
    return inversion.success_bound(ctx, n, m, separation, spacing, beta, tenth, tenth)


@evidence(lower_bound.INVERSION_CALIBRATED, kind="symbolic", scope="whole")
def explicit_parameters_invert_for_all_sizes(run: Run) -> Outcome:
    """n Phi(-9 R / 10) <= n exp(-(81/200) R^2) / 2 <= d^(1 - 162/25) / 2 for C >= 0; then balls.

    d >= 3: at most 3^-(137/25) / 2. d = 2 is n = m = 1: its own tail at C = 0, as R grows with C.
    p_dec <= 1/250 by `calibration.beta`. The sum is at most 2/10 + 2/250 + 1/500 = 21/100.
    """
    del run
    R = calibration.explicit_separation(Symbols(), n, m, C)
    exponent = sympy.Rational(81, 200) * R**2
    steps = {k: v for k, v in small_noise().items() if k.startswith("normal tail")}
    steps["exponent"] = sympy.simplify(
        exponent - sympy.Rational(81, 50) * (3 * C + 4) * sympy.log(n + m)
    )
    steps["at C = 0"] = sympy.Rational(81, 50) * 4 - 1 - sympy.Rational(137, 25)
    steps["budget"] = (
        sympy.Rational(2, 10)
        + sympy.Rational(2, 250)
        + sympy.Rational(1, 500)
        - lower_bound.twenty_one_hundredths(Symbols())
    )
    stated = lower_bound.INVERSION_CALIBRATED
    tails = [sympy.sqrt(2 * sympy.log(250 * m)), sympy.Rational(9, 10) * R]
    misses, weak = (sympy.erfc(z / sympy.sqrt(2)) / 2 for z in tails)
    steps["left as stated"] = stated.left(Symbols(), n=n, m=m, C=C) - (
        sympy.Rational(2, 10) + 2 * (2 * m * misses) + n * weak
    )
    derived = derive(steps)
    if derived.status != "proved":
        return derived
    with Balls(128) as balls:
        share = balls.number(Fraction(1, 500))
        tail = balls.exp(-balls.number(Fraction(137, 25)) * balls.log(balls.number(3))) / 2
        separation = calibration.explicit_separation(balls, 1, 1, balls.number(0))
        own = sign_bound(balls, 1, separation, balls.number(Fraction(1, 10)))
        for name, value in (("d >= 3", tail), ("d = 2", own)):
            if not value < share:
                return refuted(f"inversion_links.sign_bound, {name}: {value} is not below 1/500")
    return proved(len(steps) + 2, detail="signs at most 1/500, decoding 2/250, sampler 2/10")


@evidence(lower_bound.INVERSION_CALIBRATED, kind="certified", scope="box")
def tabulated_parameters_invert(run: Run) -> Outcome:
    """Balls: at the calibrated parameters of the largest spacing / separation, success >= 0.79."""
    del run
    worst = 1.0
    with Balls(128) as balls:
        for (size, _, spacing, separation), beta in zip(REFERENCE, BETAS, strict=True):
            numbers = [balls.number(v) for v in (separation, spacing, Fraction(beta))]
            found = success_at_one_tenth(balls, size, size, *numbers)
            if not found > balls.number(Fraction(79, 100)):
                return refuted(
                    f"inversion.success_bound(ctx, {size}, {size}, {separation}, {spacing}, "
                    f"{beta}, 1/10, 1/10) = {found}"
                )
            worst = min(worst, float(found.mid()))
    return proved(len(REFERENCE), tightness=(1 - worst) / 0.21, detail=f"success >= {worst:.5f}")


@evidence(lower_bound.LOWER_BOUND, kind="certified", scope="step")
def chain_at_tabulated_sizes(run: Run) -> Outcome:
    """n = m = 8, 64, 256: calibrated for C = 2 or 10, and a (1/10, 1/10)-sampler inverts.

    Both ends of the chain hold at the same parameters; nothing here is asymptotic.
    """
    for size, exponent, spacing, separation in REFERENCE:
        parameters = Parameters(size, size, Fraction(exponent), separation, spacing)
        proof, _ = prove(parameters, run.progress)
        if not proof.proved:
            return refuted(f"calibration_certificate.prove({parameters})")
    return tabulated_parameters_invert(run)
