"""Small ONNX networks that stand in for recognisers: an embedding is the mean of each colour."""

from pathlib import Path

import pytest

onnx = pytest.importorskip("onnx", reason="lineament[train] is not installed")


def mean_network(path: Path, *, last: bool = False, batch: int | None = None, size: int | None = 32) -> Path:
    """Writes a network from (B, 3, S, S), or (B, S, S, 3) where colours come last, to (B, 3)."""
    picture = [size, size, 3] if last else [3, size, size]
    helper, number = onnx.helper, onnx.TensorProto.FLOAT
    given = helper.make_tensor_value_info("faces", number, [batch or "batch", *picture])
    unused = helper.make_tensor_value_info("other", number, [batch or "batch", 3])
    taken = helper.make_tensor_value_info("vector", number, [batch or "batch", 3])
    axes = helper.make_tensor("axes", onnx.TensorProto.INT64, [2], [1, 2] if last else [2, 3])
    nodes = [
        helper.make_node("ReduceMean", ["faces", "axes"], ["vector"], keepdims=0),
        helper.make_node("Neg", ["vector"], ["other"]),
    ]
    graph = helper.make_graph(nodes, "means", [given], [taken, unused], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, str(path))
    return path
