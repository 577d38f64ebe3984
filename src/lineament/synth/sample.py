"""One labelled sample and everything that was chosen to make it."""

from dataclasses import dataclass, field, fields

import numpy as np

from lineament.distributions import Value
from lineament.geometry.camera import Camera
from lineament.humans.wardrobe.clothing import Clothing
from lineament.synth.background import BackgroundSettings
from lineament.synth.framing import Framing
from lineament.synth.labels import PersonLabels
from lineament.synth.lighting import LightSettings
from lineament.synth.occlusion import OcclusionSettings
from lineament.synth.sensor import SensorSettings
from lineament.types import Float16, Float32, Int32, UInt8

HEIGHT, WIDTH = 192, 128
MAX_PEOPLE = 4


@dataclass(frozen=True, slots=True)
class PersonCovariates:
    """Who is in the picture, what they wear and how they stand.

    person: number in the population. outfit and figure: numbers that determine the clothes and the pose.
    pose: its kind. clothing: the choices behind the outfit, None where it was drawn without (the first
    release's), and `worn`, what it consists of. expression: of the face, by
    name. moment: 0..1 on the way from this pose to the next one. turn: radians about the vertical against the
    figure's own frame. place: x, y on the ground, metres.
    """

    person: int
    outfit: int
    figure: int
    pose: str
    clothing: Clothing | None
    worn: str
    expression: tuple[tuple[str, float], ...] = ()
    moment: float = 0.0
    turn: float = 0.0
    place: tuple[float, float] = (0.0, 0.0)

    def flat(self) -> dict[str, Value]:
        """Name -> value of everything."""
        values: dict[str, Value] = {
            "person": self.person,
            "outfit": self.outfit,
            "figure": self.figure,
            "pose": self.pose,
            "worn": self.worn,
            "expression": ", ".join(f"{name} {weight:.3f}" for name, weight in self.expression),
            "moment": self.moment,
            "turn": self.turn,
            "place_x": self.place[0],
            "place_y": self.place[1],
        }
        if self.clothing is not None:
            values |= {f"clothing.{one.name}": getattr(self.clothing, one.name) for one in fields(Clothing)}
        return values


@dataclass(frozen=True, slots=True)
class SceneSettings:
    """nobody: a picture without people. company: people beside the main one, 0..3. ground: whether a floor
    with shadows is drawn. shadows: whether the sun's light is blocked. supersample: samples along each side
    of a pixel. metered_on_people: whether the exposure follows them rather than the whole picture.
    """

    nobody: bool
    company: int
    ground: bool
    shadows: bool
    supersample: int
    metered_on_people: bool


@dataclass(frozen=True, slots=True)
class Covariates:
    """Every choice of a sample, the main person first in `people`; `people` is empty and `framing` None for
    nobody. index: of the sample in the stream of `seed`.
    """

    seed: int
    index: int
    people: tuple[PersonCovariates, ...]
    framing: Framing | None
    scene: SceneSettings
    light: LightSettings
    background: BackgroundSettings
    occlusion: OcclusionSettings
    sensor: SensorSettings

    def flat(self) -> dict[str, Value]:
        """Everything by one flat name -> value, such as "light.kind"; people as "person0.pose"."""
        values: dict[str, Value] = {"seed": self.seed, "index": self.index, "people": len(self.people)}
        for group in ("framing", "scene", "light", "background", "occlusion", "sensor"):
            settings = getattr(self, group)
            if settings is not None:
                values |= {f"{group}.{one.name}": getattr(settings, one.name) for one in fields(settings)}
        for place, person in enumerate(self.people):
            values |= {f"person{place}.{name}": value for name, value in person.flat().items()}
        return values


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """What every pixel (H, W) shows, exact at its centre.

    depth: float32 metres along the camera's z, 0 for nothing. normal: (H, W, 3) float32 unit, world. surface:
    int32 number in `Sample.surfaces`, -1 for nothing; triangle: int32 face of that surface, -1 for nothing.
    barycentric: (H, W, 3) float32 weights of the triangle's corners.
    """

    depth: Float32
    normal: Float32
    surface: Int32
    triangle: Int32
    barycentric: Float32


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture with labels for every person in it.

    image: (H, W, 3) uint8 sRGB. part: (H, W) uint8 class. canonical: (H, W, 3) float16 metres on the average
    body, zero off people. subject: (H, W) uint8, 0 nobody, 1 the main person, 2.. the others, in the order of
    `covariates.people`, as in `labels`. What stands before people (`covariates.occlusion`) is taken out of
    part, canonical and subject; `geometry` is that of the scene behind it. surfaces: names in the order of
    the labels, with the subject before a colon.
    """

    image: UInt8
    part: UInt8
    canonical: Float16
    subject: UInt8
    camera: Camera
    covariates: Covariates
    geometry: Geometry
    labels: tuple[PersonLabels, ...] = ()
    surfaces: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        size = self.image.shape[:2]
        if self.part.shape != size or self.subject.shape != size or self.canonical.shape != (*size, 3):
            raise ValueError("all maps of a sample have the picture's size")

    def flat(self) -> dict[str, Value]:
        """The covariates with what follows from them: camera.height (metres above the floor), camera.focal
        (millimetres on a 36 mm wide picture), and person0.pixels (height of each person's sites, pixels).
        """
        values = self.covariates.flat()
        values["camera.height"] = float(self.camera.centre[2])
        values["camera.focal"] = float(36.0 * self.camera.K[0, 0] / self.camera.width)
        for place, one in enumerate(self.labels):
            values[f"person{place}.pixels"] = float(np.ptp(one.sites.pixels[:, 1]))
        return values

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

    def all_arrays(self) -> dict[str, np.ndarray]:
        """`arrays` with every other label: the maps of `geometry`, the camera's K, R and t, and for the P
        people {sites, landmarks, joints}_{world, pixels, depth, visible}, each (P, N, ...); none of nobody.
        """
        arrays = self.arrays()
        arrays |= {one.name: getattr(self.geometry, one.name) for one in fields(Geometry)}
        arrays |= {"K": self.camera.K, "R": self.camera.R, "t": self.camera.t}
        for kind in ("sites", "landmarks", "joints"):
            for name in ("world", "pixels", "depth", "visible"):
                each = [getattr(getattr(one, kind), name) for one in self.labels]
                if each:
                    arrays[f"{kind}_{name}"] = np.stack(each)
        return arrays
