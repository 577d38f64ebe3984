"""Fit the map from raw confidences to probabilities, and choose the operating point, on labelled pictures."""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression

from lineament.errors import BadInputError
from lineament.recognition.comparison import GROUPS
from lineament.recognition.confidence import ALL, REVISION, Confidence, Curve, OperatingPoint
from lineament.types import Bool, Float32, Float64, Int32, UInt8

DISTANCE: Final = 0.08
"""Metres on the template: a correspondence that lies nearer to the true place is right."""
QUANTILES: Final = (0.02, 0.05, *(round(0.1 * k, 1) for k in range(1, 10)), 0.95, 0.98)
"""Shares of the correspondences between which a knot lies; finer at the ends, where few are."""
LEAST: Final = 200
"""Correspondences below which nothing is fitted."""
LEAST_OF_GROUP: Final = 1000
"""Correspondences below which parts go with all others."""
THRESHOLDS: Final = tuple(round(0.05 * k, 2) for k in range(20))


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Every sample of pictures whose truth is known, with the site that it was given.

    raw: (n,) confidence as the networks give it. agreed: (n,) whether sample and site are mutual nearest
    neighbours of one part. error: (n,) metres on the template from the site to the true place, inf where the
    sample does not show the person. part: (n,) class of the sample. own: (n,) whether the prototype was the
    shown person's own. picture: (n,). missed: (pictures,) labelled pixels that got no sample at all.
    """

    raw: Float32
    agreed: Bool
    error: Float32
    part: UInt8
    own: Bool
    picture: Int32
    missed: Int32

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in ("raw", "agreed", "error", "part", "own", "picture")}
        if len(lengths) != 1:
            raise ValueError("the samples must have one length")
        if len(self.picture) and int(self.picture.max()) >= len(self.missed):
            raise ValueError("each picture needs its number of missed pixels")

    @property
    def labelled(self) -> int:
        """Pixels that the truth gives a place, found or missed."""
        return int(np.isfinite(self.error).sum() + self.missed.sum())

    @property
    def digest(self) -> str:
        """The first 16 digits of a sha256 over everything."""
        found = hashlib.sha256()
        for name in ("raw", "agreed", "error", "own", "picture", "missed"):
            found.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return found.hexdigest()[:16]


def fit_confidence(
    seen: Labelled, *, population: str, model: str, seed: int | None = None, distance: float = DISTANCE
) -> Confidence:
    """The map of the correspondences (mutual, parts agreeing) by pool adjacent violators over shares of
    them, for groups of parts apart where they have enough, and the threshold with the greatest gain.

    Raises BadInputError when there are too few correspondences, or all of them right or wrong.
    """
    raw, right = seen.raw[seen.agreed].astype(np.float64), seen.error[seen.agreed] <= distance
    if len(raw) < LEAST or right.all() or not right.any():
        raise BadInputError(
            f"{len(raw):,} correspondences, {int(right.sum()):,} of them right, are too few to calibrate "
            "confidences; give more pictures"
        )
    curves = {ALL: _curve(raw, right)}
    for name, members in GROUPS.items():
        mine = np.isin(seen.part[seen.agreed], members)
        if mine.sum() >= LEAST_OF_GROUP and 0 < right[mine].sum() < mine.sum():
            curves[name] = _curve(raw[mine], right[mine])
    plain = Confidence(
        revision=REVISION,
        population=population,
        model=model,
        distance=distance,
        curves=curves,
        threshold=0.0,
        seed=seed,
        pictures=len(seen.missed),
        correspondences=len(raw),
        digest=seen.digest,
    )
    curve = operating_curve(seen, plain)
    best = max(curve, key=lambda one: one.gain)
    return plain.model_copy(update={"curve": tuple(curve), "threshold": best.threshold})


def operating_curve(seen: Labelled, confidence: Confidence) -> list[OperatingPoint]:
    """What each threshold keeps.

    A right correspondence gains one and a wrong one loses one, so that with true probabilities the greatest
    gain keeps what is more likely right than wrong.
    """
    value = confidence.of(seen.raw, seen.part)
    right, total = seen.error <= confidence.distance, max(1, seen.labelled)
    curve = []
    for threshold in THRESHOLDS:
        kept = seen.agreed & (value >= threshold)
        good, count = int((kept & right).sum()), int(kept.sum())
        curve.append(
            OperatingPoint(
                threshold=threshold,
                correspondence_rate=round(int((kept & np.isfinite(seen.error)).sum()) / total, 5),
                inlier_share=round(good / count, 5) if count else None,
                inlier_recall=round(good / total, 5),
                gain=round((2 * good - count) / total, 5),
            )
        )
    return curve


def _curve(raw: Float64, right: Bool) -> Curve:
    """Knots at the mean raw confidence and the smoothed share of right ones, made to rise."""
    order = np.argsort(raw, kind="stable")
    places: list[float] = []
    shares: list[float] = []
    weights: list[float] = []
    for chosen in np.split(order, (np.array(QUANTILES) * len(order)).astype(int)):
        place = float(raw[chosen].mean()) if len(chosen) else -1.0
        if not len(chosen) or (places and place - places[-1] < 1e-4):
            continue
        places.append(place)
        # The rule of succession keeps a knot away from certainty.
        shares.append((right[chosen].sum() + 1.0) / (len(chosen) + 2.0))
        weights.append(float(len(chosen)))
    risen = isotonic_regression(np.array(shares), weights=np.array(weights), increasing=True).x
    if len(places) == 1:
        places, risen = [places[0], places[0] + 1e-3], np.repeat(risen, 2)
    return Curve(
        raw=tuple(np.round(places, 6).tolist()),
        probability=tuple(np.round(risen, 6).tolist()),
        correspondences=len(raw),
    )
