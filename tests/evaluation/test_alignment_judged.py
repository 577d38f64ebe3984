from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from lineament.cli.evaluate_alignment import alignment
from lineament.errors import BadInputError
from lineament.evaluation.alignment import fiducial_spread, pose_and_landmarks, scattered

MARKS = np.random.default_rng(0).uniform(20, 90, (30, 2))
MARKS[18:24, 0] = 5.0


@pytest.fixture
def cfp_folder(tmp_path):
    """Two people, two frontal pictures and one profile each; the second person looks the other way."""
    (tmp_path / "protocol").mkdir()
    lists = {"F": [], "P": []}
    for person in ("001", "002"):
        for kind, view, count in (("F", "frontal", 2), ("P", "profile", 1)):
            for number in range(1, count + 1):
                place = f"images/{person}/{view}/{number:02d}.jpg"
                path, points = tmp_path / place, tmp_path / place.replace("images", "fiducials")
                path.parent.mkdir(parents=True, exist_ok=True)
                points.parent.mkdir(parents=True, exist_ok=True)
                lists[kind].append(place)
                level = 40 * len(lists["F"]) + 9 * len(lists["P"])
                cv2.imwrite(str(path), np.full((120, 120, 3), level, np.uint8))
                marks = MARKS * (-1, 1) + (112, 0) if (view, person) == ("profile", "002") else MARKS
                np.savetxt(points.with_suffix(".txt"), marks + 10 * number, delimiter=",")
    for kind, places in lists.items():
        rows = [f"{number} ../{place}" for number, place in enumerate(places, 1)]
        (tmp_path / f"protocol/image_list_{kind}.txt").write_text("\n".join(rows))
    for protocol, pairs in {"FF": "1,3\n2,4\n", "FP": "1,1\n3,2\n"}.items():
        for fold in ("01", "02", "03"):
            (tmp_path / f"protocol/{protocol}/{fold}").mkdir(parents=True)
            for name in ("same", "diff"):
                (tmp_path / f"protocol/{protocol}/{fold}/{name}.txt").write_text(pairs)
    return tmp_path


class Shifting:
    """Aligns by moving the picture back by 10 pixels, whatever is shown."""

    def __init__(self, shift=10.0, faces=()):
        self.matrix = np.array([[1.0, 0, -shift], [0, 1, -shift]])
        self.found = list(faces)

    def best(self, image):
        return SimpleNamespace(matrix=self.matrix)

    def faces(self, image):
        return [SimpleNamespace(alignment=one) for one in self.found]


def test_scatter_by_hand():
    places = np.zeros((2, 1, 2))
    places[1, 0] = (6, 8)
    assert scattered(places).value == pytest.approx(5.0), "both lie five pixels from the middle"


def test_points_that_fall_together_do_not_scatter(cfp_folder):
    figures = fiducial_spread(cfp_folder, Shifting())
    # frontal: first pictures at 0, second at +10 after the shift: 5 off the mean in x and y
    assert figures["frontal spread"].value == pytest.approx(np.sqrt(50))
    assert figures["profile spread"].value == pytest.approx(0, abs=1e-9), "profiles are turned to one side"
    assert figures["frontal aligned"].cases == 4 and figures["profile aligned"].value == 1.0


def test_without_any_face(cfp_folder):
    blind = SimpleNamespace(best=lambda image: None)
    with pytest.raises(BadInputError, match="no face was found in the frontal pictures"):
        fiducial_spread(cfp_folder, blind)


def test_points_that_are_missing(cfp_folder):
    next((cfp_folder / "fiducials").rglob("*.txt")).write_text("1,2\n")
    with pytest.raises(BadInputError, match="expected 30"):
        fiducial_spread(cfp_folder, Shifting())


def test_pose_and_landmarks_of_a_known_face(tmp_path):
    points = np.random.default_rng(1).uniform(30, 90, (68, 2))
    points[0], points[1] = (20, 20), (100, 100)
    pose = np.radians([[-20.0, 30.0, 0.0, 0, 0, 0, 0]])
    cv2.imwrite(str(tmp_path / "image00001.jpg"), np.zeros((120, 120, 3), np.uint8))
    savemat(tmp_path / "image00001.mat", {"Pose_Para": pose, "pt3d_68": np.vstack([points.T, np.zeros(68)])})
    seen = SimpleNamespace(landmarks=points + np.array([3, 4]), yaw=np.radians(32.0), pitch=0.3, roll=0.0)
    elsewhere = SimpleNamespace(landmarks=points + 70, yaw=0.0, pitch=0.0, roll=0.0)
    figures = pose_and_landmarks(tmp_path, Shifting(faces=(elsewhere, seen)))
    assert figures["landmark error per cent of the face"].value == pytest.approx(100 * 5 / 80)
    # turned by the yaw first, then by the pitch about the picture's axis: the yaw seen by us is a little less
    assert figures["yaw error"].value < 4
    assert figures["pitch error"].value < 4, "looking up is positive there, seen from above positive here"


def test_a_damaged_folder_is_refused_in_one_line(cfp_folder):
    for fold in (cfp_folder / "protocol").rglob("*.txt"):
        fold.write_text("1 2 nothing")
    with pytest.raises(BadInputError, match="cannot be read as cfp"):
        alignment("cfp", cfp_folder)
