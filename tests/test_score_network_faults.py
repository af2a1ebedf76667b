"""Faults planted in score networks, in their error budget and in its proofs are seen."""

from types import SimpleNamespace

import faults
import numpy as np
import pytest
import torch
from faults_score_network import SCORE_NETWORKS

from hardposterior import impl, rooms
from hardposterior.proofs_checks import lattice_profile as profile_proofs
from hardposterior.properties import score_network_error as measured
from hardposterior.properties import small_noise as small_noise_properties
from hardposterior.properties import weighted_mean
from hardposterior.properties.weighted_mean import exceeds
from hardposterior.spec import lattice_profile, profile_margins, small_noise, vertex_score
from hardposterior.spec import score_network as terms
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Run
from hardposterior.spec.one_bit import Bit, error_of_one_bit, mean_squares

ctx = Floats()
JUMP = small_noise.JUMP
JUMP_BIT = {name: JUMP[name] for name in Bit._fields}
WINDOW = JUMP["window"]
PLACE = {name: JUMP[name] for name in ("separation", "spacing", "sigma")}


def evidence_of(identifier):
    return rooms.evidence()[identifier].function


@pytest.mark.parametrize("fault", SCORE_NETWORKS, ids=lambda f: f.mistake)
def test_a_planted_fault_is_refuted(fault, tmp_path):
    found = faults.outcome_of(fault, tmp_path)
    assert found.status == "refuted", f"{fault.caught_by} gave {found.status}: {found.detail}"
    assert found.counterexample


