"""What is worn on the head: knitted hats, caps, hoods and headscarves, glasses; and what hair does under
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy.spatial import cKDTree

from lineament.anatomy import HEAD
from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.clip import clip_mesh
from lineament.humans.wardrobe.cloth import Cloth, sample_cloth
from lineament.humans.wardrobe.colours import cloth_colour, linear
from lineament.humans.wardrobe.facts import BodyFacts, fill_square
from lineament.humans.wardrobe.layers import BoundLayer, Layer, PropLayer, ShellLayer, ShellMesh
from lineament.humans.wardrobe.places import SkinSpace
from lineament.types import Float32, Float64, Int32, UInt8

HatKind = Literal["knitted", "cap", "hood"]
_RIM = 0.03
"""Metres above the eyes where a hat ends at the front."""


@dataclass(frozen=True, slots=True, eq=False)
class Hat:
    """A hat made of the head's own surface. thickness: metres off the head. height: more of it towards the
    top.
    """

    kind: HatKind
    cloth: Cloth
    thickness: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Glasses:
    """half: half width and half height of a lens in metres. roundness as of a superellipse. frame, lens:
    sRGB; a lens of None is clear.
    """

    half: tuple[float, float]
    roundness: float
    rim: float
    frame: UInt8
    lens: UInt8 | None


def sample_hat(rng: np.random.Generator) -> Hat:
    """A random hat, cap, hood or headscarf."""
    kind: HatKind = ("knitted", "cap", "hood")[int(rng.choice(3, p=[0.35, 0.35, 0.3]))]
    return Hat(kind, sample_cloth(rng), float(rng.uniform(0.012, 0.026)), float(rng.uniform(0.0, 0.35)))


def sample_glasses(rng: np.random.Generator) -> Glasses:
    """Random glasses, a third of them sunglasses."""
    half = (float(rng.uniform(0.021, 0.029)), float(rng.uniform(0.013, 0.025)))
    frame = np.array([15, 14, 14], np.uint8) if rng.random() < 0.5 else cloth_colour(rng)
    lens = (cloth_colour(rng) * 0.25).astype(np.uint8) if rng.random() < 0.35 else None
    return Glasses(half, float(rng.uniform(2.0, 5.0)), float(rng.uniform(0.0012, 0.004)), frame, lens)


@lru_cache(maxsize=3)
def _mesh(kind: HatKind) -> tuple[ShellMesh, Float32]:
    """The surface that a hat is made of, and metres inside its edge (U,)."""
    facts, space = BodyFacts.load(), SkinSpace.load()
    points, eye = facts.model.canonical, space.face.eyes.mean(axis=0)
    x, y, z = points.T
    if kind == "hood":
        opening = np.hypot(x / 0.075, (z - eye[2] + 0.03) / 0.105) - 1.0
        edge = np.where(y < eye[1] + 0.085, 0.08 * opening, 0.05)
        edge = np.minimum(edge, z - facts.landmarks.neck - 0.01 + 0.1 * (y - eye[1]))
        outer = space.head_faces | (space.island == space.island[_torso_face(facts)])
        chosen = outer & (facts.model.face_parts == HEAD)
    else:
        edge = z - (eye[2] + _RIM) + (0.2 if kind == "knitted" else 0.1) * np.maximum(y - eye[1], 0.0)
        chosen = space.head_faces
    chosen = chosen & (edge[facts.model.faces].max(axis=1) > 0)
    mesh = ShellMesh(facts.model.faces[chosen], fill_square(facts.model.face_uv[chosen]), facts, part=HEAD)
    return mesh, edge[mesh.used].astype(np.float32)


def _torso_face(facts: BodyFacts) -> int:
    """A face on the torso, to know the body's island of the texture by."""
    return int(np.argmin(np.abs(facts.model.canonical[facts.model.faces[:, 0], 2] - facts.landmarks.chest)))


def hat_layers(hat: Hat) -> list[Layer]:
    """The hat, with its brim where it has one."""
    mesh, edge = _mesh(hat.kind)
    at = mesh.fields
    colours = hat.cloth.paint(at.z, np.arctan2(at.x, at.y) * 0.09)
    rise = {"knitted": hat.height, "cap": 0.1, "hood": 0.05}[hat.kind]
    offset = hat.thickness + rise * np.clip(edge - 0.06, 0.0, 0.08)
    cut = clip_mesh(mesh.faces, mesh.uv, mesh.parts, edge)
    canonical = cut.extend(mesh.canonical)
    rest = Surface(
        "hat",
        np.zeros_like(canonical),
        cut.faces,
        cut.parts,
        canonical,
        colours=cut.extend(linear(colours)),
    )
    layers: list[Layer] = [ShellLayer(mesh, offset.astype(np.float32), rest, cut)]
    if hat.kind == "cap":
        layers.append(_brim(linear(hat.cloth.colours[1])))
    return layers


