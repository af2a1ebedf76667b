"""How often a proposal is accepted (Appendix E): two lower bounds on q(y) for most y.

q(y) = (2 pi beta^2)^(m/2) p(y). The bounds hold for every density p of y with E|y - c|^2 <= S. The
laws here are radial around c = 0 and constant on shells: `radii` increase, `masses` are those of
the shells between them. By rearrangement no density of the same levels has a smaller S.
"""

from collections.abc import Sequence

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.statements import (
    COUNT,
    POSITIVE,
    PROBABILITY,
    STATEMENTS,
    Bound,
    Domain,
    Hypothesis,
)

RADII = Domain("increasing positive numbers", lambda radii: len(radii) >= 1 and radii[0] > 0)
MASSES = Domain("as many positive numbers", lambda masses: len(masses) >= 1)
DIMENSION = Domain("a real number >= 1", lambda m: m >= 1)


def log_factorial_of_half(ctx: Arithmetic, m: Number) -> Number:
    """log Gamma(m / 2 + 1)."""
    return ctx.lgamma(ctx.number(m) / 2 + 1)


def log_plain(
    ctx: Arithmetic, m: Number, beta: Number, delta: Number, second_moment: Number
) -> Number:
    """The logarithm of (delta / 2) Gamma(m/2 + 1) (beta^2 delta / S)^(m/2)."""
    scale = ctx.log(beta * beta * delta / second_moment)
    return ctx.log(delta / 2) + log_factorial_of_half(ctx, m) + ctx.number(m) / 2 * scale


def log_sharp(
    ctx: Arithmetic, m: Number, beta: Number, delta: Number, second_moment: Number
) -> Number:
    """The logarithm of delta Gamma(m/2 + 1) (2 m beta^2 delta / ((m + 2) S))^(m/2)."""
    m = ctx.number(m)
    scale = ctx.log(2 * m * beta * beta * delta / ((m + 2) * second_moment))
    return ctx.log(delta) + log_factorial_of_half(ctx, m) + m / 2 * scale


def plain(ctx: Arithmetic, m: Number, beta: Number, delta: Number, second_moment: Number) -> Number:
    """(delta / 2) Gamma(m/2 + 1) (beta^2 delta / S)^(m/2)."""
    return ctx.exp(log_plain(ctx, m, beta, delta, second_moment))


def sharp(ctx: Arithmetic, m: Number, beta: Number, delta: Number, second_moment: Number) -> Number:
    """delta Gamma(m/2 + 1) (2 m beta^2 delta / ((m + 2) S))^(m/2)."""
    return ctx.exp(log_sharp(ctx, m, beta, delta, second_moment))


def shells(
    ctx: Arithmetic, m: int, radii: Sequence[Number], masses: Sequence[Number]
) -> list[tuple[Number, Number, Number]]:
    """For each shell its share of the mass, the log of its density, and E|y|^2 on it."""
    parts = [ctx.number(mass) for mass in masses]
    total = sum(parts[1:], parts[0])
    log_unit_ball = ctx.number(m) / 2 * ctx.log(ctx.pi) - log_factorial_of_half(ctx, m)
    found, inner = [], ctx.number(0)
    for radius, part in zip(radii, parts, strict=True):
        outer = ctx.number(radius)
        size = outer**m - inner**m
        square = ctx.number(m) / (m + 2) * (outer ** (m + 2) - inner ** (m + 2)) / size
        found.append((part / total, ctx.log(part / total / size) - log_unit_ball, square))
        inner = outer
    return found


def second_moment_of(
    ctx: Arithmetic, m: int, radii: Sequence[Number], masses: Sequence[Number]
) -> Number:
    """E|y|^2."""
    found = [mass * square for mass, _, square in shells(ctx, m, radii, masses)]
    return sum(found[1:], found[0])


def mass_below(
    ctx: Arithmetic,
    log_level: Number,
    m: int,
    beta: Number,
    radii: Sequence[Number],
    masses: Sequence[Number],
) -> Number:
    """Pr[log q(y) < log_level]."""
    constant = ctx.number(m) / 2 * ctx.log(2 * ctx.pi * beta * beta)
    below = [
        mass
        for mass, log_density, _ in shells(ctx, m, radii, masses)
        if constant + log_density < log_level
    ]
    return sum(below, ctx.number(0))


def rare_under_plain(
    ctx: Arithmetic,
    m: int,
    beta: Number,
    delta: Number,
    second_moment: Number,
    radii: Sequence[Number],
    masses: Sequence[Number],
) -> Number:
    """Pr_y[q(y) < plain bound]."""
    level = log_plain(ctx, m, beta, delta, second_moment)
    return mass_below(ctx, level, m, beta, radii, masses)


