"""Planted faults in circuits, functions of bits, their ReLU networks and the gadgets."""

from faults import Fault

GATES = "one-way-functions/implemented-evaluation-is-gate-by-gate"
BUILDER = "one-way-functions/implemented-builder-keeps-the-function"
FOLDS = "one-way-functions/every-gate-on-operands-that-fold"
FILES = "one-way-functions/implemented-files-keep-the-netlist"
TABLE = "one-way-functions.random-table/implemented-table-is-the-table"
GOLDREICH = "one-way-functions.goldreich/implemented-goldreich-is-its-predicate"
P5 = "one-way-functions.goldreich/every-input-of-16-bits-of-goldreich"
SUM = "one-way-functions.subset-sum/implemented-subset-sum-is-the-sum"
PARTS = "one-way-functions.sha256/netlists-of-the-parts-equal-bit-vector-arithmetic"
STANDARD = "one-way-functions.sha256/implemented-hash-equals-the-standard"
ON_BITS = "relu-gates.network/implemented-network-is-the-circuit-on-bits"
IN_THE_CUBE = "relu-gates.network/implemented-network-follows-the-formulas-in-the-cube"
NEURONS = "relu-gates.neurons/implemented-neurons-stay-in-their-range"
ROWS = "relu-gates.neurons/every-row-of-the-implementation-is-the-stated-neuron"
SIZES = "relu-gates.size/implemented-sizes-are-the-formula"
SIGN = "relu-sign/implemented-sign-bit-is-the-clamp"
EXACT = "relu-selection.exact/implemented-selection-is-exact-at-bits"
SCALED = "relu-selection/implemented-selection-stays-below-the-scaled-value"

