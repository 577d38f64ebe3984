"""Where the camera stands and what it takes in: whole figures, parts of them, rolled and acrobatic views."""

from dataclasses import dataclass

import numpy as np

from lineament.anatomy import PART_INDEX
from lineament.geometry.camera import Camera
from lineament.synth.seeds import log_uniform
from lineament.types import Float32, UInt8

Regions = dict[str, tuple[int, ...]]


def _parts(*names: str) -> tuple[int, ...]:
    return tuple(index for name, index in PART_INDEX.items() if name.split("_", 1)[-1] in names)


REGIONS: Regions = {
    "body": tuple(range(1, 15)),
    "upper": _parts("head", "torso", "upper_arm", "forearm", "hand"),
    "bust": _parts("head", "torso", "upper_arm"),
    "legs": _parts("thigh", "calf", "foot"),
    "lower": _parts("torso", "thigh", "calf", "foot"),
    "head": _parts("head"),
}
ZOOMS = (("upper", 0.38), ("bust", 0.28), ("legs", 0.12), ("lower", 0.14), ("head", 0.08))

ZOOM_SHARE = 0.3125
ROLLED_SHARE = 0.0625
"""Of the samples of ordinary poses; with a fifth acrobatic poses this gives 50 % full, 25 % zoomed, 25 %
turned.
"""
SMALL_SHARE = 0.10
NOBODY_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class Framing:
    """One view of one person.

    kind: "full", "zoom" or "turned". region: key of REGIONS, what `fill` is measured on. Angles in radians
    as in `Camera.looking_at`; distance: metres from the region's middle. fill: the region's larger side over
    the picture's. shift: of the region's middle from the picture's, in picture widths and heights.
    """

    kind: str
    region: str
    azimuth: float
    elevation: float
    roll: float
    distance: float
    fill: float
    shift: tuple[float, float]

    @classmethod
    def sample(cls, rng: np.random.Generator, acrobatic: bool) -> "Framing":
        """A view by the shares above; `acrobatic` poses are always seen whole."""
        kind = "turned" if acrobatic else _kind(rng)
        region = "body"
        if kind == "zoom":
            names, shares = zip(*ZOOMS, strict=True)
            region = str(rng.choice(names, p=shares))
        small = kind != "zoom" and rng.random() < SMALL_SHARE / (1 - ZOOM_SHARE * 0.8)
        steep = rng.random() < 0.12
        elevation = rng.uniform(20, 60) if steep else np.clip(rng.normal(4, 8), -15, 28)
        roll = rng.normal(0, 4)
        if kind == "turned":
            roll = rng.uniform(-180, 180) if not acrobatic or rng.random() < 0.5 else rng.normal(0, 20)
        return cls(
            kind=kind,
            region=region,
            azimuth=float(rng.uniform(0, 2 * np.pi)),
            elevation=float(np.radians(elevation)),
            roll=float(np.radians(roll)),
            distance=log_uniform(rng, 1.2, 8) if kind == "zoom" else log_uniform(rng, 2.2, 14),
            fill=float(rng.uniform(0.22, 0.45)) if small else _fill(rng, kind),
            shift=_shift(rng, small),
        )

    def camera(self, points: Float32, parts: UInt8, width: int, height: int) -> Camera:
        """The camera for posed points (N, 3) of parts (N,).

        The middle of the picture need not be the optical axis: probes are crops of larger photographs.
        """
        region = points[np.isin(parts, REGIONS[self.region])].astype(np.float64)
        low, high = region.min(axis=0), region.max(axis=0)
        target = (low + high) / 2
        # Nearer than this the perspective is no photograph's, and limbs pass behind the camera.
        reach = float(np.linalg.norm(points - target, axis=1).max())
        distance = max(self.distance, 1.4 * reach if self.region == "body" else 0.45 + reach * 0.9)
        view = Camera.looking_at(
            target,
            azimuth=self.azimuth,
            elevation=self.elevation,
            distance=distance,
            focal=1.0,
            width=width,
            height=height,
            roll=self.roll,
        )
        pixels, _ = view.project(region)
        pixels -= view.K[:2, 2]
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        focal = self.fill / max((high[0] - low[0]) / width, (high[1] - low[1]) / height)
        centre = (0.5 + np.array(self.shift)) * (width, height) - focal * (low + high) / 2
        K = np.array([[focal, 0.0, centre[0]], [0.0, focal, centre[1]], [0.0, 0.0, 1.0]])
        return Camera(K, view.R, view.t, width, height)


def _kind(rng: np.random.Generator) -> str:
    return str(
        rng.choice(["zoom", "turned", "full"], p=[ZOOM_SHARE, ROLLED_SHARE, 1 - ZOOM_SHARE - ROLLED_SHARE])
    )


def _fill(rng: np.random.Generator, kind: str) -> float:
    if kind == "zoom":
        return float(rng.uniform(0.7, 1.2))
    low, high = ((0.75, 1.0), (0.45, 0.75), (1.0, 1.1))[int(rng.choice(3, p=[0.62, 0.26, 0.12]))]
    return float(rng.uniform(low, high))


def _shift(rng: np.random.Generator, small: bool) -> tuple[float, float]:
    spread = 0.2 if small else 0.04
    x, y = rng.normal(0, spread, 2)
    if rng.random() < 0.08:
        side = int(rng.integers(4))
        x += (0.0, 0.0, -0.3, 0.3)[side] * rng.random()
        y += (-0.3, 0.3, 0.0, 0.0)[side] * rng.random()
    return float(x), float(y)
