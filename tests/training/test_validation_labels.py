"""Labels of correspondences on synthetic pictures, and groups of photographs, on made-up material."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("anny")
pytest.importorskip("warp")

from lineament.anatomy import CLASS_COUNT, PART_INDEX
from lineament.geometry.template import load_template
from lineament.recognition.comparison import Comparison
from lineament.recognition.pixels import person_pixels
from lineament.training.labelled import cells, labelled_picture
from lineament.training.pooling import groups_of
from lineament.training.validation_people import ValidationPerson
from lineament.types import DenseRegistration, Prototype

pytestmark = pytest.mark.train
TEMPLATE = load_template()
HEIGHT, WIDTH, SCALE = 64, 48, 2
HEAD = PART_INDEX["head"]


def features() -> np.ndarray:
    waves = np.sin(TEMPLATE.positions @ np.random.default_rng(0).normal(0, 6, (3, 16)))
    return np.asarray(waves / np.linalg.norm(waves, axis=1, keepdims=True), dtype=np.float32)


def prototype(person: int) -> Prototype:
    return Prototype(
        subject=f"p{person}", points=TEMPLATE.positions, normals=TEMPLATE.normals, colours=None,
        parts=TEMPLATE.parts, measured=np.ones(len(TEMPLATE.parts), bool),
        features=features().astype(np.float16), face=None, source="parameters", template="t", model="m",
        consent="", purpose="", residual=0.0,
    )  # fmt: skip


def site() -> int:
    return int(np.flatnonzero(TEMPLATE.parts == HEAD)[0])


def body() -> DenseRegistration:
    """The whole crop is said to be one place of the head."""
    whole = (HEIGHT, WIDTH)
    return DenseRegistration(
        box=np.array([0, 0, WIDTH * SCALE, HEIGHT * SCALE], np.float32),
        parts=np.full(whole, HEAD, np.uint8), probability=np.ones(whole, np.float32),
        part_probability=np.ones(whole, np.float32),
        canonical=np.broadcast_to(TEMPLATE.positions[site()], (*whole, 3)).astype(np.float32),
        features=np.broadcast_to(features()[site()], (*whole, 16)).astype(np.float32),
        to_photo=np.array([[SCALE, 0, 0], [0, SCALE, 0.0]]), model="m",
    )  # fmt: skip


def sample(*shown: tuple[slice, int]) -> SimpleNamespace:
    """A picture whose rows show persons 1, 2, .. at that place of the head."""
    size = (HEIGHT * SCALE, WIDTH * SCALE)
    subject = np.zeros(size, np.uint8)
    for rows, number in shown:
        subject[rows] = number
    canonical = np.where(subject[..., None] > 0, TEMPLATE.positions[site()], 0.0).astype(np.float16)
    people = tuple(SimpleNamespace(person=number) for number in range(2))
    return SimpleNamespace(subject=subject, canonical=canonical, covariates=SimpleNamespace(people=people))


def test_samples_are_right_where_the_picture_shows_the_person() -> None:
    found = labelled_picture(sample((slice(0, HEIGHT), 1)), [body()], prototype, 2, TEMPLATE, 0.07)  # type: ignore[arg-type]
    count = len(person_pixels(body(), TEMPLATE).parts)
    assert len(found.raw) == 2 * count and found.own.sum() == count
    assert np.isfinite(found.error).sum() == count and found.error[np.isfinite(found.error)].max() < 0.02
    assert found.missed.tolist() == [0] and found.picture.max() == 0


def test_people_who_were_not_found_are_missed() -> None:
    half = HEIGHT * SCALE // 2
    shown = sample((slice(0, half), 1), (slice(half, None), 2))
    nobody = labelled_picture(shown, [], prototype, 2, TEMPLATE, 0.07)  # type: ignore[arg-type]
    one = labelled_picture(shown, [body()], prototype, 2, TEMPLATE, 0.07)  # type: ignore[arg-type]
    assert len(nobody.raw) == 0 and nobody.missed[0] > one.missed[0] > 0


def test_cells_are_counted_inside_the_crop() -> None:
    mask = np.zeros((400, 400), bool)
    mask[:40, :40] = True
    assert cells(mask, np.array([[1.0, 0, 0], [0, 1.0, 0]])) == 100
    assert cells(mask, np.array([[1.0, 0, 20.0], [0, 1.0, 0]])) == 50


def comparison(face: bool) -> Comparison:
    share = np.zeros(CLASS_COUNT, np.float32)
    share[HEAD] = 0.5
    value = 0.5 if face else None
    return Comparison("p", share, share, value, value, "photograph-frontal" if face else None)


def test_groups_are_of_one_person_and_one_reference_whole_and_without_faces() -> None:
    shown = SimpleNamespace(quality=0.7)
    # Two people with one reference each; the first photograph shows a face, the second does not.
    met = [ValidationPerson(k, (prototype(k),), ((None, shown), (None, None))) for k in range(2)]  # type: ignore[arg-type]
    comparisons, places = [], []
    for person in range(2):
        for number, face in enumerate((True, False)):
            for reference in range(2):
                for left_out in (0, 1) if face else (1,):
                    comparisons.append(comparison(face and not left_out))
                    places.append((person, number, reference, left_out))
    found = groups_of(met, comparisons, np.array(places, np.int32), seed=1)
    assert [len(looks) for looks in found.looks] == [2] * 8
    assert found.mated.sum() == 4
    faces = [sum(look.comparison.face_score is not None for look in looks) for looks in found.looks]
    assert sorted(faces) == [0, 0, 0, 0, 1, 1, 1, 1]
    assert {look.quality for looks in found.looks for look in looks} == {0.7, 0.0}
    assert len(found.among(np.array([0], np.int32)).looks) == 2
