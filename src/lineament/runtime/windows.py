"""Cutting boxes out of photographs at the size that the network was trained on, and the way back."""

from dataclasses import dataclass

import cv2
import numpy as np

from lineament.types import Bool, Float32, Float64, UInt8

CROP_HEIGHT, CROP_WIDTH = 256, 192
MARGIN = 0.12
"""Added to a person's box on each side, as a share of its larger side measured in crops."""

BORDER, LEAST_CUT = 3, 4
"""Cells from the window's border, and how many of them must show the person, for somebody who is cut off."""
INSIDE = 0.02
"""Share of the window that the photograph must go on beyond such a cell."""

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in photograph pixels."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a photograph (it may reach beyond the border) that is seen as a grid of width x height
    cells.

    turn: radians by which the rectangle is turned about its middle, clockwise as seen in the photograph; the
    grid's rows run along the turned rectangle.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    width: int = CROP_WIDTH
    height: int = CROP_HEIGHT
    turn: float = 0.0

    @property
    def to_photo(self) -> Float64:
        """(2, 3): homogeneous grid coordinates, cell centres at +0.5, to photograph pixels."""
        across, down = (self.x1 - self.x0) / self.width, (self.y1 - self.y0) / self.height
        middle = np.array([(self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2])
        axes = turned_axes(self.turn) * (across, down)
        return np.column_stack([axes, middle - axes @ (self.width / 2, self.height / 2)])

    @classmethod
    def from_matrix(cls, to_photo: Float64, width: int, height: int) -> "Window":
        """The window of a grid whose `to_photo` (2, 3) is a turn, a scaling and a shift."""
        across, down = np.linalg.norm(to_photo[:, :2], axis=0) * (width, height)
        cx, cy = to_photo @ (width / 2, height / 2, 1.0)
        turn = float(np.arctan2(to_photo[1, 0], to_photo[0, 0]))
        return cls(cx - across / 2, cy - down / 2, cx + across / 2, cy + down / 2, width, height, turn)

    def scaled(self, factor: float) -> "Window":
        """The window so many times as large about the same middle."""
        across, down = (self.x1 - self.x0) * (factor - 1) / 2, (self.y1 - self.y0) * (factor - 1) / 2
        grown = (self.x0 - across, self.y0 - down, self.x1 + across, self.y1 + down)
        return Window(*grown, self.width, self.height, self.turn)

    def box_of(self, mask: UInt8) -> Box:
        """The smallest box, in photograph pixels, round the cells of a non-empty `mask` (height, width)."""
        return _extent(self.to_photo, _corners(mask))


def turned_axes(turn: float) -> Float64:
    """(2, 2): columns are the directions, in the photograph, of a turned picture's right and down."""
    c, s = np.cos(turn), np.sin(turn)
    return np.array([[c, -s], [s, c]])


def window_round(box: Box) -> Window:
    """The upright window of the crop's shape with a margin round `box`."""
    x0, y0, x1, y1 = box
    return _with_margin(((x0 + x1) / 2, (y0 + y1) / 2), x1 - x0, y1 - y0, 0.0)


def window_turned(window: Window, mask: UInt8, turn: float) -> Window:
    """The window of the crop's shape, turned by `turn` in the photograph, round the cells of `mask` in
    `window`.
    """
    axes = turned_axes(turn)
    back = np.column_stack([axes.T, np.zeros(2)])
    x0, y0, x1, y1 = _extent(back @ np.vstack([window.to_photo, [0.0, 0.0, 1.0]]), _corners(mask))
    middle = axes @ ((x0 + x1) / 2, (y0 + y1) / 2)
    return _with_margin((float(middle[0]), float(middle[1])), x1 - x0, y1 - y0, turn)


def cut_off(mask: Bool, window: Window, size: tuple[int, int]) -> bool:
    """Whether cells of `mask` lie at a border of their window beyond which the photograph of `size` (height,
    width) goes on.
    """
    border = mask.copy()
    border[BORDER:-BORDER, BORDER:-BORDER] = False
    rows, columns = np.nonzero(border)
    to_photo = window.to_photo
    at = np.column_stack([columns + 0.5, rows + 0.5]) @ to_photo[:, :2].T + to_photo[:, 2]
    edge = INSIDE * max(window.x1 - window.x0, window.y1 - window.y0)
    inside = ((at > edge) & (at < np.array(size[::-1]) - edge)).all(axis=1)
    return int(inside.sum()) >= LEAST_CUT


def _with_margin(middle: tuple[float, float], width: float, height: float, turn: float) -> Window:
    scale = max(height / CROP_HEIGHT, width / CROP_WIDTH, 1e-3) * (1 + 2 * MARGIN)
    half_width, half_height = scale * CROP_WIDTH / 2, scale * CROP_HEIGHT / 2
    (cx, cy) = middle
    return Window(cx - half_width, cy - half_height, cx + half_width, cy + half_height, turn=turn)


def _corners(mask: UInt8) -> Float64:
    """Grid coordinates (N, 2) of the corners of the outermost cells of each row of `mask`."""
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - mask[rows][:, ::-1].argmax(axis=1)
    columns = np.concatenate([first, first, last, last])
    return np.stack([columns, np.concatenate([rows, rows + 1, rows, rows + 1])], axis=1).astype(np.float64)


def _extent(matrix: Float64, points: Float64) -> Box:
    """The box round `points` (N, 2) after the affine `matrix` (2, 3)."""
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    (x0, y0), (x1, y1) = moved.min(axis=0), moved.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def covered(matrix: Float64, height: int, width: int, rows: int, columns: int) -> tuple[int, int, int, int]:
    """Photograph pixels, of (height, width), that a grid of rows x columns touches under `matrix`: x0, y0,
    x1, y1.
    """
    corners = np.array([[0.0, 0.0], [columns, 0.0], [0.0, rows], [columns, rows]])
    x0, y0, x1, y1 = _extent(matrix, corners)
    left, top = min(max(int(np.floor(x0)), 0), width), min(max(int(np.floor(y0)), 0), height)
    return left, top, max(min(int(np.ceil(x1)), width), left), max(min(int(np.ceil(y1)), height), top)


def inverse(matrix: Float64) -> Float64:
    """The affine (2, 3) that undoes another."""
    return np.asarray(np.linalg.inv(np.vstack([matrix, [0.0, 0.0, 1.0]]))[:2])


def cut(image: UInt8, window: Window) -> UInt8:
    """The window as (height, width, 3); black outside the photograph. Averages when it shrinks."""
    rows, columns = image.shape[:2]
    to_photo = window.to_photo
    left, top, right, bottom = covered(to_photo, rows, columns, window.height, window.width)
    if right <= left or bottom <= top:
        return np.zeros((window.height, window.width, 3), dtype=np.uint8)
    region = image[top:bottom, left:right]
    shrink = min(window.width / (window.x1 - window.x0), window.height / (window.y1 - window.y0))
    if shrink < 0.75:
        # warpAffine samples without averaging: shrink the region first
        size = (max(round(region.shape[1] * shrink), 1), max(round(region.shape[0] * shrink), 1))
        region = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    step = np.array([(right - left) / region.shape[1], (bottom - top) / region.shape[0]])
    # coordinates of warpAffine have pixel centres at integers
    to_grid = inverse(to_photo)
    matrix = np.column_stack(
        [to_grid[:, :2] * step, to_grid[:, :2] @ ((left, top) + 0.5 * step) + to_grid[:, 2] - 0.5]
    )
    return np.asarray(cv2.warpAffine(region, matrix, (window.width, window.height), flags=cv2.INTER_LINEAR))


def grown_maps(maps: Float32, height: int, width: int) -> Float32:
    """Bilinear enlargement of (C, h, w) maps with cell centres kept, to (C, height, width)."""
    # resize works on up to 4 channels fast and on many channels slowly, so each channel goes alone
    return np.stack([cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in maps])
