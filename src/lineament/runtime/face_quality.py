"""How well a face's picture serves recognition: measures, one number that predicts errors, reasons in words.

Quality is the probability, fitted on synthetic people, that a mated comparison of this picture with a good
one of the same person passes the threshold of a false match rate of 1 % (`training/face_quality.py`): a
logistic regression in which no measure counts against a picture for being better. ISO/IEC 29794-1 calls such
a number a unified quality score, ISO/IEC 29794-5 lists measures of faces.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from lineament.errors import BadInputError
from lineament.runtime.face_crops import CROP_SIZE, FIVE_POINTS, apply, invert
from lineament.types import Bool, Float32, Float64, UInt8
from lineament.weights import folder

EYES: Final = float(FIVE_POINTS[1, 0] - FIVE_POINTS[0, 0])
"""Pixels between the eyes of a frontal face in its aligned crop."""
CENTRE: Final = (56.0, 66.0)
RADII: Final = (29.0, 38.0)
"""The ellipse of the aligned crop, pixels, in which light and sharpness are measured."""
DARK: Final = 80.0
BRIGHT: Final = 170.0
FLAT: Final = 40.0
"""Mean brightness below which a face counts as dark, above which as bright; its deviation when flat."""
SMOOTHED: Final = 0.8
"""Standard deviation, pixels, of the smoothing before detail is measured: noise is no detail."""
SMALL: Final = 0.6 * EYES
"""Pixels between the eyes below which too little detail is the picture's size, and no blur."""
TOLD: Final = 0.7
"""A reason is told when it costs at least this much of the log-odds: odds halved."""
FINE: Final = 0.9
"""Quality from which nothing is told."""
FEATURES: Final = (
    "size",
    "frontal",
    "profile",
    "sure",
    "sharp",
    "light",
    "contrast",
    "even",
    "score",
)
"""What the number is made of; the larger each, the better."""


@dataclass(frozen=True, slots=True)
class FaceMeasures:
    """What is measured of one face's picture.

    eyes: photograph pixels between the eyes, were the face seen from the front. yaw: radians, as in
    `types.Face`. spread: expected error of the landmarks, pixels of the aligner's view, NaN where it is not
    known. detail: variance of the Laplacian as a share of the brightness's own. brightness: mean, 0..255;
    contrast: its standard deviation. uneven: how much brighter the right of the picture is than the left, as
    a share of the mean, -2..2. score: of the detection, 0..1.
    """

    eyes: float
    yaw: float
    spread: float
    detail: float
    brightness: float
    contrast: float
    uneven: float
    score: float

    @property
    def features(self) -> Float64:
        """(len(FEATURES),), each bounded; NaN where the measure is not known."""
        turned = abs(self.yaw)
        dark = np.log2(np.clip(self.brightness, 4.0, DARK) / DARK)
        burnt = -max(0.0, self.brightness - BRIGHT) / 40.0
        return np.array(
            [
                np.log2(np.clip(self.eyes, 3.0, EYES) / EYES),
                -min(turned, np.radians(45.0)),
                -max(0.0, turned - np.radians(45.0)),
                -np.log2(np.clip(self.spread, 0.5, 8.0)),
                np.log2(np.clip(self.detail, 1e-3, 0.1)),
                dark + burnt,
                np.log2(np.clip(self.contrast, 2.0, FLAT) / FLAT),
                -abs(self.uneven) * np.cos(min(turned, np.pi / 2)),
                self.score,
            ]
        )


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """value: 0..1. reasons: what lowers it, in words, worst first; none for a good picture."""

    value: float
    reasons: tuple[str, ...]
    measures: FaceMeasures


@dataclass(frozen=True, slots=True)
class QualityModel:
    """weights and good, by the names of FEATURES: log-odds a unit of each, none negative, and what a good
    picture has of each (the upper quartile of frontal faces). intercept: log-odds at zero.
    """

    revision: str
    intercept: float
    weights: tuple[float, ...]
    good: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.weights) == len(self.good) == len(FEATURES):
            raise ValueError(f"a quality model has {len(FEATURES)} weights and good values")
        if min(self.weights) < 0 or not np.isfinite((self.intercept, *self.weights, *self.good)).all():
            raise ValueError("weights of a quality model are finite and none is negative")

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, place: Path | None = None) -> "QualityModel":
        """The shipped coefficients, or those of another folder; raises BadInputError where it holds none."""
        place = place or folder("face_quality")
        try:
            held = json.loads((place / "config.json").read_text(encoding="utf-8"))
            weights, good = (
                tuple(float(held[key][name]) for name in FEATURES) for key in ("weights", "good")
            )
            return cls(str(held["revision"]), float(held["intercept"]), weights, good)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise BadInputError(f"{place} holds no coefficients of face quality; install again") from error

    def assess(self, measures: FaceMeasures) -> FaceQuality:
        """The number and its reasons. What is not known of a picture is taken for good."""
        features = measures.features
        known = np.where(np.isfinite(features), features, self.good)
        odds = self.intercept + float(known @ self.weights)
        value = float(1.0 / (1.0 + np.exp(-np.clip(odds, -50, 50))))
        costs = np.asarray(self.weights) * (np.asarray(self.good) - known)
        words = () if value >= FINE else _words(measures, dict(zip(FEATURES, costs.tolist(), strict=True)))
        return FaceQuality(value, words, measures)


