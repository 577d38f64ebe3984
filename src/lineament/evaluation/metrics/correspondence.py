"""Registration judged: how many correspondences are kept, how true they are, and how parts overlap.

Here FMR is always the false match rate of biometrics; the feature-matching recall of registration papers is
called inlier recall.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np

from lineament.anatomy import CLASS_COUNT
from lineament.evaluation.metrics.figures import Figure, TooFew
from lineament.evaluation.metrics.resampling import (
    ROUNDS,
    figure_of,
    person_mean,
    person_weights,
    share,
)
from lineament.types import Bool, Float32, Float64, Int32, UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Correspondences:
    """Every pixel that the truth gives a place on the surface.

    confidence: (n,), -inf where nothing was matched. error: (n,) metres on the canonical surface from the
    found to the true place, inf where nothing was matched. person: (n,) the number of the person shown.
    """

    confidence: Float64
    error: Float64
    person: Int32

    def __post_init__(self) -> None:
        if not len(self.confidence) == len(self.error) == len(self.person):
            raise ValueError("correspondences need one confidence, one error and one person each")

    def rate(self, confidence: float, *, seed: int = 0) -> Figure | TooFew:
        """Correspondence rate: share of all labelled pixels kept above a confidence."""
        return share(self.confidence > confidence, self.person, what="pixels", seed=seed)

    def inlier_recall(
        self, tolerance: float, confidence: float = -np.inf, *, seed: int = 0
    ) -> Figure | TooFew:
        """Share of all labelled pixels that are kept and lie within `tolerance` metres of the truth."""
        kept = (self.confidence > confidence) & (self.error <= tolerance)
        return share(kept, self.person, what="pixels", seed=seed)

    def inlier_share(
        self, tolerance: float, confidence: float = -np.inf, *, seed: int = 0
    ) -> Figure | TooFew:
        """Share of the kept pixels within `tolerance` metres of the truth."""
        kept = self.confidence > confidence
        return share(self.error[kept] <= tolerance, self.person[kept], what="kept pixels", seed=seed)

    def canonical_error(self, confidence: float = -np.inf, *, seed: int = 0) -> Figure | TooFew:
        """Mean error of the kept pixels in metres; read it beside `rate`, which says how many are kept."""
        kept = self.confidence > confidence
        if not kept.any():
            return TooFew(0, what="kept pixels")
        return person_mean(self.error[kept], self.person[kept], seed=seed)


def canonical_distance(found: Float32, truth: Float32) -> Float64:
    """Distance (...,) in metres between places (..., 3) on the canonical surface."""
    return np.asarray(np.linalg.norm(found.astype(np.float64) - truth, axis=-1))


def overlap(found: Bool, truth: Bool) -> float:
    """Intersection over union of two masks of one shape; 1 when both are empty."""
    union = int((found | truth).sum())
    return 1.0 if union == 0 else int((found & truth).sum()) / union


def part_counts(found: UInt8, truth: UInt8, classes: int = CLASS_COUNT) -> Int32:
    """(classes, classes) pixels of one photograph: row the true part, column the found one."""
    pairs = truth.astype(np.int64).ravel() * classes + found.ravel()
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.int32)


def part_iou(
    counts: Int32, person: Int32, *, rounds: int = ROUNDS, seed: int = 0
) -> tuple[Figure | TooFew, list[Figure | TooFew]]:
    """Mean over the parts, and each part's, intersection over union, of pixels pooled over photographs.

    counts: (n, classes, classes) of n photographs by `part_counts`; person: (n,). Class 0, the background,
    is not a part. A part that is neither there nor found is TooFew, and not in the mean.
    """
    _, number = np.unique(person, return_inverse=True)
    people = int(number.max()) + 1 if len(number) else 0
    if people == 0:
        return TooFew(0, what="photographs"), []
    pooled = np.zeros((people, *counts.shape[1:]), np.float64)
    np.add.at(pooled, number, counts)
    values = _iou(pooled.sum(axis=0))
    draws = np.array(
        [_iou(np.tensordot(w, pooled, 1)) for w in person_weights(people, rounds=rounds, seed=seed)]
    )
    known = ~np.isnan(values)
    parts: list[Figure | TooFew] = [
        figure_of(float(value), column, len(counts), people, scale="share")
        if there
        else TooFew(0, what="pixels")
        for value, column, there in zip(values, draws.T, known, strict=True)
    ]
    if not known.any():
        return TooFew(0, what="pixels"), parts
    middle = np.array([np.nan if np.isnan(row).all() else np.nanmean(row) for row in draws[:, known]])
    return figure_of(float(values[known].mean()), middle, len(counts), people, scale="share"), parts


def joints_hit(best: UInt8, places: Float64, accepted: Sequence[Container[int]]) -> Bool:
    """(j,) whether the class (h, w) at each joint is one of those accepted for it.

    places: (j, 2) x and y in pixels of `best`, pixel centres at +0.5; joints outside are missed.
    """
    rows, columns = np.floor(places[:, 1]).astype(int), np.floor(places[:, 0]).astype(int)
    inside = (rows >= 0) & (rows < best.shape[0]) & (columns >= 0) & (columns < best.shape[1])
    return np.array(
        [
            bool(there) and int(best[row, column]) in parts
            for there, row, column, parts in zip(inside, rows, columns, accepted, strict=True)
        ],
        bool,
    )


def _iou(counts: Float64) -> Float64:
    """(classes - 1,) of one table of pixels (classes, classes); NaN where neither there nor found."""
    both = np.diag(counts)
    union = counts.sum(axis=0) + counts.sum(axis=1) - both
    return np.where(union > 0, both / np.maximum(union, 1), np.nan)[1:]
