"""What was measured on the person, in sentences; each with JSON pointers to the numbers in it.

Nothing here names an attribute of a person: every sentence compares a photograph with a prototype, or says
why it cannot.
"""

import math
from typing import Final

from lineament.explain.agreement import Agreement, Agreements
from lineament.explain.groups import FACE
from lineament.explain.hardships import Hardships
from lineament.explain.scale import band, join_words
from lineament.explain.words import Statement
from lineament.types import Evidence, Face

_NOUNS: Final = {
    "shoulders": (
        "The shoulders, as dressed, are",
        "wider",
        "narrower",
        "The breadth of the shoulders, as dressed,",
    ),
    "hips": ("The hips, as dressed, are", "wider", "narrower", "The breadth of the hips, as dressed,"),
    "trunk": ("The trunk is", "longer", "shorter", "The length of the trunk"),
    "arms": ("The arms are", "longer", "shorter", "The length of the arms"),
    "legs": ("The legs are", "longer", "shorter", "The length of the legs"),
}


def _centimetres(value: float | None) -> str:
    return f"{abs(value or 0.0):.0f} cm"


def _parts(names: tuple[str, ...]) -> str:
    return join_words([name.replace("_", " ") for name in names])


def length_statement(one: Agreement, stature_cm: float, place: int, at: str) -> Statement:
    """One length, e.g. "The legs are 5 cm longer than the prototype's, give or take 3 cm (...)."

    place: of the length in its list. at: JSON pointer of the `measured` that holds it.
    """
    lead, larger, smaller, length = _NOUNS[one.name]
    here, scale = f"{at}/lengths/{place}", f"(at the prototype's stature of {stature_cm:.0f} cm)"
    sources = [f"{here}/difference_cm", f"{here}/uncertainty_cm", f"{at}/stature_cm"]
    if one.verdict in ("larger", "smaller"):
        word = larger if one.verdict == "larger" else smaller
        text = (
            f"{lead} {_centimetres(one.difference_cm)} {word} than the prototype's, give or take "
            f"{_centimetres(one.uncertainty_cm)} {scale}."
        )
    elif one.verdict == "agrees":
        text = f"{length} agrees with the prototype's within {_centimetres(one.uncertainty_cm)} {scale}."
    elif one.verdict == "uncertain" and one.uncertainty_cm is None:
        text = f"{length} cannot be measured: what the photograph shows does not depend on it."
        sources = [f"{here}/uncertainty_cm"]
    elif one.verdict == "uncertain":
        text = (
            f"{length} agrees with the prototype's within {_centimetres(one.uncertainty_cm)} {scale}, which "
            f"says little: adults lie within {_centimetres(one.adults_cm)} of their mean."
        )
        sources = [f"{here}/uncertainty_cm", f"{here}/adults_cm", f"{at}/stature_cm"]
    else:
        text = f"{length} cannot be measured: {_parts(one.lacking)} {one.verdict}."
        sources = [f"{here}/verdict", f"{here}/lacking"]
    return Statement(text, tuple(sources), "measured")


def length_statements(found: Agreements, at: str) -> tuple[Statement, ...]:
    """A sentence for each length."""
    return tuple(
        length_statement(one, found.stature_cm, place, at) for place, one in enumerate(found.lengths)
    )


def face_statement(evidence: Evidence, place: int, limit: float) -> Statement | None:
    """What the face says, with its similarity and how far it is turned; None where no face was compared.

    limit: largest log-likelihood ratio that words may claim.
    """
    row = next((i for i, part in enumerate(evidence.parts) if part.region == FACE), None)
    if row is None:
        return None
    face, at = evidence.parts[row], f"/candidates/{place}/parts/{row}"
    step = band(max(-limit, min(limit, face.contribution)))
    if step is None:
        claim = "says little either way"
    else:
        claim = f"agrees {step.adverb}" if face.contribution > 0 else f"speaks {step.adverb} against"
    sources, turned = [f"{at}/contribution", f"{at}/similarity"], ""
    if evidence.face_yaw is not None:
        turned = f", turned {abs(math.degrees(evidence.face_yaw)):.0f} degrees from the camera"
        sources.append(f"/candidates/{place}/face_yaw_degrees")
    return Statement(
        f"The face {claim} (similarity {face.similarity:.2f}{turned}).", tuple(sources), "measured"
    )


def picture_statement(face: Face) -> Statement:
    """What lowers the quality of the face's picture."""
    text = f"The picture of the face has quality {face.quality:.2f} of 1: {'; '.join(face.reasons)}."
    return Statement(text, ("/face/quality", "/face/quality_reasons"), "hardship")


def hardship_statements(found: Hardships, at: str) -> tuple[Statement, ...]:
    """What makes this comparison hard, and what follows from it. at: JSON pointer of the hardships."""
    said = []
    if found.head_covered and found.face_found:
        text = (
            f"The face is occluded, as by a mask or dark glasses (covering score "
            f"{found.covering_score:.2f}, threshold {found.covering_threshold:.2f}). Head and face are not "
            "compared."
        )
        sources = (f"{at}/covering_score", f"{at}/covering_threshold")
        said.append(Statement(text, sources, "hardship"))
    elif found.head_covered:
        text = (
            f"The head is occluded: {found.front_percent:.0f} % of the front is towards the camera and the "
            f"head is {found.head_pixels:.0f} pixels high, yet no face was found. The head is not compared."
        )
        said.append(Statement(text, (f"{at}/front_percent", f"{at}/head_pixels"), "hardship"))
    for place, one in enumerate(found.loose):
        text = (
            f"The {one.part.replace('_', ' ')} fits the body {one.times:.1f} times worse than expected, as "
            "under loose clothing: it counts that much less in the lengths that rest on it."
        )
        said.append(Statement(text, (f"{at}/loose/{place}/part", f"{at}/loose/{place}/times"), "hardship"))
    return tuple(said)
