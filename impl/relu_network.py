"""Feed-forward networks of sparse affine maps and ReLU, with their sizes counted from the tensors.

A network is affine maps A_0, ..., A_L with relu after each but the last: L hidden layers. A map
stores its nonzero weights row by row; on the CPU a row's sum starts at its bias and adds the terms
in the order in which they are stored, which is what makes `select` exact in floating point.

A deep network is thousands of small operations, which gain nothing from threads and lose very much
where the cores are shared: `torch.set_num_threads(1)` is the right setting for it on a CPU.
"""

from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy.sparse
import torch
from torch import nn

from hardposterior.impl.arguments import integer, reject


class SparseAffine(nn.Module):
    """x -> W x + b on columns: (inputs, batch) to (outputs, batch).

    Entry k of W is `weights[k]`, nonzero, in row `rows[k]` and column `columns[k]`; entries are
    sorted by row, then by column.
    """

    rows: torch.Tensor
    columns: torch.Tensor
    weights: torch.Tensor
    bias: torch.Tensor

    def __init__(
        self,
        inputs: int,
        rows: Sequence[int],
        columns: Sequence[int],
        weights: Sequence[float],
        bias: Sequence[float],
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.inputs = integer("inputs", inputs, 1)
        self.outputs = integer("outputs", len(bias), 1)
        self.register_buffer("rows", torch.tensor(rows, dtype=torch.int64))
        self.register_buffer("columns", torch.tensor(columns, dtype=torch.int64))
        self.register_buffer("weights", torch.tensor(weights, dtype=dtype))
        self.register_buffer("bias", torch.tensor(bias, dtype=dtype))
        self._check()

    def _check(self) -> None:
        """Reject entries out of place or out of order, and weights that are not finite."""
        if not len(self.rows) == len(self.columns) == len(self.weights):
            reject("rows, columns, weights", "sequences of unequal length", "of one length")
        for name, places, size in (
            ("rows", self.rows, self.outputs),
            ("columns", self.columns, self.inputs),
        ):
            if bool(((places < 0) | (places >= size)).any()):
                reject(name, "an entry out of range", f"in [0, {size - 1}]")
        if bool((torch.diff(self.rows * self.inputs + self.columns) <= 0).any()):
            reject("rows, columns", "entries out of order", "sorted by row, then column, distinct")
        if not bool(torch.isfinite(self.weights).all() and torch.isfinite(self.bias).all()):
            reject("weights", "an entry that is infinite or NaN", f"finite in {self.bias.dtype}")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """W x + b for every column of `x`, shape (inputs, batch), as shape (outputs, batch)."""
        terms = self.weights[:, None] * x.index_select(0, self.columns)
        return self.bias[:, None].repeat(1, x.shape[1]).index_add_(0, self.rows, terms)

    def matrix(self) -> scipy.sparse.csr_array:
        """W in float64."""
        entries = self.weights.double().cpu().numpy()
        places = (self.rows.cpu().numpy(), self.columns.cpu().numpy())
        return scipy.sparse.csr_array((entries, places), shape=(self.outputs, self.inputs))


class Sizes(NamedTuple):
    """Counts of a network: `parameters` are the stored weights and biases together."""

    depth: int  # hidden layers
    neurons: int  # logic + carried
    logic: int
    carried: int  # pass-through
    widest: int  # neurons of the largest hidden layer
    weights: int
    biases: int
    parameters: int
    largest_weight: float  # in absolute value, biases included


class ReluNetwork(nn.Module):
    """Affine maps with ReLU between them, from shape (..., n) to shape (..., m).

    `carried[l]` says how many of the first neurons of hidden layer l only hand a value on.

    >>> half = SparseAffine(1, [0, 1], [0, 0], [1.0, -1.0], [0.0, 0.0], torch.float64)
    >>> whole = SparseAffine(2, [0, 0], [0, 1], [1.0, 1.0], [0.0], torch.float64)
    >>> ReluNetwork([half, whole])(torch.tensor([[-3.0]], dtype=torch.float64)).tolist()  # |x|
    [[3.0]]
    """

    def __init__(
        self, layers: Sequence[SparseAffine], carried: Sequence[int] | None = None
    ) -> None:
        super().__init__()
        if not layers:
            reject("layers", layers, "at least one affine map")
        for before, after in pairwise(layers):
            if before.outputs != after.inputs:
                reject("layers", f"{before.outputs} outputs, then {after.inputs} inputs", "equal")
        self.layers = nn.ModuleList(layers)
        self.n = layers[0].inputs
        self.m = layers[-1].outputs
        self.carried = tuple(carried) if carried is not None else (0,) * (len(layers) - 1)
        if len(self.carried) != len(layers) - 1:
            reject("carried", self.carried, f"{len(layers) - 1} counts, one a hidden layer")
        for count, layer in zip(self.carried, layers[:-1], strict=True):
            integer("carried", count, 0, layer.outputs)

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of weights, input and output."""
        return self._affine(0).weights.dtype

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The network at every row of `x`, shape (..., n), as shape (..., m)."""
        if not isinstance(x, torch.Tensor) or x.dtype != self.dtype:
            reject("x", getattr(x, "dtype", x), f"a tensor of {self.dtype}")
        if x.ndim == 0 or x.shape[-1] != self.n:
            reject("x.shape", tuple(x.shape), f"(..., {self.n})")
        values = x.reshape(-1, self.n).T
        *hidden, last = self.layers
        for layer in hidden:
            values = layer(values).relu_()
        outputs: torch.Tensor = last(values).T
        return outputs.reshape(*x.shape[:-1], self.m)

    def sizes(self) -> Sizes:
        """Neurons, weights and depth, counted from the tensors."""
        layers = [self._affine(index) for index in range(len(self.layers))]
        widths = [layer.bias.numel() for layer in layers[:-1]]
        weights = sum(int(torch.count_nonzero(layer.weights)) for layer in layers)
        biases = sum(layer.bias.numel() for layer in layers)
        tensors = [tensor for layer in layers for tensor in (layer.weights, layer.bias)]
        return Sizes(
            depth=len(widths),
            neurons=sum(widths),
            logic=sum(widths) - sum(self.carried),
            carried=sum(self.carried),
            widest=max(widths, default=0),
            weights=weights,
            biases=biases,
            parameters=weights + biases,
            largest_weight=max(float(t.abs().max()) for t in tensors if t.numel()),
        )

    def then(self, after: "ReluNetwork") -> "ReluNetwork":
        """`after` applied to this network's output; the two affine maps that meet become one."""
        if not isinstance(after, ReluNetwork) or after.n != self.m or after.dtype != self.dtype:
            reject("after", after, f"a ReluNetwork of {self.dtype} with {self.m} inputs")
        first, second = self._affine(-1), after._affine(0)
        joined = (second.matrix() @ first.matrix()).tocsr()
        joined.eliminate_zeros()
        joined.sort_indices()
        bias = second.matrix() @ first.bias.double().numpy() + second.bias.double().numpy()
        rows = np.repeat(np.arange(second.outputs), np.diff(joined.indptr))
        middle = SparseAffine(
            first.inputs,
            rows.tolist(),
            joined.indices.tolist(),
            joined.data.tolist(),
            bias.tolist(),
            self.dtype,
        )
        layers = [*deepcopy(self.layers[:-1]), middle, *deepcopy(after.layers[1:])]
        return ReluNetwork(layers, (*self.carried, *after.carried))

    def _affine(self, index: int) -> SparseAffine:
        """Affine map `index`."""
        layer = self.layers[index]
        assert isinstance(layer, SparseAffine)
        return layer
