"""Searches for counterexamples to the explicit score networks' bounds (Appendices C.8 and D)."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.calibration import noisy_sizes
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import well_modeled


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    """Instances and sign windows."""
    separation = draw(on_a_log_scale(1.001, 30.0))
    return {
        "n": draw(st.integers(1, 500)),
        "m": draw(st.integers(1, 500)),
        "separation": separation,
        "spacing": draw(on_a_log_scale(0.05, 4.0)),
        "sigma": draw(on_a_log_scale(1e-4, 1e3)),
        "window": draw(on_a_log_scale(1e-9, 0.0999)) / separation,
    }


claims.register(well_modeled.RELU_SCORE_WINDOW, windows(), 60)
for stated in (
    well_modeled.RELU_SCORE,
    well_modeled.RELU_SCORE_POLYNOMIAL,
    well_modeled.RELU_SCORE_WEIGHTS,
):
    claims.register(stated, noisy_sizes(), 60)
