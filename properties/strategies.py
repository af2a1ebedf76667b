"""Hypothesis strategies for the parameters of the paper's claims.

Ranges are those that the implementation promises; noise levels and spacings are drawn on a
logarithmic scale, and places favour lattice points, cell edges and the switch between series.
"""

import math

from hypothesis import strategies as st

SPACING = (0.05, 4.0)
SIGMA = (1e-4, 1e3)


def on_a_log_scale(low: float, high: float) -> st.SearchStrategy[float]:
    """Floats in [low, high], uniform in their logarithm."""
    exponents = st.floats(math.log(low), math.log(high), allow_nan=False)
    return exponents.map(lambda e: min(max(math.exp(e), low), high))


def spacings(low: float = SPACING[0], high: float = SPACING[1]) -> st.SearchStrategy[float]:
    """Lattice spacings, unscaled."""
    return st.one_of(on_a_log_scale(low, high), st.sampled_from([low, 1.0, high]))


def phases() -> st.SearchStrategy[float]:
    """Phases in [0, 1), the two that encode a bit among them."""
    return st.one_of(st.sampled_from([0.0, 0.5]), st.floats(0, 1, exclude_max=True))


def noise_levels(low: float = SIGMA[0], high: float = SIGMA[1]) -> st.SearchStrategy[float]:
    """Smoothing levels sigma, unscaled."""
    return st.one_of(on_a_log_scale(low, high), st.sampled_from([low, 1.0, high]))


def switching_noise(spacing: float, near: float = 1e-9) -> st.SearchStrategy[float]:
    """Noise levels at which v / eps^2 is within a relative `near` of 1 / (2 pi)."""
    v = spacing**2 / (2 * math.pi)
    if v >= 1:
        return noise_levels()
    sigma = math.sqrt(v / (1 - v))
    return st.floats(-near, near).map(lambda shift: sigma * (1 + shift))


@st.composite
def lattices(
    draw: st.DrawFn, spacing: tuple[float, float] = SPACING, sigma: tuple[float, float] = SIGMA
) -> dict[str, float]:
    """A smoothed lattice and a place: `spacing`, `phase`, `sigma` and `x`.

    `x` is anywhere within 12 deviations, or within 1e-9 of the image t a of a lattice point or cell
    edge a, or the lattice point itself, where the score is smallest; `sigma` is sometimes at the
    switch between the two series.
    """
    eps = draw(spacings(*spacing))
    theta = draw(phases())
    level = draw(st.one_of(noise_levels(*sigma), switching_noise(eps)))
    level = min(max(level, sigma[0]), sigma[1])
    t = 1 + level * level
    reach = 12 * math.sqrt(t)
    anywhere = st.floats(-reach, reach)
    most = max(1, math.floor(reach / (t * eps)))
    near_an_edge = st.tuples(st.integers(-2 * most, 2 * most), st.floats(-1e-9, 1e-9)).map(
        lambda place: t * eps * (place[0] / 2 + theta) + place[1]
    )
    points = st.integers(-math.floor(12 / eps), math.floor(12 / eps))
    on_a_point = points.map(lambda k: eps * (k + theta))
    x = draw(st.one_of(anywhere, near_an_edge, near_an_edge, on_a_point))
    return {
        "spacing": eps,
        "phase": theta,
        "sigma": level,
        "x": min(max(x, -reach), reach),
    }


@st.composite
def visible_lattices(draw: st.DrawFn, q: tuple[float, float]) -> dict[str, float]:
    """A smoothed lattice with q = v / eps^2 in a range, so that what smoothing leaves is visible.

    Few terms make up either series there, and no side of a bound sinks below 50 digits.
    """
    eps = draw(spacings(0.3, SPACING[1]))
    v = min(draw(on_a_log_scale(*q)) * eps**2, 0.94)
    sigma = math.sqrt(v / (1 - v))
    cell = draw(st.one_of(st.floats(-2, 2), st.sampled_from([0.0, 0.25, 0.5])))
    theta = draw(phases())
    return {"spacing": eps, "phase": theta, "sigma": sigma, "x": (cell + theta) * eps / (1 - v)}
