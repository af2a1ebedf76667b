"""The smoothing bounds: derived whole in sympy, and proved again in balls on the whole range."""

from fractions import Fraction

import sympy

from hardposterior.proofs_checks import theta as theta_checks
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.outcomes import proved_on_charts, verified_again
from hardposterior.spec import lattice_margins as margins
from hardposterior.spec import lattice_smoothing, theta
from hardposterior.spec.evidence import Outcome, Run, evidence, refuted
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.statements import Formula

rho, p = sympy.symbols("rho p", positive=True)
c, s = sympy.symbols("c s", real=True)
j = sympy.Symbol("j", integer=True, positive=True)

PRODUCT_CHARTS = (
    (margins.product_margin, ((Fraction(0), Fraction(3, 4)), (Fraction(-1), Fraction(1)))),
    (
        margins.product_margin_near_one,
        ((Fraction(-32), Fraction(-2)), (Fraction(-4), Fraction(4))),
    ),
)
"""Charts that cover rho in [0, 1 - 2^-32]: spacing up to 4 and sigma from 1e-4 give q >= 6.2e-10
and rho <= 1 - 1.2e-8."""

SMOOTHING_DOMAIN = ((Fraction(0), margins.TOP), (Fraction(0), Fraction(1)))


def log_derivative_step() -> sympy.Expr:
    """d/dx log(phi_{sqrt t}(x) T(u)) + x / t - T'(u) / (eps t T(u))."""
    x, eps, sigma, phase = (
        theta_checks.x,
        theta_checks.eps,
        theta_checks.sigma,
        theta_checks.phase,
    )
    t = theta_checks.t
    shape = sympy.Function("T")
    u = theta.offset(eps, phase, sigma, x)
    z = sympy.Symbol("z", real=True)
    slope = sympy.diff(shape(z), z).subs(z, u).doit()
    log_density = -(x**2) / (2 * t) + sympy.log(shape(u))
    return sympy.simplify(sympy.diff(log_density, x).doit() + x / t - slope / (eps * t * shape(u)))


def score_gap_as_stated(formula: Formula) -> sympy.Expr:
    """A registered left side less |(D - x) / sigma^2 + x / t|, written out."""
    x, t, sigma = theta_checks.x, theta_checks.t, theta_checks.sigma
    mean = x / t + theta_checks.offset_of_the_mean()
    stated = formula(theta_checks.ctx, **theta_checks.AT)
    return stated - sympy.Abs((mean - x) / sigma**2 + x / t)


def in_rho(formula: Formula) -> sympy.Expr:
    """A registered right side as a function of the symbols rho, eps and sigma."""
    eps, sigma = theta_checks.eps, theta_checks.sigma
    value = formula(theta_checks.ctx, spacing=eps, sigma=sigma)
    nome = theta.nome(theta_checks.ctx, theta.ratio(eps, sigma))
    return value.subs(sympy.expand(nome), rho).subs(nome, rho)


def geometric(term: sympy.Expr) -> sympy.Expr:
    """The sum over j >= 1 of `term` for 0 < rho < 1, by sympy."""
    total = sympy.summation(term, (j, 1, sympy.oo))
    return total.replace(sympy.Piecewise, lambda convergent, *_: convergent[0])


def exponent_step() -> sympy.Expr:
    """j^2 - (1 + 3 (j - 1)) - (j - 1)(j - 2): nonnegative for every integer j >= 1."""
    return j**2 - (1 + 3 * (j - 1)) - (j - 1) * (j - 2)


