"""Searches for counterexamples to calibration and to the covariance's bounds."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.properties.tables import digits, table_of
from hardposterior.spec import calibration, covariance


@st.composite
def noisy_sizes(draw: st.DrawFn) -> dict[str, Any]:
    """Sizes n, m, an exponent C and a noise level from d^-C on, often where V and U cross."""
    n, m = draw(st.integers(1, 500)), draw(st.integers(1, 500))
    exponent = draw(st.one_of(st.integers(0, 10).map(float), st.floats(0, 10)))
    lowest = float(n + m) ** -exponent
    above = st.one_of(on_a_log_scale(1.0001, 4.0), on_a_log_scale(1.0001, 1e3 / lowest))
    crossing = st.floats(0.5, 3.0).map(lambda sigma: max(sigma, 1.0001 * lowest))
    sigma = draw(st.one_of(above.map(lambda times: times * lowest), crossing))
    return {"n": n, "m": m, "C": exponent, "sigma": sigma}


@st.composite
def small_instances(draw: st.DrawFn) -> dict[str, Any]:
    """A table of at most 2 x 2 bits, a separation of at least 1, any spacing below twice that."""
    n, m = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    separation = draw(on_a_log_scale(1.0, 20.0))
    return {
        "table": table_of(n, m, draw(digits(n, m))),
        "separation": separation,
        "spacing": draw(on_a_log_scale(0.2, 1.999 * separation)),
    }


claims.register(calibration.CALIBRATION, noisy_sizes(), 80)
claims.register(
    calibration.CALIBRATION_BETA, st.fixed_dictionaries({"m": st.integers(1, 2**40)}), 20
)
claims.register(covariance.COVARIANCE, small_instances(), 40)
claims.register(
    covariance.LATTICE_VARIANCE,
    st.fixed_dictionaries(
        {"spacing": on_a_log_scale(0.1, 50.0), "phase": st.sampled_from([0.0, 0.5])}
    ),
    40,
)
