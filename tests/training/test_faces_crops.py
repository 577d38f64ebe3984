from types import SimpleNamespace

import numpy as np
import pytest

from lineament.assets import find
from lineament.evaluation.datasets.dataset import Record
from lineament.runtime.detector import Detection
from lineament.runtime.face_crops import FIVE_POINTS, apply, similarity
from lineament.runtime.faces import FaceReader

torch = pytest.importorskip("torch")
pytest.importorskip("anny")

from lineament.training.faces import features  # noqa: E402
from lineament.training.faces.appearance import changed  # noqa: E402
from lineament.training.faces.crops import aligned, measure, misplaced_crop, true_matrix  # noqa: E402
from lineament.training.faces.deep import DeepSFace, Neck  # noqa: E402
from lineament.training.faces.features import Cutter, draw, first_of_each  # noqa: E402
from lineament.training.faces.photographs import Photographs, templates  # noqa: E402
from lineament.training.head_pictures import HeadPictures  # noqa: E402

pytestmark = pytest.mark.train


class Template:
    """Stands in for the aligner's: the five points, moved sideways as the face turns."""

    head, weights, five, revision = np.zeros((5, 3)), np.ones(5), tuple(range(5)), "test"

    def at(self, yaw, pitch=0.0):
        return FIVE_POINTS + np.array([6.0 * np.sin(yaw), 0.0])


@pytest.fixture
def template():
    return Template()


class Shifting:
    """An aligner that is always two pixels too far to the right and 0.1 too far to the left."""

    def __init__(self, template):
        self.template = template

    def align(self, image, five):
        yaw = float(np.median(image[0, 0]) / 100 - 1)
        matrix = similarity(image[1, :5, :2].astype(np.float64), self.template.at(yaw))
        matrix[0, 2] += 2.0
        return SimpleNamespace(matrix=matrix, five=five, yaw=yaw + 0.1)


@pytest.fixture
def pictures(template):
    """Pictures that carry their landmarks and yaw in their first pixels, for the aligner above."""
    rng = np.random.default_rng(0)
    yaws = rng.uniform(-0.9, 0.9, 12).round(2)
    images = rng.integers(0, 255, (12, 160, 160, 3)).astype(np.uint8)
    points = np.stack([(template.at(yaw) + 20).round() for yaw in yaws])
    images[:, 0, 0] = np.round((yaws[:, None] + 1) * 100)
    images[:, 1, :5, :2] = points
    angles = np.stack([yaws, 0 * yaws, 0 * yaws], axis=1).astype(np.float32)
    who = np.repeat(np.arange(4), 3).astype(np.int32)
    return HeadPictures(images, points.astype(np.float32), np.ones((12, 5), bool), angles, who)


def test_measured_errors_come_back_in_crops(pictures, template):
    aligner, rng = Shifting(template), np.random.default_rng(1)
    errors = measure(pictures, np.arange(12), aligner, rng)
    np.testing.assert_allclose(errors.told - errors.yaws, 0.1, atol=0.01)
    for move in errors.moves:
        np.testing.assert_allclose(apply(move, FIVE_POINTS) - FIVE_POINTS, [[2.0, 0.0]] * 5, atol=0.05)
    for index in range(12):
        yaw = float(pictures.angles[index, 0])
        move, told = errors.draw(yaw, rng)
        side = apply(move, FIVE_POINTS)[0, 0] - FIVE_POINTS[0, 0]
        assert abs(abs(side) - 2) < 0.05 and abs(abs(told - yaw) - 0.1) < 0.01
        assert (side > 0) == (told > yaw), "a mirrored error has the other sign in place and yaw"
    crop, _ = misplaced_crop(pictures, 0, template, errors, rng)
    assert crop.shape == (112, 112, 3)


def test_exact_matrices_put_landmarks_where_the_template_has_them(pictures, template):
    for index in range(4):
        there = apply(true_matrix(pictures, index, template), pictures.landmarks[index].astype(float))
        np.testing.assert_allclose(there, template.at(float(pictures.angles[index, 0])), atol=0.6)
    matrix, yaw = aligned(pictures, 0, Shifting(template), np.random.default_rng(0))
    assert matrix.shape == (2, 3) and yaw == pytest.approx(pictures.angles[0, 0] + 0.1, abs=0.01)


