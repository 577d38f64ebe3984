"""The pictures of a protocol, with everything that is known of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.humans.site_model import SKELETON
from lineament.humans.wardrobe import IdentityLook, Wardrobe
from lineament.synth.figure import Figure
from lineament.synth.figures import FigureMaker, FigureNumbers
from lineament.synth.landmarks import LANDMARKS
from lineament.synth.people import People
from lineament.synth.plan import Turn
from lineament.synth.protocol_groups import groups_of
from lineament.synth.protocols import PLANS, ProtocolName, Take, takes
from lineament.synth.registry import FIGURE_GROUPS, PERSON_NUMBER
from lineament.synth.reserved import population_seed
from lineament.synth.sample import Sample
from lineament.synth.scene import Order, draw
from lineament.synth.seeds import generator
from lineament.types import UInt8

Box = tuple[float, float, float, float]
_NUMBERS: Final = 100
"""Room for the numbers of a person's takes."""
_OTHER_POSE: Final = 10_000_019
"""Added to the number of a pose that is not calm, until one is."""
_TRIES: Final = 40
_HANDS: Final = [list(SKELETON).index(name) for name in ("left_hand", "right_hand")]
_CHEST: Final = list(SKELETON).index("spine_upper")
_NOSE: Final = list(LANDMARKS).index("ibug_30")
_EARS: Final = [list(LANDMARKS).index(f"{side}_ear_back") for side in ("left", "right")]
_LEVEL: Final = np.radians(-11.0)
"""Slope from the ears to the tip of the nose of a head that is held level."""
_NOD, _TILT = np.radians(12.0), np.radians(8.0)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture. image: (H, W, 3) uint8 sRGB. covariates: angles in degrees, lengths in metres, "role"
    reference or probe, "scene" shared by pictures of one pose, light, place and camera position. box: x0, y0,
    x1, y1 of the person, pixels, but for faces.
    """

    name: str
    image: UInt8
    covariates: Mapping[str, str | float]
    box: Box | None


class OtherHair(People):
    """The same people with another haircut and colour."""

    def identity_look(self, person: int) -> IdentityLook:
        """Skin, eyes, brows and beard as always, other hair on the head."""
        values = self.parameters(person).phenotypes
        return Wardrobe.load().other_hair(
            super().identity_look(person),
            generator(self.seed, "other hair", person),
            gender=values["gender"],
            age=values["age"],
            ancestry=(values["african"], values["asian"], values["caucasian"]),
        )


class ProtocolMaker:
    """Makes the pictures of one protocol, person by person; each depends on name, seed and person alone.

    known: people with references, the first ones; unknown: further people, who only probe. Raises
    BadInputError for a seed or numbers that are not possible.
    """

    def __init__(self, name: ProtocolName, seed: int, known: int, unknown: int = 0) -> None:
        if known < 1 or unknown < 0:
            raise BadInputError(f"a protocol has at least 1 known person, not {known} and {unknown} unknown")
        self._name, self._known, self.count = name, known, known + unknown
        self._seed = population_seed(seed)
        self._makers: dict[bool, FigureMaker] = {}

    def shots(self, person: int) -> Iterator[Shot]:
        """Everything that shows one person, 0 to count - 1."""
        if not 0 <= person < self.count:
            raise IndexError(f"person {person} of {self.count}")
        for place, take in enumerate(takes(self._name, self._seed, person)):
            if take.role == "reference" and person >= self._known:
                continue
            sample = self._photograph(person, take)
            box = _box(sample)
            told = _covariates(sample, person, take) | groups_of(self._people(False), person)
            if box is not None:
                told["height"] = box[3] - box[1]
            yield Shot(f"{subject(person)}/{take.role}-{place:02d}", sample.image, told, box)

    def _photograph(self, person: int, take: Take) -> Sample:
        figure = self._figure(person, take)
        number = person * _NUMBERS + take.number
        place = Turn(base=number, member=0, moment=0.0, fixed=take.swept)
        return draw(Order(self._seed, number, PLANS[self._name], place, lambda _: figure, lambda: figure))

    def _people(self, new_hair: bool) -> People:
        return (OtherHair if new_hair else People).load(self.count, self._seed)

    def _figure(self, person: int, take: Take) -> Figure:
        maker = self._makers.get(take.new_hair)
        if maker is None:
            population = self._people(take.new_hair)
            maker = self._makers[take.new_hair] = FigureMaker(self._seed, population, PLANS[self._name])
        # The figure knows nothing of the camera, so that it is dressed once for all its views.
        own = tuple(one for one in take.swept if one[0].split(".")[0] in FIGURE_GROUPS)
        swept = (*own, (PERSON_NUMBER, person))
        first = person * _NUMBERS
        for attempt in range(_TRIES):
            pose = first + take.number + attempt * _OTHER_POSE
            figure = maker.make(FigureNumbers(person, first + take.clothes, pose, swept=swept))
            if not take.calm or _calm(figure):
                break
        return figure


def subject(person: int) -> str:
    """The name of a person: of their folder, and in the manifest."""
    return f"{person:05d}"


def _calm(figure: Figure) -> bool:
    """Whether the head is held level and upright, and both hands are below the chest, away from the face."""
    left, right = figure.landmarks[_EARS]
    x, y, z = figure.landmarks[_NOSE] - (left + right) / 2
    nod = np.arctan2(z, np.hypot(x, y)) - _LEVEL
    tilt = np.arcsin((left[2] - right[2]) / np.linalg.norm(left - right))
    hands = figure.joints[_HANDS, 2] < figure.joints[_CHEST, 2]
    return bool(abs(nod) < _NOD and abs(tilt) < _TILT and hands.all())


def _covariates(sample: Sample, person: int, take: Take) -> dict[str, str | float]:
    framing, main = sample.covariates.framing, sample.covariates.people[0]
    if framing is None:
        raise ValueError("a picture of a protocol shows somebody")
    told: dict[str, str | float] = {
        "role": take.role,
        "condition": take.condition,
        "scene": f"{subject(person)} {take.number}",
        "clothes": f"{subject(person)} {take.clothes}",
        "worn": main.worn,
        "hair": f"{subject(person)} {'other' if take.new_hair else 'own'}",
        "pose": main.pose,
        "expression": ", ".join(f"{name} {weight:.2f}" for name, weight in main.expression) or "neutral",
        "light": sample.covariates.light.kind,
        "pitch": round(float(np.degrees(framing.elevation)), 3),
        "distance": round(float(framing.distance), 3),
    }
    yaw = round(float(np.degrees(framing.yaw)), 3)
    return told | ({"yaw": yaw} if framing.region == "face" else {"orientation": yaw % 360.0})


def _box(sample: Sample) -> Box | None:
    framing = sample.covariates.framing
    rows, columns = np.nonzero(sample.subject == 1)
    if framing is None or framing.region == "face" or not len(rows):
        return None
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)
