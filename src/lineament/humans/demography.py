"""Who lives in a population: age, sex, ancestry, stature and body mass, distributions that a user may set.

Stature: means between those of the world (men 1.71 m, women 1.59 m, born 1996; NCD Risk Factor
Collaboration, eLife 5:e13410, 2016) and of Europe, America, Australia and East Asia (1.78, 1.65), with the
deviations of the latter (0.076, 0.071; Jelenkovic et al., eLife 5:e20320, 2016). Body mass index: world means
of about 24 to 25 for either sex (NCD Risk Factor Collaboration, Lancet 390:2627, 2017), the deviation about
that of national surveys, where women spread wider.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, get_args

import numpy as np

from lineament.distributions import Choice, Distribution, LogNormal, Normal
from lineament.errors import BadInputError
from lineament.humans.anny_data import ADULT_AGE

Sex = Literal["female", "male"]
Ancestry = Literal["african", "asian", "caucasian"]
SEXES: Final[tuple[Sex, ...]] = get_args(Sex)
ANCESTRIES: Final[tuple[Ancestry, ...]] = get_args(Ancestry)
"""Anny's three phenotypes of ancestry; everybody is a mixture of them."""

YOUNGEST, OLDEST = 18.0, 90.0
_ANNY_YOUNG = 25.0
"""Years of Anny's youngest adult; people of 18 to 25 have that body."""

AGE: Final = Normal(34.0, 22.0, YOUNGEST, OLDEST)
"""Years. Falls with age, as among the world's adults: half of them are under 40."""
STATURE: Final[Mapping[Sex, Distribution]] = MappingProxyType(
    {"female": Normal(1.62, 0.07, 1.40, 1.86), "male": Normal(1.75, 0.075, 1.52, 2.02)}
)
"""Metres."""
BODY_MASS_INDEX: Final[Mapping[Sex, Distribution]] = MappingProxyType(
    {"female": LogNormal(24.0, 0.19, 16.0, 43.0), "male": LogNormal(24.4, 0.16, 17.0, 42.0)}
)
"""Kilograms a square metre."""
CONCENTRATION: Final = 1.35
"""Of the Dirichlet distribution of ancestry: half the people have more than 0.7 of one."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """One adult before there is a body: age in years, ancestry shares (African, Asian, Caucasian) that sum to
    1, stature in metres, body_mass_index in kg/m2.
    """

    age: float
    sex: Sex
    ancestry: tuple[float, float, float]
    stature: float
    body_mass_index: float


@dataclass(frozen=True, slots=True)
class Demography:
    """The distributions of a population of adults; raises BadInputError for impossible ones.

    age: years within 18..90. sexes, ancestry: shares that sum to 1; those left out are 0. Ancestry shares are
    means: everybody's own are Dirichlet with `concentration` (small: of one ancestry each; large: alike).
    stature: metres, body_mass_index: kg/m2, of each sex.
    """

    age: Distribution = AGE
    sexes: Mapping[Sex, float] = field(default_factory=lambda: dict.fromkeys(SEXES, 1 / 2))
    ancestry: Mapping[Ancestry, float] = field(default_factory=lambda: dict.fromkeys(ANCESTRIES, 1 / 3))
    concentration: float = CONCENTRATION
    stature: Mapping[Sex, Distribution] = field(default_factory=lambda: STATURE)
    body_mass_index: Mapping[Sex, Distribution] = field(default_factory=lambda: BODY_MASS_INDEX)

    def __post_init__(self) -> None:
        _check_shares("sexes", self.sexes, SEXES)
        _check_shares("ancestry", self.ancestry, ANCESTRIES)
        if not (self.concentration > 0 and math.isfinite(self.concentration)):
            raise BadInputError(f"the concentration of ancestry is above 0, not {self.concentration:g}")
        _check_range("age", self.age, (YOUNGEST, OLDEST), "years")
        for sex in SEXES:
            if sex not in self.stature or sex not in self.body_mass_index:
                raise BadInputError(f"stature and body_mass_index need an entry for {sex!r}")
            _check_range(f"stature of {sex}s", self.stature[sex], (1.2, 2.3), "metres")
            _check_range(f"body mass index of {sex}s", self.body_mass_index[sex], (14.0, 50.0), "kg/m2")

    @property
    def key(self) -> str:
        """Short name of these distributions, the same for equal ones."""
        parts = (
            repr(self.age),
            sorted(self.sexes.items()),
            sorted(self.ancestry.items()),
            self.concentration,
            sorted((sex, repr(one)) for sex, one in self.stature.items()),
            sorted((sex, repr(one)) for sex, one in self.body_mass_index.items()),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]

    def draw(self, rng: np.random.Generator) -> Vitals:
        """One person."""
        age = float(self.age.at(rng.random(), {}))
        sex: Sex = "female" if rng.random() < self.sexes.get("female", 0.0) else "male"
        means = np.array([self.ancestry.get(name, 0.0) for name in ANCESTRIES])
        shares = rng.gamma(np.maximum(means * self.concentration, 1e-9)) * (means > 0)
        # Of very small concentrations every draw can be 0.
        shares = shares / shares.sum() if shares.sum() > 0 else means
        african, asian, caucasian = (float(share) for share in shares)
        return Vitals(
            age=age,
            sex=sex,
            ancestry=(african, asian, caucasian),
            stature=float(self.stature[sex].at(rng.random(), {})),
            body_mass_index=float(self.body_mass_index[sex].at(rng.random(), {})),
        )


def age_phenotype(years: float) -> float:
    """Anny's phenotype `age` of an adult: 2/3 up to 25 years, 1 at 90."""
    share = (years - _ANNY_YOUNG) / (OLDEST - _ANNY_YOUNG)
    return ADULT_AGE + (1.0 - ADULT_AGE) * min(max(share, 0.0), 1.0)


def age_years(phenotype: float) -> float:
    """The age of Anny's phenotype, 25..90 years; the inverse of `age_phenotype`."""
    return _ANNY_YOUNG + (OLDEST - _ANNY_YOUNG) * (phenotype - ADULT_AGE) / (1.0 - ADULT_AGE)


def _check_shares(what: str, shares: Mapping[str, float], names: tuple[str, ...]) -> None:
    for name in shares:
        if name not in names:
            raise BadInputError(f"{what} has no {name!r}; there are {', '.join(names)}")
    try:
        Choice(dict(shares))
    except BadInputError as error:
        raise BadInputError(f"{what}: {error}") from None


def _check_range(what: str, distribution: Distribution, limits: tuple[float, float], unit: str) -> None:
    low, high = limits
    for u in (0.0, 0.5, 1.0 - 1e-9):
        value = distribution.at(u, {})
        if isinstance(value, str) or not low <= value <= high:
            raise BadInputError(f"{what} reaches {value} {unit}; keep it within {low:g}..{high:g}")
