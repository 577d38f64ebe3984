import numpy as np
import onnxruntime
import pytest

from lineament.assets import find
from lineament.runtime.onnx_graph import quickened
from lineament.runtime.session import open_session


def opened(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def model(opset: int = 13, weights_are_inputs: bool = True) -> bytes:
    """x -> Conv -> PRelu with slopes below, in and above 0..1."""
    onnx = pytest.importorskip("onnx")
    helper, rng = onnx.helper, np.random.default_rng(0)
    kernel = rng.normal(size=(4, 3, 3, 3)).astype(np.float32)
    slope = np.array([-0.5, 0.0, 0.3, 1.4], np.float32).reshape(4, 1, 1)
    weights = [onnx.numpy_helper.from_array(one, name) for one, name in ((kernel, "k"), (slope, "a"))]
    inputs = [helper.make_tensor_value_info("x", 1, ["n", 3, 8, 8])]
    if weights_are_inputs:
        inputs += [helper.make_tensor_value_info(one.name, 1, one.dims) for one in weights]
    nodes = [helper.make_node("Conv", ["x", "k"], ["y"]), helper.make_node("PRelu", ["y", "a"], ["z"])]
    outputs = [helper.make_tensor_value_info("z", 1, ["n", 4, 6, 6])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return bytes(made.SerializeToString())


@pytest.mark.train
def test_the_same_is_computed_by_other_operators() -> None:
    import onnx

    given, x = model(), np.random.default_rng(1).normal(size=(2, 3, 8, 8)).astype(np.float32)
    changed = quickened(given)
    onnx.checker.check_model(onnx.load_from_string(changed), full_check=True)
    graph = onnx.load_from_string(changed).graph
    assert [one.op_type for one in graph.node] == ["Conv", "Relu", "Sub", "Mul", "Add"]
    assert [one.name for one in graph.input] == ["x"] and len(graph.initializer) == 2
    expected = opened(given).run(None, {"x": x})[0]
    assert np.abs(opened(changed).run(None, {"x": x})[0] - expected).max() < 1e-5


@pytest.mark.train
def test_what_gains_nothing_or_is_too_old_stays() -> None:
    assert (old := model(opset=7)) and quickened(old) is old
    once = quickened(model(weights_are_inputs=False))
    assert quickened(once) is once


@pytest.mark.parametrize("content", [b"", b"no model at all", bytes(range(256)), b"\x0a\xff\xff\xff\xff\x7f"])
def test_what_is_no_model_stays(content: bytes) -> None:
    assert quickened(content) is content


def test_a_cut_off_file_stays() -> None:
    path = find("yunet")
    if path is None:
        pytest.skip("needs the asset yunet; run: lineament assets fetch yunet")
    content = path.read_bytes()[:-1000]
    assert quickened(content) is content


def test_sface_embeds_as_before() -> None:
    path = find("sface")
    if path is None:
        pytest.skip("needs the asset sface; run: lineament assets fetch sface")
    given = path.read_bytes()
    assert quickened(given) is not given
    crop = np.random.default_rng(2).integers(0, 256, (1, 3, 112, 112)).astype(np.float32)
    expected = opened(given).run(None, {"data": crop})[0]
    assert np.abs(open_session(path, 1).run(None, {"data": crop})[0] - expected).max() < 1e-4
