"""Heads from scans: ICT-FaceKit's identity modes carried onto Anny's head.

ICT-FaceKit light (MIT, USC Institute for Creative Technologies) holds 100 principal components of
registered light stage scans. Each mode loses its similarity part (Anny's own phenotypes place, turn and
scale the head), is carried to Anny's vertices by the correspondence `ict_to_anny.npz`, fades out over
the neck and the back of the head by that file's mask, and takes eyes, teeth, tongue and the helper
vertices for hair and lashes along.

A user's own head scan comes onto a fitted body by the same stitching at the neck: `HeadModel.from_scan`.
"""

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from lineament.assets import find_folder
from lineament.errors import BadInputError
from lineament.geometry.template import load_template
from lineament.humans.anny_data import VERTEX_COUNT, load_table
from lineament.humans.head_stitch import HeadSkin, Residuals, stitch_cloud, stitch_vertices
from lineament.types import Float32, Float64, Int32

_SKIN_VERTICES = 11248
_DECIMETRE = 0.1
_FADE = 0.02
"""Metres over which the displacement of uncovered vertices (helpers, inside the mouth) fades."""
_REACH = 0.06
SCAN_REACH = 0.02
"""Metres that a scan may be away from the head of the fitted body."""
_LEAST_POINTS = 200
_JUDGED = 0.99
"""Share of the modes that a vertex must take for the registration to be judged by it."""


class HeadModel:
    """Identity modes on Anny's vertices: `vertices` (M,) that move, `modes` (k, M, 3) metres a deviation; 100
    of ICT-FaceKit, or 1 of a scan. `residuals`: how exactly they were registered.
    """

    def __init__(self, vertices: Int32, modes: Float32, residuals: Residuals) -> None:
        self.vertices = vertices
        self.modes = modes
        self.residuals = residuals
        self._flat = modes.reshape(len(modes), -1)

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "HeadModel | None":
        """The merged head, or None when the asset `ict-facekit` is not there."""
        folder = find_folder("ict-facekit")
        if folder is None or not (folder / "ict_to_anny.npz").exists():
            return None
        with np.load(folder / "ict_facekit_light.npz", allow_pickle=False) as data:
            neutral = data["vertices"][:_SKIN_VERTICES].astype(np.float64)
            identity = data["identity"][:, :_SKIN_VERTICES].astype(np.float64)
        with np.load(folder / "ict_to_anny.npz", allow_pickle=False) as data:
            link = {name: data[name] for name in data.files}
        used = np.zeros(_SKIN_VERTICES)
        np.add.at(used, link["ict_vertex"].ravel(), (link["weight"] * link["mask"][:, None]).ravel())
        modes = without_similarity(neutral, identity, used)
        turn = float(link["scale"]) * _DECIMETRE * _anny_axes() @ link["rotation"]
        on_anny = np.einsum(
            "vk,mvkc->mvc", link["weight"] * link["mask"][:, None], modes[:, link["ict_vertex"]]
        )
        vertices, fields = _spread_to_all(link["anny_vertex"], on_anny @ turn.T)
        step = _greatest_step(vertices, fields)
        face = link["mask"] > _JUDGED
        residuals = Residuals(link["anny_vertex"][face], link["distance_mm"][face] / 1000.0, step)
        return cls(vertices, fields, residuals)

    @classmethod
    def from_scan(
        cls, vertices: Float32, scan: Float64, scan_vertex: Int32 | None = None, reach: float = SCAN_REACH
    ) -> "HeadModel":
        """The head of a scan on a fitted body, as a model of one mode: `apply(vertices, [1.0])` merges it.

        vertices: (19158, 3) rest vertices of the fitted body. scan: (N, 3) points of the head in the body's
        frame, metres. scan_vertex: (N,) the body vertex that each point is registered to; None draws the head
        onto the nearest points within `reach` metres. The eyes move with their lids; the neck is stitched as
        `head_stitch` says. `residuals` tells what is left. Raises BadInputError.
        """
        scan, points = np.asarray(scan, dtype=np.float64), np.asarray(vertices, dtype=np.float64)
        if scan.ndim != 2 or scan.shape[1] != 3 or not np.isfinite(scan).all():
            raise BadInputError(f"a head scan is an array (N, 3) of finite numbers, not {scan.shape}")
        if scan_vertex is None:
            moved, residuals = stitch_cloud(points, scan, _outside(points), reach)
        else:
            index = np.asarray(scan_vertex, dtype=np.int32)
            if (
                index.shape != (len(scan),)
                or index.min(initial=0) < 0
                or index.max(initial=0) >= VERTEX_COUNT
            ):
                raise BadInputError("scan_vertex gives one vertex of the body, 0..19157, for each point")
            moved, residuals = stitch_vertices(points, scan, index)
        if len(residuals.vertices) < _LEAST_POINTS:
            raise BadInputError(
                f"only {len(residuals.vertices)} places of the head have a point of the scan within "
                f"{1000 * reach:.0f} mm; bring the scan into the body's frame, in metres"
            )
        return cls(*_spread_to_all(HeadSkin.load().vertices, moved[None]), residuals)

    @property
    def mode_count(self) -> int:
        """Number of identity modes."""
        return len(self.modes)

    def apply(self, vertices: Float64, coefficients: Float32) -> Float64:
        """Rest vertices (19158, 3) metres with modes added; coefficients (k,), k <= 100, of unit variance."""
        moved = np.array(vertices)
        k = len(coefficients)
        moved[self.vertices] += (coefficients @ self._flat[:k]).reshape(-1, 3)
        return moved


