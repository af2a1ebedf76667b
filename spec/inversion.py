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
from hardposterior.spec.statements import STATEMENTS, Bound


def failure_of_the_worst_sampler(
    ctx: Arithmetic,
    n: int,
    separation: Number,
    tau: Number,
    delta: Number,
    joint: Joint,
    **_: Number,
) -> Number:
    """The failure of an exact posterior sampler that is spoilt as far as (tau, delta) allows.

    It fails on a share delta of all y and, elsewhere, in a share delta of its draws; otherwise it
    moves the weakest coordinate by tau.
    """
    strong = 1 - any_weak_coordinate(ctx, n, separation, tau)
    return 1 - (1 - delta) ** 2 * agreement(ctx, joint) * strong


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
