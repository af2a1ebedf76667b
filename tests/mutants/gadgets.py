"""Faults in circuits as ReLU networks, in gadgets, profiles and knots."""

from mutants.catalogue import mutant

ON_BITS = "relu-gates.network/implemented-network-is-the-circuit-on-bits"
SIZES = "relu-gates.size/implemented-sizes-are-the-formula"
STATED = "relu-score-small-noise/implemented-network-is-the-stated-one"
TANH = "relu-score-large-noise/implemented-tanh-is-the-stated-one"
PIECES = "piecewise-linear-score.curvature/implemented-pieces-meet-the-accuracy"
PIECES_OF_TANH = "relu-score-large-noise/implemented-pieces-of-tanh-meet-the-accuracy"
LEVELS = "relu-score/implemented-levels-do-not-interfere"
BOXES = "relu-score/implemented-boxes-use-a-sound-form"

MUTANTS = [
    mutant(
        "relu_layout",
        "for layer in range(level + 1, last[wire]):",
        "for layer in range(level + 1, last[wire] + 1):",
        "every wire carried one layer too far",
        SIZES,
    ),
    mutant(
        "relu_layout",
        "return 0, len(literals) - k",
        "return 0, len(literals)",
        "a range that ignores the threshold",
    ),
    mutant(
        "relu_layout",
        "return literal if literal >= 0 else ~literal",
        "return literal if literal >= 0 else -literal",
        "the wire after the negated one",
        ON_BITS,
    ),
    mutant(
        "circuit_relu",
        "outputs: list[Neuron] = [((plan.literals[wire],), 0) for wire in circuit.outputs]",
        "outputs: list[Neuron] = [((plan.literals[wire],), 1) for wire in circuit.outputs]",
        "outputs less one",
        ON_BITS,
    ),
    mutant(
        "circuit_memo",
        "exact = ((rows == 0) | (rows == 1)).all(-1).tolist()",
        "exact = ((rows >= 0) & (rows <= 1)).all(-1).tolist()",
        "bits inside the sign window answered from the memory",
        LEVELS,
    ),
    mutant(
        "relu_network",
        "return self.bias[:, None].repeat(1, x.shape[1]).index_add_(0, self.rows, terms)",
        "return self.bias[:, None].abs().repeat(1, x.shape[1]).index_add_(0, self.rows, terms)",
        "biases without their sign",
        ON_BITS,
    ),
    mutant(
        "relu_network",
        "entries = self.weights.double().cpu().numpy()",
        "entries = self.weights.double().abs().cpu().numpy()",
        "a matrix without the signs of its entries",
        STATED,
    ),
    mutant(
        "relu_network",
        "bias = second.matrix() @ first.bias.double().numpy() + second.bias.double().numpy()",
        "bias = second.matrix() @ first.bias.double().numpy()",
        "a bias lost where two maps become one",
        STATED,
    ),
    mutant(
        "relu_network",
        "return self._affine(0).weights.dtype",
        "return torch.float32",
        "single precision, whatever the weights are",
        "relu-gates.network",
    ),
    mutant(
        "relu_gadgets",
        "halves, pairs, [1.0, -1.0] * count, [0.0] * count, dtype)",
        "halves, pairs, [1.0, 1.0] * count, [0.0] * count, dtype)",
        "the absolute value selected",
        "relu-selection.exact",
    ),
    mutant(
        "relu_gadgets",
        "SparseAffine(n, each, each, [1.0] * n, [0.0] * n, dtype),",
        "SparseAffine(n, each, each, [1.0] * n, [1e-6] * n, dtype),",
        "bits off by a millionth",
        "relu-sign",
    ),
    mutant(
        "relu_blocks",
        "rows, columns = np.nonzero(dense)",
        "rows, columns = np.nonzero(dense > 0)",
        "negative weights left out",
        STATED,
        TANH,
    ),
    mutant(
        "relu_blocks",
        "(layer.columns + copies * layer.inputs).flatten().tolist(),",
        "layer.columns.repeat(count).tolist(),",
        "all copies read the first coordinate",
        STATED,
        TANH,
    ),
    mutant(
        "relu_blocks",
        "terms.append((direction, float(z[place]), slope - last))",
        "terms.append((direction, float(z[place]), slope))",
        "slopes in place of changes of slope",
        TANH,
        STATED,
    ),
    mutant(
        "relu_blocks",
        "first = affine(directions[:, None] * scale, -directions * terms.knots, dtype)",
        "first = affine(directions[:, None], -directions * terms.knots, dtype)",
        "the scale of a coordinate ignored",
        TANH,
    ),
    mutant(
        "relu_blocks",
        "return zip(self.directions, self.knots, self.slopes, strict=True)",
        "return zip(self.directions, self.knots, self.slopes[::-1], strict=True)",
        "slopes at the opposite knots",
        STATED,
        TANH,
    ),
    mutant(
        "piecewise_linear",
        "if left > knots[-1] and (right - knots[-1]) ** 2 * tallest > 8 * error:",
        "if left > knots[-1] and (right - knots[-1]) ** 2 * tallest > 32 * error:",
        "pieces twice too long: 8 forgotten where the interpolant errs by h^2 f'' / 8",
        PIECES,
    ),
    mutant(
        "piecewise_linear",
        'error = arguments.positive("error", error)\n    ends, heights',
        'error = 4 * arguments.positive("error", error)\n    ends, heights',
        "four times the error asked for",
        PIECES,
    ),
    mutant(
        "lattice_profile",
        "(0.5 - v) - (weights * index).sum(-1)",
        "0.5 - (weights * index).sum(-1)",
        "the offset from the midpoint in place of the denoised point",
        PIECES,
    ),
    mutant(
        "lattice_profile",
        "** 3).sum(-1)) / q**2",
        "** 3).sum(-1)) / q",
        "a curvature with q for its square",
        PIECES,
    ),
    mutant(
        "lattice_profile",
        "cut = 0.0 if everywhere else _unlikely(high, error)",
        "cut = _unlikely(high, error)",
        "an unlikely part is skipped where the sup norm was asked for",
        PIECES,
    ),
    mutant(
        "lattice_profile",
        "reach = 0.5 * math.log((2 - error) / error)",
        "reach = 0.25 * math.log((2 - error) / error)",
        "tanh is taken for 1 too early",
        PIECES_OF_TANH,
    ),
    mutant(
        "box_knots",
        "return (unscaled / instance.spacing) ** 2 / (1 + unscaled**2)",
        "return (unscaled / instance.spacing) ** 2",
        "q without t",
        PIECES,
    ),
    mutant(
        "box_knots",
        "error = low * math.sqrt(accuracy / instance.m) / instance.spacing",
        "error = high * math.sqrt(accuracy / instance.m) / instance.spacing",
        "the error allowed at the wrong end of a box",
        PIECES,
    ),
    mutant(
        "noise_boxes",
        "count = math.ceil(math.log(end / start) / math.log(ratio) - 1e-9)",
        "count = math.floor(math.log(end / start) / math.log(ratio)) or 1",
        "boxes wider than their ratio",
    ),
    mutant(
        "noise_boxes",
        "parts = ((low, switch, SMALL, everywhere), (switch, high, LARGE, False))",
        "parts = ((low, switch, LARGE, everywhere), (switch, high, SMALL, False))",
        "the two forms exchanged",
        BOXES,
    ),
    mutant(
        "noise_boxes",
        "return instance.spacing / (2 * math.sqrt(2) * math.pi)",
        "return instance.separation / (2 * math.sqrt(2) * math.pi)",
        "the two forms meet at the separation",
        BOXES,
    ),
    mutant(
        "noise_boxes",
        "if index and box.low != boxes[index - 1].high:",
        "if index and box.low < boxes[index - 1].high:",
        "gaps between boxes are let in",
    ),
    mutant(
        "noise_boxes",
        "if box.low <= sigma <= box.high:",
        "if sigma <= box.high:",
        "levels below all boxes are let in",
    ),
]
