"""The 2D-3D aligner: the first blocks of EfficientNet-Lite0, then dense 3D landmarks, each with how sure it
is and whether it is seen, and how the head is turned.
"""

from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lineament.networks.lite0 import BLOCKS, FROZEN_BLOCKS, Lite0, load_imagenet

VIEW: Final = 128
TRUNK_BLOCKS: Final = 11
TRUNK_CHANNELS: Final = BLOCKS[TRUNK_BLOCKS - 1][1]
STRIDE: Final = 16
SMALLEST_SPREAD: Final = 0.3
"""View pixels; bounds the reward for certainty."""


class Alignments(NamedTuple):
    """landmarks: (B, K, 2) view pixels, centres at +0.5, hidden ones too. spread: (B, K) expected error,
    pixels. visible: (B, K) probability.

    rotation: (B, 2, 3) first two rows of the rotation from head to camera, not orthonormal.
    """

    landmarks: Tensor
    spread: Tensor
    visible: Tensor
    rotation: Tensor


class AlignmentTrunk(nn.Module):
    """Lite0 up to stride 16: views (B, 3, 128, 128) RGB 0..255 to features (B, 112, 8, 8).

    Stem and first blocks stay as ImageNet left them, and with them what they know of photographs.
    """

    def __init__(self) -> None:
        super().__init__()
        whole = Lite0()
        self.stem, self.blocks = whole.stem, whole.blocks[:TRUNK_BLOCKS]

    @classmethod
    def load(cls, path: Path) -> "AlignmentTrunk":
        """Start from the published ImageNet weights at `path`."""
        whole, trunk = Lite0(), cls()
        load_imagenet(whole, path)
        trunk.stem, trunk.blocks = whole.stem, whole.blocks[:TRUNK_BLOCKS]
        return trunk

    def forward(self, view: Tensor) -> Tensor:
        """The features."""
        with torch.no_grad():
            x = functional.relu6(self.stem((view - 127.0) / 128.0))
            for block in self.blocks[:FROZEN_BLOCKS]:
                x = block(x)
        for block in self.blocks[FROZEN_BLOCKS:]:
            x = block(x)
        return x


class AlignmentHead(nn.Module):
    """Features (B, 112, 8, 8) to `Alignments`."""

    def __init__(self, landmarks: int, width: int = 48, hidden: int = 256) -> None:
        super().__init__()
        self.landmarks = landmarks
        self.body = nn.Sequential(
            nn.Conv2d(TRUNK_CHANNELS, width, 1),
            nn.PReLU(width),
            nn.Flatten(),
            nn.Linear(width * (VIEW // STRIDE) ** 2, hidden),
            nn.PReLU(hidden),
            nn.Linear(hidden, 4 * landmarks + 6),
        )
        nn.init.zeros_(self.body[-1].bias)

    def forward(self, features: Tensor) -> Alignments:
        """All outputs from one layer; landmarks are offsets from the view's centre in quarter views."""
        out = self.body(features)
        places, spread, visible, rows = out.split([2 * self.landmarks, self.landmarks, self.landmarks, 6], 1)
        return Alignments(
            places.unflatten(1, (self.landmarks, 2)) * (VIEW / 4) + VIEW / 2,
            functional.softplus(spread + 2.0) + SMALLEST_SPREAD,
            torch.sigmoid(visible),
            rows.unflatten(1, (2, 3)),
        )


class FaceAlignment(nn.Module):
    """Views (B, 3, 128, 128) RGB 0..255 to `Alignments`."""

    def __init__(self, trunk: AlignmentTrunk, head: AlignmentHead) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, view: Tensor) -> Alignments:
        """The whole network."""
        return self.head(self.trunk(view))


def alignment_loss(
    out: Alignments, landmarks: Tensor, visible: Tensor, rotation: Tensor
) -> dict[str, Tensor]:
    """Laplace likelihood of the landmarks (hidden ones count half), cross-entropy of what is seen, squared
    error of the rotation's first two rows.

    landmarks: (B, K, 2). visible: (B, K) 0 or 1. rotation: (B, 2, 3).
    """
    distance = (out.landmarks - landmarks).abs().sum(-1)
    likelihood = distance / out.spread + 2 * torch.log(out.spread)
    weight = 0.5 + 0.5 * visible
    return {
        "landmarks": (weight * likelihood).sum() / weight.sum(),
        "visible": functional.binary_cross_entropy(out.visible, visible),
        "rotation": (out.rotation - rotation).square().sum((-1, -2)).mean(),
    }
