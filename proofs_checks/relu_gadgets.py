"""Sign bits and selections, proved over the reals by z3: every x, w, C, K and b."""

from typing import Any

import z3

from hardposterior.proofs_checks.solver import Reals, prove, prove_all
from hardposterior.spec import relu_gadgets as gadgets
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

ctx: Any = Reals()
x, window, value, bound, bit = z3.Reals("x w C K b")
POSITIVE_WINDOW = window > 0
OUTSIDE = gadgets.outside_the_window(ctx, window, x) >= 0
LARGE_ENOUGH = gadgets.room_above_the_value(ctx, bound, bit, value) >= 0
IN_THE_UNIT_INTERVAL = z3.And(bit >= 0, bit <= 1)


def both(statement: Any, *arguments: Any) -> tuple[Any, Any]:
    """The two sides of a statement as z3 expressions."""
    return statement.left(ctx, *arguments), statement.right(ctx, *arguments)


@evidence(gadgets.RELU_SIGN, kind="exhaustive", scope="whole")
def clamp_is_the_bit_outside_the_window(run: Run) -> Outcome:
    """z3: all x, w with |x| >= w > 0."""
    del run
    left, right = both(gadgets.RELU_SIGN, window, x)
    return prove("clamp", left == right, [POSITIVE_WINDOW, OUTSIDE])


@evidence(gadgets.RELU_SIGN, kind="exhaustive", scope="step")
def clamp_is_no_bit_at_the_witness(run: Run) -> Outcome:
    """At the witness |x| < w, and the clamp is not the bit."""
    del run
    (hypothesis,) = gadgets.RELU_SIGN.where
    point = {name: ctx.number(v) for name, v in (hypothesis.witness or {}).items()}
    margin = hypothesis.margin(ctx, **point)
    differ = gadgets.RELU_SIGN.left(ctx, **point) != gadgets.RELU_SIGN.right(ctx, **point)
    if prove("witness", z3.And(margin <= 0, differ)).status != "proved":
        return refuted(f"relu-sign at {dict(hypothesis.witness or {})}: the claim does not fail")
    return proved(witnesses=(hypothesis.name,))


@evidence(gadgets.RELU_SIGN_ONE_LAYER, kind="exhaustive", scope="whole")
def two_neurons_side_by_side_are_the_clamp(run: Run) -> Outcome:
    """z3: all x, w > 0."""
    del run
    left, right = both(gadgets.RELU_SIGN_ONE_LAYER, window, x)
    return prove("one layer", left == right, [POSITIVE_WINDOW])


@evidence(gadgets.RELU_SIGN_TWO_LAYERS, kind="exhaustive", scope="whole")
def two_neurons_in_two_layers_are_the_clamp(run: Run) -> Outcome:
    """z3: all x, w > 0."""
    del run
    left, right = both(gadgets.RELU_SIGN_TWO_LAYERS, window, x)
    return prove("two layers", left == right, [POSITIVE_WINDOW])


@evidence(gadgets.RELU_SELECTION, kind="exhaustive", scope="whole")
def selection_never_exceeds_the_scaled_value(run: Run) -> Outcome:
    """z3: all b in [0,1], |C| <= K."""
    del run
    left, right = both(gadgets.RELU_SELECTION, bound, bit, value)
    return prove("selection", left <= right, [IN_THE_UNIT_INTERVAL, LARGE_ENOUGH])


@evidence(gadgets.RELU_SELECTION_EXACT, kind="exhaustive", scope="whole")
def selection_is_exact_at_bits(run: Run) -> Outcome:
    """z3: b = 0 and b = 1, all |C| <= K."""
    del run
    questions = {}
    for b in (0, 1):
        left, right = both(gadgets.RELU_SELECTION_EXACT, bound, ctx.number(b), value)
        questions[f"b = {b}"] = (left == right, [LARGE_ENOUGH])
    return prove_all(questions)


@evidence(gadgets.RELU_SELECTION_EXACT, kind="exhaustive", scope="step")
def selection_is_not_exact_at_the_witness(run: Run) -> Outcome:
    """At the witness K < |C|, and the bit 0 does not close the selection."""
    del run
    (hypothesis,) = gadgets.RELU_SELECTION_EXACT.where
    point = {name: ctx.number(v) for name, v in (hypothesis.witness or {}).items()}
    margin = hypothesis.margin(ctx, **point)
    differ = gadgets.selection(ctx, **point) != gadgets.product(ctx, **point)
    if prove("witness", z3.And(margin <= 0, differ)).status != "proved":
        return refuted(f"relu-selection.exact at {point}: the claim does not fail")
    return proved(witnesses=(hypothesis.name,))


@evidence(gadgets.RELU_SELECTION_SIGN, kind="exhaustive", scope="whole")
def selection_has_the_sign_of_the_value(run: Run) -> Outcome:
    """z3: all K > 0, b <= 1, C != 0."""
    del run
    left, right = both(gadgets.RELU_SELECTION_SIGN, bound, bit, value)
    return prove("sign", left == right, [bound > 0, bit <= 1, value != 0])
