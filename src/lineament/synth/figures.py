"""The figures of a stream: which person in which outfit and pose stands behind a number.

Clothes belong to the figure, skin and hair to the person: nobody can be told by what they wear.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.distributions import Value
from lineament.humans.expressions import sample_expression
from lineament.humans.poses import PoseLibrary
from lineament.humans.wardrobe.clothing import Clothing
from lineament.synth.figure import Dressed, Figure, Stage
from lineament.synth.people import People
from lineament.synth.plan import Plan
from lineament.synth.sample import PersonCovariates
from lineament.synth.seeds import generator
from lineament.synth.turns import Recent
from lineament.types import Float64

SLOTS: Final = 48
"""Figures in use at a time; each keeps about 10 MB of textures."""
VIEWS: Final = 10
"""Photographs of a figure."""
POSES: Final = 5
"""Figures of a person in one outfit: dressing costs twenty times as much as posing."""

OUTFITS: Final = 2
"""Outfits of a person in turn: painting a skin costs as much as dressing."""

NEIGHBOURHOOD: Final = 16
"""Company comes from figures of the same run of this many samples, which one worker holds anyway."""
IN_USE: Final = SLOTS + NEIGHBOURHOOD
"""Figures kept at hand: company may ask for some before their turn."""

Swept = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class FigureNumbers:
    """What determines a figure: numbers of person, outfit and pose, how far it is on the way to its next
    pose, and the values of swept covariates. stranger: somebody beside a person whom the plan names.
    """

    person: int
    outfit: int
    pose: int
    moment: float = 0.0
    swept: Swept = ()
    stranger: bool = False


def between(first: Float64, second: Float64, moment: float) -> Float64:
    """Rotations (..., 3, 3) at `moment` 0..1 of the shortest way from `first` to `second`."""
    way = Rotation.from_matrix(np.swapaxes(first, -1, -2) @ second)
    return np.asarray(first @ Rotation.from_rotvec(moment * way.as_rotvec()).as_matrix())


class FigureMaker:
    """Makes the figures of a seed and a plan; the same numbers always give the same figure."""

    def __init__(self, seed: int, people: People, plan: Plan) -> None:
        self._seed, self._plan = seed, plan
        self._count = len(people)
        self._stage = Stage(people)
        self._poses = PoseLibrary.load()
        self._dressed = Recent(self._dress, IN_USE)

    def make(self, numbers: FigureNumbers) -> Figure:
        """The figure of `numbers`."""
        dressed = self._dressed((numbers.person, numbers.outfit, numbers.swept, numbers.stranger))
        values = self._plan.figure_values(self._seed, "pose", numbers.pose, numbers.swept)
        expression: dict[str, float] = {}
        if values["pose.expression"]:
            expression = sample_expression(generator(self._seed, "expression", numbers.pose))
        covariates = PersonCovariates(
            person=dressed.person,
            outfit=numbers.outfit,
            figure=numbers.pose,
            pose=str(values["pose.kind"]),
            clothing=dressed.clothing,
            worn=dressed.outfit.describe(),
            expression=tuple(expression.items()),
            moment=numbers.moment,
        )
        return self._stage.figure(dressed, self._rotations(numbers, values), covariates, expression)

    def _rotations(self, numbers: FigureNumbers, values: dict[str, Value]) -> Float64:
        def pose(step: int) -> Float64:
            rng = generator(self._seed, "pose", numbers.pose, step)
            return self._poses.sample(rng, values["pose.kind"], values["pose.variety"])

        return between(pose(0), pose(1), numbers.moment) if numbers.moment else pose(0)

    def _dress(self, key: tuple[int, int, Swept, bool]) -> Dressed:
        person_number, outfit_number, swept, stranger = key
        person = self._stranger(person_number) if stranger else self._person(person_number, swept)
        what = self._plan.figure_values(self._seed, "clothing", outfit_number, swept)
        clothing = Clothing(**{one.name: what[f"clothing.{one.name}"] for one in fields(Clothing)})
        rng = generator(self._seed, "outfit", outfit_number)
        return self._stage.dress(person, rng, clothing, what["clothing.variety"])

    def _person(self, number: int, swept: Swept) -> int:
        drawn = int(self._plan.figure_values(self._seed, "person", number, swept)["person.number"])
        if self._plan.pairs == "same-clothes" and number % 2 and self._count > 1:
            # Somebody else than the first of the pair.
            return (self._person(number - 1, swept) + 1 + drawn % (self._count - 1)) % self._count
        return drawn % self._count

    def _stranger(self, number: int) -> int:
        return int(generator(self._seed, "stranger", number).integers(self._count))
