"""Faces found and aligned for any recogniser: set up once, ask many times."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from lineament.runtime.detector import Detection, FaceDetector
from lineament.runtime.embedder import FaceEmbedder
from lineament.runtime.face_alignment import Alignment, FaceAligner
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, apply, invert, similarity, warp
from lineament.runtime.faces import believed, read_all, read_best
from lineament.runtime.head_pose import HeadPose
from lineament.runtime.photograph import load_photograph
from lineament.runtime.recogniser_card import Border, RecogniserCard
from lineament.types import Float32, Float64, UInt8

_BORDERS: Final = {"reflect": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE}
Picture = UInt8 | str | Path
"""(H, W, 3) uint8 sRGB, upright, or the path of a photograph."""


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFace:
    """One face, aligned. crop: (S, S, 3) uint8 sRGB. alignment: everything that the aligner tells; what is
    asked for most stands below. detection: None where five points were given.
    """

    crop: UInt8
    alignment: Alignment
    detection: Detection | None = None

    def __post_init__(self) -> None:
        if self.crop.ndim != 3 or self.crop.shape[0] != self.crop.shape[1] or self.crop.shape[2] != 3:
            raise ValueError(f"crop has shape {self.crop.shape}, expected (S, S, 3)")

    @property
    def matrix(self) -> Float64:
        """(2, 3) photograph to a crop of 112 pixels, pixel centres at +0.5."""
        return self.alignment.matrix

    @property
    def landmarks(self) -> Float64:
        """(5, 2) photograph pixels, as in `types.Face`."""
        return self.alignment.five

    @property
    def yaw(self) -> float:
        """Radians, 0 frontal, positive when the person's left cheek is towards the camera."""
        return self.alignment.yaw

    @property
    def spread(self) -> float:
        """Expected error of the landmarks, pixels of the aligner's view: the smaller the surer."""
        return self.alignment.spread

    @property
    def points(self) -> Float64:
        """(K, 2) photograph pixels of all landmarks, hidden ones too; `alignment.spreads` (K,) of each."""
        return self.alignment.landmarks

    def pose(self, intrinsics: Float64 | None = None) -> HeadPose:
        """Rotation and translation of the head before the camera; its `angles` are yaw, pitch and roll.

        intrinsics: focal, cx, cy in photograph pixels; without them a usual lens is assumed, and the distance
        is as wrong as that guess.
        """
        return self.alignment.pose(intrinsics)


class Aligner:
    """Finds faces, frontal or turned, and cuts them out upright, as recognisers want them.

    aligner = Aligner.load()
    for face in aligner.faces("photograph.jpg"): ...
    """

    def __init__(self, detector: FaceDetector, aligner: FaceAligner) -> None:
        self._detector, self._aligner = detector, aligner

    @classmethod
    def load(cls, threads: int | None = None) -> "Aligner":
        """Open detector and shipped weights; raises BadInputError when the asset "yunet" is not here."""
        return cls(FaceDetector.load(threads), FaceAligner.load(threads))

    @property
    def revision(self) -> str:
        """Of the alignment: embeddings of other revisions must not be compared."""
        return self._aligner.template.revision

    def faces(self, image: Picture, *, size: int = CROP_SIZE, border: Border = "black") -> list[AlignedFace]:
        """All faces, largest first. Raises BadInputError for a file that is no photograph."""
        picture = picture_of(image)
        return read_all(self._detector, picture, lambda one: self._aligned(picture, one, size, border))

    def best(self, image: Picture, *, size: int = CROP_SIZE, border: Border = "black") -> AlignedFace | None:
        """The most prominent face (area times squared detection score), or None."""
        picture = picture_of(image)
        return read_best(self._detector, picture, lambda one: self._aligned(picture, one, size, border))

    def align(
        self, image: Picture, five: Float64, *, size: int = CROP_SIZE, border: Border = "black"
    ) -> AlignedFace:
        """The face of five rough landmarks (5, 2), photograph pixels, in the order of `types.Face`.

        Raises ValueError where they coincide.
        """
        picture = picture_of(image)
        alignment = self._aligner.align(picture, np.asarray(five, dtype=np.float64))
        return AlignedFace(self.crop(picture, alignment, size=size, border=border), alignment)

    def crop(
        self,
        image: Picture,
        alignment: Alignment,
        *,
        size: int = CROP_SIZE,
        border: Border = "black",
        template: Float64 | None = None,
    ) -> UInt8:
        """The crop (size, size, 3) of an aligned face.

        border: what lies outside the photograph. template: (5, 2) pixels, where the recogniser's own crop has
        the five points of a frontal face; ArcFace's, scaled to `size`, if not given.
        """
        place = similarity(FIVE_POINTS, FIVE_POINTS * (size / CROP_SIZE) if template is None else template)
        return bordered(picture_of(image), combined(place, alignment.matrix), size, border)

    def _aligned(self, picture: UInt8, detection: Detection, size: int, border: Border) -> AlignedFace | None:
        """The face of a detection; None where its landmarks coincide or the aligner sees no face."""
        alignment = believed(self._aligner, picture, detection)
        if alignment is None:
            return None
        return AlignedFace(self.crop(picture, alignment, size=size, border=border), alignment, detection)


