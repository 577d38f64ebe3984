"""Groups that a synthetic person belongs to, for differential figures (ISO/IEC 19795-10).

They are parameters of the synthesis. Of people in photographs nothing of the kind is ever told.
"""

from collections.abc import Sequence
from typing import Final

from lineament.humans.demography import ANCESTRIES, age_years
from lineament.humans.wardrobe.skin_tone import typology_angle
from lineament.synth.people import People

AGES: Final[Sequence[tuple[float, str]]] = ((40.0, "25-39"), (60.0, "40-59"), (1e9, "60-90"))
"""Years below which a group ends; the body has 25 or more."""
TONES: Final[Sequence[tuple[float, str]]] = (
    (-30.0, "dark"),
    (10.0, "brown"),
    (28.0, "tan"),
    (41.0, "intermediate"),
    (55.0, "light"),
    (1e9, "very light"),
)
"""Individual typology angle, degrees, below which a class ends (Chardon et al. 1991)."""
MOSTLY: Final = 0.6
"""Share from which a person counts to one ancestry."""


def groups_of(people: People, person: int) -> dict[str, str]:
    """ "sex", "age group", "ancestry" and "skin tone" of one person of the population."""
    parameters = people.parameters(person)
    shares = {name: parameters.phenotypes[name] for name in ANCESTRIES}
    largest = max(ANCESTRIES, key=lambda name: shares[name])
    return {
        "sex": "female" if parameters.is_female else "male",
        "age group": _class(age_years(parameters.phenotypes["age"]), AGES),
        "ancestry": largest if shares[largest] >= MOSTLY else "mixed",
        "skin tone": _class(typology_angle(people.identity_look(person).skin.lab), TONES),
    }


def _class(value: float, limits: Sequence[tuple[float, str]]) -> str:
    return next(name for limit, name in limits if value < limit)
