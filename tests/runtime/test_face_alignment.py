import numpy as np
import pytest

from lineament.errors import BadInputError
from lineament.runtime.face_alignment import Alignment, AlignmentTemplate, FaceAligner, widened
from lineament.runtime.face_crops import FIVE_POINTS, apply, invert, similarity
from lineament.runtime.head_pose import rotation_of

YAWS = np.radians([-90.0, 0.0, 90.0])
TABLE = np.stack([FIVE_POINTS * (0.5, 1) + (35, 0), FIVE_POINTS, FIVE_POINTS * (0.5, 1) + (20, 0)])
EYE, MOUTH = (0.032, -0.05, 0.03), (0.025, -0.06, -0.04)
SIDE = np.array([-1.0, 1.0, 1.0])
HEAD = np.array([EYE * SIDE, EYE, (0, -0.08, -0.01), MOUTH * SIDE, MOUTH])
FIVE = FIVE_POINTS * 2.5 + (40, 30)
"""Landmarks of a face in a photograph."""


@pytest.fixture
def template():
    return AlignmentTemplate(YAWS, TABLE, np.ones((3, 5)), (0, 1, 2, 3, 4), 1.3, "test", HEAD)


class Oracle:
    """Stands in for the network: knows where the landmarks of the photograph are, and looks at no pixel."""

    def __init__(self, landmarks, yaw, spread=None):
        self.landmarks, self.yaw = landmarks, yaw
        self.spread = np.ones(5) if spread is None else spread
        self.views = []

    def run(self, outputs, inputs):
        assert inputs["crop"].shape == (1, 3, 112, 112)
        direction = np.array([[3 * np.sin(self.yaw), 3 * np.cos(self.yaw)]], dtype=np.float32)
        return [
            self.landmarks_in_view[None].astype(np.float32),
            self.spread[None].astype(np.float32),
            direction,
        ]


class Watched(FaceAligner):
    """Tells the oracle through which transform it is asked."""

    def _look(self, image, matrix):
        view = widened(matrix, self.template.context)
        self._session.landmarks_in_view = apply(view, self._session.landmarks)
        return super()._look(image, matrix)


IMAGE = np.zeros((300, 300, 3), dtype=np.uint8)


def test_between_grid_yaws_the_template_is_linear(template):
    places, weights = template.at(np.radians(45))
    assert np.allclose(places, (TABLE[1] + TABLE[2]) / 2) and np.allclose(weights, 1)
    assert np.allclose(template.at(3.0)[0], TABLE[2]) and np.allclose(template.at(-3.0)[0], TABLE[0])


@pytest.mark.parametrize("yaw", [-1.2, 0.0, 0.6])
def test_a_rough_start_ends_at_the_template(template, yaw):
    rough = FIVE + np.array([[9, -6], [-4, 8], [0, 5], [7, 7], [-8, 3.0]])
    alignment = Watched(Oracle(FIVE, yaw), template).align(IMAGE, rough)
    assert alignment.yaw == pytest.approx(yaw, abs=1e-5)
    assert np.allclose(alignment.five, FIVE, atol=1e-2)
    assert np.allclose(alignment.matrix, similarity(FIVE, template.at(yaw)[0]), atol=1e-3)


def test_unsure_landmarks_hardly_count(template):
    wrong = FIVE.copy()
    wrong[2] += 40
    spread = np.array([1, 1, 1000, 1, 1.0])
    alignment = Watched(Oracle(wrong, 0.0, spread), template).align(IMAGE, FIVE)
    assert np.abs(apply(alignment.matrix, FIVE) - FIVE_POINTS).max() < 0.1


@pytest.mark.parametrize("angles", [(0.3, 0.1, 0.05), (-0.8, -0.2, 0.5), (1.4, 0.1, -0.1)])
def test_pose_of_a_known_camera(template, angles):
    rotation = rotation_of(*angles)
    local = HEAD @ rotation.T + (0.1, 0.05, 1.2)
    pixels = local[:, :2] / local[:, 2:] * 500 + 150
    alignment = Watched(Oracle(pixels, angles[0]), template).align(IMAGE, pixels)
    assert np.allclose(alignment.landmarks, pixels, atol=0.01) and alignment.spreads.shape == (5,)
    pose = alignment.pose(np.array([500.0, 150, 150]))
    assert np.allclose(pose.translation, (0.1, 0.05, 1.2), atol=0.02)
    assert pose.angles == pytest.approx(angles, abs=0.02)
    assert alignment.pose().focal == pytest.approx(360), "without intrinsics a usual lens is taken"


def test_no_pose_without_landmarks():
    with pytest.raises(ValueError, match="does not tell"):
        Alignment(np.zeros((2, 3)), FIVE, 0.0, 1.0).pose()


def test_widened_views_share_the_centre():
    matrix = similarity(FIVE, FIVE_POINTS)
    wide = widened(matrix, 1.5)
    middle = apply(invert(matrix), np.array([[56.0, 56.0]]))
    assert np.allclose(apply(wide, middle), 56) and np.allclose(wide[:, :2] * 1.5, matrix[:, :2])


@pytest.mark.parametrize("content", ["", "{}", '{"yaws": [0, "x"]}', "[]"])
def test_a_folder_that_is_no_weights_folder(tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(BadInputError, match="not a folder of face alignment weights"):
        AlignmentTemplate.load(tmp_path)
