"""One vocabulary for body and face: what each region shows, and its share of the score."""

import numpy as np

from lineament.anatomy import CLASS_COUNT, PART_INDEX, PART_NAMES
from lineament.geometry.template import Template
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import Comparison
from lineament.recognition.pixels import PersonPixels
from lineament.types import Evidence, Face, Float32, PartEvidence, Registration

FACE = "face"


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
    visible = pixels.visible(template) if pixels is not None else np.zeros(CLASS_COUNT, np.float32)
    sampled = (
        np.bincount(pixels.parts, minlength=CLASS_COUNT) if pixels is not None else np.zeros(CLASS_COUNT, int)
    )
    parts = []
    for region, contribution in contributions.items():
        if region == FACE:
            cosine = float(comparison.face_cosine or 0.0)
            parts.append(PartEvidence(FACE, _face_visible(face), 1, 1.0, cosine, contribution))
        else:
            parts.append(_part(PART_INDEX[region], contribution, registration, visible, sampled))
    cardinality, evenness = _distribution(registration, visible)
    return Evidence(
        subject=comparison.subject,
        parts=tuple(parts),
        offset=offset,
        score=offset + sum(part.contribution for part in parts),
        cardinality=cardinality,
        evenness=evenness,
        mean_log_probability=_mean_log_probability(registration),
        registration=registration,
        face_yaw=face.yaw if face is not None and FACE in contributions else None,
    )


def _part(
    part: int, contribution: float, registration: Registration | None, visible: Float32, sampled: np.ndarray
) -> PartEvidence:
    matched, similarity = 0, 0.0
    if registration is not None:
        mine = registration.parts == part
        matched = int(mine.sum())
        similarity = float(registration.cosine[mine].mean()) if matched else 0.0
    rate = min(1.0, matched / max(1, int(sampled[part])))
    return PartEvidence(PART_NAMES[part], float(visible[part]), matched, rate, similarity, contribution)


def _face_visible(face: Face | None) -> float:
    """A face turned by 90 degrees shows half of itself."""
    return 0.0 if face is None else float(0.5 + 0.5 * max(0.0, np.cos(face.yaw)))


def _distribution(registration: Registration | None, visible: Float32) -> tuple[float, float]:
    """Visibility-weighted number of matches, and the normalised entropy of their spread over the visible
    parts.
    """
    if registration is None or len(registration.sites) == 0:
        return 0.0, 0.0
    count = np.bincount(registration.parts, minlength=CLASS_COUNT)[1:].astype(float)
    seen = visible[1:] > 0
    share = count / count.sum()
    entropy = float(-(share[share > 0] * np.log(share[share > 0])).sum())
    evenness = entropy / np.log(seen.sum()) if seen.sum() > 1 else 0.0
    return float((count * visible[1:]).sum()), min(1.0, evenness)


def _mean_log_probability(registration: Registration | None) -> float:
    """Of the kept correspondences' confidences; NaN without any, since 0 would say that all are certain."""
    if registration is None or len(registration.confidence) == 0:
        return float("nan")
    return float(np.log(np.clip(registration.confidence, 1e-6, 1.0)).mean())
