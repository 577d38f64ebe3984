"""What layers read off a posed body: how its limbs are turned, and its normals."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from lineament.humans.wardrobe.facts import CLUSTERS, SKIN_END, BodyFacts, sparse_rows
from lineament.types import Float32, Int32

_PER_CLUSTER = 150


@lru_cache(maxsize=1)
def _covariance_rows() -> sp.csr_matrix:
    """(3 C, V): times posed vertices gives each cluster's covariance of canonical and posed places."""
    facts = BodyFacts.load()
    canonical, weights = facts.model.canonical.astype(np.float64), facts.cluster_weights
    blocks = []
    for cluster in range(len(CLUSTERS)):
        own = np.flatnonzero(weights[:SKIN_END, cluster] > 0.9)
        if len(own) < 12:
            own = np.argsort(-weights[:SKIN_END, cluster], kind="stable")[:60]
        own = own[:: max(1, len(own) // _PER_CLUSTER)]
        centred = canonical[own] - canonical[own].mean(axis=0)
        blocks.append(sparse_rows(np.tile(own, (3, 1)).astype(np.int32), centred.T, len(canonical)))
    return sp.vstack(blocks).tocsr()


def limb_rotations(posed: Float32) -> Float32:
    """Rotation (19, 3, 3) of every cluster from the canonical body to `posed` (V, 3), by Kabsch's method.

    It needs no bones, so any posed body of this topology can be dressed, whatever posed it.
    """
    covariance = (_covariance_rows() @ posed.astype(np.float64)).reshape(len(CLUSTERS), 3, 3)
    u, _, vt = np.linalg.svd(covariance)
    vt[:, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]
    return np.swapaxes(u @ vt, 1, 2).astype(np.float32)


class PosedMesh(Protocol):
    """A mesh that follows the body and that several layers may be made of."""

    def points(self, body: Float32) -> Float32:
        """Its vertices (U, 3) on body vertices (V, 3)."""

    def normals(self, points: Float32) -> Float32:
        """Their unit normals (U, 3)."""

    def push(self, points: Float32, normals: Float32, body: Float32) -> Float32 | None:
        """Metres (U,) that the body moves them along their normals."""


@dataclass(slots=True, eq=False)
class PosedBody:
    """A posed body as layers see it. vertices: (V, 3) metres. rotations: (19, 3, 3) of the limb clusters."""

    vertices: Float32
    rotations: Float32
    _meshes: dict[PosedMesh, tuple[Float32, Float32, Float32 | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, vertices: Float32) -> "PosedBody":
        """Measure the limbs of posed vertices (19158, 3) in metres."""
        return cls(np.ascontiguousarray(vertices, dtype=np.float32), limb_rotations(vertices))

    def follow(self, mesh: PosedMesh) -> tuple[Float32, Float32, Float32 | None]:
        """Points (U, 3), normals (U, 3) and push (U,) of a mesh, worked out once for all its layers."""
        known = self._meshes.get(mesh)
        if known is None:
            points = mesh.points(self.vertices)
            normals = mesh.normals(points)
            known = self._meshes[mesh] = (points, normals, mesh.push(points, normals, self.vertices))
        return known

    def blended(self, weights: Float32) -> Float32:
        """Rotations (N, 3, 3) blended by cluster `weights` (N, 19); nearly, not exactly, orthonormal."""
        return (weights @ self.rotations.reshape(len(CLUSTERS), 9)).reshape(-1, 3, 3)


class NormalField:
    """Normals of some faces' vertices, quickly, for one mesh that is posed many times."""

    def __init__(self, faces: Int32) -> None:
        self.used = np.unique(faces).astype(np.int32)
        self._local = np.searchsorted(self.used, faces).astype(np.int32)
        self._corners = [np.ascontiguousarray(corner) for corner in self._local.T]
        count = len(faces)
        incidence = np.ones(3 * count, dtype=np.float32)
        columns = np.tile(np.arange(count), 3)
        self._sum = sp.csr_matrix((incidence, (self._local.T.ravel(), columns)), (len(self.used), count))

    def __call__(self, points: Float32) -> Float32:
        """Unit normals (U, 3) at `used`, of the places `points` (U, 3) of these vertices."""
        a, b, c = (np.take(points, corner, axis=0) for corner in self._corners)
        p, q = b - a, c - a
        cross = np.empty_like(p)
        cross[:, 0] = p[:, 1] * q[:, 2] - p[:, 2] * q[:, 1]
        cross[:, 1] = p[:, 2] * q[:, 0] - p[:, 0] * q[:, 2]
        cross[:, 2] = p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]
        total = self._sum @ cross
        length = np.sqrt(np.einsum("ij,ij->i", total, total))[:, None]
        return total / np.maximum(length, 1e-12)
