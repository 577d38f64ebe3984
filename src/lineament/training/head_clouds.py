"""Coloured point clouds of heads, at the same places of everybody: what the branch for 3D learns from."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from lineament.assets.store import cache_folder
from lineament.geometry.template import load_template
from lineament.humans.body import Body, BodyModel
from lineament.humans.wardrobe import IdentityLook
from lineament.synth.head_places import head_origin
from lineament.synth.landmarks import LANDMARKS
from lineament.synth.people import People, vertex_normals
from lineament.synth.reserved import refuse_reserved
from lineament.types import Float32, Float64, Int32

REVISION: Final = "clouds-1"
PLACES: Final = 1024
EYES: Final = 24
"""Places on the eyeballs, which the skin leaves open."""
_LOWEST: Final = 1.445
"""Metres on the average body, just under the chin."""
_FACE_WEIGHT: Final = 1.8
"""Places on the face lie this many times as close as those on the skull."""
_WHITE: Final = np.array([236.0, 230.0, 224.0])


@dataclass(frozen=True, slots=True, eq=False)
class HeadClouds:
    """Heads without expression, hair as far as it lies on the skin, and no clothes.

    points: (P, 1024, 3) metres in the head's frame (`synth.head_places`). normals: (P, 1024, 3) unit,
    outwards. colours: (P, 1024, 3) 0..1 sRGB. canonical: (1024, 3) the average head's points. grid:
    (1024, 2) a flat layout -1..1: longitude about the skull, positive on the person's left, and height.
    done: (P,) whether a person's cloud is there.
    """

    points: Float32
    normals: Float32
    colours: Float32
    canonical: Float32
    grid: Float32
    done: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    def put(self, person: int, body: Body, look: IdentityLook) -> None:
        """Keep the cloud of one person."""
        points, normals = _geometry(body.vertices)
        self.points[person], self.normals[person] = points, normals
        self.colours[person] = _colours(look, points)
        self.done[person] = 1


def head_clouds(people: int, seed: int) -> HeadClouds:
    """The clouds of the people of `head_pictures(count, people, seed)`, which makes them along with the
    pictures; those that are not there yet are made now, in 0.1 s each. Kept beside the pictures.
    """
    clouds = open_clouds(cache_folder() / "heads", people, refuse_reserved(seed))
    missing = np.flatnonzero(clouds.done == 0)
    if len(missing):
        population = People.load(people, seed)
        for person in missing.tolist():
            clouds.put(person, population.body(person), population.identity_look(person))
    return clouds


def open_clouds(folder: Path, people: int, seed: int) -> HeadClouds:
    """The clouds as they are on disk, mapped into memory; empty ones where nobody made any."""
    own = folder / f"{REVISION}-{seed}-{people}"
    own.mkdir(parents=True, exist_ok=True)
    arrays = {
        name: mapped(own / f"{name}.npy", (people, PLACES, 3), np.float32)
        for name in ("points", "normals", "colours")
    }
    done = mapped(own / "done.npy", (people,), np.uint8)
    canonical, _ = _geometry(BodyModel.load().canonical)
    return HeadClouds(**arrays, canonical=canonical, grid=_grid(canonical), done=done)


def mapped(path: Path, shape: tuple[int, ...], dtype: type) -> np.memmap:
    """An array of a file that several processes write parts of; made, filled with zeros, where absent."""
    if not path.is_file():
        partial = path.with_name(f".{path.stem}.{np.random.SeedSequence().entropy}.npy")
        np.lib.format.open_memmap(partial, mode="w+", dtype=dtype, shape=shape).flush()
        # Of several processes that start at once all go on with the first one's file.
        try:
            path.hardlink_to(partial)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return np.load(path, mmap_mode="r+", allow_pickle=False)


def _geometry(vertices: Float32) -> tuple[Float32, Float32]:
    """Points and normals (1024, 3) of rest vertices (19158, 3), in the head's frame."""
    skin, eyes = _places()
    normals = vertex_normals(vertices, BodyModel.load().faces)[skin]
    points = (vertices - head_origin(vertices)).astype(np.float32)
    centres = [points[_balls()[side]].mean(axis=0) for side in (0, 1)]
    out = points[eyes] - np.array(centres)[_side(eyes)]
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return np.concatenate([points[skin], points[eyes]]), np.concatenate([normals, out]).astype(np.float32)


