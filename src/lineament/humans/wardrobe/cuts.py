"""What small and sporty garments cover: straps, sashes, belts, ties, lapels, swimwear, dungarees, sandals."""

from dataclasses import dataclass

import numpy as np

from lineament.humans.wardrobe.facts import Fields, Landmarks
from lineament.humans.wardrobe.garments import BottomCut, TopCut
from lineament.types import Bool, Float32

_OFF = -0.1


def _trunk(at: Fields, edge: Float32) -> Float32:
    return np.where((at.armness > 0.4) | (at.headness > 0.6), _OFF, edge).astype(np.float32)


def _front(at: Fields, marks: Landmarks) -> Bool:
    return at.y < marks.throat[1] + 0.1


@dataclass(frozen=True, slots=True)
class BandCut:
    """A band round the trunk or both legs from z = low to z = high, metres: belts, waistbands, hems."""

    low: float
    high: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        return _trunk(at, np.minimum(at.z - self.low, self.high - at.z))


@dataclass(frozen=True, slots=True)
class StrapsCut:
    """Two straps over the shoulders, `across` metres from the middle, `half` metres half wide, down to
    z = low.
    """

    across: float
    half: float
    low: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        edge = self.half - np.abs(np.abs(at.x) - self.across)
        return _trunk(at, np.minimum(edge, at.z - self.low))


@dataclass(frozen=True, slots=True)
class SashCut:
    """A strap from one shoulder to the other hip. side: 1 the left shoulder, -1 the right."""

    side: float
    half: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        height = marks.neck - marks.hip
        slope = height / 0.26
        level = marks.neck - (0.1 - self.side * at.x) * slope - at.z
        edge = self.half - np.abs(level) / np.sqrt(1 + slope**2)
        return _trunk(at, np.minimum(edge, at.z - marks.hip))


@dataclass(frozen=True, slots=True)
class TieCut:
    """A tie: half wide at its end, z = end, and half as wide at the throat; metres."""

    half: float
    end: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        top = float(marks.throat[2]) - 0.015
        half = self.half * (1.0 - 0.5 * np.clip((at.z - self.end) / (top - self.end), 0, 1))
        edge = np.minimum.reduce([half - np.abs(at.x), at.z - self.end, top - at.z])
        return np.where(_front(at, marks), _trunk(at, edge), _OFF).astype(np.float32)


@dataclass(frozen=True, slots=True)
class LapelCut:
    """The turned-down edge, `width` metres, along a coat's v-shaped neckline."""

    coat: TopCut
    width: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        away = marks.throat[2] - self.coat.depth + 1.6 * np.abs(at.x) - at.z
        low = float(marks.throat[2]) - self.coat.depth
        edge = np.minimum.reduce([away, 1.9 * self.width - away, at.z - low])
        edge = np.minimum(edge, self.coat.inside(at, marks))
        return np.where(at.y < marks.throat[1] + 0.09, _trunk(at, edge), _OFF).astype(np.float32)


@dataclass(frozen=True, slots=True)
class BriefCut:
    """Briefs and swimming trunks without legs: up to z = waist; rise: how steeply the leg's edge climbs."""

    waist: float
    rise: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        legs = at.z - (marks.crotch - 0.03 + self.rise * np.abs(at.x))
        return _trunk(at, np.minimum(self.waist - at.z, legs))


@dataclass(frozen=True, slots=True)
class LeotardCut:
    """Swimsuits, leotards and wrestlers' singlets: a top that ends in the edge of briefs."""

    top: TopCut
    rise: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        legs = at.z - (marks.crotch - 0.03 + self.rise * np.abs(at.x))
        legs = np.where(at.armness > 0.4, 1.0, legs)
        return np.minimum(self.top.inside(at, marks), legs).astype(np.float32)


@dataclass(frozen=True, slots=True)
class BraCut:
    """A bikini's or sports bra's band round the chest from z = low to z = high, with straps `half` metres
    half wide.
    """

    low: float
    high: float
    half: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        band = BandCut(self.low, self.high).inside(at, marks)
        return np.maximum(band, StrapsCut(0.085, self.half, self.low).inside(at, marks))


@dataclass(frozen=True, slots=True)
class BibCut:
    """Dungarees: trousers with a bib before the chest and straps over the shoulders."""

    legs: BottomCut
    top: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        bib = np.minimum.reduce([0.12 - np.abs(at.x), self.top - at.z, at.z - self.legs.hem])
        bib = np.where(at.y < -0.02, _trunk(at, bib), _OFF)
        straps = StrapsCut(0.085, 0.02, self.legs.waist - 0.03).inside(at, marks)
        return np.maximum.reduce([self.legs.inside(at, marks), bib, straps]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SandalCut:
    """Sole, a band over the toes and one round the ankle; half: half width of a band, metres."""

    half: float

    def inside(self, at: Fields, marks: Landmarks) -> Float32:
        """Signed distance (N,) in metres to the edge, positive inside."""
        toes = self.half * 1.6 - np.abs(at.y + 0.1)
        ankle = self.half - np.abs(at.z - marks.ankle + 0.035)
        edge = np.maximum.reduce([toes, ankle, 0.016 - at.z])
        edge = np.minimum(edge, marks.ankle - at.z)
        return np.where(at.armness > 0.3, _OFF, edge).astype(np.float32)


SmallCut = (
    BandCut | StrapsCut | SashCut | TieCut | LapelCut | BriefCut | LeotardCut | BraCut | BibCut | SandalCut
)
