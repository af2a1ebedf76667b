"""Where a general mutation tool found `rejection` untested: the default batch, and its blocks.

`make cosmic` mutates the module; each test here kills a mutant that all others had let live.
"""

from dataclasses import FrozenInstanceError

import pytest
import torch
from rejection_cases import MEASUREMENT, Mixture, Y, instance, seeded

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.rejection import PriorProposal, ProposalBlock, budgets, rejection_sample


def test_proposals_are_made_4096_at_a_time_unless_told_otherwise():
    asked = []

    def proposal(count, generator):
        asked.append(count)
        return Mixture()(count, generator) + 100  # nothing is accepted

    rejection_sample(proposal, MEASUREMENT, Y, 1, seeded(0), max_proposals=10_000)
    assert asked == [4096, 4096, 1808]


@pytest.mark.parametrize(
    "block", [PriorProposal(instance()), ProposalBlock(Mixture(), MEASUREMENT, Y)]
)
def test_what_workers_receive_cannot_be_changed(block):
    for name in vars(block):
        with pytest.raises(FrozenInstanceError):
            setattr(block, name, None)


def test_budgets_are_the_exponentials_of_the_uniforms_in_float64():
    u = torch.rand(1000, generator=seeded(3), dtype=torch.float64)
    assert torch.equal(budgets(1000, seeded(3), torch.float64), -torch.log1p(-u))
    assert torch.equal(budgets(1000, seeded(3), torch.float32), (-torch.log1p(-u)).float())


def test_a_proposal_is_accepted_below_its_budget_and_not_at_it(monkeypatch):
    block = ProposalBlock(lambda count, _: torch.zeros(count, 2).double(), MEASUREMENT, Y)
    cost = float((Y / MEASUREMENT.beta).square().sum() / 2)
    steps = torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)
    around = torch.nextafter(torch.full_like(steps, cost), cost + steps)
    monkeypatch.setattr("hardposterior.impl.rejection.budgets", lambda *_: around)
    assert block(0, 3)[1].tolist() == [2]


@pytest.mark.parametrize("shape", [(49, 2), (50, 1), (51, 2), (50,), (50, 2, 1), ()])
def test_proposals_of_another_shape_are_refused(shape):
    def proposal(*_):
        return torch.zeros(shape).double()

    with pytest.raises(InvalidArgument, match=r"must be a tensor of shape \(50, 2\)"):
        rejection_sample(proposal, MEASUREMENT, Y, 10, seeded(0), max_proposals=50)
