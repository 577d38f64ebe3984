"""Looking at clothes: a contact sheet of dressed people in varied poses, with the parts that are labelled."""

from collections.abc import Mapping, Sequence
from typing import Final

import cv2
import numpy as np

from lineament.anatomy import PART_COLOURS
from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.humans.poses import PoseKind, PoseLibrary
from lineament.humans.wardrobe import Wardrobe
from lineament.humans.wardrobe.clothing import Clothing
from lineament.humans.wardrobe.facts import SKIN_END
from lineament.render.light import Light
from lineament.synth.people import People
from lineament.synth.scene import rasteriser
from lineament.synth.seeds import generator
from lineament.synth.sensor import to_srgb
from lineament.types import Float32, UInt8

HEIGHT: Final = 360
WIDTH: Final = 220
_KINDS: Final[tuple[PoseKind, ...]] = ("standing", "moving", "acrobatic")
_MARGIN: Final = 1.18
_DISTANCE: Final = 4.0


def outfit_tile(people: People, seed: int, index: int, fixed: Mapping[str, str]) -> tuple[UInt8, str]:
    """Outfit `index` of a seed on somebody, picture beside parts (HEIGHT, 2 WIDTH, 3), and its words."""
    rng = generator(seed, "outfit sheet", index)
    wardrobe = Wardrobe.load()
    outfit = wardrobe.sample_outfit(rng, Clothing.sample(rng, fixed))
    person = index % len(people)
    look = wardrobe.dress(people.identity_look(person), outfit)
    pose = PoseLibrary.load().sample(rng, _KINDS[index % len(_KINDS)])
    posed = people.model.pose(people.body(person), pose)
    return _picture(look.surfaces(posed), posed, float(rng.uniform(0, 2 * np.pi))), outfit.describe()


def _picture(surfaces: list[Surface], posed: Float32, azimuth: float) -> UInt8:
    low, high = posed[:SKIN_END].min(axis=0), posed[:SKIN_END].max(axis=0)
    extent = high - low
    per_pixel = max(extent[2] / HEIGHT, float(np.hypot(extent[0], extent[1])) / WIDTH) * _MARGIN
    camera = Camera.looking_at(
        ((low + high) / 2).astype(np.float64),
        azimuth=azimuth,
        elevation=0.1,
        distance=_DISTANCE,
        focal=_DISTANCE / per_pixel,
        width=WIDTH,
        height=HEIGHT,
    )
    direction = (np.sin(azimuth - 0.6), -np.cos(azimuth - 0.6), 0.7)
    frame = rasteriser().render(
        surfaces,
        camera,
        Light.studio(direction=direction),
        background=np.full((HEIGHT, WIDTH, 3), 0.35, dtype=np.float32),
        supersample=2,
    )
    image = np.clip(np.round(to_srgb(frame.colour) * 255), 0, 255).astype(np.uint8)
    return np.concatenate([image, PART_COLOURS[frame.part].astype(np.uint8)], axis=1)


def sheet(tiles: Sequence[tuple[UInt8, str]], columns: int) -> UInt8:
    """Tiles with their words below them, `columns` a row."""
    written = [_with_words(*tile) for tile in tiles]
    written += [np.zeros_like(written[0])] * (-len(written) % columns)
    rows = [np.concatenate(written[k : k + columns], axis=1) for k in range(0, len(written), columns)]
    return np.concatenate(rows)


def _with_words(tile: UInt8, words: str) -> UInt8:
    below = np.full((14, tile.shape[1], 3), 235, dtype=np.uint8)
    cv2.putText(below, words, (3, 10), cv2.FONT_HERSHEY_SIMPLEX, 0.33, (20, 20, 20), 1, cv2.LINE_AA)
    return np.concatenate([tile, below])
