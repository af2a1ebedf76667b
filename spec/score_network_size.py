"""How large a score network is (Appendix C.8): counted layer by layer, and in closed form.

N pieces on the half period (or on tanh's half line), F folds, so that the profile reaches
W = 2^F - 1/2 periods on either side of 0. Layers of one image coordinate, folded: the clamp
relu(u + W), then relu(2 W - .); F + 2 folds of two waves, |z - c| = relu(z - c) + relu(c - z) each;
N terms of the profile for either phase, with b and -b; then relu(g - K relu(+-b)), g of either
phase. Direct: one neuron a knot in [-W, W] and one more at the centre, for either phase. Sign bits
are two neurons in two layers, a choice of the phase is two selections.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.piecewise_linear import slopes
from hardposterior.spec.relu_rows import Size
from hardposterior.spec.statements import COUNT, STATEMENTS, Definition, Domain, Identity

NATURAL = Domain("an integer >= 0", lambda k: k == int(k) and k >= 0)


class ScoreSize(NamedTuple):
    """Counts of a score network whose affine maps may skip layers.

    `pass_through`: neurons on top that hand values on if they may not: two a layer for a signed
    value, one for a nonnegative one.
    """

    depth: int
    neurons: int
    pass_through: int
    weights: int
    biases: int

    @property
    def parameters(self) -> int:
        """All stored numbers."""
        return self.weights + self.biases


def half_periods(folds: Number) -> Number:
    """4 W = 4 (2^F - 1/2), the half periods in [-W, W]."""
    return 4 * 2**folds - 2


def profile_layers(pieces: int, folds: int, folded: bool) -> list[int]:
    """Hidden neurons of one image coordinate's profile network, layer by layer."""
    if not folded:
        return [2 * (int(half_periods(folds)) * pieces + 2)]
    waves = [2 * 2] * (folds + 2)
    return [1, 1, *waves, 2 * pieces + 2, 2 * 2]


def neurons_by_layers(
    ctx: Arithmetic, n: int, m: int, circuit: int, pieces: int, folds: int, folded: bool
) -> Number:
    """The sum over layers: n sign bits, the circuit, m profiles, m choices."""
    profile = sum(profile_layers(pieces, folds, folded))
    return ctx.number(2 * n + circuit + m * profile + m * 2 * 2)


def neurons(
    ctx: Arithmetic, n: int, m: int, circuit: int, pieces: int, folds: int, folded: bool
) -> Number:
    """2 n + C + m (4 F + 2 N + 20); direct 2 n + C + m (4 (2^(F + 1) - 1) N + 8)."""
    one = 4 * folds + 2 * pieces + 20 if folded else 4 * (2 ** (folds + 1) - 1) * pieces + 8
    return ctx.number(2 * n + circuit + m * one)


def small_noise_size(
    n: int, m: int, circuit: Size, pieces: int, folds: int, folded: bool, flat: int = 0
) -> ScoreSize:
    """Counts for small noise; `flat` of the pieces go on with the slope of the next one.

    Such a piece's weights are 0 and not stored. For direct profiles `weights` is the most that can
    be: also where the pieces of two half periods meet, the slope does not change.
    """
    profile = len(profile_layers(pieces, folds, folded))
    signs, choice = 2, 1
    image = signs + circuit.depth
    last = max(image, profile)
    depth = last + choice
    if folded:
        # clamp 1 + 1; first folds 4, later ones 4 x 2; two literals a term and for b, -b; slopes
        # and K into four sums; two outputs of two
        weights = 2 + 4 + 8 * (folds + 1) + 2 * (2 * pieces + 2) + 4 * (pieces - flat + 1) + 4
        biases = 2 + 4 * (folds + 2) + (2 * pieces + 2) + 4 + 2
    else:
        knots = sum(profile_layers(pieces, folds, folded))
        weights, biases = 2 * knots, knots + 2
    # a selection's neuron reads its bit and its value; two selections are added up
    weights, biases = weights + 4 * 2 + 4, biases + 4 + 1
    waiting = 2 * (n + m) * depth + n * (depth - signs)
    return ScoreSize(
        depth,
        2 * n + circuit.neurons + m * (sum(profile_layers(pieces, folds, folded)) + 4),
        waiting + m * (last - image) + 2 * 2 * m * (last - profile),
        3 * n + circuit.weights + m * weights + 2 * (n + m),
        3 * n + circuit.biases + m * biases + (n + m),
    )


