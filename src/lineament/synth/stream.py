"""The endless stream of labelled samples: sample i depends on the seed and on i alone.

Dressing and posing cost more than drawing, so that each figure is photographed several times; SLOTS figures
take turns, which keeps the pictures of one figure apart. A worker of `Stream` yields whole blocks, in
the order in which a DataLoader asks for them, so that the order does not depend on the number of workers.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
from torch.utils.data import IterableDataset, get_worker_info

from lineament.assets import find_folder
from lineament.distributions import Fixed
from lineament.errors import BadInputError
from lineament.synth.figure import Figure
from lineament.synth.figures import (
    IN_USE,
    NEIGHBOURHOOD,
    OUTFITS,
    POSES,
    SLOTS,
    VIEWS,
    FigureMaker,
    FigureNumbers,
)
from lineament.synth.people import People
from lineament.synth.plan import Plan, Turn
from lineament.synth.registry import FIGURE_GROUPS, PERSON_NUMBER
from lineament.synth.reserved import refuse_reserved
from lineament.synth.sample import MAX_PEOPLE, Sample
from lineament.synth.scene import Order, Renderer, draw
from lineament.synth.turns import Recent, slower, turn

LOGGER = logging.getLogger(__name__)
OPTIONAL_ASSETS = {
    "hdri-cc0": "light and scenery are procedural",
    "makehuman-cc0": "skins, hair and clothes are painted",
    "ict-facekit": "heads are the body model's own",
    "cmu-mocap": "poses are drawn from joint limits",
}
SCENERY_SLOTS = 25
SCENERY_VIEWS = 12
"""Backgrounds in use at a time, and pictures of each. 25 and the 48 slots of figures have no common divisor:
figures meet ever other backgrounds.
"""
STRANGERS = 1_000_000_007
"""Numbers from here on are of company alone."""


@cache
def say_what_is_missing() -> tuple[str, ...]:
    """Log once which assets are absent and what that costs; returns their names."""
    absent = tuple(name for name in OPTIONAL_ASSETS if find_folder(name) is None)
    for name in absent:
        LOGGER.warning("asset %s is not on this machine: %s", name, OPTIONAL_ASSETS[name])
    return absent


class Generator:
    """Random access to the samples of a seed and a plan, with the figures in use kept at hand.

    Raises BadInputError where the plan fixes a person beyond the population.
    """

    def __init__(
        self, seed: int, people: People, plan: Plan | None = None, renderer: Renderer | None = None
    ) -> None:
        say_what_is_missing()
        self.seed = seed
        self.people = people
        self.plan = plan or Plan()
        self.renderer = renderer
        _check_people(self.plan, len(people))
        self._named = PERSON_NUMBER in {*self.plan.changed, *(one.name for one in self.plan.sweeps)}
        maker = FigureMaker(seed, people, self.plan)
        self._figures: Recent[FigureNumbers, Figure] = Recent(maker.make, IN_USE)

    def sample(self, index: int) -> Sample:
        """Sample `index` >= 0."""
        place = self.plan.turn(index)
        numbers, scenery = self._own, None
        if self.plan.regular:
            numbers = self._shared
            scenery = turn(index, (7 * index) % SCENERY_SLOTS, SCENERY_SLOTS, SCENERY_VIEWS)

        def figure(k: int) -> Figure:
            chosen = numbers(place, index, k)
            return self._figures(replace(chosen, stranger=True) if k and self._named else chosen)

        def start() -> Figure:
            return self._figures(replace(numbers(place, index, 0), moment=0.0))

        order = Order(self.seed, index, self.plan, place, figure, start, scenery)
        return draw(order, self.renderer)

    def _shared(self, place: Turn, index: int, k: int) -> FigureNumbers:
        """A figure that several pictures share; company comes from figures at hand."""
        slot = index % SLOTS
        first = slot - slot % NEIGHBOURHOOD
        pose = turn(index, first + (slot + 5 * k) % NEIGHBOURHOOD, SLOTS, VIEWS)
        outfit = slower(pose, SLOTS, POSES)
        return FigureNumbers(slower(outfit, SLOTS, OUTFITS), outfit, pose)

    def _own(self, place: Turn, index: int, k: int) -> FigureNumbers:
        """A figure of this picture's own, and company of numbers that no main figure has."""
        if k:
            other = STRANGERS + (MAX_PEOPLE + 2) * place.base + k
            return FigureNumbers(other, other, other, place.moment)
        two = 2 * place.base + place.member
        match self.plan.pairs:
            case "new-clothes":
                return FigureNumbers(place.base, two, two)
            case "same-clothes":
                return FigureNumbers(two, place.base, two)
        own = tuple(one for one in place.fixed if one[0].split(".")[0] in FIGURE_GROUPS)
        return FigureNumbers(place.base, place.base, place.base, place.moment, own)


def _check_people(plan: Plan, count: int) -> None:
    values = [one.values for one in plan.sweeps if one.name == PERSON_NUMBER]
    fixed = plan.changed.get(PERSON_NUMBER)
    asked = [value for some in values for value in some] + ([fixed.value] if isinstance(fixed, Fixed) else [])
    if any(value >= count for value in asked):
        raise BadInputError(
            f"there are {count} people, 0 to {count - 1}; raise --people for number {max(asked)}"
        )


class Stream(IterableDataset):
    """Samples `start`, `start` + 1, ... without end, as dictionaries of arrays (`Sample.arrays`).

    With a DataLoader give its batch size as `batch`: worker w then makes batches w, w + W, ... and the
    batches come out in the order of their samples, whatever the number of workers W. To resume, start at the
    next sample's index (a multiple of `batch`).
    """

    def __init__(
        self, seed: int, people: People, plan: Plan | None = None, *, start: int = 0, batch: int = 32
    ) -> None:
        if start % batch:
            raise ValueError(f"start {start} is not a multiple of the batch size {batch}")
        refuse_reserved(people.seed)
        self._seed, self._people, self._plan = seed, people, plan
        self._start, self._batch = start, batch
        # OpenCV's threads do not survive the fork of a worker, which would wait for them for ever.
        cv2.setNumThreads(1)

    def __iter__(self) -> Iterator[dict[str, np.ndarray]]:
        """Endless; each worker process makes its own renderer."""
        worker = get_worker_info()
        number, count = (worker.id, worker.num_workers) if worker is not None else (0, 1)
        generator = Generator(self._seed, self._people, self._plan)
        block = self._start // self._batch + number
        while True:
            for index in range(block * self._batch, (block + 1) * self._batch):
                yield generator.sample(index).arrays()
            block += count