def assess(
    crop: UInt8, matrix: Float64, shape: tuple[int, ...], *, yaw: float, spread: float, score: float
) -> FaceQuality:
    """The quality of one aligned face by the shipped coefficients; arguments as in `measure`."""
    return QualityModel.load().assess(measure(crop, matrix, shape, yaw=yaw, spread=spread, score=score))


def measure(
    crop: UInt8, matrix: Float64, shape: tuple[int, ...], *, yaw: float, spread: float, score: float
) -> FaceMeasures:
    """Measure one aligned face.

    crop: (112, 112, 3) uint8 sRGB, which `matrix` (2, 3) cuts out of a photograph of `shape` (H, W, ...).
    yaw, spread and score: of the alignment and of the detection.
    """
    face = _ellipse()
    seen = face & _inside(matrix, shape)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    pixels = grey[seen]
    if len(pixels) == 0:
        pixels, seen = np.zeros(1, np.float32), face
    brightness, contrast = float(pixels.mean()), float(pixels.std())
    return FaceMeasures(
        eyes=EYES / float(np.sqrt(abs(np.linalg.det(matrix[:, :2])))),
        yaw=yaw,
        spread=spread,
        detail=_detail(grey, seen),
        brightness=brightness,
        contrast=contrast,
        uneven=_uneven(grey, seen, brightness),
        score=score,
    )


@lru_cache(maxsize=1)
def _ellipse() -> Bool:
    rows, columns = np.mgrid[:CROP_SIZE, :CROP_SIZE] + 0.5
    away = ((columns - CENTRE[0]) / RADII[0]) ** 2 + ((rows - CENTRE[1]) / RADII[1]) ** 2
    return np.asarray(away <= 1.0)


def _inside(matrix: Float64, shape: tuple[int, ...]) -> Bool:
    """Which pixels (112, 112) of the crop the photograph has."""
    rows, columns = np.mgrid[:CROP_SIZE, :CROP_SIZE] + 0.5
    there = apply(invert(matrix), np.stack([columns.ravel(), rows.ravel()], axis=1))
    held = ((there >= 0) & (there <= (shape[1], shape[0]))).all(axis=1)
    return np.asarray(held.reshape(CROP_SIZE, CROP_SIZE))


def _detail(grey: Float32, seen: Bool) -> float:
    smooth = cv2.GaussianBlur(grey, (0, 0), SMOOTHED)
    edges = np.asarray(cv2.Laplacian(smooth, cv2.CV_32F))[seen]
    return float(edges.var() / (smooth[seen].var() + 1.0))


def _uneven(grey: Float32, seen: Bool, brightness: float) -> float:
    middle = int(CENTRE[0])
    left, right = (grey[:, side][seen[:, side]] for side in (slice(None, middle), slice(middle, None)))
    if len(left) == 0 or len(right) == 0:
        return 0.0
    return float((right.mean() - left.mean()) / max(brightness, 1.0))


def _words(of: FaceMeasures, costs: dict[str, float]) -> tuple[str, ...]:
    """A reason for each measure that costs enough, the costliest first."""
    degrees = abs(np.degrees(of.yaw))
    seen_from = ", were they seen from the front" if degrees > 45 else ""
    bright, small = of.brightness > BRIGHT, of.eyes < SMALL
    lit = "left" if of.uneven > 0 else "right"
    sharp = costs["sharp"] + costs["size"] < TOLD
    covered = ": something may cover it" if sharp else ""
    reasons = {
        f"turned by {degrees:.0f} degrees": costs["frontal"] + costs["profile"],
        f"only {of.eyes:.0f} pixels between the eyes{seen_from}": costs["size"] + costs["sharp"] * small,
        "blurred": costs["sharp"] * (not small),
        f"{'too bright' if bright else 'dark'}: mean brightness {of.brightness:.0f} of 255": costs["light"],
        f"little contrast: deviation {of.contrast:.0f} of 255": costs["contrast"],
        f"lit from one side, the person's {lit}": costs["even"],
        f"its landmarks are unsure{covered}": costs["sure"],
        f"hardly like a face to the detector ({of.score:.2f} of 1)": costs["score"],
    }
    ranked = sorted(reasons.items(), key=lambda item: -item[1])
    return tuple(words for words, cost in ranked if cost >= TOLD)
