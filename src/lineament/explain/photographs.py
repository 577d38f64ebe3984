"""What each of several photographs brought to a decision, in sentences and as JSON."""

import math
from typing import Any

from lineament.explain.scale import join_words, printable
from lineament.types import Evidence, PhotographEvidence

Json = dict[str, Any]
Sentence = tuple[str, tuple[str, ...]]
"""One sentence and the JSON pointers, below the person's record, of the numbers behind it."""


def photograph_sentences(evidence: Evidence, place: int = 0) -> list[Sentence]:
    """Sentences for the candidate at `place`; none where there is one photograph."""
    told = evidence.photographs
    if len(told) < 2:
        return []
    pointer = f"/candidates/{place}/photographs"
    fields = ("alone", "brought", "note")
    sources = tuple(f"{pointer}/{i}/{name}" for i in range(len(told)) for name in fields)
    sentences = [
        (
            f"{len(told)} photographs were taken as one person. To the score of {evidence.score:.2f}, "
            f"{join_words([_brought(one) for one in told])}.",
            sources,
        )
    ]
    alone = [one.alone for one in told if one.alone is not None]
    if len(alone) > 1:
        sentences.append(
            (
                f"Photographs of one person repeat each other, so that the scores they have alone are not "
                f"added up (that would be {sum(alone):.2f}).",
                tuple(f"{pointer}/{i}/alone" for i, one in enumerate(told) if one.alone is not None),
            )
        )
    return sentences


def _brought(one: PhotographEvidence) -> str:
    name = printable(one.name)
    if one.alone is None:
        return f"{name} brought nothing ({printable(one.note) or 'nothing could be compared'})"
    about = [f"alone {one.alone:+.2f}"]
    if one.face_yaw is not None:
        about.append(f"face turned by {abs(math.degrees(one.face_yaw)):.0f} degrees")
    if one.note:
        about.append(printable(one.note))
    return f"{name} brought {one.brought:+.2f} ({', '.join(about)})"


def photographs_json(evidence: Evidence) -> list[Json]:
    """Each photograph of a pooled probe; empty for a single one."""
    return [
        {
            "name": one.name,
            "alone": None if one.alone is None else round(one.alone, 9),
            "brought": round(one.brought, 9),
            "regions": {region: round(value, 9) for region, value in one.regions},
            "matched": one.matched,
            "face_yaw_degrees": None if one.face_yaw is None else round(math.degrees(one.face_yaw), 2),
            "note": one.note,
        }
        for one in evidence.photographs
    ]
