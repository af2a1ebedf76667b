"""The denoiser's bounds: derived whole in sympy, and proved again in balls on charts of (q, u)."""

from fractions import Fraction

import sympy

from hardposterior.proofs_checks import theta as theta_checks
from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.branch_and_bound import Box, Margin
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.outcomes import proved_on_charts, verified_again
from hardposterior.proofs_checks.smoothing import kernel_step
from hardposterior.spec import lattice, lattice_denoiser, theta
from hardposterior.spec import lattice_margins as margins
from hardposterior.spec.evidence import Outcome, Run, evidence, refuted

k = sympy.Symbol("k", integer=True)
u, mean = sympy.symbols("u mean", real=True)
x, sigma = sympy.symbols("x sigma", positive=True)

ctx = Symbols()
F = Fraction
CHARTS: tuple[tuple[Margin, Box], ...] = (
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
    stated, at = lattice_denoiser.LATTICE_SCORE, theta_checks.AT
    slope = ctx.derivative(lambda z: sympy.log(theta_checks.smoothed_density(z)), theta_checks.x)
    offset = theta_checks.offset_of_the_mean() / theta_checks.sigma**2
    return derive(
        {
            "left as stated": stated.left(ctx, **at) - slope,
            "right as stated": stated.right(ctx, **at) + theta_checks.x / theta_checks.t - offset,
            "Tweedie's kernel": kernel_step(),
            "split": sympy.simplify(by_tweedie + x / t - (mean - x / t) / sigma**2),
        }
    )


def index_step() -> sympy.Expr:
    """(a - mu) / eps - (k - u) at a = eps (k + theta): the offset is eps (E[k] - u)."""
    a = lattice.lattice_point(theta_checks.eps, theta_checks.phase, k)
    mu = theta_checks.x / theta_checks.t
    place = theta.offset(theta_checks.eps, theta_checks.phase, theta_checks.sigma, theta_checks.x)
    return sympy.simplify((a - mu) / theta_checks.eps - (k - place))


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="symbolic", scope="whole")
def pairing_the_lattice_points(run: Run) -> Outcome:
    """For u in [0, 1/2], k >= 1: weight(k) >= weight(-k), and weight(k) <= weight(1 - k).

    So 0 <= E[k] and E[k] <= 1/2, hence |E[k] - u| <= 1/2; the exponents' differences are products
    of factors that are nonnegative there. Reflection and periodicity give every other u.
    """
    del run
    square = (k - u) ** 2
    spacing = theta_checks.eps
    return derive(
        {
            "completed square": theta_checks.completed_square(),
            "two variables": theta_checks.reduction_to_two_variables(),
            "offset": index_step(),
            "left as stated": lattice_denoiser.LATTICE_DENOISER.left(ctx, **theta_checks.AT)
            - sympy.Abs(theta_checks.offset_of_the_mean()),
            "right side": lattice_denoiser.LATTICE_DENOISER.right(ctx, spacing=spacing)
            - spacing / 2,
            "k against -k": sympy.expand(square.subs(k, -k) - square - 4 * k * u),
            "k against 1 - k": sympy.expand(
                square - square.subs(k, 1 - k) - (2 * k - 1) * (1 - 2 * u)
            ),
            "reflection": sympy.expand(square.subs({k: -k, u: -u}, simultaneous=True) - square),
            "period": sympy.expand(square.subs({k: k + 1, u: u + 1}, simultaneous=True) - square),
        }
    )


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="symbolic", scope="step")
def margins_are_the_bound_reduced(run: Run) -> Outcome:
    """The charts' exponents and slacks, from u = 1/2 - q z and E[k] - u = (D - mu) / eps."""
    del run
    z, q = sympy.symbols("z q", positive=True)
    near = sympy.Rational(1, 2) - q * z
    exponent = (k * k - 2 * k * u) / (2 * q)
    return derive(
        {
            "common factor": sympy.expand((k - u) ** 2 / (2 * q) - exponent - u * u / (2 * q)),
            "weights near a riser": sympy.expand(
                exponent.subs(u, near) - (k * (k - 1) / (2 * q) + k * z)
            ),
            "lower slack": sympy.expand((mean - near + sympy.Rational(1, 2)) / q - (z + mean / q)),
            "upper slack": sympy.expand(sympy.Rational(1, 2) - (mean - near) - (1 - q * z - mean)),
            "far, below": sympy.expand(exponent.subs({k: -k}) - (k * k + 2 * k * u) / (2 * q)),
            "far, above": sympy.expand(
                exponent.subs(u, sympy.Rational(1, 2) - 8 * q) - (k * (k - 1) / (2 * q) + 8 * k)
            ),
        }
    )


