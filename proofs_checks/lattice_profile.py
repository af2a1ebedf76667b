"""The lattice's profile, derived: its cumulants, its flat part and the law of its argument."""

from fractions import Fraction

import sympy

from hardposterior.proofs_checks import theta as theta_checks
from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.branch_and_bound import Box, Margin
from hardposterior.proofs_checks.derivation import derive, over_integers
from hardposterior.proofs_checks.outcomes import proved_on_charts
from hardposterior.spec import lattice, lattice_profile, theta
from hardposterior.spec import profile_margins as margins
from hardposterior.spec.evidence import Outcome, Run, evidence, refuted

k, j = sympy.symbols("k j", integer=True)
q = sympy.Symbol("q", positive=True)
eps, sigma = theta_checks.eps, theta_checks.sigma
place, phase, u, x = sympy.symbols("place theta u x", real=True)
HALF = sympy.Rational(1, 2)
ctx = Symbols()
F = Fraction
CHARTS: tuple[tuple[Margin, Box], ...] = (
    (margins.upper_margin, ((F(0), F(61, 100)), (F(0), F(1)))),
    (margins.lower_margin, ((F(0), F(61, 100)), (F(0), F(1)))),
    (margins.upper_margin_near_one, ((F(61, 100), F(1)), (F(0), F(1)))),
    (margins.lower_margin_near_one, ((F(61, 100), F(1)), (F(0), F(1)))),
)
"""Charts (a, s) that cover 0 <= p <= a <= 1, a p <= 1 / e."""

EXPONENT = -(k * (k - 1) + 2 * k * place) / (2 * q)
AT = {"q": q, "place": place}


def index_mean(order: int, ratio: sympy.Expr = q, at: sympy.Expr = place) -> sympy.Expr:
    """E[k^order], written out."""

    def total(power: int) -> sympy.Expr:
        return over_integers(
            lambda i: i**power * sympy.exp(-(i * (i - 1) + 2 * i * at) / (2 * ratio))
        )

    return total(order) / total(0)


def profile_of(ratio: sympy.Expr = q, at: sympy.Expr = place) -> sympy.Expr:
    """H, written out."""
    return HALF - at - index_mean(1, ratio, at)


def third_cumulant() -> sympy.Expr:
    """kappa_3[k], written out."""
    first, second, third = (index_mean(order) for order in (1, 2, 3))
    return third - 3 * first * second + 2 * first**3


@evidence(lattice_profile.LATTICE_PROFILE, kind="symbolic", scope="whole")
def profile_is_the_offset_in_spacings(run: Run) -> Outcome:
    """The lattice's weights at x are those of the index but for a factor free of k.

    And (mu - a_k) / eps = 1/2 - place - k, whose average is H.
    """
    del run
    t = lattice.smoothed_variance(sigma)
    at = t * eps * (phase + HALF - place)
    point = lattice.lattice_point(eps, phase, k)
    weight = -(point**2) / 2 - (at - point) ** 2 / (2 * sigma**2)
    index = EXPONENT.subs(q, theta.ratio(eps, sigma))
    stated = lattice_profile.LATTICE_PROFILE
    sides = {"spacing": eps, "phase": phase, "sigma": sigma, "place": place}
    return derive(
        {
            "left as stated": stated.left(ctx, **sides)
            + theta_checks.offset_of_the_mean(phase, at),
            "right as stated": stated.right(ctx, **sides)
            - eps * profile_of(lattice.conditional_variance(sigma) / eps**2),
            "weights": sympy.simplify(sympy.diff(weight - index, k)),
            "offset": sympy.simplify((at / t - point) / eps - (HALF - place - k)),
        }
    )


def moments_of_the_index() -> tuple[list[sympy.Expr], dict[sympy.Expr, sympy.Expr]]:
    """S_o = sum of k^o times weights, and dS_o / dplace = -S_(o+1) / q."""
    sums = [sympy.Function(f"S{order}")(place) for order in range(4)]
    return sums, {sympy.diff(sums[i], place): -sums[i + 1] / q for i in range(3)}


@evidence(lattice_profile.PROFILE_SECOND_ORDER, kind="symbolic", scope="whole")
def cumulants_are_derivatives(run: Run) -> Outcome:
    """Twice by the quotient rule; the slope on the way is Var / q - 1."""
    del run
    sums, slopes = moments_of_the_index()
    first, second, third = (sums[i] / sums[0] for i in (1, 2, 3))
    profile = HALF - place - first
    slope = sympy.diff(profile, place).subs(slopes)
    bend = sympy.diff(slope, place).subs(slopes)
    weight = sympy.exp(EXPONENT)
    stated = lattice_profile.PROFILE_SECOND_ORDER
    return derive(
        {
            "left as stated": stated.left(ctx, **AT) - sympy.diff(profile_of(), place, 2),
            "right as stated": stated.right(ctx, **AT) + third_cumulant() / q**2,
            "a weight's derivative": sympy.diff(weight, place) + k * weight / q,
            "slope": sympy.expand(slope - ((second - first**2) / q - 1)),
            "bend": sympy.expand(bend + (third - 3 * first * second + 2 * first**3) / q**2),
        }
    )


