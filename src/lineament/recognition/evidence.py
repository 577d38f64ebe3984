"""One vocabulary for body and face: what each region shows, and its share of the score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lineament.anatomy import CLASS_COUNT, PART_INDEX
from lineament.geometry.template import Template
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import Comparison
from lineament.recognition.pixels import PersonPixels, visible_together
from lineament.types import Evidence, Face, Float32, Float64, PartEvidence, Registration

FACE = "face"


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What one photograph shows of a person, and its correspondences with a prototype where they were
    sought.
    """

    pixels: PersonPixels | None
    face: Face | None
    registration: Registration | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """What correspondences say beside the score; fields as in `Evidence`."""

    cardinality: float
    evenness: float
    mean_log_probability: float


def evidence_of(
    comparison: Comparison,
    registration: Registration | None,
    pixels: PersonPixels | None,
    face: Face | None,
    calibration: Calibration,
    template: Template,
) -> Evidence | None:
    """Calibrated evidence of one comparison, None when nothing could be compared.

    rate of a part: its correspondences over its compared pixels; similarity: their mean cosine (for the face:
    the cosine of the embeddings). Without `registration` the counts are 0 and only the score is meant to be
    read.
    """
    parts_and_offset = calibration.contributions(comparison)
    if parts_and_offset is None:
        return None
    offset, contributions = parts_and_offset
    shown = [Shown(pixels, face, registration)]
    parts = part_evidence(contributions, shown, comparison.face_cosine or 0.0, template)
    measures = measures_of(shown, template)
    return Evidence(
        subject=comparison.subject,
        parts=parts,
        offset=offset,
        score=offset + sum(part.contribution for part in parts),
        cardinality=measures.cardinality,
        evenness=measures.evenness,
        mean_log_probability=measures.mean_log_probability,
        registration=registration,
        face_yaw=face.yaw if face is not None and FACE in contributions else None,
    )


def part_evidence(
    contributions: Mapping[str, float], shown: Sequence[Shown], face_cosine: float, template: Template
) -> tuple[PartEvidence, ...]:
    """Each region's evidence over all photographs of a probe."""
    visible = visible_in(shown, template)
    sampled = np.zeros(CLASS_COUNT, int)
    for one in shown:
        if one.pixels is not None:
            sampled += np.bincount(one.pixels.parts, minlength=CLASS_COUNT)
    matched, similarity = _matches(shown)
    parts = []
    for region, contribution in contributions.items():
        if region == FACE:
            seen = max((_face_visible(one.face) for one in shown), default=0.0)
            parts.append(PartEvidence(FACE, seen, 1, 1.0, face_cosine, contribution))
            continue
        part = PART_INDEX[region]
        count = int(matched[part])
        rate = min(1.0, count / max(1, int(sampled[part])))
        parts.append(
            PartEvidence(region, float(visible[part]), count, rate, float(similarity[part]), contribution)
        )
    return tuple(parts)


def visible_in(shown: Sequence[Shown], template: Template) -> Float32:
    """Share of each part's surface, (15,), that any of the photographs shows."""
    return visible_together([one.pixels for one in shown if one.pixels is not None], template)


def measures_of(shown: Sequence[Shown], template: Template) -> Measures:
    """Visibility-weighted number of the correspondences of all photographs, the normalised entropy of their
    spread over the visible parts, and the mean logarithm of their confidences.
    """
    confidences = [one.registration.confidence for one in shown if one.registration is not None]
    confidence = np.concatenate([np.zeros(0, np.float32), *confidences])
    if len(confidence) == 0:
        # No mean of nothing: 0 would say that all are certain.
        return Measures(0.0, 0.0, float("nan"))
    visible = visible_in(shown, template)
    count = _matches(shown)[0][1:].astype(float)
    seen = visible[1:] > 0
    share = count / count.sum()
    entropy = float(-(share[share > 0] * np.log(share[share > 0])).sum())
    return Measures(
        cardinality=float((count * visible[1:]).sum()),
        evenness=min(1.0, entropy / np.log(seen.sum())) if seen.sum() > 1 else 0.0,
        mean_log_probability=float(np.log(np.clip(confidence, 1e-6, 1.0)).mean()),
    )


def _matches(shown: Sequence[Shown]) -> tuple[Float64, Float64]:
    """Number and mean cosine of the correspondences of each class, (15,)."""
    count, total = np.zeros(CLASS_COUNT), np.zeros(CLASS_COUNT)
    for one in shown:
        if one.registration is not None:
            parts = one.registration.parts
            count += np.bincount(parts, minlength=CLASS_COUNT)
            total += np.bincount(parts, weights=one.registration.cosine, minlength=CLASS_COUNT)
    return count, total / np.maximum(count, 1)


def _face_visible(face: Face | None) -> float:
    """A face turned by 90 degrees shows half of itself."""
    return 0.0 if face is None else float(0.5 + 0.5 * max(0.0, np.cos(face.yaw)))
