"""From a trained network to the released folder: two ONNX files with half-precision weights, config, card,
record.
"""

import copy
import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from lineament.anatomy import CLASS_COUNT
from lineament.networks.image_branch import FEATURE_SIZE, ImageBranch, ImageOutput
from lineament.networks.layers import ConvNorm
from lineament.networks.lite0 import TAP_CHANNELS
from lineament.networks.points import PointBranch, PrototypeBatch
from lineament.networks.registration import RegistrationNetwork
from lineament.networks.shape import SHAPE_SIZE
from lineament.networks.sharing import PictureTokens, PrototypeTokens, SharedParts
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH

OPSET = 18
HALF_FROM = 256
"""Arrays with fewer numbers stay in single precision."""


class _PointExport(nn.Module):
    """The point branch with one plain argument an input."""

    def __init__(self, points: PointBranch) -> None:
        super().__init__()
        self.points = points

    def forward(
        self, points: Tensor, normals: Tensor, colours: Tensor, has_colour: Tensor, measured: Tensor
    ) -> Tensor:
        return self.points(PrototypeBatch(points, normals, colours, has_colour, measured))


def export_image_branch(network: RegistrationNetwork, path: Path) -> None:
    """Write image.onnx: input "image" (B, 3, H, W) float32 0..255; the outputs of
    `ImageOutput` by name.
    """
    image = fused(network.image)
    program = _exported(
        image,
        (torch.rand(2, 3, CROP_HEIGHT, CROP_WIDTH) * 255,),
        ["image"],
        list(ImageOutput._fields),
        ({0: "batch", 2: "height", 3: "width"},),
    )
    save_half(program, path)


def export_point_branch(network: RegistrationNetwork, path: Path) -> None:
    """Write points.onnx: inputs "points", "normals", "colours", "has_colour", "measured"; output
    "features".
    """
    count = len(network.points.positions)
    shapes = [(2, count, 3), (2, count, 3), (2, count, 3), (2,), (2, count)]
    program = _exported(
        _PointExport(copy.deepcopy(network.points)).eval(),
        tuple(torch.rand(shape) for shape in shapes),
        list(PrototypeBatch._fields),
        ["features"],
        tuple({0: "batch"} for _ in shapes),
    )
    save_half(program, path)


class _SharingExport(nn.Module):
    """The sharing network with one plain argument an input."""

    def __init__(self, sharing: SharedParts) -> None:
        super().__init__()
        self.sharing = sharing

    def forward(
        self,
        pooled: Tensor,
        overall: Tensor,
        prototype_pooled: Tensor,
        prototype_coefficients: Tensor,
    ) -> Tensor:
        return self.sharing(
            PictureTokens(pooled, overall), PrototypeTokens(prototype_pooled, prototype_coefficients)
        )


def export_sharing(network: SharedParts, path: Path) -> None:
    """Write sharing.onnx: inputs "pooled" (B, 15, 49), "overall" (B, 192), "prototype_pooled" (K, 15, 48) and
    "prototype_coefficients" (K, 40); output "scores" (B, K, 15).
    """
    shapes = [(2, CLASS_COUNT, FEATURE_SIZE + 1), (2, TAP_CHANNELS[-1])]
    shapes += [(3, CLASS_COUNT, FEATURE_SIZE), (3, SHAPE_SIZE)]
    names = ["pooled", "overall", "prototype_pooled", "prototype_coefficients"]
    program = _exported(
        _SharingExport(copy.deepcopy(network)).eval(),
        tuple(torch.rand(shape) for shape in shapes),
        names,
        ["scores"],
        tuple({0: "prototypes" if name.startswith("prototype") else "batch"} for name in names),
    )
    save_half(program, path)


def fused(image: ImageBranch) -> ImageBranch:
    """A copy for inference with every batch normalisation folded into the convolution before it."""
    copied = copy.deepcopy(image).eval().to(memory_format=torch.contiguous_format)
    for module in copied.modules():
        if isinstance(module, ConvNorm):
            module[0], module[1] = fuse_conv_bn_eval(module[0], module[1]), nn.Identity()
    return copied


def _exported(
    module: nn.Module,
    arguments: tuple[Tensor, ...],
    inputs: list[str],
    outputs: list[str],
    dynamic: tuple[dict[int, str], ...],
) -> onnx.ModelProto:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    named = [{axis: torch.export.Dim.DYNAMIC for axis in axes} for axes in dynamic]
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            arguments,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=named,
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    return program.model_proto


def save_half(model: onnx.ModelProto, path: Path) -> None:
    """Store large float32 constants as float16 behind a Cast: half the size, computation stays in float32."""
    model = copy.deepcopy(model)
    kept, casts = [], []
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < HALF_FROM:
            kept.append(tensor)
            continue
        name = f"{tensor.name}.half"
        kept.append(numpy_helper.from_array(array.astype(np.float16), name))
        casts.append(helper.make_node("Cast", [name], [tensor.name], to=onnx.TensorProto.FLOAT))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, path)
