"""Made-up experiments for the tests of metrics."""

import numpy as np

from lineament.evaluation.comparisons import PairScores, SampleTable, ScoreMatrix


def table(subjects, failed=None, **covariates) -> SampleTable:  # type: ignore[no-untyped-def]
    subject = np.asarray(subjects)
    count = len(subject)
    return SampleTable(
        np.array([f"{i}" for i in range(count)]),
        subject,
        np.zeros(count, bool) if failed is None else np.asarray(failed, bool),
        {name: np.asarray(column) for name, column in covariates.items()},
    )


def matrix(scores, probes, references, **covariates) -> ScoreMatrix:  # type: ignore[no-untyped-def]
    score = np.asarray(scores, np.float32)
    failed_rows, failed_columns = np.isneginf(score).all(axis=1), np.isneginf(score).all(axis=0)
    return ScoreMatrix(
        table(probes, failed_rows, **covariates), table(references, failed_columns, **covariates), score
    )


def pairs(mated, non_mated) -> PairScores:  # type: ignore[no-untyped-def]
    """Every comparison of people of its own, so that comparisons are independent."""
    people = len(mated) + 2 * len(non_mated)
    names = [f"P{i:05d}" for i in range(people)]
    probe = np.arange(len(mated) + len(non_mated))
    reference = np.concatenate([np.arange(len(mated)), np.arange(len(mated) + len(non_mated), people)])
    score = np.concatenate([mated, non_mated]).astype(np.float32)
    return PairScores(table(names), table(names), probe.astype(np.int32), reference.astype(np.int32), score)


def people_matrix(people: int = 30, shots: int = 4, *, seed: int = 0, distance: float = 3.0) -> ScoreMatrix:
    """A full matrix with strong persons: each shifts every comparison that it takes part in."""
    rng = np.random.default_rng(seed)
    subject = np.repeat([f"P{i:03d}" for i in range(people)], shots)
    own = np.repeat(rng.normal(0, 0.7, people), shots)
    score = rng.normal(size=(len(subject), len(subject))) + own[:, None] + own[None]
    score += distance * (subject[:, None] == subject[None])
    np.fill_diagonal(score, np.nan)
    return matrix(score, subject, subject)
