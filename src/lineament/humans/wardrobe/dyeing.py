"""MakeHuman's garments: dyed part by part, and cut where other garments cover them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lineament.anatomy import HEAD
from lineament.humans.wardrobe.canvas import raster_triangles
from lineament.humans.wardrobe.cloth import Cloth
from lineament.humans.wardrobe.colours import read_picture
from lineament.humans.wardrobe.facts import BodyFacts
from lineament.humans.wardrobe.layers import Binding, BoundLayer
from lineament.humans.wardrobe.outfit import DyedProxy, Piece
from lineament.humans.wardrobe.tailor import HIDE_MARGIN, covering
from lineament.types import Bool, Float32, Int32, UInt8

_DYE_TEXELS = 512
_SKIN_NEAR = 0.025
_PARTS = 8


def uncovered(layer: BoundLayer, over: Sequence[Piece]) -> BoundLayer:
    """A MakeHuman garment without the faces that the shells `over` it hide."""
    at = layer.binding.fields
    hidden = np.zeros(len(at.z), dtype=bool)
    for piece in over:
        if piece.mesh != "skin":
            hidden |= covering(piece, at) > HIDE_MARGIN
    rest = layer.rest
    if not hidden.any() or rest.uv is None:
        return layer
    shown = ~hidden[rest.faces].all(axis=1)
    rest = replace(rest, faces=rest.faces[shown], parts=rest.parts[shown], uv=rest.uv[shown])
    return replace(layer, rest=rest)


def skin_under(binding: Binding) -> Bool:
    """Which body vertices (V,) a MakeHuman garment lies over, well inside its edges: skin that may come
    through it on bodies that it was not cut for.
    """
    canonical = BodyFacts.load().model.canonical
    edges = np.sort(np.concatenate([binding.faces[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    border = np.unique(unique[count == 1])
    near, _ = cKDTree(binding.canonical).query(canonical)
    covered = near < _SKIN_NEAR
    if len(border):
        covered &= cKDTree(binding.canonical[border]).query(canonical)[0] > 2 * _SKIN_NEAR
    return covered


@dataclass(frozen=True, slots=True, eq=False)
class Dyeable:
    """A proxy ready to be dyed, 512 x 512 texels. picture: (512, 512, 3) sRGB.

    shade: (512, 512) 256 times the connected part of the garment that a texel shows, plus its grey value.
    means: (8,) mean grey of the parts. along, around: pattern coordinates in metres, flattened.
    """

    picture: UInt8
    shade: Int32
    means: Float32
    along: Float32
    around: Float32


def dyeable(binding: Binding, picture: Path | None) -> Dyeable:
    """Prepare a proxy: read its picture, find its connected parts."""
    size = (_DYE_TEXELS, _DYE_TEXELS)
    if picture is None:
        colours = np.full((*size, 3), 160, dtype=np.uint8)
    else:
        colours = cv2.resize(read_picture(str(picture))[..., :3], size, interpolation=cv2.INTER_AREA)
    triangle, _ = raster_triangles(np.mod(binding.uv, 1.0001), *size)
    part = _components(binding.faces)[triangle]
    grey = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY).astype(np.int32)
    count = np.bincount(part.ravel(), minlength=_PARTS)
    means = np.bincount(part.ravel(), grey.ravel().astype(np.float64), minlength=_PARTS) / np.maximum(
        count, 1
    )
    rows, columns = np.mgrid[0:_DYE_TEXELS, 0:_DYE_TEXELS].astype(np.float32)
    scale = np.float32(_metres_per_texture(binding))
    return Dyeable(
        colours, part * 256 + grey, means.astype(np.float32), rows.ravel() * scale, columns.ravel() * scale
    )


def _components(faces: Int32) -> Int32:
    """The connected part 0..7 of each face (F,), largest first; small ones share the last numbers."""
    count = int(faces.max()) + 1
    links = sp.coo_matrix(
        (np.ones(faces.size), (faces.ravel(), np.roll(faces, 1, axis=1).ravel())), (count, count)
    )
    label = connected_components(links, directed=False)[1][faces[:, 0]]
    order = np.argsort(-np.bincount(label), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order))
    return np.minimum(rank[label], _PARTS - 1)


def _metres_per_texture(binding: Binding) -> float:
    edge = np.linalg.norm(
        binding.canonical[binding.faces[:, 0]] - binding.canonical[binding.faces[:, 1]], axis=1
    )
    uv = np.linalg.norm(binding.uv[:, 0] - binding.uv[:, 1], axis=1)
    return float(np.median(edge) / max(float(np.median(uv)), 1e-4) / _DYE_TEXELS)


def dye(proxy: DyedProxy, ready: Dyeable, binding: Binding) -> BoundLayer:
    """The garment in its new colours, one a connected part; its shading stays."""
    levels = np.arange(256, dtype=np.float32)[None, :, None]
    means = ready.means[:, None, None]
    colours = proxy.colours.astype(np.float32)[:, None, :]
    dyed = colours * (1.0 + (levels - means) / np.maximum(means, 60.0)) + 0.12 * (levels - means)
    table = np.clip(dyed, 0, 255).astype(np.uint8).reshape(-1, 3)
    texture = np.take(table, ready.shade, axis=0)
    if proxy.keep > 0:
        texture = cv2.addWeighted(texture, 1.0 - proxy.keep, ready.picture, proxy.keep, 0.0)
    if proxy.cloth is not None:
        texture = cv2.multiply(texture, _pattern_relief(proxy.cloth, ready), scale=1 / 128.0)
    part = HEAD if (binding.parts == HEAD).mean() > 0.9 else None
    return BoundLayer.textured(binding, texture, name="hat" if part == HEAD else "garment")


def _pattern_relief(cloth: Cloth, ready: Dyeable) -> UInt8:
    """The cloth's pattern as factors (512, 512, 3), 128 being 1."""
    colours = cloth.paint(ready.along, ready.around).astype(np.float32)
    factors = 128.0 * (0.45 + 0.9 * colours / max(float(colours.mean()), 30.0))
    return np.clip(factors, 0, 255).astype(np.uint8).reshape(ready.picture.shape)
