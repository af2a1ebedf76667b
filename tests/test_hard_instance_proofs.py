"""The proofs about the hard instance fail where the claim is made too strong."""

import math
from fractions import Fraction

import pytest

from hardposterior.proofs_checks import (
    calibration,
    covariance,
    measurement,
    mixture_score,
    naive_instance,
    vertex_score,
    witnesses,
)
from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.proofs_checks.branch_and_bound import positive_on
from hardposterior.proofs_checks.intervals import Intervals
from hardposterior.spec import calibration as claimed
from hardposterior.spec import covariance as moments
from hardposterior.spec import vertex_score as bounds
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.catalogue import STATEMENTS
from hardposterior.spec.evidence import Run

RUN = Run(0)

PROOFS = [
    covariance.variance_margins_are_positive,
    covariance.image_variances_stay_below_a_hidden_one,
    vertex_score.jensen_and_the_terms_of_the_bound,
    mixture_score.hilbert_metric_and_eta,
    mixture_score.hilbert_metric_and_the_range_of_theta,
    measurement.cells_of_the_other_lattice_add_up,
    measurement.alternating_series_and_bernoulli,
    calibration.explicit_parameters_for_all_sizes,
    calibration.tabulated_parameters_on_the_half_line,
    naive_instance.both_errors_integrated_in_balls,
]


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)
def test_proofs_go_through(proof):
    found = proof(RUN)
    assert found.status == "proved", found


def test_a_smaller_explicit_separation_is_not_proved(monkeypatch):
    monkeypatch.setattr(
        claimed,
        "explicit_separation",
        lambda ctx, n, m, C: 2 * ctx.sqrt((3 * C + 3) * ctx.log(n + m)),
    )
    found = calibration.explicit_parameters_for_all_sizes(RUN)
    assert found.status == "refuted"
    assert "p_e" in found.counterexample


def test_a_wider_explicit_spacing_is_not_proved(monkeypatch):
    monkeypatch.setattr(
        claimed,
        "explicit_spacing",
        lambda ctx, n, m, C: ctx.pi / ctx.sqrt((C / 2 + 1) * ctx.log(n + m) + ctx.log(C + 4)),
    )
    found = calibration.explicit_parameters_for_all_sizes(RUN)
    assert found.status == "refuted"
    assert "q" in found.counterexample


def test_tabulated_parameters_are_nearly_the_best(monkeypatch):
    wider = [(n, C, spacing * Fraction(101, 100), R) for n, C, spacing, R in calibration.REFERENCE]
    monkeypatch.setattr(calibration, "REFERENCE", wider[:1])
    found = calibration.tabulated_parameters_on_the_half_line(RUN)
    assert found.status == "refuted"


def test_half_instead_of_two_fifths_is_refuted_for_the_naive_instance():
    def margin(ctx, sigma):
        return naive_instance.product_margin(ctx, sigma) - ctx.number(Fraction(1, 10))

    proof = positive_on(margin, naive_instance.MIDDLING, bits=53)
    assert proof.counterexample is not None


def test_a_sharper_variance_bound_is_false_at_a_wide_spacing():
    floats = Floats()
    for spacing in (0.5, 1.0, 4.0, 30.0):
        assert moments.second_moment(floats, spacing, 0.5) <= 1 + spacing**2 / 4
    assert moments.second_moment(floats, 30.0, 0.5) > 1 + 30.0**2 / 5


def test_variance_margins_are_negative_beyond_their_charts():
    with Balls(64) as ctx:
        assert covariance.margin_in_space(ctx, ctx.number(Fraction(4, 5))) < 0
        assert covariance.margin_in_frequency(ctx, ctx.number(Fraction(2, 5))) < 0


def test_the_textbook_form_of_v_loses_the_image_term():
    """1 - (1 - p_e)^n is 0 in binary64 at a calibrated separation; V is not."""
    separation, sigma, n, m = 19.583, 1e-20, 256, 256
    wrong = bounds.sign_error(Floats(), separation, sigma)
    assert 1 - (1 - wrong) ** n == 0
    exact = bounds.vertex_score_bound(Floats(), n, m, separation, 0.54, sigma)
    assert exact == pytest.approx(n * wrong * m * (0.27 / sigma**2) ** 2, rel=1e-9)


@pytest.mark.parametrize(
    "identifier", ["calibration", "well-modeled.covariance", "naive-instance.reveals"]
)
def test_hypotheses_are_needed(identifier):
    assert witnesses.claim_fails_at_the_witnesses(STATEMENTS[identifier]).status == "proved"


def test_interval_erfc_encloses_on_both_sides_of_the_fraction():
    ctx = Intervals(300)
    with Balls(400) as balls:
        for text in ("1/2", "199/100", "2", "201/100", "7/2", "15", "40"):
            enclosed = ctx.erfc(ctx.number(Fraction(text)))
            exact = balls.erfc(balls.number(Fraction(text)))
            low, high = (Fraction(*map(int, end_ratio(end))) for end in (enclosed.a, enclosed.b))
            assert balls.number(low) <= exact <= balls.number(high)
            assert balls.number(high - low) < exact * balls.number(Fraction(1, 10**20))


def end_ratio(end):
    """The exact numerator and denominator of an end of an interval."""
    sign, mantissa, exponent, _ = end._mpi_[0]
    value = -mantissa if sign else mantissa
    return (value << exponent, 1) if exponent >= 0 else (value, 1 << -exponent)


def test_quadrature_for_one_bit_agrees_with_an_adaptive_rule():
    """The vertex error at n = m = 1 against scipy's adaptive double quadrature."""
    from scipy import integrate

    separation, spacing, sigma = 2.0, 1.5, 0.7
    t = 1 + sigma**2
    floats = Floats()

    def integrand(x1, x2):
        from hardposterior.spec import lattice

        image = [lattice.density(floats, spacing, phase, sigma, x2) for phase in (0.5, 0.0)]
        scores = [lattice.score(floats, spacing, phase, sigma, x2) for phase in (0.5, 0.0)]
        hidden = [
            math.exp(-((x1 - c) ** 2) / (2 * t)) / math.sqrt(2 * math.pi * t)
            for c in (-separation, separation)
        ]
        joint = [a * b / 2 for a, b in zip(hidden, image, strict=True)]
        other = joint[0] if x1 > 0 else joint[1]
        gap = (2 * separation / t) ** 2 + (scores[0] - scores[1]) ** 2
        return other**2 / sum(joint) * gap

    options = {"epsabs": 1e-6}
    halves = [
        integrate.dblquad(integrand, -6.5, 6.5, *side, **options)[0]
        for side in ((0, 6.0), (-6.0, 0))
    ]
    assert bounds.vertex_error_of_one_bit(floats, separation, spacing, sigma) == pytest.approx(
        sum(halves), rel=1e-4
    )
