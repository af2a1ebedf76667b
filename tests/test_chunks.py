"""Work in pieces: the same numbers, and derivatives wherever something is differentiated."""

import pytest
import torch

from hardposterior.impl import chunks


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(chunks, "SHARE", 8)


@pytest.mark.usefixtures("small_pieces")
def test_pieces_are_put_together_in_order():
    x = torch.arange(1000.0).reshape(10, 100)
    assert torch.equal(chunks.elementwise(torch.square, x), x.square())


@pytest.mark.usefixtures("small_pieces")
def test_points_that_need_a_gradient_have_one():
    x = torch.arange(1000.0, requires_grad=True)
    found = chunks.elementwise(torch.square, x)
    assert found.requires_grad
    found.sum().backward()
    assert torch.equal(x.grad, 2 * x.detach())
    assert not chunks.plain(x)
    assert chunks.plain(x.detach())
