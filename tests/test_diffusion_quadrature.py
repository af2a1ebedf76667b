"""Reverse diffusion on the line by quadrature: reference numbers, and the orders in 1 / K.

That the error stays below its bounds, and that draws follow the stated steps, is evidence for
`reverse-diffusion`.
"""

import math
import os
from dataclasses import replace

import numpy as np
import pytest

from hardposterior.properties import diffusion_of_mixtures, mixture_laws
from hardposterior.properties.diffusion_of_mixtures import bounds_of, geometric
from hardposterior.properties.mixture_laws import LAWS, divergences

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"


def test_reference_numbers():
    """Lattice 1.1, phase 1/2, u from 400 to 0.01 in 20 steps."""
    law, levels = LAWS["lattice 1.1, 1/2"], geometric(20)
    kl, total_variation = divergences(law, levels)
    assert kl == pytest.approx(0.0212, rel=0.02)
    assert total_variation == pytest.approx(0.0574, rel=0.02)
    assert bounds_of(law, levels)[0] == pytest.approx(0.4230, rel=0.001)
    # The quadrature has converged: a grid twice as fine gives the same.
    assert divergences(law, levels, fineness=12) == pytest.approx((kl, total_variation), rel=1e-3)


def test_four_hundred_steps():
    law, levels = LAWS["lattice 1.1, 1/2"], geometric(400)
    kl, total_variation = divergences(law, levels)
    own, closed = bounds_of(law, levels)
    assert kl <= own <= closed
    assert kl == pytest.approx(4.64e-5, rel=0.01)
    assert total_variation == pytest.approx(3.06e-3, rel=0.01)


STEPS = (80, 160) if THOROUGH else (40, 80)


@pytest.mark.parametrize("name", LAWS)
def test_orders_in_the_number_of_steps(name):
    """The bound is of first order in 1 / K, the true KL of second and total variation of first.

    Of the law moved to mean 0: else the start, whose KL is mean^2 / (2 * 400^2), partly cancels
    the error of the steps (two points, 80 to 160 steps: an apparent order of 2.7, then a floor).
    """
    law, seen = LAWS[name], []
    law = replace(law, centers=law.centers - law.weights @ law.centers / law.weights.sum())
    for steps in STEPS:
        levels = geometric(steps)
        start = law.second_moment() / (2 * levels[0] ** 2)
        seen.append((*divergences(law, levels), bounds_of(law, levels)[0] - start))
    kl, variation, bound = np.log2(np.divide(*seen))
    assert 1.75 < kl < 2.35
    assert 0.85 < variation < 1.2
    assert 0.9 < bound < 1.3


def test_a_bound_without_its_middle_term_is_refuted(monkeypatch):
    """The discretization alone keeps the bound above the error: the check can fail."""
    spec = diffusion_of_mixtures.reverse_diffusion
    monkeypatch.setattr(spec, "discretization_by_mmse", lambda *_: 0.0)
    assert diffusion_of_mixtures.share_of_both_bounds("lattice 1.1, 1/2", 20, 0.0) > 1


def test_a_bound_without_its_score_term_is_refuted(monkeypatch):
    """A wave of amplitude 1/2 in 160 steps costs more than start and discretization give."""
    assert diffusion_of_mixtures.share_of_both_bounds("lattice 1.1, 0", 160, 0.5) <= 1
    monkeypatch.setattr(diffusion_of_mixtures.reverse_diffusion, "score_by_levels", lambda *_: 0.0)
    assert diffusion_of_mixtures.share_of_both_bounds("lattice 1.1, 0", 160, 0.5) > 1


def test_the_mmse_of_the_wrong_level_breaks_the_identity(monkeypatch):
    right = mixture_laws.Mixture.mmse
    assert diffusion_of_mixtures.denoiser_is_a_martingale("mixture", 0.5, 0.2) <= 1
    monkeypatch.setattr(mixture_laws.Mixture, "mmse", lambda law, u: right(law, 1.001 * u))
    assert diffusion_of_mixtures.denoiser_is_a_martingale("mixture", 0.5, 0.2) > 1


def test_simpsons_rule_is_fine_enough():
    """Twice the cells, the same bound."""
    law, levels = LAWS["lattice 2.5, 0"], geometric(20)
    variances = [sigma**2 for sigma in levels]
    spec, ctx = diffusion_of_mixtures.reverse_diffusion, diffusion_of_mixtures.Floats()
    coarse, fine = (spec.discretization_by_mmse(ctx, law.mmse, variances, n) for n in (8, 32))
    assert coarse == pytest.approx(fine, rel=1e-3)
    assert math.isfinite(fine)
