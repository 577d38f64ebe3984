"""The evidence by groups of parts, and why a part says nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from lineament.anatomy import PART_INDEX, PART_NAMES
from lineament.types import Evidence, PartEvidence

FACE: Final = "face"
REGIONS: Final[tuple[str, ...]] = (FACE, *PART_NAMES[1:])
VISIBLE_AT_LEAST: Final = 0.05
"""A region of which less than this share is seen, and where nothing matched, counts as not visible."""
NOT_ENROLLED: Final = "not enrolled"
NOT_VISIBLE: Final = "not visible"
NOT_COMPARED: Final = "not compared"


@dataclass(frozen=True, slots=True)
class Group:
    """Regions that are spoken of together."""

    name: str
    plural: bool
    regions: tuple[str, ...]


def _sides(*names: str) -> tuple[str, ...]:
    return tuple(f"{side}_{name}" for name in names for side in ("left", "right"))


GROUPS: Final[tuple[Group, ...]] = (
    Group(FACE, False, (FACE,)),
    Group("head", False, ("head",)),
    Group("torso", False, ("torso",)),
    Group("arms", True, _sides("upper_arm", "forearm")),
    Group("hands", True, _sides("hand")),
    Group("legs", True, _sides("thigh", "calf")),
    Group("feet", True, _sides("foot")),
)


@dataclass(frozen=True, slots=True)
class GroupEvidence:
    """The parts of one group taken together; fields as in `PartEvidence`.

    similarity: mean over the matches. possible: points that could have matched. visible: of the best seen
    part. sources: JSON pointers, below the candidate, of the parts summed.
    """

    group: Group
    visible: float
    matched: int
    possible: int
    similarity: float
    contribution: float
    sources: tuple[str, ...]


def possible_points(part: PartEvidence) -> int:
    """Points that could have matched: `rate` is matched over possible."""
    return round(part.matched / part.rate) if part.rate > 0.0 else 0


def group_evidence(evidence: Evidence) -> tuple[GroupEvidence, ...]:
    """The evidence by group, in the order of `GROUPS`; groups of which nothing was measured are left out."""
    indexed = list(enumerate(evidence.parts))
    found = []
    for group in GROUPS:
        members = [(i, part) for i, part in indexed if part.region in group.regions]
        if not members:
            continue
        parts = [part for _, part in members]
        matched = sum(part.matched for part in parts)
        weights = [part.matched or (0 if matched else 1) for part in parts]
        found.append(
            GroupEvidence(
                group=group,
                visible=max(part.visible for part in parts),
                matched=matched,
                possible=sum(possible_points(part) for part in parts),
                similarity=sum(w * p.similarity for w, p in zip(weights, parts, strict=True)) / sum(weights),
                contribution=sum(part.contribution for part in parts),
                sources=tuple(f"/parts/{i}" for i, _ in members),
            )
        )
    return tuple(found)


def absence(region: str, evidence: Evidence, enrolled: Collection[str] | None) -> str | None:
    """Why a region says nothing: not enrolled, not visible, not compared; None when it speaks.

    enrolled: regions that the prototype holds. None: not known.
    """
    part = next((one for one in evidence.parts if one.region == region), None)
    spoke = part is not None and (part.matched > 0 or part.contribution != 0.0)
    if not spoke and enrolled is not None and region not in enrolled:
        return NOT_ENROLLED
    if part is not None:
        return None if spoke or part.visible >= VISIBLE_AT_LEAST else NOT_VISIBLE
    seen = evidence.registration.visible if evidence.registration is not None else None
    hidden = seen is not None and region != FACE and float(seen[PART_INDEX[region]]) < VISIBLE_AT_LEAST
    return NOT_VISIBLE if hidden else NOT_COMPARED


def group_absence(group: Group, evidence: Evidence, enrolled: Collection[str] | None) -> str | None:
    """`absence` of a whole group: None when any of its regions speaks."""
    found = [absence(region, evidence, enrolled) for region in group.regions]
    if None in found:
        return None
    return next(why for why in (NOT_VISIBLE, NOT_COMPARED, NOT_ENROLLED) if why in found)
