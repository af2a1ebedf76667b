"""One lattice's profile as a ReLU network: pieces over the whole range, or folded (Appendix C.1).

u counts periods from a point of the lattice of phase 0; W = 2^F - 1/2. Both networks are the odd
function of period 1 that interpolates (knots, values) at the distance from the nearest midpoint,
for |u| <= W, and 0 beyond. `phase` is 0 or 1/2: the lattice whose profile it is.
"""

from collections.abc import Sequence
from fractions import Fraction

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.hard_instance import PHASE
from hardposterior.spec.piecewise_linear import interpolant, slopes
from hardposterior.spec.relu_gates import relu
from hardposterior.spec.score_network_size import NATURAL
from hardposterior.spec.small_noise import KNOTS, VALUES
from hardposterior.spec.statements import REAL, STATEMENTS, Hypothesis, Identity

Numbers = Sequence[Number]

HALF = Fraction(1, 2)


def clamped(ctx: Arithmetic, u: Number, folds: int) -> Number:
    """W - relu(2 W - relu(u + W)), W = 2^F - 1/2: u clipped to [-W, W]."""
    reach = ctx.number(2**folds - HALF)
    return reach - relu(ctx, 2 * reach - relu(ctx, u + reach))


def size_of(ctx: Arithmetic, z: Number) -> Number:
    """|z| = relu(z) + relu(-z)."""
    return relu(ctx, z) + relu(ctx, -z)


def wave(ctx: Arithmetic, u: Number, folds: int) -> Number:
    """F + 2 folds: |u|, then |z - 2^k| for k = F - 1, ..., -1; the distance to a midpoint."""
    found = size_of(ctx, u)
    for k in range(folds - 1, -2, -1):
        found = size_of(ctx, found - ctx.number(Fraction(2) ** k))
    return found


def wave_by_rounding(ctx: Arithmetic, u: Number, folds: int) -> Number:
    """The distance from u to the nearest k + 1/2, |u| <= 2^F."""
    del folds
    y = u - ctx.nearest_integer(u)
    return ctx.absolute(ctx.absolute(y) - ctx.number(HALF))


def room_for_the_wave(ctx: Arithmetic, u: Number, folds: int) -> Number:
    """2^F - |u|."""
    return 2**folds - ctx.absolute(u)


def folded_profile(
    ctx: Arithmetic, knots: Numbers, values: Numbers, phase: Number, folds: int, u: Number
) -> Number:
    """relu(g - K relu(-b)) - relu(g - K relu(b)), g the interpolant at a wave, b the odd wave.

    a = 4 z - 1 and b = 4 z' - 1, z' the wave a quarter earlier, satisfy |a| + |b| = 1; g vanishes
    at a = 1 and a = -1, so K |b| >= g for K the steepest slope of g in a. The other phase takes
    1/2 - z for z and changes the sign of b.
    """
    z = wave(ctx, clamped(ctx, u, folds), folds)
    b = 4 * wave(ctx, clamped(ctx, u, folds) - ctx.number(Fraction(1, 4)), folds) - 1
    z = z + 2 * phase * (ctx.number(HALF) - 2 * z)
    b = b * (1 - 4 * phase)
    steep = ctx.number(0)
    for slope in slopes(knots, values):
        steep = ctx.maximum(steep, ctx.absolute(slope) / 4)
    height = interpolant(ctx, knots, values, z)
    below = relu(ctx, height - steep * relu(ctx, -b))
    return below - relu(ctx, height - steep * relu(ctx, b))


def unfolded(
    ctx: Arithmetic, knots: Numbers, values: Numbers, phase: Number, folds: int, u: Number
) -> Number:
    """The interpolant on all knots in [-W, W], a neuron a knot, constant beyond.

    From a lattice point up the profile falls back from the end of its values to the riser: places
    k + phase + 1/2 - v with values h; below it k + phase - 1/2 + v with -h.
    """
    places: list[Number] = []
    heights: list[Number] = []
    for half in range(1 - 2 ** (folds + 1), 2 ** (folds + 1) - 1):
        end = ctx.number(Fraction(half + 1, 2))
        start = ctx.number(Fraction(half, 2))
        if (half + int(2 * phase)) % 2 == 0:  # from a lattice point to a midpoint
            places += [end - knot for knot in reversed(knots[1:])]
            heights += list(reversed(values[1:]))
        else:
            places += [start + knot for knot in knots[:-1]]
            heights += [-height for height in values[:-1]]
    places.append(ctx.number(2**folds - HALF))
    heights.append(ctx.number(0))
    return interpolant(ctx, places, heights, u)


NETWORK = {"knots": KNOTS, "values": VALUES, "phase": PHASE, "folds": NATURAL, "u": REAL}
WITHIN = {"u": REAL, "folds": NATURAL}

PIECEWISE_LINEAR_WAVES = STATEMENTS.state(
    Identity(
        id="piecewise-linear-score.waves",
        paper="Appendix C.1",
        relation="own",
        claim="F + 2 folds |z - c|, c = 0, 2^(F-1), ..., 1, 1/2, take u in [-2^F, 2^F] to its "
        "distance from the nearest k + 1/2",
        domain=WITHIN,
        where=(
            Hypothesis(
                name="|u| <= 2^F",
                claim="|u| < 2^F (and |u| = 2^F, by continuity)",
                margin=room_for_the_wave,
                witness={"folds": 0, "u": 1.75},
            ),
        ),
        left=wave,
        right=wave_by_rounding,
        proof="a fold at the middle c of [0, 2 c] maps it onto [0, c] and the odd multiples of 1/2 "
        "to odd multiples of 1/2, as c is a multiple of 1, until c = 1/2 takes 1/2 to 0",
    )
)

PIECEWISE_LINEAR_FOLDING = STATEMENTS.state(
    Identity(
        id="piecewise-linear-score.folding",
        paper="Appendix C.1",
        relation="own",
        claim="two quarter-shifted triangle waves a (even) and b (odd), |a| + |b| = 1, fold every "
        "period of D - mu into one: relu(g(a) - K relu(-b)) - relu(g(a) - K relu(b)), K >= Lip(g), "
        "equals the interpolant over the whole range, with O(log range) layers",
        domain=NETWORK,
        left=unfolded,
        right=folded_profile,
        proof="g >= 0 vanishes at a = +-1, so g <= K (1 - |a|) = K |b|: the term of the sign that "
        "b has not is 0; the waves by folding the range onto half of itself, F + 2 times",
        depends=("piecewise-linear-score.profile", "piecewise-linear-score.waves"),
    )
)
