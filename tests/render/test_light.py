import numpy as np
import pytest

from lineament.render.light import Light, harmonics


def directions(height, width):
    elevation = np.pi * (0.5 - (np.arange(height) + 0.5) / height)[:, None]
    azimuth = 2 * np.pi * ((np.arange(width) + 0.5) / width - 0.5)[None]
    ce = np.cos(elevation)
    vectors = np.stack(np.broadcast_arrays(ce * np.sin(azimuth), ce * np.cos(azimuth), np.sin(elevation)), -1)
    return vectors, np.broadcast_to(ce * (np.pi / height) * (2 * np.pi / width), (height, width))


def test_even_panorama_gives_even_light_and_no_sun():
    light = Light.from_panorama(np.full((64, 128, 3), 3.0, np.float32), level=None)
    normals = np.random.default_rng(0).normal(size=(20, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    assert np.allclose(harmonics(normals) @ light.ambient, 3.0, rtol=1e-2)
    assert np.allclose(light.sun_colour, 0.0, atol=1e-6)


def test_irradiance_matches_integration():
    vectors, solid = directions(64, 128)
    panorama = (1 + vectors[..., 2:] * np.array([0.5, 0.2, -0.3]) + 0.3 * vectors[..., :1] ** 2).astype(
        np.float32
    )
    light = Light.from_panorama(panorama, level=None)
    for normal in np.eye(3):
        cosine = np.maximum(vectors @ normal, 0) * solid
        exact = (panorama * cosine[..., None]).sum((0, 1)) / np.pi
        assert np.allclose(harmonics(normal) @ light.ambient, exact, rtol=0.02)


@pytest.mark.parametrize("rotation", [0.0, 1.0])
def test_sun_is_found_and_its_huge_value_kept_out_of_the_ambient(rotation):
    vectors, solid = directions(128, 256)
    panorama = np.ones((128, 256, 3), np.float32)
    row, column = 40, 200
    panorama[row, column] = 2e4
    light = Light.from_panorama(panorama, rotation=rotation, level=None, sun_limit=100.0)
    x, y, z = vectors[row, column]
    c, s = np.cos(rotation), np.sin(rotation)
    assert light.sun_direction @ np.array([c * x + s * y, c * y - s * x, z]) > 0.999
    assert np.allclose(light.sun_colour, 2e4 * solid[row, column] / np.pi, rtol=0.02)
    normals = vectors[::16, ::16].reshape(-1, 3)
    assert (harmonics(normals) @ light.ambient).min() > 0.9
    limited = Light.from_panorama(panorama, rotation=rotation, level=0.7, sun_limit=2.0)
    ambient = limited.ambient[0] * 0.282095
    assert np.allclose(limited.sun_colour, 2 * ambient, rtol=0.02)
    assert np.allclose(ambient + limited.sun_colour / 4, 0.7, rtol=0.02)


def test_infinite_values_and_odd_sizes_are_survived():
    panorama = np.ones((51, 103, 3), np.float32)
    panorama[10, 20] = np.inf
    panorama[11, 21] = np.nan
    light = Light.from_panorama(panorama)
    assert np.isfinite(light.ambient).all() and np.isfinite(light.sun_colour).all()
    black = Light.from_panorama(np.zeros((16, 32, 3), np.float32))
    assert np.isfinite(black.ambient).all() and np.isfinite(black.sun_direction).all()


def test_wrong_arrays_are_refused():
    with pytest.raises(ValueError, match="panorama"):
        Light.from_panorama(np.zeros((4, 8), np.float32))
    with pytest.raises(ValueError, match="unit length"):
        Light(np.ones(3, np.float32), np.zeros(3, np.float32), np.zeros((9, 3), np.float32))
