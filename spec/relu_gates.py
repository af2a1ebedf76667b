"""Gates as formulas of ReLUs (Appendices C and G): exact on bits, and never outside [0, 1].

With S the sum of the inputs, a full adder (XOR3 and MAJ of the same inputs) is three neurons:
relu(S), relu(S - 1) and relu(S - 2).
"""

from collections.abc import Callable, Mapping, Sequence

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.circuits import ARITY, TRUTH
from hardposterior.spec.statements import STATEMENTS, Bound, Domain, Identity


def relu(ctx: Arithmetic, x: Number) -> Number:
    """max(x, 0)."""
    return ctx.maximum(x, ctx.number(0))


def and_gate(ctx: Arithmetic, a: Number, b: Number) -> Number:
    """relu(a + b - 1)."""
    return relu(ctx, a + b - 1)


def or_gate(ctx: Arithmetic, a: Number, b: Number) -> Number:
    """1 - relu(1 - a - b)."""
    return 1 - relu(ctx, 1 - a - b)


def xor_gate(ctx: Arithmetic, a: Number, b: Number) -> Number:
    """relu(a + b) - 2 relu(a + b - 1)."""
    return relu(ctx, a + b) - 2 * relu(ctx, a + b - 1)


def xor3_gate(ctx: Arithmetic, a: Number, b: Number, c: Number) -> Number:
    """relu(S) - 2 relu(S - 1) + 2 relu(S - 2), S = a + b + c."""
    total = a + b + c
    return relu(ctx, total) - 2 * relu(ctx, total - 1) + 2 * relu(ctx, total - 2)


def maj_gate(ctx: Arithmetic, a: Number, b: Number, c: Number) -> Number:
    """relu(S - 1) - relu(S - 2), S = a + b + c."""
    total = a + b + c
    return relu(ctx, total - 1) - relu(ctx, total - 2)


def mux_gate(ctx: Arithmetic, e: Number, f: Number, g: Number) -> Number:
    """relu(e + f - 1) + relu(g - e)."""
    return relu(ctx, e + f - 1) + relu(ctx, g - e)


FORMULAS: Mapping[str, Callable[..., Number]] = {
    "ZERO": lambda ctx: ctx.number(0),
    "ONE": lambda ctx: ctx.number(1),
    "NOT": lambda ctx, a: 1 - a,
    "AND": and_gate,
    "OR": or_gate,
    "XOR": xor_gate,
    "XOR3": xor3_gate,
    "MAJ": maj_gate,
    "MUX": mux_gate,
}


def gate_value(ctx: Arithmetic, gate: str, inputs: Sequence[Number]) -> Number:
    """The gate's formula in ReLUs."""
    return FORMULAS[gate](ctx, *inputs)


def gate_bit(ctx: Arithmetic, gate: str, inputs: Sequence[int]) -> Number:
    """The gate's bit, from its truth table."""
    return ctx.number(TRUTH[gate](*inputs))


def distance_from_the_middle(ctx: Arithmetic, gate: str, inputs: Sequence[Number]) -> Number:
    """|value - 1/2|."""
    return ctx.absolute(gate_value(ctx, gate, inputs) - ctx.number(1) / 2)


def one_half(ctx: Arithmetic, gate: str, inputs: Sequence[Number]) -> Number:
    """1/2."""
    del gate, inputs
    return ctx.number(1) / 2


GATE = Domain("the name of a gate", lambda gate: gate in ARITY)
GATE_BITS = Domain("as many bits as the gate reads", lambda inputs: set(inputs) <= {0, 1})
GATE_CUBE = Domain(
    "as many numbers in [0, 1] as the gate reads", lambda inputs: all(0 <= x <= 1 for x in inputs)
)

RELU_GATES = STATEMENTS.state(
    Identity(
        id="relu-gates",
        paper="Appendix C, Appendix G",
        relation="explicit",
        claim="on bits every gate equals its formula: NOT 1 - a; AND relu(a + b - 1); "
        "OR 1 - relu(1 - a - b); XOR relu(a + b) - 2 relu(a + b - 1); with S = a + b + c, "
        "MAJ relu(S - 1) - relu(S - 2), XOR3 relu(S) - 2 relu(S - 1) + 2 relu(S - 2); "
        "MUX(e; f, g) relu(e + f - 1) + relu(g - e)",
        domain={"gate": GATE, "inputs": GATE_BITS},
        left=gate_value,
        right=gate_bit,
        proof="all cases",
    )
)

RELU_GATES_RANGE = STATEMENTS.state(
    Bound(
        id="relu-gates.range",
        paper="Appendix C, Appendix G",
        relation="own",
        claim="every gate's formula maps [0,1] inputs, fractional ones too, into [0,1]: "
        "|value - 1/2| <= 1/2",
        domain={"gate": GATE, "inputs": GATE_CUBE},
        left=distance_from_the_middle,
        right=one_half,
        proof="the formula is affine on the pieces cut by S = 1, S = 2 or e = g, a totally "
        "unimodular system: the pieces have bits for corners, where the value is a bit",
    )
)