def test_changed_crops_keep_their_form_and_differ():
    rng = np.random.default_rng(0)
    crop = (np.indices((112, 112)).sum(axis=0)[..., None].repeat(3, axis=2)).astype(np.uint8)
    looks = [changed(crop, rng) for _ in range(40)]
    assert all(one.shape == crop.shape and one.dtype == np.uint8 for one in looks)
    grey = [np.ptp(one.astype(int), axis=2).max() <= 6 for one in looks]
    assert 2 < sum(grey) < 30
    assert np.mean([np.abs(one.astype(int) - crop).mean() for one in looks]) > 15


def test_a_neck_keeps_the_leading_channels(monkeypatch):
    rng = np.random.default_rng(0)
    told = rng.normal(size=(6, 3, 7, 7)).astype(np.float32) * np.array([3.0, 2.0, 1.0])[:, None, None]
    spread = np.linalg.qr(rng.normal(size=(1024, 3)))[0].T.astype(np.float32)
    maps = np.einsum("nchw,cd->ndhw", told, spread) + 0.5
    neck = Neck.fit(maps.astype(np.float32), 3)
    assert neck.share == pytest.approx(1.0, abs=1e-3) and neck.channels == 3
    kept = neck(maps.astype(np.float32)).astype(np.float32)
    assert (kept**2).mean() == pytest.approx(1.0, abs=0.02)
    assert kept[:, 0].std() > kept[:, 1].std() > kept[:, 2].std()


def test_the_first_pictures_of_the_first_people_are_taken():
    np.testing.assert_array_equal(first_of_each(np.array([3, 3, 3, 5, 5, 8]), 2, 2), [0, 1, 3, 4])


class Looking:
    """Stands in for SFace: the mean colour, and no map to speak of."""

    def __init__(self):
        self.crops = 0

    def look(self, crops):
        self.crops += len(crops)
        base = np.zeros((len(crops), 128), np.float32)
        base[:, :3] = crops.mean(axis=(1, 2))
        return base, np.ones((len(crops), 1024, 7, 7), np.float32)


def test_shards_are_made_once_and_go_on(pictures, template, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "SHARD", 5)
    looking = Looking()
    cutter = Cutter(pictures, Shifting(template), looking, 3)
    neck = Neck(np.full((2, 1024), 0.1, np.float32), np.zeros(1024, np.float32), 1.0)
    errors = cutter.misplacements(np.arange(4))
    chosen = np.arange(6, dtype=np.int32)
    made = draw(tmp_path, cutter, neck, errors, chosen, lambda _: None, looks=2)
    assert len(made) == 12 and looking.crops == 12
    np.testing.assert_array_equal(made.person, np.tile(pictures.people[:6], 2))
    assert (made.base[:6] != made.base[6:]).any(axis=1).all(), "the second look is another one"
    again = draw(tmp_path, cutter, neck, errors, chosen, lambda _: None, looks=2)
    np.testing.assert_array_equal(made.base, again.base)
    assert looking.crops == 12
    judged = draw(tmp_path, cutter, neck, None, chosen, lambda _: None)
    assert looking.crops == 18 and judged.features.shape == (6, 2, 7, 7)
    np.testing.assert_allclose(judged.yaw, judged.true_yaw + 0.1, atol=0.01)


def test_photographs_are_embedded_as_the_product_does(tmp_path):
    """The crops that were kept give the reader's own embedding, from the file the second time."""
    path = find("sface")
    if path is None:
        pytest.skip("needs the asset sface; run: lineament assets fetch sface")
    from PIL import Image

    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (150, 150, 3)).astype(np.uint8)).save(tmp_path / "a.png")
    box = np.array([10, 10, 120, 120], np.float32)
    found = Detection(box, (FIVE_POINTS + 15).astype(np.float32), 0.9)
    detector = SimpleNamespace(detect=lambda image: [found], detect_turned=lambda image: [])
    deep = DeepSFace(path)
    reader = FaceReader(detector, deep, None)
    neck = Neck(np.full((2, 1024), 0.1, np.float32), np.zeros(1024, np.float32), 1.0)
    record = Record("a", tmp_path / "a.png", "a")
    (tmp_path / "kept").mkdir()
    first = Photographs(reader, deep, neck, tmp_path / "kept").crops(record)
    expected = reader.best(np.asarray(Image.open(tmp_path / "a.png"))).embedding
    deep.taken()
    assert len(first.faces.base) > 1
    np.testing.assert_allclose(templates([first], lambda faces, yaw: faces.base)[0], expected, atol=1e-5)
    second = Photographs(SimpleNamespace(model=reader.model), deep, neck, tmp_path / "kept").crops(record)
    np.testing.assert_array_equal(first.faces.base, second.faces.base)
