"""Hard negatives: for each person another one of the same sex, of like age and like skin."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lineament.humans.demography import age_years
from lineament.types import Float32

if TYPE_CHECKING:
    from lineament.synth.people import People

POOL: Final = 200
"""Of a population the first so many serve as rivals: to know who is alike, everybody must have been built."""
NEAREST: Final = 6
"""A rival is drawn from so many of the most alike."""
YEARS: Final = 10.0
SHADES: Final = 0.1
"""Differences of age and of skin (luma, 0..1) that count alike."""
_LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def attributes(people: "People", person: int) -> Float32:
    """(3,) of one person: 1 for a woman, years, and the middle luma of the body's sites, 0..1."""
    parameters = people.parameters(person)
    shade = float(np.median(people.prototype(person).colours @ _LUMA))
    return np.array([parameters.is_female, age_years(parameters.phenotypes["age"]), shade], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """Who may be a rival. numbers: (R,) people. attributes: (R, 3) of each, as `attributes` gives them."""

    numbers: np.ndarray
    attributes: Float32

    def __post_init__(self) -> None:
        if self.attributes.shape != (len(self.numbers), 3):
            raise ValueError("rivals need three attributes each")

    @classmethod
    def among(cls, people: "People") -> "Rivals":
        """Those of a population; builds them where nobody has."""
        numbers = np.arange(min(POOL, len(people)))
        return cls(numbers, np.stack([attributes(people, int(one)) for one in numbers]))

    def of(self, person: int, own: Float32, rng: np.random.Generator) -> int:
        """Number of a rival of `person` with the attributes `own` (3,); the person's own where nobody else
        is of that sex.
        """
        apart = (self.attributes - own) / (1.0, YEARS, SHADES)
        distance = (apart[:, 1:] ** 2).sum(axis=1)
        possible = np.flatnonzero((np.abs(apart[:, 0]) < 0.5) & (self.numbers != person))
        if len(possible) == 0:
            return person
        near = possible[np.argsort(distance[possible], kind="stable")[:NEAREST]]
        return int(self.numbers[rng.choice(near)])
