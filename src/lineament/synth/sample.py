"""One labelled sample and everything that was chosen to make it."""

from dataclasses import dataclass

import numpy as np

from lineament.geometry.camera import Camera
from lineament.synth.background import BackgroundSettings
from lineament.synth.framing import Framing
from lineament.synth.lighting import LightSettings
from lineament.synth.occlusion import OcclusionSettings
from lineament.synth.sensor import SensorSettings
from lineament.types import Float16, UInt8

HEIGHT, WIDTH = 192, 128
MAX_PEOPLE = 4


@dataclass(frozen=True, slots=True)
class PersonCovariates:
    """Who is in the picture: person of the population, figure (dressed and posed), what they wear, how they
    stand.

    turn: radians about the vertical against the figure's own frame. place: x, y on the ground, metres.
    """

    person: int
    figure: int
    pose: str
    outfit: str
    turn: float = 0.0
    place: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Covariates:
    """Every choice of a sample, the main person first in `people`; `people` is empty and `framing` None for
    nobody.

    ground: whether a floor with shadows was drawn. face_weight: share of the metering that people get, 0..1.
    """

    seed: int
    index: int
    people: tuple[PersonCovariates, ...]
    framing: Framing | None
    light: LightSettings
    background: BackgroundSettings
    occlusion: OcclusionSettings
    sensor: SensorSettings
    ground: bool
    shadows: bool
    supersample: int
    metered_on_people: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture with labels for every person in it.

    image: (H, W, 3) uint8 sRGB. part: (H, W) uint8 class. canonical: (H, W, 3) float16 metres on the average
    body, zero off people. subject: (H, W) uint8, 0 nobody, 1 the main person, 2.. the others, in the order of
    `covariates.people`.
    """

    image: UInt8
    part: UInt8
    canonical: Float16
    subject: UInt8
    camera: Camera
    covariates: Covariates

    def __post_init__(self) -> None:
        size = self.image.shape[:2]
        if self.part.shape != size or self.subject.shape != size or self.canonical.shape != (*size, 3):
            raise ValueError("all maps of a sample have the picture's size")

    def arrays(self) -> dict[str, np.ndarray]:
        """What training reads: image, part, canonical, subject, index (), person () (-1 for nobody), and
        people (MAX_PEOPLE,): the person behind each subject number, -1 where there is none.
        """
        people = np.full(MAX_PEOPLE, -1, dtype=np.int32)
        for place, one in enumerate(self.covariates.people):
            people[place] = one.person
        return {
            "image": self.image,
            "part": self.part,
            "canonical": self.canonical,
            "subject": self.subject,
            "index": np.int64(self.covariates.index),
            "person": np.int32(people[0]),
            "people": people,
        }
