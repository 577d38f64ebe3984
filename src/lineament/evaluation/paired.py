"""What a hardship costs, pair by pair: the same scene plain and hard, against the same reference."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.evaluation.bins import mated_of
from lineament.evaluation.comparisons import PairScores, ScoreMatrix
from lineament.evaluation.metrics import Figure
from lineament.evaluation.metrics.resampling import person_index, person_mean

PLAIN: Final = "plain"
"""Condition of the plain member of a pair."""


@dataclass(frozen=True, slots=True)
class PairedCost:
    """plain, hard: shares of the pairs' mated comparisons above the threshold. accepted: hard minus plain.
    score: mean of hard minus plain over pairs in which neither failed, None where there is none. People are
    resampled.
    """

    plain: float
    hard: float
    accepted: Figure
    score: Figure | None


def paired_cost(
    scores: PairScores | ScoreMatrix, threshold: float, hard: str, *, rounds: int = 1000, seed: int = 0
) -> PairedCost:
    """The cost of condition `hard` on mated comparisons, at one threshold.

    Probes are paired by their covariate "scene"; "condition" tells them apart. Raises ValueError where the
    probes have neither, or no scene is there in both conditions.
    """
    told = scores.probes.covariates
    if "scene" not in told or "condition" not in told:
        raise ValueError("pairs need the covariates scene and condition of the probes")
    probe, reference, score = mated_of(scores)
    (people, _), _ = person_index(scores.probes.subject, scores.references.subject)
    scene, condition = told["scene"], told["condition"]
    plain = {
        (scene[p], r): place
        for place, (p, r) in enumerate(zip(probe, reference, strict=True))
        if condition[p] == PLAIN
    }
    pairs = np.array(
        [
            (plain[scene[p], r], place)
            for place, (p, r) in enumerate(zip(probe, reference, strict=True))
            if condition[p] == hard and (scene[p], r) in plain
        ],
        dtype=np.int64,
    )
    if not len(pairs):
        raise ValueError(f"no scene is there both {PLAIN} and {hard}")
    first, second = score[pairs[:, 0]].astype(np.float64), score[pairs[:, 1]].astype(np.float64)
    person, passed = people[probe[pairs[:, 0]]], (first > threshold, second > threshold)
    finite = np.isfinite(first) & np.isfinite(second)
    moved = second[finite] - first[finite]
    return PairedCost(
        plain=float(passed[0].mean()),
        hard=float(passed[1].mean()),
        accepted=person_mean(passed[1].astype(float) - passed[0], person, rounds=rounds, seed=seed),
        score=person_mean(moved, person[finite], rounds=rounds, seed=seed) if finite.any() else None,
    )


def paired_costs(
    scores: PairScores | ScoreMatrix, threshold: float, *, rounds: int = 1000, seed: int = 0
) -> dict[str, PairedCost]:
    """By condition; empty where the probes are not paired."""
    told = scores.probes.covariates
    if "scene" not in told or "condition" not in told:
        return {}
    hard = sorted({str(one) for one in told["condition"]} - {PLAIN})
    return {one: paired_cost(scores, threshold, one, rounds=rounds, seed=seed) for one in hard}