def large_noise_size(n: int, m: int, pieces: int) -> ScoreSize:
    """Counts for large noise: tanh on 2 N + 1 knots, one neuron more at 0; affine in the image."""
    terms = 2 * pieces + 2
    return ScoreSize(
        1, n * terms, 2 * (n + m), n * 2 * terms + 2 * n + m, n * (terms + 1) + (n + m)
    )


def folds_needed(reach: float) -> int:
    """The least F >= 0 with W = 2^F - 1/2 >= reach, a number of periods."""
    folds = 0
    while 2**folds - 0.5 < reach:
        folds += 1
    return folds


def flat_pieces(knots: Sequence[Number], values: Sequence[Number]) -> int:
    """Pieces that go on with the next one's slope, and the last one if it is level."""
    last, _, *changes = slope_weights(knots, values)
    return sum(weight == 0 for weight in (last, *changes))


def slope_weights(knots: Sequence[Number], values: Sequence[Number]) -> list[Number]:
    """Slopes of the last and the first piece, and changes of slope: an interpolant's weights."""
    found = slopes(knots, values)
    return [found[-1], found[0], *(b - a for a, b in itertools.pairwise(found))]


def largest_weight_small(
    ctx: Arithmetic,
    circuit: Size,
    separation: Number,
    spacing: Number,
    sigma: Number,
    window: Number,
    folds: int,
    knots: Sequence[Number],
    values: Sequence[Number],
    folded: bool,
) -> Number:
    """The largest weight or bias for small noise, scaled sigma and window; K is left out.

    1 / (2 w) of the sign; 2 W of the clamp and R / (eps t) of its input; 2 R^2 / t and
    R eps / (R sigma)^2 of the last map; 4 of b; the interpolant's. (K, a power of two, is at most
    half the steepest slope, but for rounding, and at least 2^-10.)
    """
    unscaled = separation * sigma
    t = 1 + unscaled * unscaled
    found = ctx.number(max(circuit.largest_weight, 4 if folded else 1))
    reach = 2 ** (folds + 1) - 1 if folded else 2**folds - ctx.number(1) / 2
    join = (2 * separation**2 / t, separation * spacing / (unscaled * unscaled))
    more = [1 / (2 * window), reach, separation / (spacing * t), *join]
    for weight in [*more, *slope_weights(knots, values)]:
        found = ctx.maximum(found, ctx.absolute(weight))
    return found


def largest_weight_large(
    ctx: Arithmetic,
    separation: Number,
    sigma: Number,
    knots: Sequence[Number],
    values: Sequence[Number],
) -> Number:
    """The largest weight or bias for large noise: R^2 / t, a knot, or a slope of tanh's."""
    unscaled = separation * sigma
    found = separation**2 / (1 + unscaled * unscaled)
    for weight in (knots[-1], *slope_weights(knots, values)):
        found = ctx.maximum(found, ctx.absolute(weight))
    return found


RELU_SCORE_SIZE = STATEMENTS.state(
    Definition(
        id="relu-score.size",
        paper="Appendix C.8",
        relation="explicit",
        claim="depth, neurons, weights, biases and largest weight of the network at one sigma, as "
        "functions of (n, m, circuit, pieces, folds) and of the instance's parameters",
        formulas={"small noise": small_noise_size, "large noise": large_noise_size},
        proof="a count",
        depends=("relu-gates.size", "relu-product-score"),
    )
)

RELU_SCORE_NEURONS = STATEMENTS.state(
    Identity(
        id="relu-score.neurons",
        paper="Appendix C.8",
        relation="explicit",
        claim="small noise takes 2 n + C + m (4 F + 2 N + 20) neurons folded, and "
        "2 n + C + m (4 (2^(F + 1) - 1) N + 8) direct: folding makes the range's factor a term",
        domain={
            **dict.fromkeys(("n", "m", "pieces"), COUNT),
            **dict.fromkeys(("circuit", "folds"), NATURAL),
            "folded": Domain("true or false", lambda folded: folded in (True, False)),
        },
        left=neurons_by_layers,
        right=neurons,
        proof="add up the layers",
        depends=("relu-score.size",),
    )
)
