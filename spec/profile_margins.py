"""The bend of the profile reduced to polynomials, in forms whose slack does not vanish.

With a = exp(-place / q) and p = exp(-(1 - place) / q), 0 < p <= a <= 1, the index k has weight
a^(k (k + 1) / 2) p^(k (k - 1) / 2), and the claim is |kappa_3| <= a. S_0^3 (a - kappa_3) and
S_0^3 (a + kappa_3), S_o the sums of k^o times weights, are power series in a and p with integer
coefficients: the first is a^2 (4 + 3 a + a^2) + p A, the second a B, and A and B are the margins,
for q <= 1. `TERMS` indices on either side are kept; what the others add is bounded by `rest`.

Two charts: p = s a for small a, and p = NOME s / a, as a p = exp(-1 / q) <= 1 / e < NOME.
"""

from fractions import Fraction
from functools import cache

from hardposterior.spec.arithmetic import Arithmetic, Number

Polynomial = dict[tuple[int, int], int]
"""Coefficients by the powers of a and p."""

TERMS = 6
NOME = Fraction(46, 125)


def product(first: Polynomial, second: Polynomial) -> Polynomial:
    """The product of two polynomials."""
    found: Polynomial = {}
    for (i, j), c in first.items():
        for (k, m), d in second.items():
            found[i + k, j + m] = found.get((i + k, j + m), 0) + c * d
    return found


def combination(*parts: tuple[int, Polynomial]) -> Polynomial:
    """The sum of multiples of polynomials, without zeros."""
    found: Polynomial = {}
    for factor, part in parts:
        for powers, c in part.items():
            found[powers] = found.get(powers, 0) + factor * c
    return {powers: c for powers, c in found.items() if c}


def index_sum(order: int) -> Polynomial:
    """The sum over |k| <= TERMS of k^order a^(k (k + 1) / 2) p^(k (k - 1) / 2)."""
    weights = {k: (k * (k + 1) // 2, k * (k - 1) // 2) for k in range(-TERMS, TERMS + 1)}
    return {powers: k**order for k, powers in weights.items()}


@cache
def slack(sign: int) -> Polynomial:
    """S_0^3 (a - sign kappa_3) with TERMS indices on either side."""
    sums = [index_sum(order) for order in range(4)]
    square = product(sums[0], sums[0])
    third = combination(
        (1, product(sums[3], square)),
        (-3, product(product(sums[1], sums[2]), sums[0])),
        (2, product(sums[1], product(sums[1], sums[1]))),
    )
    return combination((1, product({(1, 0): 1}, product(square, sums[0]))), (-sign, third))


def divided(polynomial: Polynomial, a: int, p: int) -> Polynomial:
    """The terms that a^a p^p divides, divided by it."""
    return {(i - a, j - p): c for (i, j), c in polynomial.items() if i >= a and j >= p}


def value(ctx: Arithmetic, polynomial: Polynomial, a: Number, p: Number) -> Number:
    """The polynomial at (a, p), by powers of a with coefficients in p."""
    highest_a = max(i for i, _ in polynomial)
    highest_p = max(j for _, j in polynomial)
    total = ctx.number(0)
    for i in range(highest_a, -1, -1):
        inner = ctx.number(0)
        for j in range(highest_p, -1, -1):
            inner = inner * p + polynomial.get((i, j), 0)
        total = total * a + inner
    return total


def rest(ctx: Arithmetic, a: Number, p: Number) -> Number:
    """What the indices beyond TERMS can add to A or B.

    Every |S_o| <= S, the sum of 1 and the |k|^3 times weights. A sum changes by at most p D, and by
    at most a D; so a product of three changes by 3 S^2 D, and in all 3 + 3 + 9 + 6 = 21 S^2 D.
    """
    inner = ctx.number(1)
    for k in range(1, TERMS + 1):
        scale = (a * p) ** (k * (k - 1) // 2)
        inner = inner + k**3 * scale * (a**k + p**k)
    # beyond TERMS, |k|^3 (a p)^(k (k - 1) / 2) / p falls by more than a factor 2 from k to k + 1
    k = TERMS + 1
    outer = 4 * k**3 * (a * p) ** (k * (k - 1) // 2 - 1)
    return 21 * (inner + outer) ** 2 * outer


def upper_at(ctx: Arithmetic, a: Number, p: Number) -> Number:
    """A less the rest."""
    return value(ctx, divided(slack(1), 0, 1), a, p) - rest(ctx, a, p)


def lower_at(ctx: Arithmetic, a: Number, p: Number, quotient: Number) -> Number:
    """B less the rest; `quotient` is p / a."""
    with_a = value(ctx, divided(slack(-1), 1, 0), a, p)
    without = {(0, j - 1): c for (i, j), c in slack(-1).items() if i == 0}
    return with_a + quotient * value(ctx, without, a, p) - rest(ctx, a, p)


def upper_margin(ctx: Arithmetic, a: Number, s: Number) -> Number:
    """A at p = s a: positive where kappa_3 <= a."""
    return upper_at(ctx, a, s * a)


def upper_margin_near_one(ctx: Arithmetic, a: Number, s: Number) -> Number:
    """A at p = NOME s / a."""
    return upper_at(ctx, a, ctx.number(NOME) * s / a)


def lower_margin(ctx: Arithmetic, a: Number, s: Number) -> Number:
    """B at p = s a: positive where kappa_3 >= -a."""
    return lower_at(ctx, a, s * a, s)


def lower_margin_near_one(ctx: Arithmetic, a: Number, s: Number) -> Number:
    """B at p = NOME s / a."""
    p = ctx.number(NOME) * s / a
    return lower_at(ctx, a, p, p / a)


def fourier_bound(ctx: Arithmetic, q: Number) -> Number:
    """sup |d^2 H / dplace^2| exp(1 / (2 q)) q^2 is at most this; it falls with q from q = 1 on.

    H = -q T'/T, T'/T = -4 pi times the sum over odd k of p sin / (1 + 2 p cos + p^2), p = rho^k,
    whose terms are sums of +-p^j sin(2 pi j u): twice differentiated, 4 pi^2 p (1 + p) / (1 - p)^3.
    """
    rho = ctx.exp(-2 * ctx.pi * ctx.pi * q)
    shape = rho / (1 - rho * rho) * (1 + rho) / (1 - rho) ** 3
    return 16 * ctx.pi**3 * q**3 * shape * ctx.exp(1 / (2 * q))
