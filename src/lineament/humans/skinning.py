"""Sparse linear blend skinning and forward kinematics in numpy, as anny's 'local-ref' poses."""

from functools import lru_cache

import numpy as np
import scipy.sparse as sp

from lineament.types import Float32, Float64, Int32


def depth_levels(parents: Int32) -> list[Int32]:
    """Bone indices by distance from the root, so that parents come before children."""
    return _levels(tuple(parents.tolist()))


@lru_cache(maxsize=8)
def _levels(parents: tuple[int, ...]) -> list[Int32]:
    depth = np.zeros(len(parents), dtype=int)
    for bone, parent in enumerate(parents):
        depth[bone] = 0 if parent < 0 else depth[parent] + 1
    return [np.flatnonzero(depth == level).astype(np.int32) for level in range(depth.max() + 1)]


def forward_kinematics(heads: Float32, parents: Int32, rotations: Float64) -> Float32:
    """Transforms (B, J, 3, 4) from rest to posed points.

    heads (J, 3) rest joints; parents (J,), -1 for the root, each smaller than its child's index;
    rotations (B, J, 3, 3) of each joint relative to its parent in world axes of the rest pose. G =
    G_parent R and p = p_parent + G_parent (h - h_parent); a rest point x goes to G (x - h) + p. The
    root's joint stays in place.
    """
    heads = np.asarray(heads, dtype=np.float64)
    rotations = np.asarray(rotations, dtype=np.float64)
    turned = np.empty_like(rotations)
    places = np.empty((*rotations.shape[:2], 3))
    for bones in depth_levels(parents):
        above = parents[bones]
        if above[0] < 0:
            turned[:, bones], places[:, bones] = rotations[:, bones], heads[bones]
            continue
        turned[:, bones] = turned[:, above] @ rotations[:, bones]
        offset = (heads[bones] - heads[above])[None, :, :, None]
        places[:, bones] = places[:, above] + (turned[:, above] @ offset)[..., 0]
    shift = places - (turned @ heads[None, :, :, None])[..., 0]
    return np.concatenate([turned, shift[..., None]], axis=-1).astype(np.float32)


def skin(vertices: Float32, weights: sp.csr_matrix, transforms: Float32) -> Float32:
    """Posed vertices (V, 3) of rest `vertices`, sparse `weights` (V, J) and `transforms` (J, 3, 4)."""
    blended = np.asarray(weights @ transforms.reshape(len(transforms), 12)).reshape(-1, 3, 4)
    x, y, z = vertices.T[:, :, None]
    return blended[:, :, 0] * x + blended[:, :, 1] * y + blended[:, :, 2] * z + blended[:, :, 3]
