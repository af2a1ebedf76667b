"""Searches for counterexamples to the bounds on piecewise-linear interpolants (Appendix C.1)."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale, visible_lattices
from hardposterior.spec import piecewise_linear


@st.composite
def chords(draw: st.DrawFn) -> dict[str, Any]:
    """A lattice whose waves are visible, a piece from x on, and a place in it."""
    found = draw(visible_lattices((1e-3, 0.5)))
    width = draw(on_a_log_scale(1e-3, 3.0)) * found["spacing"] * (1 + found["sigma"] ** 2)
    return {**found, "width": width, "share": draw(st.floats(0, 1))}


claims.register(piecewise_linear.PIECEWISE_LINEAR_SCORE, chords(), 40)
claims.register(piecewise_linear.PIECEWISE_LINEAR_JOIN, chords(), 40)
