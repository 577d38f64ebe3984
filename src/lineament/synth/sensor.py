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
from lineament.synth.sensor_kernels import (
    BLOCK,
    LEVELS,
    NOISE_BANK,
    RUN,
    Development,
    Optics,
    collect,
    develop,
)
from lineament.types import Float32, UInt8

BASE_HEIGHT = 192
"""Sizes in pixels are meant for a picture of this height and grow with it."""
GREY_SHARE = 0.10
SEPIA = (1.07, 0.98, 0.82)
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
def _noise_bank() -> Float32:
    """Normal deviates: drawing them anew takes longer than all other defects together."""
    bank = np.random.default_rng(0).standard_normal(NOISE_BANK, dtype=np.float32)
    return np.concatenate([bank, bank[: 3 * BLOCK]])


@cache
def _encoding() -> Float32:
    """sRGB 0..1 of LEVELS linear values 0..1: steps below half a code everywhere."""
    return to_srgb(np.linspace(0, 1, LEVELS, dtype=np.float32))


def _address(array: Float32 | UInt8) -> int:
    return int(array.__array_interface__["data"][0])


def _launch(kernel: wp.Kernel, light: Float32, inputs: list[object]) -> None:
    threads = -(-light.shape[0] * light.shape[1] // (RUN * BLOCK))
    wp.launch(kernel, dim=threads, inputs=inputs, device="cpu")


def _light(linear: Float32, settings: SensorSettings, optics: Optics) -> Float32:
    """What falls onto the sensor through a lens or a print that blurs; linear in and out."""
    light = np.empty_like(linear)
    _launch(collect, linear, [_address(linear), optics, _address(light)])
    light = _blurred(light, settings)
    light = _through_low_resolution(light, settings.resolution) if settings.resolution < 1 else light
    return np.ascontiguousarray(light)


def _optics(settings: SensorSettings, gain: float, size: tuple[int, int]) -> Optics:
    optics = Optics()
    gains = np.exp([settings.warmth, settings.green, -settings.warmth]) * (2.0**settings.exposure * gain)
    optics.gains, optics.vignette = wp.vec3(*gains), settings.vignette
    optics.height, optics.width = size
    return optics


def _development(settings: SensorSettings, curve: Float32) -> Development:
    development = Development()
    development.deviates, development.curve = _address(_noise_bank()), _address(curve)
    # Deviations are meant at middle grey.
    development.noise, development.start = settings.noise / 0.22**0.5, settings.noise_seed % NOISE_BANK
    development.haze = settings.haze
    development.saturation = 0.0 if settings.grey else settings.saturation
    development.tint = wp.vec3(*(SEPIA if settings.sepia else (1.0, 1.0, 1.0)))
    development.blue = 2 if settings.jpeg else 0
    return development


def expose(linear: Float32, settings: SensorSettings, gain: float) -> UInt8:
    """The picture (H, W, 3) uint8 sRGB of linear light (H, W, 3) metered by `gain` (see `meter`)."""
    start_warp()
    light = np.ascontiguousarray(linear, np.float32)
    optics = _optics(settings, gain, light.shape[:2])
    if settings.blur != "none" or settings.resolution < 1:
        light = _light(light, settings, optics)
        optics.gains, optics.vignette = wp.vec3(1.0), 0.0
    curve = (_encoding() ** np.float32(settings.gamma) - 0.45) * np.float32(settings.contrast) + 0.45
    curve = (curve * 255.0).astype(np.float32)
    inputs = [_address(light), optics, _development(settings, curve)]
    picture = np.empty(light.shape, np.uint8)
    _launch(develop, light, [*inputs, _address(picture)])
    if settings.sharpen > 0:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
        picture = cv2.addWeighted(picture, 1 + settings.sharpen, soft, -settings.sharpen, 0)
    if not settings.jpeg:
        return picture
    _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, settings.jpeg])
    return cv2.cvtColor(cv2.imdecode(code, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
