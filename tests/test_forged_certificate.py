"""Certificates that were edited or made up are refused, also where their digests are forged."""

import copy

import certified
import pytest

from hardposterior.proofs_checks.recheck import CertificateError, NotCertain
from hardposterior.proofs_checks.score_recheck import fingerprint, recheck_network


@pytest.fixture(scope="module")
def modeled():
    return certified.modeled()


@pytest.fixture(scope="module")
def data():
    return certified.data()


def redigested(data):
    """A forger who knows how the digests are made."""
    for index, entry in data["knots"].items():
        entry.pop("digest")
        entry["digest"] = fingerprint(index, entry)
    for entry in data["boxes"]:
        entry.pop("digest")
        entry["digest"] = fingerprint(entry)
    data.pop("digest")
    bare = {key: value for key, value in data.items() if key not in ("knots", "boxes")}
    data["digest"] = fingerprint(bare)
    return data


def move_knot(data):
    data["knots"]["10"]["knots"][3] *= 1 + 1e-9


def drop_knots(data):
    data["knots"]["10"]["knots"] = [0.0, 0.2, 0.5]
    data["knots"]["10"]["parts"] = [1, 1]


def lower_bound(data):
    data["boxes"][90]["bound"] /= 2


def lower_term(data):
    data["boxes"][90]["terms"]["pieces"] /= 2
    data["boxes"][90]["bound"] /= 1.5


def raise_spacing(data):
    data["spacing"] *= 1.2


def drop_box(data):
    del data["boxes"][90]


def widen_box(data):
    data["boxes"][-1]["high"] *= 1.5
    data["high"] *= 1.5


def raise_target(data):
    data["target"] *= 1.01


def shorten(data):
    data["boxes"] = data["boxes"][1:]
    data["low"] = data["boxes"][0]["low"]


EDITS = (
    (move_knot, "box [", None),
    (drop_knots, "box [", "pieces"),
    (lower_bound, "box [", "total"),
    (lower_term, "box [", "pieces"),
    (raise_spacing, "header", "box ["),
    (drop_box, "box [", "does not begin where"),
    (widen_box, "header", "box ["),
    (raise_target, "header", "target"),
    (shorten, "header", "[d^-C, d^C]"),
)


@pytest.mark.parametrize(("edit", "names", "forged"), EDITS)
def test_an_edited_certificate_is_refused(data, edit, names, forged):
    """By its digests, and where those are forged too, by the mathematics."""
    edited = copy.deepcopy(data)
    edit(edited)
    with pytest.raises(CertificateError, match=names.replace("[", "\\[")):
        recheck_network(edited, sample=1)
    redigested(edited)
    if forged is not None:
        boxes = [b for b in edited["boxes"] if b["box"] == 10] + edited["boxes"][89:92]
        with pytest.raises(CertificateError) as seen:
            recheck_each(edited, boxes)
        assert forged in str(seen.value)


def lie(data):
    """One box, and terms next to nothing."""
    data["knots"] = {"0": data["knots"]["0"]}
    data["boxes"] = data["boxes"][:1]
    data["high"] = data["boxes"][0]["high"]
    entry = data["boxes"][0]
    entry["terms"] = dict.fromkeys(entry["terms"], 1e-9)
    data["target"] = entry["bound"] = 1e-8


NO_NETWORKS = (
    ({"n": 1e-9, "m": 1e-9}, "n = 1e-09"),  # d < 1: d^-C is large, [d^-C, d^C] empty
    ({"n": 0}, "n = 0"),
    ({"m": 0}, "m = 0"),
    ({"n": -1, "m": 3}, "n = -1"),
    ({"n": True}, "n = True"),
    ({"C": -5.0}, "C = -5.0"),
    ({"C": "0"}, "C = '0'"),
    ({"target": None}, "target = None"),
    ({"window": -5e-5}, "window = -5e-05"),
    ({"spacing": -1.11}, "spacing = -1.11"),
    ({"separation": 1e200}, r"separation = 1e\+200"),
    ({"folds": 0.5}, "folds = 0.5"),
    ({"folds": -3}, "folds = -3"),
    ({"claim": "P = NP"}, "claim"),
)


@pytest.mark.parametrize(("values", "names"), NO_NETWORKS)
def test_a_certificate_of_no_network_is_refused(data, values, names):
    """Where formulas do not speak, anything holds: m = 0, half a bit, a window below 0."""
    forged = copy.deepcopy(data)
    lie(forged)
    forged.update(values)
    with pytest.raises(CertificateError, match=names):
        recheck_network(redigested(forged), sample=None)


@pytest.mark.parametrize(
    "entry", [{"knots": [0, "1/4", 0.5]}, {"parts": [1.5]}, {"parts": [10**9]}, {"low": True}]
)
def test_knots_and_parts_are_numbers(data, entry):
    forged = copy.deepcopy(data)
    forged["knots"]["10"].update(entry)
    with pytest.raises(CertificateError, match="knots must be numbers"):
        recheck_network(redigested(forged), sample=0)


@pytest.mark.parametrize("values", [{"spacing": 1e300}, {"window": 1e300}])
def test_numbers_out_of_all_proportion_are_not_certain(data, values):
    forged = copy.deepcopy(data)
    lie(forged)
    forged.update(values, C=None, target=None)
    with pytest.raises(NotCertain):
        recheck_network(redigested(forged), sample=None)


@pytest.mark.parametrize("edit", [move_knot, drop_knots, raise_spacing])
def test_a_forged_certificate_is_not_the_networks(modeled, data, edit):
    forged = copy.deepcopy(data)
    edit(forged)
    with pytest.raises(CertificateError, match="network"):
        recheck_network(redigested(forged), modeled.network.data(), sample=0)


def recheck_each(data, entries):
    """Evaluate the boxes named, after the checks that all boxes get."""
    from hardposterior.proofs_checks.score_recheck import Evaluator

    recheck_network(data, sample=0)
    evaluator = Evaluator(data)
    for entry in entries:
        evaluator.check(entry)


def test_a_certificate_without_a_range_of_use_is_no_certificate(data):
    for broken in ({}, {**data, "boxes": None}, {**data, "version": 99}, {**data, "knots": []}):
        with pytest.raises(CertificateError):
            recheck_network(broken)
    assert issubclass(NotCertain, CertificateError)