CIRCUITS = [
    Fault(
        "bitsliced",
        "xor(both(xor(a, b), xor(a, c)), a)",
        "xor(both(xor(a, b), xor(a, c)), b)",
        "a majority that follows its second input",
        GATES,
    ),
    Fault(
        "bitsliced",
        "dict.fromkeys([*outputs, n], len(program))",
        "dict.fromkeys([n], len(program))",
        "rows of outputs reused while they are needed",
        GATES,
    ),
    Fault(
        "bitsliced",
        'count=len(rows), bitorder="little"',
        'count=len(rows), bitorder="big"',
        "inputs of a word in the wrong order",
        GATES,
    ),
    Fault(
        "circuit_builder",
        "        if g in (e, ZERO):\n            return self.and_(e, f)",
        "        if g in (e, ZERO):\n            return self.or_(e, f)",
        "a multiplexer folded to OR in place of AND",
        BUILDER,
    ),
    Fault(
        "circuit_builder",
        "return self.not_(self.mux(e, x, y))",
        "return self.mux(e, x, y)",
        "a negation lost when moved outside",
        FOLDS,
    ),
    Fault(
        "circuit_builder",
        "            odd ^= {wire if inner is None else inner}",
        "            odd |= {wire if inner is None else inner}",
        "equal wires of a parity kept once",
        BUILDER,
    ),
    Fault(
        "circuit_json",
        '"outputs": circuit.outputs,',
        '"outputs": circuit.outputs[::-1],',
        "outputs saved backwards",
        FILES,
    ),
    Fault(
        "functions",
        "for wire in reversed(wires):",
        "for wire in wires:",
        "a table read with the least significant bit first",
        TABLE,
    ),
    Fault(
        "functions",
        "(k >> 1 & k)) & 1",
        "(k >> 1 | k)) & 1",
        "a sum in place of the product x4 x5",
        P5,
    ),
    Fault(
        "functions",
        "[builder.inputs[i] for i in row]",
        "[builder.inputs[i] for i in sorted(row)]",
        "the order of the neighbours ignored",
        GOLDREICH,
    ),
    Fault(
        "functions",
        "list(reversed(add(builder, words)))",
        "add(builder, words)",
        "a sum with the least significant bit first",
        SUM,
    ),
    Fault(
        "circuit_words",
        "builder.mux(propagate[i], generate[low], generate[i])",
        "builder.and_(propagate[i], generate[low])",
        "a carry that is passed on but not generated",
        PARTS,
    ),
    Fault(
        "circuit_words",
        "[ZERO, *majority(builder, x, y, z)[:-1]]",
        "majority(builder, x, y, z)",
        "carries not moved one place up",
        PARTS,
    ),
    Fault(
        "sha256_circuit",
        "rotate_right(e, 25)",
        "rotate_right(e, 26)",
        "a wrong rotation in Sigma_1",
        PARTS,
    ),
    Fault(
        "sha256_circuit",
        "shift_right(x, 3)",
        "rotate_right(x, 3)",
        "a rotation in place of the shift of sigma_0",
        PARTS,
    ),
    Fault(
        "sha256_circuit",
        "choose(builder, e, f, g)",
        "choose(builder, e, g, f)",
        "Ch with its choices exchanged",
        STANDARD,
    ),
    Fault(
        "sha256_circuit",
        "zeros = -(length + 65) % 512",
        "zeros = -(length + 65) % 512 + 512",
        "a whole block of padding too many",
        STANDARD,
    ),
    Fault(
        "sha256_circuit",
        "add(builder, [old, new]) for old, new",
        "new for old, new",
        "the chaining value not added",
        STANDARD,
    ),
    Fault(
        "relu_layout",
        '"XOR3": (1, -2, 2)',
        '"XOR3": (1, -2, 1)',
        "the last neuron of a parity weighted once",
        ON_BITS,
    ),
    Fault(
        "relu_layout",
        "((1, _neuron((e, f), 1)), (1, _neuron((~e, g), 1))), 0",
        "((1, _neuron((e, f), 1)), (1, _neuron((~e, g), 0))), -1",
        "a multiplexer that is right on most bits",
        ON_BITS,
    ),
    Fault(
        "relu_layout",
        "return ((-1, _neuron((~a, ~b), 1)),), 1",
        "return ((1, _neuron((a, b), 0)), (-1, _neuron((a, b), 1))), 0",
        "another formula for OR: right everywhere, but two neurons",
        SIZES,
    ),
    Fault(
        "circuit_relu",
        "sums.get(column, 0) + sign * coefficient",
        "sign * coefficient",
        "equal neurons of a row not added up",
        ROWS,
    ),
    Fault(
        "circuit_relu",
        "value if literal >= 0 else 1 - value",
        "value if literal >= 0 else -value",
        "the constant of a negation lost",
        NEURONS,
    ),
    Fault(
        "relu_network",
        "logic=sum(widths) - sum(self.carried)",
        "logic=sum(widths)",
        "carried neurons counted twice",
        SIZES,
    ),
    Fault(
        "relu_network",
        "values = layer(values).relu_()",
        "values = layer(values).abs_()",
        "absolute values in place of ReLUs",
        IN_THE_CUBE,
    ),
    Fault(
        "relu_gadgets",
        "if float(slope) < 0.5 / width:",
        "if float(slope) > 0.5 / width:",
        "a slope rounded down",
        SIGN,
    ),
    Fault(
        "relu_gadgets",
        "[-float(slope)] * n, [0.5] * n",
        "[-2 * float(slope)] * n, [0.5] * n",
        "a window half as wide",
        SIGN,
    ),
    Fault(
        "relu_gadgets",
        "k = 2.0 ** math.ceil(math.log2(bound))",
        "k = 2.0 ** (math.ceil(math.log2(bound)) - 2)",
        "K less than |C|",
        SCALED,
    ),
    Fault(
        "relu_gadgets",
        "weights = [k, 1.0] * count + [k, -1.0] * count",
        "weights = [k, 1.0] * count + [k, 1.0] * count",
        "the negative half missing",
        EXACT,
    ),
]
