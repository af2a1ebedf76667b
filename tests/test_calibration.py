"""Calibration: the reference table, certificates and what breaks them, the law in d."""

import argparse
import dataclasses
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from rich.console import Console

from hardposterior.calibration import calibrate
from hardposterior.calibration_command import add_calibrate
from hardposterior.calibration_search import SLACK, Arrays, Problem, largest_ratio
from hardposterior.proofs_checks import calibration as proofs
from hardposterior.proofs_checks.calibration_certificate import (
    Parameters,
    decoding_is_certain,
    prove,
    read_parameters,
    recheck_calibration,
)
from hardposterior.proofs_checks.recheck import CertificateError
from hardposterior.spec import calibration, lattice_smoothing, mixture_score
from hardposterior.spec.arithmetic import Floats
from hardposterior.usage import UsageError

TABLE = [(8, 2, 0.191), (64, 2, 0.110), (256, 2, 0.0854), (256, 10, 0.0277)]
"""n = m, C and the spacing over separation of an independent search with the stated U."""


@pytest.fixture(scope="module")
def found():
    return {(n, C): calibrate(n, n, C) for n, C, _ in TABLE}


@pytest.mark.parametrize(("n", "C", "ratio"), TABLE)
def test_ratio_is_within_two_percent_of_the_reference(found, n, C, ratio):
    assert 0.98 * ratio < found[n, C].ratio < 1.02 * ratio


def test_the_tabulated_parameters_are_those_that_calibrate_finds(found):
    for n, C, spacing, separation in proofs.REFERENCE:
        assert float(spacing) == pytest.approx(found[n, C].spacing, rel=2e-4)
        assert float(separation) == pytest.approx(found[n, C].separation, rel=2e-4)


@pytest.mark.parametrize(("n", "C"), [(8, 2), (256, 10)])
def test_second_checker_verifies_every_box(found, n, C):
    data = json.loads(json.dumps(found[n, C].certificate))
    parameters, checked = recheck_calibration(data, sample=None)
    assert checked == len(data["boxes"])
    assert float(parameters.spacing) == found[n, C].spacing
    assert float(parameters.separation) == found[n, C].separation


def broken(data, **changes):
    return {**data, **changes}


def test_second_checker_refuses_what_does_not_prove_the_claim(found):
    data = dict(found[8, 2].certificate)
    boxes = data["boxes"]
    given = data["parameters"]
    cases = {
        "uncovered": broken(data, boxes=boxes[:3] + boxes[4:]),
        "uncovered from": broken(data, boxes=boxes[1:]),
        "not certain there": broken(data, tail={**data["tail"], "from": "1"}, boxes=boxes),
        "below sigma": broken(data, tail={**data["tail"], "from": "-1"}),
        "the inequality": broken(data, parameters={**given, "spacing": "1.15"}),
        "inequality is not": broken(data, parameters={**given, "separation": "5.7"}),
        "out of range": broken(data, parameters={**given, "separation": "0.5"}),
        "parameters": broken(data, parameters={}),
        "tail": {name: value for name, value in data.items() if name != "tail"},
    }
    for expected, case in cases.items():
        with pytest.raises(CertificateError, match=expected.split()[0]):
            recheck_calibration(case, sample=None)


class MiddleOfBoxes(Floats):
    """Binary64 in which a box is its middle."""

    def box(self, low, high):
        return float((low + high) / 2)


@pytest.mark.parametrize(("name", "factor"), [("spacing", "1.01"), ("separation", "0.99")])
def test_parameters_slightly_beyond_are_refuted_with_a_noise_level(found, name, factor):
    good = read_parameters(found[64, 2].certificate)
    beyond = dataclasses.replace(good, **{name: getattr(good, name) * Fraction(factor)})
    proof, _ = prove(beyond)
    assert not proof.proved
    margin = beyond.formula(calibration.calibration_margin)
    assert margin(MiddleOfBoxes(), float(proof.counterexample[0])) < 0


def forgetful_mixture(ctx, n, m, separation, spacing, sigma):
    """U with L = m log((1 + eta) (1 + eta_0) / ((1 - eta) (1 - eta_0))): 0 once eta < 2^-53."""
    eta = lattice_smoothing.eta(ctx, spacing, sigma)
    eta_0 = lattice_smoothing.eta_0(ctx, spacing)
    odds = m * ctx.log((1 + eta) * (1 + eta_0) / ((1 - eta) * (1 - eta_0)))
    gap = lattice_smoothing.score_gap_bound(ctx, spacing, sigma)
    return mixture_score.squared_error(ctx, n, m, gap, separation, sigma, odds / 4)