def _outside(points: Float64) -> Int32:
    """Vertices of the head that a scanner sees: near a site of the template and facing its way."""
    skin, template = HeadSkin.load(), load_template()
    faces = load_table().faces[load_table().face_group == 0]
    a, b, c = (points[faces[:, k]] for k in range(3))
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], np.cross(b - a, c - a))
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    distance, nearest = cKDTree(points[template.anny_vertex]).query(points[skin.vertices])
    facing = (normals[skin.vertices] * normals[template.anny_vertex[nearest]]).sum(axis=1) > 0.3
    return skin.vertices[(distance < 0.01) & facing]


def _greatest_step(vertices: Int32, modes: Float32) -> float:
    """Of one deviation of any mode, as in `Residuals.step`."""
    skin = HeadSkin.load()
    moved = np.zeros((len(modes), VERTEX_COUNT, 3), dtype=np.float32)
    moved[:, vertices] = modes
    return max(skin.step(one) for one in moved[:, skin.vertices].astype(np.float64))


def without_similarity(points: Float64, fields: Float64, weights: Float64) -> Float64:
    """Displacement fields (M, V, 3) on points (V, 3) less their best translation, rotation and scale.

    The seven generators of similarities are fitted by least squares weighted by `weights` (V,).
    """
    centred = points - np.average(points, axis=0, weights=weights)
    axes = np.eye(3)
    generators = [np.broadcast_to(axis, centred.shape) for axis in axes]
    generators += [np.cross(axis, centred) for axis in axes]
    generators.append(centred)
    design = np.stack([g.ravel() for g in generators], axis=1)
    root = np.sqrt(np.repeat(weights, 3))
    flat = fields.reshape(len(fields), -1)
    found = np.linalg.lstsq(design * root[:, None], (flat * root).T, rcond=None)[0]
    return (flat - (design @ found).T).reshape(fields.shape)


def _anny_axes() -> Float64:
    """From x, y up, z forward to Anny's x, y backwards, z up."""
    return np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def _spread_to_all(covered: Int32, modes: Float64) -> tuple[Int32, Float32]:
    """Extend displacements (100, M, 3) of `covered` vertices to the rest of the head.

    Vertices near covered ones follow their neighbours and fade with distance; each eyeball moves as one
    piece with the lids around it, so that it stays round.
    """
    table = load_table()
    points = table.template[: 3 * VERTEX_COUNT].reshape(-1, 3)
    others = np.setdiff1d(np.arange(VERTEX_COUNT), covered)
    distance, nearest = cKDTree(points[covered]).query(points[others], k=8)
    near = distance[:, 0] < _REACH
    others, distance, nearest = others[near], distance[near], nearest[near]
    share = 1.0 / (distance + 1e-4) ** 2
    share /= share.sum(axis=1, keepdims=True)
    share *= np.exp(-((distance[:, :1] / _FADE) ** 2))
    carried = np.einsum("vk,mvkc->mvc", share, modes[:, nearest])
    eye_vertices = np.unique(table.faces[table.face_group == 2])
    for side in (1.0, -1.0):
        ball = eye_vertices[points[eye_vertices, 0] * side > 0]
        around = cKDTree(points[covered]).query_ball_point(points[ball], 0.006)
        lids = np.unique(np.concatenate([np.asarray(one, dtype=int) for one in around]))
        inside = np.isin(others, ball)
        carried[:, inside] = modes[:, lids].mean(axis=1, keepdims=True)
    return np.concatenate([covered, others]).astype(np.int32), np.concatenate(
        [modes, carried], axis=1
    ).astype(np.float32)