class Jumping(impl.ScoreNetwork):
    """The interpolant that jumps where its own phase has no mass; a window too narrow to matter."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options, window=WINDOW * arguments[0].separation)

    def knots(self, index):
        del index
        return JUMP["knots"]

    def values(self, sigma):
        del sigma
        return JUMP["values"]


def test_a_budget_without_the_wrong_phase_is_broken_by_a_measured_network():
    """n = m = 1, R = 2, eps = 1, sigma = 0.1: about 63.8 against 59.7 without X.

    60,000 weighted draws: a standard error of 0.3 or so; the pieces' own error is 0.005.
    """
    jumping = SimpleNamespace(
        HardInstance=impl.HardInstance,
        NoiseBox=impl.NoiseBox,
        ScoreNetwork=Jumping,
        random_table=impl.random_table,
    )
    sigma = JUMP["sigma"]
    cell = (1, 1, "1", 2.0, 1.0, sigma, "small-noise", False, 60_000, 5)
    found, bound = measured.measured_error(jumping, *cell)
    own, _ = mean_squares(ctx, Bit(**JUMP_BIT))
    vertex = vertex_score.vertex_score_bound(ctx, 1, 1, **PLACE)
    pieces = terms.pieces_term(ctx, 1, 1.0, sigma, own)
    window = terms.window_term(ctx, 1, 1, 2.0, 1.0, sigma, WINDOW)
    without = terms.joined(ctx, vertex, [pieces, window]) * sigma**2
    assert pieces < 0.006
    assert exceeds(found, without) < 1e-6
    assert found.mean < bound
    # the double integral agrees with the draws
    exact = error_of_one_bit(ctx, Bit(**JUMP_BIT)) * sigma**2
    assert abs(found.mean - exact) < 5 * found.error
    assert 63.5 * sigma**2 < exact < 64.1 * sigma**2


def test_a_budget_without_the_window_is_broken(monkeypatch):
    """A window that reaches to R: bits are fractions where x_1 likely is."""
    wide = {
        **{name: JUMP[name] for name in ("n", "spacing")},
        **{"separation": 4.0, "sigma": 0.5, "window": 4.0},
        **{"knots": (0.0, 0.1, 0.25, 0.4, 0.5), "values": (0.0, 0.05, 0.08, 0.05, 0.0)},
    }
    identifier = "relu-score-small-noise.both-phases"
    assert small_noise_properties.error_stays_below_the_bound(identifier, **wide) < 1
    monkeypatch.setattr(terms, "window_term", lambda *_, **__: 0.0)
    assert small_noise_properties.error_stays_below_the_bound(identifier, **wide) > 1


def test_a_budget_without_the_wrong_phase_is_refuted_by_quadrature(monkeypatch):
    """Some interpolant that Hypothesis draws breaks the bound."""
    monkeypatch.setattr(terms, "wrong_phase_term_of_square", lambda *_, **__: 0.0)
    check = evidence_of("relu-score-small-noise.both-phases/quadrature-stays-below-the-bound")
    assert check(Run(3, shrink=False)).status == "refuted"


def test_a_network_that_misses_its_bound_is_refuted(monkeypatch):
    """The measured check sees a vertex score that was promised too small by a third."""
    bound = measured.vertex_score.vertex_score_bound
    smaller = SimpleNamespace(
        vertex_score_bound=lambda *a: bound(*a) / 3, any_sign_error=vertex_score.any_sign_error
    )
    monkeypatch.setattr(measured, "vertex_score", smaller)
    check = evidence_of(
        "relu-score-small-noise.both-phases/measured-error-of-small-noise-stays-below-the-bound"
    )
    assert check(Run(3, implementation=impl)).status == "refuted"


def test_too_few_wrong_signs_are_not_resolved(monkeypatch):
    monkeypatch.setattr(weighted_mean, "ENOUGH", 10**9)
    check = evidence_of(
        "relu-score-small-noise.both-phases/measured-error-of-small-noise-stays-below-the-bound"
    )
    found = check(Run(3, implementation=impl))
    assert found.status == "undecided"
    assert found.detail.startswith("not resolved")


def test_plain_draws_would_not_see_the_error():
    """At R = 5.82 not one sign of 20,000 is wrong: a check on plain draws could not fail."""
    circuit = impl.random_table(torch.tensor([[0, 1], [1, 0]]))
    law = impl.HardInstance(circuit, 5.82, 1.11)
    clean, bits = law.sample(20_000, torch.Generator().manual_seed(1))
    noise = torch.randn(clean.shape, dtype=clean.dtype, generator=torch.Generator().manual_seed(2))
    x = clean + 0.02 * noise
    assert int(((x[:, :1] > 0).long() != bits).sum()) == 0


@pytest.mark.parametrize("sign", [1, -1])
def test_a_bend_that_is_promised_too_small_is_refuted(monkeypatch, sign):
    """kappa_3 <= a / 2 fails; kappa_3 >= -a / 2 does not, as kappa_3 is not negative there."""
    whole = profile_margins.slack

    def halved(which):
        extra = profile_margins.product({(1, 0): 1}, profile_margins.index_sum(0))
        cube = profile_margins.product(
            extra,
            profile_margins.product(profile_margins.index_sum(0), profile_margins.index_sum(0)),
        )
        doubled = profile_margins.combination((2, whole(which)), (-1, cube))
        return doubled if which == sign else whole(which)

    monkeypatch.setattr(profile_margins, "slack", halved)
    found = profile_proofs.third_cumulant_below_the_envelope(Run(0))
    assert (found.status == "refuted") == (sign == 1)


def test_the_bend_is_attained_up_to_its_envelope():
    """The ratio tends to 1 far from the riser: the constant cannot be lowered."""
    q, place = 2.0**-8, 0.2
    ratio = lattice_profile.bend_size(ctx, q, place) / lattice_profile.bend_envelope(ctx, q, place)
    assert 1 - 1e-9 < ratio <= 1 + 1e-12


def test_the_law_of_the_argument_weighs_places_like_draws():
    """Half a million draws of x: the chance of a place within 0.2 of the midpoint, 5 deviations."""
    from hardposterior.impl.lattice import DiscretizedGaussian

    spacing, sigma, count = 1.11, 0.25, 500_000
    generator = torch.Generator().manual_seed(8)
    x = DiscretizedGaussian(spacing, 0.5).sample((count,), generator)
    x = x + sigma * torch.randn(count, dtype=x.dtype, generator=generator)
    u = (x / ((1 + sigma**2) * spacing) - 0.5).numpy()
    place = 0.5 - np.abs(u - np.round(u))
    q = sigma**2 / (1 + sigma**2) / spacing**2
    chance = lattice_profile.own_mass(ctx, q, 0.0, 0.2)
    error = (chance * (1 - chance) / count) ** 0.5
    assert abs(float((place < 0.2).mean()) - chance) < 5 * error


class Blurred(impl.ScoreNetwork):
    """Large noise's network wherever it is asked for small noise's."""

    def __init__(self, *arguments, boxes, **options):
        boxes = [box._replace(form="large-noise") for box in boxes]
        super().__init__(*arguments, boxes=boxes, **options)


def test_an_instance_whose_network_never_looks_at_the_lattice_is_not_well_modeled():
    blurred = SimpleNamespace(
        HardInstance=impl.HardInstance,
        NoiseBox=impl.NoiseBox,
        ScoreNetwork=Blurred,
        random_table=impl.random_table,
    )
    check = evidence_of("well-modeled/explicit-instance-meets-the-definition")
    found = check(Run(3, implementation=blurred))
    assert found.status == "refuted"
    assert "measured_error(implementation, 6, 6" in found.counterexample
