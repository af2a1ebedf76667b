"""(tau, delta)-closeness of two laws (its definition), and Strassen's duality for finite laws.

Laws P and Q are (tau, delta)-close if some coupling has Pr[|X - X'| > tau] <= delta, |.| the
Euclidean norm. A finite law is a list of points and a list of whole masses, to be divided by their
sum. A^tau holds the points at distance at most tau from A.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain, combinations

from hardposterior.spec.arithmetic import Arithmetic, Number, standard_normal_cdf
from hardposterior.spec.statements import (
    REAL,
    STATEMENTS,
    Bound,
    Domain,
    Hypothesis,
    Identity,
)

Points = Sequence[Sequence[Number]]
Masses = Sequence[int]
Relation = Sequence[Sequence[bool]]
"""near[i][j]: whether mass may move from point i of P to point j of Q."""


def relation(x: Points, y: Points, tau: Number) -> Relation:
    """Which pairs of points are at most tau apart."""
    square = tau * tau
    return [
        [sum((a - b) ** 2 for a, b in zip(left, right, strict=True)) <= square for right in y]
        for left in x
    ]


def shares(masses: Masses) -> list[Fraction]:
    """Masses that add up to one."""
    return [Fraction(mass, sum(masses)) for mass in masses]


def path_with_room(
    near: Relation, supply: list[Fraction], demand: list[Fraction], moved: list[list[Fraction]]
) -> list[tuple[int, int]] | None:
    """The shortest way from unused supply to unmet demand: forward over pairs, back over mass."""
    came: dict[tuple[str, int], tuple[str, int] | None] = {
        ("x", i): None for i, left in enumerate(supply) if left > 0
    }
    queue = list(came)
    for side, at in queue:
        if side == "x":
            steps = [("y", j) for j, linked in enumerate(near[at]) if linked]
        elif demand[at] > 0:
            nodes, node = [at], came[side, at]
            while node is not None:
                nodes.append(node[1])
                node = came[node]
            nodes.reverse()
            return [(nodes[k], nodes[k + 1]) for k in range(len(nodes) - 1)]
        else:
            steps = [("x", i) for i, row in enumerate(moved) if row[at] > 0]
        for step in steps:
            if step not in came:
                came[step] = (side, at)
                queue.append(step)
    return None


def best_coupling(p: Sequence[Fraction], q: Sequence[Fraction], near: Relation) -> Fraction:
    """The largest mass that moves over related pairs, by augmenting paths."""
    supply, demand = list(p), list(q)
    moved = [[Fraction(0)] * len(q) for _ in p]
    while (path := path_with_room(near, supply, demand, moved)) is not None:
        back = [moved[path[k + 1][1]][path[k][1]] for k in range(0, len(path) - 1, 2)]
        amount = min(supply[path[0][0]], demand[path[-1][1]], *back)
        supply[path[0][0]] -= amount
        demand[path[-1][1]] -= amount
        for k, (start, end) in enumerate(path):
            if k % 2 == 0:
                moved[start][end] += amount
            else:
                moved[end][start] -= amount
    return sum((sum(row, Fraction(0)) for row in moved), Fraction(0))


def subsets(size: int) -> Iterator[tuple[int, ...]]:
    """All sets of indices below `size`."""
    indices = range(size)
    return chain.from_iterable(combinations(indices, count) for count in range(size + 1))


def excess(
    p: Sequence[Number], q: Sequence[Number], near: Relation, chosen: Sequence[int]
) -> Number:
    """P(A) - Q(A^tau) for the set A of the points of P with these indices."""
    reached = [j for j in range(len(q)) if any(near[i][j] for i in chosen)]
    return sum((p[i] for i in chosen), Fraction(0)) - sum((q[j] for j in reached), Fraction(0))


def delta_of_the_best_coupling(
    ctx: Arithmetic, x: Points, p: Masses, y: Points, q: Masses, tau: Number
) -> Number:
    """The least Pr[|X - X'| > tau] over couplings: one minus the largest flow over near pairs."""
    return ctx.number(1 - best_coupling(shares(p), shares(q), relation(x, y, tau)))


def excess_of_the_best_set(
    ctx: Arithmetic, x: Points, p: Masses, y: Points, q: Masses, tau: Number
) -> Number:
    """max P(A) - Q(A^tau) over all sets A of points of P, every one of them tried."""
    near, mass_p, mass_q = relation(x, y, tau), shares(p), shares(q)
    return ctx.number(max(excess(mass_p, mass_q, near, chosen) for chosen in subsets(len(p))))


def delta_of_the_ends(
    ctx: Arithmetic,
    x: Points,
    p: Masses,
    y: Points,
    q: Masses,
    z: Points,
    r: Masses,
    tau: Number,
    more: Number,
) -> Number:
    """delta(P, R) at tau + tau'."""
    del y, q
    return delta_of_the_best_coupling(ctx, x, p, z, r, tau + more)


def delta_by_way_of_the_middle(
    ctx: Arithmetic,
    x: Points,
    p: Masses,
    y: Points,
    q: Masses,
    z: Points,
    r: Masses,
    tau: Number,
    more: Number,
) -> Number:
    """delta(P, Q) at tau + delta(Q, R) at tau'."""
    first = delta_of_the_best_coupling(ctx, x, p, y, q, tau)
    return first + delta_of_the_best_coupling(ctx, y, q, z, r, more)


def delta_by_coupling(ctx: Arithmetic, gap: Number, tau: Number) -> Number:
    """Move N(0, I) by tau towards N(gap e_1, I), then couple what the two have in common.

    The overlap of N(0, 1) and N(g, 1), g = gap - tau, is 2 Phi(-g / 2): the second density is the
    larger one beyond g / 2.
    """
    return 1 - 2 * standard_normal_cdf(ctx, (tau - gap) / 2)


def excess_of_a_half_space(ctx: Arithmetic, gap: Number, tau: Number) -> Number:
    """P(A) - Q(A^tau), A = {x_1 >= (gap + tau) / 2}, P = N(gap e_1, I), Q = N(0, I)."""
    level = (gap + tau) / 2
    inside = standard_normal_cdf(ctx, gap - level)
    return inside - standard_normal_cdf(ctx, tau - level)


def farther_than_tau(ctx: Arithmetic, gap: Number, tau: Number) -> Number:
    """gap - tau."""
    del ctx
    return gap - tau


POINTS = Domain("points of one dimension", lambda x: len({len(point) for point in x}) == 1)
MASSES = Domain("whole numbers >= 0, not all 0", lambda p: min(p) >= 0 and sum(p) > 0)
DISTANCE = Domain("a number >= 0", lambda tau: 0 <= tau < float("inf"))
FINITE = {"x": POINTS, "p": MASSES, "y": POINTS, "q": MASSES}

CLOSENESS = STATEMENTS.state(
    Identity(
        id="closeness",
        paper="Section 1",
        relation="special case",
        claim="for finite laws the least delta at which P, Q are (tau, delta)-close, one minus the "
        "largest flow over pairs at most tau apart, is max P(A) - Q(A^tau) over sets A",
        domain={**FINITE, "tau": DISTANCE},
        left=delta_of_the_best_coupling,
        right=excess_of_the_best_set,
        proof="Strassen: where no path leads from unused supply to unmet demand, the points of P "
        "that unused supply reaches form a set A whose A^tau is full and fed by A alone, so the "
        "flow misses P(A) - Q(A^tau); no coupling misses less than that for any A",
    )
)

CLOSENESS_TRIANGLE = STATEMENTS.state(
    Bound(
        id="closeness.triangle",
        paper="Section 1",
        relation="own",
        claim="delta(P, R) at tau + tau' <= delta(P, Q) at tau + delta(Q, R) at tau'",
        domain={**FINITE, "z": POINTS, "r": MASSES, "tau": DISTANCE, "more": DISTANCE},
        left=delta_of_the_ends,
        right=delta_by_way_of_the_middle,
        proof="(A^tau)^tau' lies in A^(tau + tau'), so P(A) - R(A^(tau + tau')) <= "
        "[P(A) - Q(A^tau)] + [Q(A^tau) - R((A^tau)^tau')]",
        depends=("closeness",),
    )
)

CLOSENESS_SHIFT = STATEMENTS.state(
    Identity(
        id="closeness.gaussian-shift",
        paper="Section 1",
        relation="own",
        claim="N(0, I) and N(g e_1, I) have delta = 2 Phi((g - tau) / 2) - 1 where g >= tau",
        domain={"gap": REAL, "tau": DISTANCE},
        where=(
            Hypothesis(
                name="apart",
                claim="g >= tau",
                margin=farther_than_tau,
                unneeded="where g < tau the two sides still agree, but delta is 0: shift by g",
            ),
        ),
        left=delta_by_coupling,
        right=excess_of_a_half_space,
        proof="a coupling attains the left side, a half-space the right side; delta lies between, "
        "as P(A) - Q(A^tau) <= Pr[X in A, X' not in A^tau] <= Pr[|X - X'| > tau] for any coupling",
        depends=("closeness",),
    )
)
