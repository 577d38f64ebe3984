"""SFace (Zhong et al., IEEE TIP 30, 2021) as a module that gradients pass through, from its ONNX file.

Apache-2.0, as the OpenCV model zoo publishes it: a MobileNet of 14 blocks, 112-pixel crops to 128 numbers.
Its weights have seen real photographs of faces from the web.
"""

from pathlib import Path
from typing import Final

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from lineament.networks.sface_trunk import GRID, FaceTrunk, _activation, _folded

DEEP_CHANNELS: Final = 1024
EMBEDDING_SIZE: Final = 128
_NORM_EPSILON: Final = 2e-5


class ChannelScale(nn.Module):
    """A factor and an offset for each channel: features (B, C, H, W) of a normalisation that no longer
    learns.
    """

    def __init__(self, factor: Tensor, offset: Tensor) -> None:
        super().__init__()
        self.factor, self.offset = nn.Parameter(factor), nn.Parameter(offset)

    def forward(self, features: Tensor) -> Tensor:
        """The same shape."""
        return features * self.factor[:, None, None] + self.offset[:, None, None]


class SFace(nn.Module):
    """Crops (B, 3, 112, 112) RGB 0..255 to embeddings (B, 128), not of unit length; frozen when loaded.

    Three stages, so that features can be kept where learning begins: `trunk` to (B, 512, 7, 7), `blocks` to
    (B, 1024, 7, 7), `embedding` to (B, 128).
    """

    def __init__(self, trunk: nn.Module, blocks: nn.Sequential, embedding: nn.Sequential) -> None:
        super().__init__()
        self.trunk, self.blocks, self.embedding = trunk, blocks, embedding

    @classmethod
    def load(cls, path: Path) -> "SFace":
        """Take all layers out of the ONNX file at `path`; normalisations are folded into their
        neighbours.
        """
        arrays = {
            tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
            for tensor in onnx.load(path).graph.initializer
        }
        layers: list[nn.Module] = []
        for name in ("conv_13", "conv_14_dw", "conv_14"):
            layers += [_folded(arrays, name, 1), _activation(arrays, name)]
        layers.append(ChannelScale(*_norm(arrays, "bn1")))
        network = cls(FaceTrunk.load(path), nn.Sequential(*layers), _dense(arrays))
        return network.eval().requires_grad_(False)

    def features(self, crop: Tensor) -> Tensor:
        """(B, 1024, 7, 7): the last map before the dense layer."""
        deep: Tensor = self.blocks(self.trunk(crop))
        return deep

    def forward(self, crop: Tensor) -> Tensor:
        """The whole network."""
        embedded: Tensor = self.embedding(self.features(crop))
        return embedded


def _norm(arrays: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    factor = arrays[f"{name}_gamma"] / torch.sqrt(arrays[f"{name}_moving_var"] + _NORM_EPSILON)
    return factor, arrays[f"{name}_beta"] - arrays[f"{name}_moving_mean"] * factor


def _dense(arrays: dict[str, Tensor]) -> nn.Sequential:
    factor, offset = _norm(arrays, "fc1")
    layer = nn.Linear(DEEP_CHANNELS * GRID**2, EMBEDDING_SIZE)
    layer.weight.data = arrays["pre_fc1_weight"] * factor[:, None]
    layer.bias.data = arrays["pre_fc1_bias"] * factor + offset
    return nn.Sequential(nn.Flatten(), layer)