@evidence(lattice_smoothing.LATTICE_SMOOTHING, kind="symbolic", scope="whole")
def geometric_series_of_the_bound(run: Run) -> Outcome:
    """s + x / t = T' / (eps t T); the geometric series bound |T'| above and T below."""
    del run
    slope = geometric(j * rho ** (1 + 3 * (j - 1)))
    cosines = geometric(2 * rho ** (1 + 3 * (j - 1)))
    return derive(
        {
            "logarithmic derivative": log_derivative_step(),
            "exponents": exponent_step(),
            "slope series": sympy.simplify(slope - rho / (1 - rho**3) ** 2),
            "cosine series": sympy.simplify(cosines - theta.eta_of(rho)),
            "left as stated": score_gap_as_stated(lattice_smoothing.LATTICE_SMOOTHING.left),
            "right side": sympy.simplify(
                in_rho(lattice_smoothing.LATTICE_SMOOTHING.right)
                - 4
                * sympy.pi
                / (theta_checks.eps * theta_checks.t)
                * rho
                / margins.bound_denominator(rho)
            ),
            "denominator": sympy.simplify(
                (1 - rho**3) ** 2 * (1 - theta.eta_of(rho)) - margins.bound_denominator(rho)
            ),
        }
    )


def margin_reduction(order: int) -> sympy.Expr:
    """T + K T' / (4 pi rho) - rho M - (1 - sin)(1 - rho / TOP), with series cut at `order`.

    It vanishes, so positivity of the margin M proves the bound for 0 < rho <= TOP.
    """

    class Cut(type(theta_checks.ctx)):  # type: ignore[misc]
        def series(self, term, tail, first=0):  # type: ignore[no-untyped-def]
            del tail
            return sum(term(i) for i in range(first, order + 1))

    cut, u = Cut(), sympy.Symbol("u", real=True)
    denominator = margins.bound_denominator(rho)
    claim = theta.theta(cut, rho, u) + denominator * theta.theta_slope(cut, rho, u) / (
        4 * sympy.pi * rho
    )
    sine = sympy.sin(2 * sympy.pi * u)
    dropped = (1 - sine) * (1 - rho / sympy.Rational(margins.TOP))
    return sympy.expand(claim - rho * margins.smoothing_margin(cut, rho, u) - dropped)


@evidence(lattice_smoothing.LATTICE_SMOOTHING, kind="symbolic", scope="step")
def margin_is_the_bound_reduced(run: Run) -> Outcome:
    """The two-variable margin that the balls prove implies the bound (series cut at 6 terms)."""
    del run
    return derive({"reduction": margin_reduction(6)})


@evidence(lattice_smoothing.LATTICE_SMOOTHING, kind="certified", scope="whole")
def margin_is_positive_for_every_rho_and_u(run: Run) -> Outcome:
    """Balls: the margin is positive for rho in [0, TOP], u in [0, 1]: all x, phases, spacings."""
    (low, top), period = SMOOTHING_DOMAIN
    if low > 0 or theta.eta_margin_of(top) >= 0 or period != (Fraction(0), Fraction(1)):
        return refuted(f"{SMOOTHING_DOMAIN} leaves out a part of eta < 1 or of the period")
    charts = [(margins.smoothing_margin, SMOOTHING_DOMAIN)]
    return proved_on_charts("lattice-smoothing", charts, run.progress)


@evidence(lattice_smoothing.LATTICE_SMOOTHING, kind="certified", scope="step")
def second_checker_verifies_the_certificate(run: Run) -> Outcome:
    """The proof's boxes cover the domain exactly; a sample of them is evaluated in intervals."""
    charts = [(margins.smoothing_margin, SMOOTHING_DOMAIN)]
    return verified_again("lattice-smoothing", charts, run.size(64, 256, 5000), run.seed)


