"""Rejection sampling, derived: a geometric series, its mean, and the rounds that suffice."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive, series
from hardposterior.spec import rejection
from hardposterior.spec.evidence import Outcome, Run, evidence

ctx = Symbols()
q, mass, beta, failure, r, N = sympy.symbols("q mass beta failure r N", positive=True)
k = sympy.Symbol("k", integer=True, positive=True)
z = sympy.Symbol("z", positive=True)
residual, y = sympy.symbols("residual y", real=True)
ATOMS = sympy.symbols("a0:2", real=True)
WEIGHTS = sympy.symbols("w0:2", positive=True)
LAW = {"atoms": ATOMS, "weights": WEIGHTS, "beta": beta}
"""Two points of any places and weights, at which stated formulas are written out."""


def convergent(term: sympy.Expr, first: int) -> sympy.Expr:
    """The sum over k >= first of a term that is geometric in z, 0 < z < 1."""
    total = sympy.summation(term, (k, first, sympy.oo))
    return total.replace(sympy.Piecewise, lambda branch, *_: branch[0])


def constant_of_the_noise() -> sympy.Expr:
    """The integral of exp(-r^2 / (2 beta^2)), less (2 pi beta^2)^(1/2): for each of m coordinates.

    So the chance of accepting x is (2 pi beta^2)^(m/2) times the likelihood of y.
    """
    total = sympy.integrate(
        sympy.exp(-(residual**2) / (2 * beta**2)), (residual, -sympy.oo, sympy.oo)
    )
    return sympy.simplify(total - sympy.sqrt(2 * sympy.pi * beta**2))


def accepted(weight: sympy.Expr, atom: sympy.Expr) -> sympy.Expr:
    """The chance that one proposal is this atom and is accepted."""
    return weight / sum(WEIGHTS) * sympy.exp(-((y - atom) ** 2) / (2 * beta**2))


def rate() -> sympy.Expr:
    """q(y) for the two points."""
    return sum(accepted(w, a) for w, a in zip(WEIGHTS, ATOMS, strict=True))


@evidence(rejection.REJECTION_EXACT, kind="symbolic", scope="whole")
def geometric_series_over_the_rounds(run: Run) -> Outcome:
    """sum_k (1 - q)^k P(x, accepted) = P(x, accepted) / q, which is Bayes: q is their sum."""
    del run
    total = convergent(mass * z ** (k - 1), 1)
    stated, one = rejection.REJECTION_EXACT, accepted(WEIGHTS[0], ATOMS[0])
    return derive(
        {
            "rounds": sympy.simplify(total.subs(z, 1 - q) - mass / q),
            "likelihood": constant_of_the_noise(),
            "left as stated": stated.left(ctx, **LAW, y=y, index=0)
            - series(lambda j: (1 - rate()) ** j * one),
            "right as stated": stated.right(ctx, **LAW, y=y, index=0) - one / rate(),
        }
    )


@evidence(rejection.REJECTION_MEAN, kind="symbolic", scope="whole")
def mean_of_the_geometric_law(run: Run) -> Outcome:
    """sum_k k q (1 - q)^(k-1) = 1 / q, and q(y) is (2 pi beta^2)^(m/2) p(y), averaged over x."""
    del run
    total = convergent(k * z ** (k - 1), 1)
    stated = rejection.REJECTION_MEAN
    return derive(
        {
            "mean": sympy.simplify((total.subs(z, 1 - q)) * q - 1 / q),
            "rate": constant_of_the_noise(),
            "left as stated": stated.left(ctx, **LAW, y=y)
            - series(lambda j: j * rate() * (1 - rate()) ** (j - 1), first=1),
            "right as stated": sympy.simplify(stated.right(ctx, **LAW, y=y) - 1 / rate()),
        }
    )


@evidence(rejection.REJECTION_INFINITE, kind="symbolic", scope="whole")
def the_integrand_is_constant(run: Run) -> Outcome:
    """p(y) / q(y) does not depend on y or the prior; over a ball it adds up to its volume."""
    del run
    p = sympy.Function("p")(y)
    total = sympy.integrate(
        sympy.simplify(p / (sympy.sqrt(2 * sympy.pi * beta**2) * p)), (y, -r, r)
    )
    stated = rejection.truncated_mean_in_closed_form(ctx, beta, r)
    left = rejection.REJECTION_INFINITE.left(ctx, **LAW, radius=r, cells=2)
    return derive(
        {
            "left as stated": sympy.simplify(left - stated),
            "integral": sympy.simplify(total - stated),
            "growth": sympy.simplify(sympy.diff(stated, r, 2)),
        },
        detail="linear in r for m = 1, r^m in general: no limit",
    )


@evidence(rejection.REJECTION_ROUNDS, kind="symbolic", scope="whole")
def logarithm_below_its_tangent(run: Run) -> Outcome:
    """-log(1 - q) - q is 0 at q = 0 and has slope q / (1 - q) >= 0; so (1 - q)^N <= exp(-N q)."""
    del run
    gap = -sympy.log(1 - q) - q
    at_rounds = sympy.exp(-q * rejection.rounds(ctx, q, failure))
    return derive(
        {
            "at zero": gap.subs(q, 0),
            "slope": sympy.simplify(sympy.diff(gap, q) - q / (1 - q)),
            "left as stated": rejection.REJECTION_ROUNDS.left(
                ctx, q=q, proposals=N, failure=failure
            )
            - sympy.exp(-N * (gap + q)),
            "at N rounds": sympy.simplify(
                at_rounds - rejection.REJECTION_ROUNDS.right(ctx, failure=failure)
            ),
        }
    )


@evidence(rejection.REJECTION_ROUNDS_EXACT, kind="symbolic", scope="whole")
def exponent_is_the_logarithm_of_the_failure(run: Run) -> Outcome:
    """N log(1 - q) = log delta' at the stated N."""
    del run
    exponent = rejection.exact_rounds(ctx, q, failure) * sympy.log(1 - q)
    stated = rejection.REJECTION_ROUNDS_EXACT
    return derive(
        {
            "exponent": sympy.simplify(sympy.expand_log(exponent - sympy.log(failure))),
            "left as stated": stated.left(ctx, q=q, failure=failure) - sympy.exp(exponent),
            "right as stated": stated.right(ctx, failure=failure) - failure,
        }
    )
