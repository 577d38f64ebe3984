"""The vectors that are searched before anything is compared point by point."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lineament.anatomy import PART_COUNT
from lineament.types import Bool, Float16, Float32, Prototype, UInt8

Kind = Literal["face", "body"]
"""Face: one vector a view of the face. Body: one vector a person, see `body_vector`."""


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """One searchable vector of a person: values (D,) float32 of unit length, made by `model`."""

    kind: Kind
    view: int
    model: str
    values: Float32


def body_vector(
    features: Float16 | Float32, parts: UInt8, weights: Bool | Float32 | None = None
) -> Float32 | None:
    """Pool features (N, D) into one vector (14 D,) of unit length: the mean of each part, absent parts zero.

    `parts` (N,) classes, background left out; `weights` (N,) at least 0. The same pooling of a photograph's
    features is comparable with a prototype's. None when nothing is left to pool.
    """
    values = np.asarray(features, dtype=np.float32)
    scale = np.ones(len(values), np.float32) if weights is None else np.asarray(weights, dtype=np.float32)
    pooled = np.zeros((PART_COUNT, values.shape[1]), np.float32)
    for part in range(1, PART_COUNT + 1):
        here = parts == part
        total = float(scale[here].sum())
        if total > 0.0:
            pooled[part - 1] = (values[here] * scale[here, None]).sum(axis=0) / total
    norm = float(np.linalg.norm(pooled))
    return (pooled / norm).ravel() if norm > 1e-6 else None


def vectors_of(prototype: Prototype) -> tuple[Vector, ...]:
    """The vectors of a prototype: every view of the face, and the body pooled over its measured sites."""
    found: list[Vector] = []
    if prototype.face is not None:
        model = prototype.face.model
        for view, row in enumerate(np.asarray(prototype.face.embeddings, dtype=np.float32)):
            found.append(Vector("face", view, model, row))
    weights = prototype.measured if prototype.measured.any() else np.ones(len(prototype.parts), np.bool_)
    body = body_vector(prototype.features, prototype.parts, weights)
    if body is not None:
        found.append(Vector("body", 0, prototype.model, body))
    return tuple(found)
