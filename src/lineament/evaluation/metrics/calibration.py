"""Claimed against observed log-likelihood ratios: the calibration curve."""

from dataclasses import dataclass

import numpy as np

from lineament.evaluation.metrics.distribution import Rates, Scores
from lineament.evaluation.metrics.figures import Figure, TooFew
from lineament.evaluation.metrics.resampling import figure_of, person_weights
from lineament.evaluation.metrics.verification import Verification
from lineament.types import Float64


@dataclass(frozen=True, slots=True)
class Bin:
    """Comparisons whose claimed log-likelihood ratio lies in (low, high]; low of the first bin is -inf.

    claimed: mean of the claims. observed: logarithm of the share of the mated over the share of the non-mated
    comparisons here, TooFew where one kind is missing. mated, non_mated: how many.
    """

    low: float
    high: float
    claimed: float
    observed: Figure | TooFew
    mated: int
    non_mated: int


def calibration_curve(scores: Verification, bins: int = 10, *, rounds: int = 200, seed: int = 0) -> list[Bin]:
    """Claimed against observed log-likelihood ratios, for scores that are such; failures are in no bin.

    Half of the bins hold as many mated comparisons each, half as many non-mated ones.
    """
    sides = (scores.rates.mated, scores.rates.non_mated)
    finite = [side.scores[side.failures :] for side in sides]
    share = np.linspace(0, 1, bins // 2 + 1)[1:]
    upper = [side[np.ceil(share * len(side)).astype(int) - 1] for side in finite if len(side)]
    edges = np.unique(np.concatenate([[-np.inf], *upper])).astype(np.float64)
    counts = [np.diff(side.at_most(edges)) * side.total for side in sides]
    sums = [np.diff(_sum_up_to(side, edges)) for side in finite]
    draws = [
        _observed(scores.resampled(weights), edges)
        for weights in person_weights(len(scores.people), rounds=rounds, seed=seed)
    ]
    values, spread = _observed(scores.rates, edges), np.array(draws)
    rows = []
    for i, (mated, non_mated) in enumerate(np.rint(np.array(counts).T).astype(int)):
        observed: Figure | TooFew = TooFew(int(min(mated, non_mated)), what="comparisons of one kind")
        if min(mated, non_mated) > 0:
            observed = figure_of(values[i], spread[:, i], int(mated + non_mated), len(scores.people))
        claimed = (sums[0][i] + sums[1][i]) / max(1, mated + non_mated)
        rows.append(
            Bin(float(edges[i]), float(edges[i + 1]), float(claimed), observed, int(mated), int(non_mated))
        )
    return rows


def _observed(rates: Rates, edges: Float64) -> Float64:
    """(bins,): -inf or inf where a round has one kind only, NaN where it has neither."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mated, non_mated = np.diff(rates.mated.at_most(edges)), np.diff(rates.non_mated.at_most(edges))
        return np.asarray(np.log(mated) - np.log(non_mated))


def _sum_up_to(ordered: Scores, edges: Float64) -> Float64:
    """(edges,): sum of the scores up to each edge."""
    ends = np.searchsorted(ordered, edges.astype(ordered.dtype), side="right")
    return np.array([ordered[:end].sum(dtype=np.float64) for end in ends])
