"""Where things are on the skin: the face's texels in millimetres, and smooth places of body and face.

The face's texels are 1.0 mm wide, the body's 3.5 mm (medians on the average body), so that a head of 112
pixels from chin to hairline gets 1.6 texels a pixel.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from lineament.anatomy import PART_INDEX
from lineament.humans.wardrobe.facts import SKIN_END, BodyFacts
from lineament.humans.wardrobe.places import SKIN_HEIGHT, SKIN_WIDTH, Block, SkinSpace
from lineament.types import Float32, Int32

LOW_HEIGHT, LOW_WIDTH = SKIN_HEIGHT // 2, SKIN_WIDTH // 2


@dataclass(frozen=True, slots=True, eq=False)
class FaceMap:
    """The block of the texture with the face. x, z: (h, w) millimetres from the middle of the eyes, to the
    person's left and up; front: 1 on the face's outside, 0 elsewhere (inside of the mouth, back of the head).
    """

    block: Block
    x: Float32
    z: Float32
    front: Float32

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the block."""
        return self.x.shape[0], self.x.shape[1]

    def zone(self, across: tuple[float, float], up: tuple[float, float]) -> Int32:
        """Flat indices into the block of the texels with |x| and z within limits in millimetres."""
        side = np.abs(self.x)
        inside = (side >= across[0]) & (side <= across[1]) & (self.z >= up[0]) & (self.z <= up[1])
        return np.flatnonzero(inside & (self.front > 0.5)).astype(np.int32)


@lru_cache(maxsize=1)
def face_map() -> FaceMap:
    """The one shared map of the face."""
    space = SkinSpace.load()
    fields = space.canvas.texels
    x, y, z = (getattr(fields, name).reshape(SKIN_HEIGHT, SKIN_WIDTH) for name in "xyz")
    eyes = space.face.eyes.mean(axis=0)
    head = (fields.headness.reshape(SKIN_HEIGHT, SKIN_WIDTH) > 0.5) & (space.face_texels["mouth"] < 0.3)
    front = head & (y < -0.045) & (z > eyes[2] - 0.125) & (z < eyes[2] + 0.085)
    rows, columns = np.nonzero(front)
    block = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    metres = (x[block], z[block] - eyes[2])
    return FaceMap(block, *(1000.0 * m for m in metres), front=front[block].astype(np.float32))


@lru_cache(maxsize=1)
def texel_places() -> Float32:
    """Canonical place (h, w, 3) in millimetres of every texel."""
    fields = SkinSpace.load().canvas.texels
    places = 1000.0 * np.stack([fields.x, fields.y, fields.z], axis=-1)
    return np.ascontiguousarray(places.reshape(SKIN_HEIGHT, SKIN_WIDTH, 3).astype(np.float32))


@lru_cache(maxsize=1)
def low_places() -> dict[str, Float32]:
    """Smooth places on the whole skin at half its size, 0..1 each, (LOW_HEIGHT, LOW_WIDTH).

    palm (and sole), joint (knees, elbows, knuckles), sun (face, neck, forearms and hands), leg_sun (below the
    knees), flush (cheeks, nose and ears), socket (round the eyes), crown (forehead), head.
    """
    facts, space = BodyFacts.load(), SkinSpace.load()
    return {
        name: cv2.resize(
            space.canvas.spread(values.astype(np.float32)),
            (LOW_WIDTH, LOW_HEIGHT),
            interpolation=cv2.INTER_AREA,
        )
        for name, values in _vertex_places(facts, space).items()
    }


def _vertex_places(facts: BodyFacts, space: SkinSpace) -> dict[str, np.ndarray]:
    points, fields = facts.model.canonical.astype(np.float64), facts.fields
    normals = _normals(facts)
    part = facts.model.vertex_parts
    hand = (part == PART_INDEX["left_hand"]) | (part == PART_INDEX["right_hand"])
    foot = (part == PART_INDEX["left_foot"]) | (part == PART_INDEX["right_foot"])
    side = np.sign(points[:, 0])
    inward = -0.75 * side * normals[:, 0] - 0.65 * normals[:, 2]
    palm = np.where(hand, np.clip(1.8 * inward - 0.3, 0, 1), 0.0)
    palm = np.maximum(palm, np.where(foot, np.clip(-2.5 * normals[:, 2] - 1.0, 0, 1), 0.0))
    marks = facts.landmarks
    knee = np.exp(-(((points[:, 2] - marks.knee) / 0.05) ** 2)) * np.clip(-1.6 * normals[:, 1] - 0.2, 0, 1)
    knee *= (np.arange(len(points)) < SKIN_END) & (fields.armness < 0.5)
    elbow = np.exp(-(((fields.arm - 0.5) / 0.07) ** 2)) * np.clip(1.6 * normals[:, 1] - 0.1, 0, 1)
    knuckle = np.where(hand, np.clip(-1.6 * inward - 0.2, 0, 1) * 0.5, 0.0)
    eyes = space.face.eyes.mean(axis=0)
    x, z = 1000 * np.abs(points[:, 0]), 1000 * (points[:, 2] - eyes[2])
    ahead = (fields.headness > 0.5) & (points[:, 1] < eyes[1] + 0.055)
    ear = (fields.headness > 0.5) & (x > 72) & (np.abs(z + 15) < 35) & (points[:, 1] > eyes[1] + 0.05)
    flush = np.where(ahead, np.exp(-(((x - 42) / 19) ** 2) - ((z + 34) / 17) ** 2), 0.0)
    nose = np.where(ahead, np.exp(-((x / 15) ** 2) - ((z + 36) / 15) ** 2), 0.0)
    return {
        "palm": palm,
        "joint": np.maximum.reduce([knee, elbow, knuckle]),
        "sun": np.maximum(
            np.clip((fields.headness - 0.25) * 2, 0, 1), np.clip((fields.arm - 0.30) / 0.06, 0, 1)
        ),
        "leg_sun": np.clip((marks.knee + 0.05 - points[:, 2]) / 0.05, 0, 1) * np.where(foot, 0.0, 1.0),
        "flush": np.maximum.reduce([flush, 0.8 * nose, 0.7 * ear]),
        "socket": np.where(ahead, np.exp(-(((x - 30) / 21) ** 2) - ((z + 3) / 15) ** 2), 0.0),
        "crown": np.where(ahead, np.clip((z - 18) / 20, 0, 1), 0.0),
        "head": np.clip(fields.headness * 1.5 - 0.25, 0, 1),
    }


def _normals(facts: BodyFacts) -> np.ndarray:
    points, faces = facts.model.canonical.astype(np.float64), facts.model.faces
    a, b, c = (points[faces[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for corner in range(3):
        np.add.at(total, faces[:, corner], across)
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
