"""Where claims were found stated for less, or for more, than what their evidence shows."""

import math

import pytest

from hardposterior import bounds, rooms
from hardposterior.derivations import premises
from hardposterior.proofs_checks import covariance, relu_gadgets
from hardposterior.properties.arithmetic import Decimals
from hardposterior.spec import calibration
from hardposterior.spec import covariance as moments
from hardposterior.spec.arithmetic import Floats, NotSummed
from hardposterior.spec.evidence import Run

STATEMENTS = rooms.statements()
FLOATS = Floats()
RUN = Run(seed=0)


@pytest.mark.parametrize("phase", [0.0, 0.5])
@pytest.mark.parametrize("spacing", [0.1, 1.0, 2.0, 4.0, 30.0])
def test_either_phase_has_the_variance_that_the_covariance_rests_on(phase, spacing):
    """The claim spoke of phase 0, and the covariance rests on it, but no evidence did."""
    statement = STATEMENTS["well-modeled.lattice"]
    assert statement.domain["phase"].contains(phase)
    at = {"spacing": spacing, "phase": phase}
    assert statement.left(FLOATS, **at) <= statement.right(FLOATS, **at) * (1 + 1e-12)


def test_a_smaller_variance_at_phase_zero_is_false(monkeypatch):
    assert moments.second_moment(FLOATS, 0.5, 0.0) > 0.999
    monkeypatch.setattr(
        moments, "second_moment_bound", lambda ctx, spacing, phase: 1 - (1 - 3 * phase) / 10
    )
    found = covariance.variance_margins_are_positive(RUN)
    assert found.status == "refuted"
    assert "stated at phase" in found.counterexample


@pytest.mark.parametrize("bit", [-1000.0, -1.0, 0.0, 0.25, 1.0])
@pytest.mark.parametrize("value", [-3.0, -0.5, 0.5, 3.0, 500.0])
def test_a_selection_has_the_sign_of_its_value_at_any_bit_up_to_one(bit, value):
    """The claim was for b <= 1, the proof for b in [0, 1]; at C = 0 the right side is 0 / 0."""
    statement = STATEMENTS["relu-selection.sign"]
    at = {"bound": 2.0, "bit": bit, "value": value}
    assert all(statement.domain[name].contains(number) for name, number in at.items())
    assert statement.left(FLOATS, **at) == statement.right(FLOATS, **at)


def test_a_selection_beyond_a_bit_of_one_has_not():
    statement = STATEMENTS["relu-selection.sign"]
    at = {"bound": 2.0, "bit": 1.5, "value": 0.5}
    assert statement.left(FLOATS, **at) != statement.right(FLOATS, **at)
    assert not statement.domain["bit"].contains(1.5)
    assert not statement.domain["value"].contains(0.0)
    assert relu_gadgets.selection_has_the_sign_of_the_value(RUN).status == "proved"


@pytest.mark.parametrize("inside", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("outside", [0.0, 0.5, 1.0])
def test_limits_hold_for_sets_that_are_never_or_always_hit(inside, outside):
    statement = STATEMENTS["closeness.lower-bound"]
    at = {"inside": inside, "outside": outside, "trials": 7, "others": 5, "alpha": 0.1}
    assert all(statement.domain[name].contains(number) for name, number in at.items())
    left = statement.left(FLOATS, **at)
    assert left <= 0.1
    assert (left == 0) == (0.5 not in (inside, outside))


@pytest.mark.parametrize("ctx", [FLOATS, Decimals(20)], ids=["floats", "decimals"])
def test_a_series_that_is_cut_short_is_no_value(ctx):
    """At h = 1e-6 the two sides were 0.155 and 0.079 after 100,000 terms; both are 1/2."""
    statement = STATEMENTS["phase-decoding.exact"]
    for side in (statement.left, statement.right):
        assert side(ctx, h=ctx.number(1e-3)) == pytest.approx(0.5, rel=1e-12)
        with pytest.raises(NotSummed, match="too many terms"):
            side(ctx, h=ctx.number(1e-6))


def test_a_bound_of_a_series_that_is_cut_short_is_infinite():
    """It was what 100,000 terms add up to: less than the bound."""
    assert bounds.score_gap_product(spacing=1.0, sigma=1e-6) == math.inf
    assert math.isfinite(bounds.score_gap_product(spacing=1.0, sigma=1e-2))


def test_domains_hold_what_their_claims_speak_of():
    """An exact sampler has delta = 0, a measurement m numbers, a circuit perhaps no neuron."""
    assert STATEMENTS["posterior-sampler"].domain["delta"].contains(0)
    assert STATEMENTS["inversion.marginal"].domain["y"].text == "m real numbers"
    statement = STATEMENTS["relu-score.neurons"]
    at = {"n": 1, "m": 1, "circuit": 0, "pieces": 1, "folds": 0, "folded": True}
    assert all(statement.domain[name].contains(number) for name, number in at.items())
    assert statement.left(FLOATS, **at) == statement.right(FLOATS, **at)


@pytest.mark.parametrize("m", [1, 2, 100, 10**6])
@pytest.mark.parametrize("n", [1, 100, 10**9])
def test_the_noise_is_of_the_order_stated_at_a_single_measurement_too(n, m):
    """It was 1 / (log d sqrt(log m)), which is infinite at m = 1."""
    separation = calibration.explicit_separation(FLOATS, n, m, 2.0)
    spacing = calibration.explicit_spacing(FLOATS, n, m, 2.0)
    beta = spacing / (4 * separation * math.sqrt(2 * math.log(250 * m)))
    assert 0.005 < beta * math.log(n + m) * math.sqrt(math.log(m + 1)) < 0.1


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("piecewise-linear-score.folding", "piecewise-linear-score.waves"),
        ("mixture-score", "lattice-smoothing.density"),
        ("mixture-score.sharp", "mixture-score.odds"),
        ("calibration", "mixture-score.sharp"),
        ("relu-score-small-noise", "relu-gates.neurons"),
    ],
)
def test_a_claim_names_the_lemma_that_its_proof_uses(above, below):
    assert below in STATEMENTS[above].depends
    assert below in premises(STATEMENTS[above])
