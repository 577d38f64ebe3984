"""From linear light to the picture that a camera, a print or a web site leaves of it."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import warp as wp

from lineament.distributions import (
    Choice,
    Distribution,
    Fixed,
    Given,
    LogNormal,
    LogUniform,
    Mixture,
    Normal,
    Uniform,
    Whole,
    chance,
)
from lineament.render.warp_start import start_warp
from lineament.synth.covariates import SEEDS, Table, draw_alone, number, one_of, whole_number, yes_or_no
from lineament.synth.sensor_kernels import Development, collect, develop
from lineament.types import Float32, UInt8

BASE_HEIGHT = 192
"""Sizes in pixels are meant for a picture of this height and grow with it."""
GREY_SHARE = 0.10
LEVELS = 8192
_MEAN = np.full((1, 3), 1 / 3, dtype=np.float32)

_NEVER, _OFF = Fixed(False), Fixed(0.0)


def _sometimes(share: float, distribution: Distribution) -> Mixture:
    return Mixture(((share, distribution), (1 - share, _OFF)))


SENSOR: Table = {
    "exposure": number(
        Given(
            "light.kind",
            {"night": Normal(-1.2, 0.6, -3.5, 0.5)},
            Mixture(
                (
                    (0.94, Normal(0, 0.55, -1.8, 1.6)),
                    (0.03, Uniform(1.6, 3.0)),
                    (0.03, Uniform(-3.2, -1.8)),
                )
            ),
        ),
        -6,
        6,
        "stops",
    ),
    "warmth": number(Normal(0, 0.10), -2, 2),
    "green": number(Normal(0, 0.03), -2, 2),
    "vignette": number(_sometimes(0.25, Uniform(0, 0.5)), 0, 1, "share"),
    "blur": one_of(Choice({"none": 0.60, "defocus": 0.28, "motion": 0.12}), "none", "defocus", "motion"),
    "blur_size": number(
        Given("sensor.blur", {"defocus": LogUniform(0.35, 1.8), "motion": LogUniform(1.5, 7.0)}, _OFF),
        0,
        100,
        "px",
    ),
    "blur_angle": number(Uniform(0, np.pi), 0, np.pi, "rad"),
    "resolution": number(
        Mixture(((0.7, Fixed(1.0)), (0.26, LogUniform(0.22, 0.9)), (0.04, LogUniform(0.125, 0.22)))),
        0.02,
        1,
        "share",
    ),
    "noise": number(
        Given("light.kind", {"night": LogUniform(0.01, 0.1)}, _sometimes(0.7, LogUniform(0.002, 0.05))),
        0,
        1,
    ),
    "haze": number(_sometimes(0.15, Uniform(0, 0.3)), 0, 1, "share"),
    "gamma": number(LogNormal(1.0, 0.14), 0.2, 5),
    "contrast": number(LogNormal(1.05, 0.18), 0.1, 5),
    "saturation": number(Normal(1.0, 0.25, 0.15, 1.8), 0, 4),
    "grey": yes_or_no(chance(GREY_SHARE)),
    "sepia": yes_or_no(Given("sensor.grey", {True: chance(0.15)}, _NEVER)),
    "sharpen": number(_sometimes(0.25, Uniform(0.2, 1.2)), 0, 5),
    "jpeg": whole_number(Mixture(((0.75, Whole(25, 97)), (0.25, Fixed(0)))), 0, 100),
    "noise_seed": whole_number(Whole(*SEEDS), *SEEDS),
}
"""Covariates of camera, print and file; see `SensorSettings`."""


@dataclass(frozen=True, slots=True)
class SensorSettings:
    """Everything between the scene and the file.

    exposure: stops about the metered one. warmth, green: logarithms of the linear gains of red over blue and
    of green. vignette: darkening of the corners, 0..1. blur: "none", "defocus" (blur_size = Gaussian sigma)
    or "motion" (blur_size = length, blur_angle in radians), in pixels of a picture 192 high. resolution: the
    picture passed through this share of its size. noise: standard deviation at middle grey, linear. gamma,
    contrast and saturation: 1 is neutral. haze: share of flat veil. sharpen: amount of unsharp masking. jpeg:
    quality, 0 for none. noise_seed: of the noise field.
    """

    exposure: float
    warmth: float
    green: float
    vignette: float
    blur: str
    blur_size: float
    blur_angle: float
    resolution: float
    noise: float
    haze: float
    gamma: float
    contrast: float
    saturation: float
    grey: bool
    sepia: bool
    sharpen: float
    jpeg: int
    noise_seed: int

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "SensorSettings":
        """Settings of one photograph by the table SENSOR; most are mild, each defect is rare."""
        return draw_alone(cls, "sensor", SENSOR, rng)


def to_srgb(linear: Float32) -> Float32:
    """Linear 0..1 to sRGB 0..1 (IEC 61966-2-1), clipped."""
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(
        np.float32
    )


def meter(linear: Float32, weight: Float32 | None = None) -> float:
    """Gain that brings the (weighted) mean luminance of a linear picture (H, W, 3) to 0.22."""
    luminance = np.minimum(cv2.transform(linear, _MEAN), 4.0)
    if weight is None:
        mean = float(cv2.mean(luminance)[0])
    else:
        mean = float(np.vdot(luminance, weight)) / float(weight.sum(dtype=np.float64))
    return 0.22 / max(mean, 1e-4)


def _blurred(image: Float32, settings: SensorSettings) -> Float32:
    size = settings.blur_size * image.shape[0] / BASE_HEIGHT
    if settings.blur == "defocus":
        return cv2.GaussianBlur(image, (0, 0), size)
    if settings.blur == "motion":
        radius = int(np.ceil(size / 2)) + 1
        kernel = np.zeros((2 * radius + 1, 2 * radius + 1), dtype=np.float32)
        half = size / 2 * np.array([np.cos(settings.blur_angle), np.sin(settings.blur_angle)])
        ends = np.round((np.array([-half, half]) + radius) * 16).astype(int)
        cv2.line(kernel, tuple(map(int, ends[0])), tuple(map(int, ends[1])), 1.0, 1, cv2.LINE_AA, 4)
        return cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1e-6))
    return image


def _through_low_resolution(image: Float32, share: float) -> Float32:
    height, width = image.shape[:2]
    small = cv2.resize(
        image, (max(8, round(width * share)), max(8, round(height * share))), interpolation=cv2.INTER_AREA
    )
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


@cache
def _noise_bank() -> wp.array:
    """A million normal deviates: drawing them anew takes longer than all other defects together."""
    bank = np.random.default_rng(0).standard_normal(1 << 20, dtype=np.float32)
    return wp.array(bank, dtype=wp.float32, device="cpu")


@cache
def _encoding() -> Float32:
    """sRGB 0..1 of LEVELS linear values 0..1: steps below half a code everywhere."""
    return to_srgb(np.linspace(0, 1, LEVELS, dtype=np.float32))


def _light(linear: Float32, settings: SensorSettings, gain: float) -> Float32:
    """Gains, vignetting and blur: what happens to light before the sensor, linear in and out."""
    gains = np.exp([settings.warmth, settings.green, -settings.warmth]) * (2.0**settings.exposure * gain)
    light = np.empty_like(linear)
    inputs = [_view(linear), wp.vec3(*gains), settings.vignette, _view(light)]
    wp.launch(collect, dim=len(linear), inputs=inputs, device="cpu")
    light = _blurred(light, settings)
    return _through_low_resolution(light, settings.resolution) if settings.resolution < 1 else light


def _view(image: Float32) -> wp.array:
    """Warp's view (H, W) of a contiguous picture (H, W, 3)."""
    return wp.array(image, dtype=wp.vec3, device="cpu", copy=False)


