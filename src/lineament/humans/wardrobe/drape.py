"""Meshes of loose garments: cloth that bridges the hollows of the trunk, and gowns from neck to ankles."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from scipy.spatial import Delaunay

from lineament.humans.wardrobe.clearance import Clearance
from lineament.humans.wardrobe.clip import ClippedMesh, clip_mesh
from lineament.humans.wardrobe.facts import BodyFacts, Fields
from lineament.humans.wardrobe.posing import NormalField
from lineament.types import Float32, Float64, Int32, UInt8

_AXIS_Y = -0.03
"""The trunk's middle, canonical metres; angles about the body are taken round it."""
_RADIUS = 0.15
_LEVELS = 36
_LAP, _JOIN = 0.03, 0.1
"""Metres that a gown's skirt reaches up inside its bodice, and over which the two part."""
_GOWN_SHARE = 0.68
"""Share of a gown's texture that the bodice gets; the skirt gets the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class DrapeMesh:
    """A mesh whose vertices are weighted means of body vertices, so that it follows any body and pose.

    faces: (F, 3). uv: (F, 3, 2). parts: (F,). canonical: (U, 3) metres. fields: of the U vertices. places:
    (U, V) rows sum to 1. hang: (U,) metres from the vertex out to where cloth hangs that falls straight from
    what stands out above it. lower: the vertices that the legs push out, by `clearance`.
    """

    faces: Int32
    uv: Float32
    parts: UInt8
    canonical: Float32
    fields: Fields
    places: sp.csr_matrix
    hang: Float32
    normals: NormalField
    lower: Int32 | None = None
    clearance: Clearance | None = None

    def points(self, body: Float32) -> Float32:
        """Places (U, 3) of the unmoved vertices on body vertices (V, 3), metres."""
        return np.asarray(self.places @ body, dtype=np.float32)

    def push(self, points: Float32, normals: Float32, body: Float32) -> Float32 | None:
        """Metres (U,) that the legs push the cloth along its normals, or None where they cannot."""
        if self.clearance is None or self.lower is None:
            return None
        pushed = np.zeros(len(points), dtype=np.float32)
        pushed[self.lower] = self.clearance(points[self.lower], normals[self.lower], body)
        return pushed


def _angles(points: Float32) -> Float64:
    return np.arctan2(points[:, 0], -(points[:, 1] - _AXIS_Y)).astype(np.float64)


class _Trunk:
    """The trunk's surface over (angle, height): where a place on it lies as a mean of its vertices."""

    def __init__(self, vertices: Int32, facts: BodyFacts) -> None:
        points = facts.model.canonical[vertices]
        angle, z = _angles(points), points[:, 2].astype(np.float64)
        turns = np.concatenate([angle - 2 * np.pi, angle, angle + 2 * np.pi])
        self._vertices = np.tile(vertices, 3)
        radius = np.hypot(points[:, 0], points[:, 1] - _AXIS_Y)
        self._radius = np.tile(radius, 3)
        self._mesh = Delaunay(np.stack([turns * _RADIUS, np.tile(z, 3)], axis=1))
        self._columns = len(facts.model.canonical)
        self.low, self.high = float(z.min()), float(z.max())

    def locate(self, angle: Float64, z: Float64) -> tuple[Int32, Float64]:
        """Corners (N, 3) in this class's own numbering, and weights (N, 3); -1 outside."""
        query = np.stack([angle * _RADIUS, z], axis=1)
        simplex = self._mesh.find_simplex(query)
        affine = self._mesh.transform[simplex]
        two = np.einsum("nij,nj->ni", affine[:, :2], query - affine[:, 2])
        weights = np.concatenate([two, 1 - two.sum(axis=1, keepdims=True)], axis=1)
        corners = np.where(simplex[:, None] < 0, -1, self._mesh.simplices[simplex])
        return corners.astype(np.int32), weights

    def radius(self, angle: Float64, z: Float64) -> Float64:
        """Radius (N,), 0 outside."""
        corners, weights = self.locate(angle, z)
        found = (self._radius[corners] * weights).sum(axis=1)
        return np.where((corners < 0).any(axis=1), 0.0, found)

    def rows(self, angle: Float64, z: Float64) -> sp.csr_matrix:
        """(N, V) weights of body vertices."""
        corners, weights = self.locate(angle, z)
        index = np.repeat(np.arange(len(angle)), 3)
        values = np.where(corners < 0, 0.0, weights).ravel()
        return sp.csr_matrix((values, (index, self._vertices[corners].ravel())), (len(angle), self._columns))


