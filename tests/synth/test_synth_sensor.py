from dataclasses import replace

import numpy as np
import pytest

from lineament.synth.occlusion import KINDS, OcclusionSettings, obstacle
from lineament.synth.seeds import generator
from lineament.synth.sensor import GREY_SHARE, SensorSettings, expose, meter, to_srgb

NEUTRAL = SensorSettings(
    exposure=0.0,
    warmth=0.0,
    green=0.0,
    vignette=0.0,
    blur="none",
    blur_size=0.0,
    blur_angle=0.0,
    resolution=1.0,
    noise=0.0,
    haze=0.0,
    gamma=1.0,
    contrast=1.0,
    saturation=1.0,
    grey=False,
    sepia=False,
    sharpen=0.0,
    jpeg=0,
    noise_seed=0,
)


def scene() -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 1, (48, 32, 3)).astype(np.float32)


def test_a_neutral_sensor_only_encodes():
    expected = np.round(to_srgb(scene()) * 255)
    assert np.abs(expose(scene(), NEUTRAL, 1.0).astype(float) - expected).max() <= 1


def test_srgb_reference_values():
    # IEC 61966-2-1: linear 0.2140 is code 127.5 / 255, and the straight piece ends at 0.0031308.
    assert to_srgb(np.float32(0.21404)) == pytest.approx(0.5, abs=1e-3)
    assert to_srgb(np.float32(0.0031308)) == pytest.approx(0.0031308 * 12.92, abs=1e-5)


def test_metering_brings_the_weighted_part_to_middle_grey():
    dark = np.full((10, 10, 3), 0.01, dtype=np.float32)
    dark[:5] = 0.5
    weight = np.zeros((10, 10), dtype=np.float32)
    weight[5:] = 1
    assert 0.01 * meter(dark, weight) == pytest.approx(0.22)


@pytest.mark.parametrize(
    "change",
    [
        {"blur": "motion", "blur_size": 5.0},
        {"blur": "defocus", "blur_size": 1.5},
        {"resolution": 0.3},
        {"noise": 0.05},
        {"grey": True},
        {"jpeg": 30},
        {"vignette": 0.5},
        {"haze": 0.3},
        {"sharpen": 1.0},
        {"contrast": 1.4},
        {"exposure": 1.0},
    ],
)
def test_every_defect_shows_and_is_repeatable(change):
    settings = replace(NEUTRAL, **change)
    first, second = expose(scene(), settings, 0.5), expose(scene(), settings, 0.5)
    assert (first == second).all()
    assert (first != expose(scene(), NEUTRAL, 0.5)).any()


def test_blur_keeps_the_mean():
    settings = replace(NEUTRAL, blur="motion", blur_size=6.0, blur_angle=0.7)
    flat = np.full((40, 40, 3), 0.3, dtype=np.float32)
    assert np.abs(expose(flat, settings, 1.0).astype(int) - expose(flat, NEUTRAL, 1.0)).max() <= 1


def test_a_grey_picture_has_no_colour():
    picture = expose(scene(), replace(NEUTRAL, grey=True), 1.0).astype(int)
    assert np.ptp(picture, axis=-1).max() <= 1


def test_a_tenth_of_the_sensors_is_grey():
    rng = generator(1, "test")
    share = np.mean([SensorSettings.sample(rng).grey for _ in range(4000)])
    assert share == pytest.approx(GREY_SHARE, abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_obstacles_leave_the_picture_mostly_free(kind):
    covered = []
    for seed in range(40):
        hidden = obstacle(OcclusionSettings(kind, 0.4, seed), 96, 64)
        if hidden is None:
            assert kind == "none"
            return
        colour, opacity = hidden
        assert colour.shape == (96, 64, 3) and np.isfinite(colour).all()
        assert opacity.min() >= 0 and opacity.max() <= 1
        covered.append(float((opacity > 0.5).mean()))
    assert 0.0 < np.mean(covered) < 0.6


def test_generators_differ_by_purpose_and_index_and_repeat():
    draws = [generator(5, *key).random() for key in (("a", 1), ("a", 2), ("b", 1))]
    assert len(set(draws)) == 3
    assert generator(5, "a", 1).random() == draws[0]
