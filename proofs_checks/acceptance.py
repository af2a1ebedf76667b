"""The acceptance bounds: Markov and the bathtub in sympy, Stirling in balls for real dimensions."""

from fractions import Fraction

import sympy
from flint import arb

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.branch_and_bound import certificate, positive_on
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.outcomes import outcome_of
from hardposterior.spec import acceptance
from hardposterior.spec.arithmetic import Number
from hardposterior.spec.evidence import Outcome, Run, evidence
from hardposterior.spec.statements import Bound

ctx = Symbols()
m, beta, delta, S, most, radius, s, v = sympy.symbols("m beta delta S l radius s v", positive=True)
unit_ball = sympy.exp(m / 2 * sympy.log(sympy.pi) - sympy.loggamma(m / 2 + 1))
DIMENSIONS = ((Fraction(1), Fraction(10) ** 6),)


def equal_logarithms(left: sympy.Expr, right: sympy.Expr) -> sympy.Expr:
    """log left - log right, expanded for positive symbols."""
    gap = sympy.expand_log(sympy.log(left) - sympy.log(right), force=True)
    return sympy.simplify(sympy.expand(gap))


HALF_FAR = {
    "m": 1,
    "beta": sympy.Integer(1),
    "delta": sympy.Rational(1, 2),
    "second_moment": sympy.Rational(19, 2),
    "radii": (1, 10),
    "masses": (3, 1),
}
"""A law of E|y|^2 = 19/2: q is below either bound on its outer shell alone, of mass 1/4."""


def sides_as_stated(statement: Bound) -> dict[str, sympy.Expr]:
    """The mass below the bound on a law of two shells, in exact numbers; and delta."""
    square = acceptance.second_moment_of(
        ctx, *(HALF_FAR[name] for name in ("m", "radii", "masses"))
    )
    return {
        "E|y|^2": square - HALF_FAR["second_moment"],
        "left as stated": statement.left(ctx, **HALF_FAR) - sympy.Rational(1, 4),
        "right as stated": statement.right(ctx, delta=delta) - delta,
    }


def level(log_bound: sympy.Expr) -> sympy.Expr:
    """The density at which q is the bound: bound / (2 pi beta^2)^(m/2)."""
    return sympy.exp(log_bound) / (2 * sympy.pi * beta**2) ** (m / 2)


@evidence(acceptance.ACCEPTANCE, kind="symbolic", scope="whole")
def markov_and_the_volume_of_a_ball(run: Run) -> Outcome:
    """Outside radius^2 = 2 S / delta lies mass <= delta / 2; inside, density < l leaves <= l V.

    At the stated bound l V = delta / 2: in sum at most delta.
    """
    del run
    squared = 2 * S / delta
    low = level(acceptance.log_plain(ctx, m, beta, delta, S))
    inside = low * unit_ball * squared ** (m / 2)
    return derive(
        {
            **sides_as_stated(acceptance.ACCEPTANCE),
            "outside": sympy.simplify(S / squared - delta / 2),
            "inside": equal_logarithms(inside, delta / 2),
        }
    )


@evidence(acceptance.ACCEPTANCE_SHARP, kind="symbolic", scope="whole")
def bathtub_fills_a_ball(run: Run) -> Outcome:
    """Mass delta' of density g <= l has E|y - c|^2 >= that of density l on a ball of that mass.

    For every g with 0 <= g <= l and the ball's mass, (|y|^2 - radius^2)(g - l 1_ball) >= 0 at every
    y: both factors are <= 0 inside, >= 0 outside. So the ball is least; its second moment is
    delta' m/(m + 2) radius^2, increasing in delta', and equals S at delta' = delta and the stated
    bound. Were {q < bound} of mass delta' > delta, S would exceed itself.
    """
    del run
    moment = sympy.integrate(most * m * unit_ball * s ** (m + 1), (s, 0, radius))
    mass = sympy.integrate(most * m * unit_ball * s ** (m - 1), (s, 0, radius))
    g = sympy.Symbol("g", nonnegative=True)
    inside, outside = (s**2 - radius**2) * (g - most), (s**2 - radius**2) * g
    low = level(acceptance.log_sharp(ctx, m, beta, delta, S))
    forced = delta * m / (m + 2) * (delta / (low * unit_ball)) ** (2 / m)
    return derive(
        {
            **sides_as_stated(acceptance.ACCEPTANCE_SHARP),
            "inside the ball": sympy.expand(inside - (radius**2 - s**2) * (most - g)),
            "outside the ball": sympy.expand(outside - (s - radius) * (s + radius) * g),
            "mass of the ball": sympy.simplify(mass - most * unit_ball * radius**m),
            "its second moment": sympy.simplify(moment - mass * m / (m + 2) * radius**2),
            "forced at the bound": equal_logarithms(forced, S),
        }
    )


