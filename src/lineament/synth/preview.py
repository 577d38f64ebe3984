"""Looking at samples: contact sheets with their labels laid over them."""

from collections.abc import Sequence

import cv2
import numpy as np

from lineament.anatomy import PART_COLOURS
from lineament.synth.head_sample import HeadSample
from lineament.synth.heads import HeadStream
from lineament.synth.people import People
from lineament.synth.photoreal import PathTracer
from lineament.synth.plan import Plan
from lineament.synth.sample import Sample
from lineament.synth.scene import rasteriser
from lineament.synth.stream import Generator
from lineament.types import UInt8


def draw_samples(seed: int, people: int, numbers: Sequence[int], plan: Plan, photoreal: int = 0) -> UInt8:
    """The contact sheet of samples `numbers` of a stream; photoreal: light paths a pixel, 0 for none."""
    renderer = PathTracer(rasteriser(), photoreal) if photoreal else None
    generator = Generator(seed, People.load(people, seed), plan, renderer)
    return contact_sheet([generator.sample(number) for number in numbers])


def draw_heads(seed: int, people: int, numbers: Sequence[int]) -> UInt8:
    """The contact sheet of head crops `numbers`, as face alignment is trained with them."""
    stream = HeadStream(seed, People.load(people, seed))
    return head_sheet([stream.sample(number) for number in numbers])


def contact_sheet(samples: Sequence[Sample], columns: int = 8, opacity: float = 0.55) -> UInt8:
    """Pictures beside their part labels, `columns` pairs a row: (rows * H, columns * 2 W, 3) uint8 sRGB.

    The main person is outlined in white; the second label picture colours the canonical coordinates where the
    sample's index is odd.
    """
    return _grid([_pair(sample, opacity) for sample in samples], columns)


def head_sheet(samples: Sequence[HeadSample], columns: int = 10) -> UInt8:
    """Head crops with landmarks, green where seen and red where hidden; yaw in degrees in the corner."""
    tiles = []
    for sample in samples:
        tile = sample.image.copy()
        for (x, y), seen in zip(sample.landmarks2d, sample.visible, strict=True):
            cv2.circle(tile, (int(x), int(y)), 1, (0, 220, 0) if seen else (230, 0, 0), -1)
        _write(tile, f"{np.degrees(sample.yaw):.0f}")
        tiles.append(tile)
    return _grid(tiles, columns)


def _pair(sample: Sample, opacity: float) -> UInt8:
    covariates = sample.covariates
    if covariates.index % 2:
        inside = (sample.part > 0)[..., None]
        colour = np.where(
            inside, (sample.canonical.astype(np.float32) / (1.6, 0.5, 1.8) + (0.5, 0.5, 0)) * 255, 0
        )
    else:
        colour = PART_COLOURS[sample.part].astype(np.float32)
    share = opacity * (sample.part > 0)[..., None]
    labels = (sample.image * (1 - share) + np.clip(colour, 0, 255) * share).astype(np.uint8)
    main = (sample.subject == 1).astype(np.uint8)
    labels[cv2.morphologyEx(main, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)) > 0] = 255
    picture = sample.image.copy()
    framing = covariates.framing
    _write(picture, f"{framing.region} {covariates.people[0].pose}" if framing else "nobody")
    return np.concatenate([picture, labels], axis=1)


def _write(picture: UInt8, words: str) -> None:
    cv2.putText(picture, words, (2, 9), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (255, 40, 40), 1, cv2.LINE_AA)


def _grid(tiles: list[UInt8], columns: int) -> UInt8:
    blank = np.zeros_like(tiles[0])
    tiles = tiles + [blank] * (-len(tiles) % columns)
    return np.concatenate(
        [np.concatenate(tiles[start : start + columns], axis=1) for start in range(0, len(tiles), columns)]
    )
