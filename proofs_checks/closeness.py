"""Strassen's duality for all masses on every small relation; a Gaussian shift in closed form."""

from itertools import product

import sympy
import z3

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.solver import WORK
from hardposterior.spec import closeness
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted, undecided

SIZES = ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3))


def relations(rows: int, columns: int) -> list[closeness.Relation]:
    """Every relation of `rows` with `columns` points, up to the order of either.

    Some order always sorts the rows and the columns at once (sorting in turns comes to an end).
    """
    cells = list(product((False, True), repeat=columns))
    return [
        near
        for near in product(cells, repeat=rows)
        if list(near) == sorted(near)
        and list(zip(*near, strict=True)) == sorted(zip(*near, strict=True))
    ]


def duality_fails(near: closeness.Relation) -> z3.CheckSatResult:
    """Whether masses exist for which the best flow and the best set differ: z3, real masses.

    Sets are one side; the other is a quantifier over all flows. Nothing of the proof is used.
    """
    rows, columns = len(near), len(near[0])
    p, q = z3.RealVector("p", rows), z3.RealVector("q", columns)
    pairs = [(i, j) for i in range(rows) for j in range(columns) if near[i][j]]
    flow = z3.RealVector("f", len(pairs))
    moved = z3.Sum(*flow, z3.RealVal(0))
    moves = [(f, *pair) for f, pair in zip(flow, pairs, strict=True)]
    sent = [z3.Sum(*[f for f, a, _ in moves if a == i], 0) for i in range(rows)]
    taken = [z3.Sum(*[f for f, _, b in moves if b == j], 0) for j in range(columns)]
    feasible = z3.And(
        *(f >= 0 for f in flow),
        *(out <= mass for out, mass in zip(sent, p, strict=True)),
        *(into <= mass for into, mass in zip(taken, q, strict=True)),
    )
    best = z3.Real("best")
    gains = [closeness.excess(p, q, near, chosen) for chosen in closeness.subsets(rows)]
    laws = [*(mass >= 0 for mass in (*p, *q)), z3.Sum(*p) == 1, z3.Sum(*q) == 1]
    is_best = [*(best >= gain for gain in gains), z3.Or(*(best == gain for gain in gains))]
    unattained = z3.Implies(feasible, 1 - moved > best)
    if pairs:
        unattained = z3.ForAll(list(flow), unattained)
    solver = z3.Solver()
    solver.set("rlimit", WORK)
    solver.add(*laws, *is_best, z3.Or(unattained, z3.And(feasible, 1 - moved < best)))
    return solver.check()


@evidence(closeness.CLOSENESS, kind="exhaustive", scope="box")
def duality_on_every_small_relation_for_all_masses(run: Run) -> Outcome:
    """All relations of up to 3 with 3 points (4 with 3 in thorough), all real masses, by z3."""
    sizes = SIZES + run.size(0, 0, 1) * ((4, 3), (3, 4))
    todo = [near for size in sizes for near in relations(*size)]
    for done, near in enumerate(todo):
        answer = duality_fails(near)
        if answer == z3.sat:
            return refuted(f"{__name__}.duality_fails({near!r})", cases=done)
        if answer == z3.unknown:
            return undecided(f"z3 gives up on {near!r}", cases=done)
        run.progress(done + 1, len(todo))
    return proved(len(todo), detail=f"{len(todo)} relations up to the order of points")


def flow_is_the_best_set(
    p: closeness.Masses, q: closeness.Masses, near: closeness.Relation
) -> bool:
    """Whether the specification's flow misses what its best set shows."""
    shares = closeness.shares(p), closeness.shares(q)
    best = max(closeness.excess(*shares, near, chosen) for chosen in closeness.subsets(len(p)))
    return bool(1 - closeness.best_coupling(*shares, near) == best)


@evidence(closeness.CLOSENESS, kind="exhaustive", scope="step")
def augmenting_paths_find_the_best_set(run: Run) -> Outcome:
    """The specification's own flow on those relations with masses 0 to 2: equal to the best set."""
    cases = 0
    for size in SIZES[: run.size(6, 7, 7)]:
        for near in relations(*size):
            # In reverse order of both the first pair that is found is often the wrong one to take.
            backwards = [row[::-1] for row in near[::-1]]
            for masses in product(range(3), repeat=sum(size)):
                p, q = masses[: size[0]], masses[size[0] :]
                if any(p) and any(q):
                    cases += 1
                    if not all(flow_is_the_best_set(p, q, order) for order in (near, backwards)):
                        return refuted(f"flow_is_the_best_set({p!r}, {q!r}, {near!r})", cases)
    return proved(cases)


