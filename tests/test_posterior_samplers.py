"""Reference samplers of the audit's contract: exact draws are about the y that they are given."""

import pytest
import torch

from hardposterior.impl import HardInstance, random_table
from hardposterior.impl.posterior_samplers import (
    ExactSampler,
    PriorSampler,
    RejectionSampler,
    SearchSampler,
)

LAW = HardInstance(random_table(torch.tensor([[0, 1], [1, 1], [1, 0], [0, 0]])), 4.0, 1.5)
BETA = 0.02
Y = torch.tensor([1.5, -0.75], dtype=torch.float64) / 4  # lattice points of the bits 1, 0


@pytest.mark.parametrize("kind", [ExactSampler, RejectionSampler, SearchSampler])
def test_draws_given_y_have_its_image_coordinates_and_its_word(kind):
    found = kind(LAW)(None, None, Y, BETA, 20, torch.Generator().manual_seed(1))
    assert found.shape == (20, 4)
    assert torch.allclose(found[:, 2:], Y.expand(20, 2))
    signs = (found[:, :2] > 0).long()
    assert (signs == torch.tensor([1, 0])).all()  # the word whose image is (1, 0); R = 4
    assert 0.05 < float((found[:, :2].abs() - 1).std()) < 0.6


def test_the_prior_draws_all_words_whatever_y_is():
    found = PriorSampler(LAW)(None, None, Y, BETA, 200, torch.Generator().manual_seed(1))
    assert len((found[:, :2] > 0).long().unique(dim=0)) == 4
