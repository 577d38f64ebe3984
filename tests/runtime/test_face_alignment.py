import json

import numpy as np
import pytest

from lineament.errors import BadInputError
from lineament.runtime.face_alignment import VIEW_SIZE, AlignmentTemplate, FaceAligner, view_of
from lineament.runtime.face_crops import FIVE_POINTS, apply, invert, similarity
from lineament.runtime.head_pose import rotation_of

EYE, MOUTH = (0.032, -0.05, 0.03), (0.025, -0.06, -0.04)
SIDE = np.array([-1.0, 1.0, 1.0])
HEAD = np.array([EYE * SIDE, EYE, (0, -0.08, -0.01), MOUTH * SIDE, MOUTH])
MIRRORED = [1, 0, 2, 4, 3]
FIVE = FIVE_POINTS * 2.5 + (40, 30)
"""Landmarks of a face in a photograph."""
IMAGE = np.zeros((300, 300, 3), dtype=np.uint8)


@pytest.fixture
def template():
    return AlignmentTemplate(HEAD, np.ones(5), (0, 1, 2, 3, 4), 1.6, "test")


class Oracle:
    """Stands in for the network: knows where the landmarks of the photograph are, and looks at no pixel.

    Of the mirrored view, the second, it says what a good network does: a mirrored head, whose left is right.
    """

    def __init__(self, landmarks, angles, spread=None):
        self.landmarks, self.rotation = landmarks, rotation_of(*angles)
        self.spread = np.ones(len(landmarks)) if spread is None else spread
        self.visible = np.linspace(0.5, 0.9, len(landmarks))
        self.view = None

    def run(self, outputs, inputs):
        assert inputs["view"].shape == (2, 3, VIEW_SIZE, VIEW_SIZE)
        scale = np.sqrt(np.linalg.det(self.view[:, :2]))
        places = apply(self.view, self.landmarks)
        rows = 2 * (self.view[:, :2] / scale) @ self.rotation[:2]
        found = {
            "landmarks": (places, (places * (-1, 1) + (VIEW_SIZE, 0))[MIRRORED]),
            "spread": (self.spread, self.spread[MIRRORED]),
            "visible": (self.visible, self.visible[MIRRORED]),
            "rotation": (rows, rows * SIDE[:2, None] * SIDE),
        }
        return [np.stack(found[name]).astype(np.float32) for name in outputs]


class Watched(FaceAligner):
    """Tells the oracle through which transform it is asked."""

    def _look(self, image, matrix):
        self._session.view = view_of(matrix, self.template.context)
        return super()._look(image, matrix)


def test_frontal_template_is_the_five_points_and_sides_mirror(template):
    assert np.abs(template.at(0.0) - FIVE_POINTS).max() < 4
    left, right = template.at(0.7, 0.2), template.at(-0.7, 0.2)
    mirrored = left[MIRRORED] * (-1, 1) + (2 * FIVE_POINTS[:, 0].mean(), 0)
    assert np.abs(mirrored - right).max() < 0.5, "the five points are not quite symmetric"
    assert left[2, 0] < FIVE_POINTS[2, 0] < right[2, 0], "the nose points away from the near cheek"
    assert np.allclose(template.at(1.5, -0.4).mean(axis=0), FIVE_POINTS.mean(axis=0))


@pytest.mark.parametrize("angles", [(-1.2, 0.1, 0.0), (0.0, 0.0, 0.6), (0.6, -0.3, -0.2)])
def test_a_rough_start_ends_at_the_template(template, angles):
    rough = FIVE + np.array([[9, -6], [-4, 8], [0, 5], [7, 7], [-8, 3.0]])
    alignment = Watched(Oracle(FIVE, angles), template).align(IMAGE, rough)
    assert (alignment.yaw, alignment.pitch, alignment.roll) == pytest.approx(angles, abs=1e-4)
    assert np.allclose(alignment.five, FIVE, atol=1e-2) and np.allclose(alignment.landmarks, FIVE, atol=1e-2)
    assert np.allclose(alignment.matrix, similarity(FIVE, template.at(angles[0])), atol=1e-3)
    assert np.allclose(alignment.visible, np.linspace(0.5, 0.9, 5), atol=1e-6)


def test_spreads_are_pixels_of_the_aligned_crop(template):
    spread = np.array([1, 2, 3, 4, 5.0])
    alignment = Watched(Oracle(FIVE, (0, 0, 0), spread), template).align(IMAGE, FIVE)
    assert np.allclose(alignment.spreads, spread * 1.6 * 112 / VIEW_SIZE)
    assert alignment.spread == pytest.approx(3 * 1.6 * 112 / VIEW_SIZE)


def test_unsure_landmarks_hardly_count(template):
    wrong = FIVE.copy()
    wrong[2] += 40
    spread = np.array([1, 1, 1000, 1, 1.0])
    alignment = Watched(Oracle(wrong, (0, 0, 0), spread), template).align(IMAGE, FIVE)
    sure = [0, 1, 3, 4]
    assert np.abs(apply(alignment.matrix, FIVE) - template.at(0.0))[sure].max() < 3


def test_pose_of_a_known_camera(template):
    rotation = rotation_of(0.3, 0.1, 0.05)
    local = HEAD @ rotation.T + (0.1, 0.05, 1.2)
    pixels = local[:, :2] / local[:, 2:] * 500 + 150
    alignment = Watched(Oracle(pixels, (0.3, 0.1, 0.05)), template).align(IMAGE, pixels)
    pose = alignment.pose(np.array([500.0, 150, 150]))
    assert np.allclose(pose.translation, (0.1, 0.05, 1.2), atol=0.01)
    assert np.allclose(pose.rotation, rotation, atol=0.02)
    assert alignment.pose().focal == pytest.approx(360), "without intrinsics a usual lens is taken"


def test_views_share_the_centre_of_the_crop():
    matrix = similarity(FIVE, FIVE_POINTS)
    wide = view_of(matrix, 1.5)
    middle = apply(invert(matrix), np.array([[56.0, 56.0]]))
    assert np.allclose(apply(wide, middle), VIEW_SIZE / 2)
    assert np.allclose(wide[:, :2] * (1.5 * 112 / VIEW_SIZE), matrix[:, :2])


FLAT = {"head": [[0, 0]], "weights": [1], "five": [0], "context": 1, "revision": ""}


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps(FLAT)])
def test_a_folder_that_is_no_weights_folder(tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(BadInputError, match="not a folder of face alignment weights"):
        AlignmentTemplate.load(tmp_path)
