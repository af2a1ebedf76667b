"""Theta forms of the smoothed lattice: derived in sympy, and by an independent route in Arb."""

import random

import sympy
from flint import acb, arb

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.derivation import derive, over_integers, series
from hardposterior.spec import lattice, theta
from hardposterior.spec.evidence import Outcome, Run, evidence, held, proved, refuted
from hardposterior.spec.smoothing import gaussian_density

x, y, mu = sympy.symbols("x y mu", real=True)
k = sympy.Symbol("k", integer=True)
j = sympy.Symbol("j", integer=True, positive=True)
eps, sigma, q = sympy.symbols("eps sigma q", positive=True)
phase = sympy.Symbol("theta", real=True)

HALF = sympy.Rational(1, 2)
ctx = Symbols()
t = lattice.smoothed_variance(sigma)
v = lattice.conditional_variance(sigma)


def completed_square() -> sympy.Expr:
    """a^2 / 2 + (x - a)^2 / (2 sigma^2) - x^2 / (2 t) - (a - mu)^2 / (2 v), a = eps (k + theta)."""
    a = lattice.lattice_point(eps, phase, k)
    joint = a**2 / 2 + (x - a) ** 2 / (2 * sigma**2)
    return sympy.together(joint - x**2 / (2 * t) - (a - x / t) ** 2 / (2 * v))


def reduction_to_two_variables() -> sympy.Expr:
    """(a - mu)^2 / (2 v) - (k - u)^2 / (2 q)."""
    a = lattice.lattice_point(eps, phase, k)
    u = theta.offset(eps, phase, sigma, x)
    return sympy.together((a - x / t) ** 2 / (2 * v) - (k - u) ** 2 / (2 * theta.ratio(eps, sigma)))


def fourier_coefficient() -> sympy.Expr:
    """The j-th Fourier coefficient of the periodised N(0, q) density, less rho^(j^2)."""
    gaussian = sympy.exp(-(y**2) / (2 * q)) / sympy.sqrt(2 * sympy.pi * q)
    coefficient = sympy.integrate(
        gaussian * sympy.cos(2 * sympy.pi * j * y), (y, -sympy.oo, sympy.oo)
    )
    return sympy.simplify(coefficient - theta.nome(ctx, q) ** (j**2))


def prefactor() -> sympy.Expr:
    """phi_sigma(0) sqrt(2 pi v) / sqrt(2 pi) - phi_{sqrt t}(0): what the two sums leave."""
    kernel = gaussian_density(ctx, sigma**2, sympy.Integer(0))
    return kernel * sympy.sqrt(v) - gaussian_density(ctx, t, sympy.Integer(0))


def cosines(rho: sympy.Expr, u: sympy.Expr) -> sympy.Expr:
    """T(u) as it is stated, written out."""
    return 1 + series(lambda i: 2 * rho ** (i * i) * sympy.cos(2 * sympy.pi * i * u), first=1)


AT = {"spacing": eps, "phase": phase, "sigma": sigma, "x": x}


def lattice_moment(order: int, shift: sympy.Expr, place: sympy.Expr) -> sympy.Expr:
    """Sum of ((a - mu) / eps)^order over the joint weights of a and `place`, written out."""

    def term(i: sympy.Expr) -> sympy.Expr:
        a = eps * (i + shift)
        weight = sympy.exp(-(a**2) / 2 - (place - a) ** 2 / (2 * sigma**2))
        return weight * ((a - place / t) / eps) ** order

    return over_integers(term)


def offset_of_the_mean(shift: sympy.Expr = phase, place: sympy.Expr = x) -> sympy.Expr:
    """D - mu, written out."""
    return eps * lattice_moment(1, shift, place) / lattice_moment(0, shift, place)


def smoothed_density(place: sympy.Expr = x) -> sympy.Expr:
    """The lattice law's density after smoothing, written out."""
    own = over_integers(lambda i: sympy.exp(-((eps * (i + phase)) ** 2) / 2))
    kernel = 1 / sympy.sqrt(2 * sympy.pi * sigma**2)
    return lattice_moment(0, phase, place) / own * kernel


def density_as_stated() -> dict[str, sympy.Expr]:
    """The lattice's sums with the weights of the completed square, and phi T / T_0."""
    nomes = [sympy.exp(-2 * sympy.pi**2 * ratio) for ratio in (v / eps**2, 1 / eps**2)]
    periodic = cosines(nomes[0], x / (t * eps) - phase) / cosines(nomes[1], phase)
    return {
        "left as stated": theta.LATTICE_DENSITY.left(ctx, **AT) - smoothed_density(),
        "right as stated": theta.LATTICE_DENSITY.right(ctx, **AT)
        - gaussian_density(ctx, t, x) * periodic,
    }


@evidence(theta.LATTICE_DENSITY, kind="symbolic", scope="whole")
def completed_square_and_poisson_summation(run: Run) -> Outcome:
    """The square is completed, the sum is periodised, and the prefactors agree.

    Poisson summation itself (a Schwartz function and its Fourier transform) is classical.
    """
    del run
    return derive(
        {
            "completed square": completed_square(),
            "two variables": reduction_to_two_variables(),
            "Poisson, term by term": fourier_coefficient(),
            "constant term": fourier_coefficient().subs(j, 0),
            "normaliser": sympy.expand(
                lattice.lattice_point(eps, phase, k) ** 2 / 2
                - (k - (-phase)) ** 2 / (2 * (1 / eps**2))
            ),
            "prefactors": prefactor(),
            **density_as_stated(),
        }
    )