def test_the_calibration_that_cancellation_produces_is_refuted():
    n, C = 256, 10
    target = (1 - SLACK) * (2.0 * n) ** -C
    problem = Problem(n, n, (2.0 * n) ** -C, target, mixture=forgetful_mixture)
    floats = Floats()
    start = (
        calibration.explicit_separation(floats, n, n, C),
        calibration.explicit_spacing(floats, n, n, C),
    )
    separation, spacing = largest_ratio(problem, *start)
    assert spacing / separation > 1.005 * calibrate(n, n, C).ratio
    parameters = Parameters(n, n, Fraction(C), Fraction(separation), Fraction(spacing))
    proof, _ = prove(parameters)
    assert proof.counterexample is not None


def test_arrays_agree_with_floats():
    sigma = np.array([0.5, 1.0, 3.0, 40.0])
    several = mixture_score.sharp_bound_of_sizes(Arrays(), 5, 7, 6.0, 1.0, sigma)
    single = [mixture_score.sharp_bound_of_sizes(Floats(), 5, 7, 6.0, 1.0, s) for s in sigma]
    assert several == pytest.approx(single, rel=1e-12)


def test_spacing_over_separation_is_of_order_one_over_log_d():
    sizes = [2**k for k in range(3, 20, 2)]
    for C, low, high in ((2, 0.51, 0.54), (10, 0.168, 0.175)):
        table = [calibrate(n, n, C) for n in sizes]
        laws = [entry.law for entry in table]
        assert low < min(laws) <= max(laws) < high
        decoding = [
            entry.beta * math.log(2 * n) * math.sqrt(2 * math.log(250 * n))
            for n, entry in zip(sizes, table, strict=True)
        ]
        assert max(decoding) / min(decoding) < 1.25


def test_beta_is_the_largest_short_decimal(found):
    for entry in found.values():
        parameters = read_parameters(entry.certificate)
        beta = Fraction(entry.certificate["beta"])
        assert float(beta) == entry.beta
        assert decoding_is_certain(parameters, beta)
        assert not decoding_is_certain(parameters, beta * Fraction(10002, 10000))


def test_a_share_of_the_target_costs_spacing(found):
    part = calibrate(8, 8, 2, share=0.25)
    assert part.ratio < found[8, 2].ratio
    assert recheck_calibration(part.certificate)[0].share == Fraction(1, 4)


def test_unequal_sizes_and_odd_exponents():
    for n, m, C in ((1, 1, 1), (3, 40, 0.5), (100, 2, 3.3)):
        entry = calibrate(n, m, C)
        assert entry.separation >= 1
        assert entry.spacing < 2 * entry.separation
        recheck_calibration(entry.certificate)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 8, 2), "n = 0"),
        ((8, 2.5, 2), "m = 2.5"),
        ((True, 8, 2), "n = True"),
        ((8, 8, -1), "C = -1"),
        ((8, 8, math.nan), "C = nan"),
        ((8, 8, 1000), "C = 1000"),
        ((8, 8, "2"), "C = '2'"),
    ],
)
def test_bad_arguments_get_one_clear_line(arguments, message):
    with pytest.raises(UsageError, match=message.replace("(", r"\(")) as error:
        calibrate(*arguments)
    assert "must be" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("share", [0, 1.5, math.nan, "all"])
def test_share_must_be_a_share(share):
    with pytest.raises(UsageError, match="share"):
        calibrate(8, 8, 2, share=share)


def test_the_command_prints_parameters_and_writes_a_certificate(tmp_path):
    parser = argparse.ArgumentParser()
    add_calibrate(parser.add_subparsers())
    path = tmp_path / "calibration.json"
    parsed = parser.parse_args(
        ["calibrate", "--n", "8", "--m", "8", "--C", "2", "--json", str(path)]
    )
    console = Console(record=True, width=120)
    assert parsed.run(parsed, console) == 0
    text = console.export_text()
    for word in ("separation", "spacing", "beta", "proved"):
        assert word in text
    recheck_calibration(json.loads(path.read_text()), sample=None)


def test_explicit_parameters_are_within_a_factor_of_the_best(found):
    floats = Floats()
    for (n, C), entry in found.items():
        explicit = calibration.explicit_spacing(floats, n, n, C) / calibration.explicit_separation(
            floats, n, n, C
        )
        assert 0.4 < explicit / entry.ratio < 1
