"""Pictures of people in several outfits each, for learning who they are: shards that are drawn once."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineament.runtime.windows import CROP_HEIGHT, CROP_WIDTH
from lineament.synth.figures import FigureNumbers
from lineament.synth.options import make_plan
from lineament.synth.people import People
from lineament.synth.plan import Plan, Turn
from lineament.synth.reserved import refuse_reserved
from lineament.synth.sample import Sample
from lineament.synth.stream import Generator
from lineament.types import Int32, UInt8

FIGURE_VIEWS, PERSON_FIGURES = 3, 2
"""Pictures of each figure (an outfit in a pose), and figures of each person."""
SHARD = 480
LEAST_PIXELS = 300
"""Of the main person, for a picture to be of use."""
SETTINGS = (
    "clothing.variety=first:0.3,wide:0.7",
    "pose.kind=standing:0.4,walking:0.2,sitting:0.1,bending:0.08,moving:0.16,acrobatic:0.06",
)


class PersonStream(Generator):
    """A stream in which pictures 6 n to 6 n + 5 show one person: two figures, three views of each."""

    def _own(self, place: Turn, index: int, k: int) -> FigureNumbers:
        chosen = super()._own(place, index, k)
        if k:
            return chosen
        figure = index // FIGURE_VIEWS
        return FigureNumbers(figure // PERSON_FIGURES, figure, figure)


def identity_plan() -> Plan:
    """Large people in all clothes, mostly upright."""
    fixed = ["scene.nobody=false", "framing.small=false"]
    size = f"{CROP_WIDTH}x{CROP_HEIGHT}"
    return make_plan(size=size, pairs="new-clothes", fix=fixed, distributions=list(SETTINGS))


@dataclass(frozen=True, slots=True, eq=False)
class PictureShard:
    """images: (M, H, W, 3). person: (M,) numbers in the population. box: (M, 4) x0, y0, x1, y1 round what is
    seen of the person, pixels.
    """

    images: UInt8
    person: Int32
    box: Int32


def draw_pictures(
    folder: Path, seed: int, people: int, pictures: int, say: Callable[[str], None]
) -> list[Path]:
    """Fill `folder` with shards of `pictures` in all, going on where a former call stopped; their paths.

    Raises BadInputError when the seed belongs to people who are kept aside.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:03d}.npz" for number in range(-(-pictures // SHARD))]
    if all(path.is_file() for path in paths):
        return paths
    stream = PersonStream(seed, People.load(people, refuse_reserved(seed)), identity_plan())
    for number, path in enumerate(paths):
        if path.is_file():
            continue
        begun = time.monotonic()
        shown = list(_usable(stream.sample(i) for i in range(number * SHARD, (number + 1) * SHARD)))
        partial = path.with_suffix(".partial.npz")
        np.savez(
            partial,
            images=np.stack([image for image, _, _ in shown]),
            person=np.array([person for _, person, _ in shown], np.int32),
            box=np.array([box for _, _, box in shown], np.int32),
        )
        partial.replace(path)
        each = (time.monotonic() - begun) / SHARD
        say(f"pictures {number + 1} of {len(paths)} shards, {1000 * each:.0f} ms a picture")
    return paths


def read_shard(path: Path) -> PictureShard:
    """A shard that `draw_pictures` wrote."""
    with np.load(path, allow_pickle=False) as held:
        return PictureShard(held["images"], held["person"], held["box"])


def _usable(samples: Iterator[Sample]) -> Iterator[tuple[UInt8, int, tuple[int, int, int, int]]]:
    for sample in samples:
        rows, columns = np.nonzero(sample.subject == 1)
        if len(rows) >= LEAST_PIXELS:
            box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
            yield sample.image, sample.covariates.people[0].person, box
