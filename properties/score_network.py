"""A search for counterexamples to what products of networks err by (Appendix C.3)."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.spec import score_network


@st.composite
def finite_products(draw: st.DrawFn) -> dict[str, Any]:
    """At most four coordinates of at most three points, with errors at them."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    weight, error = st.integers(1, 9), st.floats(-5, 5)
    return {
        "laws": [draw(st.lists(weight, min_size=k, max_size=k)) for k in sizes],
        "errors": [draw(st.lists(error, min_size=k, max_size=k)) for k in sizes],
    }


claims.register(score_network.RELU_PRODUCT_SCORE, finite_products(), 40)