def _developed(light: Float32, settings: SensorSettings) -> Float32:
    """Codes 0..255 (H, W, 3), not yet rounded or clipped, of linear light."""
    curve = (_encoding() ** np.float32(settings.gamma) - 0.45) * np.float32(settings.contrast) + 0.45
    bank = _noise_bank()
    development = Development()
    development.noise, development.haze = settings.noise, settings.haze
    development.start, development.bank = settings.noise_seed % bank.size, bank.size
    development.levels, development.sepia = LEVELS, int(settings.sepia)
    development.saturation = 0.0 if settings.grey else settings.saturation
    picture = np.empty_like(light)
    tone = wp.array(curve.astype(np.float32), dtype=wp.float32, device="cpu", copy=False)
    inputs = [_view(light), bank, tone, development, _view(picture)]
    wp.launch(develop, dim=len(light), inputs=inputs, device="cpu")
    return picture


def expose(linear: Float32, settings: SensorSettings, gain: float) -> UInt8:
    """The picture (H, W, 3) uint8 sRGB of linear light (H, W, 3) metered by `gain` (see `meter`)."""
    start_warp()
    image = _developed(_light(np.ascontiguousarray(linear, np.float32), settings, gain), settings)
    if settings.sharpen > 0:
        image = cv2.addWeighted(
            image, 1 + settings.sharpen, cv2.GaussianBlur(image, (0, 0), 1.0), -settings.sharpen, 0
        )
    if not settings.jpeg:
        return cv2.add(image, 0.0, dtype=cv2.CV_8U)
    picture = cv2.add(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), 0.0, dtype=cv2.CV_8U)
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg])
    return cv2.cvtColor(cv2.imdecode(code, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
