"""Sums over vertices: their values, their derivatives, and the memory they take."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from hardposterior.impl import cumulants, enumeration
from hardposterior.impl.cumulants import log_partition, vertex_mean
from hardposterior.impl.enumeration import VertexSum
from hardposterior.impl.words import all_words


class Parities:
    """f(s)_j = parity of the first j + 1 bits."""

    def __init__(self, n, m):
        self.n, self.m = n, m

    def __call__(self, bits):
        return bits.cumsum(-1)[..., : self.m] % 2


def vertices(n, m):
    return VertexSum(all_words(n), Parities(n, m), dtype=torch.float64)


def random_fields(*shape, seed=0, size=1.0):
    g = torch.Generator().manual_seed(seed)
    return size * torch.randn(*shape, generator=g, dtype=torch.float64)


class LargestTensor(TorchDispatchMode):
    """Records the largest tensor that any operation returns."""

    largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                self.largest = max(self.largest, tensor.numel())
        return result


@pytest.mark.parametrize("points", [1, 100, 1000])
def test_memory_does_not_grow_with_the_batch_nor_with_the_words(points):
    """Forward and backward; 2^12 words times 1,000 points would be 4 million entries."""
    v = vertices(12, 6)
    fields = random_fields(points, 18).requires_grad_()
    saved = []

    def keep(tensor):
        saved.append(tensor.numel())
        return tensor

    with LargestTensor() as seen, torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        loss = vertex_mean(v, fields).square().sum() + log_partition(v, fields).sum()
        torch.autograd.grad(loss, fields)
    assert seen.largest <= enumeration.ENTRIES
    assert sum(saved) <= 5 * fields.numel()


def test_blocks_do_not_change_the_result(monkeypatch):
    v, fields = vertices(7, 3), random_fields(11, 10, size=5.0)
    weights = (fields @ v.vertices.double().T).exp()
    exact = weights @ v.vertices.double() / weights.sum(-1, keepdim=True)
    for points, entries in ((1, 1), (3, 40), (256, 2**18), (11, 11 * 127)):
        monkeypatch.setattr(enumeration, "ENTRIES", entries)
        monkeypatch.setattr(enumeration, "POINTS", points)
        monkeypatch.setattr(cumulants, "POINTS", points)
        torch.testing.assert_close(vertex_mean(v, fields), exact, rtol=1e-13, atol=1e-13)
        torch.testing.assert_close(
            log_partition(v, fields), weights.sum(-1).log(), rtol=1e-13, atol=1e-13
        )
        bits = v.words[:5].new_tensor(Parities(7, 3)(v.words[:5]).tolist())
        same = (Parities(7, 3)(v.words)[None] == bits[:, None]).all(-1).double()
        ones = random_fields(len(v), seed=1).abs()
        torch.testing.assert_close(v.probability_of_image(bits, ones), same @ ones)
        torch.testing.assert_close(v.frequencies(ones)[:7], ones @ v.words.double())
        expected = (fields[:5, :7] @ (2 * v.words.double() - 1).T).masked_fill(
            same == 0, -torch.inf
        )
        torch.testing.assert_close(
            v.log_partition_of_image(fields[:5, :7], bits), expected.logsumexp(-1)
        )
        logs = v.vertices.double() @ fields[0]
        torch.testing.assert_close(v.log_weights(fields[0]), logs)
        torch.testing.assert_close(v.log_weights(fields[0], origin=9), logs - logs[9])


def test_fields_of_any_size_are_exact():
    """At fields of 1e5 one vertex is left, and nothing overflows."""
    v = vertices(5, 2)
    fields = random_fields(50, 7, size=1e5)
    products = fields @ v.vertices.double().T
    assert torch.equal(vertex_mean(v, fields), v.vertices.double()[products.argmax(-1)])
    torch.testing.assert_close(log_partition(v, fields), products.amax(-1), rtol=1e-15, atol=0)


def test_derivatives_up_to_the_order_stated():
    v = vertices(3, 2)
    fields = random_fields(2, 5).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: vertex_mean(v, f), fields)
    assert torch.autograd.gradgradcheck(lambda f: vertex_mean(v, f), fields)
    assert torch.autograd.gradgradcheck(lambda f: log_partition(v, f), fields)
    third = torch.func.jacrev(torch.func.jacrev(torch.func.jacrev(lambda f: log_partition(v, f))))
    plain = torch.func.jacrev(
        torch.func.jacrev(torch.func.jacrev(lambda f: (v.vertices.double() @ f).logsumexp(0)))
    )
    torch.testing.assert_close(third(fields[0].detach()), plain(fields[0].detach()))
    with pytest.raises(NotImplementedError, match="two derivatives"):
        torch.func.jacrev(third)(fields[0].detach())


def test_batches_of_any_shape():
    v, fields = vertices(3, 2), random_fields(2, 4, 5)
    together = vertex_mean(v, fields)
    assert together.shape == (2, 4, 5)
    assert log_partition(v, fields).shape == (2, 4)
    torch.testing.assert_close(together[1, 2], vertex_mean(v, fields[1, 2]))
    mapped = torch.func.vmap(torch.func.vmap(lambda f: vertex_mean(v, f)), in_dims=1)(fields)
    torch.testing.assert_close(mapped, together.transpose(0, 1))
    assert vertex_mean(v, fields[:, :0]).shape == (2, 0, 5)
