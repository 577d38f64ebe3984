"""What garments cover: signed distances on the body's fields, so that texels and vertices are cut alike."""

from dataclasses import dataclass

import numpy as np

from lineament.humans.wardrobe.facts import Fields, Landmarks
from lineament.types import Float32

ARM_LENGTH = 0.52
"""Metres from shoulder to wrist on the canonical body; turns shares of the arm into metres."""


@dataclass(frozen=True, slots=True)
class TopCut:
    """What a top, coat or dress covers. hem: z metres. sleeve: 0 none .. 1 wrist (below 0: sleeveless).

    neckline: "crew", "v", "scoop", "high" or "shirt"; depth: metres that it opens. opening: half width in
    metres of a coat's open front, 0 closed.
    """

    hem: float
    sleeve: float
    neckline: str
    depth: float
    opening: float = 0.0

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the garment's edge, positive inside; approximate."""
        arm = np.where(at.armness > 0.5, at.arm, -0.1)
        sleeve = (max(self.sleeve, -0.05) - arm) * ARM_LENGTH
        edge = np.minimum(at.z - self.hem, sleeve)
        off_arm = np.where(at.armness > 0.5, 1.0, at.z - self.hem)
        edge = np.where(at.armness > 0.5, sleeve, np.minimum(edge, off_arm))
        edge = np.minimum(edge, self._neck(at, marks))
        if self.opening > 0:
            front = (at.y < marks.throat[1] + 0.12) & (at.armness < 0.5)
            edge = np.where(front, np.minimum(edge, np.abs(at.x) - self.opening), edge)
        return edge.astype(np.float32)

    def _neck(self, at: Fields, marks: Landmarks) -> Float32:
        top = {"high": marks.neck + 0.06, "shirt": marks.neck + 0.01}.get(self.neckline, marks.neck - 0.03)
        # The neck rises towards the back, and shoulders slope: the collar's plane leans forward.
        rise = top + 0.35 * (at.y - marks.throat[1]) - at.z
        if self.neckline == "v":
            slope = marks.throat[2] - self.depth + 1.6 * np.abs(at.x) - at.z
            front = at.y < marks.throat[1] + 0.09
            return np.where(front, np.minimum(rise, slope), rise)
        if self.neckline == "scoop":
            away = np.hypot(at.x, (at.z - marks.throat[2]) * 0.8) - self.depth
            front = at.y < marks.throat[1] + 0.1
            return np.where(front, np.minimum(rise, away), rise)
        return rise


@dataclass(frozen=True, slots=True)
class BottomCut:
    """What trousers, shorts, tights or a skirt cover: from z = waist down to z = hem, metres."""

    waist: float
    hem: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        edge = np.minimum(self.waist - at.z, at.z - self.hem)
        return np.where(at.armness > 0.3, -0.1, edge).astype(np.float32)


@dataclass(frozen=True, slots=True)
class FootCut:
    """What painted shoes and socks cover: everything below z = top, metres."""

    top: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        return np.where(at.armness > 0.3, -0.1, self.top - at.z).astype(np.float32)


@dataclass(frozen=True, slots=True)
class GloveCut:
    """What gloves cover: beyond `start` of the arm, 1 being the wrist."""

    start: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        return np.where(at.armness > 0.5, (at.arm - self.start) * ARM_LENGTH, -0.1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class NeckCut:
    """What a scarf covers: from `below` to `above` the neck's base, metres."""

    below: float
    above: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        level = at.z - marks.neck - 0.3 * (at.y - marks.throat[1])
        away = 0.13 - np.hypot(at.x, at.y - marks.throat[1] - 0.06)
        edge = np.minimum(np.minimum(level + self.below, self.above - level), away)
        return np.where(at.armness > 0.3, -0.1, edge).astype(np.float32)


Cut = TopCut | BottomCut | FootCut | GloveCut | NeckCut
