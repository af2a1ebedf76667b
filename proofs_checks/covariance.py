"""The covariance of the hard instance: reductions in sympy, two margins in balls."""

from fractions import Fraction
from typing import Any

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols, Unchosen
from hardposterior.proofs_checks.branch_and_bound import certificate, positive_on
from hardposterior.proofs_checks.derivation import derive, over_integers
from hardposterior.proofs_checks.outcomes import outcome_of
from hardposterior.spec import covariance, lattice
from hardposterior.spec.arithmetic import Number
from hardposterior.spec.evidence import Outcome, Run, evidence, refuted
from hardposterior.spec.hard_instance import PHASES
from hardposterior.spec.theta import nome, power_tail

k = sympy.Symbol("k", integer=True)
j = sympy.Symbol("j", integer=True, positive=True)
eps, lam, R = sympy.symbols("eps lambda R", positive=True)
ones = sympy.Symbol("ones", nonnegative=True)

LARGE = ((Fraction(0), Fraction(3, 5)),)
SMALL = ((Fraction(0), Fraction(1, 100)),)


def margin_in_space(ctx: Any, r: Number) -> Number:
    """sum_k r^(k(k+1)) - (2 / e) sum_k k (k + 1) r^(k(k+1) - 1), k >= 0.

    Positive where 2 log(1/r) E[k (k + 1)] < 1, as r log(1/r) <= 1 / e.
    """
    weight = ctx.series(lambda j: r ** (j * (j + 1)), lambda j: power_tail(r, j, 0))
    slope = ctx.series(
        lambda j: j * (j + 1) * r ** (j * (j + 1) - 1),
        # i (i + 1) <= 2 i^2 and i (i + 1) - 1 >= i^2 >= j^2 + (i - j) for i >= j >= 1
        lambda j: 2 * (j * j + 4 * j + 8) * r ** (j * j - 1) / (1 - r) ** 3,
        first=1,
    )
    return weight - 2 * ctx.exp(ctx.number(-1)) * slope


def margin_in_frequency(ctx: Any, p: Number) -> Number:
    """(pi^2 / 2) T - (8 / e^2) |dT/dp| at the phase 1/2, T >= 1 - 2 p / (1 - p^3).

    Positive where E a^2 < 1 + eps^2 / 4, as p log(p)^2 <= 4 / e^2.
    """
    slope = ctx.series(
        lambda j: 2 * j * j * p ** (j * j - 1),
        lambda j: 4 * (j * j + 4 * j + 8) * p ** (j * j - 1) / (1 - p) ** 3,
        first=1,
    )
    series = 1 - 2 * p / (1 - p**3)
    return ctx.pi * ctx.pi / 2 * series - 8 * ctx.exp(ctx.number(-2)) * slope


def reductions() -> dict[str, sympy.Expr]:
    """What joins the variance to the two margins."""
    ctx = Symbols()
    a = lattice.lattice_point(eps, sympy.Rational(1, 2), k)
    r = sympy.exp(-(eps**2) / 2)
    p = nome(ctx, 1 / (lam * eps**2))
    # E a^2 = -2 d/dlambda log sum exp(-lambda a^2 / 2); by Poisson the sum is lambda^(-1/2) T(p)
    shape = sympy.Function("T")
    z = sympy.Symbol("z", positive=True)
    log_sum = -sympy.log(lam) / 2 + sympy.log(shape(p))
    moment = (-2 * sympy.diff(log_sum, lam)).doit().subs(lam, 1).doit()
    slope = sympy.diff(shape(z), z).subs(z, p.subs(lam, 1)).doit()
    at_one = p.subs(lam, 1)
    stated = [covariance.second_moment_bound(ctx, eps, ctx.number(c)) for c in PHASES]
    half = sympy.Rational(1, 2)
    mean_square = over_integers(
        lambda i: (eps * (i + half)) ** 2 * sympy.exp(-((eps * (i + half)) ** 2) / 2)
    ) / over_integers(lambda i: sympy.exp(-((eps * (i + half)) ** 2) / 2))
    expected = 1 - 2 * at_one * (2 * sympy.pi**2 / eps**2) * slope / shape(at_one)
    return {
        "squares": sympy.expand(a**2 - eps**2 / 4 - eps**2 * k * (k + 1)),
        "weights": sympy.simplify(
            sympy.exp(-(a**2) / 2) / (sympy.exp(-(eps**2) / 8) * r ** (k * (k + 1))) - 1
        ),
        "eps^2 = 2 log(1/r)": sympy.simplify(eps**2 + 2 * sympy.log(r)),
        "moment by Poisson": sympy.simplify(moment - expected),
        # at phase 0 T is 1 and twice the sum of these, so T' / T >= 0 and E a^2 <= 1
        "a term of T at phase 0": sympy.simplify(
            sympy.diff(z ** (j**2), z) * z - j**2 * z ** (j**2)
        ),
        "left as stated": covariance.LATTICE_VARIANCE.left(ctx, eps, half) - mean_square,
        "stated at phase 1/2": stated[0] - 1 - eps**2 / 4,
        "stated at phase 0": stated[1] - 1,
        "eps^2 = 2 pi^2 / log(1/p)": sympy.simplify(
            eps**2 + 2 * sympy.pi**2 / sympy.expand_log(sympy.log(at_one), force=True)
        ),
        "z log(1/z) is largest at 1/e": sympy.diff(-z * sympy.log(z), z).subs(z, sympy.exp(-1)),
        "z log(z)^2 is largest at 1/e^2": sympy.simplify(
            sympy.diff(z * sympy.log(z) ** 2, z).subs(z, sympy.exp(-2))
        ),
    }


