import numpy as np
import pytest

pytestmark = pytest.mark.train
pytest.importorskip("warp")

from lineament.humans.body import BodyModel  # noqa: E402
from lineament.synth.heads import HeadStream  # noqa: E402
from lineament.synth.landmarks import FIVE_POINTS, IBUG_68, LANDMARKS  # noqa: E402
from lineament.synth.people import People  # noqa: E402
from lineament.synth.preview import head_sheet  # noqa: E402

NAMES = list(LANDMARKS)


@pytest.fixture(scope="module")
def heads():
    stream = HeadStream(9, People.load(6, 5))
    return [stream.sample(index) for index in range(24)]


def test_shapes_ranges_and_people(heads):
    for head in heads:
        assert head.image.shape == (160, 160, 3) and head.image.dtype == np.uint8
        assert head.landmarks2d.shape == (len(LANDMARKS), 2) and head.visible.shape == (len(LANDMARKS),)
        assert abs(head.yaw) <= np.radians(100) and abs(head.pitch) <= np.radians(30)
    assert len({head.person for head in heads}) > 2
    assert np.ptp([head.yaw for head in heads]) > np.radians(120)


def test_determinism(heads):
    again = HeadStream(9, People.load(6, 5)).sample(7)
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
    assert len(set(LANDMARKS.values())) == len(LANDMARKS)
    pairs = [(k, 16 - k) for k in range(8)] + [(36, 45), (39, 42), (48, 54), (31, 35), (17, 26), (21, 22)]
    for a, b in pairs:
        assert model.mirror[IBUG_68[a]] == IBUG_68[b]
        assert model.canonical[IBUG_68[a], 0] < 0
    for name in FIVE_POINTS:
        assert name in LANDMARKS


def test_frontal_heads_show_their_nose_and_hide_what_is_behind(heads):
    nose = NAMES.index("ibug_30")
    clear = [head for head in heads if head.covariates.occlusion.kind == "none"]
    inside = [((h.landmarks2d[nose] > 0) & (h.landmarks2d[nose] < 160)).all() for h in clear]
    assert np.mean([h.visible[nose] for h, i in zip(clear, inside, strict=True) if i]) > 0.8
    turned = [head for head in clear if abs(head.yaw) > 1.2]
    for head in turned:
        far = "right" if head.yaw > 0 else "left"
        assert not head.visible[NAMES.index(f"{far}_ear_back")]


def test_a_sheet_can_be_drawn(heads):
    assert head_sheet(heads[:3], columns=2).shape == (320, 320, 3)
