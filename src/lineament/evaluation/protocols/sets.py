"""Set-to-set: the scores of records fused into those of templates, tracks or sessions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from lineament.evaluation.comparisons import MISSED, PairScores, SampleTable, ScoreMatrix
from lineament.types import Float32, Int32

Fusion = Literal["mean", "max"]
BLOCK: Final = 256
"""Rows of a matrix at a time, so that a large one fits."""
MIXED: Final = "mixed"
"""A covariate of a set whose records differ in it, where it is a word."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """table: the sets. of: (n,) the set of each sample."""

    table: SampleTable
    of: Int32


def fused(matrix: ScoreMatrix, covariate: str = "set", how: Fusion = "mean") -> ScoreMatrix:
    """Sets of one subject against such sets; samples without the covariate are sets of their own.

    A set fails only if all of its samples failed; what failed adds nothing to the mean. Sets that share a
    sample are not compared (NaN).
    """
    probes, references = (_sets(side, covariate) for side in (matrix.probes, matrix.references))
    shared = _reduced(matrix.score, probes, references, np.maximum, np.isnan) > 0
    if how == "max":
        total = _reduced(
            matrix.score, probes, references, np.maximum, lambda one: np.where(np.isnan(one), MISSED, one)
        )
    else:
        count = _reduced(matrix.score, probes, references, np.add, np.isfinite)
        summed = _reduced(
            matrix.score, probes, references, np.add, lambda one: np.where(np.isfinite(one), one, 0.0)
        )
        total = np.where(count > 0, summed / np.maximum(count, 1), MISSED)
    total = np.where(shared, np.nan, total).astype(np.float32)
    return ScoreMatrix(probes.table, references.table, total)


def fused_pairs(scores: PairScores, covariate: str = "set", how: Fusion = "mean") -> PairScores:
    """The same of listed comparisons, as `verification.listed(..., sets=True)` lists them."""
    probes, references = (_sets(side, covariate) for side in (scores.probes, scores.references))
    ours, theirs = probes.of[scores.probe].astype(np.int64), references.of[scores.reference]
    keys, of = np.unique(ours * len(references.table) + theirs, return_inverse=True)
    known = np.isfinite(scores.score)
    total = np.full(len(keys), MISSED, dtype=np.float64)
    if how == "max":
        np.maximum.at(total, of[known], scores.score[known])
    else:
        count = np.bincount(of[known], minlength=len(keys))
        summed = np.bincount(of[known], scores.score[known], minlength=len(keys))
        total[count > 0] = summed[count > 0] / count[count > 0]
    probe, reference = np.divmod(keys, len(references.table))
    return PairScores(
        probes.table,
        references.table,
        probe.astype(np.int32),
        reference.astype(np.int32),
        total.astype(np.float32),
    )


def _sets(side: SampleTable, covariate: str) -> _Sets:
    named = side.covariates.get(covariate)
    labels = np.full(len(side), "") if named is None else np.asarray(named).astype(np.str_)
    alone = (labels == "") | (labels == "nan")
    names = np.where(alone, side.name, _joined(side.subject, labels))
    _, first, of = np.unique(names.astype(np.str_), return_index=True, return_inverse=True)
    failed = np.bincount(of, ~side.failed, minlength=len(first)) == 0
    covariates = {
        name: _common(column, of, first) for name, column in side.covariates.items() if name != covariate
    }
    covariates["samples"] = np.bincount(of).astype(np.float64)
    table = SampleTable(names[first], side.subject[first], failed, covariates)
    return _Sets(table, of.astype(np.int32))


def _joined(subjects: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Names of sets; they end in a stroke, so that none is taken for a sample."""
    return np.array([f"{subject}/{label}/" for subject, label in zip(subjects, labels, strict=True)])


def _common(column: np.ndarray, of: np.ndarray, first: np.ndarray) -> np.ndarray:
    """A set's value of a covariate: the mean of known numbers, or the word that all share."""
    if column.dtype.kind == "f":
        known = ~np.isnan(column)
        count = np.bincount(of[known], minlength=len(first))
        summed = np.bincount(of[known], column[known], minlength=len(first))
        return np.where(count > 0, summed / np.maximum(count, 1), np.nan)
    differs = np.bincount(of, column != column[first][of], minlength=len(first)) > 0
    return np.where(differs, MIXED, column[first])


def _reduced(
    score: Float32,
    probes: _Sets,
    references: _Sets,
    reduce: np.ufunc,
    of_block: Callable[[Float32], np.ndarray],
) -> Float32:
    """`reduce` of every block of two sets, where `of_block` turns scores into what is reduced."""
    order = np.argsort(references.of, kind="stable")
    starts = np.searchsorted(references.of[order], np.arange(len(references.table)))
    narrow = np.empty((len(score), len(references.table)), dtype=np.float32)
    for start in range(0, len(score), BLOCK):
        block = of_block(np.asarray(score[start : start + BLOCK], dtype=np.float32)).astype(np.float32)
        narrow[start : start + BLOCK] = reduce.reduceat(np.take(block, order, axis=1), starts, axis=1)
    order = np.argsort(probes.of, kind="stable")
    starts = np.searchsorted(probes.of[order], np.arange(len(probes.table)))
    return np.asarray(reduce.reduceat(narrow[order], starts, axis=0))
