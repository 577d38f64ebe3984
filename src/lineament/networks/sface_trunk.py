"""The first layers of SFace (Zhong et al. 2021), frozen, from its ONNX file."""

from pathlib import Path
from typing import Final

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

GRID: Final = 7
LAST_LAYER: Final = 13
STRIDED_LAYERS: Final = (3, 5, 7, 13)


class FaceTrunk(nn.Sequential):
    """SFace up to the depthwise layer of block 13: crops (B, 3, 112, 112) RGB 0..255 to features (B, 512, 7,
    7).

    Batch normalisations are folded into the convolutions before them.
    """

    @classmethod
    def load(cls, path: Path) -> "FaceTrunk":
        """Take the layers out of SFace's ONNX file at `path`."""
        arrays = {
            tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
            for tensor in onnx.load(path).graph.initializer
        }
        names = ["conv_1"]
        for layer in range(2, LAST_LAYER):
            names += [f"conv_{layer}_dw", f"conv_{layer}"]
        names.append(f"conv_{LAST_LAYER}_dw")
        layers: list[nn.Module] = [_Scaled()]
        for name in names:
            stride = 2 if name.endswith("_dw") and int(name.split("_")[1]) in STRIDED_LAYERS else 1
            layers += [_folded(arrays, name, stride), _activation(arrays, name)]
        return cls(*layers).eval().requires_grad_(False)


class _Scaled(nn.Module):
    def forward(self, crop: Tensor) -> Tensor:
        return (crop - 127.5) / 128


def _folded(arrays: dict[str, Tensor], name: str, stride: int) -> nn.Conv2d:
    weight = arrays[f"{name}_conv2d_weight"]
    norm = f"{name}_batchnorm"
    factor = arrays[f"{norm}_gamma"] / torch.sqrt(arrays[f"{norm}_moving_var"] + 1e-3)
    outputs, per_group, side, _ = weight.shape
    groups = outputs if per_group == 1 and outputs != 3 else 1
    layer = nn.Conv2d(per_group * groups, outputs, side, stride, side // 2, groups=groups)
    layer.weight.data = weight * factor[:, None, None, None]
    layer.bias.data = arrays[f"{norm}_beta"] - arrays[f"{norm}_moving_mean"] * factor
    return layer


def _activation(arrays: dict[str, Tensor], name: str) -> nn.PReLU:
    slope = arrays[f"{name}_relu_gamma"].flatten()
    layer = nn.PReLU(len(slope))
    layer.weight.data = slope
    return layer
