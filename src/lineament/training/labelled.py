"""The samples of one synthetic picture beside its truth: which correspondences are right, what was missed."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from lineament.geometry.template import Template
from lineament.recognition.confidence_fitting import Labelled
from lineament.recognition.matching import candidates
from lineament.recognition.pixels import GRID_STEP, PersonPixels, person_pixels
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH, inverse, window_round
from lineament.synth.sample import Sample
from lineament.types import Bool, DenseRegistration, Float64, Prototype

LEAST_SHARE: Final = 0.02
"""Share of the picture below which nobody is asked for."""
STRANGER: Final = 7
"""Added to a person's number for the stranger with whom they are compared."""


def labelled_picture(
    sample: Sample,
    found: Sequence[DenseRegistration],
    prototype: Callable[[int], Prototype],
    people: int,
    template: Template,
    temperature: float,
) -> Labelled:
    """One picture's samples; each find belongs to the person whom most of its samples show."""
    rows: list[Labelled] = []
    taken: set[int] = set()
    missed = 0
    for body in found:
        pixels = person_pixels(body, template)
        if len(pixels.parts) == 0:
            continue
        subject = _lookup(sample.subject, pixels.xy)
        shown = int(np.bincount(subject[subject > 0], minlength=1).argmax()) if subject.any() else 0
        person = sample.covariates.people[shown - 1].person if shown else 0
        truth = _lookup(sample.canonical.astype(np.float32), pixels.xy)
        mine = (subject == shown) & (shown > 0)
        unsampled = max(0, cells(sample.subject == shown, body.to_photo) - int(mine.sum())) if shown else 0
        for own, other in ((True, person), (False, (person + STRANGER) % people)):
            rows.append(_samples(pixels, truth, mine, prototype(other), own, template, temperature))
            missed += unsampled
        taken.add(shown)
    size = sample.subject.size
    for number in range(1, len(sample.covariates.people) + 1):
        mask = sample.subject == number
        if number not in taken and mask.sum() >= LEAST_SHARE * size:
            missed += 2 * cells(mask, window_round(_extent(mask)).to_photo)
    whole = joined(rows)
    return Labelled(
        whole.raw, whole.agreed, whole.error, whole.part, whole.own,
        np.zeros(len(whole.raw), np.int32), np.array([missed], np.int32),
    )  # fmt: skip


def _samples(
    pixels: PersonPixels,
    truth: np.ndarray,
    mine: Bool,
    prototype: Prototype,
    own: bool,
    template: Template,
    temperature: float,
) -> Labelled:
    best = candidates(pixels, prototype, template, temperature=temperature)
    error = np.linalg.norm(template.positions[best.sites] - truth, axis=1)
    count = len(best.sites)
    return Labelled(
        raw=best.raw,
        agreed=best.agreed,
        error=np.where(mine, error, np.inf).astype(np.float32),
        part=pixels.parts,
        own=np.full(count, own),
        picture=np.zeros(count, np.int32),
        missed=np.zeros(1, np.int32),
    )


def _lookup(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The values (H, W, ...) at places (N, 2) x, y; zero outside."""
    column, row = np.floor(places).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < values.shape[1]) & (row < values.shape[0])
    result = np.zeros((len(places), *values.shape[2:]), values.dtype)
    result[inside] = values[row[inside], column[inside]]
    return result


def cells(mask: Bool, to_photo: Float64) -> int:
    """Pixels of a person in cells of the grid that a crop is sampled on, inside the crop."""
    rows, columns = np.nonzero(mask)
    back = inverse(to_photo)
    at = np.stack([columns + 0.5, rows + 0.5], axis=1) @ back[:, :2].T + back[:, 2]
    inside = ((at >= 0) & (at < (CROP_WIDTH, CROP_HEIGHT))).all(axis=1)
    area = abs(float(np.linalg.det(to_photo[:, :2]))) * GRID_STEP**2
    return round(float(inside.sum()) / area)


def _extent(mask: Bool) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(mask)
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


def joined(rows: Sequence[Labelled]) -> Labelled:
    """Pictures one after the other, renumbered; empty where there are none."""
    starts = np.concatenate([[0], np.cumsum([len(one.missed) for one in rows])]).astype(np.int32)

    def all_of(name: str, kind: type) -> np.ndarray:
        return np.concatenate([np.zeros(0, kind), *(getattr(one, name) for one in rows)]).astype(kind)

    pictures = [one.picture + start for one, start in zip(rows, starts[:-1], strict=True)]
    return Labelled(
        raw=all_of("raw", np.float32),
        agreed=all_of("agreed", bool),
        error=all_of("error", np.float32),
        part=all_of("part", np.uint8),
        own=all_of("own", bool),
        picture=np.concatenate([np.zeros(0, np.int32), *pictures]).astype(np.int32),
        missed=all_of("missed", np.int32),
    )
