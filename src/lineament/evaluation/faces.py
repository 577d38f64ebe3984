"""Faces judged by pairs: true accept rates, with failures to find a face counted."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lineament.evaluation.metrics import Figure, area_under_curve, proportion, true_accept_rate
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import face_condition
from lineament.recognition.face_score import normalised
from lineament.runtime.faces import FaceReader
from lineament.runtime.photograph import load_photograph
from lineament.types import Face, Float32

Pair = tuple[Path, Path, bool]


Faces = dict[Path, Face | None]
NOMINAL = (1e-2, 1e-3)


def read_all(
    photographs: Sequence[Path], reader: FaceReader, progress: Callable[[Path], None] = lambda path: None
) -> Faces:
    """The most prominent face of each photograph, None where none is found."""
    found: Faces = {}
    for path in photographs:
        progress(path)
        found[path] = reader.best(load_photograph(path))
    return found


def verification(pairs: Sequence[Pair], faces: Faces, rate: float) -> dict[str, Figure | float]:
    """TAR at false accept rate `rate`, AUC, and the share of photographs without a face.

    A pair with a missing face scores below everything: a mated one is missed, a non-mated one is refused.
    """
    scores = np.array([_cosine(faces[a], faces[b]) for a, b, _ in pairs])
    mated = np.array([same for *_, same in pairs])
    tar, threshold = true_accept_rate(scores[mated], scores[~mated], rate)
    used = {path for a, b, _ in pairs for path in (a, b)}
    missed = sum(faces[path] is None for path in used)
    return {
        "tar": tar,
        "auc": area_under_curve(scores[mated], scores[~mated]),
        "threshold": threshold,
        "failure_to_acquire": proportion(missed, len(used)),
    }


def nominal_against_actual(
    pairs: Sequence[Pair], faces: Faces, calibration: Calibration, cohort: Float32
) -> dict[str, Figure | float]:
    """What the calibration's thresholds do on these pairs, the first of each enrolled, the second the probe.

    For every nominal false match rate: the share of non-mated pairs above its threshold (the actual rate) and
    of mated pairs not above it (the false non-match rate). Pairs without a face are never above.
    """
    scores = np.array([_calibrated(faces[a], faces[b], calibration, cohort) for a, b, _ in pairs])
    mated = np.array([same for *_, same in pairs])
    results: dict[str, Figure | float] = {}
    for rate in NOMINAL:
        above = scores > calibration.threshold(rate, "face")
        results[f"actual FMR at nominal {rate:g}"] = proportion(int(above[~mated].sum()), int((~mated).sum()))
        results[f"FNMR at nominal FMR {rate:g}"] = proportion(int((~above[mated]).sum()), int(mated.sum()))
    return results


def _calibrated(
    reference: Face | None, probe: Face | None, calibration: Calibration, cohort: Float32
) -> float:
    if reference is None or probe is None:
        return -np.inf
    score = float(normalised(probe.embedding, reference.embedding[None], cohort)[0])
    line = calibration.face_lines[face_condition(probe.yaw, rendered=False)]
    return calibration.offset["face"] + calibration.face_weight * line.value(score)


def _cosine(a: Face | None, b: Face | None) -> float:
    return -np.inf if a is None or b is None else float(a.embedding @ b.embedding)
