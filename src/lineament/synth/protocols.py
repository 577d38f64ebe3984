"""Protocols of synthetic people: who is photographed how, and what stays the same meanwhile.

synthetic-faces: a frontal, neutral reference of each known person; probes turn from 0 to 120 degrees while
everything else stays, in several takes with other clothes, light, place and expression.

synthetic-people: references from four sides; probes in the same clothes, in new ones, with new hair, and with
the head covered, each from random sides in other poses, light and places.

hard-clothing, hard-hair, hard-head: references from four sides; probes in new clothes, each of them twice:
once plain and once hard (in a robe or a loose coat; with another haircut; with the head covered), while
person, pose, light, place and camera stay, so that what the hardship costs can be told pair by pair.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from lineament.distributions import Choice, Distribution, Fixed, LogNormal, LogUniform, Normal, Uniform, Whole
from lineament.synth.figures import Swept
from lineament.synth.lighting import SHARES as LIGHT_SHARES
from lineament.synth.plan import Plan
from lineament.synth.seeds import generator

ProtocolName = Literal["synthetic-faces", "synthetic-people", "hard-clothing", "hard-hair", "hard-head"]
Role = Literal["reference", "probe"]
YAWS: Final = (0, 15, 30, 45, 60, 75, 90, 105, 120)
"""Degrees; every other take of a person turns to the other side."""
TAKES: Final = 3
"""Turns of a face: the first neutral, the others with expressions."""
SIDES: Final = (0, 90, 180, -90)
"""Degrees, of the references of whole figures."""
CONDITIONS: Final = ("same", "new clothes", "new hair", "occluded head")
PROBES: Final = 4
"""Pictures of a person in each condition."""
PLAIN: Final = "plain"
HARDSHIPS: Final[Mapping[ProtocolName, str]] = {
    "hard-clothing": "loose clothing",
    "hard-hair": "new hair",
    "hard-head": "occluded head",
}
"""Condition of the hard probes of each protocol; the others of a pair are `PLAIN`."""
PAIRS: Final = 6
"""Pairs of probes, plain and hard, of a person."""
DEFAULT_PEOPLE: Final[Mapping[ProtocolName, int]] = {
    "synthetic-faces": 100,
    "synthetic-people": 20,
    "hard-clothing": 20,
    "hard-hair": 20,
    "hard-head": 20,
}
HEADWEAR: Final = ("hat", "cap", "beanie", "hood", "helmet", "headscarf")
COVERS: Final = (("medical", "none"), ("scarf", "none"), ("none", "dark"), ("cloth", "dark"))
"""Mask and glasses that go with them."""

_DAY: Final = {kind: share for kind, share in LIGHT_SHARES.items() if kind != "night"}
_COMMON: Final[Mapping[str, Distribution]] = {
    "scene.nobody": Fixed(False),
    "scene.company": Fixed(0),
    "scene.metered_on_people": Fixed(True),
    "framing.turned": Fixed(False),
    "framing.small": Fixed(False),
    "framing.roll": Fixed(0.0),
    "framing.shift_x": Normal(0, 0.02),
    "framing.shift_y": Normal(0, 0.02),
    "occlusion.kind": Fixed("none"),
    "light.kind": Choice({kind: share / sum(_DAY.values()) for kind, share in _DAY.items()}),
    "sensor.exposure": Normal(0, 0.3, -0.8, 0.8),
    "sensor.blur": Fixed("none"),
    "sensor.resolution": Fixed(1.0),
    "sensor.noise": LogUniform(0.002, 0.02),
    "sensor.haze": Fixed(0.0),
    "sensor.gamma": LogNormal(1.0, 0.06),
    "sensor.contrast": LogNormal(1.0, 0.08),
    "sensor.saturation": Normal(1.0, 0.1, 0.6, 1.4),
    "sensor.grey": Fixed(False),
    "sensor.jpeg": Whole(75, 97),
    "clothing.headwear": Fixed("none"),
    "clothing.glasses": Fixed("none"),
    "clothing.mask": Fixed("none"),
}
"""Pictures of a decent camera by day: the protocols measure turns, clothes and hair, not bad cameras."""
_FACES: Final[Mapping[str, Distribution]] = {
    "framing.region": Fixed("face"),
    "framing.fill": Fixed(0.42),
    "framing.elevation": Uniform(*np.radians((-5, 8))),
    "framing.distance": Uniform(1.0, 3.0),
    "pose.kind": Fixed("standing"),
}
_PEOPLE: Final[Mapping[str, Distribution]] = {
    "framing.region": Fixed("body"),
    "framing.fill": Uniform(0.75, 0.95),
    "framing.elevation": Uniform(*np.radians((-5, 20))),
    "pose.kind": Choice({"standing": 0.5, "walking": 0.25, "sitting": 0.1, "moving": 0.15}),
}
_BUSTS: Final[Mapping[str, Distribution]] = {
    **_PEOPLE,
    "framing.region": Fixed("upper"),
    "framing.yaw": Uniform(*np.radians((-75, 75))),
    "pose.kind": Choice({"standing": 0.7, "walking": 0.3}),
}
"""Heads of 60 to 90 pixels that show their faces: what hair and hats change is what is asked for."""
_DRESSED: Final[Mapping[str, Distribution]] = {**_PEOPLE, "clothing.outerwear": Fixed("none")}
PLANS: Final[Mapping[ProtocolName, Plan]] = {
    "synthetic-faces": Plan(256, 256, {**_COMMON, **_FACES}),
    "synthetic-people": Plan(384, 192, {**_COMMON, **_PEOPLE}),
    "hard-clothing": Plan(384, 192, {**_COMMON, **_DRESSED}),
    "hard-hair": Plan(384, 320, {**_COMMON, **_BUSTS}),
    "hard-head": Plan(384, 320, {**_COMMON, **_BUSTS}),
}
_CLOSE: Final[Swept] = (("clothing.dress", "separates"), ("clothing.outerwear", "none"))
_LOOSE: Final[tuple[Swept, ...]] = (
    (("clothing.dress", "robe"), ("clothing.outerwear", "none")),
    (("clothing.dress", "separates"), ("clothing.outerwear", "loose_coat")),
)
"""Garments that hide waist and legs, in turn."""


@dataclass(frozen=True, slots=True)
class Take:
    """One picture of a person. number: of light, place, camera and pose. clothes, new_hair: which of the
    person's. swept: values that are fixed. calm: with the head held level and the hands below the chest.
    """

    role: Role
    condition: str
    number: int
    clothes: int = 0
    new_hair: bool = False
    swept: Swept = ()
    calm: bool = False


def takes(name: ProtocolName, seed: int, person: int) -> Iterator[Take]:
    """Every picture of a person, the references first."""
    if name == "synthetic-faces":
        return _face_takes(person)
    if name in HARDSHIPS:
        return _hard_takes(name, seed, person)
    return _people_takes(seed, person)


def _face_takes(person: int) -> Iterator[Take]:
    frontal: Swept = (("pose.expression", False), ("framing.yaw", 0.0))
    yield Take("reference", "frontal", 0, swept=frontal, calm=True)
    for take in range(TAKES):
        condition = "neutral" if take == 0 else "expression"
        side = 1 if (person + take) % 2 else -1
        for yaw in YAWS:
            swept: Swept = (("pose.expression", take > 0), ("framing.yaw", float(np.radians(side * yaw))))
            yield Take("probe", condition, take + 1, take + 1, swept=swept, calm=True)


def _references() -> Iterator[Take]:
    for place, side in enumerate(SIDES):
        fixed: Swept = (("pose.kind", "standing"), ("framing.yaw", float(np.radians(side))))
        yield Take("reference", "reference", place, swept=fixed, calm=True)


def _hard_takes(name: ProtocolName, seed: int, person: int) -> Iterator[Take]:
    """References, then pairs of probes in new clothes that share their number: plain, hard."""
    yield from _references()
    rng = generator(seed, "hardships", person)
    for pair in range(PAIRS):
        plain: Swept = ()
        hard: Swept = ()
        new_hair = name == "hard-hair"
        if name == "hard-clothing":
            plain, hard = _CLOSE, _LOOSE[pair % len(_LOOSE)]
        elif name == "hard-head":
            hard = _covered(rng)
        number, calm = len(SIDES) + pair, name != "hard-clothing"
        yield Take("probe", PLAIN, number, 1 + pair, swept=plain, calm=calm)
        yield Take("probe", HARDSHIPS[name], number, 1 + pair, new_hair, hard, calm)


def _people_takes(seed: int, person: int) -> Iterator[Take]:
    yield from _references()
    number = len(SIDES)
    rng = generator(seed, "occluded heads", person)
    for condition in CONDITIONS:
        for _ in range(PROBES):
            swept = _covered(rng) if condition == "occluded head" else ()
            clothes, hair = int(condition == "new clothes"), condition == "new hair"
            yield Take("probe", condition, number, clothes, hair, swept)
            number += 1


def _covered(rng: np.random.Generator) -> Swept:
    """A hat with a mask, with dark glasses, or both."""
    hat = HEADWEAR[int(rng.integers(len(HEADWEAR)))]
    mask, glasses = COVERS[int(rng.integers(len(COVERS)))]
    return (("clothing.headwear", hat), ("clothing.mask", mask), ("clothing.glasses", glasses))
