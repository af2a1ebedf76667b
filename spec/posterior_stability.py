"""Posterior samplers, and what a wrong prior does to the posterior (Appendix E).

Laws on finitely many points of the line; the measurement is seen through the cell of y among
`cuts`, so that posteriors and their closeness are finite sums. Finer cells tend to y itself.
"""

from collections.abc import Sequence
from itertools import pairwise, product

from hardposterior.spec.arithmetic import Arithmetic, Number, standard_normal_cdf
from hardposterior.spec.statements import (
    POSITIVE,
    STATEMENTS,
    Bound,
    Definition,
    Domain,
)

Pairs = Sequence[tuple[Number, Number]]
"""The pairs (x, x') of a coupling: x of the prior p, x' of the prior p_hat."""

PAIRS = Domain("finitely many pairs of numbers", lambda pairs: len(pairs) >= 1)
MASSES = Domain("a positive mass for each pair", lambda masses: len(masses) >= 1)
CUTS = Domain("finitely many increasing numbers", lambda cuts: list(cuts) == sorted(cuts))
NONNEGATIVE = Domain("a number >= 0", lambda x: 0 <= x < float("inf"))
SHARE = Domain("a number in [0, 1]", lambda x: 0 <= x <= 1)


def least_failure(
    ctx: Arithmetic,
    points: Sequence[Number],
    p: Sequence[Number],
    q: Sequence[Number],
    tau: Number,
) -> Number:
    """The least delta for which laws p and q on `points` are (tau, delta)-close (Strassen).

    The largest of p(A) - q(A^tau) over sets A of points.
    """
    worst = ctx.number(0)
    for chosen in product((False, True), repeat=len(points)):
        inside = [x for x, taken in zip(points, chosen, strict=True) if taken]
        gained = sum((w for w, taken in zip(p, chosen, strict=True) if taken), ctx.number(0))
        near = [any(abs(x - a) <= tau for a in inside) for x in points]
        covered = sum((w for w, is_near in zip(q, near, strict=True) if is_near), ctx.number(0))
        worst = ctx.maximum(worst, gained - covered)
    return worst


def cell_chances(
    ctx: Arithmetic, x: Number, gain: Number, beta: Number, cuts: Sequence[Number]
) -> list[Number]:
    """The chance of each cell for y = gain x + beta Z, from the nearer tail."""
    places = [(ctx.number(cut) - gain * x) / beta for cut in cuts]
    below = [standard_normal_cdf(ctx, z) for z in places]
    above = [standard_normal_cdf(ctx, -z) for z in places]
    left = pairwise([ctx.number(0), *below, ctx.number(1)])
    right = pairwise([ctx.number(1), *above, ctx.number(0)])
    return [
        high - low if bool(high + low < 1) else more - less
        for (low, high), (more, less) in zip(left, right, strict=True)
    ]


def shares(ctx: Arithmetic, masses: Sequence[Number]) -> list[Number]:
    """Masses divided by their sum."""
    parts = [ctx.number(mass) for mass in masses]
    total = sum(parts[1:], parts[0])
    return [part / total for part in parts]


def expected_failure(
    ctx: Arithmetic,
    pairs: Pairs,
    masses: Sequence[Number],
    tau: Number,
    gain: Number,
    beta: Number,
    cuts: Sequence[Number],
) -> Number:
    """E over y ~ p of the least failure at tau between the exact posteriors of p and p_hat."""
    points = sorted({x for pair in pairs for x in pair})
    weights = shares(ctx, masses)
    none = ctx.number(0)
    p = [sum((w for w, (x, _) in zip(weights, pairs, strict=True) if x == a), none) for a in points]
    q = [sum((w for w, (_, x) in zip(weights, pairs, strict=True) if x == a), none) for a in points]
    chances = [cell_chances(ctx, x, gain, beta, cuts) for x in points]
    total = none
    for cell in range(len(cuts) + 1):
        joint_p = [w * row[cell] for w, row in zip(p, chances, strict=True)]
        joint_q = [w * row[cell] for w, row in zip(q, chances, strict=True)]
        of_p, of_q = sum(joint_p, none), sum(joint_q, none)
        scaled = [w * of_p / of_q for w in joint_q]
        total = total + least_failure(ctx, points, joint_p, scaled, tau)
    return total


