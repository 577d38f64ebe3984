import cv2
import numpy as np
import pytest

pytestmark = pytest.mark.train
pytest.importorskip("warp")

from lineament.humans.body import BodyModel  # noqa: E402
from lineament.synth import head_figures  # noqa: E402
from lineament.synth.head_places import MIRROR, NAMED, VERTICES, head_origin, mean_places  # noqa: E402
from lineament.synth.heads import SIZE, HeadStream  # noqa: E402
from lineament.synth.landmarks import FIVE_POINTS, IBUG_68, LANDMARKS  # noqa: E402
from lineament.synth.people import People  # noqa: E402
from lineament.synth.preview import head_sheet  # noqa: E402

NAMES = list(LANDMARKS)
SKULL = [n for n, name in enumerate(LANDMARKS) if name in ("forehead", "crown", "ibug_27", "ibug_28")]


@pytest.fixture(scope="module")
def people():
    return People.load(6, 5)


@pytest.fixture(scope="module")
def heads(people):
    stream = HeadStream(9, people, views=6)
    return [stream.sample(index) for index in range(36)]


def projected(head, places):
    """Places (L, 3) of the head's frame in the picture of a sample."""
    local = places @ head.rotation.T + head.translation
    return local[:, :2] / local[:, 2:] * head.camera.K[0, 0] + head.camera.K[:2, 2]


def test_shapes_ranges_and_people(heads):
    for head in heads:
        assert head.image.shape == (SIZE, SIZE, 3) and head.image.dtype == np.uint8
        assert head.landmarks2d.shape == (len(VERTICES), 2) and head.visible.shape == (len(VERTICES),)
        assert abs(head.yaw) <= np.radians(100) and abs(head.pitch) <= np.radians(40)
    assert [head.person for head in heads] == [index // 6 for index in range(36)]
    assert np.ptp([head.yaw for head in heads]) > np.radians(120)
    assert len({head.covariates.outfit for head in heads[:6]}) > 1, "several looks of a person"


def test_determinism_whatever_came_before(heads, people):
    again = HeadStream(9, people, views=6).sample(7)
    assert (again.image == heads[7].image).all() and (again.landmarks2d == heads[7].landmarks2d).all()


def test_yaw_has_the_sign_of_the_vocabulary(heads):
    """Positive yaw shows the person's left cheek."""
    left, right = NAMES.index("left_ear_back"), NAMES.index("right_ear_back")
    for head in heads:
        if abs(head.yaw) > 0.3:
            nose, ears = head.landmarks2d[NAMES.index("ibug_30")], head.landmarks2d[[left, right]]
            upright = np.array([np.cos(head.roll), np.sin(head.roll)])
            away = (nose - ears.mean(axis=0)) @ upright
            # The left cheek towards the camera puts the nose on the picture's left.
            assert np.sign(away) == -np.sign(head.yaw)


def test_landmarks_are_mirror_symmetric_vertices():
    model = BodyModel.load()
    assert len(set(VERTICES.tolist())) == len(VERTICES) == 248
    assert VERTICES[:NAMED].tolist() == list(LANDMARKS.values())
    assert (MIRROR[MIRROR] == np.arange(len(MIRROR))).all()
    there = mean_places()[MIRROR] * (-1, 1, 1)
    # A few of the named vertices are the nearest ones of an uneven mesh.
    assert np.abs(there - mean_places()).max() < 0.003
    assert (model.mirror[VERTICES[NAMED:]] == VERTICES[MIRROR[NAMED:]]).all()
    for name in FIVE_POINTS:
        assert name in LANDMARKS
    assert (model.canonical[list(IBUG_68[:8]), 0] < 0).all()


def test_dense_places_lie_evenly():
    places = mean_places()
    apart = np.linalg.norm(places[NAMED:, None] - places[None], axis=2)
    nearest = np.partition(apart, 1, axis=1)[:, 1]
    assert nearest.min() > 0.012 and nearest.max() < 0.036
    assert np.abs(places.mean(axis=0)).max() < 1e-6


def test_the_pose_projects_a_neutral_head_onto_its_landmarks(monkeypatch, people):
    monkeypatch.setattr(head_figures, "sample_expression", lambda _: {})
    stream = HeadStream(9, people, views=6)
    for index in (0, 7, 13):
        head = stream.sample(index)
        rest = people.body(head.person).vertices
        own = rest[VERTICES] - head_origin(rest)
        errors = np.linalg.norm(projected(head, own) - head.landmarks2d, axis=1)
        size = np.ptp(head.landmarks2d[:NAMED], axis=0).max()
        assert errors[SKULL].max() < 0.01 * size and np.median(errors) < 0.02 * size
        average = np.linalg.norm(projected(head, mean_places()) - head.landmarks2d, axis=1)
        assert np.median(average) < 0.08 * size


def test_the_pose_is_found_again_from_the_landmarks(heads):
    for head in heads[:12]:
        # Iterative solvers find the mirrored pose where perspective is weak.
        found, turn, move = cv2.solvePnP(
            mean_places(),
            head.landmarks2d.astype(np.float64),
            head.camera.K,
            None,
            flags=cv2.SOLVEPNP_SQPNP,
        )
        angle = np.arccos(np.clip((np.trace(cv2.Rodrigues(turn)[0].T @ head.rotation) - 1) / 2, -1, 1))
        assert found and np.degrees(angle) < 12
        assert abs(move[2, 0] - head.translation[2]) < 0.15 * head.translation[2]


def test_frontal_heads_show_their_nose_and_hide_what_is_behind(heads):
    nose = NAMES.index("ibug_30")
    clear = [
        head
        for head in heads
        if head.covariates.occlusion.kind == "none" and "mask" not in head.covariates.outfit
    ]
    inside = [((h.landmarks2d[nose] > 0) & (h.landmarks2d[nose] < SIZE)).all() for h in clear]
    assert np.mean([h.visible[nose] for h, i in zip(clear, inside, strict=True) if i]) > 0.75
    turned = [head for head in clear if abs(head.yaw) > 1.2]
    for head in turned:
        far = "right" if head.yaw > 0 else "left"
        assert not head.visible[NAMES.index(f"{far}_ear_back")]


def test_a_sheet_can_be_drawn(heads):
    assert head_sheet(heads[:3], columns=2).shape == (320, 320, 3)
