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
RATE = 1e-2


def read_all(
    photographs: Sequence[Path], reader: FaceReader, progress: Callable[[Path], None] = lambda path: None
) -> Faces:
    """The most prominent face of each photograph, None where none is found."""
    found: Faces = {}
    for path in photographs:
        progress(path)
        found[path] = reader.best(load_photograph(path))
    return found


def verification(pairs: Sequence[Pair], faces: Faces, cohort: Float32) -> dict[str, Figure | float]:
    """TAR at 1 % FAR by the similarity that decisions rest on and by plain cosines; TAR with a single false
    accept, whose rate so few pairs cannot tell; AUC; the share of photographs without a face.

    A pair with a missing face scores below everything: a mated one is missed, a non-mated one is refused.
    """
    mated = np.array([same for *_, same in pairs])
    similar, cosine = (
        np.array([one(faces[a], faces[b]) for a, b, _ in pairs])
        for one in (lambda a, b: _similarity(a, b, cohort), _cosine)
    )
    tar, threshold = true_accept_rate(similar[mated], similar[~mated], RATE)
    plain, _ = true_accept_rate(cosine[mated], cosine[~mated], RATE)
    second = np.sort(similar[~mated])[-2]
    found: dict[str, Figure | float] = {
        "TAR at 1 % FAR": tar,
        "threshold": threshold,
        "TAR at 1 % FAR of plain cosines": plain,
        f"TAR with 1 false accept of {int((~mated).sum()):,}": float((similar[mated] > second).mean()),
    }
    found["AUC"] = area_under_curve(similar[mated], similar[~mated])
    used = {path for a, b, _ in pairs for path in (a, b)}
    found["failure to acquire"] = proportion(sum(faces[path] is None for path in used), len(used))
    return found


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
    if probe is None or reference is None:
        return -np.inf
    score = _similarity(reference, probe, cohort)
    line = calibration.face_lines[face_condition(probe.yaw, reference.yaw, rendered=False)]
    return calibration.offset["face"] + calibration.face_weight * line.value(score)


def _similarity(reference: Face | None, probe: Face | None, cohort: Float32) -> float:
    if reference is None or probe is None:
        return -np.inf
    return float(normalised(probe.embedding, reference.embedding[None], cohort)[0])


def _cosine(a: Face | None, b: Face | None) -> float:
    return -np.inf if a is None or b is None else float(a.embedding @ b.embedding)
