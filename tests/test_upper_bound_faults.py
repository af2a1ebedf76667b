"""Planted faults: a bound a tenth too good, a sampler with the wrong threshold, each is caught."""

import pytest

from hardposterior import impl, rooms
from hardposterior.properties import acceptance as acceptance_properties
from hardposterior.spec import acceptance, near_optimality, posterior_stability, reverse_diffusion
from hardposterior.spec import rejection as rejection_spec
from hardposterior.spec.evidence import Run

SEARCH = "no-counterexample-at-60-digits"


def status(identifier, implementation=impl):
    """What one piece of evidence says, without shrinking."""
    run = Run(7, implementation=implementation, shrink=False)
    return rooms.evidence()[identifier].function(run).status


def larger(log_bound):
    return lambda *parameters: log_bound(*parameters) + 0.1


def smaller(formula):
    return lambda *parameters: 0.9 * formula(*parameters)


FAULTS = [
    (acceptance, "log_sharp", larger, f"acceptance.sharp/{SEARCH}"),
    (acceptance, "log_sharp", larger, "acceptance.sharp/bathtub-fills-a-ball"),
    (acceptance, "log_sharp", larger, "acceptance.sharp/witness-attains-the-bound-in-the-limit"),
    (acceptance, "log_plain", larger, "acceptance/markov-and-the-volume-of-a-ball"),
    (posterior_stability, "stability_bound", smaller, f"posterior-stability/{SEARCH}"),
    (posterior_stability, "stability_bound", smaller, "posterior-stability/three-terms-add-up"),
    (
        reverse_diffusion,
        "discretization_term",
        smaller,
        f"reverse-diffusion.discretization/{SEARCH}",
    ),
    (
        reverse_diffusion,
        "discretization_term",
        smaller,
        "reverse-diffusion.discretization/abel-summation",
    ),
    (rejection_spec, "rounds", smaller, f"rejection-rounds/{SEARCH}"),
    (rejection_spec, "rounds", smaller, "rejection-rounds/logarithm-below-its-tangent"),
    (
        near_optimality,
        "rejection_exponent",
        smaller,
        "near-optimality/measured-exponents-meet-the-bound",
    ),
]


@pytest.mark.parametrize(("module", "name", "fault", "identifier"), FAULTS)
def test_a_bound_a_tenth_too_good_is_refuted(module, name, fault, identifier, monkeypatch):
    monkeypatch.setattr(module, name, fault(getattr(module, name)))
    assert status(identifier) == "refuted"


def test_the_extremal_law_refutes_a_larger_bound(monkeypatch):
    monkeypatch.setitem(acceptance_properties.LOG_BOUND, "sharp", larger(acceptance.log_sharp))
    assert status("acceptance.sharp/extremal-law-attains-the-bound") == "refuted"


class WrongThreshold:
    """Accepts with exp(-|y - A x|^2 / beta^2), the half forgotten."""

    def __getattr__(self, name):
        return getattr(impl, name)

    def rejection_sample(self, proposal, measurement, *arguments, **options):
        narrow = impl.LinearMeasurement(measurement.A, measurement.beta / 2**0.5)
        return impl.rejection_sample(proposal, narrow, *arguments, **options)


@pytest.mark.parametrize(
    "identifier",
    [
        "rejection-exact/implemented-draws-follow-gaussian-and-mixture-posteriors",
        "rejection-exact/implemented-draws-follow-the-hard-instance",
        "rejection-exact.rounds/implemented-proposals-are-geometric",
        "upper-bound/reverse-diffusion-then-rejection",
    ],
)
def test_a_wrong_threshold_is_refuted(identifier):
    assert status(identifier, WrongThreshold()) == "refuted"