def _hull(z: Float64, r: Float64) -> Int32:
    """Indices of the upper convex hull of the profile (z, r), z ascending (Andrew 1979, one chain)."""
    chain: list[int] = []
    for k in range(len(z)):
        while len(chain) > 1:
            a, b = chain[-2], chain[-1]
            if (r[b] - r[a]) * (z[k] - z[a]) > (r[k] - r[a]) * (z[b] - z[a]):
                break
            chain.pop()
        chain.append(k)
    return np.array(chain, dtype=np.int32)


@lru_cache(maxsize=1)
def _trunk() -> _Trunk:
    facts = BodyFacts.load()
    vertices = np.unique(facts.tights[0]).astype(np.int32)
    at, marks = facts.fields.take(vertices), facts.landmarks
    on = (at.armness < 0.35) & (at.z > marks.crotch + 0.01) & (at.z < marks.shoulder - 0.01)
    return _Trunk(vertices[on], facts)


def _lifted(angle: Float64, z: Float64) -> tuple[sp.csr_matrix, Float64]:
    """Rows (N, V) of places over the trunk where cloth spans its hollows from top to bottom, and how far
    beyond (N,) metres cloth hangs that falls straight from what stands out above.
    """
    trunk = _trunk()
    levels = np.linspace(trunk.low + 0.004, trunk.high - 0.004, _LEVELS)
    profile = trunk.radius(np.repeat(angle, _LEVELS), np.tile(levels, len(z))).reshape(-1, _LEVELS)
    lower, upper, share, hang = (np.empty_like(z) for _ in range(4))
    for k, row in enumerate(profile):
        chain = _hull(levels, row)
        lifted = np.interp(levels, levels[chain], row[chain])
        fallen = np.maximum.accumulate(lifted[::-1])[::-1]
        place = np.clip(z[k], levels[0], levels[-1])
        end = int(np.clip(np.searchsorted(levels[chain], place, side="right"), 1, len(chain) - 1))
        lower[k], upper[k] = levels[chain[end - 1]], levels[chain[end]]
        share[k] = (place - lower[k]) / (upper[k] - lower[k])
        hang[k] = np.interp(place, levels, fallen - lifted)
    rows = sp.diags(1 - share) @ trunk.rows(angle, lower) + sp.diags(share) @ trunk.rows(angle, upper)
    return rows.tocsr(), hang


def _blended(vertices: Int32, weight: Float64, facts: BodyFacts) -> tuple[sp.csr_matrix, Float32]:
    """Rows (U, V) of `vertices` (U,), lifted off the trunk's hollows by the share `weight` (U,), and
    `hang` (U,).
    """
    count, columns = len(vertices), len(facts.model.canonical)
    points = facts.model.canonical[vertices]
    chosen = np.flatnonzero(weight > 0)
    rows, beyond = _lifted(_angles(points[chosen]), points[chosen, 2].astype(np.float64))
    found = np.asarray(rows.sum(axis=1)).ravel() > 0.99
    share = np.zeros(count)
    share[chosen] = weight[chosen] * found
    spread = sp.csr_matrix((share[chosen], (chosen, np.arange(len(chosen)))), (count, len(chosen)))
    own = sp.csr_matrix((1 - share, (np.arange(count), vertices)), (count, columns))
    hang = np.zeros(count, dtype=np.float32)
    hang[chosen] = beyond
    return (own + spread @ rows).tocsr(), hang


def loose_mesh(facts: BodyFacts) -> DrapeMesh:
    """Trunk, arms and legs as loose clothes see them: the helper mesh "tights", bridged."""
    faces, uv = facts.tights
    used = np.unique(faces).astype(np.int32)
    at, marks = facts.fields.take(used), facts.landmarks
    weight = np.clip((marks.shoulder - 0.02 - at.z) / 0.08, 0, 1) * np.clip((0.35 - at.armness) / 0.25, 0, 1)
    weight *= np.clip((at.z - marks.crotch - 0.01) / 0.06, 0, 1)
    places, hang = _blended(used, weight.astype(np.float64), facts)
    local = np.searchsorted(used, faces).astype(np.int32)
    return DrapeMesh(
        local,
        uv,
        _parts(facts.skin_parts[faces]),
        facts.skin_canonical[used],
        at,
        places.astype(np.float32),
        hang,
        NormalField(local),
    )