def combined(then: Float64, first: Float64) -> Float64:
    """The affine transform (2, 3) that does `first` and `then`, both (2, 3)."""
    last = np.array([0.0, 0.0, 1.0])
    return np.asarray((np.vstack([then, last]) @ np.vstack([first, last]))[:2])


def bordered(image: UInt8, matrix: Float64, size: int, border: Border) -> UInt8:
    """The crop of `size` pixels that `matrix` cuts out, what lies outside the photograph as `border` says."""
    if border == "black":
        return warp(image, matrix, size)
    corners = apply(invert(matrix), np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float64))
    height, width = image.shape[:2]
    # no more than the picture's own size: beyond it a reflection only repeats itself
    left, top = np.clip(np.ceil(2 - corners.min(axis=0)), 0, (width, height)).astype(int).tolist()
    beyond = np.ceil(corners.max(axis=0) + 2 - (width, height))
    right, bottom = np.clip(beyond, 0, (width, height)).astype(int).tolist()
    grown = cv2.copyMakeBorder(image, top, bottom, left, right, _BORDERS[border])
    shifted = combined(matrix, np.array([[1.0, 0.0, -left], [0.0, 1.0, -top]]))
    return warp(np.asarray(grown, dtype=np.uint8), shifted, size)


def placed(card: RecogniserCard) -> Float64:
    """Where a card's crop has what lies in ArcFace's of 112 pixels: (2, 3), from the latter to the former."""
    scale = card.size / CROP_SIZE * card.zoom
    x, y = (card.size / 2 * (1 - card.zoom) + off for off in card.offset)
    return np.array([[scale, 0.0, x], [0.0, scale, y]])


def views(image: UInt8, matrix: Float64, card: RecogniserCard) -> UInt8:
    """The crops (B, S, S, 3) of one aligned face whose embeddings a card wants averaged.

    matrix: (2, 3) photograph to a crop of 112 pixels.
    """
    crops = []
    for shift, mirrored in card.looks:
        place = placed(card) + np.array([[0.0, 0.0, shift], [0.0, 0.0, 0.0]])
        crop = bordered(image, combined(place, matrix), card.size, card.border)
        crops.append(crop[:, ::-1] if mirrored else crop)
    return np.stack(crops)


def embedded(image: UInt8, face: AlignedFace, embedder: FaceEmbedder) -> Float32:
    """The embedding (D,), unit length, of an aligned face by any recogniser."""
    return embedder.embed_as_one(views(image, face.matrix, embedder.card))


def picture_of(image: Picture) -> UInt8:
    """The pixels; raises BadInputError for a file that is no photograph."""
    return load_photograph(Path(image)) if isinstance(image, str | Path) else image
