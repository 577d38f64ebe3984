"""Whether explanations are true: hide what they name, and see whether the score falls.

Deletion and insertion (Petsiuk, Das & Saenko, BMVC 2018), on the calibrated score: cells of the person are
hidden (or shown on a hidden person) in the order of the explanation, in random order, from the least named
cell up, and in the order of a saliency baseline, always the same number of cells, that is the same area. What
is hidden takes the picture's mean colour. A comparison that can no longer be made says nothing: its
log-likelihood ratio is 0.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from lineament.evaluation.metrics import Figure
from lineament.evaluation.metrics.resampling import (
    ROUNDS,
    figure_of,
    person_index,
    person_mean,
    person_weights,
)
from lineament.types import Bool, Float64, Int32, UInt8

Order = Literal["named", "saliency", "random", "least named"]
ORDERS: Final[tuple[Order, ...]] = ("named", "saliency", "random", "least named")
SHARES: Final = (0.1, 0.25, 0.5)
"""Shares of the person's cells that are hidden or shown."""
RANDOM: Final = 2
"""Random orders that are averaged."""
CELLS: Final = 12
"""Cells along the person's longer side."""
WINDOW: Final = 3
"""Side of the baseline's sliding window, cells; it moves by two thirds of that."""

Score = Callable[[UInt8], float]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A person cut into squares. of: (H, W) number of each pixel's cell, -1 elsewhere. count: how many."""

    of: Int32
    count: int

    @classmethod
    def over(cls, person: Bool) -> "Cells":
        """Cells of the pixels of `person` (H, W); raises ValueError without any."""
        rows, columns = np.nonzero(person)
        if not len(rows):
            raise ValueError("a person without pixels has no cells")
        top, left = rows.min(), columns.min()
        side = max(1, -(-max(int(rows.max() - top), int(columns.max() - left)) // CELLS))
        across = int(columns.max() - left) // side + 1
        place = (rows - top) // side * across + (columns - left) // side
        numbers, cell = np.unique(place, return_inverse=True)
        of = np.full(person.shape, -1, dtype=np.int32)
        of[rows, columns] = cell
        return cls(of, len(numbers))

    def means(self, values: Float64) -> Float64:
        """(count,) mean of `values` (H, W) over each cell."""
        on = self.of >= 0
        total = np.bincount(self.of[on], weights=values[on], minlength=self.count)
        return total / np.bincount(self.of[on], minlength=self.count)

    def hidden(self, image: UInt8, cells: Int32) -> UInt8:
        """`image` (H, W, 3) with the pixels of some cells in its mean colour."""
        gone = np.zeros(self.count + 1, dtype=bool)
        gone[cells] = True
        mean = np.round(image.reshape(-1, 3).mean(axis=0)).astype(np.uint8)
        return np.where(gone[self.of][..., None], mean, image)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One comparison. start: its score. deletion and insertion: order -> (shares,) scores."""

    subject: str
    start: float
    deletion: Mapping[Order, Float64]
    insertion: Mapping[Order, Float64]


Saliency = Callable[[UInt8, Cells, Score, float], Float64]
"""A baseline: picture, cells, score and the picture's score -> (cells,), how much each cell matters."""


def judged(
    subject: str,
    image: UInt8,
    person: Bool,
    named: Float64,
    score: Score,
    rng: np.random.Generator,
    saliency: Saliency | None = None,
) -> Case:
    """Hide and show one person's cells in every order.

    image: (H, W, 3). person: (H, W). named: (H, W), how far the explanation holds each pixel for the reason.
    score: of a picture, the log-likelihood ratio against the one reference. saliency: the baseline, our own
    sliding window where None.
    """
    cells = Cells.over(person)
    start = score(image)
    values = cells.means(named)
    ways: dict[Order, list[Int32]] = {
        "named": [_falling(values)],
        "saliency": [_falling((saliency or occlusion)(image, cells, score, start))],
        "random": [rng.permutation(cells.count).astype(np.int32) for _ in range(RANDOM)],
        "least named": [_falling(-values)],
    }
    every = np.arange(cells.count, dtype=np.int32)
    deletion, insertion = {}, {}
    for order, drawn in ways.items():
        hidden, shown = [], []
        for cell in drawn:
            counts = [max(1, round(share * cells.count)) for share in SHARES]
            hidden.append([score(cells.hidden(image, cell[:count])) for count in counts])
            shown.append([score(cells.hidden(image, np.setdiff1d(every, cell[:count]))) for count in counts])
        deletion[order], insertion[order] = np.mean(hidden, axis=0), np.mean(shown, axis=0)
    return Case(subject, start, deletion, insertion)


def occlusion(image: UInt8, cells: Cells, score: Score, start: float) -> Float64:
    """The baseline: how far the score falls when a sliding window of cells is hidden, averaged by cell.

    Zeiler & Fergus, ECCV 2014; it asks the recogniser itself many times, which no explanation of ours does.
    """
    rows, columns = np.nonzero(cells.of >= 0)
    top, left = int(rows.min()), int(columns.min())
    height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
    side = max(1, round(max(height, width) / CELLS * WINDOW))
    step = max(1, round(side * 2 / 3))
    fall, times = np.zeros(cells.count), np.zeros(cells.count)
    for y in range(top, top + max(1, height - side + step), step):
        for x in range(left, left + max(1, width - side + step), step):
            inside = np.unique(cells.of[y : y + side, x : x + side])
            inside = inside[inside >= 0]
            if len(inside):
                fall[inside] += start - score(cells.hidden(image, inside))
                times[inside] += 1
    return fall / np.maximum(times, 1)


def summarised(cases: Sequence[Case], *, rounds: int = ROUNDS, seed: int = 0) -> dict[str, Figure]:
    """Mean falls of the score and their ratios, people resampled. Raises ValueError without cases.

    A fall is averaged over SHARES. A ratio is of mean falls: above 1, what the explanation names matters
    more than as much of something else.
    """
    if not cases:
        raise ValueError("explanations are judged on cases")
    (people,), count = person_index(np.array([case.subject for case in cases]))
    falls = {order: _means(case.start - case.deletion[order] for case in cases) for order in ORDERS}
    rises = {order: _means(case.insertion[order] for case in cases) for order in ORDERS}
    figures = {
        "score": person_mean(np.array([case.start for case in cases]), people, rounds=rounds, seed=seed)
    }
    for order in ORDERS:
        figures[f"fall, {order} hidden"] = person_mean(falls[order], people, rounds=rounds, seed=seed)
        figures[f"score, {order} shown"] = person_mean(rises[order], people, rounds=rounds, seed=seed)
    against: tuple[tuple[Order, Order], ...]
    against = (("named", "random"), ("named", "least named"), ("saliency", "random"))
    for first, second in against:
        ratio = _ratio(falls[first], falls[second], people, count, rounds, seed)
        figures[f"fall ratio, {first} to {second}"] = ratio
    return figures


def _means(rows: Iterable[Float64]) -> Float64:
    return np.array([float(np.mean(row)) for row in rows])


def _falling(values: Float64) -> Int32:
    return np.argsort(-values, kind="stable").astype(np.int32)


def _ratio(top: Float64, bottom: Float64, people: Int32, count: int, rounds: int, seed: int) -> Figure:
    draws = []
    for weights in person_weights(count, rounds=rounds, seed=seed):
        below = float(weights[people] @ bottom)
        draws.append(float(weights[people] @ top) / below if below > 0 else np.inf)
    value = float(top.sum() / bottom.sum()) if bottom.sum() > 0 else float("inf")
    return figure_of(value, draws, len(top), count)
