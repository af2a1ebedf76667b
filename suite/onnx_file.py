"""A score network at one noise level as an ONNX file: dense Gemm and Relu, for small instances.

ONNX has no sparse affine map, so every layer is written out in full: the size of the file grows
with the square of the widths, and is computed before anything is written.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hardposterior.impl.relu_network import ReluNetwork, SparseAffine
from hardposterior.impl.score_forms import LargeNoise, SmallNoise
from hardposterior.usage import UsageError
from hardposterior.whole_file import write_whole

MOST_BYTES = 10**9
"""Of dense weights: protocol buffers end at 2 GiB."""

OPSET, IR = 17, 8
X, SCORE = "x", "score"


def affine_maps(module: SmallNoise | LargeNoise) -> Iterator[SparseAffine]:
    """Every affine map of the network, once."""
    yield from (part for part in module.modules() if isinstance(part, SparseAffine))


def dense_bytes(module: SmallNoise | LargeNoise) -> int:
    """Bytes of all weights and biases when every layer is dense."""
    return sum(
        (layer.inputs + 1) * layer.outputs * layer.weights.element_size()
        for layer in affine_maps(module)
    )


class Graph:
    """Nodes and weights of an ONNX graph, built front to back."""

    def __init__(self, inputs: int) -> None:
        from onnx import helper, numpy_helper

        self.helper, self.numpy_helper = helper, numpy_helper
        self.inputs = inputs
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def node(self, kind: str, *sources: str, **attributes: Any) -> str:
        """Add a node and name its output."""
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(self.helper.make_node(kind, list(sources), [name], **attributes))
        return name

    def affine(self, source: str, layer: SparseAffine, first: int = 0, width: int = 0) -> str:
        """`layer` on the columns of `source` from `first` on; `width` columns in all."""
        matrix = layer.matrix().toarray()
        if width:
            matrix = np.pad(matrix, ((0, 0), (first, width - first - layer.inputs)))
        names = []
        for array in (matrix, layer.bias.double().numpy()):
            names.append(f"constant{len(self.weights)}")
            cast = array.astype(layer.bias.numpy().dtype)
            self.weights.append(self.numpy_helper.from_array(cast, names[-1]))
        return self.node("Gemm", source, *names, transB=1)

    def network(self, source: str, network: ReluNetwork, first: int = 0, width: int = 0) -> str:
        """All layers of `network`, on the columns of `source` from `first` on."""
        for index, layer in enumerate(network.layers):
            assert isinstance(layer, SparseAffine)
            if index:
                source = self.node("Relu", source)
            source = self.affine(source, layer, *((0, 0) if index else (first, width)))
        return source

    def concat(self, *sources: str) -> str:
        """Columns side by side."""
        return self.node("Concat", *sources, axis=1)


def graph_of(module: SmallNoise | LargeNoise) -> Graph:
    """The network from `x` (batch, d) to its last node, the score (batch, d)."""
    d = module.n + module.m
    graph = Graph(d)
    if isinstance(module, SmallNoise):
        bits = graph.network(X, module.signs, 0, d)
        image = graph.network(bits, module.circuit)
        offsets = graph.network(X, module.offsets, module.n, d)
        chosen = graph.network(graph.concat(image, offsets), module.choice)
        values = graph.concat(X, bits, chosen)
    else:
        values = graph.concat(X, graph.network(X, module.tanh, 0, d))
    graph.affine(values, module.join)
    return graph


def to_onnx(module: SmallNoise | LargeNoise) -> bytes:
    """The network as an ONNX model, input `x` and output `score`, both (batch, d), its own dtype.

    Raises `UsageError` without the package onnx, and where the dense weights exceed `MOST_BYTES`.
    """
    size = dense_bytes(module)
    if size > MOST_BYTES:
        raise UsageError(
            f"export: the network's layers written out in full would take {size / 1e9:,.1f} GB; "
            f"must be at most {MOST_BYTES / 1e9:g} GB (a smaller function)"
        )
    try:
        import onnx
    except ImportError as error:
        raise UsageError(
            "export: needs the package onnx (pip install 'hardposterior[onnx]')"
        ) from error
    helper = onnx.helper
    graph = graph_of(module)
    graph.nodes[-1].output[0] = SCORE
    kind = helper.np_dtype_to_tensor_dtype(module.join.bias.numpy().dtype)
    shape = ["batch", graph.inputs]
    ports = [helper.make_tensor_value_info(name, kind, shape) for name in (X, SCORE)]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "score", ports[:1], ports[1:], graph.weights),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
        producer_name="hardposterior",
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def write_onnx(module: SmallNoise | LargeNoise, path: Path) -> int:
    """Write the model; the file appears whole or not at all. The bytes written."""
    content = to_onnx(module)
    write_whole(path, content)
    return len(content)
