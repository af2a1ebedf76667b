"""Stability of posteriors on finite laws, and least failures by linear programming."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy import optimize

from hardposterior.properties import claims
from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import posterior_stability
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence

FLOATS = Floats()


def transport(points: list[int], p: Any, q: Any, tau: float) -> float:
    """One minus the largest mass that a coupling moves by at most tau: a linear program."""
    k = len(points)
    near = [(i, j) for i in range(k) for j in range(k) if abs(points[i] - points[j]) <= tau]
    rows = np.zeros((2 * k, len(near)))
    for column, (i, j) in enumerate(near):
        rows[i, column] = rows[k + j, column] = 1
    found = optimize.linprog(-np.ones(len(near)), A_ub=rows, b_ub=[*p, *q], method="highs")
    return 1 + float(found.fun)


def strassen_is_transport(points: list[int], left: Any, right: Any, tau: float) -> float:
    """|sup over sets - least unmoved mass| over 1e-9."""
    p, q = (np.array(masses, float) / sum(masses) for masses in (left, right))
    by_sets = posterior_stability.least_failure(FLOATS, points, list(p), list(q), tau)
    return abs(float(by_sets) - transport(points, p, q, tau)) / 1e-9


@st.composite
def couplings(draw: st.DrawFn) -> dict[str, Any]:
    """Up to four pairs of integers, mostly near, with masses, and a measurement in cells."""
    pairs, masses = [], []
    for _ in range(draw(st.integers(1, 4))):
        x = draw(st.integers(-3, 3))
        pairs.append((x, x + draw(st.sampled_from([0, 0, 1, -1, 2, -5, 100]))))
        masses.append(draw(on_a_log_scale(1e-3, 1.0)))
    quarters = draw(st.lists(st.integers(-16, 16), max_size=4, unique=True).map(sorted))
    return {
        "pairs": tuple(pairs),
        "masses": masses,
        "tau": draw(st.sampled_from([0.5, 1.5, 2.5])),
        "gain": draw(on_a_log_scale(0.1, 1.0)),
        "beta": draw(on_a_log_scale(0.3, 300.0)),
        "cuts": [quarter / 4 for quarter in quarters],
    }


def extremal_couplings() -> st.SearchStrategy[dict[str, Any]]:
    """A share of p far away, where y shows it, that p_hat has near the rest, where y does not."""
    return st.tuples(on_a_log_scale(1e-3, 0.3), on_a_log_scale(10.0, 100.0)).map(
        lambda drawn: {
            "pairs": ((0, 0), (3000, 1)),
            "masses": [1 - drawn[0], drawn[0]],
            "tau": 2.0**-20,
            "gain": 1.0,
            "beta": drawn[1],
            "cuts": [1500.0],
        }
    )


@evidence(posterior_stability.POSTERIOR_SAMPLER, kind="property", scope="box")
def least_failure_is_one_minus_a_maximum_flow(run: Run) -> Outcome:
    """The sup over sets of the definition against a linear program over couplings."""
    masses = st.lists(on_a_log_scale(1e-3, 1.0), min_size=5, max_size=5)
    return search(
        run,
        strassen_is_transport,
        st.fixed_dictionaries(
            {
                "points": st.lists(st.integers(-6, 6), min_size=5, max_size=5, unique=True),
                "left": masses,
                "right": masses,
                "tau": st.sampled_from([0.5, 1.5, 3.5]),
            }
        ),
        examples=run.size(60, 300, 3000),
        on_implementation=False,
    )


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    cases = st.one_of(couplings(), couplings(), extremal_couplings())
    claims.register(posterior_stability.POSTERIOR_STABILITY, cases, 80)
    claims.register(
        posterior_stability.POSTERIOR_STABILITY_LINEAR,
        st.fixed_dictionaries(
            {
                "delta": st.floats(0, 1),
                "gain": on_a_log_scale(0.01, 1.0),
                "tau": on_a_log_scale(1e-6, 10.0),
                "beta": on_a_log_scale(1e-3, 10.0),
            }
        ),
        60,
    )


register_claims()
