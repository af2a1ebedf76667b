"""Bits of signs, and selections of values by bits, in ReLUs (Appendix C.4)."""

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.relu_gates import relu
from hardposterior.spec.statements import (
    POSITIVE,
    REAL,
    STATEMENTS,
    Bound,
    Domain,
    Hypothesis,
    Identity,
)

UNIT_INTERVAL = Domain("a number in [0, 1]", lambda b: 0 <= b <= 1)
BIT = Domain("0 or 1", lambda b: b in (0, 1))
AT_MOST_ONE = Domain("a number <= 1", lambda b: -float("inf") < b <= 1)
NONZERO = Domain("a real number but 0", lambda c: 0 < abs(c) < float("inf"))


def half_turned(window: Number, x: Number) -> Number:
    """u = (x / w + 1) / 2: from 0 at x = -w to 1 at x = w."""
    return (x / window + 1) / 2


def sign_clamp(ctx: Arithmetic, window: Number, x: Number) -> Number:
    """clamp(u, 0, 1), u = (x / w + 1) / 2."""
    clipped = ctx.maximum(half_turned(window, x), ctx.number(0))
    return ctx.minimum(clipped, ctx.number(1))


def sign_bit(ctx: Arithmetic, window: Number, x: Number) -> Number:
    """1 where x > 0, 0 where x < 0: (x / |x| + 1) / 2."""
    del window
    return (x / ctx.absolute(x) + 1) / 2


def one_layer_clamp(ctx: Arithmetic, window: Number, x: Number) -> Number:
    """relu(u) - relu(u - 1): two neurons side by side."""
    u = half_turned(window, x)
    return relu(ctx, u) - relu(ctx, u - 1)


def two_layer_clamp(ctx: Arithmetic, window: Number, x: Number) -> Number:
    """relu(1 - relu(1/2 - x / (2 w))): two neurons one after the other."""
    below = relu(ctx, ctx.number(1) / 2 - x / (2 * window))
    return relu(ctx, 1 - below)


def outside_the_window(ctx: Arithmetic, window: Number, x: Number) -> Number:
    """|x| - w."""
    return ctx.absolute(x) - window


def selection(ctx: Arithmetic, bound: Number, bit: Number, value: Number) -> Number:
    """relu(C - K (1 - b)) - relu(-C - K (1 - b))."""
    closed = bound * (1 - bit)
    return relu(ctx, value - closed) - relu(ctx, -value - closed)


def selection_size(ctx: Arithmetic, bound: Number, bit: Number, value: Number) -> Number:
    """|relu(C - K (1 - b)) - relu(-C - K (1 - b))|."""
    return ctx.absolute(selection(ctx, bound, bit, value))


def scaled_size(ctx: Arithmetic, bound: Number, bit: Number, value: Number) -> Number:
    """b |C|."""
    del bound
    return bit * ctx.absolute(value)


def product(ctx: Arithmetic, bound: Number, bit: Number, value: Number) -> Number:
    """b C."""
    del ctx, bound
    return bit * value


def shrunk_value(ctx: Arithmetic, bound: Number, bit: Number, value: Number) -> Number:
    """sign(C) relu(|C| - K (1 - b)), C != 0."""
    size = ctx.absolute(value)
    return value / size * relu(ctx, size - bound * (1 - bit))


def room_above_the_value(ctx: Arithmetic, bound: Number, bit: Number, value: Number) -> Number:
    """K - |C|."""
    del bit
    return bound - ctx.absolute(value)


WINDOW_DOMAIN = {"window": POSITIVE, "x": REAL}
SELECTION_DOMAIN = {"bound": POSITIVE, "bit": UNIT_INTERVAL, "value": REAL}
LARGE_ENOUGH = Hypothesis(
    name="K >= |C|",
    claim="|C| < K (and |C| = K, by continuity)",
    margin=room_above_the_value,
    witness={"bound": 1.0, "bit": 0.0, "value": 2.0},
)

RELU_SIGN = STATEMENTS.state(
    Identity(
        id="relu-sign",
        paper="Appendix C.4",
        relation="explicit",
        claim="clamp((x / w + 1) / 2, 0, 1) is the exact bit of sgn(x) where |x| >= w > 0",
        domain=WINDOW_DOMAIN,
        where=(
            Hypothesis(
                name="|x| >= w",
                claim="|x| > w (and |x| = w, by continuity)",
                margin=outside_the_window,
                witness={"window": 1.0, "x": 0.5},
            ),
        ),
        left=sign_clamp,
        right=sign_bit,
        proof="(x / w + 1) / 2 >= 1 where x >= w, <= 0 where x <= -w",
    )
)

RELU_SIGN_ONE_LAYER = STATEMENTS.state(
    Identity(
        id="relu-sign.one-layer",
        paper="Appendix C.4",
        relation="explicit",
        claim="with u = (x / w + 1) / 2, clamp(u, 0, 1) = relu(u) - relu(u - 1), two neurons: "
        "over the reals, not in floats, where the two sums round apart",
        domain=WINDOW_DOMAIN,
        left=sign_clamp,
        right=one_layer_clamp,
        proof="all three pieces",
    )
)

RELU_SIGN_TWO_LAYERS = STATEMENTS.state(
    Identity(
        id="relu-sign.two-layers",
        paper="Appendix C.4",
        relation="own",
        claim="clamp((x / w + 1) / 2, 0, 1) = relu(1 - relu(1/2 - x / (2 w))), two neurons in two "
        "layers; in floats too a bit where |x| >= w",
        domain=WINDOW_DOMAIN,
        left=sign_clamp,
        right=two_layer_clamp,
        proof="1 - u = 1/2 - x / (2 w) and clamp(u, 0, 1) = relu(1 - relu(1 - u))",
    )
)

RELU_SELECTION = STATEMENTS.state(
    Bound(
        id="relu-selection",
        paper="Appendix C.4",
        relation="explicit",
        claim="|relu(C - K (1 - b)) - relu(-C - K (1 - b))| <= b |C| for |C| <= K, b in [0,1]",
        domain=SELECTION_DOMAIN,
        where=(LARGE_ENOUGH,),
        left=selection_size,
        right=scaled_size,
        proof="the left is relu(|C| - K (1 - b)), and b |C| - |C| + K (1 - b) = (1 - b)(K - |C|)",
        depends=("relu-selection.sign",),
    )
)

RELU_SELECTION_EXACT = STATEMENTS.state(
    Identity(
        id="relu-selection.exact",
        paper="Appendix C.4",
        relation="as stated",
        claim="relu(C - K (1 - b)) - relu(-C - K (1 - b)) = b C for |C| <= K, b in {0,1}",
        domain={**SELECTION_DOMAIN, "bit": BIT},
        where=(LARGE_ENOUGH,),
        left=selection,
        right=product,
        proof="both terms vanish at b = 0; at b = 1 they are relu(C) - relu(-C)",
    )
)

RELU_SELECTION_SIGN = STATEMENTS.state(
    Identity(
        id="relu-selection.sign",
        paper="Appendix C.4",
        relation="as stated",
        claim="relu(C - K (1 - b)) - relu(-C - K (1 - b)) = sign(C) relu(|C| - K (1 - b)) "
        "for K > 0, b <= 1, C != 0 (both sides vanish at C = 0)",
        domain={"bound": POSITIVE, "bit": AT_MOST_ONE, "value": NONZERO},
        left=selection,
        right=shrunk_value,
        proof="K (1 - b) >= 0, so that the term of the other sign vanishes",
    )
)
