"""From a photograph to its people: faces and bodies found apart, then joined."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from lineament.anatomy import HEAD
from lineament.types import DenseRegistration, Face, Float32, Probe, ProbePerson, UInt8

BODY_OF_FACE = (5.0, 1.5, 9.0)
"""A standing person in face widths: full width, height above the face's centre, height below it."""


class FindsFaces(Protocol):
    """What is asked of a face reader."""

    def faces(self, image: UInt8) -> list[Face]:
        """Faces of a photograph."""
        ...


class FindsBodies(Protocol):
    """What is asked of a registrar."""

    def people(self, image: UInt8, hints: Sequence[Float32] = ()) -> list[DenseRegistration]:
        """Bodies of a photograph, registered."""
        ...


def read_probe(name: str, image: UInt8, registrar: FindsBodies, reader: FindsFaces) -> Probe:
    """Find everybody in an upright sRGB photograph (H, W, 3); an empty `people` means that nobody was
    found.
    """
    faces = reader.faces(image)
    bodies = registrar.people(image, hints=[body_box(face, image.shape) for face in faces])
    people: list[ProbePerson] = []
    free = list(faces)
    for body in bodies:
        face = max(free, key=lambda f: _belongs(f, body), default=None)
        if face is not None and _belongs(face, body) > 0:
            free = [f for f in free if f is not face]
        else:
            face = None
        people.append(ProbePerson(box=body.box, body=body, face=face))
    people.extend(ProbePerson(box=face.box, body=None, face=face) for face in free)
    return Probe(name=name, image=image, people=tuple(sorted(people, key=_area, reverse=True)))


def body_box(face: Face, shape: tuple[int, ...]) -> Float32:
    """Where the body of a face would be if its owner stood upright, (4,) clipped to the photograph."""
    x0, y0, x1, y1 = face.box
    width, centre = x1 - x0, ((x0 + x1) / 2, (y0 + y1) / 2)
    across, above, below = (k * width for k in BODY_OF_FACE)
    box = (centre[0] - across / 2, centre[1] - above, centre[0] + across / 2, centre[1] + below)
    limits = (shape[1], shape[0], shape[1], shape[0])
    return np.array([np.clip(v, 0, m) for v, m in zip(box, limits, strict=True)], dtype=np.float32)


def _area(person: ProbePerson) -> float:
    x0, y0, x1, y1 = person.box
    return float((x1 - x0) * (y1 - y0))


def _belongs(face: Face, body: DenseRegistration) -> float:
    """Share of the face's box that the body's registration calls head."""
    x0, y0, x1, y1 = face.box
    xs, ys = np.meshgrid(np.linspace(x0, x1, 9)[1:-1], np.linspace(y0, y1, 9)[1:-1])
    inverse = np.linalg.inv(np.vstack([body.to_photo, [0.0, 0.0, 1.0]]))
    crop = np.stack([xs.ravel(), ys.ravel(), np.ones(xs.size)], axis=1) @ inverse[:2].T
    columns, rows = np.floor(crop).astype(int).T
    height, width = body.parts.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    hit = body.parts[rows[inside], columns[inside]] == HEAD
    return float(hit.sum()) / xs.size
