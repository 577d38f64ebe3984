"""Hats made of the scalp: knitted hats, and caps with a brim; and what hair does under a hat."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lineament.anatomy import HEAD
from lineament.geometry.surface import Surface
from lineament.humans.wardrobe.clip import clip_mesh
from lineament.humans.wardrobe.cloth import Cloth
from lineament.humans.wardrobe.facts import BodyFacts, fill_square
from lineament.humans.wardrobe.layers import BoundLayer, Layer, ShellLayer, ShellMesh
from lineament.humans.wardrobe.places import SkinSpace
from lineament.types import Float32

_RIM = 0.03
"""Metres above the eyes where a hat ends at the front."""


@lru_cache(maxsize=1)
def _crown() -> tuple[ShellMesh, Float32]:
    facts, space = BodyFacts.load(), SkinSpace.load()
    points = facts.model.canonical
    eye = space.face.eyes.mean(axis=0)
    edge = points[:, 2] - (eye[2] + _RIM) + 0.2 * np.maximum(points[:, 1] - eye[1], 0.0)
    chosen = space.head_faces & (edge[facts.model.faces].max(axis=1) > 0)
    mesh = ShellMesh(facts.model.faces[chosen], fill_square(facts.model.face_uv[chosen]), facts, part=HEAD)
    return mesh, edge[mesh.used].astype(np.float32)


def hat_layers(rng: np.random.Generator, cloth: Cloth) -> list[Layer]:
    """A knitted hat in this cloth, 1 to 3 cm thick, higher on top or not."""
    mesh, edge = _crown()
    at = mesh.fields
    colours = cloth.paint(at.z, np.arctan2(at.x, at.y) * 0.09).astype(np.float32) / 255.0
    offset = rng.uniform(0.012, 0.022) + rng.uniform(0.0, 0.35) * np.maximum(edge - 0.06, 0.0)
    cut = clip_mesh(mesh.faces, mesh.uv, mesh.parts, edge)
    canonical = cut.extend(mesh.canonical)
    rest = Surface(
        "hat",
        np.zeros_like(canonical),
        cut.faces,
        cut.parts,
        canonical,
        colours=cut.extend((colours**2.2).astype(np.float32)),
    )
    return [ShellLayer(mesh, offset.astype(np.float32), rest, cut)]


def under_hat(layers: Sequence[Layer]) -> list[Layer]:
    """The identity's layers with the hair that a hat presses down left out."""
    eye = SkinSpace.load().face.eyes.mean(axis=0)
    kept: list[Layer] = []
    for layer in layers:
        if isinstance(layer, ShellLayer) and layer.rest.name == "hair":
            continue
        if isinstance(layer, BoundLayer) and layer.rest.name == "hair":
            low = layer.rest.canonical[layer.rest.faces, 2].max(axis=1) < eye[2] + 0.02
            if not low.any():
                continue
            rest = replace(
                layer.rest, faces=layer.rest.faces[low], parts=layer.rest.parts[low], uv=layer.rest.uv[low]
            )
            kept.append(replace(layer, rest=rest))
            continue
        kept.append(layer)
    return kept
