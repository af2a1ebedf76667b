"""Searches for counterexamples to the bounds on a profile's pieces (Appendix C.1)."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.lattice_profile import profiles
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import profile_interpolant


@st.composite
def pieces_of_profiles(draw: st.DrawFn) -> dict[str, Any]:
    """A piece of the half period and a place in it, often about as wide as the riser."""
    found = draw(profiles())
    room = 0.5 - found["place"]
    near = on_a_log_scale(0.01, 10.0).map(
        lambda times: min(times * found["q"] / max(room, 1e-9), 1)
    )
    reach = draw(st.one_of(st.floats(0.001, 1), near))
    return {**found, "reach": reach, "share": draw(st.floats(0.01, 0.99))}


claims.register(profile_interpolant.PIECEWISE_LINEAR_SIGN, profiles(), 60)
claims.register(profile_interpolant.PIECEWISE_LINEAR_CURVATURE, pieces_of_profiles(), 60)
claims.register(
    profile_interpolant.PIECEWISE_LINEAR_PIECES,
    st.fixed_dictionaries({"error": on_a_log_scale(1e-8, 0.125)}),
    40,
)
