"""How the true accept rate at one threshold changes with what is known of the samples."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.evaluation.comparisons import PairScores, ScoreMatrix
from lineament.evaluation.metrics import Figure, TooFew
from lineament.evaluation.metrics.resampling import person_index, share
from lineament.evaluation.protocols.bins import STANDARD, split
from lineament.types import Float32, Int32

MOST: Final = 12
"""Words that a covariate may take and still be shown bin by bin."""
_BLOCK: Final = 1 << 22
_UNFIT: Final = ("set", "samples", "clothes", "hair")


@dataclass(frozen=True, slots=True)
class Bin:
    """accepted: share of the mated comparisons of this bin above the threshold."""

    label: str
    accepted: Figure | TooFew


def bins_of(
    scores: PairScores | ScoreMatrix, threshold: float, *, seed: int = 0
) -> dict[str, tuple[Bin, ...]]:
    """For each standard binning whose covariate is known, and each covariate of few words."""
    found = {}
    probe, reference, score = mated_of(scores)
    mated = PairScores(scores.probes, scores.references, probe, reference, score)
    for name in _binnings(scores):
        bins = tuple(Bin(label, _accepted(part, threshold, seed)) for label, part in split(mated, name))
        bins = tuple(one for one in bins if one.accepted.cases)
        if len(bins) > 1:
            found[name] = bins
    return found


def mated_of(scores: PairScores | ScoreMatrix) -> tuple[Int32, Int32, Float32]:
    """Probe row, reference row and score of every mated comparison that counts (is not NaN)."""
    if isinstance(scores, PairScores):
        kept = np.flatnonzero(scores.mated & ~np.isnan(scores.score))
        return scores.probe[kept], scores.reference[kept], scores.score[kept]
    (probe, reference), _ = person_index(scores.probes.subject, scores.references.subject)
    rows, columns = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    size = max(1, _BLOCK // max(1, len(reference)))
    for start in range(0, len(probe), size):
        row, column = np.nonzero(probe[start : start + size, None] == reference)
        rows.append((row + start).astype(np.int32))
        columns.append(column.astype(np.int32))
    row, column = np.concatenate(rows), np.concatenate(columns)
    score = np.asarray(scores.score[row, column])
    kept = np.flatnonzero(~np.isnan(score))
    return row[kept].astype(np.int32), column[kept].astype(np.int32), score[kept]


def _accepted(mated: PairScores | ScoreMatrix, threshold: float, seed: int) -> Figure | TooFew:
    probe, _, score = mated_of(mated)
    (people, _), _ = person_index(mated.probes.subject, mated.references.subject)
    return share(score > threshold, people[probe], what="mated comparisons", seed=seed)


def _binnings(scores: PairScores | ScoreMatrix) -> list[str]:
    """Names that `split` knows and the samples can tell."""
    ours, theirs = scores.probes.covariates, scores.references.covariates
    found = []
    for name, bins in STANDARD.items():
        if bins.covariate not in ours or ours[bins.covariate].dtype.kind != "f":
            continue
        if bins.difference and bins.covariate not in theirs:
            continue
        if name == "estimated yaw" and "yaw" in ours:
            continue
        found.append(name)
    words = [
        name
        for name, column in ours.items()
        if column.dtype.kind != "f" and name not in _UNFIT and 1 < len(np.unique(column)) <= MOST
    ]
    return found + words
