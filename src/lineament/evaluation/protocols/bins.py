"""Scores by bins of what is known of the samples: yaw, distance, orientation, resolution, occlusion.

What is not known is a bin of its own, never dropped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.evaluation.comparisons import PairScores, SampleTable, ScoreMatrix
from lineament.types import Bool, Float64, Int32

UNKNOWN: Final = "unknown"
BLOCK: Final = 256
"""Rows of a matrix at a time, so that a large one fits."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Half-open ranges [edge, next edge) of a number; the last one includes its end.

    unit: for the labels. magnitude: sides do not matter, so that -30 and 30 degrees are one. difference: of
    the covariate of probe and reference, degrees around the circle, 0 to 180, rather than the probe's own.
    """

    covariate: str
    edges: tuple[float, ...]
    unit: str
    magnitude: bool = False
    difference: bool = False

    def __post_init__(self) -> None:
        if len(self.edges) < 2 or any(b <= a for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("bins have at least two rising edges")

    @property
    def labels(self) -> tuple[str, ...]:
        """One a bin, in order, such as "15 to 30 degrees"."""
        ends = zip(self.edges, self.edges[1:], strict=False)
        return tuple(
            f"{low:g} {self.unit} and more" if np.isinf(high) else f"{low:g} to {high:g} {self.unit}"
            for low, high in ends
        )

    def of(self, values: Float64) -> Int32:
        """The bin of each value, -1 for what is not known or outside."""
        numbers = np.abs(values) if self.magnitude else np.asarray(values, dtype=np.float64)
        place = np.searchsorted(self.edges, numbers, side="right") - 1
        place = np.where(numbers == self.edges[-1], len(self.edges) - 2, place)
        inside = (numbers >= self.edges[0]) & (numbers <= self.edges[-1])
        return np.where(inside, place, -1).astype(np.int32)


_YAW: Final = (0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 180.0)
_EVERY_45: Final = (0.0, 22.5, 67.5, 112.5, 157.5, 180.0)
_METRES: Final = (0.0, 5.0, 10.0, 25.0, 50.0, 100.0, 200.0, 400.0, 600.0, np.inf)
_PIXELS: Final = (0.0, 24.0, 48.0, 96.0, 192.0, 384.0, np.inf)
STANDARD: Final[Mapping[str, Bins]] = {
    "yaw": Bins("yaw", _YAW, "degrees", magnitude=True),
    "estimated yaw": Bins("estimated yaw", _YAW, "degrees", magnitude=True),
    "yaw difference": Bins("yaw", _YAW, "degrees", difference=True),
    "pitch": Bins("pitch", (-90.0, -45.0, -15.0, 15.0, 45.0, 90.0), "degrees"),
    "orientation difference": Bins("orientation", _EVERY_45, "degrees", difference=True),
    "distance": Bins("distance", _METRES, "m"),
    "resolution": Bins("height", _PIXELS, "pixels"),
    "occlusion": Bins("occlusion", (0.0, 0.1, 0.25, 0.5, 0.75, 1.0), "of the person"),
}
"""By name. Yaw of 90 degrees and more is one bin."""


def angle_between(a: Float64, b: Float64) -> Float64:
    """The angle between directions in degrees, 0 to 180, NaN where one is not known."""
    return np.asarray(np.abs((a - b + 180.0) % 360.0 - 180.0))


def split(scores: PairScores | ScoreMatrix, by: str) -> Iterator[tuple[str, PairScores | ScoreMatrix]]:
    """Each bin's label with its comparisons, in order, the unknown last; bins without any are left out.

    by: a name of STANDARD, or any covariate of the probes whose values are words. Raises ValueError for
    another one. In a matrix, comparisons of other bins are NaN where bins are of differences; otherwise the
    probes of other bins are not there.
    """
    labels, codes = _codes(scores, by)
    for place, label in (*enumerate(labels), (-1, UNKNOWN)):
        if (codes == place).any():
            yield label, _part(scores, codes == place)


def _codes(scores: PairScores | ScoreMatrix, by: str) -> tuple[tuple[str, ...], Int32]:
    """The bins' labels, and the bin of every listed comparison (n,), probe (p,) or comparison (p, r)."""
    bins = STANDARD.get(by)
    if bins is not None and bins.difference:
        return bins.labels, _differences(scores, bins)
    if bins is None:
        labels, codes = _words(scores.probes, by)
    else:
        labels, codes = bins.labels, bins.of(_numbers(scores.probes, bins))
    return labels, codes if isinstance(scores, ScoreMatrix) else codes[scores.probe]


def _part(scores: PairScores | ScoreMatrix, kept: Bool) -> PairScores | ScoreMatrix:
    if isinstance(scores, PairScores):
        probe, reference, score = scores.probe[kept], scores.reference[kept], scores.score[kept]
        return PairScores(scores.probes, scores.references, probe, reference, score)
    if kept.ndim == 2:
        score = np.where(kept, scores.score, np.float32(np.nan))
        return ScoreMatrix(scores.probes, scores.references, score)
    return ScoreMatrix(_rows(scores.probes, kept), scores.references, scores.score[kept])


def _numbers(side: SampleTable, bins: Bins) -> Float64:
    column = side.covariates.get(bins.covariate)
    if column is None:
        return np.full(len(side), np.nan)
    if column.dtype.kind != "f":
        raise ValueError(f"the covariate {bins.covariate} is a word, not a number")
    return np.asarray(column, dtype=np.float64)


def _differences(scores: PairScores | ScoreMatrix, bins: Bins) -> Int32:
    """The bin of every comparison: (n,) or (p, r)."""
    ours, theirs = _numbers(scores.probes, bins), _numbers(scores.references, bins)
    if isinstance(scores, ScoreMatrix):
        codes = np.empty(scores.score.shape, dtype=np.int32)
        for start in range(0, len(ours), BLOCK):
            codes[start : start + BLOCK] = bins.of(angle_between(ours[start : start + BLOCK, None], theirs))
        return codes
    return bins.of(angle_between(ours[scores.probe], theirs[scores.reference]))


def _words(side: SampleTable, by: str) -> tuple[tuple[str, ...], Int32]:
    column = side.covariates.get(by)
    if column is None or column.dtype.kind == "f":
        raise ValueError(f"no bins are known for {by!r}; choose one of {', '.join(STANDARD)}")
    labels, codes = np.unique(column, return_inverse=True)
    place = np.where(labels == "", -1, np.cumsum(labels != "") - 1)
    return tuple(str(label) for label in labels if label), place[codes].astype(np.int32)


def _rows(side: SampleTable, kept: np.ndarray) -> SampleTable:
    covariates = {name: column[kept] for name, column in side.covariates.items()}
    return SampleTable(side.name[kept], side.subject[kept], side.failed[kept], covariates)
