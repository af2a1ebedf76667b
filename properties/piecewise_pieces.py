"""The pieces that an implementation places, held to the accuracy asked for (Appendices C.1, C.7).

Of its knots and values alone: the largest |H_hat - H| on every piece, H at binary64 from the
specification, at eighths of a piece; likewise for tanh. In mean square the own phase's law weighs
the pieces. The number of pieces is held to twice the closed form.
"""

import math
from typing import Any

from hypothesis import strategies as st

from hardposterior.properties.score_network_size import LARGE, NEEDS, SMALL, network_of
from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import (
    large_noise,
    lattice_profile,
    piecewise_linear,
    profile_interpolant,
    theta,
)
from hardposterior.spec import score_network as terms
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence

ctx = Floats()
SHARES = tuple(i / 8 for i in range(9))
COARSEST = 0.125
"""The largest error of the closed form, in spacings; implementations stop there as well."""

ROOM = 1.02
"""Samples of the curvature may miss its largest value by a little; cells are a sixteenth piece."""


def piece_errors(q: float, knots: Any, values: Any) -> list[float]:
    """The largest |H_hat - H| at eighths of every piece."""
    found = []
    for i in range(len(knots) - 1):
        low, high = knots[i], knots[i + 1]
        worst = 0.0
        for share in SHARES:
            place = low + share * (high - low)
            line = values[i] + share * (values[i + 1] - values[i])
            worst = max(worst, abs(line - lattice_profile.profile(ctx, q, place)))
        found.append(worst)
    return found


def pieces_meet_the_accuracy(implementation: Any, share: float, **case: Any) -> float:
    """What the pieces add to sigma^2 E|s_hat - s|^2 at a level of the box, over the accuracy.

    Infinite if there are more than twice the pieces of the closed form, and one.
    """
    network = network_of(implementation, **case)
    separation, spacing, accuracy = (case[k] for k in ("separation", "spacing", "accuracy"))
    level = case["sigma"] * (0.9 + 0.2 * share)
    sigma = separation * level
    knots, values = network.knots(0), network.values(level)
    m = len(case["outputs"])
    if case["form"] == LARGE:
        error = terms.tanh_error(ctx, knots)
        worst = max(
            abs(large_noise.tanh_interpolant(ctx, knots, k / 64) - math.tanh(k / 64))
            for k in range(640)
        )
        term = terms.tanh_term(ctx, case["n"], separation, sigma, error) * sigma**2
        # equal beyond a_N
        return float(max(worst / (error * (1 + 1e-9)), term / accuracy / ROOM))
    q = theta.ratio(spacing, sigma)
    errors = piece_errors(q, knots, values)
    if case["everywhere"]:
        square = max(errors) ** 2
    else:
        excess = lattice_profile.law_excess(ctx, spacing, sigma)
        own = lattice_profile.own_mass
        square = excess * piecewise_linear.mean_square(ctx, own, q, knots, errors)
    asked = 0.9 * separation * case["sigma"] * math.sqrt(accuracy / m) / spacing
    if len(knots) - 1 > 2 * profile_interpolant.pieces_bound(ctx, min(asked, COARSEST)) + 1:
        return float("inf")
    term = terms.pieces_term(ctx, m, spacing, sigma, square) * sigma**2
    return float(term / accuracy / ROOM)


@st.composite
def boxes(draw: st.DrawFn, form: str) -> dict[str, Any]:
    """One bit to m copies of it, a box around sigma, an accuracy that asks for some pieces."""
    spacing = draw(on_a_log_scale(0.3, 1.5))
    separation = draw(on_a_log_scale(1.0, 12.0))
    unscaled = draw(on_a_log_scale(*((1e-3, 1.0) if form == SMALL else (0.3, 100.0))))
    m = draw(st.integers(1, 4))
    return {
        "n": draw(st.integers(1, 4)),
        "gates": [],
        "outputs": [0] * m,
        "separation": separation,
        "spacing": spacing,
        "sigma": unscaled / separation,
        # sup errors above an eighth of a spacing are not to be had
        "accuracy": min(draw(on_a_log_scale(1e-7, 1e-2)), m * (0.1 * spacing / unscaled) ** 2),
        "form": form,
        "everywhere": draw(st.booleans()),
        "folded": True,
        "window": 2.0**-10,
        "reach": 10.0,
        "share": draw(st.sampled_from([0.0, 0.5, 1.0])),
    }


@evidence(
    profile_interpolant.PIECEWISE_LINEAR_CURVATURE, kind="property", scope="step", needs=NEEDS
)
def implemented_pieces_meet_the_accuracy(run: Run) -> Outcome:
    """eps 0.3 to 1.5, sigma 1e-3 to 1, accuracy down to 1e-7; both kinds of pieces."""
    examples = run.size(25, 100, 1000)
    return search(run, pieces_meet_the_accuracy, boxes(SMALL), examples=examples)


@evidence(large_noise.RELU_SCORE_LARGE_NOISE, kind="property", scope="step", needs=NEEDS)
def implemented_pieces_of_tanh_meet_the_accuracy(run: Run) -> Outcome:
    """sigma 0.3 to 100, accuracy down to 1e-7; and the sup is within the stated bound."""
    examples = run.size(25, 100, 1000)
    return search(run, pieces_meet_the_accuracy, boxes(LARGE), examples=examples)
