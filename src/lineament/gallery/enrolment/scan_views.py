"""Look at a scan as a camera would: find which way it faces, and read its face from many sides."""

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from lineament.gallery.enrolment.scan_file import Scan
from lineament.geometry.camera import Camera
from lineament.geometry.splat import Splat, splat
from lineament.types import Float64

SEARCH_SIZE = 192
VIEW_SIZE = 320
SHADE_COLOURED, SHADE_PLAIN = 0.25, 0.8
FACE_YAWS = tuple(np.radians(range(-90, 91, 15)))
LOOKING_UP_DOWN = tuple(np.radians((-12.0, 0.0, 12.0)))


@dataclass(frozen=True, slots=True, eq=False)
class ScanView:
    """One look at a scan. points are those of the scan, in the frame that was drawn."""

    camera: Camera
    drawn: Splat


def orientations() -> list[Float64]:
    """The 24 rotations (3, 3) that take axes to axes: every way in which a file's axes may be meant."""
    found = []
    for order in permutations(range(3)):
        for signs in product((1.0, -1.0), repeat=3):
            matrix = np.zeros((3, 3))
            matrix[range(3), order] = signs
            if np.linalg.det(matrix) > 0:
                found.append(matrix)
    return found


def look(
    scan: Scan,
    rotation: Float64,
    *,
    azimuth: float,
    elevation: float = 0.0,
    size: int = VIEW_SIZE,
    centre: Float64 | None = None,
    extent: float | None = None,
    most: int | None = None,
    shade: float | None = None,
) -> ScanView:
    """Draw the scan turned by `rotation` (3, 3) from `azimuth` and `elevation`, radians.

    centre: (3,) point to look at in the turned frame; extent: metres that fill the picture. Both default to
    the whole scan. most: draw at most so many points, for speed. shade: as `splat` takes it; more for
    scans without colours if not given.
    """
    step = max(1, len(scan.points) // most) if most else 1
    points, normals = scan.points[::step] @ rotation.T, scan.normals[::step] @ rotation.T
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2 if centre is None else centre
    reach = float((high - low).max()) * 1.25 if extent is None else extent
    distance = max(1.2, 3.0 * reach)
    camera = Camera.looking_at(
        middle,
        azimuth=azimuth,
        elevation=elevation,
        distance=distance,
        focal=size * distance / reach,
        width=size,
        height=size,
    )
    if shade is None:
        shade = SHADE_COLOURED if scan.coloured else SHADE_PLAIN
    return ScanView(camera, splat(points, normals, scan.colours[::step], camera, shade=shade))


def lift(view: ScanView, pixels: Float64, reach: int = 4) -> Float64:
    """World points (N, 3), in the drawn frame, of pixels (N, 2); NaN where nothing is drawn within `reach`
    pixels.
    """
    depth = view.drawn.depth.astype(np.float64)
    depth[~np.isfinite(depth)] = np.nan
    result = np.full((len(pixels), 3), np.nan)
    inverse = np.linalg.inv(view.camera.K)
    for k, (x, y) in enumerate(pixels):
        column, row = int(x), int(y)
        window = depth[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
        if window.size == 0 or np.isnan(window).all():
            continue
        local = inverse @ np.array([x, y, 1.0]) * np.nanmedian(window)
        result[k] = view.camera.R.T @ (local - view.camera.t)
    return result
