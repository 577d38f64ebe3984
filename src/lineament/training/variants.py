"""Variants of a released registration model: the same network in single, half and eight-bit precision.

fp32 holds the released numbers in single precision; fp16 is what is released (half precision stored, single
computed); int8 has its convolutions quantised after training (ONNX Runtime, static, one scale a channel),
calibrated on synthetic pictures alone. Each is a folder that `--model` takes.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from lineament.errors import BadInputError
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH
from lineament.types import Float32, UInt8

VARIANTS: Final = ("fp32", "fp16", "int8")
IMAGE: Final = "image.onnx"
ROUNDED: Final = ("Conv", "Add", "Clip", "Relu")
"""What is computed in eight bits: convolutions, and what lies between them, so that nothing is unpacked."""
SEED: Final = 515_152
FIRST_KEPT: Final = 8
"""The first convolutions stay: few channels of very different ranges, which eight bits spoil."""


def write_variants(release: Path, out: Path, pictures: Iterable[UInt8]) -> dict[str, Path]:
    """Write a folder for each variant of the model in `release` below `out`.

    pictures: crops (H, W, 3) uint8 sRGB that the eight-bit ranges are taken from; synthetic ones. Raises
    BadInputError where `release` holds no model.
    """
    try:
        config = json.loads((release / "config.json").read_text(encoding="utf-8"))
        model = onnx.load(release / IMAGE)
        revision = str(config["revision"])
    except (OSError, ValueError, KeyError) as error:
        raise BadInputError(f"{release} holds no released model; name a folder with image.onnx") from error
    folders = {name: out / name for name in VARIANTS}
    for name, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        for file in release.iterdir():
            if file.is_file() and file.name != IMAGE:
                shutil.copyfile(file, folder / file.name)
        # embeddings in eight bits differ: galleries must not mix them with others unawares
        own = config | {"precision": name, "revision": revision + ("+int8" if name == "int8" else "")}
        (folder / "config.json").write_text(json.dumps(own, indent=1) + "\n", encoding="utf-8")
    shutil.copyfile(release / IMAGE, folders["fp16"] / IMAGE)
    onnx.save(in_single(model), folders["fp32"] / IMAGE)
    quantised(folders["fp32"] / IMAGE, folders["int8"] / IMAGE, pictures)
    return folders


def in_single(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with every half-precision constant behind a Cast turned into a single-precision one."""
    single = onnx.ModelProto()
    single.CopyFrom(model)
    graph = single.graph
    halves = {one.name: one for one in graph.initializer if one.data_type == TensorProto.FLOAT16}
    casts = [node for node in graph.node if node.op_type == "Cast" and node.input[0] in halves]
    for cast in casts:
        values = numpy_helper.to_array(halves[cast.input[0]]).astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(values, cast.output[0]))
        graph.node.remove(cast)
    used = {name for node in graph.node for name in node.input}
    for one in list(graph.initializer):
        if one.name in halves and one.name not in used:
            graph.initializer.remove(one)
    return single


def spared(model: onnx.ModelProto) -> list[str]:
    """Names of the convolutions that are not rounded: the first, and those after which no other comes."""
    producers = {name: node for node in model.graph.node for name in node.output}
    found, seen = [], set()
    front = [output.name for output in model.graph.output]
    while front:
        node = producers.get(front.pop())
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        if node.op_type == "Conv":
            found.append(node.name)
        else:
            front.extend(node.input)
    return found + [node.name for node in model.graph.node if node.op_type == "Conv"][:FIRST_KEPT]


def crop_of(picture: UInt8) -> Float32:
    """A picture (H, W, 3) as the network takes crops: (1, 3, CROP_HEIGHT, CROP_WIDTH)."""
    crop = cv2.resize(picture, (CROP_WIDTH, CROP_HEIGHT), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(crop.transpose(2, 0, 1)[None], dtype=np.float32)


class _Pictures(CalibrationDataReader):
    """Crops, one at a time, as the network takes them."""

    def __init__(self, name: str, pictures: Iterable[UInt8]) -> None:
        self._name, self._pictures = name, iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next crop, None at the end."""
        picture = next(self._pictures, None)
        if picture is None:
            return None
        return {self._name: crop_of(picture)}


def quantised(single: Path, path: Path, pictures: Iterable[UInt8]) -> None:
    """Write the eight-bit variant of the single-precision model in `single`."""
    with tempfile.TemporaryDirectory() as place:
        prepared = Path(place) / IMAGE
        quant_pre_process(str(single), str(prepared), skip_symbolic_shape=True)
        model = onnx.load(prepared)
        quantize_static(
            str(prepared),
            str(path),
            _Pictures(model.graph.input[0].name, pictures),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            op_types_to_quantize=list(ROUNDED),
            nodes_to_exclude=spared(model),
        )


def synthetic_pictures(count: int) -> Iterator[UInt8]:
    """Pictures (H, W, 3) of the synthetic stream, of people of their own seed."""
    from lineament.synth.people import People
    from lineament.synth.stream import Generator

    generator = Generator(SEED, People.load(count, SEED))
    return (generator.sample(number).image for number in range(count))
