"""The image branch: for every pixel a part, a place on the template, and an embedding to compare with
points.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lineament.anatomy import CLASS_COUNT
from lineament.networks.lite0 import TAP_CHANNELS, Lite0

FEATURE_SIZE = 48
STRIDE = 4
CANONICAL_CENTRE = (0.0, 0.0, 0.85)
"""Metres; the canonical head regresses offsets from the middle of the average body."""


class ImageOutput(NamedTuple):
    """parts: (B, 15, h, w) logits. canonical: (B, 3, h, w) metres. features: (B, 48, h, w) unit length."""

    parts: Tensor
    canonical: Tensor
    features: Tensor


class ConvNorm(nn.Sequential):
    """3x3 convolution, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs, momentum=0.03),
            nn.ReLU(inplace=True),
        )


class ImageBranch(nn.Module):
    """Lite0, a feature pyramid (Lin et al. 2017) down to stride 4, and 1x1 heads.

    `tokens` (15, 48) belong to both branches: each pixel's embedding starts from the mean token of the parts
    it may belong to, each site's from the token of its part. That is how knowledge of parts passes between
    them (ours).
    """

    def __init__(self, tokens: nn.Parameter, width: int = 64, fine_width: int = 48) -> None:
        super().__init__()
        self.trunk = Lite0()
        self.fine_width = fine_width
        fine, *coarse = TAP_CHANNELS
        self.laterals = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in coarse)
        self.smooth = nn.ModuleList(ConvNorm(width, width) for _ in coarse)
        self.narrow = nn.Conv2d(width, fine_width, 1)
        self.fine = nn.Conv2d(fine, fine_width, 1)
        self.head = nn.Sequential(ConvNorm(fine_width, fine_width), ConvNorm(fine_width, fine_width))
        self.parts = nn.Conv2d(fine_width, CLASS_COUNT, 1)
        self.canonical = nn.Conv2d(fine_width, 3, 1)
        self.features = nn.Conv2d(fine_width, FEATURE_SIZE, 1)
        self.tokens = tokens
        self.register_buffer("centre", torch.tensor(CANONICAL_CENTRE).view(1, 3, 1, 1))

    def forward(self, image: Tensor) -> ImageOutput:
        """Image (B, 3, H, W) RGB 0..255, H and W multiples of 32, to maps at stride 4."""
        return self.outputs(self.maps(image)[1])

    def maps(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """What the heads read: trunk features (B, 192, H / 32, W / 32) and pyramid features at stride 4."""
        finest, *taps = self.trunk(image)
        x = None
        for lateral, smooth, tap in reversed(list(zip(self.laterals, self.smooth, taps, strict=True))):
            x = lateral(tap) if x is None else lateral(tap) + _doubled(x)
            x = smooth(x)
        return taps[-1], self.head(functional.relu(self.fine(finest) + _doubled(self.narrow(x))))

    def outputs(self, x: Tensor) -> ImageOutput:
        """The heads on pyramid features (B, fine_width, h, w)."""
        logits = self.parts(x)
        shared = functional.conv2d(logits.softmax(dim=1), self.tokens.t()[:, :, None, None])
        features = functional.normalize(self.features(x) + shared, dim=1, eps=1e-4)
        return ImageOutput(logits, self.canonical(x) + self.centre, features)


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
