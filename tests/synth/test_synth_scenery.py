from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.train
pytest.importorskip("warp")

from lineament.geometry.camera import Camera  # noqa: E402
from lineament.render.light import harmonics  # noqa: E402
from lineament.synth.background import KINDS, BackgroundSettings, paint  # noqa: E402
from lineament.synth.lighting import KINDS as LIGHTS  # noqa: E402
from lineament.synth.lighting import LightSettings, light  # noqa: E402
from lineament.synth.panorama import from_radiance, panoramas, turned  # noqa: E402
from lineament.synth.seeds import generator  # noqa: E402


def looking(azimuth: float, size: tuple[int, int] = (48, 32)) -> Camera:
    return Camera.looking_at(
        np.array([0.0, 0.0, 1.0]),
        azimuth=azimuth,
        elevation=0.0,
        distance=3.0,
        focal=60.0,
        width=size[1],
        height=size[0],
    )


def marked():
    """Black but for a white wall in the panorama's middle, which lies towards +y."""
    radiance = np.full((64, 128, 3), 0.05, dtype=np.float32)
    radiance[24:40, 60:68] = 1.0
    return from_radiance("marked", radiance)


def test_a_camera_in_front_of_the_person_sees_what_lies_towards_plus_y():
    # Azimuth 0: the camera stands at -y and looks along +y.
    ahead = marked().see(0.0, looking(0.0))
    behind = marked().see(0.0, looking(np.pi))
    assert ahead[20:28, 14:18].mean() > 5 * behind.max()


def test_scenery_turns_with_its_light():
    panorama = marked()
    angle = 0.7
    # The camera turned with the panorama sees the same picture.
    assert panorama.see(angle, looking(angle)) == pytest.approx(panorama.see(0.0, looking(0.0)), abs=1e-3)
    rng = np.random.default_rng(0)
    normals = rng.standard_normal((50, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    c, s = np.cos(angle), np.sin(angle)
    moved = normals @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    still = harmonics(normals) @ panorama.light.ambient
    assert harmonics(moved) @ turned(panorama.light.ambient, angle) == pytest.approx(still, abs=1e-4)
    ahead = panorama.turned_light(angle).sun_direction
    assert ahead == pytest.approx(
        panorama.light.sun_direction @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]), abs=1e-5
    )


def test_broken_suns_do_not_colour_the_scene():
    radiance = np.full((32, 64, 3), 0.5, dtype=np.float32)
    radiance[5, 7] = (1.0, 1.0, 50000.0)
    red, _, blue = from_radiance("broken", radiance).light.ambient[0]
    assert blue < 1.2 * red


def test_panoramas_have_unit_brightness_and_no_spikes():
    for panorama in panoramas()[:6]:
        assert np.isfinite(panorama.radiance).all() and panorama.radiance.min() >= 0
        assert panorama.radiance.mean() < 3 and panorama.radiance.max() < 200


@pytest.mark.parametrize("kind", KINDS)
def test_backgrounds_are_finite_and_depend_on_their_seed(kind):
    settings = replace(BackgroundSettings.sample(generator(1, "b")), kind=kind, blur=0.0)
    camera, panorama = looking(0.3), panoramas()[0]
    first = paint(settings, panorama, 0.0, camera)
    assert first.shape == (48, 32, 3) and first.dtype == np.float32
    assert np.isfinite(first).all() and first.min() > -0.2
    assert (paint(settings, panorama, 0.0, camera) == first).all()
    other = paint(replace(settings, seed=settings.seed + 1), panorama, 0.0, camera)
    assert kind == "panorama" or (other != first).any()


@pytest.mark.parametrize("kind", LIGHTS)
def test_every_light_is_valid(kind):
    rng = generator(2, "light")
    for _ in range(10):
        made = light(replace(LightSettings.sample(rng), kind=kind), looking(1.0))
        assert np.linalg.norm(made.sun_direction) == pytest.approx(1.0, abs=1e-4)
        assert (made.sun_colour >= 0).all() and np.isfinite(made.ambient).all()


def test_a_flash_comes_from_the_camera():
    settings = replace(LightSettings.sample(generator(3, "f")), kind="flash", azimuth=0.0, elevation=0.0)
    camera = looking(1.1)
    towards = light(settings, camera).sun_direction
    assert towards @ camera.R[2] == pytest.approx(-1.0, abs=1e-4)
