"""The average head, many points with colours, brought onto a fitted head: eyes, brows, lips and hair for
scans that have none, and a surface where they have holes.

A recogniser of faces learned from photographs, and a face without eyes and brows says little to it. What all
colourless scans are given is the same, so that only their shape tells them apart.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from scipy.spatial import cKDTree

from lineament.anatomy import HEAD
from lineament.errors import BadInputError
from lineament.gallery.enrolment.scan_file import Scan
from lineament.gallery.enrolment.scan_head import FACE_FIVE, HeadFit
from lineament.geometry.template import Template
from lineament.types import Float32, Float64, UInt8
from lineament.weights import folder as weights_folder

SITES: Final = 8
"""Sites whose displacements move a point of the average head, the nearest counting most."""
NEAR: Final = 0.012
"""Metres; points of a scan further from the head are none of it: clothes, the chair, loose hair."""
HOLE: Final = 0.003
"""Metres; where no point of the scan lies nearer, the average head's is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class MeanHead:
    """points (M, 3) metres on the template's average body, unit normals (M, 3), and sRGB colours (M, 3), all
    averages over synthetic people.
    """

    points: Float32
    normals: Float32
    colours: UInt8

    def __post_init__(self) -> None:
        if not self.points.shape == self.normals.shape == self.colours.shape:
            raise ValueError("a mean head has one normal and one colour for each point")

    @classmethod
    def load(cls, folder: Path | None = None) -> "MeanHead":
        """The shipped one, or that of another folder; raises BadInputError where it holds none."""
        place = folder or weights_folder("mean_head")
        try:
            held = load_file(place / "mean_head.safetensors")
            return cls(held["points"], held["normals"].astype(np.float32), held["colours"])
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise BadInputError(f"{place} holds no average head; install again") from error

    def dressed(self, scan: Scan, fit: HeadFit, template: Template) -> tuple[Scan, Float64]:
        """The scan in the template's frame, with a whole head and with colours, and the five landmarks (5, 3)
        of its face. A scan's own colours are kept.
        """
        points = displaced(self.points.astype(np.float64), fit.points, template)
        own = scan.points @ fit.rotation.T + fit.translation
        distance, nearest = (np.asarray(one) for one in cKDTree(points).query(own))
        kept = distance <= NEAR
        # Nothing within the bound is answered by an infinite distance, which is a hole's too.
        there = cKDTree(own[kept]).query(points, distance_upper_bound=HOLE)[0] if kept.any() else np.inf
        holes = np.broadcast_to(np.asarray(there) > HOLE, len(points))
        colours = scan.colours[kept] if scan.coloured else self.colours[nearest[kept]]
        whole = Scan(
            scan.name,
            np.concatenate([own[kept], points[holes]]),
            np.concatenate([(scan.normals @ fit.rotation.T)[kept], self.normals[holes]]),
            np.concatenate([colours, self.colours[holes]]),
            True,
            scan.metres,
        )
        return whole, displaced(FACE_FIVE, fit.points, template)


def displaced(places: Float64, sites: Float64, template: Template) -> Float64:
    """Places (M, 3) on the average body, moved as the sites of the head (N, 3) round them are."""
    head = np.flatnonzero(template.parts == HEAD)
    distance, near = (np.asarray(one) for one in cKDTree(template.positions[head]).query(places, k=SITES))
    weight = 1.0 / (distance**2 + 0.005**2)
    moves = (sites - template.positions)[head[near]]
    return np.asarray(places + (weight[..., None] * moves).sum(axis=1) / weight.sum(axis=1)[:, None])
