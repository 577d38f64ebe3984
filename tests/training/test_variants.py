"""Variants of the released model: what each folder holds, and that they say the same."""

import json
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")

from lineament.errors import BadInputError  # noqa: E402
from lineament.runtime.registrar import MODEL_FOLDER, Registrar  # noqa: E402
from lineament.training.parity import parities, write_parities  # noqa: E402
from lineament.training.variants import IMAGE, VARIANTS, in_single, spared, write_variants  # noqa: E402

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(not (MODEL_FOLDER / IMAGE).is_file(), reason="no released registration model"),
]


def pictures(count: int) -> list[np.ndarray]:
    """Smooth noise with a pale block, so that the network sees something of every kind."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, (count, 16, 12, 3), dtype=np.uint8)
    grown = coarse.repeat(16, axis=1).repeat(16, axis=2)
    grown[:, 60:220, 70:120] = (200, 150, 130)
    return list(grown)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_variants(MODEL_FOLDER, tmp_path_factory.mktemp("variants"), pictures(4))


def test_each_variant_is_a_model_folder(folders: dict[str, Path]) -> None:
    assert tuple(folders) == VARIANTS
    released = json.loads((MODEL_FOLDER / "config.json").read_text())["revision"]
    for name, folder in folders.items():
        registrar = Registrar.load(folder, threads=1)
        assert registrar.model == released + ("+int8" if name == "int8" else "")
        assert json.loads((folder / "config.json").read_text())["precision"] == name
    assert (folders["fp16"] / IMAGE).read_bytes() == (MODEL_FOLDER / IMAGE).read_bytes()
    sizes = {name: (folder / IMAGE).stat().st_size for name, folder in folders.items()}
    assert sizes["fp32"] > 1.8 * sizes["fp16"]
    assert sizes["int8"] < 0.65 * sizes["fp32"]


def test_single_precision_holds_no_half(folders: dict[str, Path]) -> None:
    single = onnx.load(folders["fp32"] / IMAGE)
    kinds = {one.data_type for one in single.graph.initializer}
    assert onnx.TensorProto.FLOAT16 not in kinds
    again = in_single(single)
    assert [node.op_type for node in again.graph.node] == [node.op_type for node in single.graph.node]


def test_last_and_first_convolutions_are_spared(folders: dict[str, Path]) -> None:
    single = onnx.load(folders["fp32"] / IMAGE)
    kept = set(spared(single))
    convolutions = [node for node in single.graph.node if node.op_type == "Conv"]
    assert convolutions[0].name in kept
    assert len(kept) < len(convolutions) / 2
    outputs = {one.name for one in single.graph.output}
    direct = [node.name for node in convolutions if set(node.output) & outputs]
    assert set(direct) <= kept


def test_variants_agree(folders: dict[str, Path], tmp_path: Path) -> None:
    found = parities(folders, pictures(6)[4:])
    assert set(found) == {"fp16", "int8"}
    half, eight = found["fp16"], found["int8"]
    assert half.logits_max < 1e-3
    assert half.parts_agree > 0.999
    assert half.features_cosine == pytest.approx(1.0, abs=1e-4)
    assert eight.parts_agree > 0.9
    assert eight.features_cosine > 0.95
    assert eight.logits_max > half.logits_max
    write_parities(tmp_path / "parity.json", found)
    assert json.loads((tmp_path / "parity.json").read_text())["int8"]["pictures"] == 2


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no released model"):
        write_variants(tmp_path, tmp_path / "out", [])
