"""The image branch: for every pixel a part, a place on the template, and an embedding to compare with
points; for the whole crop the direction it is seen from.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from lineament.anatomy import CLASS_COUNT
from lineament.networks.layers import ConvNorm
from lineament.networks.lite0 import TAP_CHANNELS, Lite0
from lineament.networks.second_look import SecondLook

FEATURE_SIZE = 48
STRIDE = 4
ANSWERS = (CLASS_COUNT, 3, 3, 1)
"""Channels of `Answers`: one convolution for all costs a fraction of one each."""
CANONICAL_CENTRE = (0.0, 0.0, 0.85)
"""Metres; the canonical head regresses offsets from the middle of the average body."""


class Answers(NamedTuple):
    """What is said of each place. parts: (B, 15, h, w) logits. canonical: (B, 3, h, w) metres from
    CANONICAL_CENTRE. facing: (B, 3, h, w) the template's normal. carried: (B, 1, h, w) logit of a thing that
    a person carries.
    """

    parts: Tensor
    canonical: Tensor
    facing: Tensor
    carried: Tensor


class Maps(NamedTuple):
    """What a crop is turned into. coarse: (B, 192, H / 32, W / 32) of the trunk. fine: (B, fine_width, h, w).
    first, second: the answers before and after the second look.
    """

    coarse: Tensor
    fine: Tensor
    first: Answers
    second: Answers


class ImageOutput(NamedTuple):
    """parts: (B, 15, h, w) logits. canonical: (B, 3, h, w) metres. features: (B, 48, h, w) unit length.
    carried: (B, 1, h, w) logit of a thing that a person carries. direction: (B, 3) of the camera from the
    person, in the template's frame. pooled: (B, 15, 49) see `part_tokens`. overall: (B, 192) mean of the
    trunk's features.
    """

    parts: Tensor
    canonical: Tensor
    features: Tensor
    carried: Tensor
    direction: Tensor
    pooled: Tensor
    overall: Tensor


class ImageBranch(nn.Module):
    """Lite0, a feature pyramid (Lin et al. 2017) down to stride 4, a second look, and 1x1 heads.

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
        self.look = SecondLook(width, fine_width)
        self.answers = nn.Conv2d(fine_width, sum(ANSWERS), 1)
        self.features = nn.Linear(fine_width, FEATURE_SIZE)
        self.view = nn.Sequential(nn.LayerNorm(TAP_CHANNELS[-1]), nn.Linear(TAP_CHANNELS[-1], 3))
        self.tokens = tokens
        self.register_buffer("centre", torch.tensor(CANONICAL_CENTRE).view(1, 3, 1, 1))

    def forward(self, image: Tensor) -> ImageOutput:
        """Image (B, 3, H, W) RGB 0..255, H and W multiples of 32, to maps at stride 4."""
        return self.outputs(self.maps(image))

    def maps(self, image: Tensor) -> Maps:
        """What the heads read."""
        finest, *taps = self.trunk(image)
        x = None
        for lateral, smooth, tap in reversed(list(zip(self.laterals, self.smooth, taps, strict=True))):
            x = lateral(tap) if x is None else lateral(tap) + _doubled(x)
            x = smooth(x)
        fine = self.head(functional.relu(self.fine(finest) + _doubled(self.narrow(x))))
        first = self.answer(fine)
        fine = fine + self.look(first.parts, first.canonical, x)
        return Maps(taps[-1], fine, first, self.answer(fine))

    def answer(self, fine: Tensor) -> Answers:
        """The heads that every look has, on (B, fine_width, h, w)."""
        return Answers(*self.answers(fine).split(ANSWERS, dim=1))

    def embed(self, fine: Tensor, logits: Tensor) -> Tensor:
        """Embeddings (M, 48) of unit length of M cells: features (M, fine_width) and class logits (M, 15)."""
        embedding = self.features(fine) + logits.softmax(dim=1) @ self.tokens
        return functional.normalize(embedding, dim=1, eps=1e-4)

    def outputs(self, maps: Maps) -> ImageOutput:
        """Everything that is released."""
        batch, _, height, width = maps.fine.shape
        cells, logits = (m.permute(0, 2, 3, 1).flatten(0, 2) for m in (maps.fine, maps.second.parts))
        features = self.embed(cells, logits).view(batch, height, width, -1).permute(0, 3, 1, 2)
        answers, overall = maps.second, maps.coarse.mean(dim=(2, 3))
        return ImageOutput(
            answers.parts,
            answers.canonical + self.centre,
            features,
            answers.carried,
            self.view(overall),
            part_tokens(maps),
            overall,
        )


def part_tokens(maps: Maps) -> Tensor:
    """(B, 15, fine_width + 1): the mean feature of each class where it is seen, and the square root of the
    share of the crop that it fills.
    """
    classes = maps.second.parts.softmax(dim=1).flatten(2)
    mass = classes.sum(dim=2, keepdim=True)
    pooled = torch.bmm(classes, maps.fine.flatten(2).transpose(1, 2)) / (mass + 1.0)
    return torch.cat([pooled, (mass / classes.shape[2]).sqrt()], dim=2)


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
