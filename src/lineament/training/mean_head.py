"""Make the average head that scans without colours are completed by: `weights/mean_head`.

    python -m lineament.training.mean_head --people 48 --seed 77 --out src/lineament/weights/mean_head

Points are sampled on Anny's average body and its eyes; each has the median colour of many synthetic people
there. Those that no camera outside sees (the mouth's inside, the balls of the eyes) are left out.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import save_file

from lineament.anatomy import HEAD
from lineament.gallery.enrolment.mean_head import MeanHead
from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.render.light import Light
from lineament.synth.people import People
from lineament.synth.reserved import refuse_reserved
from lineament.synth.scene import rasteriser
from lineament.synth.seeds import generator
from lineament.synth.studio import undressed
from lineament.types import Bool, Float32, Float64, Int32, UInt8
from lineament.writing import replacing

COUNTS: Final = (48_000, 6_000)
"""Points that are tried on the skin of the head and on the eyes."""
FRONT, FRONT_DENSITY = -0.06, 3.0
"""Before this plane, metres, lies the face: it is looked at closest, and gets so many times the points."""
SIDE, REACH, MIDDLE = 768, 0.45, (0.0, -0.05, 1.55)
AZIMUTHS, ELEVATIONS = (-150, -90, -60, -30, 0, 30, 60, 90, 150), (0, 25)
HIDDEN: Final = 0.001
"""Metres behind what is seen from when on a point is hidden."""
SLANTED: Final = 0.15
"""Least cosine between a point's normal and the way to a camera that sees it."""
Places = tuple[Int32, Float64]
"""Triangles (N,) and barycentric weights (N, 3) in them."""


def mean_head(people: People, seed: int) -> MeanHead:
    """The average over everybody of a population; the same for the same seed."""
    body = people.model.build(people.model.average())
    skin, eyes = undressed(people.model, body, people.identity_look(0))[0][:2]
    rng = generator(seed, "mean head")
    chosen = (np.flatnonzero(skin.parts == HEAD), np.arange(len(eyes.faces)))
    places = [
        _places(surface, triangles.astype(np.int32), count, rng)
        for surface, triangles, count in zip((skin, eyes), chosen, COUNTS, strict=True)
    ]
    found = [_geometry(surface, *place) for surface, place in zip((skin, eyes), places, strict=True)]
    points, normals = (np.concatenate(one) for one in zip(*found, strict=True))
    seen = _seen([skin, eyes], points, normals)
    colours = []
    for person in range(len(people)):
        worn = undressed(people.model, body, people.identity_look(person))[0][:2]
        looked = [_colours(surface, *place) for surface, place in zip(worn, places, strict=True)]
        colours.append(np.concatenate(looked)[seen])
    median = np.median(np.stack(colours), axis=0).astype(np.uint8)
    return MeanHead(points[seen].astype(np.float32), normals[seen].astype(np.float32), median)


def _places(surface: Surface, triangles: Int32, count: int, rng: np.random.Generator) -> Places:
    corners = surface.vertices[surface.faces[triangles]].astype(np.float64)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    area *= np.where(corners.mean(axis=1)[:, 1] < FRONT, FRONT_DENSITY, 1.0)
    chosen = triangles[rng.choice(len(triangles), size=count, p=area / area.sum())]
    a, b = np.sqrt(rng.random(count)), rng.random(count)
    return chosen, np.stack([1 - a, a * (1 - b), a * b], axis=1)


def _geometry(surface: Surface, triangles: Int32, weights: Float64) -> tuple[Float64, Float64]:
    """Points (N, 3) and smooth unit normals (N, 3)."""
    vertices, faces = surface.vertices.astype(np.float64), surface.faces
    corners = vertices[faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    smooth = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(smooth, faces[:, corner], flat)
    points = np.einsum("nk,nkc->nc", weights, corners[triangles])
    normals = np.einsum("nk,nkc->nc", weights, smooth[faces[triangles]])
    return points, normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def _colours(surface: Surface, triangles: Int32, weights: Float64) -> UInt8:
    if surface.uv is None or surface.texture is None:
        raise ValueError(f"the surface {surface.name} has no texture")
    uv = np.einsum("nk,nkc->nc", weights, surface.uv[triangles].astype(np.float64))
    height, width = surface.texture.shape[:2]
    column = np.clip((uv[:, 0] * width).astype(int), 0, width - 1)
    row = np.clip(((1 - uv[:, 1]) * height).astype(int), 0, height - 1)
    return np.asarray(surface.texture[row, column, :3])


def _seen(surfaces: list[Surface], points: Float64, normals: Float64) -> Bool:
    """Which points (N,) some camera round the head sees."""
    seen = np.zeros(len(points), bool)
    black: Float32 = np.zeros((SIDE, SIDE, 3), np.float32)
    light = Light.studio(ambient=0.5, sun=0.35, direction=(0.0, -1.0, 0.5))
    for azimuth in np.radians(AZIMUTHS):
        for elevation in np.radians(ELEVATIONS):
            camera = Camera.looking_at(
                np.array(MIDDLE),
                azimuth=float(azimuth),
                elevation=float(elevation),
                distance=1.5,
                focal=SIDE * 1.5 / REACH,
                width=SIDE,
                height=SIDE,
            )
            frame = rasteriser().render(surfaces, camera, light, background=black, supersample=1)
            pixels, depth = camera.project(points)
            column, row = np.floor(pixels).astype(int).T
            inside = np.flatnonzero((column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE))
            there = frame.depth[row[inside], column[inside]]
            towards = camera.centre - points[inside]
            facing = (towards * normals[inside]).sum(axis=1) > SLANTED * np.linalg.norm(towards, axis=1)
            seen[inside] |= (np.abs(there - depth[inside]) < HIDDEN) & facing
    return seen


def save(head: MeanHead, folder: Path, record: dict[str, object]) -> None:
    """Write the artefact and how it was made."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        "points": head.points,
        "normals": head.normals.astype(np.float16),
        "colours": head.colours,
    }
    with replacing(folder / "mean_head.safetensors") as partial:
        save_file(arrays, partial)
    with replacing(folder / "record.json") as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Make and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=48)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    start = time.process_time()
    head = mean_head(People.load(asked.people, refuse_reserved(asked.seed)), asked.seed)
    command = f"python -m lineament.training.mean_head --people {asked.people} --seed {asked.seed}"
    save(
        head,
        asked.out,
        {
            "command": command,
            "points": len(head.points),
            "processor_seconds": round(time.process_time() - start, 1),
        },
    )


if __name__ == "__main__":
    main()
