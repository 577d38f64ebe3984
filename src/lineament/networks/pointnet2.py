"""PointNet++ (Qi et al., NeurIPS 2017): features of a face's point cloud at fewer and fewer centres.

Known: farthest point sampling chooses centres, a ball query gathers points about each, a small network shared
by all points and a maximum make the centre's feature; levels follow each other. Neighbours go in as offsets
from their centre beside their features.

Ours: the first centre is the point farthest from the middle, and a ball that holds too many points keeps the
nearest, so that nothing depends on the order of points (ties apart). Offsets are divided by the radius; so is
nothing else, since the size of a face is part of it.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

INPUTS: Final = 9
"""Numbers of a point: x, y, z in metres, normal, colour 0..1."""
POSITION_SCALE: Final = 10.0
"""Faces are of the order of 0.1 m."""


@dataclass(frozen=True, slots=True)
class Level:
    """One set abstraction. centres: how many. radius: of the ball, metres. group: most points of a ball.
    widths: of the shared network's layers; the last is the size of a feature. Raises ValueError.
    """

    centres: int
    radius: float
    group: int
    widths: tuple[int, ...]

    def __post_init__(self) -> None:
        if min(self.centres, self.group, len(self.widths), *self.widths) < 1 or not self.radius > 0:
            raise ValueError(f"centres, group, widths and radius of a level are above 0, not {self}")


FACE_LEVELS: Final = (Level(256, 0.025, 16, (32, 32, 64)), Level(49, 0.06, 24, (64, 128, 256)))
"""From 1,024 points of a head, about 1 cm apart, to one centre for each cell of a 7 x 7 grid (ours)."""


class PointFeatures(NamedTuple):
    """features: (B, M, C) of M centres. positions: (B, M, 3) metres. places: (B, M) which of the cloud's
    points they are.
    """

    features: Tensor
    positions: Tensor
    places: Tensor


class PointNet2(nn.Module):
    """Clouds (B, N, inputs), coordinates first, to `PointFeatures` of the last level's centres.

    Raises ValueError for a cloud of fewer points than the first level has centres.
    """

    def __init__(self, levels: tuple[Level, ...] = FACE_LEVELS, inputs: int = INPUTS) -> None:
        super().__init__()
        sizes = [inputs, *(level.widths[-1] for level in levels)]
        self.levels = nn.ModuleList(
            SetAbstraction(level, size) for level, size in zip(levels, sizes[:-1], strict=True)
        )
        self.channels = sizes[-1]

    def forward(self, clouds: Tensor) -> PointFeatures:
        """All levels. What a point brings: its offset from the cloud's middle, and what else is given."""
        positions = clouds[..., :3]
        centred = (positions - positions.mean(dim=1, keepdim=True)) * POSITION_SCALE
        every = torch.arange(clouds.shape[1], device=clouds.device).expand(len(clouds), -1)
        found = PointFeatures(torch.cat([centred, clouds[..., 3:]], dim=2), positions, every)
        for level in self.levels:
            found = level(found)
        return found


class SetAbstraction(nn.Module):
    """One level: features (B, N, inputs) of points to (B, centres, widths[-1])."""

    def __init__(self, level: Level, inputs: int) -> None:
        super().__init__()
        self.level = level
        sizes = [inputs + 3, *level.widths]
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [nn.Linear(before, after, bias=False), nn.BatchNorm1d(after), nn.ReLU(inplace=True)]
        self.shared = nn.Sequential(*layers)

    def forward(self, points: PointFeatures) -> PointFeatures:
        """Sample centres, gather their balls, keep the maximum of what the shared network says."""
        with torch.no_grad():
            chosen = farthest_points(points.positions, self.level.centres)
            centres = taken(points.positions, chosen)
            members = ball(points.positions, centres, self.level.radius, self.level.group)
        offsets = (taken(points.positions, members) - centres[:, :, None]) / self.level.radius
        grouped = torch.cat([offsets, taken(points.features, members)], dim=-1)
        said = self.shared(grouped.flatten(0, 2)).unflatten(0, members.shape)
        return PointFeatures(said.amax(dim=2), centres, points.places.gather(1, chosen))


def farthest_points(positions: Tensor, count: int) -> Tensor:
    """Farthest point sampling: indices (B, count) of positions (B, N, 3).

    The first is the point farthest from the mean, each next the one farthest from all chosen. Raises
    ValueError when there are fewer than `count` points.
    """
    if positions.shape[1] < count:
        raise ValueError(f"{count} centres cannot be chosen of {positions.shape[1]} points")
    chosen = [(positions - positions.mean(dim=1, keepdim=True)).square().sum(dim=2).argmax(dim=1)]
    distance = torch.full_like(positions[..., 0], torch.inf)
    for _ in range(count - 1):
        last = positions.gather(1, chosen[-1][:, None, None].expand(-1, 1, 3))
        distance = torch.minimum(distance, (positions - last).square().sum(dim=2))
        chosen.append(distance.argmax(dim=1))
    return torch.stack(chosen, dim=1)


def ball(positions: Tensor, centres: Tensor, radius: float, group: int) -> Tensor:
    """Ball query: indices (B, M, group) of the nearest of positions (B, N, 3) within `radius` of centres
    (B, M, 3).

    Where there are fewer than `group`, the nearest is repeated, which a maximum does not see.
    """
    # Exact differences: the product form loses the small distances that matter here.
    apart = torch.cdist(centres, positions, compute_mode="donot_use_mm_for_euclid_dist")
    distance, near = apart.topk(min(group, positions.shape[1]), largest=False)
    return torch.where(distance <= radius, near, near[..., :1])


def taken(values: Tensor, places: Tensor) -> Tensor:
    """Values (B, ..., C) of points (B, N, C) at indices (B, ...)."""
    flat = places.flatten(1)[..., None].expand(-1, -1, values.shape[2])
    return values.gather(1, flat).reshape(*places.shape, values.shape[2])
