"""The hard instance (Appendix A): hidden bits, the function that hides them, exact sums.

f: {-1,+1}^n -> {-1,+1}^m is a table of bits: row k is the image of the word whose bits are k in
binary, most significant first; s = 2 b - 1. Given s the coordinates are independent, unscaled
x_i ~ N(R s_i, 1) for i <= n and x_{n+j} ~ psi_{eps,theta}, theta = 0 where f(s)_j = +1 and 1/2
where it is -1. Formulas without `scaled` in their name are unscaled; X = x / R is scaled.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod

from hardposterior.spec import lattice
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice import smoothed_variance
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.statements import POSITIVE, STATEMENTS, Definition, Domain

Table = Sequence[Sequence[int]]
"""Bits: 2^n rows of m."""

Point = Sequence[Number]

PHASES = (Fraction(1, 2), Fraction(0))
"""The lattice phase of bit 0 and of bit 1."""


def is_table(rows: Table) -> bool:
    """2^n rows, n >= 1, of equally many bits."""
    return (
        len(rows) >= 2
        and len(rows) & (len(rows) - 1) == 0
        and len({len(row) for row in rows}) == 1
        and len(rows[0]) >= 1
        and all(bit in (0, 1) for row in rows for bit in row)
    )


PHASE = Domain("0 or 1/2", lambda phase: phase in (0, 0.5))
TABLE = Domain("2^n rows of m bits", is_table)
POINT = Domain("n + m real numbers", lambda x: all(abs(c) < float("inf") for c in x))
SCALED = {"table": TABLE, "separation": POSITIVE, "spacing": POSITIVE}


def hidden_bits(table: Table) -> int:
    """n, from the number of rows."""
    return len(table).bit_length() - 1


def words(n: int) -> list[tuple[int, ...]]:
    """The 2^n words in the order of the table's rows."""
    return list(product((0, 1), repeat=n))


def sign(bit: int) -> int:
    """s = 2 b - 1."""
    return 2 * bit - 1


def coordinate_densities(
    ctx: Arithmetic, n: int, separation: Number, spacing: Number, sigma: Number, x: Point
) -> list[tuple[Number, Number]]:
    """The smoothed density of each coordinate given its own bit, for bits 0 and 1."""
    t = smoothed_variance(sigma)
    hidden = [
        (gaussian_density(ctx, t, c + separation), gaussian_density(ctx, t, c - separation))
        for c in x[:n]
    ]
    phases = [ctx.number(phase) for phase in PHASES]
    image = [
        (
            lattice.density(ctx, spacing, phases[0], sigma, c),
            lattice.density(ctx, spacing, phases[1], sigma, c),
        )
        for c in x[n:]
    ]
    return hidden + image


def coordinate_scores(
    ctx: Arithmetic, n: int, separation: Number, spacing: Number, sigma: Number, x: Point
) -> list[tuple[Number, Number]]:
    """The score of each coordinate given its own bit, for bits 0 and 1."""
    t = smoothed_variance(sigma)
    hidden = [(-(separation + c) / t, (separation - c) / t) for c in x[:n]]
    phases = [ctx.number(phase) for phase in PHASES]
    image = [
        (
            lattice.score(ctx, spacing, phases[0], sigma, c),
            lattice.score(ctx, spacing, phases[1], sigma, c),
        )
        for c in x[n:]
    ]
    return hidden + image


def vertex_densities(table: Table, coordinates: Sequence[tuple[Number, Number]]) -> list[Number]:
    """The product of the coordinates' densities at each vertex (s, f(s)), in the table's order."""
    vertices = zip(words(hidden_bits(table)), table, strict=True)
    return [
        prod(pair[bit] for pair, bit in zip(coordinates, (*word, *image), strict=True))
        for word, image in vertices
    ]


def density(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, sigma: Number, x: Point
) -> Number:
    """p_sigma(x): the average over s of the density given s."""
    n = hidden_bits(table)
    pairs = coordinate_densities(ctx, n, separation, spacing, sigma, x)
    return sum(vertex_densities(table, pairs)) / len(table)


def word_probabilities(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, sigma: Number, x: Point
) -> list[Number]:
    """P(s | X + sigma Z = x) for every word, in the table's order."""
    n = hidden_bits(table)
    pairs = coordinate_densities(ctx, n, separation, spacing, sigma, x)
    joint = vertex_densities(table, pairs)
    total = sum(joint)
    return [weight / total for weight in joint]


def score(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, sigma: Number, x: Point
) -> list[Number]:
    """s_sigma(x): the vertices' scores averaged over P(s | x), one number for each coordinate."""
    n = hidden_bits(table)
    weights = word_probabilities(ctx, table, separation, spacing, sigma, x)
    scores = coordinate_scores(ctx, n, separation, spacing, sigma, x)
    vertices = [(*word, *image) for word, image in zip(words(n), table, strict=True)]
    return [
        sum(w * pair[vertex[i]] for w, vertex in zip(weights, vertices, strict=True))
        for i, pair in enumerate(scores)
    ]


def scaled_score(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, sigma: Number, x: Point
) -> list[Number]:
    """The score of X / R at scaled x and sigma: R s_{R sigma}(R x)."""
    point = [separation * c for c in x]
    found = score(ctx, table, separation, spacing, separation * sigma, point)
    return [separation * c for c in found]


def scaled_density(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, sigma: Number, x: Point
) -> Number:
    """The density of X / R + sigma Z at scaled x: R^d p_{R sigma}(R x)."""
    point = [separation * c for c in x]
    found = density(ctx, table, separation, spacing, separation * sigma, point)
    return separation ** len(x) * found


def scaled_posterior(
    ctx: Arithmetic, table: Table, separation: Number, spacing: Number, beta: Number, y: Point
) -> list[Number]:
    """P(s | y) for every word, y = (the last m coordinates of X / R) + beta Z, scaled."""
    image = coordinate_densities(
        ctx, 0, separation, spacing, separation * beta, [separation * c for c in y]
    )
    flat = [(ctx.number(1), ctx.number(1))] * hidden_bits(table)
    joint = vertex_densities(table, flat + image)
    total = sum(joint)
    return [weight / total for weight in joint]


HARD_INSTANCE = STATEMENTS.state(
    Definition(
        id="hard-instance",
        paper="Appendix A",
        relation="as stated",
        claim="s uniform in {-1,+1}^n; x_i ~ N(R s_i, 1) for i <= n; x_{n+j} ~ psi_{eps,theta}, "
        "theta = 0 or 1/2 as f(s)_j = +1 or -1; independent given s; scaled X = x / R, R >= 1",
        domain=SCALED,
        formulas={
            "density": scaled_density,
            "score": scaled_score,
            "posterior": scaled_posterior,
        },
        proof="a definition; the score is the average of the vertices' scores over P(s | x)",
        depends=("discretized-gaussian", "smoothed-score"),
    )
)
