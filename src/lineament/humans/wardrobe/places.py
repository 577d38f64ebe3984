"""Places of the face and scalp on the canonical body, as one number a vertex each, and the skin's packed
texture.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from lineament.anatomy import HEAD
from lineament.humans.wardrobe.canvas import Canvas, pack_islands
from lineament.humans.wardrobe.facts import CLUSTER_INDEX, SKIN_END, BodyFacts, Fields
from lineament.types import Bool, Float32, Float64, Int32

SKIN_HEIGHT, SKIN_WIDTH = 704, 768
SKIN_SPLIT = 0.5
"""The head gets the right half of the skin's texture: photographs of faces need the texels there."""


Block = tuple[slice, slice]
METRIC_REGIONS = frozenset({"scalp", "beard", "brow"})
"""Regions given as metres inside their edge; the others are shares 0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class FacePlaces:
    """(V,) each. lips, mouth (inside): 0..1. scalp, beard, brow: metres inside the region's edge, negative
    outside.

    forward: 1 over the eyes, falling to 0 behind the ears. cheek: 0..1 fading from the middle of both cheeks
    and the nose. eyes: (2, 3) canonical centres, left then right.
    """

    lips: Float32
    mouth: Float32
    scalp: Float32
    beard: Float32
    brow: Float32
    cheek: Float32
    forward: Float32
    eyes: Float64
    lip_middle: Float64


def _islands(uv: Float32) -> Int32:
    """The uv island (F,) of every face."""
    corners, inverse = np.unique(
        np.round(uv.reshape(-1, 2) * 1e5).astype(np.int64), axis=0, return_inverse=True
    )
    inverse = inverse.reshape(-1, 3)
    links = sp.coo_matrix((np.ones(inverse.size), (inverse.ravel(), np.roll(inverse, 1, axis=1).ravel())))
    links.resize(len(corners), len(corners))
    return connected_components(links, directed=False)[1][inverse[:, 0]].astype(np.int32)


def _bones_share(facts: BodyFacts, prefix: str) -> Float32:
    chosen = [index for index, name in enumerate(facts.model.bone_names) if name.startswith(prefix)]
    return np.asarray(facts.model.weights[:, chosen].sum(axis=1)).ravel().astype(np.float32)


class SkinSpace:
    """The skin's texture space: the packed uv (F, 3, 2), its canvas, and the places of the face."""

    def __init__(self, facts: BodyFacts) -> None:
        self.facts = facts
        model = facts.model
        self.island = _islands(model.face_uv)
        sizes = [
            (int(((self.island == k) & (model.face_parts == HEAD)).sum()), k)
            for k in range(int(self.island.max()) + 1)
        ]
        self.head_faces: Bool = self.island == max(sizes)[1]
        self.uv, self.maps = pack_islands(model.face_uv, self.head_faces, SKIN_SPLIT)
        self.canvas = Canvas(model.faces, self.uv, facts.fields, SKIN_HEIGHT, SKIN_WIDTH)
        self.vertex_texel = self._vertex_texels()

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "SkinSpace":
        """The one shared space."""
        return cls(BodyFacts.load())

    def _vertex_texels(self) -> Int32:
        """Flat texel index (V,) of every vertex; 0 where it has none."""
        x = np.clip((self.uv[..., 0] * SKIN_WIDTH).astype(int), 0, SKIN_WIDTH - 1)
        y = np.clip(((1 - self.uv[..., 1]) * SKIN_HEIGHT).astype(int), 0, SKIN_HEIGHT - 1)
        texel = np.zeros(len(self.facts.model.canonical), dtype=np.int32)
        texel[self.facts.model.faces.ravel()] = (y * SKIN_WIDTH + x).ravel()
        return texel

    @cached_property
    def face(self) -> FacePlaces:
        """Regions of the face, found from skinning weights and the eyes' places."""
        facts, model = self.facts, self.facts.model
        points = model.canonical.astype(np.float64)
        x, y, z = points.T
        eye_points = points[np.unique(model.eye_faces)]
        eyes = np.stack([eye_points[eye_points[:, 0] > 0].mean(0), eye_points[eye_points[:, 0] < 0].mean(0)])
        oris = _bones_share(facts, "oris") * (np.arange(len(points)) < SKIN_END)
        middle = (oris[:, None] * points).sum(0) / oris.sum()
        head = facts.fields.headness > 0.5
        depth = np.ptp(y[:SKIN_END][(facts.cluster_weights[:SKIN_END, CLUSTER_INDEX["head"]] > 0.9)])
        back = (y - eyes[:, 1].mean()) / (0.87 * depth)
        height = z - eyes[:, 2].mean()
        hairline = np.interp(
            back, (0.0, 0.12, 0.3, 0.42, 0.6, 1.0), (0.066, 0.06, 0.045, 0.01, -0.045, -0.085)
        )
        scalp = np.where(head, height - hairline, -1.0)
        upper_lip = middle[2] + 0.028
        jaw = np.interp(
            back, (-0.2, 0.1, 0.35, 0.55), (middle[2] - 0.075, middle[2] - 0.06, middle[2] - 0.01, eyes[0, 2])
        )
        beard = np.minimum.reduce(
            [
                upper_lip + np.clip(back - 0.22, 0, 1) * 0.2 - z,
                z - jaw + 0.02,
                (0.42 - back) * 0.15,
                np.hypot(x, 2.2 * (z - middle[2])) - 0.022,
                # Not on the nose.
                np.maximum(2.0 * (middle[2] + 0.0185 - z), np.abs(x) - 0.018),
            ]
        )
        brow_line = eyes[0, 2] + 0.021 + 0.006 * np.cos((np.abs(x) - 0.03) / 0.02)
        brow = np.minimum(0.0042 - np.abs(z - brow_line), 0.02 - np.abs(np.abs(x) - abs(eyes[0, 0])))
        front = head & (back < 0.35)
        cheek_x = (np.abs(x) - 0.045) / 0.03
        cheek = np.exp(-(cheek_x**2) - ((z - middle[2] - 0.035) / 0.022) ** 2)
        nose = np.exp(-((x / 0.015) ** 2) - ((z - middle[2] - 0.035) / 0.015) ** 2)
        inner = np.zeros(len(points))
        inner[np.unique(model.faces[self._mouth_faces()])] = 1.0
        columns = {
            "lips": np.clip((oris - 0.35) * 4, 0, 1) * (np.hypot(x, 2.2 * (z - middle[2])) < 0.03),
            "mouth": inner,
            "scalp": scalp,
            "beard": np.where(head, beard, -1.0),
            "brow": np.where(front, brow, -1.0),
            "forward": np.clip(1.0 - 1.6 * back, 0.0, 1.0),
            "cheek": np.where(front, np.maximum(cheek, 0.8 * nose), 0.0),
        }
        return FacePlaces(
            **{k: v.astype(np.float32) for k, v in columns.items()}, eyes=eyes, lip_middle=middle
        )

    def _mouth_faces(self) -> Bool:
        """The inside of the mouth: the island of head faces that lies lowest in the original texture, on
        the right.
        """
        uv = self.facts.model.face_uv
        inner = np.zeros(len(uv), dtype=bool)
        for island in range(int(self.island.max()) + 1):
            own = self.island == island
            if (self.facts.model.face_parts[own] == HEAD).mean() > 0.99 and uv[own][..., 1].max() < 0.2:
                inner |= own
        return inner

    @cached_property
    def body_texels(self) -> tuple[Int32, Fields]:
        """Flat indices (N,) of the texels of all but the head, and their fields."""
        shape = (SKIN_HEIGHT, SKIN_WIDTH)
        columns = np.arange(SKIN_HEIGHT * SKIN_WIDTH).reshape(shape)[:, : round(SKIN_SPLIT * SKIN_WIDTH)]
        where = columns.ravel().astype(np.int32)
        return where, self.canvas.texels.take(where)

    @cached_property
    def regions(self) -> dict[str, tuple[Block, Float32]]:
        """Of each region of the face, the block of the texture that holds it, and its values there."""
        found = {}
        for name, values in self.face_texels.items():
            rows, columns = np.nonzero(values > (-0.01 if name in METRIC_REGIONS else 0.004))
            block = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
            found[name] = (block, np.ascontiguousarray(values[block]))
        return found

    @cached_property
    def face_texels(self) -> dict[str, Float32]:
        """The face's regions on every texel, (h, w) each."""
        names = ("lips", "mouth", "scalp", "beard", "brow", "cheek", "forward")
        stacked = np.stack([getattr(self.face, name) for name in names], axis=1)
        spread = self.canvas.spread(stacked)
        return {name: np.ascontiguousarray(spread[..., k]) for k, name in enumerate(names)}