@evidence(lattice_smoothing.LATTICE_SMOOTHING_PRODUCT, kind="symbolic", scope="whole")
def every_factor_is_a_square(run: Run) -> Outcome:
    """With C = c^2 - s^2, S = 2 c s: 1 + 2 p C + p^2 - (1 - p^2) S = ((1 + p) c - (1 - p) s)^2.

    The product form of T is Jacobi's, classical and recomputed under `lattice-smoothing.range`.
    """
    del run
    cosine, sine, one = c**2 - s**2, 2 * c * s, c**2 + s**2
    square = (1 + p**2) * one + 2 * p * cosine - (1 - p**2) * sine
    u = sympy.Symbol("u", real=True)
    angle = 2 * sympy.pi * u
    factor = 1 + 2 * p * sympy.cos(angle) + p**2
    slope = sympy.diff(sympy.log(factor), u) + 4 * sympy.pi * p * sympy.sin(angle) / factor
    eps, sigma, symbols = theta_checks.eps, theta_checks.sigma, theta_checks.ctx
    nome = theta.nome(symbols, theta.ratio(eps, sigma))
    return derive(
        {
            "logarithmic derivative": log_derivative_step(),
            "slope of a factor": slope,
            "left as stated": score_gap_as_stated(lattice_smoothing.LATTICE_SMOOTHING_PRODUCT.left),
            "right side": lattice_smoothing.LATTICE_SMOOTHING_PRODUCT.right(
                symbols, spacing=eps, sigma=sigma
            )
            - 4 * sympy.pi / (eps * theta_checks.t) * lattice_smoothing.odd_powers(symbols, nome),
            "square": square - ((1 + p) * c - (1 - p) * s) ** 2,
        }
    )


@evidence(lattice_smoothing.LATTICE_SMOOTHING_PRODUCT, kind="symbolic", scope="step")
def margins_are_two_factors_reduced(run: Run) -> Outcome:
    """Each factor leaves a square of p - tan phi; two of them are the margins that balls prove."""
    del run
    phi, w, g = sympy.symbols("phi w g", real=True)
    quarter = sympy.pi / 4 + phi
    root = (1 + p) * sympy.cos(quarter) - (1 - p) * sympy.sin(quarter)
    tangent = rho + rho**2 * w
    squares = (rho - tangent) ** 2 + rho**2 * (rho**3 - tangent) ** 2
    near = margins.product_margin(None, rho, w)  # type: ignore[arg-type]
    at_gap = near.subs({rho: 1 - g, w: g * w}, simultaneous=True)
    return derive(
        {
            "root": sympy.expand_trig(root) - sympy.sqrt(2) * (p * sympy.cos(phi) - sympy.sin(phi)),
            "first chart": sympy.expand(squares - rho**4 * near),
            "second chart": sympy.expand(at_gap - g**2 * (w**2 + (2 - g + (1 - g) * w) ** 2)),
        }
    )


@evidence(lattice_smoothing.LATTICE_SMOOTHING_PRODUCT, kind="certified", scope="box")
def product_margins_are_positive_on_every_chart(run: Run) -> Outcome:
    """Balls: the sharper bound holds, strictly, for spacing in [1/20, 4] and sigma >= 1e-4."""
    return proved_on_charts("lattice-smoothing.product", PRODUCT_CHARTS, run.progress)


@evidence(lattice_smoothing.LATTICE_SMOOTHING_DENSITY, kind="symbolic", scope="whole")
def cosines_add_up_to_eta(run: Run) -> Outcome:
    """|T - 1| <= eta and |T_0 - 1| <= eta_0, so |T / T_0 - 1| <= (eta + eta_0) / (1 - eta_0)."""
    del run
    cosines = geometric(2 * rho ** (1 + 3 * (j - 1)))
    numerator, denominator = sympy.symbols("T T_0", positive=True)
    eps = theta_checks.eps
    left = lattice_smoothing.LATTICE_SMOOTHING_DENSITY.left(theta_checks.ctx, **theta_checks.AT)
    right = lattice_smoothing.LATTICE_SMOOTHING_DENSITY.right
    smooth = gaussian_density(theta_checks.ctx, theta_checks.t, theta_checks.x)
    unsmoothed = lattice_smoothing.eta_0(theta_checks.ctx, eps)
    split = (numerator - 1) - (denominator - 1)
    return derive(
        {
            "exponents": exponent_step(),
            "cosine series": sympy.simplify(cosines - theta.eta_of(rho)),
            "left as stated": left - sympy.Abs(theta_checks.smoothed_density() / smooth - 1),
            "right side": sympy.simplify(
                in_rho(right) - (theta.eta_of(rho) + unsmoothed) / (1 - unsmoothed)
            ),
            "quotient": numerator / denominator - 1 - split / denominator,
        }
    )
