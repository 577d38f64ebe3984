from itertools import pairwise
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from lineament.assets import find
from lineament.runtime.detector import Detection, FaceDetector, _settled, _starts, _suppress
from lineament.runtime.face_crops import FIVE_POINTS, similarity, warp
from lineament.runtime.faces import FaceReader, believed, five_point_yaw, looks_at
from lineament.runtime.photograph import load_photograph


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    if find("yunet") is None or find("sface") is None:
        pytest.skip("needs the assets yunet and sface; run: lineament assets fetch")
    return FaceReader.load(threads=1)


@pytest.fixture(scope="module")
def astronaut():
    path = find("astronaut")
    if path is None:
        pytest.skip("needs the asset astronaut; run: lineament assets fetch astronaut")
    return load_photograph(path)


def iou(a, b):
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    shared = np.prod(np.maximum(high - low, 0))
    return shared / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared)


def test_one_face_found_where_it_is(reader, astronaut):
    faces = reader.faces(astronaut)
    assert len(faces) == 1
    assert iou(faces[0].box, np.array([180, 60, 270, 180])) > 0.7
    assert faces[0].score > 0.8 and abs(faces[0].yaw) < np.radians(25)
    assert reader.best(astronaut).embedding.tolist() == faces[0].embedding.tolist()


def test_landmarks_are_the_persons_right_eye_first(reader, astronaut):
    right_eye, left_eye, nose, right_mouth, left_mouth = reader.best(astronaut).landmarks
    assert right_eye[0] < nose[0] < left_eye[0] and right_mouth[0] < left_mouth[0]
    assert right_eye[1] < nose[1] < right_mouth[1]


def test_embedding_survives_size_tilt_and_border(reader, astronaut):
    face = reader.best(astronaut)
    tilted = cv2.warpAffine(astronaut, cv2.getRotationMatrix2D((224, 140), 25, 1.0), (512, 512))
    half = cv2.resize(astronaut, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    large = cv2.resize(astronaut, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    tight = astronaut[60:215, 165:285]
    for picture in (tilted, half, large, tight):
        assert float(reader.best(picture).embedding @ face.embedding) > 0.8


def test_mirrored_photograph_turns_the_yaw(reader, astronaut):
    face, mirrored = reader.best(astronaut), reader.best(astronaut[:, ::-1].copy())
    assert abs(face.yaw + mirrored.yaw) < np.radians(10)
    assert float(face.embedding @ mirrored.embedding) > 0.9


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_on_its_side_or_head_is_the_same_face(reader, astronaut, quarters):
    face, turned = reader.best(astronaut), reader.best(np.rot90(astronaut, quarters).copy())
    assert turned is not None and float(turned.embedding @ face.embedding) > 0.9
    eyes = turned.landmarks[1] - turned.landmarks[0]
    there = np.array([(1, 0), (0, -1), (-1, 0), (0, 1)][quarters])
    assert float(eyes @ there) > 0.9 * float(np.linalg.norm(eyes))


def test_a_turned_picture_is_searched_where_nothing_is_found_upright(reader, astronaut, monkeypatch):
    detector = reader._detector
    (upright,) = detector.detect(astronaut)
    for quarters in (1, 2, 3):
        turned = np.rot90(astronaut, quarters).copy()
        back = np.rot90(np.arange(512 * 512).reshape(512, 512), quarters)
        found = detector.detect_turned(turned)[0]
        column, row = np.floor((found.box[:2] + found.box[2:]) / 2).astype(int)
        y, x = divmod(int(back[row, column]), 512)
        middle = (upright.box[:2] + upright.box[2:]) / 2
        assert np.abs(middle - (x, y)).max() < 10
        monkeypatch.setattr(FaceDetector, "detect", lambda self, image: [])
        assert float(reader.best(turned).embedding @ reader.faces(turned)[0].embedding) > 0.999
        monkeypatch.undo()


def test_a_face_and_its_reflection_have_one_embedding(reader, astronaut):
    matrix = similarity(reader.best(astronaut).landmarks.astype(float), FIVE_POINTS)
    mirror = np.array([[-1.0, 0.0, 112.0], [0.0, 1.0, 0.0]])
    reflected = np.vstack([mirror, [0, 0, 1]]) @ np.vstack([matrix, [0, 0, 1]])
    one, other = reader.embed(astronaut, matrix), reader.embed(astronaut, reflected[:2])
    assert float(one @ other) > 0.999


def test_turned_faces_are_embedded_from_shifted_crops_too(reader, astronaut):
    matrix = reader.best(astronaut).landmarks.astype(float)
    matrix = similarity(matrix, FIVE_POINTS)
    assert len(looks_at(0.2)) == len(looks_at(float("nan"))) == 2 and len(looks_at(-0.9)) == 3
    alone = [
        reader._recogniser.run(None, {"data": crop.transpose(2, 0, 1)[None].astype(np.float32)})[0][0]
        for shift in (-4.0, 0.0, 4.0)
        for crop in [
            warp(astronaut, matrix + np.array([[0, 0, shift], [0, 0, 0]]))[:, :: -1 if shift == 4 else 1]
        ]
    ]
    mean = np.mean([one / np.linalg.norm(one) for one in alone], axis=0)
    assert np.allclose(reader.embed(astronaut, matrix, 0.9), mean / np.linalg.norm(mean), atol=1e-3)


def test_the_smaller_view_is_asked_only_where_it_may_add():
    rows = np.zeros((1, 15), dtype=np.float32)
    rows[0, 2:4], rows[0, 14] = 100.0, 0.9
    assert _settled(rows, 300)
    assert not _settled(rows, 150), "a face that fills the picture"
    rows[0, 14] = 0.7
    assert not _settled(rows, 300) and not _settled(rows[:0], 300)


def test_blurred_and_small_faces_have_less_quality(reader, astronaut):
    sharp = reader.best(astronaut).quality
    small = cv2.resize(astronaut, None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA)
    assert reader.best(cv2.GaussianBlur(astronaut, (0, 0), 5)).quality < sharp
    assert reader.best(small).quality < sharp


def test_several_faces_come_largest_first(reader, astronaut):
    scene = np.zeros((600, 900, 3), dtype=np.uint8)
    scene[:512, :512] = astronaut
    scene[:256, 560:816] = cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA)
    faces = reader.faces(scene)
    assert len(faces) == 2
    assert faces[0].box[0] < 300 < 560 < faces[1].box[0]
    assert float(faces[0].embedding @ faces[1].embedding) > 0.8


def test_a_small_face_in_a_big_photograph(reader, astronaut):
    scene = np.full((3000, 4000, 3), 90, dtype=np.uint8)
    scene[2200:2456, 3300:3556] = cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA)
    face = reader.best(scene)
    assert face is not None and 3350 < face.box[0] < 3450


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (2000, 3), (240, 320)])
def test_nothing_is_found_in_nothing(reader, shape):
    noise = np.random.default_rng(1).integers(90, 110, (*shape, 3), dtype=np.uint8)
    assert reader.faces(noise) == [] and reader.best(noise) is None


