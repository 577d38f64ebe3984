"""Makes the layers of an outfit: paints cloth on skin, cuts shells, dyes MakeHuman garments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from scipy.spatial import cKDTree

from lineament.anatomy import HEAD
from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.canvas import Canvas, raster_triangles
from lineament.humans.wardrobe.clearance import Clearance
from lineament.humans.wardrobe.clip import ClippedMesh, clip_mesh
from lineament.humans.wardrobe.cloth import Cloth, draw_logo
from lineament.humans.wardrobe.colours import read_picture
from lineament.humans.wardrobe.drape import DrapeMesh, gown_mesh, loose_mesh
from lineament.humans.wardrobe.facts import BodyFacts, Fields
from lineament.humans.wardrobe.finish import finish, hem_shadow, offsets
from lineament.humans.wardrobe.layers import Binding, BoundLayer, ShellLayer, ShellMesh
from lineament.humans.wardrobe.outfit import DyedProxy, Piece
from lineament.humans.wardrobe.places import SkinSpace
from lineament.types import Bool, Float32, Int32, UInt8

_SHELL_TEXELS = {"tights": 384, "loose": 384, "gown": 384, "skirt": 256}
_SKIRTS = ("skirt", "gown")
_DYE_TEXELS = 512
_HIDE_MARGIN, _SKIN_MARGIN = 0.03, 0.016
_SKIN_NEAR = 0.025
_PARTS = 8


@lru_cache(maxsize=4)
def shell(kind: str) -> tuple[ShellMesh | DrapeMesh, Canvas]:
    """The shell mesh "tights" (neck to wrists and toes), "loose" (the same, bridging hollows), "skirt" (waist
    to shins) or "gown" (neck to wrists and shins), with its canvas.
    """
    facts = BodyFacts.load()
    if kind in ("loose", "gown"):
        drape = loose_mesh(facts) if kind == "loose" else gown_mesh(facts)
        return drape, Canvas(drape.faces, drape.uv, drape.fields, _SHELL_TEXELS[kind], _SHELL_TEXELS[kind])
    faces, uv = facts.tights if kind == "tights" else facts.skirt
    mesh = ShellMesh(
        faces, uv, facts, clearance=Clearance.of_skirt(faces, facts) if kind == "skirt" else None
    )
    return mesh, Canvas(faces, uv, facts.fields, _SHELL_TEXELS[kind], _SHELL_TEXELS[kind])


def paint_piece(rng: np.random.Generator, picture: UInt8, piece: Piece) -> None:
    """Paint a garment onto the skin's texture (704, 768, 3), in place."""
    facts, space = BodyFacts.load(), SkinSpace.load()
    where, texels = space.body_texels
    edge = piece.cut.inside(texels, facts.landmarks)
    inside = np.flatnonzero(edge > 0)
    if piece.thickness > 0:
        hem_shadow(picture, where, edge)
    picture.reshape(-1, 3)[where[inside]] = _printed(rng, piece, texels, inside)


def _printed(rng: np.random.Generator, piece: Piece, texels: Fields, chosen: Int32) -> UInt8:
    """Colours (N, 3) of the chosen texels (N,): the cloth, and the print on it."""
    colours = piece.cloth.paint(texels.along[chosen], texels.around[chosen])
    if piece.thickness > 0:
        return finish(rng, colours, piece, texels, chosen)
    if piece.logo is None:
        return colours
    x, z, half = piece.logo
    logo = draw_logo(rng)
    u, v = (texels.x[chosen] - x) / half, (z - texels.z[chosen]) / half
    on = np.flatnonzero((np.abs(u) < 1) & (np.abs(v) < 1))
    on = on[(texels.y[chosen[on]] < 0.0) & (texels.armness[chosen[on]] < 0.5)]
    last = logo.shape[0] - 1
    ink = logo[((v[on] + 1) * 0.5 * last).astype(int), ((u[on] + 1) * 0.5 * last).astype(int)]
    opaque = ink[:, 3] > 127
    colours[on[opaque]] = ink[opaque, :3]
    return colours


def shell_layer(rng: np.random.Generator, piece: Piece, over: Sequence[Piece] = ()) -> ShellLayer | None:
    """A garment standing off the body, cut along its hems and where the pieces `over` it hide it.

    None where nothing of it is left.
    """
    facts = BodyFacts.load()
    mesh, _ = shell(piece.mesh)
    inside = piece.cut.inside(mesh.fields, facts.landmarks)
    for outer in over:
        inside = np.minimum(inside, _HIDE_MARGIN - covering(outer, mesh.fields))
    if not (inside > 0).any():
        return None
    cut = clip_mesh(mesh.faces, mesh.uv, mesh.parts, inside)
    if piece.thickness == 0:
        # The print is drawn before the creases: the same random calls as ever.
        rest = _shell_surface(rng, piece, cut, mesh)
        return ShellLayer(mesh, _offsets(rng, piece, mesh.fields), rest, cut)
    offset = offsets(rng, piece, mesh.fields, mesh.hang)
    rest = _shell_surface(rng, piece, _rimmed(cut, len(inside)), mesh)
    edge = cut.along_cut(mesh.canonical)
    canonical = np.concatenate([mesh.canonical, edge, edge, edge])
    rest = replace(rest, vertices=np.zeros_like(canonical), canonical=canonical)
    return ShellLayer(mesh, offset, rest, cut, piece.thickness)


