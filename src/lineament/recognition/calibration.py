"""From raw measurements to a log-likelihood ratio, and from a false match rate to a threshold.

The score is linear, so that every region's share of it is a number of its own:

    score = offset + w_face * (a_c * face score + b_c) + sum over parts of w_mode * w_group * share * excess

with one (a_c, b_c) for each condition c of a face comparison. Weights are logistic regressions with both
classes given equal weight, so that the logit is a log-likelihood ratio (Brümmer & du Preez, Computer Speech &
Language 2006).
"""

import json
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lineament.anatomy import PART_NAMES
from lineament.errors import BadInputError
from lineament.recognition.comparison import GROUPS, Comparison
from lineament.writing import replacing

Mode = Literal["face", "body"]
"""What a comparison rests on: a face (with or without the body), or the body alone."""


class FaceLine(BaseModel):
    """slope * face score + intercept: the natural-log likelihood ratio of a normalised face score."""

    model_config = ConfigDict(frozen=True)
    slope: float
    intercept: float
    mated: int
    non_mated: int

    def value(self, score: float) -> float:
        """The log-likelihood ratio of one face score."""
        return self.slope * score + self.intercept


class Tail(BaseModel):
    """The upper tail of the non-mated scores of one mode: `scores` fall, the k-th is exceeded by k of
    `comparisons`.
    """

    model_config = ConfigDict(frozen=True)
    comparisons: int
    people: int
    scores: tuple[float, ...]


class Sample(BaseModel):
    """How much a calibration was fixed on. references: photographs that enrolled each person, 0 for half of
    them. made: UTC, ISO 8601. digest: the first 16 digits of a sha256 over all comparisons.
    """

    model_config = ConfigDict(frozen=True)
    people: int
    photographs: int
    references: int
    mated: int
    non_mated: int
    made: str
    digest: str


class Calibration(BaseModel):
    """Everything that turns measurements into decisions, with the population that it was fixed on."""

    model_config = ConfigDict(frozen=True)
    revision: str
    population: str
    model: str
    face_model: str
    temperature: float = Field(gt=0)
    face_weight: float
    face_lines: dict[str, FaceLine]
    group_weights: dict[str, float]
    body_weight: dict[Mode, float]
    offset: dict[Mode, float]
    tails: dict[Mode, Tail]
    margin: float = Field(ge=0)
    support_limit: float = Field(gt=0)
    """Largest log-likelihood ratio that this many comparisons can support in words: ln of the non-mated
    count.
    """
    sample: Sample | None = None
    dependence: dict[Mode, float] = Field(default={"face": 1.0, "body": 1.0})
    """How much the photographs of one probe repeat each other (`pooling.py`): 1 wholly, 0 not at all."""

    @property
    def stated(self) -> str:
        """The population with the revision, as it is told beside every rate."""
        return f"{self.population} ({self.revision})"

    def contributions(self, comparison: Comparison) -> tuple[float, dict[str, float]] | None:
        """The offset and each region's share of the score, or None when nothing could be compared."""
        mode = mode_of(comparison)
        if mode is None:
            return None
        weight = self.body_weight[mode]
        parts: dict[str, float] = {}
        if comparison.face_score is not None and comparison.face_condition is not None:
            line = self.face_lines[comparison.face_condition]
            parts["face"] = self.face_weight * line.value(comparison.face_score)
        for group, members in GROUPS.items():
            for part in members:
                if comparison.share[part] > 0:
                    parts[PART_NAMES[part]] = float(
                        weight * self.group_weights[group] * comparison.share[part] * comparison.excess[part]
                    )
        return self.offset[mode], parts

    def threshold(self, fmr: float, mode: Mode) -> float:
        """The score that a share `fmr` of non-mated comparisons exceeds.

        Raises BadInputError when the validation data are too few to know it (fewer than 3 / fmr comparisons).
        """
        tail = self.tails.get(mode)
        if not 0 < fmr < 1:
            raise BadInputError(f"a false match rate lies between 0 and 1, not {fmr:g}; try --fmr 1e-3")
        if tail is None or tail.comparisons * fmr < 3:
            count = 0 if tail is None else tail.comparisons
            raise BadInputError(
                f"a false match rate of {fmr:g} needs at least {int(np.ceil(3 / fmr)):,} non-mated "
                f"comparisons, the calibration on {self.population} has {count:,} for {mode}; "
                "ask for a higher --fmr"
            )
        allowed = int(tail.comparisons * fmr)
        if allowed >= len(tail.scores):
            raise BadInputError(
                f"a false match rate of {fmr:g} is above what the calibration keeps; ask for a lower one"
            )
        return tail.scores[allowed]

    def save(self, path: Path) -> None:
        """Write as JSON."""
        with replacing(path) as partial:
            partial.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """Read what `save` wrote; raises BadInputError when it is not a calibration."""
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, ValidationError) as error:
            raise BadInputError(
                f"{path} is not a calibration of Lineament ({type(error).__name__})"
            ) from error


def mode_of(comparison: Comparison) -> Mode | None:
    """What the comparison rests on, None when on nothing."""
    if comparison.face_score is not None:
        return "face"
    return "body" if comparison.has_body else None
