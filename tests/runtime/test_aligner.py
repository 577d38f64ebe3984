"""The aligner that anybody may use: faces, crops of any size and border, embeddings by any recogniser."""

from typing import Any

import cv2
import numpy as np
import pytest

import lineament
from lineament.assets import find
from lineament.runtime.aligner import Aligner, bordered, combined, embedded, placed, views
from lineament.runtime.embedder import FaceEmbedder
from lineament.runtime.face_crops import FIVE_POINTS, apply, invert, similarity, warp
from lineament.runtime.faces import LOOKS, FaceReader
from lineament.runtime.photograph import load_photograph
from lineament.runtime.recogniser_card import SFACE, RecogniserCard

RNG = np.random.default_rng(9)
PICTURE = cv2.resize(RNG.integers(0, 256, (12, 15, 3)).astype(np.uint8), (150, 120))


@pytest.fixture(scope="module")
def aligner() -> Aligner:
    if any(find(name) is None for name in ("yunet", "sface", "astronaut")):
        pytest.skip("needs assets; run: lineament assets fetch yunet sface astronaut")
    return lineament.Aligner.load(threads=1)


@pytest.fixture(scope="module")
def astronaut() -> Any:
    return load_photograph(find("astronaut"))


def test_a_face_is_aligned_as_the_product_does(aligner: Aligner, astronaut: Any) -> None:
    (face,) = aligner.faces(astronaut)
    expected = FaceReader.load(threads=1).best(astronaut)
    assert expected is not None
    assert np.array_equal(face.crop, expected.crop) and face.yaw == pytest.approx(expected.yaw)
    assert np.allclose(face.landmarks, expected.landmarks, atol=1e-3)
    assert face.detection is not None and face.spread < 4
    best = aligner.best(find("astronaut"))
    assert best is not None and np.array_equal(best.crop, face.crop)
    again = aligner.align(astronaut, face.landmarks)
    assert again.detection is None and np.abs(again.landmarks - face.landmarks).max() < 3


def test_embeddings_by_a_card_are_those_of_the_product(aligner: Aligner, astronaut: Any) -> None:
    face = aligner.best(astronaut)
    assert face is not None
    reader = FaceReader.load(threads=1)
    card = SFACE.model_copy(update={"looks": LOOKS})
    found = embedded(astronaut, face, FaceEmbedder.load(find("sface"), card, threads=1))
    assert float(found @ reader.embed(astronaut, face.matrix)) > 0.9999
    assert f"{SFACE.name}-{SFACE.revision}+{aligner.revision}" == reader.model


def test_the_head_stands_before_the_camera_as_the_face_is_turned(aligner: Aligner, astronaut: Any) -> None:
    face = aligner.best(astronaut)
    assert face is not None and face.points.shape == (len(face.alignment.spreads), 2)
    low, high = face.points.min(axis=0), face.points.max(axis=0)
    assert (low < face.landmarks).all() and (face.landmarks < high).all()
    pose = face.pose()
    yaw, pitch, roll = pose.angles
    assert abs(yaw - face.yaw) < 0.35 and abs(pitch) < 0.6 and abs(roll) < 0.6
    assert 0.3 < pose.translation[2] < 10
    turned = cv2.warpAffine(astronaut, cv2.getRotationMatrix2D((224, 140), -25, 1.0), (512, 512))
    rolled = aligner.best(turned)
    assert rolled is not None
    assert rolled.pose().angles[2] - roll == pytest.approx(np.radians(25), abs=0.15)


def test_nothing_is_no_face(aligner: Aligner) -> None:
    grey = np.full((90, 70, 3), 128, np.uint8)
    assert aligner.faces(grey) == [] and aligner.best(grey) is None


def test_a_larger_crop_shows_the_same_larger(aligner: Aligner, astronaut: Any) -> None:
    face = aligner.best(astronaut)
    assert face is not None
    large = aligner.crop(astronaut, face.alignment, size=224)
    small = cv2.resize(large, (112, 112), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(small - face.crop).mean() < 4
    own = FIVE_POINTS * 0.5 + (60, 40)
    placed_by_template = aligner.crop(astronaut, face.alignment, size=160, template=own)
    matrix = combined(similarity(FIVE_POINTS, own), face.matrix)
    assert np.array_equal(placed_by_template, warp(astronaut, matrix, 160))


@pytest.mark.parametrize("border", ["reflect", "replicate"])
def test_borders_continue_the_photograph(border: Any) -> None:
    matrix = np.array([[1.0, 0.0, 30.0], [0.0, 1.0, 20.0]])
    found = bordered(PICTURE, matrix, 112, border)
    ways = {"reflect": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE}
    expected = cv2.copyMakeBorder(PICTURE, 20, 0, 30, 0, ways[border])[:112, :112]
    assert np.array_equal(found, expected)
    black = bordered(PICTURE, matrix, 112, "black")
    assert not black[:20].any() and np.array_equal(black[20:, 30:], expected[20:, 30:])


def test_far_outside_and_tiny_pictures_are_no_trouble() -> None:
    tiny = np.full((2, 2, 3), 77, np.uint8)
    matrix = np.array([[0.2, 0.0, -300.0], [0.0, 0.2, 500.0]])
    for border in ("black", "reflect", "replicate"):
        assert bordered(tiny, matrix, 64, border).shape == (64, 64, 3)


def test_a_card_shifts_enlarges_and_averages() -> None:
    looks = ((0.0, False), (0.0, True), (8.0, False))
    card = RecogniserCard(name="n", size=128, zoom=0.8, offset=(3.0, -2.0), looks=looks)
    centre = np.array([[56.0, 56.0]])
    assert np.allclose(apply(placed(card), centre), [[64 + 3, 64 - 2]])
    assert np.allclose(placed(card)[:, :2], np.eye(2) * 0.8 * 128 / 112)
    plain, mirrored, shifted = views(PICTURE, similarity(FIVE_POINTS * 0.9 + 20, FIVE_POINTS), card)
    assert plain.shape == (128, 128, 3) and np.array_equal(mirrored, plain[:, ::-1])
    assert np.array_equal(plain[:, :-8], shifted[:, 8:])


def test_combining_is_one_after_the_other() -> None:
    first = np.array([[0.9, -0.2, 5.0], [0.2, 0.9, -3.0]])
    then = np.array([[2.0, 0.0, 1.0], [0.0, 2.0, 4.0]])
    points = RNG.normal(size=(4, 2))
    assert np.allclose(apply(combined(then, first), points), apply(then, apply(first, points)))
    assert np.allclose(combined(invert(first), first), np.eye(2, 3))