P, Q, R, R_next = sympy.symbols("P Q R R_next", real=True)
x, level = sympy.symbols("x level", real=True)
g, tau = sympy.symbols("g tau", positive=True)


ON_A_LINE = {
    **{"x": ((0,), (5,)), "p": (1, 1)},
    **{"y": ((1,), (9,)), "q": (1, 1)},
    **{"z": ((2,), (20,)), "r": (1, 2)},
    **{"tau": 1, "more": 1},
}
"""P to Q moves a half, the point 0; Q to R a third, from 1 to 2; P to R a third, from 0 to 2."""


@evidence(closeness.CLOSENESS_TRIANGLE, kind="symbolic", scope="whole")
def telescoping_over_neighbourhoods(run: Run) -> Outcome:
    """P(A) - R(A^(tau+tau')) is the two excesses less R(A^(tau+tau')) - R((A^tau)^tau') >= 0.

    |a - b| <= tau and |b - c| <= tau' give |a - c| <= tau + tau': the norm's own inequality, here
    by its square, (tau + tau')^2 - |u + v|^2 = 2 (tau tau' - <u, v>) with Cauchy and Schwarz.
    """
    del run
    direct, first, second = P - R, P - Q, Q - R_next
    u1, u2, v1, v2 = sympy.symbols("u1 u2 v1 v2", real=True)
    norms = (u1**2 + u2**2) * (v1**2 + v2**2) - (u1 * v1 + u2 * v2) ** 2
    both = (u1 + v1) ** 2 + (u2 + v2) ** 2
    ends, ways = (
        side(Symbols(), **ON_A_LINE)
        for side in (closeness.CLOSENESS_TRIANGLE.left, closeness.CLOSENESS_TRIANGLE.right)
    )
    return derive(
        {
            "left as stated": ends - sympy.Rational(2, 3),
            "right as stated": ways - (sympy.Rational(1, 2) + sympy.Rational(2, 3)),
            "telescoping": direct - (first + second - (R - R_next)),
            "Cauchy and Schwarz": sympy.expand(norms - (u1 * v2 - u2 * v1) ** 2),
            "square": sympy.expand(
                both - (u1**2 + u2**2 + v1**2 + v2**2 + 2 * (u1 * v1 + u2 * v2))
            ),
        }
    )


@evidence(closeness.CLOSENESS_SHIFT, kind="symbolic", scope="whole")
def overlap_and_best_half_space(run: Run) -> Outcome:
    """The overlap of two normal densities, the half-space's excess, and that its level is best."""
    del run
    ctx = Symbols()
    shift = sympy.Symbol("shift", positive=True)
    near, far = (sympy.exp(-((x - m) ** 2) / 2) / sympy.sqrt(2 * sympy.pi) for m in (0, shift))
    overlap = sympy.integrate(far, (x, -sympy.oo, shift / 2))
    overlap += sympy.integrate(near, (x, shift / 2, sympy.oo))
    coupling = closeness.delta_by_coupling(ctx, shift + tau, tau)
    half_space = closeness.excess_of_a_half_space(ctx, g, tau)
    at_level = (1 + sympy.erf((g - level) / sympy.sqrt(2))) / 2
    at_level -= (1 + sympy.erf((tau - level) / sympy.sqrt(2))) / 2
    best = (g + tau) / 2
    equal = (near - far).subs(x, shift / 2)
    return derive(
        {
            "densities cross at half the shift": sympy.simplify(equal),
            "overlap": sympy.simplify((1 - overlap - coupling).rewrite(sympy.erf)),
            "excess": sympy.simplify((at_level.subs(level, best) - half_space).rewrite(sympy.erf)),
            "stationary": sympy.simplify(sympy.diff(at_level, level).subs(level, best)),
            "equal": sympy.simplify(
                (closeness.delta_by_coupling(ctx, g, tau) - half_space).rewrite(sympy.erf)
            ),
        }
    )
