"""Confidences checked on real photographs, where labels say whether a correspondence can be right.

Everybody is compared with the average person, since nobody's name is known. Joints say whether the
correspondence beside a joint is of a part that meets there, masks whether a correspondence lies on the
person; both are less than lying within the stated distance, so that a probability that is not exaggerated
stays below the observed share.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from lineament.evaluation.confidence import Reliability, reliability
from lineament.evaluation.datasets import ccp, lsp
from lineament.evaluation.registration import FindsPeople
from lineament.geometry.template import Template, load_template
from lineament.recognition.confidence import Confidence
from lineament.recognition.matching import Candidates, candidates
from lineament.recognition.pixels import GRID_STEP, PersonPixels, person_pixels
from lineament.runtime.faces import FaceReader
from lineament.runtime.people import body_box
from lineament.runtime.photograph import load_photograph
from lineament.runtime.registrar import Registrar
from lineament.runtime.windows import inverse
from lineament.types import Bool, DenseRegistration, Float64, Prototype, UInt8

NEAR_JOINT: Final = 1.5
"""Cells of the grid within which a correspondence speaks for a joint."""
Seen = Callable[[Path], None]


def anybody(registrar: Registrar, template: Template) -> Prototype:
    """The average person as a prototype."""
    everywhere = np.ones(len(template), bool)
    features = registrar.prototype_features(template.positions, template.normals, None, everywhere)
    return Prototype(
        subject="anybody",
        points=template.positions,
        normals=template.normals,
        colours=None,
        parts=template.parts,
        measured=everywhere,
        features=features.astype(np.float16),
        face=None,
        source="parameters",
        template=template.revision,
        model=registrar.model,
        consent="nobody",
        purpose="evaluation",
        residual=0.0,
    )


class Photographs:
    """Asks a registration model for correspondences with the average person."""

    def __init__(self, registrar: Registrar, confidence: Confidence, find: FindsPeople | None = None) -> None:
        self._registrar, self._confidence = registrar, confidence
        self._template = load_template()
        self._average = anybody(registrar, self._template)
        reader = FaceReader.load() if find is None else None

        def people(image: UInt8) -> list[DenseRegistration]:
            faces = reader.faces(image) if reader is not None else []
            return registrar.people(image, hints=[body_box(face, image.shape) for face in faces])

        self._find = find or people

    def joints(self, folder: Path, seen: Seen = lambda path: None) -> Reliability:
        """On lsp: whether the correspondence nearest to a joint is of a part that meets there."""
        claimed, right, picture = [], [], []
        for number, (path, names, places) in enumerate(lsp.read(folder)):
            seen(path)
            for body, pixels, best in self._read(load_photograph(path)):
                value = self._confidence.of(best.raw, pixels.parts)
                inside = ((places >= body.box[:2]) & (places <= body.box[2:])).all(axis=1)
                if inside.sum() <= len(names) / 2:
                    continue
                for name, place in zip(names, places, strict=True):
                    nearest = _nearest(pixels, best.agreed, place, body.to_photo)
                    if nearest is not None:
                        claimed.append(float(value[nearest]))
                        right.append(int(pixels.parts[nearest]) in lsp.parts_of(name))
                        picture.append(number)
                break
        return _judged(claimed, right, picture, "joints (lsp)", "its part meets at the joint beside it")

    def masks(self, folder: Path, seen: Seen = lambda path: None) -> Reliability:
        """On ccp: whether a correspondence of the find that overlaps most lies on the labelled person."""
        claimed: list[float] = []
        right: list[bool] = []
        picture: list[int] = []
        for number, (path, mask) in enumerate(ccp.read(folder)):
            seen(path)
            found = [
                (self._confidence.of(best.raw, pixels.parts)[best.agreed], _on(mask, pixels.xy[best.agreed]))
                for _, pixels, best in self._read(load_photograph(path))
            ]
            if found:
                value, on = max(found, key=lambda one: int(one[1].sum()))
                claimed += value.tolist()
                right += on.tolist()
                picture += [number] * len(value)
        return _judged(claimed, right, picture, "masks (ccp)", "it lies on the person")

    def _read(self, image: UInt8) -> list[tuple[DenseRegistration, PersonPixels, Candidates]]:
        read = []
        for body in self._find(image):
            pixels = person_pixels(body, self._template)
            temperature = self._registrar.temperature
            best = candidates(pixels, self._average, self._template, temperature=temperature)
            read.append((body, pixels, best))
        return read


def _nearest(pixels: PersonPixels, agreed: Bool, place: Float64, to_photo: Float64) -> int | None:
    """The correspondence nearest to a place of the photograph, None where none is near."""
    if not agreed.any():
        return None
    back = inverse(to_photo)[:, :2]
    cells = np.linalg.norm((pixels.xy - place) @ back.T, axis=1) / GRID_STEP
    cells[~agreed] = np.inf
    best = int(cells.argmin())
    return best if cells[best] <= NEAR_JOINT else None


def _on(mask: Bool, places: np.ndarray) -> Bool:
    column, row = np.clip(np.floor(places).astype(int), 0, (mask.shape[1] - 1, mask.shape[0] - 1)).T
    return np.asarray(mask[row, column])


def _judged(
    claimed: Sequence[float], right: Sequence[bool], picture: Sequence[int], name: str, meaning: str
) -> Reliability:
    return reliability(
        np.array(claimed, np.float32),
        np.array(right, bool),
        np.array(picture, np.int32),
        name,
        meaning,
        weaker=True,
    )
