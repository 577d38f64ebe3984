"""Heads from scans: ICT-FaceKit's identity modes carried onto Anny's head.

ICT-FaceKit light (MIT, USC Institute for Creative Technologies) holds 100 principal components of
registered light stage scans. Each mode loses its similarity part (Anny's own phenotypes place, turn and
scale the head), is carried to Anny's vertices by the correspondence `ict_to_anny.npz`, fades out over
the neck and the back of the head by that file's mask, and takes eyes, teeth, tongue and the helper
vertices for hair and lashes along.
"""

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from lineament.assets import find_folder
from lineament.humans.anny_data import VERTEX_COUNT, load_table
from lineament.types import Float32, Float64, Int32

_SKIN_VERTICES = 11248
_DECIMETRE = 0.1
_FADE = 0.02
"""Metres over which the displacement of uncovered vertices (helpers, inside the mouth) fades."""
_REACH = 0.06


class HeadModel:
    """100 identity modes on Anny's vertices: `vertices` (M,) that move, `modes` (100, M, 3) metres a
    deviation.
    """

    def __init__(self, vertices: Int32, modes: Float32) -> None:
        self.vertices = vertices
        self.modes = modes
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
        return cls(*_spread_to_all(link["anny_vertex"], on_anny @ turn.T))

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
