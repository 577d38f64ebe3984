"""Faces of a photograph: found (YuNet), aligned (2D-3D refiner), embedded (SFace)."""

from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
import onnxruntime

from lineament.assets import require
from lineament.runtime.detector import Detection, FaceDetector
from lineament.runtime.face_alignment import Alignment, FaceAligner
from lineament.runtime.face_crops import FIVE_POINTS, similarity, warp
from lineament.runtime.face_quality import assess
from lineament.runtime.session import open_session
from lineament.types import Face, Float32, Float64, UInt8

T = TypeVar("T")

EMBEDDING_SIZE: Final = 128
Looks = tuple[tuple[float, bool], ...]
LOOKS: Final[Looks] = ((0.0, False), (0.0, True))
TURNED_LOOKS: Final[Looks] = ((-4.0, False), (0.0, False), (4.0, True))
"""Shift, crop pixels, and mirroring of the crops that are averaged, of faces from the front and of those
that are TURNED, whose place in the crop is less sure. Six of them, shifted both ways and each mirrored, tell
no more.
"""
TURNED: Final = np.radians(30.0)

DISBELIEVED: Final = 5.0
"""Landmark spread, crop pixels, from which a detection is taken for no face. Of faces in validation renders,
hidden ones among them, 1 in 30 lies above it, of false detections in textures of clothes and scenes 9 in 10.
"""

SURE_DETECTION, DISBELIEVED_ALL_THE_SAME = 0.7, 10.0
"""Score of the detector that textures hardly ever reach (7 of 395 false detections), and the spread from
which even such a one is no face: small and grey faces are hard to align, and their quality says so.
"""

UPSIDE_DOWN, ASIDE = 2.0, 2.5
"""Landmark spreads, crop pixels, from which a face is tried on its head, and on its sides too. The detector
finds faces however they are turned, but mostly takes them for upright; on their heads 99 of 100 lie above.
"""
PLAINER: Final = 0.75
"""A turned face is believed when its spread is at most this share of the upright one's, and no more than that
of most faces that stand upright, UPSIDE_DOWN.
"""

NOSE_DEPTH: Final = 20.0
"""How far the nose tip stands before the plane of eyes and mouth, in pixels of the frontal crop."""

FACE_SIDE: Final = 95.0
"""Side of the square as large as the detector's box of a face, in pixels of the aligned crop."""


class FaceReader:
    """Detector, aligner and embedding, loaded once; `aligner` None aligns by the five points alone."""

    def __init__(
        self, detector: FaceDetector, recogniser: onnxruntime.InferenceSession, aligner: FaceAligner | None
    ) -> None:
        self._detector = detector
        self._recogniser = recogniser
        self._aligner = aligner

    @classmethod
    def load(cls, threads: int | None = None, *, refine: bool = True) -> "FaceReader":
        """Open all models; raises BadInputError naming the asset to fetch where "yunet" or "sface" lacks."""
        aligner = FaceAligner.load(threads) if refine else None
        return cls(FaceDetector.load(threads), open_session(require("sface"), threads), aligner)

    @property
    def model(self) -> str:
        """Revision of the embeddings; those of different revisions must not be compared."""
        alignment = "five-points" if self._aligner is None else self._aligner.template.revision
        return f"sface-2021dec+{alignment}"

    def faces(self, image: UInt8) -> list[Face]:
        """All faces of `image` (H, W, 3) uint8 sRGB, largest first."""
        return read_all(self._detector, image, lambda one: self._read(image, one))

    def best(self, image: UInt8) -> Face | None:
        """The most prominent face of `image` (area times squared detection score), or None."""
        return read_best(self._detector, image, lambda one: self._read(image, one))

    def embed(self, image: UInt8, matrix: Float64, yaw: float = 0.0) -> Float32:
        """Embedding (128,), unit length, of the crop that `matrix` (photograph to crop) cuts out.

        The mean over the looks at a face turned by `yaw`, radians.
        """
        total = np.zeros(EMBEDDING_SIZE, dtype=np.float64)
        for shift, mirrored in looks_at(yaw):
            crop = warp(image, matrix + np.array([[0.0, 0.0, shift], [0.0, 0.0, 0.0]]))
            picture = crop[:, ::-1] if mirrored else crop
            batch = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
            vector = self._recogniser.run(None, {"data": batch})[0][0].astype(np.float64)
            total += vector / np.linalg.norm(vector)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _read(self, image: UInt8, detection: Detection) -> Face | None:
        """The face of a detection; None where its landmarks coincide or the aligner sees no face."""
        five = detection.landmarks.astype(np.float64)
        if self._aligner is None:
            if coinciding(five):
                return None
            matrix, yaw, spread = similarity(five, FIVE_POINTS), five_point_yaw(five), float("nan")
        else:
            alignment = believed(self._aligner, image, detection)
            if alignment is None:
                return None
            matrix, five, yaw, spread = alignment.matrix, alignment.five, alignment.yaw, alignment.spread
        crop = warp(image, matrix)
        quality = assess(crop, matrix, image.shape, yaw=yaw, spread=spread, score=detection.score)
        return Face(
            box=detection.box,
            landmarks=five.astype(np.float32),
            score=detection.score,
            yaw=yaw,
            quality=quality.value,
            crop=crop,
            embedding=self.embed(image, matrix, yaw),
            reasons=quality.reasons,
        )


