"""A still picture of a prototype, drawn with numpy and OpenCV: for the PNG and for browsers without WebGL."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from lineament.anatomy import PART_COLOURS
from lineament.explain.view3d import figure, shown_azimuth
from lineament.geometry.camera import Camera
from lineament.types import Bool, Float32, Float64, Int32, Prototype, Registration, UInt8

_FIELD: Final = np.radians(26.0)
_GREY: Final = np.array([204.0, 201.0, 196.0])
_UNMEASURED: Final = np.array([142.0, 144.0, 148.0])
_SMOOTH: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A picture (h, w, 3) uint8 and where each site of the prototype lies on it: pixels (N, 2), facing
    (N,)."""

    image: UInt8
    pixels: Float64
    facing: Bool


def _framing(prototype: Prototype, registration: Registration | None) -> tuple[Float64, Float64]:
    """Lower and upper corner (3,) of what to show: all of the body, or the matched part when it is small."""
    points = prototype.points.astype(np.float64)
    low, high = points.min(axis=0) - 0.03, points.max(axis=0) + 0.03
    if registration is None or len(registration.sites) < 3:
        return low, high
    chosen = points[registration.sites]
    if np.ptp(chosen[:, 2]) > 0.5 * np.ptp(points[:, 2]):
        return low, high
    return np.maximum(chosen.min(axis=0) - 0.06, low), np.minimum(chosen.max(axis=0) + 0.06, high)


def _camera(prototype: Prototype, registration: Registration | None, width: int, height: int) -> Camera:
    low, high = _framing(prototype, registration)
    extent = high - low
    focal = height / (2 * np.tan(_FIELD / 2))
    across = float(np.hypot(extent[0], extent[1]))
    distance = max(float(extent[2]) * focal / height, across * focal / width) * 1.08 + across / 4
    return Camera.looking_at(
        (low + high) / 2,
        azimuth=shown_azimuth(prototype, registration),
        elevation=0.06,
        distance=distance,
        focal=focal,
        width=width,
        height=height,
    )


def _site_colours(prototype: Prototype) -> Float64:
    tinted = 0.5 * _GREY + 0.5 * PART_COLOURS[prototype.parts].astype(np.float64)
    return np.where(prototype.measured[:, None], tinted, _UNMEASURED)


def _paint(canvas: UInt8, vertices: Float64, depth: Float64, faces: Int32, colours: Float64) -> None:
    """Fill the triangles from far to near."""
    order = np.argsort(-depth[faces].mean(axis=1))
    corners = np.round(vertices[faces[order]] * 16).astype(np.int32)
    for triangle, colour in zip(corners, colours[order].tolist(), strict=True):
        cv2.fillConvexPoly(canvas, triangle, colour, cv2.LINE_AA, 4)


def draw_still(
    prototype: Prototype,
    registration: Registration | None,
    *,
    size: tuple[int, int],
    ground: tuple[int, int, int] = (240, 239, 234),
) -> Still:
    """The prototype from the side that the photograph shows, matched sites as dots in part colours.

    size: width, height in pixels.
    """
    width, height = size[0] * _SMOOTH, size[1] * _SMOOTH
    camera = _camera(prototype, registration, width, height)
    shape = figure(prototype)
    vertices, depth = camera.project(shape.vertices.astype(np.float64))
    towards = (
        camera.centre / np.linalg.norm(camera.centre) if np.any(camera.centre) else np.array([0.0, -1.0, 0.0])
    )
    light = np.array([towards[0], towards[1], 0.8])
    light /= np.linalg.norm(light)
    shade = 0.5 + 0.5 * np.clip(shape.normals[shape.faces].mean(axis=1) @ light, 0.0, 1.0)
    # The far side of a closed body is hidden anyway.
    away = shape.vertices[shape.faces].mean(axis=1) - camera.centre
    near = np.einsum("ij,ij->i", shape.normals[shape.faces].mean(axis=1), away) < 0
    colours = _site_colours(prototype)[shape.site[shape.faces]].mean(axis=1) * shade[:, None]
    canvas = np.full((height, width, 3), ground, dtype=np.uint8)
    _paint(canvas, vertices, depth, shape.faces[near], colours[near])
    pixels, _ = camera.project(prototype.points.astype(np.float64))
    facing = np.einsum("ij,ij->i", prototype.normals.astype(np.float64), camera.centre - prototype.points) > 0
    if registration is not None:
        sites = registration.sites[facing[registration.sites]]
        draw_dots(canvas, pixels[sites].astype(np.float32), prototype.parts[sites], radius=4.5)
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    return Still(np.asarray(small, dtype=np.uint8), pixels / _SMOOTH, facing)


def draw_dots(canvas: UInt8, pixels: Float32, parts: UInt8, *, radius: float) -> None:
    """A dot with a dark rim at each of `pixels` (M, 2), in the colour of its part; drawn into `canvas`."""
    for (x, y), part in zip(pixels.tolist(), parts.tolist(), strict=True):
        centre = (round(x * 16 - 8), round(y * 16 - 8))
        cv2.circle(
            canvas,
            centre,
            round((radius + min(1.0, radius / 3)) * 16),
            (20, 20, 20),
            cv2.FILLED,
            cv2.LINE_AA,
            4,
        )
        cv2.circle(
            canvas, centre, round(radius * 16), PART_COLOURS[part].tolist(), cv2.FILLED, cv2.LINE_AA, 4
        )