@evidence(acceptance.ACCEPTANCE_SHARP, kind="symbolic", scope="step")
def witness_attains_the_bound_in_the_limit(run: Run) -> Outcome:
    """Mass delta uniform on a ball, the rest a spike: the ball's level over the bound tends to 1.

    Smoothed by beta, S = m beta^2 + delta m/(m + 2) radius^2; b = beta / radius tends to 0.
    """
    del run
    b = sympy.Symbol("b", positive=True)
    second = m * (b * radius) ** 2 + delta * m / (m + 2) * radius**2
    bound = acceptance.log_sharp(ctx, m, b * radius, delta, second)
    plateau = sympy.log((2 * sympy.pi * (b * radius) ** 2) ** (m / 2)) + sympy.log(
        delta / (unit_ball * radius**m)
    )
    gap = sympy.expand_log(plateau - bound, force=True)
    slack = m / 2 * sympy.log(1 + (m + 2) * b**2 / delta)
    return derive(
        {
            "slack": sympy.simplify(sympy.expand_log(sympy.expand(gap - slack), force=True)),
            "limit": sympy.limit(slack, b, 0),
        },
        detail="log(level / bound) = (m/2) log(1 + (m + 2) b^2 / delta), b = beta / radius",
    )


def stirling_by_mean_value(ctx: Balls, m: arb) -> Number:
    """The margin of `acceptance.rounds` on a ball of m: at its midpoint, then by its slope.

    With x = m / 2 the slope in x is digamma(x + 1) - log(x + 1) + 1 / (x + 1).
    """
    middle, half = arb(m.mid()), m / 2
    slope = (half + 1).digamma() - (half + 1).log() + 1 / (half + 1)
    return acceptance.stirling_margin(ctx, middle) + slope * (m - middle) / 2


@evidence(acceptance.ACCEPTANCE_ROUNDS, kind="symbolic", scope="whole")
def the_bound_is_a_gamma_inequality(run: Run) -> Outcome:
    """log(right / left) is a margin that vanishes at m = 0 and rises from there.

    Its slope in m / 2 is digamma(z + 1) - log z at z = m / 2 + 1, and log z is the chord of log
    Gamma from z to z + 1: log Gamma is convex, its second derivative the sum of 1 / (z + k)^2, so
    its slope at the end of the chord is at least that of the chord.
    """
    del run
    right = acceptance.proposals_allowed(ctx, m, beta, delta, v)
    left = acceptance.proposals_needed(ctx, m, beta, delta, v)
    margin = acceptance.stirling_margin(ctx, m)
    gap = sympy.expand_log(sympy.log(right) - sympy.log(left), force=True) - margin
    half = m / 2 + 1
    slope = sympy.digamma(half) - sympy.log(half) + 1 / half
    return derive(
        {
            "reduction": sympy.simplify(
                sympy.expand_log(sympy.expand(gap).subs(m, 2 * s - 2), force=True)
            ),
            "at m = 0": margin.subs(m, 0),
            "slope at the end": sympy.expand_func(sympy.digamma(s + 1)) - sympy.digamma(s) - 1 / s,
            "chord": sympy.expand_func(sympy.gamma(s + 1)) / sympy.gamma(s) - s,
            # zeta(2, s) is the sum of 1 / (s + k)^2 over k >= 0
            "log Gamma's second derivative": sympy.diff(sympy.loggamma(s), s, 2).rewrite(sympy.zeta)
            - sympy.zeta(2, s),
            "slope": sympy.simplify((sympy.diff(margin, m) - slope / 2).rewrite(sympy.polygamma)),
        }
    )


@evidence(acceptance.ACCEPTANCE_ROUNDS, kind="certified", scope="box")
def gamma_inequality_for_real_dimensions(run: Run) -> Outcome:
    """Balls: the margin is positive for every real m in [1, 10^6] (beta, delta, v cancel)."""
    proof = positive_on(stirling_by_mean_value, DIMENSIONS, progress=run.progress)
    data = certificate("acceptance.rounds", "acceptance.stirling_by_mean_value", DIMENSIONS, proof)
    return outcome_of([proof], [data])
