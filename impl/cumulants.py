"""The log-partition function of the vertices and its derivatives, for autograd and torch.func.

log Z(fields) = log sum_s exp <fields, (s, f(s))>. Its derivatives are the joint cumulants of a
random vertex, so each is one or two passes over the vertices (`VertexSum.moments`), in bounded
memory too: nothing of size 2^n is kept for the backward pass.
"""

from collections.abc import Callable
from typing import Any

import torch

from hardposterior.impl.enumeration import POINTS, VertexSum


def log_partition(vertices: VertexSum, fields: torch.Tensor) -> torch.Tensor:
    """log sum_s exp <fields, (s, f(s))>, shape (...), for fields (..., d); three derivatives."""
    return _LogPartition.apply(vertices, fields)  # type: ignore[no-any-return]


def vertex_mean(vertices: VertexSum, fields: torch.Tensor) -> torch.Tensor:
    """E (s, f(s)) under weights exp <fields, (s, f(s))>, shape (..., d); two derivatives."""
    return _Cumulant.apply(vertices, fields)  # type: ignore[no-any-return]


def _by_points(
    compute: Callable[..., torch.Tensor], *tensors: torch.Tensor, width: int
) -> torch.Tensor:
    """compute(...) -> (N, width) on blocks of `POINTS` rows of tensors (..., d)."""
    *shape, d = tensors[0].shape
    rows = [t.reshape(-1, d).split(POINTS) for t in tensors]
    parts = [compute(*block) for block in zip(*rows, strict=True)]
    return torch.cat(parts).reshape(*shape, width)


def _stack_batch(info: Any, dims: tuple[int | None, ...], tensors: tuple[torch.Tensor, ...]) -> Any:
    """The tensors with vmap's batch dimension first, repeated where it is absent."""
    return [
        t.expand(info.batch_size, *t.shape) if dim is None else t.movedim(dim, 0)
        for t, dim in zip(tensors, dims, strict=True)
    ]


class _LogPartition(torch.autograd.Function):
    @staticmethod
    def forward(vertices: VertexSum, fields: torch.Tensor) -> torch.Tensor:
        return _by_points(lambda h: vertices.moments(h)[0], fields, width=1)[..., 0]

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:  # noqa: ARG004
        ctx.vertices = inputs[0]
        ctx.save_for_backward(inputs[1])
        ctx.save_for_forward(inputs[1])

    @staticmethod
    def backward(ctx: Any, u: torch.Tensor) -> Any:
        return None, u[..., None] * _Cumulant.apply(ctx.vertices, *ctx.saved_tensors)

    @staticmethod
    def jvp(ctx: Any, _: None, tangent: torch.Tensor) -> Any:
        return (tangent * _Cumulant.apply(ctx.vertices, *ctx.saved_tensors)).sum(-1)

    @staticmethod
    def vmap(info: Any, dims: Any, vertices: VertexSum, *tensors: torch.Tensor) -> Any:
        return _LogPartition.apply(vertices, *_stack_batch(info, dims[1:], tensors)), 0


class _Cumulant(torch.autograd.Function):
    """The joint cumulant of V, <g_1, V>, ..., <g_k, V>, k <= 2, V a random vertex; (..., d).

    Up to order three joint cumulants are central moments. Differentiating in the fields appends a
    direction; the cumulant is symmetric, so differentiating in g_i puts the cotangent in its place.
    """

    @staticmethod
    def forward(
        vertices: VertexSum, fields: torch.Tensor, *directions: torch.Tensor
    ) -> torch.Tensor:
        if len(directions) > 2:
            raise NotImplementedError("a vertex mean has two derivatives here, not three")

        def cumulant(h: torch.Tensor, *gs: torch.Tensor) -> torch.Tensor:
            mean = vertices.moments(h)[2]
            if not gs:
                return mean
            factors = [(g, (g * mean).sum(-1, keepdim=True)) for g in gs]
            _, mass, first = vertices.moments(h, *factors)
            return first - mass * mean

        return _by_points(cumulant, fields, *directions, width=fields.shape[-1])

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:  # noqa: ARG004
        ctx.vertices = inputs[0]
        ctx.save_for_backward(*inputs[1:])
        ctx.save_for_forward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, u: torch.Tensor) -> Any:
        fields, *directions = ctx.saved_tensors
        grads: list[torch.Tensor | None] = [None] * (2 + len(directions))
        if ctx.needs_input_grad[1]:
            grads[1] = _Cumulant.apply(ctx.vertices, fields, *directions, u)
        for i in range(len(directions)):
            if ctx.needs_input_grad[2 + i]:
                others = directions[:i] + directions[i + 1 :]
                grads[2 + i] = _Cumulant.apply(ctx.vertices, fields, *others, u)
        return tuple(grads)

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: torch.Tensor | None) -> Any:
        fields, *directions = ctx.saved_tensors
        result = torch.zeros_like(fields)
        if tangents[0] is not None:
            result = result + _Cumulant.apply(ctx.vertices, fields, *directions, tangents[0])
        for i, tangent in enumerate(tangents[1:]):
            if tangent is not None:
                others = directions[:i] + directions[i + 1 :]
                result = result + _Cumulant.apply(ctx.vertices, fields, *others, tangent)
        return result

    @staticmethod
    def vmap(info: Any, dims: Any, vertices: VertexSum, *tensors: torch.Tensor) -> Any:
        return _Cumulant.apply(vertices, *_stack_batch(info, dims[1:], tensors)), 0
