"""How far lengths measured on photographs lie from the truth: learned on synthetic people, of one model."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from lineament.explain.measures import LENGTHS
from lineament.weights import folder
from lineament.writing import replacing

FILE: Final = "lengths.json"
PLAIN_FACTOR: Final = 2.0
"""What uncertainties are multiplied by where nobody has measured how honest they are."""


@dataclass(frozen=True, slots=True)
class LengthErrors:
    """Of `LENGTHS`, in their order. model: revision of the registration network. bias: share of stature by
    which a length comes out too long. factor: true errors over stated ones. people, photographs: how many
    taught it; 0 where nobody did.
    """

    model: str
    bias: tuple[float, ...]
    factor: tuple[float, ...]
    people: int
    photographs: int

    def __post_init__(self) -> None:
        if not len(self.bias) == len(self.factor) == len(LENGTHS) or min(self.factor) <= 0:
            raise ValueError("one bias and one factor above 0 for each length")

    @property
    def learned(self) -> bool:
        """Whether somebody measured them."""
        return self.photographs > 0

    @classmethod
    def plain(cls, model: str) -> "LengthErrors":
        """No bias, and twice the stated uncertainty: what is assumed of a model that nobody measured."""
        count = len(LENGTHS)
        return cls(model, (0.0,) * count, (PLAIN_FACTOR,) * count, 0, 0)

    @classmethod
    def load(cls, model: str, path: Path | None = None) -> "LengthErrors":
        """Those that belong to `model`, from the shipped calibration or `path`; plain ones where none do."""
        try:
            held = json.loads((path or folder("calibration") / FILE).read_text(encoding="utf-8"))
            bias, factor = tuple(map(float, held["bias"])), tuple(map(float, held["factor"]))
            found = cls(str(held["model"]), bias, factor, int(held["people"]), int(held["photographs"]))
        except (OSError, ValueError, TypeError, KeyError):
            return cls.plain(model)
        return found if found.model == model else cls.plain(model)

    def save(self, path: Path) -> None:
        """Write as JSON."""
        with replacing(path) as partial:
            partial.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
