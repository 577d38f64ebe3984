"""Do errors and failures fall on some groups of people more than on others (ISO/IEC 19795-10)?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.evaluation.comparisons import PairScores, ScoreMatrix
from lineament.evaluation.metrics import Figure, TooFew
from lineament.evaluation.metrics.differentials import (
    Differential,
    ErrorRate,
    differentials,
    failures_by_group,
)

USUAL: Final = ("group", "sex", "age group", "skin tone", "ancestry", "ethnicity")
"""Covariates that divide people into groups, as the data sets name them."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """One covariate. rates: worst group and ratios of FMR and FNMR, empty where no group has both kinds of
    comparisons. failures: to enrol and to acquire, by group.
    """

    rates: Mapping[ErrorRate, Differential]
    failures: Mapping[str, Mapping[str, Figure | TooFew]]


def grouped(
    scores: PairScores | ScoreMatrix,
    threshold: float | None,
    names: Sequence[str] = (),
    *,
    rounds: int = 1000,
    seed: int = 0,
) -> dict[str, Grouped]:
    """For the covariates `names`, or the usual ones of more than one group: differentials at one threshold.

    threshold: None where it cannot be known; failures are counted nevertheless. Raises ValueError for a named
    covariate that the samples lack.
    """
    tables = (scores.probes, scores.references)
    lacking = [name for name in names if any(name not in table.covariates for table in tables)]
    if lacking:
        known = ", ".join(sorted(set(tables[0].covariates) & set(tables[1].covariates))) or "none"
        raise ValueError(f"the samples have no covariate {lacking[0]!r} on both sides; they have {known}")
    chosen = names or [
        name
        for name in USUAL
        if all(name in table.covariates and table.covariates[name].dtype.kind != "f" for table in tables)
        and len(np.unique(scores.probes.covariates[name])) > 1
    ]
    found = {}
    for name in chosen:
        rates: dict[ErrorRate, Differential] = {}
        if threshold is not None:
            try:
                rates = differentials(scores, name, threshold, rounds=rounds, seed=seed)
            except ValueError:
                rates = {}
        found[name] = Grouped(rates, failures_by_group(scores, name))
    return found
