"""Whether confidences of correspondences are probabilities, and what the operating point keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.evaluation.metrics import Correspondences, Figure, TooFew, share
from lineament.evaluation.metrics.resampling import figure_of, person_weights
from lineament.recognition.comparison import GROUPS
from lineament.recognition.confidence import Confidence, OperatingPoint
from lineament.recognition.confidence_fitting import Labelled, operating_curve
from lineament.types import Bool, Float32, Float64, Int32

EDGES: Final = tuple(round(0.1 * k, 1) for k in range(11))
ROUNDS: Final = 300
_CASES: Final = "correspondences"
Value = Figure | TooFew


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Correspondences whose confidence lies in [low, high). claimed: their mean confidence. observed: the
    share that was right.
    """

    low: float
    high: float
    claimed: float
    observed: Value
    count: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """name: of what was judged. right: what counts as right, in words. bins: those with correspondences.
    error: the expected calibration error, mean over correspondences of |claimed - observed| of their bin;
    None where what counts as right is less than what is claimed.
    """

    name: str
    right: str
    bins: tuple[ReliabilityBin, ...]
    claimed: float
    observed: Value
    error: Value | None


@dataclass(frozen=True, slots=True)
class JudgedConfidence:
    """Everything measured on labelled synthetic people. curves: overall, with the own prototype, with a
    stranger's. groups: claimed confidence and observed share by group of parts.
    """

    confidence: Confidence
    curves: tuple[Reliability, ...]
    raw: Reliability
    figures: dict[str, Value]
    groups: dict[str, tuple[float, Value]]
    operating: Sequence[OperatingPoint]


def reliability(
    claimed: Float32,
    right: Bool,
    picture: Int32,
    name: str,
    meaning: str,
    *,
    weaker: bool = False,
    seed: int = 0,
) -> Reliability:
    """Confidences (n,) against what was right (n,); pictures (n,) are resampled for the intervals.

    weaker: what counts as right is less than what is claimed, so that there is no calibration error.
    """
    if len(claimed) == 0:
        nothing = TooFew(0, what=_CASES)
        return Reliability(name, meaning, (), float("nan"), nothing, nothing)
    place = np.clip(np.digitize(claimed, EDGES) - 1, 0, len(EDGES) - 2)
    bins = []
    for k in np.unique(place):
        mine = place == k
        observed = share(right[mine], picture[mine], what=_CASES, seed=seed)
        claim = float(claimed[mine].mean())
        bins.append(ReliabilityBin(EDGES[k], EDGES[k + 1], claim, observed, int(mine.sum())))
    return Reliability(
        name,
        meaning,
        tuple(bins),
        float(claimed.mean()),
        share(right, picture, what=_CASES, seed=seed),
        None if weaker else _error(claimed, right, picture, place.astype(np.int32), seed),
    )


def judged(seen: Labelled, confidence: Confidence, *, seed: int = 0) -> JudgedConfidence:
    """Judge a map on labelled pictures of people whom it was not fitted to."""
    value = confidence.of(seen.raw, seen.part)
    right = seen.error <= confidence.distance
    meaning = f"the site lies within {100 * confidence.distance:g} cm of the true place"
    kept = seen.agreed

    def curve(name: str, chosen: Bool, claimed: Float32) -> Reliability:
        return reliability(claimed[chosen], right[chosen], seen.picture[chosen], name, meaning, seed=seed)

    groups: dict[str, tuple[float, Value]] = {}
    for name, members in GROUPS.items():
        mine = kept & np.isin(seen.part, members)
        claim = float(value[mine].mean()) if mine.any() else float("nan")
        groups[name] = (claim, share(right[mine], seen.picture[mine], what=_CASES, seed=seed))
    return JudgedConfidence(
        confidence=confidence,
        curves=(
            curve("all", kept, value),
            curve("own prototype", kept & seen.own, value),
            curve("a stranger's prototype", kept & ~seen.own, value),
        ),
        raw=curve("not calibrated", kept, seen.raw),
        figures=_figures(seen, value, right, confidence, seed),
        groups=groups,
        operating=operating_curve(seen, confidence),
    )


