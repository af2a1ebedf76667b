"""The proofs about score networks fail where what they prove is changed."""

import pytest

from hardposterior import rooms
from hardposterior.spec import (
    explicit_network,
    large_noise,
    lattice_profile,
    piecewise_linear,
    piecewise_network,
    profile_interpolant,
    score_network,
    score_network_size,
)
from hardposterior.spec.evidence import Run
from hardposterior.spec.roles import ROLES


def changed(module, name, change):
    """The function's value, changed."""
    whole = getattr(module, name)
    return module, name, lambda *a, **more: change(whole(*a, **more))


FAULTS = {
    "a window counted once for both sides": (
        *changed(score_network, "window_chance", lambda p: p / 2),
        "relu-score-small-noise/triangle-inequality-and-four-events",
    ),
    "errors added without their cross term": (
        score_network,
        "joined",
        lambda ctx, formula, added: formula + sum(added, ctx.number(0)),
        "relu-score-small-noise/triangle-inequality-and-four-events",
    ),
    "a wrong phase of half a spacing in the general bound": (
        *changed(score_network, "wrong_phase_term", lambda x: x / 4),
        "relu-score-small-noise/triangle-inequality-and-four-events",
    ),
    "tanh's error without R": (
        score_network,
        "tanh_term",
        lambda ctx, n, separation, sigma, error: n * (error / (1 + sigma**2)) ** 2,
        "relu-score-large-noise/raised-chord-of-tanh",
    ),
    "tanh's bend at the lower end alone": (
        score_network,
        "tanh_bend",
        lambda ctx, low, high: 2 * ctx.tanh(low) * (1 - ctx.tanh(low) ** 2),
        "relu-score-large-noise/exact-sup-of-every-piece-is-within-the-bound",
    ),
    "a reach of half as many deviations": (
        *changed(explicit_network, "lattice_reach", lambda r: r / 2),
        "relu-score/shares-of-the-target",
    ),
    "a piece's bound of h^2 sup|f''| / 16": (
        *changed(piecewise_linear, "piece_bound", lambda b: b / 2),
        "piecewise-linear-score.curvature/chord-by-the-kernel-of-the-second-derivative",
    ),
    "a wave without its last fold": (
        piecewise_network,
        "wave",
        lambda ctx, u, folds: ctx.absolute(u),
        "piecewise-linear-score.waves/folds-give-the-distance-to-the-midpoints",
    ),
    "a march with steps twice as wide": (
        *changed(profile_interpolant, "marched_pieces", lambda n: n - 3),
        "piecewise-linear-score.pieces/marched-pieces-keep-the-error",
    ),
    "a range of one period less": (
        *changed(score_network_size, "half_periods", lambda n: n - 4),
        "relu-score.neurons/layers-add-up",
    ),
    "an own law around the midpoints": (
        *changed(lattice_profile, "product_of_thetas", lambda p: 2 - p),
        "piecewise-linear-score.law/no-counterexample-at-60-digits",
    ),
}

SIDES = {"product_of_thetas": "right"}
"""Functions that a statement holds, not its module."""


@pytest.mark.parametrize("mistake", FAULTS)
def test_a_changed_formula_is_refuted(monkeypatch, mistake):
    module, name, wrong, identifier = FAULTS[mistake]
    found = rooms.evidence()[identifier]
    monkeypatch.setattr(module, name, wrong)
    for path in ("proofs_checks.profile_interpolant", "proofs_checks.large_noise"):
        proofs = __import__(f"hardposterior.{path}", fromlist=["x"])
        if hasattr(proofs, name):
            monkeypatch.setattr(proofs, name, wrong)
    if name in SIDES:
        object.__setattr__(found.statement, SIDES[name], wrong)
    try:
        assert found.function(Run(1, shrink=False)).status == "refuted"
    finally:
        monkeypatch.undo()
        if name in SIDES:
            object.__setattr__(found.statement, SIDES[name], getattr(module, name))


def test_tanhs_interpolant_is_odd_and_saturates():
    """tanh's interpolant is odd, and 1 from its last knot on."""
    from hardposterior.spec.arithmetic import Floats

    ctx = Floats()
    knots = (0.0, 0.5, 1.5, 3.0)
    for x in (0.2, 0.9, 2.9):
        value = large_noise.tanh_interpolant(ctx, knots, x)
        assert value == -large_noise.tanh_interpolant(ctx, knots, -x)
        assert 0 < value < 1
    assert large_noise.tanh_interpolant(ctx, knots, 7.0) == pytest.approx(1.0, abs=1e-15)


def test_what_the_properties_ask_for_is_a_role():
    needed = {
        name
        for found in rooms.evidence()
        if found.statement.id.startswith(("relu-score", "piecewise-linear"))
        for name in found.needs
    }
    assert {"NoiseBox", "ScoreNetwork"} <= needed <= set(ROLES)