def looks_at(yaw: float) -> Looks:
    """Which crops are averaged of a face turned by `yaw`, radians."""
    return TURNED_LOOKS if abs(yaw) > TURNED else LOOKS


def read_all(detector: FaceDetector, image: UInt8, read: Callable[[Detection], T | None]) -> list[T]:
    """What `read` makes of the detections in `image`, largest first, without those of which it makes nothing;
    where nothing is left, of those in the turned picture.
    """
    for look in (detector.detect, detector.detect_turned):
        ordered = sorted(look(image), key=lambda one: -one.area)
        if found := [face for one in ordered if (face := read(one)) is not None]:
            return found
    return []


def read_best(detector: FaceDetector, image: UInt8, read: Callable[[Detection], T | None]) -> T | None:
    """The same of the most prominent detection of which `read` makes something."""
    for look in (detector.detect, detector.detect_turned):
        for one in sorted(look(image), key=lambda one: -one.prominence):
            if (face := read(one)) is not None:
                return face
    return None


def coinciding(five: Float64) -> bool:
    """Whether five landmarks (5, 2) lie in one pixel, so that nothing can be aligned by them."""
    return float(np.ptp(five, axis=0).max()) < 1.0


def believed(aligner: FaceAligner, image: UInt8, detection: Detection) -> Alignment | None:
    """The alignment of a detection; None where its landmarks coincide or the aligner sees no face."""
    five = detection.landmarks.astype(np.float64)
    if coinciding(five):
        return None
    alignment = upright(aligner, image, five, detection.box)
    limit = DISBELIEVED if detection.score < SURE_DETECTION else DISBELIEVED_ALL_THE_SAME
    return None if alignment.spread > limit else alignment


def upright(aligner: FaceAligner, image: UInt8, five: Float64, box: Float32) -> Alignment:
    """The alignment of a face, tried on its head and on its sides where it is unsure as it stands."""
    best = aligner.align(image, five)
    limit = PLAINER * best.spread
    quarters = (2, 1, 3) if best.spread > ASIDE else (2,) if best.spread > UPSIDE_DOWN else ()
    for turn in quarters:
        alignment = aligner.align(image, turned_five(box, turn))
        if alignment.spread <= min(limit, best.spread, UPSIDE_DOWN):
            best = alignment
    return best


def turned_five(box: Float32, quarters: int) -> Float64:
    """Where the five landmarks (5, 2) of a face that fills `box` lie when it is turned by `quarters`."""
    middle, side = (
        (box[:2] + box[2:]).astype(np.float64) / 2,
        float(np.sqrt(max(float(np.prod(box[2:] - box[:2])), 1.0))),
    )
    shown = (FIVE_POINTS - FIVE_POINTS.mean(axis=0)) * side / FACE_SIDE
    for _ in range(quarters):
        shown = np.column_stack([-shown[:, 1], shown[:, 0]])
    return np.asarray(shown + middle)


def five_point_yaw(five: Float64) -> float:
    """Yaw from five landmarks: how far the nose leaves the middle, against how far apart the eyes are."""
    matrix = similarity(five, FIVE_POINTS)
    points = five @ matrix[:, :2].T
    eyes, nose, mouth = points[:2], points[2], points[3:]
    frontal = FIVE_POINTS[1, 0] - FIVE_POINTS[0, 0]
    aside = (nose[0] - (eyes[:, 0].mean() + mouth[:, 0].mean()) / 2) / NOSE_DEPTH
    return float(np.arctan2(-aside, max(eyes[1, 0] - eyes[0, 0], 0.0) / frontal))
