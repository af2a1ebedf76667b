"""Searches for counterexamples to the explicit score networks' bounds (Appendices C.8 and D)."""

import random
from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.calibration import noisy_sizes
from hardposterior.properties.score_network_error import NEEDS, measured_error
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.properties.tables import draw_digits, parity
from hardposterior.properties.weighted_mean import means_below
from hardposterior.spec import explicit_network, well_modeled
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence

ctx = Floats()


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

SIZE, EXPONENT = 6, 1.0
TIMES = (1.0, 3.0, 12.0, 40.0, 120.0)
"""Noise levels over d^-C, unscaled: to both sides of sigma = 1, where the form changes."""


@evidence(well_modeled.WELL_MODELED, kind="statistical", scope="box", needs=NEEDS)
def explicit_instance_meets_the_definition(run: Run) -> Outcome:
    """n = m = 6, C = 1, R and eps explicit: E|s_hat - s|^2 sigma^2 <= d^-C, parity and random f.

    False alarm 1e-6 in all; finds a mean a third above d^-C.
    """
    draw = random.Random(run.seed)
    separation, spacing = explicit_network.calibrated(ctx, SIZE, SIZE, EXPONENT)
    target = float(2 * SIZE) ** -EXPONENT
    count = run.size(8_000, 20_000, 50_000)
    cells = [
        (
            *(SIZE, SIZE, digits, separation, spacing, times * target),
            "small-noise" if times * target <= 1 else "large-noise",
            *(True, count, draw.getrandbits(48)),
        )
        for digits in (parity(SIZE, SIZE), draw_digits(SIZE, SIZE, draw))
        for times in TIMES
    ]
    return means_below(run, measured_error, cells, target)
