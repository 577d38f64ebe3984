"""The light of a sample: a panorama's, or one of a few procedural situations."""

from dataclasses import dataclass

import numpy as np

from lineament.geometry.camera import Camera
from lineament.render.light import Light
from lineament.synth.panorama import Panorama, panoramas
from lineament.types import Float32

KINDS = ("panorama", "sunny", "overcast", "window", "ceiling", "flash", "stage")
SHARES = (0.52, 0.12, 0.10, 0.08, 0.08, 0.05, 0.05)


@dataclass(frozen=True, slots=True)
class LightSettings:
    """kind: one of KINDS. panorama: index, also the scenery where the background shows it. turn: of the
    panorama about the vertical, radians. azimuth, elevation: towards the lamp of procedural light, radians;
    azimuth counts from the camera's line of sight for "flash" and "stage". strength: of the lamp over the
    surround. tint: linear colour of the lamp. fill: colour of the surround. contrast: top against bottom of
    the surround, 0..1.
    """

    kind: str
    panorama: int
    turn: float
    azimuth: float
    elevation: float
    strength: float
    tint: tuple[float, float, float]
    fill: tuple[float, float, float]
    contrast: float

    @classmethod
    def sample(cls, rng: np.random.Generator) -> "LightSettings":
        """A situation by SHARES."""
        kind = str(rng.choice(KINDS, p=SHARES))
        elevation = {"sunny": (10, 75), "window": (0, 35), "ceiling": (55, 88), "flash": (-5, 12)}.get(
            kind, (-20, 60)
        )
        strength = {
            "sunny": (1.5, 5),
            "overcast": (0, 0.3),
            "window": (1, 5),
            "ceiling": (0.4, 2),
            "flash": (2, 8),
        }
        warmth = rng.normal(0, 0.12 if kind != "stage" else 0.6)
        tint = np.exp([warmth, rng.normal(0, 0.03 if kind != "stage" else 0.4), -warmth])
        cold = rng.normal(0.04, 0.08)
        spread = 0.25 if kind == "flash" else np.pi
        return cls(
            kind=kind,
            panorama=int(rng.integers(len(panoramas()))),
            turn=float(rng.uniform(0, 2 * np.pi)),
            azimuth=float(rng.uniform(-spread, spread)),
            elevation=float(np.radians(rng.uniform(*elevation))),
            strength=float(rng.uniform(*strength.get(kind, (1, 6)))),
            tint=tuple(map(float, tint)),
            fill=tuple(map(float, np.exp([-cold, 0.0, cold]))),
            contrast=float(rng.uniform(0.1, 0.8)),
        )

    @property
    def scenery(self) -> Panorama:
        """The panorama that this light belongs to."""
        return panoramas()[self.panorama]


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
    fill = np.array(settings.fill, dtype=np.float32)
    # A surround of mean 1 that is brighter above: only the constant and the z harmonic are not zero.
    ambient[0] = fill / 0.282095
    ambient[2] = fill * settings.contrast * (2 / 3) / 0.488603
    lamp = np.array(settings.tint, dtype=np.float32) * np.float32(settings.strength)
    return Light(_towards(azimuth, settings.elevation), lamp, ambient)
