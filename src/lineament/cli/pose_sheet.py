"""Contact sheets of poses, drawn on the average body."""

from collections.abc import Sequence

import numpy as np

from lineament.geometry.camera import Camera
from lineament.geometry.surface import Surface
from lineament.humans.body import BodyModel
from lineament.render.light import Light
from lineament.render.rasteriser import Rasteriser
from lineament.types import Float32, Float64, UInt8

SIZE = 192
COLUMNS = 8
_SKIN = (0.50, 0.33, 0.24)
_FLOOR = 0.25
_WALL = 0.55


def pose_sheet(poses: Sequence[Float64], columns: int = COLUMNS) -> UInt8:
    """Pictures (rows * 192, columns * 192, 3) sRGB of rotations (163, 3, 3), each from its front left."""
    model, rasteriser = BodyModel.load(), Rasteriser()
    tiles = [_picture(model, rasteriser, pose) for pose in poses]
    columns = min(columns, len(tiles))
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[k : k + columns], axis=1) for k in range(0, len(tiles), columns)]
    return np.concatenate(rows)


def _picture(model: BodyModel, rasteriser: Rasteriser, pose: Float64) -> UInt8:
    posed = model.pose(model.build(model.average()), pose)
    skin = posed[np.unique(model.faces)]
    posed[:, 2] -= skin[:, 2].min()
    skin = posed[np.unique(model.faces)].astype(np.float64)
    centre = 0.5 * (skin.min(0) + skin.max(0))
    radius = float(np.linalg.norm(skin - centre, axis=1).max())
    camera = Camera.looking_at(
        centre, azimuth=0.5, elevation=0.15, distance=6 * radius, focal=2.7 * SIZE, width=SIZE, height=SIZE
    )
    colours = np.tile(np.array(_SKIN, np.float32), (len(posed), 1))
    body = Surface("body", posed, model.faces, model.face_parts, model.canonical, colours)
    wall = np.full((SIZE, SIZE, 3), _WALL, np.float32)
    frame = rasteriser.render([body, _ground()], camera, Light.studio(), wall, supersample=2)
    return _to_srgb(frame.colour)


def _ground() -> Surface:
    corners = np.array([[-4, -4, 0], [4, -4, 0], [4, 4, 0], [-4, 4, 0]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    grey = np.full((4, 3), _FLOOR, np.float32)
    return Surface("ground", corners, faces, np.zeros(2, np.uint8), corners, grey)


def _to_srgb(linear: Float32) -> UInt8:
    return np.round(255 * np.clip(linear, 0, 1) ** (1 / 2.2)).astype(np.uint8)
