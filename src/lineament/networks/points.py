"""The point branch: an embedding for every site of a person's prototype.

PointNet++ (Qi et al. 2017) over a fixed template: site i means the same place on everyone, so that groups and
interpolation weights are found once on the template instead of once a person (ours).
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lineament.anatomy import CLASS_COUNT
from lineament.networks.image_branch import FEATURE_SIZE
from lineament.types import Float32, Int32, UInt8

GROUP = 12
FINE_GROUPS = 512
COARSE_GROUPS = 128
DEVIATION_SCALE = 10.0
"""Deviations from the template are of the order of 5 cm, coordinates of 1 m."""


class PrototypeBatch(NamedTuple):
    """Prototypes of B people at the template's N sites.

    points: (B, N, 3) metres, rest pose. normals: (B, N, 3). colours: (B, N, 3) sRGB 0..1. has_colour: (B,) 0
    or 1. measured: (B, N) 0 or 1.
    """

    points: Tensor
    normals: Tensor
    colours: Tensor
    has_colour: Tensor
    measured: Tensor


class PointBranch(nn.Module):
    """Two levels of grouping, then part and whole-body context, then one embedding a site.

    positions: (N, 3) metres, the template's sites. parts: (N,) their classes. tokens: see ImageBranch.
    """

    def __init__(self, positions: Float32, parts: UInt8, tokens: nn.Parameter) -> None:
        super().__init__()
        inputs = 3 + 3 + 3 + 3 + 1 + 1 + CLASS_COUNT
        fine = farthest_sites(positions, FINE_GROUPS)
        coarse = farthest_sites(positions[fine], COARSE_GROUPS)
        centres = positions[fine]
        onehot = np.eye(CLASS_COUNT, dtype=np.float32)[parts]
        share = onehot[fine].T / np.maximum(onehot[fine].sum(axis=0)[:, None], 1.0)
        constants = {
            "positions": positions,
            "onehot": onehot,
            "fine_members": nearest(positions, centres, GROUP)[0],
            "fine_centres": centres,
            "coarse_members": nearest(centres, centres[coarse], GROUP)[0],
            "part_share": share,
        }
        constants["fine_near"], constants["fine_weight"] = interpolation(centres, positions)
        constants["coarse_near"], constants["coarse_weight"] = interpolation(centres[coarse], positions)
        for name, array in constants.items():
            self.register_buffer(name, torch.as_tensor(array), persistent=False)
        self.tokens = tokens
        self.fine = _mlp(inputs + 3, 32, 48)
        self.coarse = _mlp(48, 64, 96)
        self.context = nn.Linear(96, 64)
        self.part_context = nn.Linear(48, 48)
        self.head = nn.Sequential(
            nn.Linear(inputs + 48 + 96 + 48 + 64, 128), nn.ReLU(), nn.Linear(128, FEATURE_SIZE)
        )

    def forward(self, prototypes: PrototypeBatch, sites: Tensor | None = None) -> Tensor:
        """Embeddings (B, S, 48) of unit length at `sites` (S,), or at all N sites."""
        chosen = torch.arange(len(self.positions), device=self.positions.device) if sites is None else sites
        raw = self._inputs(prototypes)
        batch = raw.shape[0]
        members = raw.index_select(1, self.fine_members.reshape(-1)).reshape(batch, FINE_GROUPS, GROUP, -1)
        offsets = (members[..., :3] - self.fine_centres[:, None]) * DEVIATION_SCALE
        fine = self.fine(torch.cat([members, offsets], dim=-1)).amax(dim=2)
        grouped = fine.index_select(1, self.coarse_members.reshape(-1))
        grouped = grouped.reshape(batch, COARSE_GROUPS, GROUP, -1)
        coarse = self.coarse(grouped).amax(dim=2)
        whole = self.context(coarse.mean(dim=1))
        by_part = self.part_context(self.part_share @ fine)
        onehot = self.onehot[chosen]
        features = torch.cat(
            [
                raw.index_select(1, chosen),
                _interpolated(fine, self.fine_near[chosen], self.fine_weight[chosen]),
                _interpolated(coarse, self.coarse_near[chosen], self.coarse_weight[chosen]),
                onehot @ by_part,
                whole[:, None].expand(-1, onehot.shape[0], -1),
            ],
            dim=-1,
        )
        return functional.normalize(self.head(features) + onehot @ self.tokens, dim=-1, eps=1e-4)

    def _inputs(self, prototypes: PrototypeBatch) -> Tensor:
        """What is known of each site, (B, N, 29); unmeasured sites keep their guessed shape but no colour."""
        batch = prototypes.points.shape[0]
        coloured = prototypes.has_colour[:, None, None] * prototypes.measured[..., None]
        return torch.cat(
            [
                prototypes.points,
                (prototypes.points - self.positions) * DEVIATION_SCALE,
                prototypes.normals,
                (prototypes.colours * 2.0 - 1.0) * coloured,
                coloured,
                prototypes.measured[..., None],
                self.onehot[None].expand(batch, -1, -1),
            ],
            dim=-1,
        )


def _mlp(inputs: int, middle: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, middle), nn.ReLU(), nn.Linear(middle, outputs), nn.ReLU())


def _interpolated(features: Tensor, near: Tensor, weight: Tensor) -> Tensor:
    """(B, G, C) at groups to (B, S, C) at sites by their three nearest groups."""
    taken = features.index_select(1, near.reshape(-1)).reshape(features.shape[0], *near.shape, -1)
    return (taken * weight[..., None]).sum(dim=2)


def farthest_sites(positions: Float32, count: int) -> Int32:
    """Farthest-point sampling from the first site on: indices (count,) of well spread positions (N, 3)."""
    chosen = np.zeros(count, dtype=np.int32)
    distance = np.full(len(positions), np.inf)
    for step in range(1, count):
        distance = np.minimum(distance, np.sum((positions - positions[chosen[step - 1]]) ** 2, axis=1))
        chosen[step] = int(np.argmax(distance))
    return chosen


def nearest(positions: Float32, queries: Float32, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The `count` positions (N, 3) nearest to each query (Q, 3): indices and distances (Q, count)."""
    distance = np.linalg.norm(queries[:, None] - positions[None], axis=2)
    index = np.argsort(distance, axis=1, kind="stable")[:, :count]
    return index, np.take_along_axis(distance, index, axis=1)


def interpolation(positions: Float32, queries: Float32) -> tuple[np.ndarray, Float32]:
    """Indices and inverse-distance weights (Q, 3) of the three nearest positions to each query."""
    index, distance = nearest(positions, queries, 3)
    weight = 1.0 / np.maximum(distance, 1e-4)
    return index, (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)
