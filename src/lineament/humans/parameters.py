"""Who somebody is to a body model: phenotypes, local changes and head modes, as numbers and as `body.json`."""

from dataclasses import dataclass, field

import numpy as np

from lineament.humans.anny_data import ADULT_AGE, PHENOTYPES
from lineament.types import Float32

HEAD_MODES = 100


@dataclass(frozen=True, slots=True, eq=False)
class BodyParameters:
    """One person for Anny, with the head's scan modes.

    phenotypes: Anny's 11, 0..1 (gender 0 is male; age 2/3 is about 25 years, 1 about 90); those left out are 0.5.
    local_changes: Anny's sliders, -1..1; those left out are 0. head: up to 100 coefficients of ICT-FaceKit's
    identity modes, unit variance, empty for the plain Anny head.
    """

    phenotypes: dict[str, float] = field(default_factory=dict)
    local_changes: dict[str, float] = field(default_factory=dict)
    head: Float32 = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def __post_init__(self) -> None:
        for name, value in self.phenotypes.items():
            if name not in PHENOTYPES:
                raise ValueError(f"unknown phenotype {name!r}; there are {', '.join(PHENOTYPES)}")
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"phenotype {name} is {value}, expected 0..1")
        if self.phenotypes.get("age", ADULT_AGE) < ADULT_AGE - 1e-9:
            raise ValueError(f"age {self.phenotypes['age']} is a child's; adults start at {ADULT_AGE:.3f}")
        for name, value in self.local_changes.items():
            if not -1.0 <= value <= 1.0:
                raise ValueError(f"local change {name} is {value}, expected -1..1")
        if self.head.ndim != 1 or len(self.head) > HEAD_MODES or not np.isfinite(self.head).all():
            raise ValueError(f"head must be a list of at most {HEAD_MODES} finite numbers")

    @property
    def is_female(self) -> bool:
        """True where the gender phenotype is nearer to Anny's female end."""
        return self.phenotypes.get("gender", 0.5) > 0.5
