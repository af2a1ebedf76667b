"""An implementation's sign bits and selections held to their formulas (Appendix C.4).

Contracts: a sign bit is exact where |x| >= w and otherwise errs by at most 2^-21 (its slope may be
rounded to float32); a selection is exact at b = 0 and b = 1, and at any b it has the sign of C and
at most the size b |C|, with 4 rounding errors of its K, a power of two below 2 |bound|, to spare.
"""

from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties import claims, strategies
from hardposterior.properties.arithmetic import Decimals
from hardposterior.properties.netlists import DTYPES
from hardposterior.properties.search import search
from hardposterior.spec import relu_gadgets as gadgets
from hardposterior.spec.evidence import Outcome, Run, evidence

SIGN_ERROR = 2.0**-21
ROUNDING = {torch.float32: 2.0**-24, torch.float64: 2.0**-53}
ctx = Decimals(50)
PRECISIONS = st.sampled_from(sorted(DTYPES))


def sign_bit_is_the_clamp(implementation: Any, window: float, x: float, dtype: str) -> float:
    """Error over 2^-21 inside the window; outside it, 0 if the bit is exact, else infinite."""
    place = torch.tensor([x], dtype=DTYPES[dtype])
    found = float(implementation.sign_bits(window, 1, DTYPES[dtype])(place))
    at = float(place)
    if abs(at) >= window:
        return 0.0 if found == (at > 0) else float("inf")
    if not 0 <= found <= 1:
        return float("inf")
    exact = gadgets.sign_clamp(ctx, ctx.number(window), ctx.number(at))
    return float(abs(found - exact) / SIGN_ERROR)


def selection_is_exact_at_bits(
    implementation: Any, bound: float, value: float, dtype: str
) -> float:
    """0 if b C is exact at b = 0 and b = 1, |C| <= bound, else 2."""
    select = implementation.select(bound, 1, DTYPES[dtype])
    inputs = torch.tensor([[0.0, value], [1.0, value]], dtype=DTYPES[dtype])
    return 0.0 if select(inputs).flatten().tolist() == [0.0, float(inputs[1, 1])] else 2.0


def selection_stays_below_the_scaled_value(
    implementation: Any, bound: float, bit: float, value: float, dtype: str
) -> float:
    """|out| over b |C| and the allowed rounding; infinite if the sign is not C's."""
    inputs = torch.tensor([[bit, value]], dtype=DTYPES[dtype])
    b, c = inputs[0].tolist()
    found = float(implementation.select(bound, 1, DTYPES[dtype])(inputs))
    slack = 4 * ROUNDING[DTYPES[dtype]] * 2 * bound
    if found * c < 0:
        return float("inf")
    return float(abs(found) / (b * abs(c) + slack))


def windows() -> st.SearchStrategy[float]:
    """Widths of the sign's window."""
    return strategies.on_a_log_scale(1e-6, 1e6)


def places(window: float) -> st.SearchStrategy[float]:
    """x inside the window, at its edges, and far outside."""
    inside = st.floats(-1, 1)
    outside = st.tuples(st.sampled_from([-1.0, 1.0]), strategies.on_a_log_scale(1.0, 1e6))
    factors = st.one_of(inside, outside.map(lambda pair: pair[0] * pair[1]))
    return factors.map(lambda factor: window * factor)


def signs() -> st.SearchStrategy[dict[str, Any]]:
    """A window and a place."""
    return windows().flatmap(
        lambda w: st.fixed_dictionaries({"window": st.just(w), "x": places(w)})
    )


def selections(bits: st.SearchStrategy[float]) -> st.SearchStrategy[dict[str, Any]]:
    """A bound, a bit and a value within the bound."""
    return st.tuples(strategies.on_a_log_scale(1e-3, 1e3), st.floats(-1, 1), bits).map(
        lambda drawn: {"bound": drawn[0], "value": drawn[0] * drawn[1], "bit": drawn[2]}
    )


@evidence(gadgets.RELU_SIGN, kind="property", scope="box", needs=("sign_bits",))
def implemented_sign_bit_is_the_clamp(run: Run) -> Outcome:
    """Exact outside the window, in [0,1] and close to the clamp inside; both precisions."""
    cases = st.tuples(signs(), PRECISIONS).map(lambda c: {**c[0], "dtype": c[1]})
    return search(run, sign_bit_is_the_clamp, cases, examples=run.size(200, 500, 5000))


@evidence(gadgets.RELU_SELECTION_EXACT, kind="property", scope="box", needs=("select",))
def implemented_selection_is_exact_at_bits(run: Run) -> Outcome:
    """b C without rounding at b = 0 and b = 1; both precisions."""
    cases = st.tuples(selections(st.just(0.0)), PRECISIONS).map(
        lambda c: {"bound": c[0]["bound"], "value": c[0]["value"], "dtype": c[1]}
    )
    return search(run, selection_is_exact_at_bits, cases, examples=run.size(200, 500, 5000))


@evidence(gadgets.RELU_SELECTION, kind="property", scope="box", needs=("select",))
def implemented_selection_stays_below_the_scaled_value(run: Run) -> Outcome:
    """The sign of C and at most b |C| at fractional b; both precisions."""
    cases = st.tuples(selections(st.floats(0, 1)), PRECISIONS).map(
        lambda c: {**c[0], "dtype": c[1]}
    )
    examples = run.size(200, 500, 5000)
    return search(run, selection_stays_below_the_scaled_value, cases, examples=examples)


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    fractional = selections(st.floats(0, 1))
    nonzero = fractional.filter(lambda case: case["value"] != 0)
    for statement, cases in {
        gadgets.RELU_SIGN: signs(),
        gadgets.RELU_SIGN_ONE_LAYER: signs(),
        gadgets.RELU_SIGN_TWO_LAYERS: signs(),
        gadgets.RELU_SELECTION: fractional,
        gadgets.RELU_SELECTION_EXACT: selections(st.sampled_from([0.0, 1.0])),
        gadgets.RELU_SELECTION_SIGN: nonzero,
    }.items():
        claims.register(statement, cases, 60)


register_claims()
