"""Reverse diffusion's bounds on Gaussian priors, where both sides are known, and on any mmse."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import reverse_diffusion


def profiles_of(case: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Levels in ratios of at most r, and an mmse that falls below them: `abel_sum`."""
    steps = int(case["steps"])
    some = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
    ratios = st.one_of(
        st.just([1.0] * steps), st.lists(some, min_size=steps, max_size=steps).filter(any)
    )
    shares = st.one_of(
        st.just([1.0] * steps + [0.0]),  # the largest mmse, gone at the last level
        st.lists(some, min_size=steps + 1, max_size=steps + 1),
    )
    return st.builds(lambda a, b: {**case, "ratios": a, "shares": b}, ratios, shares)


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    geometric = {
        "top": on_a_log_scale(0.1, 1e4),
        "ratio": on_a_log_scale(1.001, 10.0),
        "steps": st.integers(1, 40),
    }
    gaussian = st.fixed_dictionaries(
        {
            "variance": on_a_log_scale(1e-3, 1e3),
            **geometric,
            "error": st.one_of(st.just(0.0), st.floats(-0.5, 0.5)),
        }
    )
    profiles = st.fixed_dictionaries(geometric).flatmap(profiles_of)
    claims.register(reverse_diffusion.REVERSE_DIFFUSION, gaussian, 80)
    claims.register(reverse_diffusion.REVERSE_DIFFUSION_STEPS, profiles, 80)


register_claims()
