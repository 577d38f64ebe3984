"""Registration judged on labelled photographs: person masks and joints."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np

from lineament.evaluation.datasets.lsp import parts_of
from lineament.evaluation.metrics import Figure, mean, overlap, proportion
from lineament.runtime.photograph import load_photograph
from lineament.runtime.registrar import Registrar
from lineament.runtime.windows import window_round
from lineament.types import Bool, DenseRegistration, Float64, UInt8


class FindsPeople(Protocol):
    """Finds and registers the people of a photograph."""

    def __call__(self, image: UInt8) -> list[DenseRegistration]:
        """The people, most prominent first."""
        ...


def person_masks(
    photographs: Iterable[tuple[Path, Bool]],
    registrar: Registrar,
    find: FindsPeople,
    progress: Callable[[Path], None] = lambda path: None,
) -> dict[str, Figure]:
    """Overlap of everybody's mask with the labelled one, averaged over photographs; nobody found counts as 0
    overlap.
    """
    scores, found = [], 0
    for path, truth in photographs:
        progress(path)
        image = load_photograph(path)
        people = find(image)
        found += bool(people)
        maps = registrar.full_resolution(image, people)
        scores.append(overlap(maps.people > 0, truth))
    values = np.array(scores, dtype=np.float64)
    return {"person_mask_iou": mean(values), "person_found": proportion(found, len(values))}


def joints_in_parts(
    photographs: Iterable[tuple[Path, tuple[str, ...], Float64]],
    registrar: Registrar,
    find: FindsPeople,
    progress: Callable[[Path], None] = lambda path: None,
) -> dict[str, Figure]:
    """Share of joints whose best foreground class is a part that meets there; joints outside the crop count
    as missed.

    Where nobody is found the whole photograph is taken as the person. `sides_ignored` accepts the other
    side's parts.
    """
    hits = ignoring = total = found = cases = 0
    for path, names, places in photographs:
        progress(path)
        image = load_photograph(path)
        people = find(image)
        cases, found = cases + 1, found + bool(people)
        x0, y0, x1, y1 = people[0].box if people else (0.0, 0.0, image.shape[1], image.shape[0])
        window = window_round((float(x0), float(y0), float(x1), float(y1)))
        classes = registrar.averaged(image, window).classes
        best = 1 + classes[..., 1:].argmax(axis=-1)
        inverse = np.linalg.inv(np.vstack([window.to_photo, [0.0, 0.0, 1.0]]))[:2]
        for name, place in zip(names, places, strict=True):
            total += 1
            column, row = np.floor(inverse @ [*place, 1.0]).astype(int)
            if 0 <= row < best.shape[0] and 0 <= column < best.shape[1]:
                part = int(best[row, column])
                hits += part in parts_of(name)
                ignoring += part in parts_of(name) | parts_of(_other_side(name))
    return {
        "joint_in_adjacent_part": proportion(hits, total),
        "joint_in_adjacent_part_sides_ignored": proportion(ignoring, total),
        "person_found": proportion(found, cases),
    }


def _other_side(joint: str) -> str:
    return {"l_": "r_", "r_": "l_"}.get(joint[:2], joint[:2]) + joint[2:]
