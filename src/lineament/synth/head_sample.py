"""One head crop with its landmarks, and everything that was chosen to make it."""

from dataclasses import dataclass

from lineament.geometry.camera import Camera
from lineament.synth.background import BackgroundSettings
from lineament.synth.lighting import LightSettings
from lineament.synth.occlusion import OcclusionSettings
from lineament.synth.sensor import SensorSettings
from lineament.types import Bool, Float32, Float64, UInt8


@dataclass(frozen=True, slots=True)
class HeadCovariates:
    """Every choice of a head sample; `outfit` and `expression` belong to the figure, the rest to the view."""

    seed: int
    index: int
    person: int
    outfit: str
    expression: tuple[tuple[str, float], ...]
    light: LightSettings
    background: BackgroundSettings
    occlusion: OcclusionSettings
    sensor: SensorSettings


@dataclass(frozen=True, slots=True, eq=False)
class HeadSample:
    """A head crop. Landmarks are in the order of `lineament.synth.head_places.VERTICES`, named ones first.

    image: (S, S, 3) uint8 sRGB. landmarks2d: (L, 2) pixels, centres at +0.5; they may lie outside. visible:
    (L,) inside the picture and hidden by nothing. yaw: radians, positive when the person's left cheek is
    towards the camera; pitch: positive when the camera looks down on the head; roll: turns the picture
    clockwise. rotation: (3, 3) from the head's frame (see `head_places`) to the camera's (x right, y down,
    z forward); translation: (3,) metres, the origin of the head's frame in the camera's. person: of the
    population.
    """

    image: UInt8
    landmarks2d: Float32
    visible: Bool
    yaw: float
    pitch: float
    roll: float
    rotation: Float64
    translation: Float64
    person: int
    camera: Camera
    covariates: HeadCovariates
