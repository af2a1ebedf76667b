"""The lattice's own statements, searched for counterexamples at 60 digits (Appendix C.5)."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims, strategies
from hardposterior.spec import lattice_denoiser, lattice_smoothing, smoothing, theta
from hardposterior.spec.statements import Statement


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    visible = strategies.visible_lattices((1e-2, 3.0))
    smooth = strategies.visible_lattices((0.041, 3.0))
    law = st.integers(1, 4).flatmap(
        lambda size: st.fixed_dictionaries(
            {
                "atoms": st.lists(st.floats(-3, 3), min_size=size, max_size=size),
                "weights": st.lists(st.floats(0.01, 1), min_size=size, max_size=size),
                "sigma": strategies.noise_levels(0.3, 10.0),
                "x": st.floats(-4, 4),
            }
        )
    )
    periodic = st.fixed_dictionaries({"rho": st.floats(1e-6, 0.95), "u": st.floats(-1, 1)})
    ratio = st.fixed_dictionaries(
        {"q": strategies.on_a_log_scale(1e-3, 3.0), "u": st.floats(-1, 1)}
    )
    strategy_of: dict[Statement, st.SearchStrategy[Any]] = {
        smoothing.SMOOTHED_SCORE: law,
        smoothing.SECOND_ORDER: law,
        theta.LATTICE_DENSITY: visible,
        theta.THETA_FORMS: ratio,
        theta.THETA_RANGE: periodic,
        lattice_smoothing.LATTICE_SMOOTHING: smooth,
        lattice_smoothing.LATTICE_SMOOTHING_PRODUCT: visible,
        lattice_smoothing.LATTICE_SMOOTHING_DENSITY: visible,
        lattice_denoiser.LATTICE_SCORE: visible,
        lattice_denoiser.LATTICE_DENOISER: visible,
        lattice_denoiser.LATTICE_DENOISER_PHASES: st.tuples(
            visible, st.one_of(st.just(0.5), st.floats(-1, 2))
        ).map(lambda drawn: {**drawn[0], "shift": drawn[1]}),
    }
    for statement, cases in strategy_of.items():
        claims.register(statement, cases, 60)


register_claims()
