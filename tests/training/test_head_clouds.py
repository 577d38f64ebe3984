import numpy as np
import pytest

pytest.importorskip("anny")
pytest.importorskip("warp")

from lineament.errors import BadInputError
from lineament.synth.people import People
from lineament.synth.reserved import RESERVED
from lineament.training.head_clouds import EYES, PLACES, head_clouds

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def clouds(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINEAMENT_CACHE", str(tmp_path_factory.mktemp("cache")))
        made = head_clouds(3, seed=5)
        assert (made.done == 1).all()
        again = head_clouds(3, seed=5)
        assert np.array_equal(again.points, made.points) and np.array_equal(again.colours, made.colours)
        yield made


def test_shapes_and_units(clouds):
    assert clouds.points.shape == clouds.normals.shape == clouds.colours.shape == (3, PLACES, 3)
    assert clouds.canonical.shape == (PLACES, 3) and clouds.grid.shape == (PLACES, 2)
    assert np.allclose(np.linalg.norm(clouds.normals, axis=2), 1, atol=1e-3)
    assert clouds.colours.min() >= 0 and clouds.colours.max() <= 1
    assert np.abs(clouds.grid).max() <= 1.001
    assert len(np.unique(clouds.canonical.round(6), axis=0)) == PLACES
    # A head is about 15 cm wide and 25 cm high.
    assert (np.ptp(clouds.points, axis=1) > (0.12, 0.15, 0.18)).all()
    assert (np.ptp(clouds.points, axis=1) < (0.22, 0.30, 0.33)).all()


def test_normals_look_outwards_and_people_differ(clouds):
    away = clouds.canonical - clouds.canonical.mean(axis=0)
    out = (clouds.normals[0] * away / np.linalg.norm(away, axis=1, keepdims=True)).sum(axis=1)
    assert (out > 0).mean() > 0.9
    apart = np.linalg.norm(clouds.points[0] - clouds.points[1], axis=1)
    assert 0.001 < apart.mean() < 0.02
    assert (clouds.points[:, :, 1].min(axis=1) < -0.08).all(), "the nose looks along -y"


def test_places_are_the_same_of_everybody(clouds):
    near = np.linalg.norm(clouds.points - clouds.canonical, axis=2)
    assert np.median(near) < 0.01


def test_pupils_are_dark_and_the_skin_is_the_persons(clouds):
    first = PLACES - EYES
    for pupil in (first, first + EYES // 2):
        assert (clouds.colours[:, pupil] < 0.1).all()
    looks = People.load(3, 5)
    for person in range(3):
        skin = looks.identity_look(person).skin_texture.reshape(-1, 3).mean(axis=0) / 255
        assert np.abs(np.median(clouds.colours[person, :first], axis=0) - skin).max() < 0.3


def test_people_kept_for_evaluation_are_refused():
    with pytest.raises(BadInputError, match="kept for evaluation"):
        head_clouds(1, RESERVED[0])