def _figures(
    seen: Labelled, value: Float32, right: Bool, confidence: Confidence, seed: int
) -> dict[str, Value]:
    """What the operating point keeps, over all labelled pixels, and how well confidences rank."""
    shown = np.isfinite(seen.error)
    missed = int(seen.missed.sum())
    every = Correspondences(
        confidence=np.concatenate([np.where(seen.agreed, value, -np.inf)[shown], np.full(missed, -np.inf)]),
        error=np.concatenate([seen.error[shown], np.full(missed, np.inf)]).astype(np.float64),
        person=np.concatenate(
            [seen.picture[shown], np.repeat(np.arange(len(seen.missed)), seen.missed)]
        ).astype(np.int32),
    )
    # `Correspondences` keeps what is above a confidence, the operating point what reaches it.
    at = float(np.nextafter(np.float32(confidence.threshold), np.float32(-1.0)))
    kept = seen.agreed & (value >= confidence.threshold)
    ranked = np.sort(value[seen.agreed & right]), np.sort(value[seen.agreed & ~right])
    found: dict[str, Value] = {
        "correspondence_rate": every.rate(at, seed=seed),
        "inlier_recall": every.inlier_recall(confidence.distance, at, seed=seed),
        "inlier_share": share(right[kept], seen.picture[kept], what="kept correspondences", seed=seed),
        "inlier_recall_without_threshold": every.inlier_recall(confidence.distance, seed=seed),
        "on_the_person": share(shown[kept], seen.picture[kept], what="kept correspondences", seed=seed),
    }
    if all(map(len, ranked)):
        found["ranking_auc"] = _auc(value[seen.agreed], right[seen.agreed], seen.picture[seen.agreed], seed)
    return found


def _auc(value: Float32, right: Bool, picture: Int32, seed: int) -> Figure:
    """Chance that a right correspondence is surer than a wrong one, with its interval over pictures."""
    levels, place = np.unique(value, return_inverse=True)
    _, number = np.unique(picture, return_inverse=True)
    count = int(number.max()) + 1
    draws = [_area(place, right, w[number], len(levels)) for w in person_weights(count, rounds=50, seed=seed)]
    whole = _area(place, right, np.ones(len(value)), len(levels))
    return figure_of(whole, draws, len(value), count, scale="share")


def _area(place: np.ndarray, right: Bool, weight: Float64, levels: int) -> float:
    good = np.bincount(place[right], weights=weight[right], minlength=levels)
    bad = np.bincount(place[~right], weights=weight[~right], minlength=levels)
    below = np.cumsum(bad) - 0.5 * bad
    total = good.sum() * bad.sum()
    return float((good * below).sum() / total) if total > 0 else float("nan")


def _error(claimed: Float32, right: Bool, picture: Int32, place: Int32, seed: int) -> Value:
    """Expected calibration error (Naeini et al., AAAI 2015) with its interval over pictures."""
    _, number = np.unique(picture, return_inverse=True)
    count, bins = int(number.max()) + 1, len(EDGES) - 1
    gap, cases = np.zeros((count, bins)), np.zeros((count, bins))
    np.add.at(gap, (number, place), claimed.astype(np.float64) - right)
    np.add.at(cases, (number, place), 1.0)

    def of(weight: Float64) -> float:
        return float(np.abs(weight @ gap).sum() / max(1.0, float((weight @ cases).sum())))

    draws = [of(weight) for weight in person_weights(count, rounds=ROUNDS, seed=seed)]
    found = figure_of(of(np.ones(count)), draws, len(claimed), count)
    return Figure(found.value, max(0.0, found.low), found.high, found.cases, found.people, found.note)
