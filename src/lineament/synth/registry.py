"""Every covariate of the generator by full name ("light.kind"), and how short names find them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from lineament.distributions import Choice, Fixed, Whole, chance
from lineament.errors import BadInputError
from lineament.humans.poses import POSE_SHARES
from lineament.humans.wardrobe.clothing import CLOTHING_SHARES
from lineament.synth.background import BACKGROUND
from lineament.synth.covariates import SEEDS, Covariate, Table, one_of, whole_number, yes_or_no
from lineament.synth.framing import FRAMING, NOBODY_SHARE
from lineament.synth.lighting import LIGHT
from lineament.synth.occlusion import OCCLUSION
from lineament.synth.sensor import SENSOR

PERSON_NUMBER: Final = "person.number"
PERSON: Table = {"number": whole_number(Whole(*SEEDS), *SEEDS)}
"""Number in the population (a drawn one is taken modulo the population's size)."""

CLOTHING: Table = {
    "variety": one_of(Fixed("wide"), "wide", "first"),
    **{name: one_of(Choice(dict(shares)), *shares) for name, shares in CLOTHING_SHARES.items()},
}
"""variety: "first" draws outfits as the first release did, whatever the other fields say."""

POSE: Table = {
    "variety": one_of(Fixed("wide"), "wide", "captured"),
    "kind": one_of(Choice(dict(POSE_SHARES)), *POSE_SHARES),
    "expression": yes_or_no(chance(0.67)),
}
"""variety: "captured" leaves the learned prior out and draws as the first release did. expression: whether
the face moves.
"""

SCENE: Table = {
    "nobody": yes_or_no(chance(NOBODY_SHARE)),
    "company": one_of(Choice({0: 0.76, 1: 0.16, 2: 0.06, 3: 0.02}), 0, 1, 2, 3),
    "ground": yes_or_no(chance(0.60)),
    "shadows": yes_or_no(chance(0.75)),
    "supersample": one_of(Choice({1: 0.7, 2: 0.3}), 1, 2, 3, 4),
    "metered_on_people": yes_or_no(chance(0.5)),
}
"""Covariates of the scene; see `SceneSettings`."""

FIGURE_GROUPS: Final = ("person", "clothing", "pose")
"""Groups that belong to a figure and are drawn once for all its pictures."""

SCENERY: Final = ("background.kind", "background.seed")
"""What several pictures may share."""

_GROUPS: Final[Mapping[str, Table]] = {
    "person": PERSON,
    "clothing": CLOTHING,
    "pose": POSE,
    "scene": SCENE,
    "framing": FRAMING,
    "light": LIGHT,
    "background": BACKGROUND,
    "occlusion": OCCLUSION,
    "sensor": SENSOR,
}

COVARIATES: Final[Mapping[str, Covariate]] = {
    f"{group}.{name}": covariate for group, table in _GROUPS.items() for name, covariate in table.items()
}

SHORT_NAMES: Final[Mapping[str, str]] = {
    "person": "person.number",
    "clothing": "clothing.dress",
    "pose": "pose.kind",
    "light": "light.kind",
    "background": "background.kind",
    "occlusion": "occlusion.kind",
    "azimuth": "framing.yaw",
    "elevation": "framing.elevation",
}


def full_name(name: str) -> str:
    """The full name of a covariate given in full, by SHORT_NAMES, or by its last word where only one has it.

    Raises BadInputError with the nearest names.
    """
    if name in COVARIATES:
        return name
    if name in SHORT_NAMES:
        return SHORT_NAMES[name]
    found = [full for full in COVARIATES if full.split(".")[1] == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInputError(f"{name} may mean {' or '.join(found)}; write it in full")
    words = {full.split(".")[1]: full for full in COVARIATES} | {full: full for full in COVARIATES}
    near = ", ".join(dict.fromkeys(words[one] for one in get_close_matches(name, words, 4, 0.4)))
    raise BadInputError(f"there is no covariate {name!r}; nearest: {near or 'see docs/synth.md'}")
