"""Reverse diffusion's bounds on Gaussian priors, where both sides are known, and on any mmse."""

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import reverse_diffusion


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
    profiles = st.fixed_dictionaries(geometric).flatmap(
        lambda case: st.one_of(
            st.just([1.0] * int(case["steps"]) + [0.0]),  # the largest mmse, gone at the last level
            st.lists(
                st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1)),
                min_size=int(case["steps"]) + 1,
                max_size=int(case["steps"]) + 1,
            ),
        ).map(lambda shares: {**case, "shares": shares})
    )
    claims.register(reverse_diffusion.REVERSE_DIFFUSION, gaussian, 80)
    claims.register(reverse_diffusion.REVERSE_DIFFUSION_STEPS, profiles, 80)


register_claims()
