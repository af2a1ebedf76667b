"""Wrong hard instances, and the evidence that catches each: the checks can fail."""

from types import SimpleNamespace

import pytest
import torch

from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.measurement import LinearMeasurement
from hardposterior.impl.naive_instance import NaiveInstance
from hardposterior.properties import (
    hard_instance,
    hard_instance_draws,
    measurement,
    mixture_score,
    naive_instance,
    vertex_score,
    weighted_mean,
)
from hardposterior.spec.evidence import Run


class Complemented:
    """A function with its last image bit flipped."""

    def __init__(self, function):
        self.function, self.n, self.m = function, function.n, function.m

    def __call__(self, bits):
        image = self.function(bits).clone()
        image[..., -1] = 1 - image[..., -1]
        return image


class OtherPhase(HardInstance):
    """The bits +1 and -1 pick each other's phase in the last image coordinate."""

    def __init__(self, function, separation, spacing, **options):
        super().__init__(Complemented(function), separation, spacing, **options)


class ScoreOff(HardInstance):
    """A score that is wrong in its tenth digit."""

    def score(self, x, sigma):
        return super().score(x, sigma) * (1 + 1e-10)


class DensityOff(HardInstance):
    """A log density without its last normalisation."""

    def log_prob(self, x, sigma):
        return super().log_prob(x, sigma) + 1e-8


class WideImage(HardInstance):
    """A covariance that forgets that the lattices' variances differ from 1."""

    def covariance(self):
        found = super().covariance().clone()
        found[self.n :, self.n :] = torch.eye(self.m, dtype=found.dtype) / self.separation**2
        return found


class SignsAtAHalf(HardInstance):
    """A vertex score whose signs are read off against 1/2 instead of 0."""

    def vertex_score(self, x, sigma, bits=None):
        del bits
        return super().vertex_score(x, sigma, (x[..., : self.n] > 0.5).long())


class OtherVertex(HardInstance):
    """A vertex score that reads the last image bit the wrong way round."""

    def vertex_score(self, x, sigma, bits=None):
        return OtherPhase.vertex_score(
            OtherPhase(self.function, self.separation, self.spacing), x, sigma, bits
        )


class NoTanh(HardInstance):
    """A mixture score that takes the sign for the hyperbolic tangent."""

    def mixture_score(self, x, sigma):
        t = 1 + (self.separation * sigma) ** 2
        unscaled = self.separation * x
        found = -unscaled
        found[..., : self.n] += self.separation * unscaled[..., : self.n].sign()
        return found * self.separation / t


class NarrowNoise(HardInstance):
    """Measurements with 5 % less noise than said."""

    def measurement(self, beta):
        return super().measurement(0.95 * beta)


class SharpPosterior(HardInstance):
    """A posterior for half the noise."""

    def posterior(self, y, beta, preimages=None):
        return super().posterior(y, beta / 2, preimages)


class NarrowPrior(HardInstance):
    """Draws whose hidden parts are 2 % too narrow."""

    def sample(self, count, generator):
        x, bits = super().sample(count, generator)
        center = 2.0 * bits - 1
        x[:, : self.n] = center + 0.98 * (x[:, : self.n] - center)
        return x, bits


class NoNoise(LinearMeasurement):
    """Observations with 2 % too little noise."""

    def observe(self, x, generator):
        mean = x @ self.A.T
        return mean + 0.98 * (super().observe(x, generator) - mean)


class WrongConstant(LinearMeasurement):
    """A likelihood that forgets 2 pi."""

    def log_likelihood(self, y, x):
        return super().log_likelihood(y, x) + 0.918938533204672 * self.m


class Product(NaiveInstance):
    """A naive instance whose image bits are independent of its hidden bits."""

    def score(self, x, sigma):
        return (torch.tanh(x / sigma**2) - x) / sigma**2


FAULTS = [
    (ScoreOff, hard_instance.implemented_score_matches_the_sum_over_vertices),
    (OtherPhase, hard_instance.implemented_score_matches_the_sum_over_vertices),
    (OtherPhase, hard_instance_draws.draws_of_the_implementation_follow_the_definition),
    (DensityOff, hard_instance.implemented_log_density_matches_the_sum_over_vertices),
    (SharpPosterior, hard_instance.implemented_posterior_matches_enumeration),
    (WideImage, hard_instance.implemented_covariance_matches_the_definition),
    (NarrowPrior, hard_instance_draws.draws_of_the_implementation_follow_the_definition),
    (OtherVertex, vertex_score.sampled_error_stays_below_the_bound),
    (NoTanh, mixture_score.implemented_scores_differ_by_less_than_the_bound),
    (NarrowNoise, measurement.decoded_bits_fail_as_the_series_says),
    (SharpPosterior, measurement.posterior_agrees_with_rejection),
    (NoNoise, measurement.noise_of_the_implementation_is_normal),
    (WrongConstant, measurement.implemented_likelihood_matches_the_definition),
    (Product, naive_instance.random_functions_are_revealed_too),
    (Product, naive_instance.implemented_score_matches_the_sum_over_vertices),
]


def names_of(fault):
    parent = fault.__mro__[1]
    whole = {"HardInstance": HardInstance, "NaiveInstance": NaiveInstance}
    whole["LinearMeasurement"] = LinearMeasurement
    return SimpleNamespace(__name__="faulty", **{**whole, parent.__name__: fault})


@pytest.mark.parametrize(("fault", "check"), FAULTS, ids=lambda value: value.__name__)
def test_wrong_instances_are_refuted(fault, check):
    found = check(Run(7, implementation=names_of(fault), shrink=False))
    assert found.status == "refuted", found
    assert found.counterexample


def test_an_error_that_few_draws_show_is_not_taken_for_a_small_one():
    check = vertex_score.sampled_error_stays_below_the_bound
    found = check(Run(7, implementation=names_of(SignsAtAHalf)))
    assert found.status in ("refuted", "undecided")


def test_too_few_effective_events_are_not_resolved(monkeypatch):
    monkeypatch.setattr(weighted_mean, "ENOUGH", 10**9)
    right = SimpleNamespace(HardInstance=HardInstance)
    found = vertex_score.sampled_error_stays_below_the_bound(Run(7, implementation=right))
    assert found.status == "undecided"
    assert found.detail.startswith("not resolved")


def test_plain_draws_would_see_no_sign_error():
    """At R = 6 half a million signs show none, so a check on plain draws could not fail."""
    from hardposterior.properties.tables import Function, table_of

    law = HardInstance(Function(table_of(2, 2, "1b")), 6.0, 1.0)
    x, bits = law.sample(250_000, torch.Generator().manual_seed(1))
    assert not ((x[:, :2] > 0).long() != bits).any()


def test_weights_of_the_near_misses_average_to_one():
    function = vertex_score.Function(vertex_score.table_of(3, 2, "1a2b"))
    generator = torch.Generator().manual_seed(3)
    x, weights = vertex_score.near_misses(function, 4.0, 1.0, 0.5, 200_000, generator)
    error = float(weights.std()) / len(weights) ** 0.5
    assert abs(float(weights.mean()) - 1) < 5 * error
    # second moment of a hidden coordinate: R^2 + t
    square = weights * x[:, 0] ** 2
    error = float(square.std()) / len(weights) ** 0.5
    assert abs(float(square.mean()) - (16 + 1.25)) < 5 * error