def rare_under_sharp(
    ctx: Arithmetic,
    m: int,
    beta: Number,
    delta: Number,
    second_moment: Number,
    radii: Sequence[Number],
    masses: Sequence[Number],
) -> Number:
    """Pr_y[q(y) < sharp bound]."""
    level = log_sharp(ctx, m, beta, delta, second_moment)
    return mass_below(ctx, level, m, beta, radii, masses)


def delta_allowed(ctx: Arithmetic, delta: Number, **_: Number) -> Number:
    """delta."""
    del ctx
    return delta


def moment_margin(
    ctx: Arithmetic,
    m: int,
    second_moment: Number,
    radii: Sequence[Number],
    masses: Sequence[Number],
    **_: Number,
) -> Number:
    """S - E|y|^2."""
    return second_moment - second_moment_of(ctx, m, radii, masses)


def proposals_needed(
    ctx: Arithmetic, m: Number, beta: Number, delta: Number, variance: Number
) -> Number:
    """1 / (sharp bound) at S = m v."""
    return ctx.exp(-log_sharp(ctx, m, beta, delta, ctx.number(m) * variance))


def proposals_allowed(
    ctx: Arithmetic, m: Number, beta: Number, delta: Number, variance: Number
) -> Number:
    """(1 / delta) (sqrt(e v) / (beta sqrt delta))^m."""
    rate = (1 + ctx.log(variance) - ctx.log(delta)) / 2 - ctx.log(beta)
    return ctx.exp(ctx.number(m) * rate) / delta


def stirling_margin(ctx: Arithmetic, m: Number) -> Number:
    """m/2 + log Gamma(m/2 + 1) - (m/2) log(m/2 + 1): positive iff `acceptance.rounds` holds."""
    half = ctx.number(m) / 2
    return half + ctx.lgamma(half + 1) - half * ctx.log(half + 1)


DOMAIN = {
    "m": COUNT,
    "beta": POSITIVE,
    "delta": PROBABILITY,
    "second_moment": POSITIVE,
    "radii": RADII,
    "masses": MASSES,
}

ENOUGH = Hypothesis(
    name="S >= E|y - c|^2",
    claim="S >= E|y - c|^2 for some c (here 0); at best S = tr(A Cov A^T) + m beta^2",
    margin=moment_margin,
    witness={
        "m": 1,
        "beta": 1.0,
        "delta": 0.5,
        "second_moment": 0.01,
        "radii": (1.0,),
        "masses": (1.0,),
    },
)

ACCEPTANCE = STATEMENTS.state(
    Bound(
        id="acceptance",
        paper="Appendix E",
        relation="explicit",
        claim="Pr_y[q(y) < (delta / 2) Gamma(m/2 + 1) (beta^2 delta / S)^(m/2)] <= delta",
        domain=DOMAIN,
        where=(ENOUGH,),
        left=rare_under_plain,
        right=delta_allowed,
        proof="Markov: all but delta / 2 lies in the ball of radius^2 2 S / delta; where p < l it "
        "has mass at most l times its volume, delta / 2",
        depends=("rejection-exact.rounds",),
    )
)

ACCEPTANCE_SHARP = STATEMENTS.state(
    Bound(
        id="acceptance.sharp",
        paper="Appendix E",
        relation="sharper",
        claim="Pr_y[q(y) < delta Gamma(m/2 + 1) (2 m beta^2 delta / ((m + 2) S))^(m/2)] <= delta; "
        "attained in the limit by mass delta uniform on a ball, the rest in a spike",
        domain=DOMAIN,
        where=(ENOUGH,),
        left=rare_under_sharp,
        right=delta_allowed,
        proof="bathtub: mass delta' of density < l forces "
        "S >= delta' m/(m + 2) (delta' / (l V_m))^(2/m), V_m the unit ball's volume",
        depends=("rejection-exact.rounds",),
    )
)

ACCEPTANCE_ROUNDS = STATEMENTS.state(
    Bound(
        id="acceptance.rounds",
        paper="Appendix E",
        relation="explicit",
        claim="1 / (sharp bound) <= (1 / delta) (sqrt(e v) / (beta sqrt delta))^m where S = m v, "
        "for every real m >= 1; v <= |Cov| + beta^2",
        domain={"m": DIMENSION, "beta": POSITIVE, "delta": PROBABILITY, "variance": POSITIVE},
        left=proposals_needed,
        right=proposals_allowed,
        proof="((m + 2) / 2)^(m/2) <= e^(m/2) Gamma(m/2 + 1): equal at m = 0, and the quotient's "
        "logarithm rises with m/2 by digamma(z + 1) - log z >= 0, z = m/2 + 1",
        depends=("acceptance.sharp",),
    )
)
