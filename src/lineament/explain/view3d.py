"""The prototype as a turning 3D figure, and which correspondences to show on it.

The WebGL library is three.js as the installed trimesh package carries it; it is read when a report is
written.
"""

import base64
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lineament.errors import LineamentError
from lineament.geometry.template import load_template
from lineament.types import Float32, Float64, Int32, Prototype, Registration

_CORNERS: Final = 6
_OVERLAP: Final = 1.15
_LONG_LINE: Final = 100_000


@cache
def three_js() -> str:
    """Source of three.js (MIT, licence comment kept), out of trimesh's viewer.

    Raises LineamentError when the installed trimesh carries it no longer.
    """
    archive = files("trimesh") / "resources" / "templates" / "viewer.zip"
    try:
        with archive.open("rb") as stream, zipfile.ZipFile(stream) as viewer:
            page = viewer.read("viewer.html.template").decode("utf-8")
    except (OSError, KeyError) as problem:
        raise LineamentError(
            "the installed trimesh has no 3D viewer inside; install trimesh 4.6 or newer"
        ) from problem
    lines = page[page.find("/**\n * @license") :].splitlines()
    core = next(
        (i for i, line in enumerate(lines) if len(line) > _LONG_LINE and "WebGLRenderer" in line), None
    )
    if core is None:
        raise LineamentError("the installed trimesh has no three.js inside; install trimesh 4.6 or newer")
    return "\n".join(lines[: core + 1])


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Triangles to draw a prototype with.

    vertices: (V, 3) metres, world. normals: (V, 3) unit. faces: (F, 3). site: (V,) the site that gives each
    vertex its colour and part.
    """

    vertices: Float32
    normals: Float32
    faces: Int32
    site: Int32


def figure(prototype: Prototype) -> Figure:
    """The prototype's surface: the template's triangles over its sites, or discs where its template is
    unknown."""
    template = load_template()
    if prototype.template == template.revision and len(prototype.points) == len(template):
        site = np.arange(len(prototype.points), dtype=np.int32)
        return Figure(prototype.points, prototype.normals, template.triangles, site)
    return _discs(prototype)


def _discs(prototype: Prototype) -> Figure:
    points = prototype.points.astype(np.float64)
    normals = prototype.normals.astype(np.float64)
    count = len(points)
    neighbours = min(5, count)
    distance = np.asarray(cKDTree(points).query(points, k=neighbours)[0], dtype=np.float64).reshape(
        count, neighbours
    )
    radius = distance.mean(axis=1) * _OVERLAP
    helper = np.where(np.abs(normals[:, 2:3]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(normals, helper)
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    second = np.cross(normals, first)
    angles = np.arange(_CORNERS) * 2 * np.pi / _CORNERS
    rim = np.cos(angles)[None, :, None] * first[:, None] + np.sin(angles)[None, :, None] * second[:, None]
    vertices = points[:, None] + radius[:, None, None] * rim
    fan = np.array([(0, i, i + 1) for i in range(1, _CORNERS - 1)])
    faces = (np.arange(count)[:, None, None] * _CORNERS + fan).reshape(-1, 3)
    site = np.repeat(np.arange(count, dtype=np.int32), _CORNERS)
    return Figure(
        vertices.reshape(-1, 3).astype(np.float32),
        prototype.normals[site].astype(np.float32),
        faces.astype(np.int32),
        site,
    )


def shown_azimuth(prototype: Prototype, registration: Registration | None) -> float:
    """Azimuth (radians, as `Camera.looking_at`) of the side that the photograph shows: where matched
    normals point."""
    if registration is None or len(registration.sites) < 3:
        return 0.0
    mean = prototype.normals[registration.sites].mean(axis=0)
    if float(np.hypot(mean[0], mean[1])) < 0.1:
        return 0.0
    return float(np.arctan2(mean[0], -mean[1]))


def strongest_first(registration: Registration) -> NDArray[np.intp]:
    """Matches by falling confidence times cosine, each part in turn, so that the first few show every
    part."""
    strength = registration.confidence.astype(np.float64) * registration.cosine
    rank = np.zeros(len(strength), dtype=np.int64)
    for part in np.unique(registration.parts):
        mine = np.flatnonzero(registration.parts == part)
        rank[mine[np.argsort(-strength[mine], kind="stable")]] = np.arange(len(mine))
    return np.lexsort((-strength, rank))


def _packed(array: NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode("ascii")


def prototype_payload(prototype: Prototype) -> dict[str, str | None]:
    """What the page needs to draw a prototype; arrays little-endian in base64."""
    shape = figure(prototype)
    return {
        "vertices": _packed(shape.vertices, "<f4"),
        "normals": _packed(shape.normals, "<f4"),
        "faces": _packed(shape.faces, "<u4"),
        "site": _packed(shape.site, "<u2"),
        "points": _packed(prototype.points, "<f4"),
        "pointNormals": _packed(prototype.normals, "<f4"),
        "parts": _packed(prototype.parts, "u1"),
        "measured": _packed(prototype.measured, "u1"),
        "colours": _packed(prototype.colours, "u1") if prototype.colours is not None else None,
    }


def matches_payload(registration: Registration, to_crop: Float64, most: int) -> dict[str, str]:
    """At most `most` matches for the page, strongest first; `to_crop` (2, 3) takes photograph pixels to
    those of the shown crop."""
    order = strongest_first(registration)[:most]
    pixels = registration.pixels[order].astype(np.float64) @ to_crop[:, :2].T + to_crop[:, 2]
    return {
        "crop": _packed(pixels, "<f4"),
        "pixels": _packed(registration.pixels[order], "<f4"),
        "sites": _packed(registration.sites[order], "<u2"),
        "parts": _packed(registration.parts[order], "u1"),
        "cosine": _packed(registration.cosine[order], "<f4"),
        "confidence": _packed(registration.confidence[order], "<f4"),
    }
