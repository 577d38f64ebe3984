"""Photographs made small enough to carry along, and the crop that shows one person."""

import base64
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import cv2
import numpy as np
from PIL import Image

from lineament.types import Float64, UInt8

LONGEST: Final = 1600
_MARGIN: Final = 0.08


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A piece of the photograph round one person; `to_crop` (2, 3) takes photograph pixels to those of
    `image`."""

    image: UInt8
    to_crop: Float64


def shrunk(image: UInt8, longest: int = LONGEST) -> UInt8:
    """`image` with its longer side at most `longest` pixels."""
    scale = longest / max(image.shape[:2])
    if scale >= 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def person_crop(image: UInt8, box: list[float] | None, longest: int) -> Crop:
    """The person's box with a margin, its longer side `longest` pixels (enlarged at most 4 times).

    Not narrower than 0.6 of its height where the photograph allows, so that some surroundings are seen.
    """
    height, width = image.shape[:2]
    x0, y0, x1, y1 = box if box is not None else (0.0, 0.0, float(width), float(height))
    margin = _MARGIN * max(x1 - x0, y1 - y0)
    sideways = max(margin, 0.3 * (y1 - y0) - 0.5 * (x1 - x0))
    x0, x1 = x0 - (sideways - margin), x1 + (sideways - margin)
    left, top = (int(np.clip(np.floor(v - margin), 0, n - 1)) for v, n in ((x0, width), (y0, height)))
    right = int(np.clip(np.ceil(x1 + margin), left + 1, width))
    bottom = int(np.clip(np.ceil(y1 + margin), top + 1, height))
    piece = image[top:bottom, left:right]
    scale = min(4.0, longest / max(piece.shape[:2]))
    size = (max(1, round(piece.shape[1] * scale)), max(1, round(piece.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
    shown = np.asarray(cv2.resize(piece, size, interpolation=way), dtype=np.uint8)
    sx, sy = size[0] / piece.shape[1], size[1] / piece.shape[0]
    return Crop(shown, np.array([[sx, 0.0, -left * sx], [0.0, sy, -top * sy]]))


def data_address(image: UInt8, quality: int = 86) -> str:
    """`image` as a JPEG inside a data: address, without any metadata."""
    stream = BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
