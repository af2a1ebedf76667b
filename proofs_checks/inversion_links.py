"""The links of the reduction: y has its law, posterior draws decode alike, weak signs are rare."""

from fractions import Fraction

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import hard_instance, inversion_links, lattice
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

ctx = Symbols()
R, s = sympy.symbols("R s", positive=True)
x, tau = sympy.symbols("x tau", real=True)
n = sympy.Symbol("n", positive=True)
q, p, w, mean, second = sympy.symbols("q p w mean second", positive=True)

TABLES = (((0,), (0,)), ((0,), (1,)), ((0, 1), (0, 1), (1, 1), (0, 0)))


@evidence(inversion_links.INVERSION_MARGINAL, kind="symbolic", scope="whole")
def hidden_coordinates_integrate_to_one(run: Run) -> Outcome:
    """The first n coordinates integrate to 1 given s; what is left depends on f(s) alone.

    So the sum over words is the sum over images weighed by their preimages: spelt out for three
    tables, with any numbers for the densities of y_j given a bit.
    """
    del run
    density = sympy.exp(-((x - R) ** 2) / (2 * s)) / sympy.sqrt(2 * sympy.pi * s)
    steps = {"a hidden coordinate": sympy.integrate(density, (x, -sympy.oo, sympy.oo)) - 1}
    for number, table in enumerate(TABLES):
        pairs = [sympy.symbols(f"a{j} b{j}") for j in range(len(table[0]))]
        flat = [(sympy.Integer(1), sympy.Integer(1))] * hard_instance.hidden_bits(table)
        words = sum(hard_instance.vertex_densities(table, flat + pairs))
        images = sympy.Integer(0)
        for image in set(table):
            product = sympy.Integer(table.count(image))
            for pair, bit in zip(pairs, image, strict=True):
                product = product * pair[bit]
            images = images + product
        steps[f"table {number}"] = sympy.expand(words - images)
    eps, beta, y = sympy.Symbol("eps", positive=True), sympy.Symbol("beta", positive=True), (x,)
    own = [lattice.density(ctx, eps, ctx.number(p), R * beta, R * x) for p in hard_instance.PHASES]
    for side in ("left", "right"):
        formula = getattr(inversion_links.INVERSION_MARGINAL, side)
        stated = formula(ctx, TABLES[1], R, eps, beta, y)
        steps[f"{side} as stated"] = stated - R * (own[0] + own[1]) / 2
    return derive(steps)


@evidence(inversion_links.INVERSION_MARGINAL, kind="certified", scope="step")
def both_densities_overlap_in_balls(run: Run) -> Outcome:
    """The density made from images and the one summed over words, on a grid of y and noises."""
    places = [Fraction(k, 16) for k in range(-8, run.size(9, 9, 9), 2)]
    cases = 0
    with Balls(128) as balls:
        for table in TABLES:
            for beta in (Fraction(1, 100), Fraction(1, 8), Fraction(2)):
                for place in places:
                    y = [balls.number(place + Fraction(j, 7)) for j in range(len(table[0]))]
                    R, eps, noise = (balls.number(v) for v in (4, Fraction(3, 2), beta))
                    left = inversion_links.constructed_density(balls, table, R, eps, noise, y)
                    right = inversion_links.marginal_density(balls, table, R, eps, noise, y)
                    cases += 1
                    if not left.overlaps(right):
                        call = f"inversion_links.constructed_density(ctx, {table}, 4, 3/2, {beta}"
                        return refuted(f"{call}, {place} ...) = {left} != {right}")
    return proved(cases)


@evidence(inversion_links.INVERSION_EXCHANGE, kind="symbolic", scope="whole")
def both_draws_are_decoded(run: Run) -> Outcome:
    """Given y, sum_c P(c|y)^2 >= P(g(y)|y)^2 = r^2; E r^2 - (E r)^2 is a variance; E r = 1 - p.

    The stated sides are evaluated on a general law of two cells and two images, masses positive.
    """
    del run
    a, b, c, d = sympy.symbols("a b c d", positive=True)
    joint, total = ((a, b), (c, d)), a + b + c + d
    right = (a + d) / total
    spread = sympy.expand((w - mean) ** 2)
    variance = spread.coeff(w, 2) * second + spread.coeff(w, 1) * mean + spread.coeff(w, 0)
    agreed = ((a**2 + b**2) / (a + b) + (c**2 + d**2) / (c + d)) / total
    # what is dropped: the squares of the other images, and the variance over y, both >= 0
    others = (b**2 / (a + b) + c**2 / (c + d)) / total
    over_y = (a + b) * (c + d) / total**2 * (a / (a + b) - d / (c + d)) ** 2
    stated = inversion_links.two_misses(ctx, joint, (0, 1))
    slack = stated - inversion_links.disagreement(ctx, joint)
    return derive(
        {
            "variance": sympy.expand(second - mean**2 - variance),
            "agreement as stated": sympy.simplify(inversion_links.agreement(ctx, joint) - agreed),
            "2 p - p^2": sympy.simplify(stated - (1 - right**2)),
            "2 p - p^2 <= 2 p": sympy.expand(2 * p - (2 * p - p**2) - p**2),
            "slack": sympy.simplify(slack - others - over_y),
        }
    )


def bernoulli() -> dict[str, sympy.Expr]:
    """n q - (1 - (1 - q)^n) is 0 at q = 0, of slope n (1 - (1 - q)^(n - 1)) >= 0."""
    gap = n * q - (1 - (1 - q) ** n)
    slope = n * (1 - (1 - q) ** (n - 1))
    return {
        "Bernoulli at 0": gap.subs(q, 0),
        "Bernoulli's slope": sympy.simplify(sympy.diff(gap, q) - slope),
    }


@evidence(inversion_links.INVERSION_SIGNS, kind="symbolic", scope="whole")
def weak_coordinates_are_rare(run: Run) -> Outcome:
    """Pr[N(1, 1 / R^2) <= tau] = Phi(-R (1 - tau)); both sides as stated; Bernoulli."""
    del run
    density = R * sympy.exp(-(R**2) * (x - 1) ** 2 / 2) / sympy.sqrt(2 * sympy.pi)
    weak = sympy.integrate(density, (x, -sympy.oo, tau))
    stated = inversion_links.weak_coordinate(ctx, R, tau)
    any_weak = inversion_links.any_weak_coordinate(ctx, n, R, tau)
    bound = inversion_links.sign_bound(ctx, n, R, tau)
    return derive(
        {
            "weak": sympy.simplify((weak - stated).rewrite(sympy.erf)),
            "any weak": sympy.simplify(any_weak - (1 - sympy.exp(n * sympy.log(1 - stated)))),
            "bound": bound - n * stated,
            **bernoulli(),
        }
    )
