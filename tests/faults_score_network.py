"""Planted faults in score networks: pieces, waves, phases, joins, windows and sizes."""

from faults import Fault

STATED = "relu-score-small-noise/implemented-network-is-the-stated-one"
TANH = "relu-score-large-noise/implemented-tanh-is-the-stated-one"
SIZE = "relu-score.size/implemented-sizes-are-the-formula"
PIECES = "piecewise-linear-score.curvature/implemented-pieces-meet-the-accuracy"
PIECES_OF_TANH = "relu-score-large-noise/implemented-pieces-of-tanh-meet-the-accuracy"

SCORE_NETWORKS = [
    Fault(
        "piecewise_network",
        "    range_of_u = half - 0.5",
        "    range_of_u = half - 0.25",
        "the lattice is left between a lattice point and a midpoint",
        STATED,
    ),
    Fault(
        "piecewise_network",
        "steepest = float(abs(np.diff(h) / np.diff(v)).max()) / 4",
        "steepest = float(abs(np.diff(h) / np.diff(v)).max()) / 16",
        "K below the Lipschitz constant of the folded profile",
        STATED,
    ),
    Fault(
        "piecewise_network",
        "        from_lattice_point = (j + output) % 2 == 0",
        "        from_lattice_point = (j + 1 - output) % 2 == 0",
        "the two phases change places in the unfolded form",
        STATED,
    ),
    Fault(
        "score_forms",
        "[0.0, 1.0] * m + [0.0] * (2 * m)",
        "[0.0, 0.0] * m + [0.0] * (2 * m)",
        "the bit 0 selects nothing: -b for 1 - b",
        STATED,
    ),
    Fault(
        "score_forms",
        "word, phase = 2 * separation**2 / t, -separation * spacing / sigma**2",
        "word, phase = 2 * separation**2 / t, separation * spacing / sigma**2",
        "the lattice's offset with the wrong sign",
        STATED,
    ),
    Fault(
        "score_forms",
        "        bias = [-word / 2] * n + [0.0] * m",
        "        bias = [-word] * n + [0.0] * m",
        "bits read as {-2, 0} instead of {-1, +1}",
        STATED,
    ),
    Fault(
        "score_forms",
        "weights = [-pull, pull] * n + [-pull] * m",
        "weights = [-pull, pull] * n + [pull] * m",
        "an image coordinate pushed outwards at large noise",
        TANH,
    ),
    Fault(
        "score_network",
        "/ instance.separation**2\n        self.folds",
        "/ instance.separation\n        self.folds",
        "a window in units of 1, not of 1 / R",
        SIZE,
    ),
    Fault(
        "score_network",
        "scale = separation / (spacing * (1 + unscaled**2))",
        "scale = separation / spacing",
        "x for mu = x / t in the profile's argument",
        STATED,
    ),
    Fault(
        "score_forms",
        "neurons=sum(part.neurons for part in parts)",
        "neurons=sum(part.neurons for part in parts[:1])",
        "one part's neurons counted for all",
        SIZE,
    ),
    Fault(
        "score_forms",
        "+ 4 * self.m * (before - offsets.depth)",
        "+ 2 * self.m * (before - offsets.depth)",
        "offsets that wait counted as nonnegative",
        SIZE,
    ),
    Fault(
        "lattice_profile",
        "cut = 0.0 if everywhere else _unlikely(high, error)",
        "cut = _unlikely(high, error)",
        "pieces promised everywhere meet the accuracy in mean square alone",
        PIECES,
    ),
    Fault(
        "box_knots",
        "error = low * math.sqrt(accuracy / instance.m)",
        "error = high * math.sqrt(accuracy / instance.m)",
        "a box's pieces made for its upper end",
        PIECES,
    ),
    Fault(
        "box_knots",
        "    return (unscaled / instance.spacing) ** 2 / (1 + unscaled**2)",
        "    return (unscaled / instance.spacing) ** 2",
        "sigma^2 for the conditional variance v",
        PIECES,
    ),
    Fault(
        "lattice_profile",
        "(weights * (index - mean) ** 3).sum(-1)) / q**2",
        "(weights * (index - mean) ** 3).sum(-1)) / q",
        "one derivative too few in the bend",
        PIECES,
    ),
    Fault(
        "lattice_profile",
        "result: Array = 2 * height * (1 - height**2)",
        "result: Array = height * (1 - height**2)",
        "half of tanh's second derivative",
        PIECES_OF_TANH,
    ),
    Fault(
        "box_knots",
        "share = instance.separation * worst / (1 + worst**2)",
        "share = worst / (1 + worst**2)",
        "tanh's error costs R / t, not 1 / t",
        PIECES_OF_TANH,
    ),
]
