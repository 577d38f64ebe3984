"""The calibration that a gallery carries: decision thresholds fixed on somebody's own people."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lineament.errors import BadInputError


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """population: on whom it was fixed, printed beside every rate. values: JSON. created: UTC, ISO 8601."""

    population: str
    values: Mapping[str, Any]
    created: str

    def __post_init__(self) -> None:
        if not self.population.strip():
            raise BadInputError("A calibration needs its population: say on whom the thresholds were fixed.")
        self.as_text()

    def as_text(self) -> str:
        """JSON text; BadInputError when the values are not JSON or not finite."""
        try:
            return json.dumps(asdict(self), allow_nan=False, ensure_ascii=False)
        except (ValueError, TypeError) as error:
            raise BadInputError(
                f"The calibration cannot be kept as JSON ({error}): give finite numbers."
            ) from error

    @classmethod
    def parse(cls, text: str) -> "StoredCalibration":
        """The calibration that `as_text` wrote; ValueError for anything else."""
        try:
            held = json.loads(text)
            if not isinstance(held["values"], dict) or not isinstance(held["population"], str):
                raise ValueError("it has no values or no population")
            return cls(held["population"], held["values"], str(held["created"]))
        except (KeyError, TypeError, RecursionError, BadInputError) as error:
            raise ValueError(f"it cannot be read ({error})") from error