@evidence(lattice_profile.PROFILE_FLAT, kind="symbolic", scope="whole")
def next_weight_bounds_the_mean(run: Run) -> Outcome:
    """sum of k w_k over k >= 1 is w_1 times the sum of (j + 1) exp(-j / q) w_j over j >= 0.

    (j + 1) exp(-j / q) <= 1 where q <= 1 / log 2, as j + 1 <= 2^j, by induction; negative k lower
    the mean. For larger q: E[k] <= 1/2 (pairing k with 1 - k, under lattice-denoiser), and
    exp(-place / q) >= exp(-log 2 / 2) = 1 / sqrt 2.
    """
    del run
    step = EXPONENT.subs(k, j + 1) - EXPONENT.subs(k, j) - EXPONENT.subs(k, 1) + j / q
    critical = 1 / sympy.log(2)
    stated = lattice_profile.PROFILE_FLAT
    return derive(
        {
            "left as stated": stated.left(ctx, **AT) - index_mean(1),
            "right as stated": stated.right(ctx, **AT) - sympy.exp(-place / q),
            "shifted weight": sympy.expand(step),
            "2^j beats j + 1": sympy.expand(2 * (j + 1) - (j + 2) - j),
            "at q = 1 / log 2": sympy.simplify(2 * sympy.exp(-1 / critical) - 1),
            "for larger q": sympy.simplify(sympy.exp(-HALF / critical) - 1 / sympy.sqrt(2)),
            "w_1": sympy.expand(EXPONENT.subs(k, 1) + place / q),
        }
    )


@evidence(lattice_profile.PROFILE_LAW, kind="symbolic", scope="whole")
def law_of_the_argument_by_poisson_summation(run: Run) -> Outcome:
    """lattice-density at x = t eps (u + k + theta): T(u) is free of k, phi_{sqrt t} sums to T_{q'}.

    t eps phi_{sqrt t}(t eps y) is the N(0, q') density at y, q' = 1 / (t eps^2); its sum over
    y in u + theta + Z is T_{q'}(u + theta) by lattice-density.space.
    """
    del run
    t = lattice.smoothed_variance(sigma)
    rest = 1 / (t * eps**2)
    normal = sympy.exp(-(u**2) / (2 * rest)) / sympy.sqrt(2 * sympy.pi * rest)
    scaled = t * eps * sympy.exp(-((t * eps * u) ** 2) / (2 * t)) / sympy.sqrt(2 * sympy.pi * t)
    moved = theta.offset(eps, phase, sigma, t * eps * (u + k + phase))
    stated, at = lattice_profile.PROFILE_LAW, {**theta_checks.AT, "x": u}
    nomes = [sympy.exp(-2 * sympy.pi**2 * r) for r in (theta.ratio(eps, sigma), rest, 1 / eps**2)]
    waves = [
        theta_checks.cosines(nome, y) for nome, y in zip(nomes, (u, u + phase, phase), strict=True)
    ]
    return derive(
        {
            "left as stated": stated.left(ctx, **at)
            - over_integers(
                lambda i: t * eps * theta_checks.smoothed_density(t * eps * (u + i + phase))
            ),
            "right as stated": stated.right(ctx, **at) - waves[0] * waves[1] / waves[2],
            "argument": sympy.simplify(moved - (u + k)),
            "Gaussian": sympy.simplify(normal / scaled - 1),
            "q + q'": sympy.simplify(theta.ratio(eps, sigma) + rest - 1 / eps**2),
        },
        detail="T has period 1",
    )


@evidence(lattice_profile.PROFILE_BEND, kind="symbolic", scope="step")
def weights_and_the_series_in_two_variables(run: Run) -> Outcome:
    """The weights are a^(k (k + 1) / 2) p^(k (k - 1) / 2), and the series' parts free of p."""
    del run
    a, p = -place / q, -(1 - place) / q  # their logarithms
    free = {powers: c for powers, c in margins.slack(1).items() if powers[1] == 0}
    x, y = sympy.symbols("a p")
    polynomial = sum((c * x**i * y**j for (i, j), c in free.items()), sympy.Integer(0))
    least = min(i + j for i, j in margins.slack(-1))
    return derive(
        {
            "weights": sympy.expand(a * k * (k + 1) / 2 + p * k * (k - 1) / 2 - EXPONENT),
            "left as stated": lattice_profile.PROFILE_BEND.left(ctx, **AT)
            - sympy.Abs(third_cumulant() / q**2),
            "free of p": sympy.expand(polynomial - x**2 * (4 + 3 * x + x**2)),
            "a divides": sympy.Integer(least - 1),
            "the envelope over q^2": sympy.exp(a) / q**2
            - lattice_profile.PROFILE_BEND.right(ctx, **AT),
        }
    )


@evidence(lattice_profile.PROFILE_BEND, kind="certified", scope="whole")
def third_cumulant_below_the_envelope(run: Run) -> Outcome:
    """Balls: A and B on charts that cover q <= 1, every place; from q = 1 on the Fourier bound.

    It falls with q: its logarithm has slope at most 3 / q - 2 pi^2, and the rest falls with rho.
    """
    with Balls(128) as balls:
        one = balls.number(1)
        certain = {
            "the Fourier bound at q = 1": margins.fourier_bound(balls, one) < 1,
            "its slope": 3 - 2 * balls.pi**2 < 0,
            "what is free of p": all(c > 0 for (_, j), c in margins.slack(1).items() if j == 0),
            "1 / e below NOME": (-one).exp() < balls.number(margins.NOME),
        }
    for name, holds in certain.items():
        if not holds:
            return refuted(f"{name}: not certain")
    return proved_on_charts("piecewise-linear-score.bend", CHARTS, run.progress)