def _shell_surface(
    rng: np.random.Generator, piece: Piece, cut: ClippedMesh, mesh: ShellMesh | DrapeMesh
) -> Surface:
    canonical = cut.extend(mesh.canonical)
    return Surface(
        f"{piece.mesh} shell",
        np.zeros_like(canonical),
        cut.faces,
        cut.parts,
        canonical,
        uv=cut.uv,
        texture=_shell_texture(rng, piece, shell(piece.mesh)[1]),
    )


def _rimmed(cut: ClippedMesh, count: int) -> ClippedMesh:
    """The cut mesh of `count` old vertices with the faces of its edges' thickness, a strip along the cut.

    Its vertices are the cut mesh's, the cut ones again, and these again on the inner side.
    """
    outer = cut.border + count + len(cut.edges)
    inner = outer + len(cut.edges)
    (a, b), (c, d) = outer.T, inner.T
    faces = np.concatenate([np.stack([b, a, c], axis=1), np.stack([b, c, d], axis=1)])
    ua, ub = cut.border_uv[:, 0], cut.border_uv[:, 1]
    uv = np.concatenate([np.stack([ub, ua, ua], axis=1), np.stack([ub, ua, ub], axis=1)])
    # A strip has the part of the face that it borders on: the one that holds the same cut vertex.
    part_of = np.zeros(count + len(cut.edges), dtype=np.uint8)
    part_of[cut.faces] = cut.parts[:, None]
    parts = part_of[cut.border[:, 0] + count]
    return replace(
        cut,
        faces=np.concatenate([cut.faces, faces]).astype(np.int32),
        uv=np.concatenate([cut.uv, uv]).astype(np.float32),
        parts=np.concatenate([cut.parts, parts, parts]),
    )


def covering(piece: Piece, at: Fields) -> Float32:
    """Metres (N,) that places lie inside a shell that hides what is under it; skirts hide only the trunk."""
    marks = BodyFacts.load().landmarks
    inside = piece.cut.inside(at, marks)
    if piece.mesh in _SKIRTS:
        inside = np.minimum(inside, at.z - marks.crotch + 0.02)
    return inside


def _shell_texture(rng: np.random.Generator, piece: Piece, canvas: Canvas) -> UInt8:
    """The cloth on the shell's canvas (h, w, 3), with a margin round the cut; elsewhere nobody looks."""
    inside = np.flatnonzero(piece.cut.inside(canvas.texels, BodyFacts.load().landmarks) > -0.03)
    texture = np.empty((canvas.height * canvas.width, 3), dtype=np.uint8)
    texture[:] = piece.cloth.colours[0]
    texture[inside] = _printed(rng, piece, canvas.texels, inside)
    return canvas.picture(texture)


def _offsets(rng: np.random.Generator, piece: Piece, at: Fields) -> Float32:
    """Metres outwards (U,): the piece's offset, its flare growing towards the hem, and creases."""
    hem = getattr(piece.cut, "hem", float(at.z.min()))
    reach = np.clip((at.z.max() - at.z) / max(float(at.z.max()) - hem, 0.05), 0.0, 1.2)
    offset = piece.offset + piece.flare * reach**1.5
    waves = np.zeros_like(offset)
    turn = np.arctan2(at.x, -at.y)
    for _ in range(3):
        k, bend, phase = int(rng.integers(3, 12)), rng.uniform(-25, 25), rng.uniform(0, 6.28)
        waves += np.sin(k * turn + bend * at.along + phase)
    return (offset + piece.folds * np.clip(reach + 0.2, 0, 1) * waves / 2.0).astype(np.float32)


def hidden_faces(pieces: tuple[Piece, ...], proxies: list[Binding]) -> Bool:
    """Which skin faces (F,) lie so far under garments that they are not drawn."""
    facts = BodyFacts.load()
    faces = facts.model.faces
    hidden = np.zeros(len(facts.model.canonical), dtype=bool)
    for binding in proxies:
        hidden[binding.hidden] = True
    for piece in pieces:
        if piece.thickness > 0 and piece.mesh != "skin":
            hidden |= covering(piece, facts.fields) > _SKIN_MARGIN
        elif piece.mesh == "tights":
            hidden |= piece.cut.inside(facts.fields, facts.landmarks) > _HIDE_MARGIN
    return hidden[faces].all(axis=1)


def uncovered(layer: BoundLayer, over: Sequence[Piece]) -> BoundLayer:
    """A MakeHuman garment without the faces that the shells `over` it hide."""
    at = layer.binding.fields
    hidden = np.zeros(len(at.z), dtype=bool)
    for piece in over:
        if piece.mesh != "skin":
            hidden |= covering(piece, at) > _HIDE_MARGIN
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
    import scipy.sparse as sp
    from scipy.sparse.csgraph import connected_components

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
