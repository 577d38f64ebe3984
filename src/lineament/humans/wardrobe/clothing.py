"""What somebody wears, in words: typed top-level choices and the shares in which they are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final, Literal, Self

import numpy as np

from lineament.errors import BadInputError

Dress = Literal["separates", "suit", "dress", "sportswear", "swimwear", "overall", "robe"]
Legs = Literal["trousers", "shorts", "skirt"]
Outerwear = Literal["none", "jacket", "hoodie", "coat", "loose_coat", "vest"]
Headwear = Literal["none", "hat", "cap", "beanie", "hood", "helmet", "headscarf"]
Eyewear = Literal["none", "clear", "dark"]
Mask = Literal["none", "medical", "cloth", "scarf"]
Bag = Literal["none", "backpack", "shoulder", "hand"]
Shoes = Literal["shoes", "boots", "sandals", "barefoot"]
Gloves = Literal["none", "gloves"]

CLOTHING_SHARES: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "dress": {
            "separates": 0.54,
            "suit": 0.1,
            "dress": 0.1,
            "sportswear": 0.12,
            "swimwear": 0.04,
            "overall": 0.05,
            "robe": 0.05,
        },
        "legs": {"trousers": 0.64, "shorts": 0.18, "skirt": 0.18},
        "outerwear": {
            "none": 0.62,
            "jacket": 0.12,
            "hoodie": 0.07,
            "coat": 0.08,
            "loose_coat": 0.06,
            "vest": 0.05,
        },
        "headwear": {
            "none": 0.74,
            "hat": 0.05,
            "cap": 0.06,
            "beanie": 0.05,
            "hood": 0.03,
            "helmet": 0.03,
            "headscarf": 0.04,
        },
        "glasses": {"none": 0.82, "clear": 0.11, "dark": 0.07},
        "mask": {"none": 0.93, "medical": 0.04, "cloth": 0.02, "scarf": 0.01},
        "bag": {"none": 0.7, "backpack": 0.12, "shoulder": 0.1, "hand": 0.08},
        "shoes": {"shoes": 0.7, "boots": 0.15, "sandals": 0.07, "barefoot": 0.08},
        "gloves": {"none": 0.94, "gloves": 0.06},
    }
)
"""Field -> value -> share; each field is drawn on its own, so that any can be fixed without moving another.
"""


@dataclass(frozen=True, slots=True)
class Clothing:
    """Top-level choices of an outfit; everything below them (cut, cloth, colours, prints) is drawn.

    legs: what "separates" have below the waist; the other kinds of dress bring their own. Raises
    BadInputError for a value that is not one of the field's.
    """

    dress: Dress = "separates"
    legs: Legs = "trousers"
    outerwear: Outerwear = "none"
    headwear: Headwear = "none"
    glasses: Eyewear = "none"
    mask: Mask = "none"
    bag: Bag = "none"
    shoes: Shoes = "shoes"
    gloves: Gloves = "none"

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name))

    @classmethod
    def sample(cls, rng: np.random.Generator, fixed: Mapping[str, str] | None = None) -> Self:
        """Draw every field by CLOTHING_SHARES; those in `fixed` keep their value there.

        The others come out as they would have without `fixed`. Raises BadInputError for an unknown field or
        value.
        """
        fixed = fixed or {}
        for name, value in fixed.items():
            _check(name, value)
        drawn = {}
        for name, shares in CLOTHING_SHARES.items():
            choice = int(rng.choice(len(shares), p=np.array(list(shares.values()))))
            drawn[name] = fixed.get(name, list(shares)[choice])
        return cls(**drawn)  # type: ignore[arg-type]

    def describe(self) -> str:
        """The choices that are not "none", as a short comma-separated list."""
        words = [self.dress]
        if self.dress == "separates":
            words.append(self.legs)
        words += [self.outerwear, self.headwear]
        words.append(f"{self.glasses} glasses" if self.glasses != "none" else "none")
        words.append({"none": "none", "scarf": "scarf over the mouth"}.get(self.mask, f"{self.mask} mask"))
        words.append(self.bag if self.bag in ("none", "backpack") else f"{self.bag} bag")
        words += [self.shoes, self.gloves]
        return ", ".join(word.replace("_", " ") for word in words if word != "none")


def _check(field: str, value: object) -> None:
    if field not in CLOTHING_SHARES:
        raise BadInputError(f"clothing has no field {field!r}; it has: {', '.join(CLOTHING_SHARES)}")
    if value not in CLOTHING_SHARES[field]:
        raise BadInputError(f"clothing {field} {value!r} is not one of: {', '.join(CLOTHING_SHARES[field])}")
