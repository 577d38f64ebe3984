"""Heads as scanners see them: a cloud of the face without colours, hair or back of the head, and with holes
at the eyes.
"""

from typing import Final

import numpy as np

from lineament.anatomy import HEAD
from lineament.gallery.enrolment.scan_file import PLAIN_SKIN, Scan
from lineament.gallery.enrolment.scan_head import FACE_FIVE
from lineament.gallery.enrolment.surface_fit import rigid
from lineament.geometry.template import Template
from lineament.humans.body import Body, BodyModel
from lineament.types import Float64, UInt8

POINTS: Final = 60_000
"""Tried on the whole head; about half of them lie on what is scanned."""
NOISE: Final = 0.0002
"""Metres, of a scanner."""
LOW, HIGH, AROUND = 1.445, 1.665, np.radians(95.0)
"""What is scanned of the average head: heights in metres, and how far round from the nose."""
AXIS: Final = -0.05
HOLES: Final = (0.012, 0.020)
"""Radii, metres, of what is missing at the eyes, which shine and have lashes."""


class HeadScanner:
    """Scans synthetic heads; a scan depends on the body and the generator alone."""

    def __init__(self, model: BodyModel) -> None:
        average = model.build(model.average()).vertices.astype(np.float64)
        self._triangles = model.faces[(model.vertex_parts[model.faces] == HEAD).all(axis=1)]
        self._average = average[self._triangles]

    def scan(self, name: str, body: Body, rng: np.random.Generator) -> Scan:
        """A scan in the body's own frame."""
        vertices = body.vertices.astype(np.float64)
        corners = vertices[self._triangles]
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        smooth = np.zeros_like(vertices)
        for corner in range(3):
            np.add.at(smooth, self._triangles[:, corner], flat)
        area = np.linalg.norm(flat, axis=1)
        chosen = rng.choice(len(area), size=POINTS, p=area / area.sum())
        a, b = np.sqrt(rng.random(POINTS)), rng.random(POINTS)
        weights = np.stack([1 - a, a * (1 - b), a * b], axis=1)
        kept = self._scanned(np.einsum("nk,nkc->nc", weights, self._average[chosen]), rng)
        chosen, weights = chosen[kept], weights[kept]
        points = np.einsum("nk,nkc->nc", weights, corners[chosen]) + rng.normal(0, NOISE, (len(chosen), 3))
        normals = np.einsum("nk,nkc->nc", weights, smooth[self._triangles[chosen]])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        colours: UInt8 = np.tile(np.array(PLAIN_SKIN, np.uint8), (len(points), 1))
        return Scan(name, points, normals, colours, False, 1.0)

    def _scanned(self, places: Float64, rng: np.random.Generator) -> np.ndarray:
        """Which places (N, 3) on the average head a scanner would have seen."""
        around = np.arctan2(places[:, 0], AXIS - places[:, 1])
        seen = (np.abs(around) < AROUND) & (places[:, 2] > LOW) & (places[:, 2] < HIGH)
        for eye in FACE_FIVE[:2]:
            seen &= np.hypot(*(places - eye)[:, [0, 2]].T * [[1.0], [1.3]]) > rng.uniform(*HOLES)
        return np.flatnonzero(seen)


def placed(body: Body, template: Template) -> tuple[Float64, Float64]:
    """Rotation (3, 3) and translation (3,) that take a body's head to the template's."""
    head = np.flatnonzero(template.parts == HEAD)
    own = body.vertices[template.anny_vertex[head]].astype(np.float64)
    rotation, translation, _ = rigid(own, template.positions[head].astype(np.float64))
    return rotation, translation
