"""A circuit as a ReLU network (Appendices C and G): its values on bits and on the whole cube."""

from collections.abc import Iterator, Sequence

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.circuits import NETLIST, Netlist, evaluate
from hardposterior.spec.relu_gates import gate_value, relu
from hardposterior.spec.relu_layers import layers_of
from hardposterior.spec.statements import STATEMENTS, Bound, Domain, Identity


def wire_values(ctx: Arithmetic, netlist: Netlist, x: Sequence[Number]) -> list[Number]:
    """The values of all wires at x in [0,1]^n, every gate by its formula in ReLUs."""
    values = list(x)
    for name, wires in netlist.gates:
        values.append(gate_value(ctx, name, [values[wire] for wire in wires]))
    return values


def neuron_values(
    ctx: Arithmetic, netlist: Netlist, x: Sequence[Number]
) -> Iterator[tuple[Number, int]]:
    """Every hidden neuron relu(S - k) at x, with the end of its stated range: literals - k."""
    values = wire_values(ctx, netlist, x)
    layers = layers_of(netlist)
    for carried, logic in zip(layers.carried, layers.logic, strict=True):
        for literals, k in carried + logic:
            total = ctx.number(-k)
            for wire, positive in literals:
                total = total + (values[wire] if positive else 1 - values[wire])
            yield relu(ctx, total), len(literals) - k


def output_numbers(ctx: Arithmetic, netlist: Netlist, x: Sequence[Number]) -> Number:
    """sum over outputs j of 4^-j times the network's output, so that outputs stay apart."""
    values = wire_values(ctx, netlist, x)
    return sum((values[w] / 4**j for j, w in enumerate(netlist.outputs)), ctx.number(0))


def output_bits(ctx: Arithmetic, netlist: Netlist, x: Sequence[int]) -> Number:
    """sum over outputs j of 4^-j times the circuit's bit."""
    bits = evaluate(netlist, x)
    return sum((ctx.number(bit) / 4**j for j, bit in enumerate(bits)), ctx.number(0))


def largest_share_of_its_range(ctx: Arithmetic, netlist: Netlist, x: Sequence[Number]) -> Number:
    """The largest, over all neurons relu(S - k), of its value / (number of literals in S - k)."""
    worst = ctx.number(0)
    for value, end in neuron_values(ctx, netlist, x):
        worst = ctx.maximum(worst, value / end)
    return worst


def one(ctx: Arithmetic, netlist: Netlist, x: Sequence[Number]) -> Number:
    """1."""
    del netlist, x
    return ctx.number(1)


ON_BITS = Domain("n bits", lambda x: set(x) <= {0, 1})
IN_THE_CUBE = Domain("n numbers in [0, 1]", lambda x: all(0 <= value <= 1 for value in x))

RELU_GATES_NEURONS = STATEMENTS.state(
    Bound(
        id="relu-gates.neurons",
        paper="Appendix C, Appendix G",
        relation="own",
        claim="on [0,1]^n every neuron relu(S - k) of the network of a circuit stays in "
        "[0, number of literals in S - k], and every wire in [0,1]",
        domain={"netlist": NETLIST, "x": IN_THE_CUBE},
        left=largest_share_of_its_range,
        right=one,
        proof="by induction over the gates: `relu-gates.range` keeps wires in [0,1], hence also "
        "their negations, hence S between 0 and its number of literals",
        depends=("relu-gates.range",),
    )
)

RELU_GATES_NETWORK = STATEMENTS.state(
    Identity(
        id="relu-gates.network",
        paper="Appendix C, Appendix G",
        relation="explicit",
        claim="the ReLU network of a circuit equals the circuit on {0,1}^n, output by output",
        domain={"netlist": NETLIST, "x": ON_BITS},
        left=output_numbers,
        right=output_bits,
        proof="by induction over the gates: each equals its formula on bits (`relu-gates`)",
        depends=("relu-gates",),
    )
)