@evidence(covariance.LATTICE_VARIANCE, kind="certified", scope="whole")
def variance_margins_are_positive(run: Run) -> Outcome:
    """Balls: for exp(-eps^2 / 2) <= 3/5 in space, for p <= 1/100 in frequency: every eps.

    That is phase 1/2; at phase 0 Poisson's formula has 1 less a nonnegative term.
    """
    derived = derive(reductions())
    if derived.status != "proved":
        return derived
    with Balls(64) as ctx:
        # where the charts meet: r = 3/5 is p = exp(pi^2 / log(3/5)), which must lie in the second
        if not ctx.exp(ctx.pi**2 / ctx.log(ctx.number(LARGE[0][1]))) < ctx.number(SMALL[0][1]):
            return refuted("the charts of covariance.LATTICE_VARIANCE leave a gap")
    charts = ((margin_in_space, LARGE), (margin_in_frequency, SMALL))
    proofs = [positive_on(margin, domain, progress=run.progress) for margin, domain in charts]
    data = [
        certificate("well-modeled.lattice", f"covariance.{margin.__name__}", domain, proof)
        for (margin, domain), proof in zip(charts, proofs, strict=True)
    ]
    return outcome_of(proofs, data)


@evidence(covariance.COVARIANCE, kind="symbolic", scope="whole")
def image_variances_stay_below_a_hidden_one(run: Run) -> Outcome:
    """Reflection keeps both phases, so means vanish; (1 + eps^2 / 4) <= 1 + R^2 for eps <= 2 R."""
    del run
    mixed = (1 - ones) * (1 + eps**2 / 4) + ones
    ctx, stated, at = Unchosen(), covariance.COVARIANCE, {"separation": R, "spacing": eps}
    image = sum(covariance.second_moment(ctx, eps, ctx.number(phase)) for phase in PHASES) / 2
    return derive(
        {
            "left as stated": stated.left(ctx, **at, table=((0,), (1,)))
            - ctx.maximum(1 + R**2, image) / R**2,
            "right as stated": sympy.expand(stated.right(ctx, **at) - (1 + R**2) / R**2),
            "phase 0 reflected": lattice.lattice_point(eps, 0, k)
            + lattice.lattice_point(eps, 0, -k),
            "phase 1/2 reflected": sympy.expand(
                lattice.lattice_point(eps, sympy.Rational(1, 2), k)
                + lattice.lattice_point(eps, sympy.Rational(1, 2), -1 - k)
            ),
            "average of the phases": sympy.expand(1 + eps**2 / 4 - mixed - ones * eps**2 / 4),
            "spacing": sympy.expand(
                (1 + R**2) - (1 + eps**2 / 4) - (2 * R - eps) * (2 * R + eps) / 4
            ),
        },
        detail="hidden: E x^2 = 1 + R^2; image: E a^2 by well-modeled.lattice",
    )
