"""Pictures of enrolled people, all of them alike in everything but their bodies.

A round is one outfit, one skin and one head of hair, worn in turn by everybody. A take is one pose,
expression, light, place and direction of the camera for a few people, so that nothing but the body tells one
of their pictures from another's. Takes are many and small, since they differ far more than bodies do, and how
they differ has to be learned too. Rounds share nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from lineament.humans.expressions import sample_expression
from lineament.humans.poses import PoseLibrary
from lineament.humans.wardrobe.clothing import Clothing
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH
from lineament.synth.figure import Dressed, Figure, Stage
from lineament.synth.options import make_plan
from lineament.synth.plan import Plan, Turn
from lineament.synth.sample import PersonCovariates, Sample
from lineament.synth.scene import Order, draw
from lineament.synth.seeds import generator
from lineament.training.identity_pictures import LEAST_PIXELS
from lineament.training.specialise_bodies import Enrolled
from lineament.types import Float64, UInt8

TAKES: Final = 6
"""Of a round: dressing costs as much as drawing several pictures."""
TOGETHER: Final = 4
"""Enrolled people in a take."""
SETTINGS: Final = (
    "pose.kind=standing:0.6,walking:0.3,sitting:0.1",
    "framing.region=body:0.75,upper:0.25",
    "occlusion.kind=none:0.85,furniture:0.08,shape:0.07",
    "sensor.blur=none:0.85,defocus:0.15",
    "clothing.variety=first:0.3,wide:0.7",
)
FIXED: Final = (
    "scene.nobody=false",
    "scene.company=0",
    "scene.metered_on_people=true",
    "framing.small=false",
    "framing.turned=false",
    "sensor.resolution=1.0",
)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """image: (H, W, 3) uint8 sRGB. box: x0, y0, x1, y1 of what is seen of the person, pixels. person: number
    of an enrolled person, -1 for a stranger. take: number; pictures of one take differ in the body alone.
    """

    image: UInt8
    box: tuple[float, float, float, float]
    person: int
    take: int


def gallery_plan() -> Plan:
    """People as they are photographed to be seen: alone, upright, large, in all clothes, from all sides."""
    size = f"{CROP_WIDTH}x{CROP_HEIGHT}"
    return make_plan(size=size, fix=list(FIXED), distributions=list(SETTINGS))


class Rounds:
    """Draws rounds by number; each depends on the bodies, the seed and its number alone."""

    def __init__(self, enrolled: Enrolled, seed: int) -> None:
        self._enrolled, self._seed, self._plan = enrolled, seed, gallery_plan()
        # A stage asks for bodies and looks by number, which is all that it needs of a population.
        self._stage = Stage(enrolled)  # type: ignore[arg-type]
        self._poses = PoseLibrary.load()

    def draw(self, number: int, strangers: bool) -> Iterator[Picture]:
        """The pictures of round `number` that show enough of somebody, with strangers or without."""
        values = self._plan.figure_values(self._seed, "clothing", number, ())
        clothing = Clothing(**{one.name: values[f"clothing.{one.name}"] for one in fields(Clothing)})
        rng = generator(self._seed, "outfit", number)
        dressed = self._stage.dress(number, rng, clothing, values["clothing.variety"])
        for take, shown in self._takes(number, strangers):
            for body in shown:
                person = body if body < len(self._enrolled) else -1
                picture = _picture(self._sample(dressed, body, take), person, take)
                if picture is not None:
                    yield picture

    def _takes(self, number: int, strangers: bool) -> Iterator[tuple[int, list[int]]]:
        """The number of each take of a round and the bodies that it shows: everybody in turn."""
        count = len(self._enrolled)
        order = generator(self._seed, "order", number).permutation(count)
        for place in range(TAKES):
            take = number * TAKES + place
            shown = [int(order[k % count]) for k in range(place * TOGETHER, (place + 1) * TOGETHER)]
            yield take, [*dict.fromkeys(shown), *([count + take] if strangers else [])]

    def _sample(self, dressed: Dressed, body: int, take: int) -> Sample:
        values = self._plan.figure_values(self._seed, "pose", take, ())
        kind = str(values["pose.kind"])
        expression: dict[str, float] = {}
        if values["pose.expression"]:
            expression = sample_expression(generator(self._seed, "expression", take))
        covariates = PersonCovariates(
            body, take // TAKES, take, kind, dressed.clothing, dressed.outfit.describe()
        )
        rotations: Float64 = self._poses.sample(
            generator(self._seed, "pose", take), values["pose.kind"], values["pose.variety"]
        )
        figure = self._stage.figure(replace(dressed, person=body), rotations, covariates, expression)

        def shown(_: int = 0) -> Figure:
            return figure

        return draw(Order(self._seed, take, self._plan, Turn(take, 0, 0.0, ()), shown, shown))


def _picture(sample: Sample, person: int, take: int) -> Picture | None:
    rows, columns = np.nonzero(sample.subject == 1)
    if len(rows) < LEAST_PIXELS:
        return None
    box = (float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
    return Picture(sample.image, box, person, take)
