"""The light of a sample: a panorama's, or one of a few procedural situations."""

from dataclasses import dataclass

import cv2
import numpy as np

from lineament.distributions import Choice, Fixed, Given, Mixture, Normal, Uniform, Whole
from lineament.geometry.camera import Camera
from lineament.render.light import Light
from lineament.synth.covariates import SEEDS, Table, draw_alone, number, one_of, whole_number
from lineament.synth.panorama import Panorama, panoramas
from lineament.synth.seeds import generator
from lineament.synth.texture import noise
from lineament.types import Float32

NIGHT_SURROUND = 0.25
SHARES = {
    "panorama": 0.50,
    "sunny": 0.12,
    "overcast": 0.10,
    "window": 0.08,
    "ceiling": 0.07,
    "flash": 0.05,
    "stage": 0.04,
    "night": 0.04,
}
KINDS = tuple(SHARES)
_UNUSUAL_TINT = {"stage": Normal(0, 0.6), "night": Normal(0.35, 0.2)}

LIGHT: Table = {
    "kind": one_of(Choice(SHARES), *KINDS),
    "panorama": number(Uniform(0, 1), 0, 1, "share"),
    "turn": number(Uniform(0, 2 * np.pi), 0, 2 * np.pi, "rad"),
    "azimuth": number(
        Given("light.kind", {"flash": Uniform(-0.25, 0.25)}, Uniform(-np.pi, np.pi)), -np.pi, np.pi, "rad"
    ),
    "elevation": number(
        Given(
            "light.kind",
            {
                kind: Uniform(*np.radians(limits))
                for kind, limits in {
                    "sunny": (10, 75),
                    "window": (0, 35),
                    "ceiling": (55, 88),
                    "flash": (-5, 12),
                    "night": (35, 85),
                }.items()
            },
            Uniform(*np.radians((-20, 60))),
        ),
        -np.pi / 2,
        np.pi / 2,
        "rad",
    ),
    "strength": number(
        Given(
            "light.kind",
            {
                "sunny": Uniform(1.5, 5),
                "overcast": Uniform(0, 0.3),
                "window": Uniform(1, 5),
                "ceiling": Uniform(0.4, 2),
                "flash": Uniform(2, 8),
                "night": Uniform(2, 12),
            },
            Uniform(1, 6),
        ),
        0,
        50,
    ),
    "warmth": number(Given("light.kind", _UNUSUAL_TINT, Normal(0, 0.12)), -3, 3),
    "green": number(Given("light.kind", {"stage": Normal(0, 0.4)}, Normal(0, 0.03)), -3, 3),
    "cold": number(Given("light.kind", {"night": Normal(0.2, 0.1)}, Normal(0.04, 0.08)), -3, 3),
    "contrast": number(Uniform(0.1, 0.8), 0, 1),
    "dapple": number(
        Given(
            "light.kind",
            {"sunny": Mixture(((0.75, Fixed(0.0)), (0.25, Uniform(0.3, 0.8))))},
            Mixture(((0.95, Fixed(0.0)), (0.05, Uniform(0.2, 0.6)))),
        ),
        0,
        1,
        "share",
    ),
    "dapple_seed": whole_number(Whole(*SEEDS), *SEEDS),
}
"""Covariates of the light; see `LightSettings`."""


@dataclass(frozen=True, slots=True)
class LightSettings:
    """kind: one of KINDS. panorama: which of them, as a share of their number; also the scenery where the
    background shows it. turn: of the panorama about the vertical, radians. azimuth, elevation: towards the
    lamp of procedural light, radians; azimuth counts from the camera's line of sight for "flash" and "stage".
    strength: of the lamp over the surround. warmth, green: logarithms of the lamp's gains of red over blue
    and of green. cold: the same of the surround's blue over red. contrast: top against bottom of the
    surround, 0..1. dapple: share of the light that leaves and lattices take away in patches, whose pattern
    is dapple_seed's.
    """

    kind: str
    panorama: float
    turn: float
    azimuth: float
    elevation: float
    strength: float
    warmth: float
    green: float
    cold: float
    contrast: float
    dapple: float
    dapple_seed: int

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "LightSettings":
        """A situation by the table LIGHT."""
        return draw_alone(cls, "light", LIGHT, rng)

    @property
    def scenery(self) -> Panorama:
        """The panorama that this light belongs to."""
        known = panoramas()
        return known[min(int(self.panorama * len(known)), len(known) - 1)]


def dappled(settings: LightSettings, height: int, width: int) -> Float32 | None:
    """Factor (H, W) on the light of a picture under patches of shade, or None where there are none."""
    if settings.dapple <= 0:
        return None
    rng = generator(settings.dapple_seed, "dapple")
    field = noise(rng, (height + 1) // 2, (width + 1) // 2, 4, float(rng.uniform(0.4, 0.8)))
    edge = float(rng.uniform(4, 20))
    shade = np.clip((field - float(rng.uniform(0.35, 0.65))) * edge + 0.5, 0, 1) * np.float32(settings.dapple)
    return cv2.resize(1 - shade, (width, height), interpolation=cv2.INTER_LINEAR)


def _towards(azimuth: float, elevation: float) -> Float32:
    return np.array(
        [np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)],
        dtype=np.float32,
    )


def light(settings: LightSettings, camera: Camera) -> Light:
    """The renderer's light; "flash" and "stage" stand about the camera's azimuth, the others about the
    world's.
    """
    if settings.kind == "panorama":
        return settings.scenery.turned_light(settings.turn)
    azimuth = settings.azimuth
    if settings.kind in ("flash", "stage"):
        x, y = -camera.R[2, 0], -camera.R[2, 1]
        azimuth += float(np.arctan2(x, -y))
    ambient = np.zeros((9, 3), dtype=np.float32)
    fill = np.exp([-settings.cold, 0.0, settings.cold]).astype(np.float32)
    if settings.kind == "night":
        fill *= NIGHT_SURROUND
    # A surround of mean 1 that is brighter above: only the constant and the z harmonic are not zero.
    ambient[0] = fill / 0.282095
    ambient[2] = fill * settings.contrast * (2 / 3) / 0.488603
    tint = np.exp([settings.warmth, settings.green, -settings.warmth])
    lamp = (tint * settings.strength).astype(np.float32)
    return Light(_towards(azimuth, settings.elevation), lamp, ambient)
