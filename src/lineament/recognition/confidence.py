"""How sure a correspondence is: from the networks' raw confidence to a probability, and the operating point.

The confidence of a correspondence is P(its site lies within `distance` of the pixel's true place on the
template | what the networks say). The map is fitted to synthetic people who were never trained on; it belongs
to one revision of the registration model and is refused beside another.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lineament.errors import BadInputError
from lineament.recognition.comparison import GROUPS
from lineament.types import Float32, UInt8
from lineament.weights import folder
from lineament.writing import replacing

REVISION: Final = "confidence-1"
FILE: Final = "confidence.json"
ALL: Final = "all"
"""The curve of parts that have none of their own."""
MAKE_AGAIN: Final = "make it again with `lineament train confidence`"


class OperatingPoint(BaseModel):
    """What a threshold on the confidence keeps, on the population of the fit.

    correspondence_rate: kept, of all labelled pixels. inlier_share: right ones of the kept. inlier_recall:
    right ones of all labelled pixels. gain: right minus wrong ones, of all labelled pixels.
    """

    model_config = ConfigDict(frozen=True)
    threshold: float
    correspondence_rate: float
    inlier_share: float | None
    inlier_recall: float
    gain: float


class Curve(BaseModel):
    """A rising map from raw confidences to probabilities: linear between its knots, constant beyond them.
    correspondences: that it was fitted to.
    """

    model_config = ConfigDict(frozen=True)
    raw: tuple[float, ...]
    probability: tuple[float, ...]
    correspondences: int = 0

    @model_validator(mode="after")
    def _rises(self) -> "Curve":
        raw, probability = np.array(self.raw), np.array(self.probability)
        if len(raw) < 2 or raw.shape != probability.shape:
            raise ValueError("the map needs two knots or more, each with its probability")
        if (np.diff(raw) <= 0).any() or (np.diff(probability) < 0).any():
            raise ValueError("the map must rise")
        if probability[0] < 0 or probability[-1] > 1:
            raise ValueError("probabilities lie in 0..1")
        return self

    def of(self, raw: Float32) -> Float32:
        """Probabilities (n,) of raw confidences (n,)."""
        return np.interp(raw, self.raw, self.probability).astype(np.float32)


class Confidence(BaseModel):
    """The fitted map with its population and its operating point.

    distance: metres on the template within which a correspondence is right. curves: the map of each group of
    parts (`comparison.GROUPS`) that had enough correspondences, and ALL for the others. threshold: least
    confidence of a kept correspondence, the one of `curve` with the greatest gain. digest: the first 16
    digits of a sha256 over what was fitted.
    """

    model_config = ConfigDict(frozen=True)
    revision: str
    population: str
    model: str
    distance: float = Field(gt=0)
    curves: dict[str, Curve]
    threshold: float = Field(ge=0, le=1)
    curve: tuple[OperatingPoint, ...] = ()
    seed: int | None = None
    pictures: int = 0
    correspondences: int = 0
    digest: str = ""

    @model_validator(mode="after")
    def _known(self) -> "Confidence":
        if ALL not in self.curves or not self.curves.keys() <= {ALL, *GROUPS}:
            raise ValueError(f"curves are those of {', '.join(GROUPS)}, and {ALL}")
        return self

    @classmethod
    def plain(cls, model: str, threshold: float = 0.0) -> "Confidence":
        """The raw confidences as they are: stands in where no map has been fitted yet."""
        return cls(
            revision="none",
            population="nobody",
            model=model,
            distance=1.0,
            curves={ALL: Curve(raw=(0.0, 1.0), probability=(0.0, 1.0))},
            threshold=threshold,
        )

    @property
    def chosen(self) -> OperatingPoint | None:
        """The operating point of the threshold, None where the choice was not recorded."""
        return next((one for one in self.curve if one.threshold == self.threshold), None)

    def of(self, raw: Float32, parts: UInt8) -> Float32:
        """Calibrated confidences (n,) 0..1 of raw ones (n,) of samples of `parts` (n,)."""
        found = self.curves[ALL].of(raw)
        for name, members in GROUPS.items():
            if name in self.curves:
                mine = np.isin(parts, members)
                found[mine] = self.curves[name].of(raw[mine])
        return found

    def belonging_to(self, model: str) -> "Confidence":
        """This map; raises BadInputError where it was fitted to another revision than `model`."""
        if self.model != model:
            raise BadInputError(
                f"the confidences ({self.revision}, {self.population}) were calibrated for {self.model}, "
                f"the registration model is {model}; {MAKE_AGAIN}"
            )
        return self

    def save(self, path: Path) -> None:
        """Write as JSON."""
        with replacing(path) as partial:
            partial.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path | None = None) -> "Confidence":
        """Read what `save` wrote, the shipped one when None.

        Raises BadInputError when it is missing or none.
        """
        place = path or folder("calibration") / FILE
        try:
            return cls.model_validate(json.loads(place.read_text(encoding="utf-8")))
        except (OSError, ValueError, ValidationError) as error:
            raise BadInputError(
                f"{place} holds no calibrated confidences ({type(error).__name__}); {MAKE_AGAIN}"
            ) from error
