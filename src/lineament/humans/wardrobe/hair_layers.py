"""Hair that stands off the skin: styles dyed, cut, swollen and waved; procedural caps and beards."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from lineament.anatomy import HEAD
from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.canvas import Canvas
from lineament.humans.wardrobe.clip import ClippedMesh, clip_mesh
from lineament.humans.wardrobe.colours import read_picture, recolour, smooth_noise
from lineament.humans.wardrobe.facts import CLUSTER_INDEX, BodyFacts, fill_square
from lineament.humans.wardrobe.hair import HairTraits
from lineament.humans.wardrobe.hair_paint import HORSESHOE_TOP, beard_cut
from lineament.humans.wardrobe.layers import Binding, BoundLayer, Layer, ShellLayer, ShellMesh
from lineament.humans.wardrobe.places import SkinSpace
from lineament.humans.wardrobe.posing import PosedBody
from lineament.types import Float32, UInt8

_CAP = 224
_LONG = 0.05
"""Metres below the eyes that a style must reach to be cut at a length."""
_BEARD_EDGE = 0.004
"""Metres inside the edge of the painted beard at which it begins to stand off."""
_HEAD_CLUSTER = CLUSTER_INDEX["head"]


@dataclass(frozen=True, slots=True, eq=False)
class StyledHair(BoundLayer):
    """A bound style with waves, `offset` (P, 3) metres in the head's axes, and perhaps cut at a length."""

    offset: Float32
    cut: ClippedMesh | None

    def surface(self, body: PosedBody) -> Surface:
        """The fitted hair."""
        points = self.binding.vertices(body) + self.offset @ body.rotations[_HEAD_CLUSTER].T
        points = points.astype(np.float32)
        return replace(self.rest, vertices=points if self.cut is None else self.cut.extend(points))


@lru_cache(maxsize=1)
def _scalp() -> tuple[ShellMesh, Canvas, Float32, Float32]:
    """The scalp as a shell mesh, its canvas, and how far vertices and texels lie inside the hairline,
    metres.
    """
    return _region(SkinSpace.load().face.scalp)


@lru_cache(maxsize=1)
def _chin() -> tuple[ShellMesh, Canvas, Float32, Float32]:
    """As `_scalp`, for where beards grow."""
    return _region(SkinSpace.load().face.beard)


def _region(inside: Float32) -> tuple[ShellMesh, Canvas, Float32, Float32]:
    facts, space = BodyFacts.load(), SkinSpace.load()
    chosen = space.head_faces & (inside[facts.model.faces].max(axis=1) > 0)
    faces, uv = facts.model.faces[chosen], fill_square(facts.model.face_uv[chosen])
    mesh = ShellMesh(faces, uv, facts, part=HEAD)
    canvas = Canvas(faces, uv, facts.fields, _CAP, _CAP)
    return mesh, canvas, inside[mesh.used], canvas.spread(inside)


@lru_cache(maxsize=1)
def _mane() -> ShellMesh:
    facts = BodyFacts.load()
    faces, uv = facts.long_hair
    middle = facts.model.canonical[faces].mean(axis=1)
    eyes = SkinSpace.load().face.eyes
    # Strands that hang before the face are left out.
    aside = (middle[:, 1] > eyes[0, 1] + 0.03) | ((np.abs(middle[:, 0]) > 0.08) & (middle[:, 1] > eyes[0, 1]))
    return ShellMesh(faces[aside], uv[aside], facts, part=HEAD)


