"""Whom the arms learn from: clouds, likeness of age, sex and skin, and the crowd of each step."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lineament.synth.people import People
from lineament.training.faces.features import FaceSet
from lineament.training.head_clouds import HeadClouds
from lineament.training.rivals import SHADES, YEARS, attributes
from lineament.types import Float32, Int32

COLOUR_SPREAD = 0.12
POINT_NOISE = 0.0008
"""Metres: a scanner's errors."""
FRONT = np.array([2.0, 1.0], np.float32)
"""The clouds' layout goes round the head; stretched, its grid covers the front half, as pictures do."""


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Everybody who is learned from, by places 0..P-1. numbers: (P,) in the population, rising. clouds: (P,
    N, 9) points, normals, colours. layout: (N, 2). alike: (P, 3) sex, age and skin in units that count alike,
    or (P, 0) where nobody knows.
    """

    numbers: Int32
    clouds: Float32
    layout: Float32
    alike: Float32

    def __post_init__(self) -> None:
        if len(self.clouds) != len(self.numbers) or len(self.alike) != len(self.numbers):
            raise ValueError("a cast needs one cloud and one row of attributes a person")

    def __len__(self) -> int:
        return len(self.numbers)

    def of(self, numbers: Int32) -> "Cast":
        """Some of them, by their numbers in the population."""
        kept = np.isin(self.numbers, numbers)
        return Cast(self.numbers[kept], self.clouds[kept], self.layout, self.alike[kept])

    def places(self, faces: FaceSet) -> Int32:
        """(N,) the place of who is shown in each crop."""
        return np.searchsorted(self.numbers, faces.person).astype(np.int32)

    def scanned(self, places: np.ndarray, rng: np.random.Generator) -> Tensor:
        """Clouds of some as a scanner would make them: colours of another light, small errors."""
        clouds = self.clouds[places].copy()
        clouds[..., :3] += rng.normal(0, POINT_NOISE, clouds[..., :3].shape).astype(np.float32)
        shape = (len(places), 1, 3)
        gain = np.exp(rng.normal(0, COLOUR_SPREAD, shape) + rng.normal(0, COLOUR_SPREAD, (len(places), 1, 1)))
        clouds[..., 6:] = np.clip(clouds[..., 6:] * gain, 0, 1)
        return torch.from_numpy(clouds)


def cast_of(faces: FaceSet, clouds: HeadClouds, people: People | None) -> Cast:
    """Those who are shown; their likeness where the population is there."""
    numbers = np.unique(faces.person)
    parts = (clouds.points[numbers], clouds.normals[numbers], clouds.colours[numbers])
    alike = np.zeros((len(numbers), 0), np.float32)
    if people is not None:
        alike = np.stack([attributes(people, int(one)) for one in numbers]) / (0.25, YEARS, SHADES)
    together = np.concatenate(parts, axis=2).astype(np.float32)
    layout = np.asarray(clouds.grid) * FRONT
    return Cast(numbers.astype(np.int32), together, layout, alike.astype(np.float32))


class Crowds:
    """Who is in a step: people at random, and neighbours of one of them in age, sex and skin."""

    def __init__(self, cast: Cast, shown: Int32, crowd: int, views: int, hard: float) -> None:
        self._cast, self._crowd, self._views, self._hard = cast, min(crowd, len(cast)), views, hard
        order = np.argsort(shown, kind="stable")
        self._crops = np.split(order, np.searchsorted(shown[order], np.arange(1, len(cast))))

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Places of people (K,), and crops (K * views,), those of a person in a row."""
        alike = self._cast.alike
        near = np.zeros(0, int)
        if alike.shape[1]:
            middle = alike[rng.integers(len(alike))]
            apart = ((alike - middle) ** 2).sum(axis=1)
            count = int(self._crowd * self._hard)
            near = rng.permutation(np.argsort(apart, kind="stable")[: 2 * count])[:count]
        rest = np.setdiff1d(np.arange(len(self._cast)), near)
        people = np.concatenate([near, rng.permutation(rest)[: self._crowd - len(near)]])
        crops = [
            rng.choice(own, self._views, replace=len(own) < self._views)
            for own in (self._crops[one] for one in people)
        ]
        return people, np.concatenate(crops)
