"""Searches for counterexamples to the small-noise bounds (Appendix C.4).

They are held to a double integral in binary64, for interpolants that Hypothesis draws: exact ones,
coarse ones and ones that jump.
"""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from hardposterior.properties.search import call_of, search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import lattice_profile, one_bit, small_noise, theta
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import EVIDENCE, Evidence, Outcome, Run, refuted
from hardposterior.spec.statements import Bound

ctx = Floats()


@st.composite
def spoilt_networks(draw: st.DrawFn) -> dict[str, Any]:
    """An exact interpolant (H is linear there) from a place on, before it a constant."""
    spacing = draw(on_a_log_scale(0.6, 1.5))
    sigma = spacing * draw(st.floats(0.06, 0.12))
    separation, cut = draw(st.floats(1.5, 4.0)), draw(st.integers(2, 6)) / 40
    height = draw(st.one_of(st.just(0.5), st.floats(0, 0.5)))
    beyond = cut + 2.0**-12
    exact = lattice_profile.profile(ctx, theta.ratio(spacing, sigma), beyond)
    return {
        "n": 1,
        "separation": separation,
        "spacing": spacing,
        "sigma": sigma,
        "window": 1e-6,
        "knots": (0.0, 2.0**-12, cut, beyond, 0.5),
        "values": (0.0, height, height, min(exact, 0.5), 0.0),
    }


@st.composite
def one_bit_networks(draw: st.DrawFn) -> dict[str, Any]:
    """n = m bits, f(s) = s, and an interpolant: values of the profile, some of them replaced.

    Knots are multiples of 1/40, where the quadrature has no point, and wide or narrow jumps. Every
    other network is at small noise and exact but near the midpoint, where only the other phase's
    law has mass.
    """
    if draw(st.booleans()):
        return draw(spoilt_networks())
    spacing, sigma = draw(on_a_log_scale(0.4, 2.5)), draw(on_a_log_scale(0.06, 1.5))
    inner = sorted(draw(st.sets(st.integers(1, 19), min_size=0, max_size=5)))
    jumps = draw(st.booleans())
    knots = [0.0]
    for place in inner:
        knots += [place / 40, place / 40 + 2.0**-12] if jumps else [place / 40]
    q = theta.ratio(spacing, sigma)
    values = [0.0]
    for knot in knots[1:]:
        exact = min(max(lattice_profile.profile(ctx, q, knot), 0.0), 0.5)
        values.append(draw(st.one_of(st.just(exact), st.just(exact), st.floats(0, 0.5))))
    separation = draw(st.floats(1.5, 7.0))
    return {
        "n": draw(st.integers(1, 3)),
        "separation": separation,
        "spacing": spacing,
        "sigma": sigma,
        "window": draw(on_a_log_scale(1e-4, 8.0)) / separation,
        "knots": (*knots, 0.5),
        "values": (*values, 0.0),
    }


def accurate_network(separation: float, spacing: float, sigma: float) -> dict[str, Any]:
    """One bit, the profile itself on a fine grid, a narrow window: the bound at its tightest."""
    knots = [*(k / 320 for k in range(32)), *(k / 40 for k in range(4, 21))]
    q = theta.ratio(spacing, sigma)
    values = [min(max(lattice_profile.profile(ctx, q, knot), 0.0), 0.5) for knot in knots]
    return {
        "n": 1,
        "separation": separation,
        "spacing": spacing,
        "sigma": sigma,
        "window": 1e-5,
        "knots": tuple(knots),
        "values": (0.0, *values[1:-1], 0.0),
    }


QUADRATURE = 1.003
"""What the quadrature may be off by."""


def error_stays_below_the_bound(identifier: str, **network: Any) -> float:
    """E|s_hat - s|^2 over the bound, `square` the least that the statement's hypothesis allows."""
    statement = BOUNDS[identifier]
    bit = {name: network[name] for name in one_bit.Bit._fields}
    own, _ = one_bit.mean_squares(ctx, one_bit.Bit(**bit))
    worst = one_bit.worst_square(ctx, one_bit.Bit(**bit))
    least = worst if identifier.endswith("everywhere") else own
    more = {} if identifier.endswith("both-phases") else {"square": least}
    left = statement.left(ctx, **network, **more)
    return float(left / (QUADRATURE * statement.right(ctx, **network, **more)))


BOUNDS: dict[str, Bound] = {
    statement.id: statement
    for statement in (
        small_noise.RELU_SCORE_SMALL_NOISE,
        small_noise.RELU_SCORE_EVERYWHERE,
        small_noise.RELU_SCORE_BOTH_PHASES,
    )
}


def register_quadrature(statement: Bound) -> None:
    """Hold a small-noise bound to the double integral, as evidence."""

    def quadrature_stays_below_the_bound(run: Run) -> Outcome:
        """f(s) = s, n = m <= 3: R 1.5 to 7, eps 0.4 to 2.5, sigma 0.06 to 1.5, any interpolant.

        And one accurate interpolant, R = 2, eps = 1.5, sigma = 0.1, to show how tight the bound is.
        """
        first = {"identifier": statement.id, **accurate_network(2.0, 1.5, 0.1)}
        share = error_stays_below_the_bound(**first)
        if not share <= 1:
            return refuted(call_of(error_stays_below_the_bound, first))
        found = search(
            run,
            error_stays_below_the_bound,
            one_bit_networks().map(lambda case: {"identifier": statement.id, **case}),
            examples=run.size(10, 40, 400),
            on_implementation=False,
            tightness=True,
        )
        return replace(found, tightness=max(share, found.tightness or 0.0))

    name = "quadrature-stays-below-the-bound"
    EVIDENCE.add(Evidence(statement, name, "property", "box", quadrature_stays_below_the_bound))


for stated in BOUNDS.values():
    register_quadrature(stated)
