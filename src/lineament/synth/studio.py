"""Photographs of chosen synthetic people at the size of real ones: for calibration, demonstration and renders
of prototypes.

Nothing here is trained on; it is how people who were never trained on come before the product.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.humans.body import Body, BodyModel
from lineament.humans.poses import PoseLibrary
from lineament.humans.wardrobe import IdentityLook, Outfit, Wardrobe
from lineament.humans.wardrobe.clothing import Clothing
from lineament.render.light import Light
from lineament.synth.background import BackgroundSettings
from lineament.synth.figure import Figure, Stage
from lineament.synth.framing import Framing
from lineament.synth.lighting import LightSettings
from lineament.synth.occlusion import OcclusionSettings
from lineament.synth.people import People
from lineament.synth.sample import Covariates, PersonCovariates, Sample, SceneSettings
from lineament.synth.scene import photograph, rasteriser
from lineament.synth.seeds import generator
from lineament.synth.sensor import SensorSettings, to_srgb
from lineament.types import UInt8

Shot = Literal["full", "upper", "head"]
SIZES: dict[Shot, tuple[int, int]] = {"full": (960, 640), "upper": (720, 540), "head": (512, 448)}
"""Height and width of a photograph, pixels."""
REGION: dict[Shot, str] = {"full": "body", "upper": "upper", "head": "head"}
HIDING = ("helmet", "headscarf", "hood")
"""What nobody wears in a photograph taken to be recognised."""
HEAD_VIEW = 320
HEAD_REACH = 0.42
"""Metres that a view of a head takes in."""


@dataclass(frozen=True, slots=True)
class ShotPlan:
    """How a person is photographed. yaw: radians, of the camera round the body; None for any side."""

    shot: Shot
    yaw: float | None = None


class Studio:
    """Takes photographs of a population; each is determined by the seed, the person and a number."""

    def __init__(self, seed: int, people: People) -> None:
        self._seed, self._people = seed, people
        self._stage = Stage(people)
        self._poses = PoseLibrary.load()

    def photograph(self, person: int, number: int, plan: ShotPlan) -> Sample:
        """Photograph `number` of `person`, in clothes and a place of its own."""
        rng = generator(self._seed, "studio", person, number)
        figure = self._figure(rng, person)
        height, width = SIZES[plan.shot]
        framing = replace(
            Framing.sample(rng),
            region=REGION[plan.shot],
            turned=False,
            small=False,
            fill=float(rng.uniform(0.72, 0.95)) * (0.8 if plan.shot == "head" else 1.0),
            roll=float(rng.normal(0, np.radians(3))),
            elevation=float(np.radians(np.clip(rng.normal(3, 6), -12, 20))),
            distance=float(np.exp(rng.uniform(*np.log((2.2, 14))))),
            shift_x=float(rng.normal(0, 0.03)),
            shift_y=float(rng.normal(0, 0.03)),
        )
        if plan.yaw is not None:
            framing = replace(framing, yaw=plan.yaw)
        covariates = Covariates(
            seed=self._seed,
            index=number,
            people=(figure.covariates,),
            framing=framing,
            light=LightSettings.sample(rng),
            background=BackgroundSettings.sample(rng),
            occlusion=OcclusionSettings("none", 0.0, 0),
            sensor=_good_camera(SensorSettings.sample(rng)),
            scene=SceneSettings(
                nobody=False, company=0, ground=True, shadows=True, supersample=2, metered_on_people=True
            ),
        )
        camera = framing.camera(figure.region(framing.region), figure.skin, width, height)
        return photograph(covariates, [figure], camera)

    def _figure(self, rng: np.random.Generator, person: int) -> Figure:
        clothing = Clothing.sample(rng, {"mask": "none"})
        if clothing.headwear in HIDING:
            clothing = replace(clothing, headwear="none")
        dressed = self._stage.dress(person, rng, clothing)
        covariates = PersonCovariates(person, 0, 0, "standing", dressed.clothing, dressed.outfit.describe())
        return self._stage.figure(dressed, self._poses.sample(rng, "standing"), covariates, {})


def _good_camera(sensor: SensorSettings) -> SensorSettings:
    """A photograph that somebody would keep: in focus, metered, in colour, full resolution."""
    return replace(
        sensor,
        blur="none",
        blur_size=0.0,
        resolution=1.0,
        noise=min(sensor.noise, 0.01),
        exposure=float(np.clip(sensor.exposure, -0.5, 0.5)),
        grey=False,
        sepia=False,
        haze=0.0,
        jpeg=max(sensor.jpeg, 80) if sensor.jpeg else 0,
    )


def head_views(
    surfaces: list[Surface], middle: np.ndarray, yaws: tuple[float, ...], size: int = HEAD_VIEW
) -> list[UInt8]:
    """Pictures (S, S, 3) sRGB of a head in even light, from `yaws` radians round `middle` (3,) metres."""
    pictures = []
    for yaw in yaws:
        distance = 1.3
        camera = Camera.looking_at(
            middle,
            azimuth=yaw,
            elevation=0.0,
            distance=distance,
            focal=size * distance / HEAD_REACH,
            width=size,
            height=size,
        )
        direction = (np.sin(yaw) - 0.3 * np.cos(yaw), -np.cos(yaw) - 0.3 * np.sin(yaw), 0.6)
        frame = rasteriser().render(
            surfaces,
            camera,
            Light.studio(ambient=0.5, sun=0.35, direction=direction),
            background=np.full((size, size, 3), 0.2, dtype=np.float32),
            supersample=2,
        )
        pictures.append(np.clip(np.round(to_srgb(frame.colour) * 255), 0, 255).astype(np.uint8))
    return pictures


def undressed(model: BodyModel, body: Body, look: IdentityLook) -> tuple[list[Surface], np.ndarray]:
    """The surfaces of a resting body with skin, eyes and hair only, and the middle of its head (3,)
    metres.
    """
    nothing = Outfit(pieces=(), proxies=(), props=(), hat=None, seed=0)
    surfaces = Wardrobe.load().dress(look, nothing).surfaces(body.vertices)
    head = body.vertices[model.vertex_parts == 1]
    low, high = head.min(axis=0), head.max(axis=0)
    return surfaces, np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[2] - 0.15])
