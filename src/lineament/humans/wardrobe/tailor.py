"""Makes the layers of an outfit from the body's own surface: paints cloth on skin, cuts shells."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.canvas import Canvas
from lineament.humans.wardrobe.clearance import Clearance
from lineament.humans.wardrobe.clip import ClippedMesh, clip_mesh
from lineament.humans.wardrobe.cloth import draw_logo
from lineament.humans.wardrobe.colours import linear
from lineament.humans.wardrobe.drape import DrapeMesh, gown_mesh, loose_mesh
from lineament.humans.wardrobe.facts import BodyFacts, Fields
from lineament.humans.wardrobe.finish import finish, hem_shadow, offsets
from lineament.humans.wardrobe.layers import Binding, ShellLayer, ShellMesh
from lineament.humans.wardrobe.outfit import Piece
from lineament.humans.wardrobe.places import SkinSpace
from lineament.types import Bool, Float32, Int32, UInt8

_SHELL_TEXELS = {"tights": 384, "loose": 384, "gown": 384, "skirt": 256}
_SKIRTS = ("skirt", "gown")
HIDE_MARGIN = 0.03
"""Metres inside an outer garment's edge from where an inner one is left out."""
_SKIN_MARGIN = 0.016


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
        both_hang = piece.mesh in _SKIRTS and outer.mesh in _SKIRTS
        hides = outer.cut.inside(mesh.fields, facts.landmarks) if both_hang else covering(outer, mesh.fields)
        inside = np.minimum(inside, HIDE_MARGIN - hides)
    if not (inside > 0).any():
        return None
    cut = clip_mesh(mesh.faces, mesh.uv, mesh.parts, inside)
    canonical = cut.extend(mesh.canonical)
    if piece.thickness == 0:
        # The print is drawn before the creases: the same random calls as ever.
        rest = _shell_surface(rng, piece, cut, canonical)
        return ShellLayer(mesh, _offsets(rng, piece, mesh.fields), rest, cut)
    edge = cut.along_cut(mesh.canonical)
    canonical = np.concatenate([canonical, edge, edge])
    rest = _shell_surface(rng, piece, _rimmed(cut, len(inside)), canonical)
    return ShellLayer(mesh, offsets(rng, piece, mesh.fields, mesh.hang), rest, cut, piece.thickness)


def _shell_surface(rng: np.random.Generator, piece: Piece, cut: ClippedMesh, canonical: Float32) -> Surface:
    name, still = f"{piece.mesh} shell", np.zeros_like(canonical)
    if piece.flat:
        colours = np.broadcast_to(linear(piece.cloth.colours[0]), canonical.shape)
        return Surface(name, still, cut.faces, cut.parts, canonical, colours=np.ascontiguousarray(colours))
    texture = _shell_texture(rng, piece, shell(piece.mesh)[1])
    return Surface(name, still, cut.faces, cut.parts, canonical, uv=cut.uv, texture=texture)


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
            hidden |= piece.cut.inside(facts.fields, facts.landmarks) > HIDE_MARGIN
    return hidden[faces].all(axis=1)
