"""Cutting boxes out of photographs at the size that the network was trained on, and the way back."""

from dataclasses import dataclass

import cv2
import numpy as np

from lineament.types import Float32, Float64, UInt8

CROP_HEIGHT, CROP_WIDTH = 192, 128
MARGIN = 0.12
"""Added to a person's box on each side, as a share of its larger side measured in crops."""

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in photograph pixels."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a photograph (it may reach beyond the border) that is seen as a grid of width x height
    cells.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    width: int = CROP_WIDTH
    height: int = CROP_HEIGHT

    @property
    def to_photo(self) -> Float64:
        """(2, 3): homogeneous grid coordinates, cell centres at +0.5, to photograph pixels."""
        across, down = (self.x1 - self.x0) / self.width, (self.y1 - self.y0) / self.height
        return np.array([[across, 0.0, self.x0], [0.0, down, self.y0]])

    def box_of(self, mask: UInt8) -> Box:
        """The smallest box, in photograph pixels, round the cells of a non-empty `mask` (height, width)."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        matrix = self.to_photo
        x0, x1 = (matrix[0, 0] * edge + matrix[0, 2] for edge in (columns[0], columns[-1] + 1))
        y0, y1 = (matrix[1, 1] * edge + matrix[1, 2] for edge in (rows[0], rows[-1] + 1))
        return float(x0), float(y0), float(x1), float(y1)


def window_round(box: Box) -> Window:
    """The upright window of the crop's shape with a margin round `box`."""
    x0, y0, x1, y1 = box
    scale = max((y1 - y0) / CROP_HEIGHT, (x1 - x0) / CROP_WIDTH, 1e-3) * (1 + 2 * MARGIN)
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    half_width, half_height = scale * CROP_WIDTH / 2, scale * CROP_HEIGHT / 2
    return Window(cx - half_width, cy - half_height, cx + half_width, cy + half_height)


def cut(image: UInt8, window: Window) -> UInt8:
    """The window as (height, width, 3); black outside the photograph. Averages when it shrinks."""
    rows, columns = image.shape[:2]
    left, right = max(int(np.floor(window.x0)), 0), min(int(np.ceil(window.x1)), columns)
    top, bottom = max(int(np.floor(window.y0)), 0), min(int(np.ceil(window.y1)), rows)
    if right <= left or bottom <= top:
        return np.zeros((window.height, window.width, 3), dtype=np.uint8)
    region = image[top:bottom, left:right]
    across, down = window.width / (window.x1 - window.x0), window.height / (window.y1 - window.y0)
    shrink = min(across, down)
    if shrink < 0.75:
        # warpAffine samples without averaging: shrink the region first
        size = (max(round(region.shape[1] * shrink), 1), max(round(region.shape[0] * shrink), 1))
        region = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    sx = across * (right - left) / region.shape[1]
    sy = down * (bottom - top) / region.shape[0]
    # coordinates of warpAffine have pixel centres at integers
    matrix = np.array(
        [
            [sx, 0.0, (left - window.x0) * across + 0.5 * sx - 0.5],
            [0.0, sy, (top - window.y0) * down + 0.5 * sy - 0.5],
        ]
    )
    return np.asarray(cv2.warpAffine(region, matrix, (window.width, window.height), flags=cv2.INTER_LINEAR))


def enlarged(maps: Float32, height: int, width: int) -> Float32:
    """Bilinear enlargement of (C, h, w) maps with cell centres kept, to (height, width, C)."""
    # resize works on up to 4 channels fast and on many channels slowly, so each channel goes alone
    grown = [cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in maps]
    return np.stack(grown, axis=-1)
