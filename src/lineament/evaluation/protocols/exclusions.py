"""Comparisons that a protocol does not count, marked NaN as self-comparisons are."""

from collections.abc import Sequence

import numpy as np

from lineament.evaluation.comparisons import ScoreMatrix


def without_shared(matrix: ScoreMatrix, covariates: Sequence[str]) -> ScoreMatrix:
    """Mated comparisons whose two sides share the value of one of the covariates do not count.

    With ("camera",) this is the rule of Market-1501, with ("clothes",) new clothes, with both LTCC's. Unknown
    values are never shared. Raises ValueError for a covariate that one side does not have.
    """
    score = np.array(matrix.score, dtype=np.float32)
    mated = matrix.mated
    for name in covariates:
        if name not in matrix.probes.covariates or name not in matrix.references.covariates:
            raise ValueError(f"the samples have no covariate {name!r}")
        ours, theirs = matrix.probes.covariates[name], matrix.references.covariates[name]
        unknown = np.zeros(len(ours), bool) if ours.dtype.kind == "f" else ours == ""
        score[mated & (ours[:, None] == theirs[None]) & ~unknown[:, None]] = np.nan
    return ScoreMatrix(matrix.probes, matrix.references, score)


def once(matrix: ScoreMatrix) -> ScoreMatrix:
    """Of two samples that are both probe and reference, only the comparison of the earlier row's counts.

    For a full matrix of a data set with itself, whose scores are symmetric: every pair is one case, not two.
    """
    place = {str(name): row for row, name in enumerate(matrix.probes.name)}
    of = np.array([place.get(str(name), -1) for name in matrix.references.name])
    mine = np.isin(matrix.probes.name, matrix.references.name)
    score = np.array(matrix.score, dtype=np.float32)
    rows = np.arange(len(matrix.probes))[:, None]
    score[mine[:, None] & (of[None] >= 0) & (of[None] <= rows)] = np.nan
    return ScoreMatrix(matrix.probes, matrix.references, score)
