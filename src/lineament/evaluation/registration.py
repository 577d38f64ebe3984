"""Registration judged on labelled photographs: person masks and joints."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np

from lineament.evaluation.datasets.lsp import parts_of
from lineament.evaluation.metrics import Figure, joints_hit, mean, overlap, proportion
from lineament.runtime.photograph import load_photograph
from lineament.runtime.registrar import Registrar
from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH, Window, inverse, window_round
from lineament.types import Bool, DenseRegistration, Float32, Float64, UInt8


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
    """Overlap with the labelled mask, averaged over photographs; where nobody is found the mask is empty.

    `person_mask_iou`: of the one found person who overlaps most, since the data label one person a
    photograph; `everybody_mask_iou`: of all found people together, passers-by included. Labels of street
    photographs count what a person carries: `person_with_things_iou` adds what is found of that.
    """
    labelled, everybody, carrying, found = [], [], [], 0
    for path, truth in photographs:
        progress(path)
        image = load_photograph(path)
        people = find(image)
        found += bool(people)
        singles = [registrar.full_resolution(image, [person]) for person in people]
        nobody = overlap(np.zeros_like(truth), truth)
        labelled.append(max((overlap(one.people > 0, truth) for one in singles), default=nobody))
        with_things = (overlap((one.people > 0) | (one.carried > 0), truth) for one in singles)
        carrying.append(max(with_things, default=nobody))
        everybody.append(overlap(registrar.full_resolution(image, people).people > 0, truth))
    return {
        "person_mask_iou": mean(np.array(labelled)),
        "person_with_things_iou": mean(np.array(carrying)),
        "everybody_mask_iou": mean(np.array(everybody)),
        "person_found": proportion(found, len(labelled)),
    }


def joints_in_parts(
    photographs: Iterable[tuple[Path, tuple[str, ...], Float64]],
    registrar: Registrar,
    find: FindsPeople,
    progress: Callable[[Path], None] = lambda path: None,
) -> dict[str, Figure]:
    """Share of joints whose best foreground class is a part that meets there; joints outside the crop count
    as missed.

    The labelled person is the found one whose box holds most of the joints; where nobody is found the whole
    photograph is taken as the person. `sides_ignored` accepts the other side's parts.
    """
    hits = ignoring = total = found = cases = 0
    for path, names, places in photographs:
        progress(path)
        image = load_photograph(path)
        people = find(image)
        cases, found = cases + 1, found + bool(people)
        window = window_round((0.0, 0.0, float(image.shape[1]), float(image.shape[0])))
        if people:
            person = max(people, key=lambda one: int(_inside(one.box, places).sum()))
            window = Window.from_matrix(person.to_photo, CROP_WIDTH, CROP_HEIGHT)
        best = 1 + registrar.averaged(image, window).classes[..., 1:].argmax(axis=-1).astype(np.uint8)
        to_grid = inverse(window.to_photo)
        on_grid = places @ to_grid[:, :2].T + to_grid[:, 2]
        accepted = [parts_of(name) for name in names]
        either = [parts_of(name) | parts_of(_other_side(name)) for name in names]
        hits += int(joints_hit(best, on_grid, accepted).sum())
        ignoring += int(joints_hit(best, on_grid, either).sum())
        total += len(names)
    return {
        "joint_in_adjacent_part": proportion(hits, total),
        "joint_in_adjacent_part_sides_ignored": proportion(ignoring, total),
        "person_found": proportion(found, cases),
    }


def _inside(box: Float32, places: Float64) -> Bool:
    """Which of `places` (N, 2) lie in a box."""
    return np.asarray(((places >= box[:2]) & (places <= box[2:])).all(axis=1))


def _other_side(joint: str) -> str:
    return {"l_": "r_", "r_": "l_"}.get(joint[:2], joint[:2]) + joint[2:]