def test_texture_that_the_detector_takes_for_a_face_is_not_read(reader, astronaut):
    """Scrambled blocks of a face: the detector, asked to believe anything, finds faces; the aligner does
    not.
    """
    blocks = astronaut[60:188, 160:288].reshape(8, 16, 8, 16, 3).swapaxes(1, 2).reshape(64, 16, 16, 3)
    mixed = np.random.default_rng(0).permutation(blocks).reshape(8, 8, 16, 16, 3).swapaxes(1, 2)
    scene = cv2.resize(mixed.reshape(128, 128, 3), (512, 512))
    face = reader.best(astronaut)
    detection = Detection(face.box, face.landmarks, 0.9)
    assert reader._read(astronaut, detection) is not None
    assert reader._read(scene, detection) is None


@pytest.mark.parametrize(
    ("score", "spread", "seen"),
    [(0.5, 4.9, True), (0.5, 5.1, False), (0.75, 5.1, True), (0.75, 9.9, True), (0.75, 10.1, False)],
)
def test_what_the_aligner_doubts_is_believed_where_the_detector_is_sure(score, spread, seen):
    class Doubtful:
        def align(self, image, five):
            return SimpleNamespace(spread=spread)

    five = np.array([[30, 40], [60, 40], [45, 55], [34, 70], [56, 70]], np.float32)
    detection = Detection(np.array([20, 20, 70, 90], np.float32), five, score)
    assert (believed(Doubtful(), np.zeros((100, 100, 3), np.uint8), detection) is not None) == seen


def test_detector_needs_its_asset(tmp_path, monkeypatch):
    monkeypatch.setenv("LINEAMENT_ASSETS", str(tmp_path))
    monkeypatch.setenv("LINEAMENT_CACHE", str(tmp_path))
    with pytest.raises(Exception, match="lineament assets fetch yunet"):
        FaceDetector.load()


def test_five_points_tell_the_side():
    assert five_point_yaw(FIVE_POINTS) == pytest.approx(0.0, abs=0.05)
    turned = FIVE_POINTS.copy()
    turned[2, 0] -= 10
    assert five_point_yaw(turned) > 0.3
    mirrored = turned[[1, 0, 2, 4, 3]] * (-1, 1)
    assert five_point_yaw(mirrored) == pytest.approx(-five_point_yaw(turned), abs=0.02)


def test_suppression_keeps_the_best_of_overlapping_boxes():
    rows = np.zeros((3, 15), dtype=np.float32)
    rows[:, :4] = [(0, 0, 10, 10), (1, 1, 11, 11), (40, 40, 50, 50)]
    rows[:, 14] = (0.7, 0.9, 0.8)
    assert _suppress(rows)[:, 14].tolist() == pytest.approx([0.9, 0.8])


@pytest.mark.parametrize("length", [100.0, 640.0, 641.0, 1600.0])
def test_tiles_cover_the_whole_length(length):
    starts = _starts(length)
    assert starts[0] <= 0 and starts[-1] + 640 >= length
    assert all(b - a <= 480 for a, b in pairwise(starts))