@lru_cache(maxsize=1)
def _head_skin() -> tuple[cKDTree, Float32]:
    model = BodyFacts.load().model
    places = model.canonical[np.unique(model.faces[model.face_parts == HEAD])]
    return cKDTree(places), places


def _head_prop(name: str, points: Float64, faces: Int32, colours: Float32) -> PropLayer:
    """A stiff thing given in canonical places (N, 3), carried by the head, labelled with the nearest skin."""
    facts = BodyFacts.load()
    anchor = int(np.linalg.norm(facts.model.canonical[:13380] - points.mean(axis=0), axis=1).argmin())
    tree, places = _head_skin()
    canonical = places[tree.query(points)[1]]
    rest = Surface(
        name,
        np.zeros_like(canonical),
        faces.astype(np.int32),
        np.full(len(faces), HEAD, dtype=np.uint8),
        canonical,
        colours=colours.astype(np.float32),
    )
    local = (points - facts.model.canonical[anchor]).astype(np.float32)
    return PropLayer(local, anchor, "head", False, rest)


def _strip(inner: Float64, outer: Float64, closed: bool) -> tuple[Float64, Int32]:
    """A band between two rows of points (N, 3): vertices (2 N, 3) and faces."""
    count = len(inner)
    a = np.arange(count if closed else count - 1)
    b = (a + 1) % count
    faces = np.concatenate([np.stack([a, b, b + count], 1), np.stack([a, b + count, a + count], 1)])
    return np.concatenate([inner, outer]), faces


def _brim(colour: Float32) -> Layer:
    eye = SkinSpace.load().face.eyes.mean(axis=0)
    turn = np.linspace(-1.25, 1.25, 17)
    sine, cosine = np.sin(turn), np.cos(turn)
    height = np.full_like(turn, eye[2] + _RIM)
    inner = np.stack([0.078 * sine, eye[1] + 0.045 - 0.085 * cosine, height], axis=1)
    outer = inner + np.stack([0.015 * sine, -0.075 * cosine, np.full_like(turn, -0.012)], axis=1)
    points, faces = _strip(inner, outer, closed=False)
    return _head_prop("brim", points, faces, np.tile(colour, (len(points), 1)))


def glasses_layer(glasses: Glasses) -> Layer:
    """Two lenses with their rims, a bridge, and temples to the ears."""
    eyes = SkinSpace.load().face.eyes
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    power = 2.0 / glasses.roundness
    c, s = np.cos(turn), np.sin(turn)
    across, up = np.sign(c) * np.abs(c) ** power, np.sign(s) * np.abs(s) ** power
    outline = np.stack([across, np.zeros_like(c), up], axis=1)
    half = np.array([glasses.half[0], 0.0, glasses.half[1]])
    thick = np.array((0.0, 0.0, 0.002))
    points: list[Float64] = []
    faces: list[Int32] = []
    colours: list[Float32] = []

    def add(part: tuple[Float64, Int32], colour: UInt8) -> None:
        faces.append(part[1] + sum(len(p) for p in points))
        points.append(part[0])
        colours.append(np.tile(linear(colour), (len(part[0]), 1)))

    for eye in eyes:
        middle = eye + np.array((0.0, -0.03, -0.002))
        inner, outer = middle + outline * half, middle + outline * (half + glasses.rim)
        add(_strip(inner, outer, closed=True), glasses.frame)
        if glasses.lens is not None:
            add(_strip(np.tile(middle, (len(inner), 1)), inner, closed=True), glasses.lens)
        side = np.sign(eye[0])
        hinge = middle + np.array((side * (half[0] + glasses.rim), 0.0, 0.004))
        ear = np.array([side * max(0.078, abs(hinge[0])), hinge[1] + 0.105, hinge[2] - 0.004])
        temple = np.stack([hinge, ear])
        add(_strip(temple - thick, temple + thick, closed=False), glasses.frame)
    nose = np.stack([eye + np.array((-np.sign(eye[0]) * half[0], -0.031, 0.003)) for eye in eyes])
    add(_strip(nose - thick, nose + thick, closed=False), glasses.frame)
    return _head_prop("glasses", np.concatenate(points), np.concatenate(faces), np.concatenate(colours))


def under_hat(layers: Sequence[Layer], hooded: bool) -> list[Layer]:
    """The identity's layers without the hair that a hat presses down, or without all of it under a hood."""
    eye = SkinSpace.load().face.eyes.mean(axis=0)
    kept: list[Layer] = []
    for layer in layers:
        if "hair" not in layer.rest.name:
            kept.append(layer)
        elif isinstance(layer, BoundLayer) and not hooded:
            rest = layer.rest
            low = rest.canonical[rest.faces, 2].max(axis=1) < eye[2] + 0.02
            if low.any():
                below = replace(rest, faces=rest.faces[low], parts=rest.parts[low], uv=rest.uv[low])
                kept.append(replace(layer, rest=below))
    return kept
