"""Differences between groups of people at one threshold (ISO/IEC 19795-10).

Every group is compared with itself: non-mated comparisons within the group, the hard ones. The worst group is
named, with its ratio to the geometric mean of all groups (Grother, NIST IR 8429, 2022) and to the best group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lineament.evaluation.comparisons import PairScores, SampleTable, ScoreMatrix
from lineament.evaluation.metrics.figures import Figure, TooFew
from lineament.evaluation.metrics.resampling import ROUNDS, figure_of, person_weights
from lineament.evaluation.metrics.verification import Verification, failures
from lineament.types import Bool, Float64, Int32

ErrorRate = Literal["fmr", "fnmr"]


@dataclass(frozen=True, slots=True)
class Differential:
    """One error rate by group. ratio: of the worst to the geometric mean; to_best: of the worst to the best.

    worst: the group with the highest rate, "" when no group shows an error. A ratio is TooFew as long as a
    group shows no error at all: its true rate may be anything below its bound.
    """

    rate: ErrorRate
    groups: Mapping[str, Figure | TooFew]
    worst: str
    ratio: Figure | TooFew
    to_best: Figure | TooFew


def differentials(
    scores: PairScores | ScoreMatrix,
    covariate: str,
    threshold: float,
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> dict[ErrorRate, Differential]:
    """FMR and FNMR of every value of a covariate that both tables have, at one threshold for all.

    Raises ValueError without the covariate, or when no group has mated and non-mated comparisons.
    """
    parts: dict[str, Verification] = {}
    for table in (scores.probes, scores.references):
        if covariate not in table.covariates:
            raise ValueError(f"the samples have no covariate {covariate}")
    for group in np.unique(scores.probes.covariates[covariate]):
        part = within(scores, *(t.covariates[covariate] == group for t in (scores.probes, scores.references)))
        try:
            parts[str(group)] = Verification.of(part, seed=seed)
        except ValueError:
            continue
    if not parts:
        raise ValueError(f"no value of {covariate} has mated and non-mated comparisons")
    people = np.unique(np.concatenate([part.people for part in parts.values()]))
    draws = _draws(parts, people, threshold, rounds, seed)
    rates = {name: part.at([threshold], rounds=rounds, seed=seed)[0] for name, part in parts.items()}
    return {
        "fmr": _summary("fmr", {name: fmr for name, (fmr, _) in rates.items()}, draws[:, 0], len(people)),
        "fnmr": _summary("fnmr", {name: fnmr for name, (_, fnmr) in rates.items()}, draws[:, 1], len(people)),
    }


def failures_by_group(
    scores: PairScores | ScoreMatrix, covariate: str
) -> dict[str, dict[str, Figure | TooFew]]:
    """Failure to enrol and to acquire in every group: a group that is refused early must not look good."""
    values = scores.probes.covariates[covariate], scores.references.covariates[covariate]
    return {
        str(group): failures(within(scores, *(column == group for column in values)))
        for group in np.unique(np.concatenate(values))
    }


def within(scores: PairScores | ScoreMatrix, probes: Bool, references: Bool) -> PairScores | ScoreMatrix:
    """Only the comparisons between the chosen probes (p,) and the chosen references (r,)."""
    first, second = _chosen(scores.probes, probes), _chosen(scores.references, references)
    if isinstance(scores, ScoreMatrix):
        return ScoreMatrix(first, second, scores.score[np.ix_(probes, references)])
    kept = probes[scores.probe] & references[scores.reference]
    return PairScores(
        first,
        second,
        _renumbered(probes)[scores.probe[kept]],
        _renumbered(references)[scores.reference[kept]],
        scores.score[kept],
    )


def _chosen(table: SampleTable, rows: Bool) -> SampleTable:
    covariates = {name: column[rows] for name, column in table.covariates.items()}
    return SampleTable(table.name[rows], table.subject[rows], table.failed[rows], covariates)


def _renumbered(rows: Bool) -> Int32:
    return (np.cumsum(rows) - 1).astype(np.int32)


def _draws(
    parts: Mapping[str, Verification], people: np.ndarray, threshold: float, rounds: int, seed: int
) -> Float64:
    """(rounds, 2, groups): FMR and FNMR of each group, all groups from one draw of people."""
    places = [np.searchsorted(people, part.people) for part in parts.values()]
    results = np.full((rounds, 2, len(parts)), np.nan)
    for row, weights in zip(results, person_weights(len(people), rounds=rounds, seed=seed), strict=True):
        for g, (part, place) in enumerate(zip(parts.values(), places, strict=True)):
            rates = part.resampled(weights[place])
            row[:, g] = float(rates.fmr(threshold)), float(rates.fnmr(threshold))
    return results


def _summary(
    rate: ErrorRate, groups: Mapping[str, Figure | TooFew], draws: Float64, people: int
) -> Differential:
    """draws: (rounds, groups)."""
    values = np.array([0.0 if isinstance(f, TooFew) else f.value for f in groups.values()])
    cases = sum(f.cases for f in groups.values())
    worst = list(groups)[int(values.argmax())] if values.max() > 0 else ""
    if (values == 0).any() or len(groups) < 2:
        few = TooFew(cases, what="errors in some group" if len(groups) > 1 else "groups")
        return Differential(rate, groups, worst, few, few)
    # Rounds in which a group shows no error say that the ratio may be anything upwards.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = draws.max(axis=1) / np.exp(np.log(draws).mean(axis=1))
        to_best = draws.max(axis=1) / draws.min(axis=1)
    return Differential(
        rate,
        groups,
        worst,
        figure_of(float(values.max() / np.exp(np.log(values).mean())), ratio, cases, people, scale="ratio"),
        figure_of(float(values.max() / values.min()), to_best, cases, people, scale="ratio"),
    )
