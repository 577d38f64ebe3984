"""Textures as kernels read them: packed RGBA with mip levels, kept as long as the array they came from."""

import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import warp as wp

from lineament.render.structs import TEXTURE_HEADER
from lineament.types import UInt8

BUDGET: Final = 512 * 2**20
"""Bytes of packed textures kept at most; those unused for longest go first."""


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """texels: where the levels begin (TEXTURE_HEADER words), then all levels, red in the lowest byte. cut:
    some texel is transparent.
    """

    source: weakref.ref
    texels: wp.array
    width: int
    height: int
    levels: int
    cut: bool

    @property
    def row(self) -> tuple[int, int, int, int, int, int]:
        """The texture's fields of a layer, in their order."""
        return self.texels.ptr, self.texels.size, self.width, self.height, self.levels, int(self.cut)


class TextureStore:
    """Packs each texture array once. Arrays are known by identity: do not change one after it was drawn."""

    def __init__(self, device: wp.Device) -> None:
        self._device = device
        self._kept: OrderedDict[int, Texture] = OrderedDict()
        self._grown = False

    def get(self, picture: UInt8) -> Texture:
        """The packed form of a texture (h, w, 3 or 4) uint8 sRGB."""
        known = self._kept.get(id(picture))
        if known is None or known.source() is not picture:
            known = self._pack(picture)
            self._grown = True
            self._kept[id(picture)] = known
        self._kept.move_to_end(id(picture))
        return known

    def trim(self) -> None:
        """Forget textures whose array is gone, and the longest unused ones beyond the budget."""
        if not self._grown:
            return
        self._grown = False
        for key in [key for key, texture in self._kept.items() if texture.source() is None]:
            del self._kept[key]
        total = sum(texture.texels.capacity for texture in self._kept.values())
        while total > BUDGET and len(self._kept) > 1:
            total -= self._kept.popitem(last=False)[1].texels.capacity

    def _pack(self, picture: UInt8) -> Texture:
        if (
            picture.dtype != np.uint8
            or picture.ndim != 3
            or picture.shape[2] not in (3, 4)
            or picture.size == 0
        ):
            raise ValueError(f"a texture must be (h, w, 3 or 4) uint8, not {picture.shape} {picture.dtype}")
        levels = pyramid(picture)
        cut = picture.shape[2] == 4 and bool((picture[..., 3] < 128).any())
        starts = TEXTURE_HEADER + np.cumsum([0] + [level.size // 4 for level in levels[:-1]])
        header = np.zeros(TEXTURE_HEADER, dtype=np.uint32)
        header[: len(levels)] = starts
        packed = (level.reshape(-1, 4).view(np.uint32).ravel() for level in levels)
        flat = np.concatenate([header, *packed])
        texels = wp.array(flat, dtype=wp.uint32, device=self._device)
        height, width = picture.shape[:2]
        return Texture(weakref.ref(picture), texels, width, height, len(levels), cut)


def pyramid(picture: UInt8) -> list[UInt8]:
    """RGBA (h, w, 4) of the picture and its halves down to one texel; transparent texels lend no colour."""
    if picture.shape[2] == 3:
        level = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2RGBA)
    else:
        level = np.ascontiguousarray(picture)
    opaque = bool(level[..., 3].min() == 255)
    levels = [level]
    while level.shape[0] > 1 or level.shape[1] > 1:
        size = max(1, level.shape[1] // 2), max(1, level.shape[0] // 2)
        if opaque:
            level = cv2.resize(level, size, interpolation=cv2.INTER_AREA)
        else:
            weight = level[..., 3:].astype(np.float32) + 1e-3
            mixed = cv2.resize(
                np.concatenate([level[..., :3] * weight, weight], -1), size, interpolation=cv2.INTER_AREA
            )
            colour = mixed[..., :3] / mixed[..., 3:]
            level = np.rint(np.concatenate([colour, mixed[..., 3:]], -1)).clip(0, 255).astype(np.uint8)
        levels.append(level)
    return levels
