"""The schedule of an implementation's reverse diffusion: levels in one ratio (Appendix F)."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import reverse_diffusion
from hardposterior.spec.evidence import Outcome, Run, evidence


def schedule_is_geometric(implementation: Any, sigma_max: float, times: float, steps: int) -> float:
    """The largest departure of u_k / u_{k+1} from r over 1e-12 r; infinite if an end is missed."""
    sigma_min = sigma_max / times
    levels = [
        float(level) for level in implementation.geometric_schedule(sigma_max, sigma_min, steps)
    ]
    if len(levels) != steps + 1 or (levels[0], levels[-1]) != (sigma_max, sigma_min):
        return float("inf")
    ratio = (sigma_max / sigma_min) ** (2 / steps)
    squares = [level**2 for level in levels]
    worst: float = max(abs(a / b - ratio) / (1e-12 * ratio) for a, b in pairwise(squares))
    return worst


@evidence(
    reverse_diffusion.REVERSE_DIFFUSION,
    kind="property",
    scope="step",
    needs=("geometric_schedule",),
)
def implemented_schedule_is_geometric(run: Run) -> Outcome:
    """u_k / u_{k+1} = r for all k, which is what the closed forms of the bound assume."""
    cases = st.fixed_dictionaries(
        {
            "sigma_max": on_a_log_scale(0.1, 1e3),
            "times": on_a_log_scale(1.5, 1e6),
            "steps": st.integers(1, 200),
        }
    )
    return search(run, schedule_is_geometric, cases, examples=run.size(30, 100, 1000))
