"""Folding, proved by z3 over all real places, and by induction over the folds (Appendix C.1)."""

from typing import Any

import z3

from hardposterior.proofs_checks.solver import Reals, prove, prove_all
from hardposterior.spec import piecewise_network
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted
from hardposterior.spec.relu_gates import relu

ctx: Any = Reals()
u, height, steep, a, b = z3.Reals("u g K a b")
k = z3.Int("k")


def distance_to(place: Any, index: Any) -> Any:
    """|place - (index + 1/2)|."""
    return ctx.absolute(place - (z3.ToReal(index) + ctx.number(0.5)))


@evidence(piecewise_network.PIECEWISE_LINEAR_WAVES, kind="exhaustive", scope="box")
def folds_give_the_distance_to_the_midpoints(run: Run) -> Outcome:
    """z3: every real u in [-2^F, 2^F] and integer k with |u - (k + 1/2)| <= 1/2, F = 0 to 4."""
    questions = {}
    for folds in range(run.size(4, 5, 7)):
        room = piecewise_network.room_for_the_wave(ctx, u, folds)
        near = distance_to(u, k)
        given = [room >= 0, near <= ctx.number(0.5)]
        questions[f"F = {folds}"] = (piecewise_network.wave(ctx, u, folds) == near, given)
    return prove_all(questions)


@evidence(piecewise_network.PIECEWISE_LINEAR_WAVES, kind="exhaustive", scope="whole")
def one_fold_more_halves_the_range(run: Run) -> Outcome:
    """z3: for z in [0, 2 c], |z - c| is in [0, c] and as far from the midpoints as z, c an integer.

    And |z - 1/2| for z in [0, 1] is the distance from 1/2. By induction over the folds, any F.
    """
    del run
    z, c = z3.Real("z"), z3.Int("c")
    middle = z3.ToReal(c)
    folded = ctx.absolute(z - middle)
    mirrored = z3.If(z >= middle, k - c, c - k - 1)
    given = [c >= 1, z >= 0, z <= 2 * middle]
    solver = z3.Solver()
    solver.add(
        *given,
        z3.Or(folded < 0, folded > middle, distance_to(folded, mirrored) != distance_to(z, k)),
    )
    if solver.check() != z3.unsat:
        return refuted("piecewise_network.wave: a fold moves a midpoint")
    last = piecewise_network.wave(ctx, z, 0) == distance_to(z, z3.IntVal(0))
    stated = piecewise_network.PIECEWISE_LINEAR_WAVES
    solver = z3.Solver()
    solver.add(z >= -1, z <= 1, stated.left(ctx, z, 0) != stated.right(ctx, z, 0))
    if solver.check() != z3.unsat:
        return refuted("piecewise-linear-score.waves: both sides at F = 0 and u in [-1, 1]")
    return prove("last fold", last, [z >= 0, z <= 1])


@evidence(piecewise_network.PIECEWISE_LINEAR_WAVES, kind="exhaustive", scope="step")
def wave_leaves_the_distance_at_the_witness(run: Run) -> Outcome:
    """At the witness |u| > 2^F, and the folds do not give the distance."""
    del run
    (hypothesis,) = piecewise_network.PIECEWISE_LINEAR_WAVES.where
    witness = dict(hypothesis.witness or {})
    place = ctx.number(witness["u"])
    outside = piecewise_network.room_for_the_wave(ctx, place, witness["folds"]) <= 0
    near = distance_to(place, z3.IntVal(1))
    differ = piecewise_network.wave(ctx, place, witness["folds"]) != near
    if prove("witness", z3.And(outside, differ)).status != "proved":
        return refuted(f"piecewise-linear-score.waves at {witness}: the claim does not fail")
    return proved(witnesses=(hypothesis.name,))


@evidence(piecewise_network.PIECEWISE_LINEAR_FOLDING, kind="exhaustive", scope="whole")
def two_waves_give_sign_and_height(run: Run) -> Outcome:
    """z3: |a| + |b| = 1 for the two waves; and the formula is g with the sign of b, g <= K |b|.

    g at the wave is the height of every half period, and b has the sign of sin(2 pi u): a piece of
    the interpolant over the range is a piece of g, moved and reflected.
    """
    del run
    below = relu(ctx, height - steep * relu(ctx, -b))
    value = below - relu(ctx, height - steep * relu(ctx, b))
    room = [height >= 0, steep >= 0, height <= steep * ctx.absolute(b)]
    quarter = ctx.number(0.25)
    waves = [4 * piecewise_network.wave(ctx, at, 1) - 1 for at in (u, u - quarter)]
    inside = [u <= ctx.number(1.5), u >= -ctx.number(1.5)]
    rising = z3.And(u >= 0, u <= ctx.number(0.5))
    falling = z3.And(u <= 0, u >= -ctx.number(0.5))
    stated = piecewise_network.PIECEWISE_LINEAR_FOLDING
    knots = [ctx.number(place) for place in (0, 0.125, 0.5)]
    one_bump: Any = (knots, [ctx.number(height) for height in (0, 0.25, 0)])
    sides = [side(ctx, *one_bump, 0, 0, u) for side in (stated.left, stated.right)]
    return prove_all(
        {
            "sizes": (ctx.absolute(waves[0]) + ctx.absolute(waves[1]) == 1, inside),
            "as stated, one bump": (sides[0] == sides[1], [u <= ctx.number(0.5), rising]),
            "b above": (waves[1] >= 0, [rising]),
            "b below": (waves[1] <= 0, [falling]),
            "b positive": (value == height, [*room, b >= 0]),
            "b negative": (value == -height, [*room, b <= 0]),
        }
    )
