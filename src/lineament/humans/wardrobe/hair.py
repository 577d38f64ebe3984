"""Hair: MakeHuman's styles dyed, or a procedural cap; brows, lashes, beards; all bound to the identity."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from lineament.anatomy import HEAD
from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.canvas import Canvas
from lineament.humans.wardrobe.colours import read_picture, recolour, smooth_noise
from lineament.humans.wardrobe.facts import BodyFacts, fill_square
from lineament.humans.wardrobe.layers import Binding, BoundLayer, Layer, ShellLayer, ShellMesh
from lineament.humans.wardrobe.places import SKIN_HEIGHT, SKIN_WIDTH, SkinSpace
from lineament.humans.wardrobe.skin import blend
from lineament.types import Float32, UInt8

_COLOURS = (
    (14, 12, 12),
    (30, 22, 18),
    (52, 36, 26),
    (84, 56, 36),
    (120, 84, 52),
    (160, 120, 76),
    (198, 164, 110),
    (130, 58, 28),
    (150, 148, 146),
    (206, 204, 200),
)
_CAP = 160
_GRAIN_SHIFTS = 256
Style = Literal["bald", "cropped", "cap", "long", "proxy"]


@dataclass(frozen=True, slots=True, eq=False)
class HairTraits:
    """One person's hair. colour: (3,) sRGB. style "proxy" wears the MakeHuman style `proxy`.

    beard: opacity 0..1 of beard or stubble. brow: opacity of the brows; brow_proxy, lash_proxy: MakeHuman's,
    or None. recede: metres that the hairline has moved back. volume: metres of a procedural cap.
    """

    style: Style
    proxy: str | None
    colour: UInt8
    beard: float
    brow: float
    brow_proxy: str | None
    lash_proxy: str | None
    recede: float
    volume: float
    seed: int


def sample_hair_colour(rng: np.random.Generator, age: float, lightness: float) -> UInt8:
    """sRGB (3,). Dark for dark skins; grey more often with age (0..1 as Anny's phenotype); sometimes dyed."""
    grey = float(np.clip((age - 0.78) * 4.0, 0.02, 0.85))
    if rng.random() < grey:
        base = _COLOURS[8 + int(rng.integers(2))]
    elif lightness < 55 or rng.random() < 0.45:
        base = _COLOURS[int(rng.integers(3))]
    else:
        base = _COLOURS[int(rng.integers(1, 8))]
    colour = np.array(base, dtype=np.float64) * rng.uniform(0.75, 1.25) + rng.normal(0, 4, 3)
    if rng.random() < 0.015:
        colour = rng.uniform(20, 230, 3)
    return np.clip(colour, 4, 245).astype(np.uint8)


def sample_hair(
    rng: np.random.Generator,
    female: bool,
    age: float,
    lightness: float,
    styles: dict[str, bool | None],
    brows: tuple[str, ...],
    lashes: tuple[str, ...],
) -> HairTraits:
    """Random hair. styles: MakeHuman style names and whether they are made for women (None: anyone)."""
    own = [name for name, woman in styles.items() if woman is None or woman == female]
    roll = rng.random()
    style: Style
    if roll < (0.03 if female else 0.12):
        style = "bald"
    elif roll < (0.1 if female else 0.35):
        style = "cropped"
    elif own and roll < 0.85:
        style = "proxy"
    else:
        style = "long" if rng.random() < (0.7 if female else 0.08) else "cap"
    pool = own if rng.random() < 0.93 else list(styles)
    proxy = pool[int(rng.integers(len(pool)))] if style == "proxy" else None
    bearded = not female and rng.random() < 0.5
    return HairTraits(
        style=style,
        proxy=proxy,
        colour=sample_hair_colour(rng, age, lightness),
        beard=float(rng.uniform(0.1, 0.95)) if bearded else 0.0,
        brow=float(rng.uniform(0.35, 0.85)),
        brow_proxy=brows[int(rng.integers(len(brows)))] if brows else None,
        lash_proxy=lashes[int(rng.integers(len(lashes)))] if lashes else None,
        recede=float(rng.uniform(0, 0.045))
        if not female and rng.random() < 0.4
        else float(rng.uniform(0, 0.01)),
        volume=float(rng.uniform(0.006, 0.03)),
        seed=int(rng.integers(2**31)),
    )


@lru_cache(maxsize=1)
def _grain() -> Float32:
    """Fine noise 0.375..1 for every texel of the skin; looked up from a place that differs from person to
    person.
    """
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((SKIN_HEIGHT + _GRAIN_SHIFTS, SKIN_WIDTH)).astype(np.float32)
    return np.clip(0.75 + 0.25 * noise, 0.375, 1.0)


def paint_hair_on_skin(traits: HairTraits, skin: UInt8, painted_brows: bool) -> None:
    """Draw the hair that lies flat on the skin, in place: scalp, beard, and brows where nothing else does."""
    space = SkinSpace.load()
    cover = {"bald": 0.12, "cropped": 0.8, "cap": 0.95, "long": 0.95, "proxy": 0.88}[traits.style]
    shift = traits.seed % _GRAIN_SHIFTS
    grain = _grain()[shift : shift + SKIN_HEIGHT]
    forward = space.face_texels["forward"]

    def lay(region: str, steepness: float, strength: float, moved: float = 0.0) -> None:
        block, inside = space.regions[region]
        rough = grain[block]
        edge = inside + np.float32(0.012) * (rough - np.float32(0.75))
        if moved:
            edge -= forward[block] * np.float32(moved)
        opacity = np.clip(edge * np.float32(steepness), 0.0, 1.0) * rough * np.float32(strength)
        blend(skin, block, opacity, traits.colour)

    lay("scalp", 70.0, cover, traits.recede)
    if traits.beard:
        lay("beard", 90.0, traits.beard)
    if painted_brows:
        lay("brow", 500.0, traits.brow)


@lru_cache(maxsize=1)
def _scalp() -> tuple[ShellMesh, Canvas, Float32, Float32]:
    """The scalp as a shell mesh, its canvas, and how far vertices and texels lie inside the hairline,
    metres.
    """
    facts, space = BodyFacts.load(), SkinSpace.load()
    inside = space.face.scalp
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
    aside = (
        (middle[:, 1] > eyes[0, 1] + 0.025)
        | (np.abs(middle[:, 0]) > 0.075)
        | (middle[:, 2] > eyes[0, 2] + 0.05)
    )
    return ShellMesh(faces[aside], uv[aside], facts, part=HEAD)


def _strands(rng: np.random.Generator, size: int, colour: UInt8) -> UInt8:
    streaks = cv2.resize(
        rng.standard_normal((8, size)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    fine = rng.standard_normal((size, size)).astype(np.float32)
    shade = 1.0 + 0.16 * streaks + 0.1 * fine + 0.12 * smooth_noise(rng, size, size, 5)
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
    rng = np.random.default_rng(traits.seed + 1)
    mesh, canvas, inside, texels = _scalp()
    forward = SkinSpace.load().face.forward[mesh.used]
    inside = inside - traits.recede * forward
    texels = texels - traits.recede * canvas.spread(SkinSpace.load().face.forward)
    waves = rng.normal(0, 60, (3, 3)) @ np.stack([mesh.fields.x, mesh.fields.y, mesh.fields.z])
    bumps = 1.0 + 0.15 * np.sin(waves + rng.uniform(0, 6, (3, 1))).sum(axis=0)
    offset = traits.volume * np.clip(inside / 0.03, 0.08, 1.0) * bumps
    ragged = texels + 0.004 * smooth_noise(rng, _CAP, _CAP, 60)
    alpha = np.where(ragged > 0, 255, 0).astype(np.uint8)
    return _shell("hair", mesh, offset, np.dstack([_strands(rng, _CAP, traits.colour), alpha]))


def hair_layers(
    traits: HairTraits, bindings: dict[str, Binding], pictures: dict[str, Path | None]
) -> list[Layer]:
    """The layers of hair, brows and lashes that stand off the skin."""
    rng = np.random.default_rng(traits.seed + 2)
    layers: list[Layer] = []
    if traits.style in ("cap", "long"):
        layers.append(_cap_layer(traits))
    if traits.style == "long":
        mesh = _mane()
        layers.append(
            _shell("long hair", mesh, np.full(len(mesh.used), 0.002), _strands(rng, _CAP, traits.colour))
        )
    if traits.style == "proxy" and traits.proxy is not None:
        texture = dyed_hair(pictures[traits.proxy], traits.colour)
        layers.append(BoundLayer.textured(bindings[traits.proxy], texture, name="hair"))
    for proxy, name in ((traits.brow_proxy, "brows"), (traits.lash_proxy, "lashes")):
        if proxy is not None:
            texture = dyed_hair(pictures[proxy], (traits.colour * 0.7).astype(np.uint8))
            layers.append(BoundLayer.textured(bindings[proxy], texture, name=name))
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
