"""A posterior sampler inverts the function (Appendix B): the failure of the reduction, bounded.

The links of the proof, and what `joint` and `decoder` mean, are in `inversion_links`.
"""

from collections.abc import Sequence

from hardposterior.spec import measurement
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.inversion_links import (
    CELLS,
    SIGNS,
    Joint,
    agreement,
    any_weak_coordinate,
    decoding_error,
    sign_bound,
    two_misses,
)
from hardposterior.spec.posterior_stability import SHARE
from hardposterior.spec.relu_gates import relu
from hardposterior.spec.statements import STATEMENTS, Bound


def chances_of_success(
    ctx: Arithmetic, n: int, separation: Number, tau: Number, joint: Joint
) -> tuple[list[Number], list[Number]]:
    """Per y: its mass; how likely a posterior draw has the image, and no weak coordinate."""
    strong = 1 - any_weak_coordinate(ctx, n, separation, tau)
    rows = [(row, mass) for row in joint if not (mass := sum(row, ctx.number(0))) <= 0]
    total = sum((mass for _, mass in rows), ctx.number(0))
    masses = [mass / total for _, mass in rows]
    return masses, [agreement(ctx, [row]) * strong for row, _ in rows]


def success_left(
    masses: Sequence[Number], spoilt: Sequence[Number], kept: Sequence[Number]
) -> Number:
    """What succeeds where of each y's mass `spoilt` always fails, and the rest keeps `kept`."""
    cells = zip(masses, spoilt, kept, strict=True)
    return sum((mass - gone) * rest for mass, gone, rest in cells)


def failure_of_the_worst_sampler(
    ctx: Arithmetic,
    n: int,
    separation: Number,
    tau: Number,
    delta: Number,
    joint: Joint,
    **_: Number,
) -> Number:
    """The failure of a posterior sampler that is as bad as (tau, delta) allows.

    It fails on the share delta of all y where it would succeed most often. Elsewhere it moves
    afar a share delta of its draws, all of them successes, and moves the weakest coordinate of the
    others by tau.
    """
    masses, chances = chances_of_success(ctx, n, separation, tau, joint)
    spoilt, left = [ctx.number(0)] * len(masses), ctx.number(delta)
    for y in sorted(range(len(masses)), key=lambda y: chances[y], reverse=True):
        spoilt[y] = ctx.minimum(masses[y], left)
        left = left - spoilt[y]
    return 1 - success_left(masses, spoilt, [relu(ctx, chance - delta) for chance in chances])


def failure_bound_of_cells(
    ctx: Arithmetic,
    n: int,
    separation: Number,
    tau: Number,
    delta: Number,
    joint: Joint,
    decoder: Sequence[int],
) -> Number:
    """2 delta + 2 p + n Phi(-R (1 - tau))."""
    signs = sign_bound(ctx, n, separation, tau)
    return 2 * delta + 2 * decoding_error(ctx, joint, decoder) + signs


def sharp_failure_bound(
    ctx: Arithmetic,
    n: int,
    separation: Number,
    tau: Number,
    delta: Number,
    joint: Joint,
    decoder: Sequence[int],
) -> Number:
    """1 - (1 - delta)^2 + 1 - (1 - p)^2 (1 - q)^n."""
    strong = 1 - any_weak_coordinate(ctx, n, separation, tau)
    decoded = 1 - two_misses(ctx, joint, decoder)
    return 2 * delta - delta**2 + 1 - decoded * strong


def success_bound(
    ctx: Arithmetic,
    n: int,
    m: int,
    separation: Number,
    spacing: Number,
    beta: Number,
    tau: Number,
    delta: Number,
) -> Number:
    """1 - 2 delta - 2 p_dec - n Phi(-R (1 - tau)), p_dec = 2 m Phi(-eps / (4 R beta)), scaled."""
    h = measurement.decoding_ratio(separation, spacing, beta)
    misses = 2 * measurement.failure_bound(ctx, m, h)
    return 1 - 2 * delta - misses - sign_bound(ctx, n, separation, tau)


INVERSION = STATEMENTS.state(
    Bound(
        id="inversion",
        paper="Appendix B",
        relation="explicit",
        claim="Pr[f(signs of a (tau, delta)-posterior sampler's output) != z] <= 2 delta + 2 p_dec "
        "+ n Phi(-R (1 - tau)), z = f(s*), s* uniform (left: the worst sampler; p for p_dec)",
        domain={**SIGNS, "delta": SHARE, **CELLS},
        left=failure_of_the_worst_sampler,
        right=failure_bound_of_cells,
        proof="y has its marginal law; sampler and posterior draw differ by more than tau with "
        "probability <= 2 delta; else the output has the signs of s', and f(s') = f(s*) but for "
        "2 p_dec",
        depends=(
            "inversion.marginal",
            "inversion.exchange",
            "inversion.signs",
            "phase-decoding",
            "posterior-sampler",
        ),
    )
)

INVERSION_SHARP = STATEMENTS.state(
    Bound(
        id="inversion.sharp",
        paper="Appendix B",
        relation="sharper",
        claim="the failure is at most 2 delta - delta^2 + 1 - (1 - p)^2 (1 - q)^n",
        domain={**SIGNS, "delta": SHARE, **CELLS},
        left=failure_of_the_worst_sampler,
        right=sharp_failure_bound,
        proof="the coupling fails with probability <= delta + (1 - delta) delta; whether a "
        "coordinate is weak does not depend on the words",
        depends=("inversion",),
    )
)