def uncovered() -> str | None:
    """What the charts leave out of the box of the claim, in exact fractions; None if nothing."""
    near, far, space, frequency = (domain for _, domain in CHARTS)
    least, most = F(1, 10**8) / (1 + F(1, 10**8)) / 16, 400
    covered = {
        "the meeting of the charts at 1/2 - 8 q": near == (far[0], (F(0), F(8))),
        "q <= 1/32 near a riser": near[0][1] <= -5,
        "the smallest q": near[0][0] <= -31 and least >= F(1, 2**31),
        "a q between two charts": near[0][1] >= space[0][0] and space[0][1] >= frequency[0][0],
        "the largest q": frequency[0][1] >= 9 and most <= 2**9,
        "a part of the period": space[1] == (F(-1, 2), F(1, 2)) and frequency[1] == (F(0), F(1)),
    }
    return next((what for what, holds in covered.items() if not holds), None)


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="certified", scope="box")
def margins_are_positive_on_every_chart(run: Run) -> Outcome:
    """Balls: |D - mu| < eps / 2, spacing in [1/20, 4], sigma in [1e-4, 1e3], all x and phases."""
    missing = uncovered()
    if missing is not None:
        return refuted(f"the charts leave out {missing}")
    return proved_on_charts("lattice-denoiser", CHARTS, run.progress)


@evidence(lattice_denoiser.LATTICE_DENOISER, kind="certified", scope="step")
def second_checker_verifies_the_certificates(run: Run) -> Outcome:
    """The charts are covered exactly, and their boxes are evaluated again in intervals."""
    return verified_again("lattice-denoiser", CHARTS, run.size(64, 256, 5000), run.seed)


@evidence(lattice_denoiser.LATTICE_DENOISER_PHASES, kind="symbolic", scope="whole")
def a_shift_rises_by_at_most_a_period(run: Run) -> Outcome:
    """a = E[k](u) - E[k](u - delta) and 1 - a are nonnegative for delta in [0, 1].

    (1 - delta) - (a - delta) = 1 - a and (a - delta) + delta = a bound |a - delta| by
    max(delta, 1 - delta), which is at least 1/2, and at least 1 outside [0, 1].
    """
    del run
    a, delta = sympy.symbols("a delta", real=True)
    shifted = (k + delta - u) - (k - (u - delta))
    square = (k - u) ** 2
    spacing = theta_checks.eps
    stated = lattice_denoiser.LATTICE_DENOISER_PHASES
    right = stated.right(ctx, spacing=spacing, shift=delta)
    moved = theta_checks.offset_of_the_mean(theta_checks.phase + delta)
    return derive(
        {
            "the other phase is a shift": sympy.expand(shifted),
            "a period": sympy.expand(square.subs({k: k + 1, u: u + 1}, simultaneous=True) - square),
            "from above": sympy.expand((1 - delta) - (a - delta) - (1 - a)),
            "from below": sympy.expand((a - delta) + delta - a),
            "left as stated": stated.left(ctx, **theta_checks.AT, shift=delta)
            - sympy.Abs(moved - theta_checks.offset_of_the_mean()),
            "right side": sympy.expand(right - spacing * sympy.Max(delta, 1 - delta)),
        },
        detail="nondecreasing by smoothed-score.second-order",
    )