def _colours(look: IdentityLook, points: Float32) -> Float32:
    """sRGB (1024, 3) 0..1 of the skin, then of the eyes by their distance from the pupil."""
    skin, eyes = _places()
    pupils = [int(np.flatnonzero(eyes == LANDMARKS[f"{side}_pupil"])[0]) for side in ("left", "right")]
    ball = points[len(skin) :]
    away = np.linalg.norm(ball - ball[np.array(pupils)[_side(eyes)]], axis=1)
    colours = np.tile(_WHITE * look.eyes.white, (len(eyes), 1))
    colours[away < 0.006] = look.eyes.iris
    colours[away < 0.002] = 8.0
    return (np.concatenate([look.site_colours(skin), colours]) / 255).astype(np.float32)


def _grid(points: Float32) -> Float32:
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    x, y, _ = (points - middle).T
    height = (points[:, 2] - middle[2]) / np.ptp(points[:, 2]) * 2
    return np.stack([np.arctan2(x, -y) / np.pi, height], axis=1).astype(np.float32)


@cache
def _balls() -> tuple[Int32, Int32]:
    """Vertices of the left and of the right eyeball."""
    model = BodyModel.load()
    used = np.unique(model.eye_faces).astype(np.int32)
    left = model.canonical[used, 0] > 0
    return used[left], used[~left]


def _side(eyes: Int32) -> Int32:
    """0 for vertices of the left eye, 1 for the right one."""
    return (BodyModel.load().canonical[eyes, 0] < 0).astype(np.int32)


@cache
def _places() -> tuple[Int32, Int32]:
    """Vertices of the skin and of the eyes, together PLACES, in a fixed order."""
    model, template = BodyModel.load(), load_template()
    canonical = model.canonical
    eyes = []
    for ball, side in zip(_balls(), ("left", "right"), strict=True):
        pupil = LANDMARKS[f"{side}_pupil"]
        near = ball[np.linalg.norm(canonical[ball] - canonical[pupil], axis=1) < 0.011]
        eyes.append(_spread(canonical[near], np.ones(len(near)), near, [pupil], EYES // 2))
    used = np.unique(model.faces)
    normals = vertex_normals(canonical, model.faces)[used]
    distance, nearest = cKDTree(template.positions).query(canonical[used])
    # Template sites lie outside, the mouth's and nostrils' linings and the lids' backs do not.
    outside = (distance < 0.008) & ((normals * template.normals[nearest]).sum(axis=1) > 0.5)
    outside &= (canonical[used, 2] > _LOWEST) & (np.abs(canonical[used, 0]) < 0.1)
    skin = used[outside].astype(np.int32)
    weights = np.where(canonical[skin, 1] < -0.075, _FACE_WEIGHT, 1.0)
    first = [vertex for vertex in LANDMARKS.values() if vertex in set(skin.tolist())]
    return _spread(canonical[skin], weights, skin, first, PLACES - EYES), np.concatenate(eyes)


def _spread(points: Float32, weights: Float64, vertices: Int32, first: list[int], count: int) -> Int32:
    """`count` of `vertices` (N,), `first` ones included, each farthest from those before by weight."""
    chosen = [int(np.flatnonzero(vertices == vertex)[0]) for vertex in first]
    away = np.full(len(points), np.inf)
    for place in chosen:
        away = np.minimum(away, np.linalg.norm(points - points[place], axis=1))
    while len(chosen) < count:
        chosen.append(int((away * weights).argmax()))
        away = np.minimum(away, np.linalg.norm(points - points[chosen[-1]], axis=1))
    return vertices[chosen]
