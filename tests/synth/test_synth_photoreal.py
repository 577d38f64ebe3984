"""Mitsuba's colour against the rasteriser's: the same camera, silhouettes, textures and light."""

import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest

pytestmark = pytest.mark.train
pytest.importorskip("warp")

import trimesh  # noqa: E402

from lineament.errors import BadInputError  # noqa: E402
from lineament.geometry.camera import Camera  # noqa: E402
from lineament.geometry.surface import Surface  # noqa: E402
from lineament.render.light import Light  # noqa: E402
from lineament.synth.photoreal import PathTracer  # noqa: E402
from lineament.synth.scene import rasteriser  # noqa: E402

CORNERS = np.array([[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]], dtype=np.float32)


@pytest.fixture(scope="module")
def tracer() -> PathTracer:
    pytest.importorskip("mitsuba", reason="lineament[photoreal] is not installed")
    return PathTracer(rasteriser(), samples=256)


def wall(texture: np.ndarray, place: float = 0.0) -> Surface:
    """Two metres a side, upright, facing -y."""
    vertices = np.array([[-1, place, 0], [1, place, 0], [1, place, 2], [-1, place, 2]], dtype=np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
    parts = np.zeros(2, dtype=np.uint8)
    return Surface("wall", vertices, faces, parts, np.zeros_like(vertices), uv=CORNERS, texture=texture)


def ball(colour: tuple[float, float, float] = (0.5, 0.5, 0.5)) -> Surface:
    mesh = trimesh.creation.icosphere(subdivisions=3, radius=0.8)
    vertices = (np.asarray(mesh.vertices) * (1, 1, 1.4) + (0.2, 0, 1)).astype(np.float32)
    parts = np.ones(len(mesh.faces), dtype=np.uint8)
    colours = np.tile(np.float32(colour), (len(vertices), 1))
    faces = np.asarray(mesh.faces, dtype=np.int32)
    return Surface("ball", vertices, faces, parts, np.zeros_like(vertices), colours=colours)


def view(**settings: float) -> Camera:
    """As of a crop of a larger photograph: the optical axis is far from the picture's middle."""
    camera = Camera.looking_at(
        np.array([0.0, 0.0, 1.0]),
        azimuth=settings.get("azimuth", 0.0),
        elevation=settings.get("elevation", 0.0),
        roll=settings.get("roll", 0.0),
        distance=6.0,
        focal=150.0,
        width=80,
        height=100,
    )
    K = camera.K.copy()
    K[:2, 2] += settings.get("right", 0.0), settings.get("down", 0.0)
    return replace(camera, K=K)


@pytest.mark.parametrize(
    "camera", [view(), view(right=13, down=-22), view(azimuth=0.7, elevation=0.5, roll=2.1, right=-9, down=6)]
)
def test_silhouettes_agree_to_a_pixel(tracer, camera):
    frame = tracer.render([ball()], camera, Light.studio())
    labelled, covered = (frame.surface >= 0), frame.coverage > 0.5
    assert labelled.sum() > 500
    reach = np.ones((3, 3), np.uint8)
    for one, other in ((labelled, covered), (covered, labelled)):
        assert not (one & (cv2.dilate(other.astype(np.uint8), reach) == 0)).any()
    assert (labelled != covered).mean() < 0.02


def test_textures_lie_as_in_the_rasteriser_and_are_cut_alike(tracer):
    texture = np.zeros((64, 64, 4), dtype=np.uint8)
    texture[:32, :32, :3], texture[:32, 32:, :3] = (200, 30, 30), (30, 200, 30)
    texture[32:, :32, :3], texture[32:, 32:, :3] = (30, 30, 200), (200, 200, 30)
    texture[..., 3] = 255
    texture[8:24, 8:24, 3] = 0
    surface = replace(wall(texture), tint=(1.0, 0.5, 1.0))
    behind = np.full((100, 80, 3), 0.25, dtype=np.float32)
    light = Light.studio(ambient=0.7, sun=0.0)
    plain = rasteriser().render([surface], view(), light, background=behind)
    traced = tracer.render([surface], view(), light, background=behind)
    assert (traced.triangle == plain.triangle).all()
    difference = np.abs(traced.colour - plain.colour).max(axis=-1)
    assert np.median(difference) < 0.06 and np.quantile(difference, 0.97) < 0.2
    hole = plain.surface[38:46, 28:36]
    assert (hole == -1).any() and traced.colour[hole.nonzero()[0][0] + 40, 30] == pytest.approx(
        0.25, abs=0.02
    )


def compared(tracer: PathTracer, light: Light) -> tuple[np.ndarray, np.ndarray]:
    """Colours of a ball well inside its silhouette, by the rasteriser and by Mitsuba."""
    frame = rasteriser().render([ball()], view(), light)
    inside = cv2.erode((frame.surface >= 0).astype(np.uint8), np.ones((5, 5))) > 0
    return frame.colour[inside], tracer.render([ball()], view(), light).colour[inside]


@pytest.mark.parametrize("direction", [(-0.8, -0.5, 0.3), (0.7, -0.6, 0.4), (0.1, -0.3, 0.95)])
def test_the_sun_is_the_same(tracer, direction):
    towards = (np.float32(direction) / np.linalg.norm(direction)).astype(np.float32)
    sun = np.array([0.8, 0.7, 0.6], dtype=np.float32)
    plain, traced = compared(tracer, Light(towards, sun, np.zeros((9, 3), dtype=np.float32)))
    assert traced.mean(axis=0) == pytest.approx(plain.mean(axis=0), rel=0.1)
    assert np.corrcoef(plain[:, 0], traced[:, 0])[0, 1] > 0.95


@pytest.mark.parametrize("harmonic", range(1, 9))
def test_light_from_all_around_comes_from_the_same_sides(tracer, harmonic):
    ambient = np.zeros((9, 3), dtype=np.float32)
    ambient[0], ambient[harmonic] = 1.5, 0.45
    nothing = np.zeros(3, dtype=np.float32)
    plain, traced = compared(tracer, Light(np.float32([0, 0, 1]), nothing, ambient))
    # Shiny edges mirror the surround: the means agree less than under the sun.
    assert traced.mean() == pytest.approx(plain.mean(), rel=0.45)
    assert np.corrcoef(plain[:, 0], traced[:, 0])[0, 1] > 0.8


def test_the_same_seed_gives_the_same_picture(tracer):
    first, second = (tracer.render([ball()], view(), Light.studio()).colour for _ in range(2))
    assert (first == second).all() and first.any()


def test_without_mitsuba_the_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    with pytest.raises(BadInputError, match=r"run: pip install 'lineament\[photoreal\]'$"):
        PathTracer(rasteriser())
