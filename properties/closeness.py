"""Closeness on small finite laws: flows against all sets, a metric's rules, the closed form."""

from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.search import search
from hardposterior.spec import closeness
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence

FLOW = ("closeness_curve", "worst_set")
CURVE = ("closeness_curve",)
EXACT = 1e-12
"""Both sides are quotients of small whole numbers, rounded once."""

Law = tuple[Any, list[int]]

TAUS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0])
"""Distances on an integer grid tie with these, and both are exact in binary."""


def points(dim: int, most: int = 5) -> st.SearchStrategy[list[list[int]]]:
    """A few points of a small integer grid, repeated ones among them."""
    point: st.SearchStrategy[list[int]] = st.lists(st.integers(0, 4), min_size=dim, max_size=dim)
    return st.lists(point, min_size=1, max_size=most)


@st.composite
def laws(draw: st.DrawFn, names: str, most: int = 5, dims: int = 3) -> dict[str, Any]:
    """Finite laws of one dimension: points and masses under each pair of names in `names`."""
    dim = draw(st.integers(1, dims))
    case: dict[str, Any] = {}
    for pair in names.split():
        x, p = pair[0], pair[1]
        case[x] = draw(points(dim, most))
        masses = st.lists(st.integers(0, 3), min_size=len(case[x]), max_size=len(case[x]))
        case[p] = draw(masses.filter(any))
    return case


def least_delta(
    implementation: Any, x: Any, p: list[int], y: Any, q: list[int], tau: float
) -> float:
    """The implementation's least delta of two finite laws."""
    left, right = (torch.tensor(side, dtype=torch.float64) for side in (x, y))
    found = implementation.closeness_curve(
        left, right, [tau], x_counts=torch.tensor(p), y_counts=torch.tensor(q)
    )
    return float(found[0])


def flow_equals_the_best_set(
    implementation: Any, x: Any, p: list[int], y: Any, q: list[int], tau: float
) -> float:
    """The errors of the implementation's delta, and of its worst set's excess, over 1e-12."""
    ctx = Floats()
    best = closeness.excess_of_the_best_set(ctx, x, p, y, q, tau)
    found = least_delta(implementation, x, p, y, q, tau)
    left, right = (torch.tensor(side, dtype=torch.float64) for side in (x, y))
    mask = implementation.worst_set(
        left, right, tau, x_counts=torch.tensor(p), y_counts=torch.tensor(q)
    )
    chosen = [i for i, inside in enumerate(mask.tolist()) if inside]
    near = closeness.relation(x, y, tau)
    gain = closeness.excess(closeness.shares(p), closeness.shares(q), near, chosen)
    return float(max(abs(found - best), abs(float(gain) - best)) / EXACT)


@evidence(closeness.CLOSENESS, kind="property", scope="box", needs=FLOW)
def implemented_flow_equals_the_best_of_all_sets(run: Run) -> Outcome:
    """Up to 6 points a side in 1 to 3 dimensions: delta and worst set against every set."""
    cases = st.builds(lambda case, tau: {**case, "tau": tau}, laws("xp yq", 6), TAUS)
    return search(run, flow_equals_the_best_set, cases, examples=run.size(250, 500, 10_000))


def delta_is_like_a_metric(
    implementation: Any,
    x: Any,
    p: list[int],
    y: Any,
    q: list[int],
    z: Any,
    r: list[int],
    tau: float,
    more: float,
) -> float:
    """How far delta(P, P), symmetry, tau's order or the triangle inequality fail, over 1e-12.

    A curve at several tau, in any order, has the values at each.
    """

    def delta(a: Law, b: Law, distance: float) -> float:
        return least_delta(implementation, a[0], a[1], b[0], b[1], distance)

    P, Q, R = (x, p), (y, q), (z, r)
    there, back = delta(P, Q, tau), delta(Q, R, more)
    left, right = (torch.tensor(side, dtype=torch.float64) for side in (x, y))
    taus = [tau + more + 1, tau, 0.0]
    curve = implementation.closeness_curve(
        left, right, taus, x_counts=torch.tensor(p), y_counts=torch.tensor(q)
    )
    errors = (
        *(abs(float(a) - delta(P, Q, b)) for a, b in zip(curve, taus, strict=True)),
        delta(P, P, 0.0),
        abs(there - delta(Q, P, tau)),
        delta(P, Q, tau + more) - there,
        there - 1,
        -there,
        delta(P, R, tau + more) - (there + back),
        abs(delta(P, (y[::-1], q[::-1]), tau) - there),
    )
    return max(errors) / EXACT


@evidence(closeness.CLOSENESS_TRIANGLE, kind="property", scope="box", needs=CURVE)
def implemented_delta_is_like_a_metric(run: Run) -> Outcome:
    """Zero from a law to itself, symmetric, falling in tau, the triangle inequality."""
    cases = st.builds(
        lambda case, tau, more: {**case, "tau": tau, "more": more}, laws("xp yq zr"), TAUS, TAUS
    )
    return search(run, delta_is_like_a_metric, cases, examples=run.size(120, 250, 5_000))


CELLS = 4_000
BRACKET = 0.02
"""How far apart the two values may be on that grid: the mass of a few cells at the half-space."""


def bracket_holds_the_closed_form(implementation: Any, gap: float, tau: float) -> float:
    """How far the bracket from two normal cdfs misses delta, over 1e-12, or its width over .02."""

    def cdf(shift: float) -> Any:
        return lambda x: torch.special.ndtr(x - shift)

    ends = -9.0, gap + 9.0
    lower, upper = implementation.closeness_from_cdfs(cdf(0.0), cdf(gap), tau, *ends, cells=CELLS)
    exact = max(0.0, float(closeness.delta_by_coupling(Floats(), gap, tau)))
    return float(max((lower - exact) / EXACT, (exact - upper) / EXACT, (upper - lower) / BRACKET))


@evidence(closeness.CLOSENESS_SHIFT, kind="property", scope="box", needs=("closeness_from_cdfs",))
def implemented_bracket_from_cdfs_holds_the_closed_form(run: Run) -> Outcome:
    """N(0, 1) and N(g, 1), g from 0 to 6, tau from .01 to 3: also where delta = 0."""
    cases = st.fixed_dictionaries({"gap": st.floats(0, 6), "tau": st.floats(0.01, 3)})
    return search(run, bracket_holds_the_closed_form, cases, examples=run.size(30, 60, 1000))


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    two = st.builds(lambda case, tau: {**case, "tau": tau}, laws("xp yq"), TAUS)
    three = st.builds(
        lambda case, tau, more: {**case, "tau": tau, "more": more}, laws("xp yq zr", 4), TAUS, TAUS
    )
    shifts = st.builds(
        lambda tau, g: {"gap": tau + g, "tau": tau}, st.floats(0, 8), st.floats(1e-6, 8)
    )
    claims.register(closeness.CLOSENESS, two, 150)
    claims.register(closeness.CLOSENESS_TRIANGLE, three, 100)
    claims.register(closeness.CLOSENESS_SHIFT, shifts, 60)


register_claims()
