"""Faces and bodies of one photograph, joined."""

from collections.abc import Sequence

import numpy as np
import pytest

from lineament.anatomy import HEAD, TORSO
from lineament.runtime.people import body_box, read_probe
from lineament.types import DenseRegistration, Face, Float32, UInt8

PHOTOGRAPH = np.zeros((400, 600, 3), np.uint8)


def face(x: float, y: float, side: float = 20.0) -> Face:
    return Face(
        box=np.array([x, y, x + side, y + side], np.float32),
        landmarks=np.zeros((5, 2), np.float32),
        score=0.9,
        yaw=0.0,
        quality=0.5,
        crop=np.zeros((112, 112, 3), np.uint8),
        embedding=np.eye(1, 4, dtype=np.float32)[0],
    )


def body(x: float, y: float, scale: float = 2.0) -> DenseRegistration:
    """A crop of 60 x 30 cells at (x, y): the upper 15 rows show the head, the others the torso."""
    parts = np.full((60, 30), TORSO, np.uint8)
    parts[:15] = HEAD
    return DenseRegistration(
        box=np.array([x, y, x + 30 * scale, y + 60 * scale], np.float32),
        parts=parts,
        probability=np.ones((60, 30), np.float32),
        part_probability=np.ones((60, 30), np.float32),
        canonical=np.zeros((60, 30, 3), np.float32),
        features=np.zeros((60, 30, 4), np.float32),
        to_photo=np.array([[scale, 0.0, x], [0.0, scale, y]]),
        model="m",
    )


class Faces:
    def __init__(self, *found: Face) -> None:
        self.found = list(found)

    def faces(self, image: UInt8) -> list[Face]:
        return self.found


class Bodies:
    def __init__(self, *found: DenseRegistration) -> None:
        self.found = list(found)
        self.hints: Sequence[Float32] = ()

    def people(self, image: UInt8, hints: Sequence[Float32] = ()) -> list[DenseRegistration]:
        self.hints = hints
        return self.found


def test_a_face_goes_to_the_body_whose_head_it_covers() -> None:
    left, right = body(100, 50), body(300, 50)
    on_right, on_left = face(320, 55), face(120, 55)
    probe = read_probe("street", PHOTOGRAPH, Bodies(left, right), Faces(on_right, on_left))
    assert probe.name == "street" and len(probe.people) == 2
    assert {id(one.body): one.face for one in probe.people} == {id(left): on_left, id(right): on_right}


def test_of_two_faces_on_one_head_the_one_that_fits_better_is_taken() -> None:
    centred, aside = face(120, 55), face(152, 55)
    probe = read_probe("x", PHOTOGRAPH, Bodies(body(100, 50)), Faces(aside, centred))
    joined = next(one for one in probe.people if one.body is not None)
    alone = next(one for one in probe.people if one.body is None)
    assert joined.face is centred and alone.face is aside
    assert (alone.box == aside.box).all()


def test_a_face_on_a_torso_stays_alone() -> None:
    printed = face(120, 110)
    people = read_probe("x", PHOTOGRAPH, Bodies(body(100, 50)), Faces(printed)).people
    assert [(one.body is None, one.face) for one in people] == [(False, None), (True, printed)]


def test_people_are_ordered_by_area() -> None:
    small, large = body(100, 50, 1.0), body(300, 50, 3.0)
    people = read_probe("x", PHOTOGRAPH, Bodies(small, large), Faces(face(500, 300))).people
    assert [one.body for one in people] == [large, small, None]


def test_nobody() -> None:
    assert read_probe("x", PHOTOGRAPH, Bodies(), Faces()).people == ()


def test_bodies_are_looked_for_below_faces() -> None:
    bodies, one = Bodies(), face(290, 100)
    read_probe("x", PHOTOGRAPH, bodies, Faces(one))
    assert len(bodies.hints) == 1 and (bodies.hints[0] == body_box(one, PHOTOGRAPH.shape)).all()


@pytest.mark.parametrize(
    ("x", "y", "wanted"),
    [(290, 100, (250, 80, 350, 290)), (0, 0, (0, 0, 60, 190)), (580, 390, (540, 370, 600, 400))],
)
def test_a_body_stands_below_its_face_and_within_the_photograph(
    x: float, y: float, wanted: tuple[float, ...]
) -> None:
    assert body_box(face(x, y), PHOTOGRAPH.shape).tolist() == list(wanted)
