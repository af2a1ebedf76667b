"""The denoiser's bounds: derived whole in sympy, and proved again in balls on charts of (q, u)."""

from fractions import Fraction

import sympy

from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.outcomes import proved_on_charts, verified_again
from hardposterior.proofs_checks.smoothing import kernel_step
from hardposterior.spec import lattice_denoiser
from hardposterior.spec import lattice_margins as margins
from hardposterior.spec.evidence import Outcome, Run, evidence

k = sympy.Symbol("k", integer=True)
u, mean = sympy.symbols("u mean", real=True)
x, sigma = sympy.symbols("x sigma", positive=True)

F = Fraction
CHARTS = (
    (margins.denoiser_margin_near_a_riser, ((F(-31), F(-5)), (F(0), F(8)))),
    (margins.denoiser_margin_far_from_a_riser, ((F(-31), F(-5)),)),
    (margins.denoiser_margin_in_space, ((F(-5), F(-2)), (F(-1, 2), F(1, 2)))),
    (margins.denoiser_margin_in_frequency, ((F(-3), F(9)), (F(0), F(1)))),
)
"""Charts (log2 q, place) that cover q in [2^-31, 2^9] and a half period of u, both sides of the
bound: spacing in [1/20, 4] and sigma in [1e-4, 1e3] give q in [6.2e-10, 400]."""


@evidence(lattice_denoiser.LATTICE_SCORE, kind="symbolic", scope="whole")
def score_splits_into_slope_and_offset(run: Run) -> Outcome:
    """(D - x) / sigma^2 + x / t - (D - x / t) / sigma^2 vanishes."""
    del run
    t = 1 + sigma**2
    by_tweedie = (mean - x) / sigma**2
    return derive(
        {
            "Tweedie's kernel": kernel_step(),
            "split": sympy.simplify(by_tweedie + x / t - (mean - x / t) / sigma**2),
        }
    )


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="symbolic", scope="whole")
def pairing_the_lattice_points(run: Run) -> Outcome:
    """For u in [0, 1/2], k >= 1: weight(k) >= weight(-k), and weight(k) <= weight(1 - k).

    So 0 <= E[k] and E[k] <= 1/2, hence |E[k] - u| <= 1/2; the exponents' differences are products
    of factors that are nonnegative there. Reflection and periodicity give every other u.
    """
    del run
    square = (k - u) ** 2
    return derive(
        {
            "k against -k": sympy.expand(square.subs(k, -k) - square - 4 * k * u),
            "k against 1 - k": sympy.expand(
                square - square.subs(k, 1 - k) - (2 * k - 1) * (1 - 2 * u)
            ),
            "reflection": sympy.expand(square.subs({k: -k, u: -u}, simultaneous=True) - square),
            "period": sympy.expand(square.subs({k: k + 1, u: u + 1}, simultaneous=True) - square),
        }
    )


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="certified", scope="box")
def margins_are_positive_on_every_chart(run: Run) -> Outcome:
    """Balls: |D - mu| < eps / 2, spacing in [1/20, 4], sigma in [1e-4, 1e3], all x and phases."""
    return proved_on_charts("lattice-denoiser", CHARTS, run.progress)


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="certified", scope="step")
def second_checker_verifies_the_certificates(run: Run) -> Outcome:
    """The charts are covered exactly, and their boxes are evaluated again in intervals."""
    return verified_again("lattice-denoiser", CHARTS, run.size(64, 256, 5000), run.seed)


@evidence(lattice_denoiser.LATTICE_DENOISER_PHASES, kind="symbolic", scope="whole")
def half_a_period_rises_by_at_most_a_period(run: Run) -> Outcome:
    """D_- is D_+ moved by eps / 2; D_+ rises by a + b = eps over two halves, a, b >= 0.

    Then |a - eps / 2| <= eps / 2, as (eps / 2)^2 - (a - eps / 2)^2 = a b.
    """
    del run
    a, b = sympy.symbols("a b", nonnegative=True)
    spacing = a + b
    moved = (k + sympy.Rational(1, 2) - u) ** 2 - (k - (u - sympy.Rational(1, 2))) ** 2
    return derive(
        {
            "the other phase is a shift": sympy.expand(moved),
            "rise over half a period": sympy.expand(
                (spacing / 2) ** 2 - (a - spacing / 2) ** 2 - a * b
            ),
        },
        detail="monotone by smoothed-score.second-order",
    )
