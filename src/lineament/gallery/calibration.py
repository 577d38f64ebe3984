"""The calibration that a gallery carries: decision thresholds fixed on somebody's own people."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from lineament.errors import BadInputError

_DOMAIN: Final = re.compile(r"[^\W_][\w.-]{0,39}|")


def check_domain(name: str) -> None:
    """Raise BadInputError unless `name` can name a domain; "" is the one without a name."""
    if not _DOMAIN.fullmatch(name):
        raise BadInputError(f"A domain is a word of at most 40 letters, digits, '-' and '.', not {name!r}.")


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """population: on whom it was fixed, printed beside every rate. values: JSON. created: UTC, ISO 8601.

    domain: the kind of photographs that it is for, "" for the one that decides where none is named. version:
    counts up whenever a domain is calibrated again.
    """

    population: str
    values: Mapping[str, Any]
    created: str
    domain: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        if not self.population.strip():
            raise BadInputError("A calibration needs its population: say on whom the thresholds were fixed.")
        check_domain(self.domain)
        self.as_text()

    @property
    def revision(self) -> str:
        """Domain and version in one word, such as grey-small-2."""
        return f"{self.domain or 'own'}-{self.version}"

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
            domain, version = held.get("domain", ""), held.get("version", 1)
            if not isinstance(domain, str) or not isinstance(version, int):
                raise ValueError("its domain or its version is none")
            return cls(held["population"], held["values"], str(held["created"]), domain, version)
        except (KeyError, TypeError, RecursionError, BadInputError) as error:
            raise ValueError(f"it cannot be read ({error})") from error
