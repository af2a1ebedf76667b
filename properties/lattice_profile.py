"""Searches for counterexamples to what is said of a lattice's profile (Appendices C.1, C.5)."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale, phases, visible_lattices
from hardposterior.spec import lattice_profile


def places() -> st.SearchStrategy[float]:
    """Distances from the midpoint, in spacings: near it, at both ends, anywhere."""
    return st.one_of(st.floats(0, 0.5), on_a_log_scale(1e-6, 0.5), st.sampled_from([0.0, 0.5]))


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """q and a place, often within a few q of the riser."""
    q = draw(on_a_log_scale(2.0**-12, 2.0))
    near = on_a_log_scale(0.01, 30.0).map(lambda share: min(share * q, 0.5))
    return {"q": q, "place": draw(st.one_of(near, places()))}


@st.composite
def profiles_of_lattices(draw: st.DrawFn) -> dict[str, Any]:
    """A lattice whose waves are visible, and a place."""
    lattice = draw(visible_lattices((1e-3, 0.5)))
    del lattice["x"]
    return {**lattice, "phase": draw(phases()), "place": draw(places())}


claims.register(lattice_profile.LATTICE_PROFILE, profiles_of_lattices(), 40)
claims.register(lattice_profile.PROFILE_SECOND_ORDER, profiles(), 25)
claims.register(lattice_profile.PROFILE_BEND, profiles(), 100)
claims.register(lattice_profile.PROFILE_FLAT, profiles(), 60)
claims.register(lattice_profile.PROFILE_LAW, visible_lattices((1e-3, 0.5)), 20)
