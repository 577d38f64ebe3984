"""The 2D-3D face refiner: a small head on the first layers of SFace (Zhong et al. 2021), which stay
frozen.
"""

from pathlib import Path
from typing import Final, NamedTuple

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

CROP: Final = 112
TRUNK_CHANNELS: Final = 512
GRID: Final = 7
LAST_LAYER: Final = 13
STRIDED_LAYERS: Final = (3, 5, 7, 13)
SMALLEST_SPREAD: Final = 0.3
"""Crop pixels; bounds the reward for certainty."""


class Alignments(NamedTuple):
    """landmarks: (B, L, 2) crop pixels, centres at +0.5, hidden ones too. spread: (B, L) expected error,
    pixels.

    direction: (B, 2) sine and cosine of the yaw, not normalised.
    """

    landmarks: Tensor
    spread: Tensor
    direction: Tensor


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


class AlignmentHead(nn.Module):
    """Features (B, 512, 7, 7) to `Alignments`."""

    def __init__(self, landmarks: int, width: int = 128, hidden: int = 256) -> None:
        super().__init__()
        self.landmarks = landmarks
        self.body = nn.Sequential(
            nn.Conv2d(TRUNK_CHANNELS, width, 1),
            nn.PReLU(width),
            nn.Flatten(),
            nn.Dropout(0.1),
            nn.Linear(width * GRID**2, hidden),
            nn.PReLU(hidden),
            nn.Linear(hidden, 3 * landmarks + 2),
        )
        nn.init.zeros_(self.body[-1].bias)

    def forward(self, features: Tensor) -> Alignments:
        """All outputs from one layer; landmarks are offsets from the crop's centre in quarter crops."""
        out = self.body(features)
        count = self.landmarks
        places = out[:, : 2 * count].unflatten(1, (count, 2)) * (CROP / 4) + CROP / 2
        spread = nn.functional.softplus(out[:, 2 * count : 3 * count] + 2.0) + SMALLEST_SPREAD
        return Alignments(places, spread, out[:, 3 * count :])


class FaceAlignment(nn.Module):
    """Crops (B, 3, 112, 112) RGB 0..255 to `Alignments`."""

    def __init__(self, trunk: FaceTrunk, head: AlignmentHead) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, crop: Tensor) -> Alignments:
        """The whole network."""
        return self.head(self.trunk(crop))


def alignment_loss(
    out: Alignments, landmarks: Tensor, direction: Tensor, visible: Tensor
) -> dict[str, Tensor]:
    """Laplace likelihood of the landmarks (hidden ones count half) and squared error of the direction."""
    distance = (out.landmarks - landmarks).abs().sum(-1)
    likelihood = distance / out.spread + 2 * torch.log(out.spread)
    weight = 0.5 + 0.5 * visible
    return {
        "landmarks": (weight * likelihood).sum() / weight.sum(),
        "direction": (out.direction - direction).square().sum(-1).mean(),
    }