def _parts(corners: UInt8) -> UInt8:
    return np.where(corners[:, 1] == corners[:, 2], corners[:, 1], corners[:, 0]).astype(np.uint8)


def gown_mesh(facts: BodyFacts) -> DrapeMesh:
    """Bodice, sleeves and skirt: "tights" above the hips, and "skirt" below, which reaches up inside."""
    level = facts.landmarks.hip + 0.05
    top = loose_mesh(facts)
    above = np.where((top.fields.armness > 0.35) | (top.fields.headness > 0.5), 1.0, top.fields.z - level)
    bodice = clip_mesh(top.faces, top.uv, top.parts, above.astype(np.float32))
    faces, uv = facts.skirt
    used = np.unique(faces).astype(np.int32)
    at = facts.fields.take(used)
    reach = level + _LAP - at.z
    local_faces = np.searchsorted(used, faces).astype(np.int32)
    skirt = clip_mesh(local_faces, uv, _parts(facts.skin_parts[faces]), reach)
    weight = np.clip(1.0 - (level - at.z) / _JOIN, 0, 1) * (at.z < level + 2 * _LAP)
    below, hang_below = _blended(used, weight.astype(np.float64), facts)
    count = len(top.canonical) + len(bodice.edges)
    stacked = np.concatenate([bodice.extend(top.fields.stacked()), skirt.extend(at.stacked())])
    canonical = np.concatenate([bodice.extend(top.canonical), skirt.extend(facts.skin_canonical[used])])
    hang = np.concatenate([bodice.extend(top.hang[:, None]), skirt.extend(hang_below[:, None])])[:, 0]
    places = sp.vstack(
        [_extender(bodice, len(top.canonical)) @ top.places, _extender(skirt, len(used)) @ below]
    ).tocsr()
    all_faces = np.concatenate([bodice.faces, skirt.faces + count])
    wide = 1 - _GOWN_SHARE - 0.01
    all_uv = np.concatenate([bodice.uv * (_GOWN_SHARE, 1.0), skirt.uv * (wide, 1.0) + (1 - wide, 0.0)])
    kept = np.unique(all_faces)
    local = np.searchsorted(kept, all_faces).astype(np.int32)
    # Only the skirt's own vertices are pushed by legs, not those that it was cut at.
    own = np.flatnonzero((kept >= count) & (kept < count + len(used)))
    own = own[stacked[kept[own], 2] < level - 0.03]
    return DrapeMesh(
        local,
        all_uv.astype(np.float32),
        np.concatenate([bodice.parts, skirt.parts]),
        canonical[kept].astype(np.float32),
        Fields.unstacked(stacked[kept].astype(np.float32)),
        places[kept].astype(np.float32),
        _carried_down(hang, stacked, canonical, level)[kept].astype(np.float32),
        NormalField(local),
        own.astype(np.int32),
        Clearance.of_skirt(faces, facts).restricted((kept[own] - count).astype(np.int32)),
    )


def _extender(cut: ClippedMesh, count: int) -> sp.csr_matrix:
    """`ClippedMesh.extend` of `count` values as a matrix."""
    rows = np.arange(len(cut.edges))
    shape = (len(cut.edges), count)
    start = sp.csr_matrix((1.0 - cut.share, (rows, cut.edges[:, 0])), shape)
    end = sp.csr_matrix((cut.share, (rows, cut.edges[:, 1])), shape)
    return sp.vstack([sp.eye(count), start + end]).tocsr()


def _carried_down(hang: Float64, stacked: Float64, canonical: Float64, level: float) -> Float64:
    """`hang` goes on below the trunk: the skirt keeps the value of the bodice above it."""
    on_trunk = stacked[:, 3] < 0
    ring = on_trunk & (np.abs(stacked[:, 2] - level) < 0.03)
    turn = _angles(canonical)
    near = np.abs((turn[:, None] - turn[ring][None] + np.pi) % (2 * np.pi) - np.pi)
    weight = np.exp(-((near / 0.25) ** 2)) + 1e-9
    below = (weight @ hang[ring]) / weight.sum(axis=1)
    share = np.clip((level + 0.05 - stacked[:, 2]) / 0.05, 0, 1) * on_trunk
    return share * below + (1 - share) * hang
