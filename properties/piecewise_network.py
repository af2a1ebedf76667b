"""Folded and unfolded profile networks against each other, and an implementation's against both."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.spec import piecewise_network


@st.composite
def profile_networks(draw: st.DrawFn) -> dict[str, Any]:
    """Knots and values in 64ths, so that both sides are exact; u inside the range and beyond."""
    inner = sorted(draw(st.sets(st.integers(1, 31), max_size=4)))
    height = st.integers(0, 32).map(lambda k: Fraction(k, 64))
    folds = draw(st.integers(0, 3))
    return {
        "knots": [Fraction(0), *(Fraction(k, 64) for k in inner), Fraction(1, 2)],
        "values": [Fraction(0), *(draw(height) for _ in inner), Fraction(0)],
        "phase": draw(st.sampled_from([Fraction(0), Fraction(1, 2)])),
        "folds": folds,
        "u": draw(st.integers(-300 * 2**folds, 300 * 2**folds).map(lambda k: Fraction(k, 256))),
    }


@st.composite
def places_of_waves(draw: st.DrawFn) -> dict[str, Any]:
    """A place within 2^F."""
    folds = draw(st.integers(0, 10))
    return {"u": draw(st.floats(-(2.0**folds), 2.0**folds)), "folds": folds}


claims.register(piecewise_network.PIECEWISE_LINEAR_FOLDING, profile_networks(), 60)
claims.register(piecewise_network.PIECEWISE_LINEAR_WAVES, places_of_waves(), 60)