def _strands(rng: np.random.Generator, size: int, colour: UInt8, curly: bool = False) -> UInt8:
    grid = (size * 2 // 3, size * 2 // 3) if curly else (8, size)
    streaks = cv2.resize(
        rng.standard_normal(grid).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    fine = rng.standard_normal((size, size)).astype(np.float32)
    shade = 1.0 + (0.13 if curly else 0.16) * streaks + 0.08 * fine + 0.1 * smooth_noise(rng, size, size, 5)
    return np.clip(colour * shade[..., None] + 6.0 * (shade[..., None] - 1.0), 0, 255).astype(np.uint8)


def _shell(name: str, mesh: ShellMesh, offset: Float32, texture: UInt8) -> ShellLayer:
    rest = Surface(
        name,
        np.zeros_like(mesh.canonical),
        mesh.faces,
        mesh.parts,
        mesh.canonical,
        uv=mesh.uv,
        texture=texture,
    )
    return ShellLayer(mesh, offset.astype(np.float32), rest)


def _cap_layer(traits: HairTraits) -> Layer:
    """Short hair, curls, or what is left at the sides of a bald head."""
    rng = np.random.default_rng(traits.seed + 1)
    mesh, canvas, inside, texels = _scalp()
    places = SkinSpace.load().face
    inside = inside - traits.recede * places.forward[mesh.used]
    texels = texels - traits.recede * canvas.spread(places.forward)
    volume, curly = traits.volume, traits.style == "curls"
    if traits.style == "horseshoe":
        top = places.eyes[0, 2] + HORSESHOE_TOP
        inside = np.minimum(inside, top - mesh.fields.z)
        texels = np.minimum(texels, top - canvas.texels.z.reshape(_CAP, _CAP))
        volume = min(volume, 0.012)
    frequency = 140 if curly else 60
    waves = rng.normal(0, frequency, (4, 3)) @ np.stack([mesh.fields.x, mesh.fields.y, mesh.fields.z])
    bumps = 1.0 + (0.06 if curly else 0.12) * np.sin(waves + rng.uniform(0, 6, (4, 1))).sum(axis=0)
    offset = volume * np.clip(inside / (0.02 + 0.6 * volume), 0.06, 1.0) * bumps
    ragged = texels + 0.003 * smooth_noise(rng, _CAP, _CAP, 70)
    alpha = np.where(ragged > 0, 255, 0).astype(np.uint8)
    return _shell("hair", mesh, offset, np.dstack([_strands(rng, _CAP, traits.colour, curly), alpha]))


def _beard_layer(traits: HairTraits) -> Layer:
    rng = np.random.default_rng(traits.seed + 4)
    mesh, canvas, inside, texels = _chin()
    level = SkinSpace.load().face.eyes[0, 2]

    def cut(fields_x: Float32, fields_z: Float32) -> Float32:
        return beard_cut(traits.beard, 1000 * fields_x, 1000 * (fields_z - level))

    # The skin under its edge is painted, so that the beard thins out there.
    inside = np.minimum(inside - _BEARD_EDGE, cut(mesh.fields.x, mesh.fields.z))
    kept = np.minimum(texels.ravel() - _BEARD_EDGE, cut(canvas.texels.x, canvas.texels.z)).reshape(_CAP, _CAP)
    waves = rng.normal(0, 110, (3, 3)) @ np.stack([mesh.fields.x, mesh.fields.y, mesh.fields.z])
    bumps = 1.0 + 0.06 * np.sin(waves + rng.uniform(0, 6, (3, 1))).sum(axis=0)
    lower = 0.5 + 1.1 * np.clip((level - 0.065 - mesh.fields.z) / 0.035, 0, 1)
    offset = (0.001 + traits.beard_length * np.clip(inside / 0.014, 0.0, 1.0)) * bumps * lower
    hairs = rng.standard_normal((_CAP, _CAP)).astype(np.float32)
    thick = np.clip(traits.beard_length / 0.006, 0.2, 1.0)
    ragged = kept - 0.002 + 0.003 * cv2.GaussianBlur(hairs, (3, 3), 0.6) - 0.004 * (1 - thick) * (hairs > 0.3)
    alpha = np.where(ragged > 0, 255, 0).astype(np.uint8)
    texture = np.dstack([_strands(rng, _CAP, traits.natural, curly=True), alpha])
    return _shell("beard", mesh, offset, texture)


def _styled(traits: HairTraits, binding: Binding, texture: UInt8, rng: np.random.Generator) -> Layer:
    resting = _resting(binding)
    eyes = SkinSpace.load().face.eyes
    middle = np.array([0.0, eyes[0, 1] + 0.085, eyes[0, 2] + 0.02])
    below = np.clip((middle[2] + 0.05 - resting[:, 2]) / 0.12, 0.0, 1.0)
    outwards = (resting - middle) * (1.0, 1.0, 0.6)
    offset = traits.swell * outwards * np.clip(1.3 - below, 0.3, 1.0)[:, None]
    if traits.wave:
        waves = np.sin(resting @ rng.normal(0, 70, (3, 3)) + rng.uniform(0, 6.3, 3))
        offset = offset + traits.wave * waves * (0.25 + 0.75 * below)[:, None]
    rest = BoundLayer.textured(binding, texture, name="hair").rest
    cut = None
    if traits.length is not None and resting[:, 2].min() < eyes[0, 2] - max(traits.length, _LONG) - 0.03:
        inside = resting[:, 2] - (eyes[0, 2] - traits.length) + 0.006 * rng.standard_normal(len(resting))
        cut = clip_mesh(rest.faces, rest.uv, rest.parts, inside.astype(np.float32))
        places = cut.extend(rest.canonical)
        rest = replace(rest, vertices=places, faces=cut.faces, uv=cut.uv, parts=cut.parts, canonical=places)
    return StyledHair(binding, rest, offset.astype(np.float32), cut)


@lru_cache(maxsize=32)
def _resting(binding: Binding) -> Float32:
    """Vertices (P, 3) of a proxy on the canonical body."""
    return binding.vertices(PosedBody.of(BodyFacts.load().model.canonical))


def hair_layers(
    traits: HairTraits, bindings: dict[str, Binding], pictures: dict[str, Path | None]
) -> list[Layer]:
    """The layers of hair, beard, brows and lashes that stand off the skin."""
    rng = np.random.default_rng(traits.seed + 2)
    layers: list[Layer] = []
    if traits.style in ("cap", "curls", "long", "horseshoe"):
        layers.append(_cap_layer(traits))
    if traits.style == "long":
        mesh = _mane()
        strands = _strands(rng, _CAP, traits.colour)
        layers.append(_shell("long hair", mesh, np.full(len(mesh.used), 0.002), strands))
    if traits.style == "proxy" and traits.proxy is not None:
        texture = dyed_hair(pictures[traits.proxy], traits.colour)
        layers.append(_styled(traits, bindings[traits.proxy], texture, rng))
    if traits.beard_length > 0.0:
        layers.append(_beard_layer(traits))
    lash = (traits.natural * (0.35 + 0.25 * traits.grey)).astype(np.uint8)
    brow = (traits.natural * 0.75).astype(np.uint8)
    for proxy, name, colour in ((traits.brow_proxy, "brows", brow), (traits.lash_proxy, "lashes", lash)):
        if proxy is not None:
            layers.append(BoundLayer.textured(bindings[proxy], dyed_hair(pictures[proxy], colour), name=name))
    return layers


@lru_cache(maxsize=32)
def _hair_picture(path: Path | None) -> UInt8:
    if path is None:
        return _strands(np.random.default_rng(0), 256, np.array([128, 128, 128], dtype=np.uint8))
    picture = read_picture(str(path))
    size = 512 if picture.shape[0] > 512 else 256
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)


def dyed_hair(path: Path | None, colour: UInt8) -> UInt8:
    """A hair texture (h, w, 3 or 4) in `colour`; styles without a picture get strands."""
    return recolour(_hair_picture(path), colour, keep=0.0, contrast=0.8)
