"""The reshaping block of arXiv 2505.09073: features of points on the grid H x W x C of an image's features.

Known: such a block stands between PointNet++ and the joint attention. Ours: how it does it. Joint entropy
compares place i of both grids, so that places should mean the same: `CanonicalReshaping` puts every point
into the cells about its place in a flat layout of the template, as a frontal picture shows it.
`UnorderedReshaping`, the ablation, fills the grid in the order of sampling.
"""

from typing import Final

import torch
from torch import Tensor, nn

from lineament.networks.pointnet2 import PointFeatures

SPREAD: Final = 0.5
"""Standard deviation of the assignment, in cells."""


class CanonicalReshaping(nn.Module):
    """Points to (B, channels, height, width) by their places in a layout of the template.

    inputs: size of a point's feature. layout: (N, 2) places of the N points of every cloud: x positive on
    the person's left, which a frontal picture has on its right; y up. The grid covers -1..1 of both; points
    beyond tell only the cells at the edge. A cell is the mean of all points, weighted by a Gaussian of their
    distance from its middle and normalised, so that a cell without points takes the nearest. Raises
    ValueError for another layout.
    """

    layout: Tensor
    middles: Tensor

    def __init__(
        self,
        inputs: int,
        channels: int,
        layout: Tensor,
        *,
        height: int = 7,
        width: int = 7,
        spread: float = SPREAD,
    ) -> None:
        super().__init__()
        if layout.dim() != 2 or layout.shape[1] != 2:
            raise ValueError(f"a layout is (N, 2), not {tuple(layout.shape)}")
        self.height, self.width, self.spread = height, width, spread
        self.register_buffer("layout", layout.float())
        self.register_buffer("middles", cell_middles(height, width))
        self.projected = _projection(inputs, channels)

    def forward(self, points: PointFeatures) -> Tensor:
        """(B, channels, height, width), row-major from the top left."""
        cells = self.assignment(points.places) @ points.features
        return _mapped(self.projected, cells, self.height, self.width)

    def assignment(self, places: Tensor) -> Tensor:
        """Weights (B, H * W, M) of the points `places` (B, M) in every cell; they sum to 1 in a cell."""
        cells = self.middles.new_tensor([self.width / 2, self.height / 2])
        squared = ((self.middles[:, None] - self.layout[places][:, None]) * cells).square().sum(dim=-1)
        return torch.softmax(-0.5 * squared / self.spread**2, dim=-1)


class UnorderedReshaping(nn.Module):
    """Points fill the grid row by row in the order in which they were sampled, height * width of them."""

    def __init__(self, inputs: int, channels: int, *, height: int = 7, width: int = 7) -> None:
        super().__init__()
        self.height, self.width = height, width
        self.projected = _projection(inputs, channels)

    def forward(self, points: PointFeatures) -> Tensor:
        """(B, channels, height, width). Raises ValueError for another number of points."""
        if points.features.shape[1] != self.height * self.width:
            raise ValueError(
                f"{points.features.shape[1]} points do not fill {self.height} x {self.width} cells"
            )
        return _mapped(self.projected, points.features, self.height, self.width)


def cell_middles(height: int, width: int) -> Tensor:
    """Middles (height * width, 2) of the cells of -1..1, x right and y up, row-major from the top left."""
    y = 1 - (torch.arange(height) + 0.5) * 2 / height
    x = (torch.arange(width) + 0.5) * 2 / width - 1
    return torch.stack([x.repeat(height), y.repeat_interleave(width)], dim=1)


def _projection(inputs: int, channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.PReLU(channels)
    )


def _mapped(projection: nn.Module, cells: Tensor, height: int, width: int) -> Tensor:
    mapped: Tensor = projection(cells.transpose(1, 2).unflatten(2, (height, width)))
    return mapped
