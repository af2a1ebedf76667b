"""Faults in the score network."""

from mutants.catalogue import mutant

STATED = "relu-score-small-noise/implemented-network-is-the-stated-one"
TANH = "relu-score-large-noise/implemented-tanh-is-the-stated-one"
SIZE = "relu-score.size/implemented-sizes-are-the-formula"
PIECES = "piecewise-linear-score.curvature/implemented-pieces-meet-the-accuracy"
LEVELS = "relu-score/implemented-levels-do-not-interfere"

MUTANTS = [
    mutant(
        "piecewise_network",
        "while 2.0**folds - 0.5 < reach:",
        "while 2.0**folds < reach:",
        "half a period too short",
        SIZE,
        STATED,
    ),
    mutant(
        "piecewise_network",
        "slopes.append((slope, 0.0) if output == 0 else (0.0, slope))",
        "slopes.append((slope, 0.0) if output == 1 else (0.0, slope))",
        "the outputs of the two phases exchanged",
        STATED,
    ),
    mutant(
        "piecewise_network",
        "from_lattice_point = (j + output) % 2 == 0",
        "from_lattice_point = j % 2 == 0",
        "both phases on one lattice",
        STATED,
    ),
    mutant(
        "piecewise_network",
        "(0.75 - half) * both",
        "(0.5 - half) * both",
        "two equal triangle waves where one is a quarter period behind",
        STATED,
    ),
    mutant(
        "score_forms",
        "word, phase = 2 * separation**2 / t, -separation * spacing / sigma**2",
        "word, phase = 2 * separation**2 / t, -separation * spacing / t",
        "the lattice's pull over t in place of sigma squared",
        STATED,
    ),
    mutant(
        "score_forms",
        "found: torch.Tensor = self.signs(x[..., : self.n])",
        "found: torch.Tensor = self.signs(-x[..., : self.n])",
        "bits of the opposite signs",
        STATED,
    ),
    mutant(
        "score_forms",
        "return self.assemble(x, bits, self.circuit(bits))",
        "return self.assemble(x, bits, 1 - self.circuit(bits))",
        "the complemented image picks the phases",
        LEVELS,
    ),
    mutant(
        "score_forms",
        "depth = before + choice.depth",
        "depth = before",
        "the layers of the selection are not counted",
        SIZE,
    ),
    mutant(
        "score_forms",
        "weights = [-pull, pull] * n + [-pull] * m",
        "weights = [-pull, pull] * n + [pull] * m",
        "image coordinates are pushed away from 0",
        TANH,
    ),
    mutant(
        "score_forms",
        "values = torch.cat([x, self.tanh(x[..., : self.n])], -1)",
        "values = torch.cat([x, self.tanh(x[..., : self.n]).sign()], -1)",
        "a sign for tanh",
        TANH,
    ),
    mutant(
        "score_forms",
        "_total([tanh], self.join, tanh.depth, 2 * (self.n + self.m) * tanh.depth)",
        "_total([tanh], self.join, tanh.depth, (self.n + self.m) * tanh.depth)",
        "signed values carried by one neuron",
        SIZE,
    ),
    mutant(
        "score_forms",
        "[0.0, 1.0] * m + [0.0] * (2 * m)",
        "[0.0, 0.0] * m + [0.0] * (2 * m)",
        "-b for 1 - b in the selection",
        STATED,
    ),
    mutant(
        "score_forms",
        "chosen = self.choice(torch.cat([image, offsets], -1))",
        "chosen = self.choice(torch.cat([image, offsets.flip(-1)], -1))",
        "the offsets of the opposite coordinates and phases",
        STATED,
    ),
    mutant(
        "score_network",
        "CircuitMemo(self.circuit.to_relu(self.dtype))",
        "CircuitMemo(self.circuit.to_relu(self.dtype), 1)",
        "a memory of one row",
    ),
    mutant(
        "score_network",
        "box_knots(self.instance, self.accuracy, self.boxes[index])",
        "box_knots(self.instance, 9 * self.accuracy, self.boxes[index])",
        "nine times the error asked for",
        PIECES,
    ),
    mutant(
        "score_network",
        "return (*torch.tanh(knots[:-1]).tolist(), 1.0)",
        "return (*torch.tanh(2 * knots[:-1]).tolist(), 1.0)",
        "tanh of twice its argument",
        TANH,
    ),
    mutant(
        "score_network",
        '"window": self.window,',
        '"window": self.window / 2,',
        "a certificate is told of half the window",
        LEVELS,
    ),
    mutant(
        "score_network",
        "if self._latest is None or self._latest[0] != sigma:",
        "if self._latest is None:",
        "the first level's network serves all levels",
        LEVELS,
    ),
    mutant(
        "score_network",
        "return self.at(sigma).sizes()",
        "return self.at(self.boxes[0].low).sizes()",
        "the sizes of the first box",
        LEVELS,
    ),
    mutant(
        "score_network",
        "out[levels == level] = self._at_one_level(rows[levels == level], level)",
        "out[levels == level] = self._at_one_level(rows[levels == level], levels[0].item())",
        "one level for all points",
        LEVELS,
    ),
    mutant(
        "score_network",
        "return x + level**2 * self.forward(x, sigma)",
        "return x + level * self.forward(x, sigma)",
        "Tweedie's formula with sigma for its square",
        LEVELS,
    ),
    mutant(
        "score_network",
        "scale = separation / (spacing * (1 + unscaled**2))",
        "scale = separation / spacing",
        "periods counted without t",
        STATED,
    ),
    mutant(
        "shapes",
        'Values: TypeAlias = Float[Tensor, "*batch"]',
        'Values: TypeAlias = Float[Tensor, "*batch 1"]',
        "a promised shape with one dimension too many",
    ),
]
