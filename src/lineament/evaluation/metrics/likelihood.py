"""Likelihood ratios: what they cost, how little they could cost, and how to make them of scores.

Likelihood ratios are natural logarithms. Mated and non-mated comparisons weigh one half each, so that the
figures do not depend on how many of each there are. A failed comparison (-inf) says nothing about identity:
its log-likelihood ratio is 0 and it costs one bit, before and after calibration.
Source: Brümmer & du Preez, Computer Speech & Language 20, 2006.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from lineament.evaluation.metrics.distribution import BLOCK, Distribution, Rates, Scores
from lineament.types import Float64


@dataclass(frozen=True, slots=True)
class Line:
    """slope * score + intercept, by logistic regression; the slope is never below 0."""

    slope: float
    intercept: float

    def llr(self, score: Scores) -> Float64:
        """Log-likelihood ratio (n,) of scores (n,); 0 for failures."""
        made = score > -np.inf
        return np.where(made, self.slope * np.where(made, score, 0.0) + self.intercept, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Staircase:
    """The isotonic (PAV) log-likelihood ratio: llr[i] for scores in (up_to[i - 1], up_to[i]]; both rise."""

    up_to: Float64
    value: Float64

    def llr(self, score: Scores) -> Float64:
        """Log-likelihood ratio (n,) of scores (n,); 0 for failures. Scores beyond the last step take it."""
        step = np.minimum(np.searchsorted(self.up_to, score, side="left"), len(self.up_to) - 1)
        return np.where(score > -np.inf, self.value[step], 0.0)


def cllr(rates: Rates) -> float:
    """Cost of the log-likelihood ratios that are the scores of `rates`, in bits: 0 is perfect, 1 is what
    saying nothing costs.
    """
    return (_cost(rates.mated, -1.0) + _cost(rates.non_mated, 1.0)) / 2


def min_cllr(rates: Rates) -> float:
    """The cost of the best log-likelihood ratios that rise with the score: what calibration cannot mend."""
    if all(side.failures == len(side.scores) for side in (rates.mated, rates.non_mated)):
        return 1.0
    _, mated, non_mated = _steps(rates)
    with np.errstate(divide="ignore", invalid="ignore"):
        posterior = mated / (mated + non_mated)
        known = np.where(mated > 0, -mated * np.log2(posterior), 0.0).sum()
        known += np.where(non_mated > 0, -non_mated * np.log2(1 - posterior), 0.0).sum()
    failed = 2.0 - mated.sum() - non_mated.sum()
    return float(known + failed) / 2


def isotonic(rates: Rates) -> Staircase:
    """Log-likelihood ratios by pooling adjacent violators, kept finite by one more mated comparison below all
    scores and one more non-mated comparison above all (the rule of succession).
    """
    if len(rates.mated.scores) == rates.mated.failures:
        raise ValueError("likelihood ratios need mated scores that are no failures")
    ends, mated, non_mated = _steps(rates, succession=True)
    return Staircase(ends, np.log(mated) - np.log(non_mated))


def logistic(rates: Rates, *, rounds: int = 50) -> Line:
    """Log-likelihood ratio as a line in the score, by Newton's method on the cost `cllr` itself.

    Made of runs of scores with one value each, at most 65,536 of them a side: beyond that, of the means of
    runs of neighbouring scores. A ridge of 1e-6 on the standardised slope keeps separable scores finite.
    """
    (x, weight), (other, other_weight) = _runs(rates.mated), _runs(rates.non_mated)
    score, sign = np.concatenate([x, other]), np.repeat([1.0, -1.0], [len(x), len(other)])
    weight = np.concatenate([weight, other_weight]) / 2
    centre = float(np.average(score, weights=weight))
    spread = float(np.sqrt(np.average((score - centre) ** 2, weights=weight))) or 1.0
    design = np.stack([(score - centre) / spread, np.ones_like(score)])
    ridge, w = np.array([1e-6, 0.0]), np.zeros(2)
    for _ in range(rounds):
        miss = 1 / (1 + np.exp(np.clip(sign * (design[0] * w[0] + w[1]), -500, 500)))
        gradient = (design * (weight * sign * miss)).sum(axis=1) - ridge * w
        bend = weight * miss * (1 - miss)
        curvature = np.array([[(a * b * bend).sum() for a in design] for b in design])
        curvature += np.diag(ridge + 1e-12)
        step = np.linalg.solve(curvature, gradient)
        step *= min(1.0, 5.0 / max(1e-300, float(np.abs(step).max())))
        w += step
        if np.abs(step).max() < 1e-9:
            break
    slope = max(0.0, float(w[0])) / spread
    return Line(slope, float(w[1]) - slope * centre if slope else 0.0)


def _cost(side: Distribution, sign: float) -> float:
    """Mean of log2(1 + exp(sign * llr)), 1 for failures."""
    total = 0.0
    for at in range(0, len(side.scores), BLOCK):
        block = side.scores[at : at + BLOCK]
        llr = np.where(block > -np.inf, block, 0.0).astype(np.float64)
        cost = np.maximum(sign * llr, 0.0) + np.log(1.0 + np.exp(-np.abs(llr)))
        if side.cumulative is None:
            total += float(cost.sum())
        else:
            total += float((np.diff(side.cumulative[at : at + len(cost) + 1]) * cost).sum())
    return float(total / np.log(2) / side.total)


def _steps(rates: Rates, *, succession: bool = False) -> tuple[Float64, Float64, Float64]:
    """The steps of the isotonic regression: upper end, share of the mated and of the non-mated in each.

    Non-mated scores between two neighbouring mated ones are always in one step, so that the regression runs
    over the distinct mated scores however many non-mated ones there are.
    """
    distinct = np.unique(rates.mated.scores[rates.mated.scores > -np.inf])
    failed_too = np.concatenate([[-np.inf], distinct]).astype(distinct.dtype)
    at = np.searchsorted(rates.non_mated.scores, distinct, side="left")
    upto = np.searchsorted(rates.non_mated.scores, distinct, side="right")
    marks = rates.non_mated.share(
        np.append(np.stack([at, upto], axis=1).ravel(), len(rates.non_mated.scores))
    )
    between = np.diff(np.concatenate([rates.non_mated.share(np.array([rates.non_mated.failures])), marks]))
    # Alternately what lies strictly between two mated scores, and what lies on one of them.
    mated, non_mated = np.zeros(len(between)), between
    mated[1::2] = np.diff(rates.mated.at_most(failed_too))
    upper = np.empty(len(between), distinct.dtype)
    upper[1::2], upper[-1] = distinct, np.inf
    upper[:-1:2] = np.nextafter(distinct, distinct.dtype.type(-np.inf))
    if succession:
        mated[0] += 1 / rates.mated.total
        non_mated[-1] += 1 / rates.non_mated.total
    kept = mated + non_mated > 0
    mated, non_mated, upper = mated[kept], non_mated[kept], upper[kept]
    fitted = isotonic_regression(mated / (mated + non_mated), weights=mated + non_mated)
    starts = fitted.blocks[:-1]
    return (
        upper[fitted.blocks[1:] - 1].astype(np.float64),
        np.add.reduceat(mated, starts),
        np.add.reduceat(non_mated, starts),
    )


def _runs(side: Distribution, limit: int = 1 << 16) -> tuple[Float64, Float64]:
    """Score and share of at most `limit` runs of neighbouring finite scores."""
    start = side.failures
    scores = side.scores[start:]
    if len(scores) == 0:
        raise ValueError("a logistic regression needs mated and non-mated scores that are no failures")
    edges = np.unique(np.linspace(0, len(scores), min(limit, len(scores)) + 1).astype(np.int64))
    if side.cumulative is None:
        share = np.diff(edges).astype(np.float64)
        total = np.add.reduceat(scores, edges[:-1], dtype=np.float64)
    else:
        weights = np.diff(side.cumulative[start:])
        share = np.add.reduceat(weights, edges[:-1])
        total = np.add.reduceat(weights * scores, edges[:-1])
    kept = share > 0
    return total[kept] / share[kept], share[kept] / side.total