@evidence(theta.THETA_FORMS, kind="symbolic", scope="whole")
def fourier_coefficients_of_the_periodised_gaussian(run: Run) -> Outcome:
    """Poisson summation term by term: the coefficient at j is rho^(j^2)."""
    del run
    rho = theta.nome(ctx, q)
    total = over_integers(lambda i: sympy.exp(-((i - y) ** 2) / (2 * q)))
    return derive(
        {
            "Poisson, term by term": fourier_coefficient(),
            "left as stated": theta.THETA_FORMS.left(ctx, q=q, u=y) - cosines(rho, y),
            "right as stated": theta.THETA_FORMS.right(ctx, q=q, u=y)
            - total / sympy.sqrt(2 * sympy.pi * q),
        }
    )


@evidence(theta.THETA_FORMS, kind="property", scope="box")
def three_routes_to_theta_overlap(run: Run) -> Outcome:
    """Sum over frequencies, sum over space and Arb's modular_theta: overlapping tight balls."""
    draw = random.Random(run.seed)
    count = run.size(200, 1000, 20_000)
    with Balls(200) as balls:
        for _ in range(count):
            exponent, place = draw.uniform(-8, 3), draw.uniform(-2, 2)
            ratio, u = balls.number(2**exponent), balls.number(place)
            routes = [
                theta.theta(balls, theta.nome(balls, ratio), u),
                theta.theta_in_space(balls, ratio, u),
                acb.modular_theta(acb(u), acb(0, 2 * arb.pi() * ratio))[2].real,
            ]
            call = f"theta.theta(ctx, theta.nome(ctx, {2**exponent!r}), {place!r})"
            for route in routes:
                if not (route.rad() < arb(2) ** -100):
                    return refuted(f"{call}: a ball is too wide to compare: {route}")
                if not route.overlaps(routes[0]):
                    return refuted(f"{call} = {routes[0]}, another route gives {route}")
    return held(3 * count)


@evidence(theta.LATTICE_DENSITY, kind="property", scope="box")
def both_forms_of_the_density_overlap(run: Run) -> Outcome:
    """The sum over the lattice and phi T / T_0 overlap as tight balls at drawn parameters."""
    draw = random.Random(run.seed)
    count = run.size(100, 500, 10_000)
    with Balls(256) as balls:
        for _ in range(count):
            drawn = {
                "spacing": draw.uniform(0.3, 4),
                "phase": draw.random(),
                "sigma": 10 ** draw.uniform(-0.7, 1),
                "x": draw.uniform(-6, 6),
            }
            parameters = {name: balls.number(value) for name, value in drawn.items()}
            left = theta.LATTICE_DENSITY.left(balls, **parameters)
            right = theta.LATTICE_DENSITY.right(balls, **parameters)
            if not (left.overlaps(right) and (left - right).abs_upper() < left * arb(2) ** -64):
                return refuted(f"lattice.density(ctx, **{drawn}) = {left} against {right}")
    return held(count)


@evidence(theta.THETA_RANGE, kind="symbolic", scope="whole")
def every_factor_increases_in_the_cosine(run: Run) -> Outcome:
    """d/dC (1 + 2 p C + p^2) = 2 p > 0 and the factor is at least (1 - p)^2 > 0.

    Jacobi's triple product is classical; the next evidence recomputes it to a finite order.
    """
    del run
    p, c = sympy.symbols("p C", positive=True)
    factor = 1 + 2 * p * c + p**2
    low, here, high = (cosines(p, u) for u in (HALF, x, sympy.Integer(0)))
    return derive(
        {
            "left as stated": theta.THETA_RANGE.left(ctx, rho=p, u=x)
            - sympy.Abs(2 * here - high - low),
            "right as stated": theta.THETA_RANGE.right(ctx, rho=p, u=x) - (high - low),
            "slope": sympy.diff(factor, c) - 2 * p,
            "least value": factor.subs(c, -1) - (1 - p) ** 2,
        }
    )


@evidence(theta.THETA_RANGE, kind="exhaustive", scope="step")
def triple_product_to_a_finite_order(run: Run) -> Outcome:
    """Jacobi's product and the series have the same coefficients in rho up to the order tried."""
    order = run.size(16, 25, 49)
    # (i, m) stands for rho^i z^m, z = exp(2 pi i u)
    product: dict[tuple[int, int], int] = {(0, 0): 1}

    def times(factor: dict[tuple[int, int], int]) -> None:
        nonlocal product
        result: dict[tuple[int, int], int] = {}
        for (i, m), value in product.items():
            for (di, dm), weight in factor.items():
                if i + di < order:
                    key = (i + di, m + dm)
                    result[key] = result.get(key, 0) + value * weight
        product = {key: value for key, value in result.items() if value}

    for n in range(1, order + 1):
        times({(0, 0): 1, (2 * n, 0): -1})
        times({(0, 0): 1, (2 * n - 1, 1): 1})
        times({(0, 0): 1, (2 * n - 1, -1): 1})
    series = {(m * m, m): 1 for m in range(-order, order + 1) if m * m < order}
    if product != series:
        wrong = sorted(set(product.items()) ^ set(series.items()))[0]
        return refuted(f"coefficient of rho^{wrong[0][0]} z^{wrong[0][1]}: {wrong[1]}")
    return proved(len(series))