def noise_distance(ctx: Arithmetic, gain: Number, tau: Number, beta: Number) -> Number:
    """alpha = 2 Phi(|A| tau / (2 beta)) - 1: total variation of y at inputs tau apart."""
    return 1 - ctx.erfc(gain * tau / (2 * beta * ctx.sqrt(ctx.number(2))))


def far_mass(
    ctx: Arithmetic, pairs: Pairs, masses: Sequence[Number], tau: Number, **_: Number
) -> Number:
    """delta': the mass of the pairs further apart than tau."""
    weights = shares(ctx, masses)
    apart = [w for w, (x, other) in zip(weights, pairs, strict=True) if abs(x - other) > tau]
    return sum(apart, ctx.number(0))


def stability_bound(delta: Number, alpha: Number) -> Number:
    """2 (delta' + (1 - delta') alpha)."""
    return 2 * (delta + (1 - delta) * alpha)


def stability_bound_of_a_coupling(
    ctx: Arithmetic,
    pairs: Pairs,
    masses: Sequence[Number],
    tau: Number,
    gain: Number,
    beta: Number,
    **_: Number,
) -> Number:
    """2 (delta' + (1 - delta') alpha), delta' the mass of the pairs further apart than tau."""
    return stability_bound(far_mass(ctx, pairs, masses, tau), noise_distance(ctx, gain, tau, beta))


def stability_bound_in_general(
    ctx: Arithmetic, delta: Number, gain: Number, tau: Number, beta: Number
) -> Number:
    """2 (delta' + (1 - delta') alpha)."""
    return stability_bound(delta, noise_distance(ctx, gain, tau, beta))


def linear_bound(ctx: Arithmetic, delta: Number, gain: Number, tau: Number, beta: Number) -> Number:
    """2 delta' + sqrt(2 / pi) |A| tau / beta."""
    return 2 * delta + ctx.sqrt(2 / ctx.pi) * gain * tau / beta


POSTERIOR_SAMPLER = STATEMENTS.state(
    Definition(
        id="posterior-sampler",
        paper="Section 1",
        relation="as stated",
        claim="a (tau, delta)-posterior sampler: with probability >= 1 - delta over y ~ p(y) its "
        "law given y is (tau, delta)-close to p(x | y); its randomness is its own",
        domain={"tau": NONNEGATIVE, "delta": SHARE},
        formulas={"least failure": least_failure, "expected failure": expected_failure},
        proof="a definition; an exact sampler is a (0, 0)-posterior sampler",
        depends=("linear-measurement",),
    )
)

POSTERIOR_STABILITY = STATEMENTS.state(
    Bound(
        id="posterior-stability",
        paper="Appendix E",
        relation="explicit",
        claim="priors that are (tau, delta')-close have exact posteriors with E over y ~ p of the "
        "failure at tau <= 2 (delta' + (1 - delta') alpha), alpha = 2 Phi(|A| tau / (2 beta)) - 1",
        domain={
            "pairs": PAIRS,
            "masses": MASSES,
            "tau": NONNEGATIVE,
            "gain": POSITIVE,
            "beta": POSITIVE,
            "cuts": CUTS,
        },
        left=expected_failure,
        right=stability_bound_of_a_coupling,
        proof="thin the coupling: with a, b the near pairs seen with y's of x and of x', failure "
        "<= 1 - int min(a, p_hat p(y) / p_hat(y)) <= delta' + int (a - b)_+ + "
        "int (p_hat(y) - p(y))_+. Adding up total variations naively gives 3 delta'",
        depends=("posterior-sampler",),
    )
)

POSTERIOR_STABILITY_LINEAR = STATEMENTS.state(
    Bound(
        id="posterior-stability.linear",
        paper="Appendix E",
        relation="explicit",
        claim="2 (delta' + (1 - delta') alpha) <= 2 delta' + sqrt(2 / pi) |A| tau / beta; its "
        "square root is the delta of a (tau, delta)-posterior sampler, by Markov",
        domain={"delta": SHARE, "gain": POSITIVE, "tau": NONNEGATIVE, "beta": POSITIVE},
        left=stability_bound_in_general,
        right=linear_bound,
        proof="2 Phi(z / 2) - 1 <= z / sqrt(2 pi), the density at 0 times the length",
        depends=("posterior-stability",),
    )
)
