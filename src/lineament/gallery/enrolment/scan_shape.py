"""The face of a head scan without colours: what its shape says of a face, as one vector that photographs are
compared with.

The scan is given what it lacks of a surface, drawn from several sides, once in plain skin and once in the
average head's colours, each drawing aligned by the landmarks of the fit, and embedded. From every drawing the
embedding of the average head is taken away: what is left is what the shape adds to a face that all of them
share. What photographs have in common is taken out as well, so that a cosine with a photograph's embedding is
one of differences on both sides.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lineament.gallery.enrolment.mean_head import MeanHead
from lineament.gallery.enrolment.scan_file import PLAIN_SKIN, Scan
from lineament.gallery.enrolment.scan_head import FACE_FIVE, HeadFit
from lineament.gallery.enrolment.scan_views import look
from lineament.geometry.template import Template
from lineament.runtime.face_alignment import AlignmentTemplate
from lineament.runtime.face_crops import similarity
from lineament.runtime.faces import FaceReader
from lineament.types import FaceTemplates, Float32, Float64
from lineament.weights import folder

YAWS: Final = np.radians((-75.0, -45.0, -15.0, 15.0, 45.0, 75.0))
MIDDLE: Final = FACE_FIVE.mean(axis=0) + np.array([0.0, 0.06, 0.0])
"""Template frame, metres: the middle of an average head at the height of the nose."""
SHADE_PLAIN, SHADE_COLOURED = 0.8, 0.65
"""How much a light at the camera shades the two; shading is most of what is seen of a shape."""
EXTENT, SIZE = 0.30, 224
"""Metres that fill a drawing, and its side in pixels: as fine as the aligned crop."""
UNSEEN: Final = 0.05
"""Weight of a landmark that is hidden at a yaw, so that two or three never decide alone."""


@dataclass(frozen=True, slots=True, eq=False)
class ShapeReader:
    """Embeds shapes. average: (2 V, D) of the average head's drawings. common: (D,) unit, the direction
    that photographs share.
    """

    reader: FaceReader
    template: Template
    alignment: AlignmentTemplate
    head: MeanHead
    average: Float32
    common: Float32

    @classmethod
    def load(cls, reader: FaceReader, template: Template, cohort: Float32) -> "ShapeReader":
        """cohort: (C, D) unit embeddings of anybody's photographs."""
        alignment, head = AlignmentTemplate.load(folder("face_alignment")), MeanHead.load()
        mean = cohort.mean(axis=0)
        common = np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)
        whole = Scan(
            "average",
            head.points.astype(np.float64),
            head.normals.astype(np.float64),
            head.colours,
            True,
            1.0,
        )
        average = views(whole, FACE_FIVE, reader, alignment)
        return cls(reader, template, alignment, head, average, common)

    def embed(self, scan: Scan, fit: HeadFit) -> Float32:
        """The vector (D,), unit length, of a fitted head scan."""
        whole, five = self.head.dressed(scan, fit, self.template)
        own = views(whole, five, self.reader, self.alignment) - self.average
        mean = (own / np.linalg.norm(own, axis=1, keepdims=True)).mean(axis=0)
        mean -= (mean @ self.common) * self.common
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)

    def templates(self, scan: Scan, fit: HeadFit) -> FaceTemplates:
        """What a prototype holds of it."""
        vector = self.embed(scan, fit)[None]
        return FaceTemplates(vector, np.zeros(1, np.float32), np.ones(1, bool), self.reader.model)


def views(scan: Scan, five: Float64, reader: FaceReader, alignment: AlignmentTemplate) -> Float32:
    """Embeddings (2 V, D), unit rows, of a coloured head in the template's frame from YAWS, in plain skin and
    as it is; five: (5, 3), its landmarks.
    """
    grey = np.tile(np.array(PLAIN_SKIN, np.uint8), (len(scan.points), 1))
    found = []
    for shown, shade in ((replace(scan, colours=grey), SHADE_PLAIN), (scan, SHADE_COLOURED)):
        for yaw in YAWS:
            view = look(
                shown, np.eye(3), azimuth=float(yaw), centre=MIDDLE, extent=EXTENT, size=SIZE, shade=shade
            )
            pixels, _ = view.camera.project(five)
            chosen = list(alignment.five)
            matrix = similarity(pixels, alignment.at(float(yaw))[chosen], alignment.weights[chosen] + UNSEEN)
            found.append(reader.embed(view.drawn.image, matrix, float(yaw)))
    return np.stack(found)
