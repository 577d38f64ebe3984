"""Arms that need no gradient: what a pose takes from an embedding, put back by its statistics.

Both are fitted on synthetic people. The yaw is the aligner's; left and right count alike, since the product
embeds every crop with its mirror image.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.training.faces.deep import Faces
from lineament.training.faces.features import FaceSet
from lineament.training.faces.photographs import unit
from lineament.types import Float32, Float64

BINS: Final = np.radians([0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0])
"""Middles of the yaw bins; statistics are interpolated between them."""
FRONTAL: Final = np.radians(20.0)
PROFILE: Final = np.radians(60.0)
SHRINKAGE: Final = 0.1
"""Of a covariance towards its mean variance: few crops must not make it singular."""

Say = Callable[[str], None]


def plain(faces: Faces, _yaw: Float32) -> Float32:
    """The backbone as it is."""
    return faces.base


@dataclass(frozen=True, slots=True, eq=False)
class MeanShift:
    """The mean embedding of a yaw is moved onto that of frontal faces. shifts: (Y, 128) to be added."""

    shifts: Float64

    @classmethod
    def fit(cls, known: FaceSet) -> "MeanShift":
        """From crops of many people at all yaws."""
        vectors, size = unit(known.base).astype(np.float64), np.abs(known.yaw)
        half = (BINS[1] - BINS[0]) / 2
        means = []
        for middle in BINS:
            near = (size >= middle - half) & ((size < middle + half) | (middle == BINS[-1]))
            means.append(vectors[near].mean(axis=0) if near.any() else np.full(vectors.shape[1], np.nan))
        table = np.array(means)
        if np.isnan(table).any():
            raise ValueError("a mean shift needs crops at every yaw")
        return cls(table[0] - table)

    def __call__(self, faces: Faces, yaw: Float32) -> Float32:
        """Shifted unit vectors."""
        place = np.interp(np.abs(yaw), BINS, np.arange(len(BINS)))
        low = np.minimum(place.astype(int), len(BINS) - 2)
        share = (place - low)[:, None]
        shift = (1 - share) * self.shifts[low] + share * self.shifts[low + 1]
        return np.asarray(unit(faces.base) + shift, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Coral:
    """Correlation alignment (Sun, Feng & Saenko, AAAI 2016): profiles are whitened and given the frontal
    covariance and mean. frontal, profile: mean (128,) of each; colour: (128, 128).
    """

    frontal: Float64
    profile: Float64
    colour: Float64

    @classmethod
    def fit(cls, known: FaceSet) -> "Coral":
        """From crops of many people."""
        vectors, size = unit(known.base).astype(np.float64), np.abs(known.yaw)
        front, side = vectors[size < FRONTAL], vectors[size > PROFILE]
        if min(len(front), len(side)) < 2:
            raise ValueError("correlation alignment needs frontal crops and profiles")
        colour = _root(_covariance(side), -0.5) @ _root(_covariance(front), 0.5)
        return cls(front.mean(axis=0), side.mean(axis=0), colour)

    def __call__(self, faces: Faces, yaw: Float32) -> Float32:
        """Profiles aligned in full, frontal faces left alone, in between a share of either."""
        vectors = unit(faces.base)
        moved = (vectors - self.profile) @ self.colour + self.frontal
        share = np.clip((np.abs(yaw) - FRONTAL) / (PROFILE - FRONTAL), 0, 1)[:, None]
        return np.asarray((1 - share) * vectors + share * moved, np.float32)


def _covariance(vectors: Float64) -> Float64:
    found = np.cov(vectors, rowvar=False)
    level = np.trace(found) / len(found)
    return np.asarray((1 - SHRINKAGE) * found + SHRINKAGE * level * np.eye(len(found)))


def _root(matrix: Float64, power: float) -> Float64:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**power) @ vectors.T)
