"""Faces judged by pairs: true accept rates, with failures to find a face counted."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lineament.evaluation.metrics import Figure, area_under_curve, proportion, true_accept_rate
from lineament.runtime.faces import FaceReader
from lineament.runtime.photograph import load_photograph
from lineament.types import Float32

Pair = tuple[Path, Path, bool]


def embed_all(
    photographs: Sequence[Path], reader: FaceReader, progress: Callable[[Path], None] = lambda path: None
) -> dict[Path, Float32 | None]:
    """The embedding of each photograph's most prominent face, None where none is found."""
    found: dict[Path, Float32 | None] = {}
    for path in photographs:
        progress(path)
        face = reader.best(load_photograph(path))
        found[path] = None if face is None else face.embedding
    return found


def verification(
    pairs: Sequence[Pair], embeddings: dict[Path, Float32 | None], rate: float
) -> dict[str, Figure | float]:
    """TAR at false accept rate `rate`, AUC, and the share of photographs without a face.

    A pair with a missing face scores below everything: a mated one is missed, a non-mated one is refused.
    """
    scores = np.array([_score(embeddings[a], embeddings[b]) for a, b, _ in pairs])
    mated = np.array([same for *_, same in pairs])
    tar, threshold = true_accept_rate(scores[mated], scores[~mated], rate)
    used = {path for a, b, _ in pairs for path in (a, b)}
    missed = sum(embeddings[path] is None for path in used)
    return {
        "tar": tar,
        "auc": area_under_curve(scores[mated], scores[~mated]),
        "threshold": threshold,
        "failure_to_acquire": proportion(missed, len(used)),
    }


def _score(a: Float32 | None, b: Float32 | None) -> float:
    return -np.inf if a is None or b is None else float(a @ b)
