"""Planted faults in the reduction and its bounds: each is caught by the evidence named."""

import pytest
import torch

from hardposterior import impl, rooms
from hardposterior.impl import inversion as implemented
from hardposterior.proofs_checks import lower_bound as chain
from hardposterior.spec import inversion, inversion_links
from hardposterior.spec.evidence import Run

SEARCH = "no-counterexample-at-60-digits"


def status(identifier, implementation=impl):
    """What one piece of evidence says, without shrinking."""
    run = Run(7, implementation=implementation, shrink=False)
    return rooms.evidence()[identifier].function(run).status


def smaller(formula):
    return lambda *parameters, **named: formula(*parameters, **named) * 9 / 10


def better(formula):
    return lambda *parameters, **named: formula(*parameters, **named) + 0.05


FAULTS = [
    (inversion_links, "sign_bound", smaller, "inversion.signs/weak-coordinates-are-rare"),
    (inversion_links, "two_misses", smaller, "inversion.exchange/both-draws-are-decoded"),
    (inversion_links, "decoding_error", smaller, "inversion.exchange/both-draws-are-decoded"),
    (inversion_links, "weak_coordinate", smaller, "inversion.signs/weak-coordinates-are-rare"),
    (
        inversion_links,
        "weak_coordinate",
        smaller,
        "inversion.signs/drawn-coordinates-are-as-weak-as-stated",
    ),
    (inversion, "decoding_error", smaller, f"inversion/{SEARCH}"),
    (inversion, "decoding_error", smaller, "inversion/failures-of-the-worst-sampler-add-up"),
    (inversion, "sign_bound", smaller, f"inversion/{SEARCH}"),
    (inversion, "two_misses", smaller, f"inversion.sharp/{SEARCH}"),
    (inversion, "two_misses", smaller, "inversion.sharp/causes-that-are-independent"),
    (inversion, "success_bound", better, "inversion/reference-bound-in-balls"),
    (inversion, "success_bound", better, "inversion/exact-posterior-inverts-as-promised"),
    (
        inversion_links,
        "marginal_density",
        smaller,
        "inversion.marginal/both-densities-overlap-in-balls",
    ),
]


@pytest.mark.parametrize(("module", "name", "fault", "identifier"), FAULTS)
def test_a_bound_a_tenth_too_good_is_refuted(module, name, fault, identifier, monkeypatch):
    statement = rooms.evidence()[identifier].statement
    original = getattr(module, name)
    for side in ("left", "right"):
        if getattr(statement, side) is original:
            monkeypatch.setitem(statement.__dict__, side, fault(original))
    monkeypatch.setattr(module, name, fault(original))
    assert status(identifier) == "refuted"


def test_a_noise_too_large_for_the_chain_is_refuted(monkeypatch):
    monkeypatch.setattr(chain, "BETAS", ("0.013715", "0.0079", "0.0049417", "0.0016029"))
    assert status("inversion.calibrated/tabulated-parameters-invert") == "refuted"
    assert status("lower-bound/chain-at-tabulated-sizes") == "refuted"


class Replaced:
    """The implementation with one thing replaced."""

    def __init__(self, **replaced):
        self.__dict__.update(replaced)

    def __getattr__(self, name):
        return getattr(impl, name)


class LooksElsewhere(impl.HardInstance):
    """Its posterior is that of another y."""

    def posterior(self, y, beta, preimages=None):
        return super().posterior(y.flip(-1), beta, preimages)


class Favours(impl.HardInstance):
    """Its posterior's draws show the likeliest word only."""

    def posterior(self, y, beta, preimages=None):
        made = super().posterior(y, beta, preimages)
        best = made.words[made.hidden_probabilities().argmax()][None]
        made.sample = super().posterior(y, beta, best).sample
        return made


def noiseless(instance, image, beta, generator):
    return ORIGINAL(instance, image, beta / 1000, generator)


def inverted_phase(instance, image, beta, generator):
    return ORIGINAL(instance, 1 - image, beta, generator)


ORIGINAL = implemented.measurement_of_image


@pytest.mark.parametrize("fault", [noiseless, inverted_phase])
def test_a_measurement_of_another_law_is_refuted(fault, monkeypatch):
    monkeypatch.setattr(implemented, "measurement_of_image", fault)
    assert status("inversion.marginal/constructed-y-is-a-drawn-y") == "refuted"


def test_a_posterior_of_another_measurement_is_refuted():
    faulty = Replaced(HardInstance=LooksElsewhere)
    assert status("inversion/exact-posterior-inverts-as-promised", faulty) == "refuted"


def test_draws_that_are_too_probable_are_refuted():
    faulty = Replaced(HardInstance=Favours)
    assert status("inversion.exchange/posterior-draws-are-exchangeable", faulty) == "refuted"


def test_a_reduction_that_knows_the_word_is_refuted():
    def told(law, image, sampler, generator, **options):
        result = impl.invert(law, image, sampler, generator, **options)
        return Found() if torch.rand(1, generator=generator) < 0.2 else result

    class Found:
        found = True

    faulty = Replaced(invert=told)
    assert status("inversion/without-y-inversion-is-chance", faulty) == "refuted"
