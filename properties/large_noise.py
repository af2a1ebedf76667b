"""A search for counterexamples to the large-noise bound (Appendix C.7)."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.properties.tables import digits, table_of
from hardposterior.spec import large_noise


@st.composite
def large_noise_networks(draw: st.DrawFn) -> dict[str, Any]:
    """A table of at most 2 x 2 bits, a noise level with little lattice left, tanh's knots."""
    n, m = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    spacing = draw(on_a_log_scale(0.4, 2.0))
    sigma = draw(on_a_log_scale(0.5 * spacing, 8.0))
    separation = draw(on_a_log_scale(1.0, 6.0))
    near = st.floats(-1.0, 1.0).map(lambda c: c * (1 + sigma**2) / separation)
    hidden = st.one_of(near, st.floats(-8.0, 8.0))
    steps = draw(st.lists(on_a_log_scale(0.01, 1.5), min_size=1, max_size=5))
    knots = [0.0]
    for step in steps:
        knots.append(knots[-1] + step)
    return {
        "table": table_of(n, m, draw(digits(n, m))),
        "separation": separation,
        "spacing": spacing,
        "sigma": sigma,
        "x": [draw(hidden) for _ in range(n)] + [draw(st.floats(-4.0, 4.0)) for _ in range(m)],
        "knots": knots,
    }


claims.register(large_noise.RELU_SCORE_LARGE_NOISE, large_noise_networks(), 40)
