"""From evidence to an identity, or to an abstention with its reason."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lineament.anatomy import PART_COUNT, PART_NAMES
from lineament.recognition.calibration import Calibration, Mode
from lineament.types import Decision, Evidence, Face, Float32

MIN_VISIBLE_PARTS = 3
"""Without a face, fewer parts than this say too little about a person."""
PART_IS_VISIBLE = 0.15
MAX_YAW = np.radians(100.0)


def decide(
    candidates: Sequence[Evidence],
    calibration: Calibration,
    *,
    fmr: float,
    mode: Mode | None,
    visible: Float32 | None,
    face_yaw: float | None,
    box: Float32,
    gallery_size: int,
    photographs: int = 1,
) -> Decision:
    """Name the best candidate when its score passes the threshold of `fmr` and leads the runner-up by the
    margin.

    In a gallery of n people one probe makes n comparisons, so the chance of naming somebody for a stranger is
    about n * fmr; the reason says so. photographs: of the probe, pooled. Raises BadInputError when the
    calibration cannot know the threshold.
    """
    ordered = sorted(candidates, key=lambda e: -e.score)
    threshold = pooled_threshold(calibration, fmr, mode or "body", photographs)
    best = ordered[0] if ordered else None
    margin = best.score - ordered[1].score if best and len(ordered) > 1 else None
    subject, reason = None, unusable(mode, visible, face_yaw)
    if reason is None and best is None:
        reason = "nobody in the gallery can be compared with what the photograph shows"
    if reason is None and best is not None:
        subject, reason = _verdict(best, margin, threshold, calibration, fmr, gallery_size)
    return Decision(
        subject=subject,
        score=best.score if best else None,
        threshold=threshold,
        fmr=fmr,
        population=calibration.stated,
        margin=margin,
        reason=reason or "",
        candidates=tuple(ordered),
        box=box,
        support_limit=calibration.support_limit,
    )


def pooled_threshold(calibration: Calibration, fmr: float, mode: Mode, photographs: int) -> float:
    """The threshold for a probe of so many photographs.

    Ratios of several photographs spread more than those of single ones, whose quantile says nothing of them.
    What holds for any number is that a calibrated likelihood ratio exceeds 1 / fmr for at most a share fmr of
    strangers (Markov's inequality; its mean among them is 1). The larger of the two is taken. Raises
    BadInputError when the calibration cannot know the threshold of single ones.
    """
    single = calibration.threshold(fmr, mode)
    return single if photographs < 2 else max(single, float(-np.log(fmr)))


def _verdict(
    best: Evidence,
    margin: float | None,
    threshold: float,
    calibration: Calibration,
    fmr: float,
    gallery_size: int,
) -> tuple[str | None, str]:
    if best.score <= threshold:
        return None, f"the best candidate's score {best.score:.1f} is not above the threshold {threshold:.1f}"
    if margin is not None and margin < calibration.margin:
        return (
            None,
            f"two people agree almost equally well (margin {margin:.2f}, {calibration.margin:.2f} needed)",
        )
    who = "person" if gallery_size == 1 else "people"
    chance = f"{min(1.0, gallery_size * fmr):.2g} on the population of the calibration"
    return best.subject, (
        f"score {best.score:.1f} is above the threshold {threshold:.1f}; with {gallery_size} enrolled {who} "
        f"a stranger would be named with a probability of at most {chance}"
    )


def with_face(decision: Decision, face: Face | None) -> Decision:
    """The decision; where nobody is named and the picture of the face is poor, the reason says why."""
    if decision.subject is not None or face is None or not face.reasons:
        return decision
    return replace(decision, reason=f"{decision.reason} (the face: {'; '.join(face.reasons)})")


def unusable(mode: Mode | None, visible: Float32 | None, face_yaw: float | None) -> str | None:
    """Why a person of a photograph cannot be recognised at all, or None."""
    if mode == "face":
        if face_yaw is not None and abs(face_yaw) > MAX_YAW:
            return f"face {abs(np.degrees(face_yaw)):.0f} degrees from the camera"
        return None
    if visible is None:
        return "no person found"
    seen = [PART_NAMES[k] for k in range(1, PART_COUNT + 1) if visible[k] >= PART_IS_VISIBLE]
    if len(seen) < MIN_VISIBLE_PARTS:
        return f"no face, and {len(seen)} of {PART_COUNT} parts visible"
    return None
