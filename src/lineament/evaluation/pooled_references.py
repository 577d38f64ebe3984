"""What several photographs of a person bring as one reference: sets of k references of a run, pooled in
several ways.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.comparisons import QUALITY, SampleTable, ScoreMatrix
from lineament.evaluation.features import FeatureStore
from lineament.evaluation.metrics import Figure, TooFew, Verification
from lineament.evaluation.run import Run
from lineament.recognition.face_pooling import pooled_embedding
from lineament.types import Float32, Float64

FMR: Final = 0.01
Way = Callable[[Float32, Float32, Float64], Float32]
"""Scores (p,) of probes (p, D) against one set of references (k, D) with their qualities (k,)."""


def _pooled(probes: Float32, held: Float32, quality: Float64) -> Float32:
    return np.asarray(probes @ pooled_embedding(held, quality))


WAYS: Final[Mapping[str, Way]] = {
    "the first one": lambda probes, held, _: probes @ held[0],
    "the one of the best quality": lambda probes, held, quality: probes @ held[int(np.argmax(quality))],
    "mean of the scores": lambda probes, held, _: (probes @ held.T).mean(axis=1),
    "best of the scores": lambda probes, held, _: (probes @ held.T).max(axis=1),
    "mean of the embeddings": lambda probes, held, quality: _pooled(probes, held, np.ones(len(quality))),
    "mean weighted by quality": _pooled,
    "best of the scores and of the weighted mean": lambda probes, held, quality: np.maximum(
        (probes @ held.T).max(axis=1), _pooled(probes, held, quality)
    ),
}


@dataclass(frozen=True, slots=True)
class Pooled:
    """size: references in a set. people: who has as many. tar: at a false match rate of 1 %."""

    size: int
    way: str
    people: int
    tar: Figure | TooFew
    auc: Figure | TooFew


def pooled_references(
    folder: Path, sizes: Sequence[int], *, seed: int = 0, rounds: int = 200
) -> list[Pooled]:
    """Compare every probe of a finished run with one drawn set of `size` references of each person; a probe
    is not compared with a set that it belongs to.

    Raises BadInputError where the run holds no quality, or nobody has so many references.
    """
    run = Run.load(folder)
    store = FeatureStore(folder / "features")
    probes, references = run.scores.probes, run.scores.references
    quality = references.covariates.get(QUALITY)
    if quality is None:
        raise BadInputError(f"{folder} holds no quality of its pictures; export it again with --system face")
    kept = np.flatnonzero(~probes.failed)
    vectors = _vectors(store, probes.name[kept])
    found = []
    for size in sizes:
        sets = _sets(references, size, seed)
        if len(sets) < 2:
            raise BadInputError(f"fewer than two people of {folder} have {size} references; ask for fewer")
        held = {who: (_vectors(store, references.name[rows]), quality[rows]) for who, rows in sets.items()}
        subjects = np.array(list(sets))
        table = SampleTable(subjects, subjects, np.zeros(len(subjects), bool))
        shown = SampleTable(probes.name[kept], probes.subject[kept], np.zeros(len(kept), bool))
        own = np.stack([np.isin(shown.name, references.name[sets[str(who)]]) for who in subjects], axis=1)
        for name, way in WAYS.items():
            scores = np.stack([way(vectors, *held[str(who)]) for who in subjects], axis=1)
            scores[own] = np.nan
            judged = Verification.of(ScoreMatrix(shown, table, scores.astype(np.float32)), seed=seed)
            report = judged.report((FMR,), rounds=rounds, seed=seed)
            found.append(Pooled(size, name, len(subjects), report[f"tar_at_fmr_{FMR:g}"], report["auc"]))
    return found


def _sets(references: SampleTable, size: int, seed: int) -> dict[str, np.ndarray]:
    """Rows of `size` references of each person who has so many, drawn."""
    if size < 1:
        raise BadInputError(f"a set holds at least one reference, not {size}")
    rng = np.random.default_rng([seed, size])
    made = np.flatnonzero(~references.failed)
    found = {}
    for who in np.unique(references.subject[made]):
        rows = made[references.subject[made] == who]
        if len(rows) >= size:
            found[str(who)] = rng.permutation(rows)[:size]
    return found


def _vectors(store: FeatureStore, names: np.ndarray) -> Float32:
    vectors = np.stack([one.vector for one in store.templates(list(map(str, names)))]).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
