"""Verification: error rates and what is read from them, over people and with failures counted.

A comparison is accepted when its score is above the threshold. A failure to enrol or to acquire scores -inf,
so that it is refused at every threshold: the FNMR here is the generalised false reject rate of ISO/IEC
19795-1, and the FMR the generalised false accept rate.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lineament.evaluation.comparisons import PairScores, ScoreMatrix
from lineament.evaluation.metrics.distribution import Distribution, Rates
from lineament.evaluation.metrics.figures import (
    RULE_OF_3,
    Figure,
    TooFew,
    rule_of_30,
    too_few_for,
)
from lineament.evaluation.metrics.resampling import (
    ROUNDS,
    Scale,
    figure_of,
    person_index,
    person_weights,
    share,
)
from lineament.evaluation.metrics.thinning import (
    Listed,
    Source,
    split,
    thinned_mated,
    thinned_non_mated,
)
from lineament.types import Float64

Statistic = Callable[[Rates], float]
USUAL_RATES: Final = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """FNMR (n,) against falling FMR (n,) by threshold (n,), with the interval of the FNMR: a DET; 1 - fnmr
    is the ROC.

    It ends where the rule of 3 ends: no FMR below 3 / (non-mated comparisons).
    """

    threshold: Float64
    fmr: Float64
    fnmr: Float64
    low: Float64
    high: Float64


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """All comparisons of an experiment, sorted once, ready for every figure.

    rates: of all comparisons, exact. people: (n,) names of those who are resampled. mated, non_mated: what
    and ranks: what the intervals are computed on (see thinning).
    """

    rates: Rates
    people: np.ndarray
    mated: Listed
    non_mated: Listed
    ranks: tuple[NDArray[np.intp], NDArray[np.intp]]

    @classmethod
    def of(cls, scores: PairScores | ScoreMatrix, *, seed: int = 0) -> "Verification":
        """Sort and split; raises ValueError without mated or without non-mated comparisons."""
        people = np.unique(np.concatenate([scores.probes.subject, scores.references.subject]))
        (probe, reference), _ = person_index(scores.probes.subject, scores.references.subject)
        source = Source(scores, probe, reference)
        mated, ordered = split(source)
        if len(mated.score) == 0 or len(ordered) == 0:
            raise ValueError(
                f"{len(mated.score)} mated and {len(ordered)} non-mated comparisons: both are needed"
            )
        rng = np.random.default_rng(seed)
        rates = Rates.of(Distribution(mated.score), Distribution(ordered))
        mated, non_mated = thinned_mated(mated, rng), thinned_non_mated(source, ordered, rng)
        thin = Rates.of(Distribution(mated.score), Distribution(non_mated.score))
        return cls(rates, people, mated, non_mated, thin.ranks)

    def resampled(self, weights: Float64) -> Rates:
        """The rates when person i counts weights[i] times, those without any comparison left out as NaN."""
        mated, non_mated = (
            self.mated.weighted(weights, mated=True),
            self.non_mated.weighted(weights, mated=False),
        )
        return Rates(mated, non_mated, self.ranks)

    def draws(self, statistics: Sequence[Statistic], *, rounds: int = ROUNDS, seed: int = 0) -> Float64:
        """(rounds, statistics): each statistic in each round of resampling people; NaN where undefined."""
        results = np.full((rounds, len(statistics)), np.nan)
        for row, weights in zip(
            results, person_weights(len(self.people), rounds=rounds, seed=seed), strict=True
        ):
            rates = self.resampled(weights)
            if rates.mated.total > 0 and rates.non_mated.total > 0:
                row[:] = [statistic(rates) for statistic in statistics]
        return results

    def figures(
        self,
        statistics: Mapping[str, Statistic],
        *,
        scale: Scale = "plain",
        rounds: int = ROUNDS,
        seed: int = 0,
    ) -> dict[str, Figure]:
        """Each statistic with its interval over people; for rates of errors prefer `report`."""
        draws = self.draws(list(statistics.values()), rounds=rounds, seed=seed)
        cases = len(self.rates.mated.scores)
        return {
            name: figure_of(statistic(self.rates), column, cases, len(self.people), scale=scale)
            for (name, statistic), column in zip(statistics.items(), draws.T, strict=True)
        }

    def report(
        self, fmrs: Sequence[float] = USUAL_RATES, *, rounds: int = ROUNDS, seed: int = 0
    ) -> dict[str, Figure | TooFew]:
        """`tar_at_fmr_X` (TAR = 1 - FNMR) for each X, `eer`, `auc` and `d_prime`, in one resampling."""
        mated, non_mated = len(self.rates.mated.scores), len(self.rates.non_mated.scores)
        known = [rate for rate in fmrs if too_few_for(rate, non_mated) is None]
        statistics: list[Statistic] = [
            lambda rates: rates.equal_error()[0],
            Rates.auc,
            Rates.d_prime,
            *(_tar_at(rate) for rate in known),
        ]
        draws = self.draws(statistics, rounds=rounds, seed=seed)
        figures: dict[str, Figure | TooFew] = {}
        people = len(self.people)
        scales: dict[str, Scale] = {"eer": "share", "auc": "share", "d_prime": "plain"}
        for (name, scale), statistic, column in zip(scales.items(), statistics, draws.T, strict=False):
            value = statistic(self.rates)
            figures[name] = figure_of(value, column, mated, people, scale=scale)
            if np.isnan(value):
                figures[name] = TooFew(mated, what="comparisons that did not fail")
        for rate in fmrs:
            name = f"tar_at_fmr_{rate:g}"
            few = too_few_for(rate, non_mated)
            if few is not None:
                figures[name] = few
                continue
            index = 3 + known.index(rate)
            value = statistics[index](self.rates)
            note = rule_of_30(min(non_mated * rate, mated * (1 - value)))
            figures[name] = figure_of(
                value, draws[:, index], mated, people, scale="share", errors=value * mated, note=note
            )
        return figures

    def at(
        self, thresholds: Sequence[float], *, rounds: int = ROUNDS, seed: int = 0
    ) -> list[tuple[Figure | TooFew, Figure]]:
        """FMR and FNMR at each threshold, in one resampling; no false match is TooFew, with its bound."""
        where = np.asarray(thresholds, np.float64)
        draws = np.full((rounds, 2, len(where)), np.nan)
        for row, weights in zip(
            draws, person_weights(len(self.people), rounds=rounds, seed=seed), strict=True
        ):
            rates = self.resampled(weights)
            row[:] = rates.fmr(where), rates.fnmr(where)
        cases = len(self.rates.non_mated.scores), len(self.rates.mated.scores)
        rows: list[tuple[Figure | TooFew, Figure]] = []
        for i, values in enumerate(zip(self.rates.fmr(where), self.rates.fnmr(where), strict=True)):
            fmr, fnmr = (self._rate(float(value), draws[:, k, i], cases[k]) for k, value in enumerate(values))
            none = values[0] == 0
            rows.append((TooFew(cases[0], below=min(1.0, RULE_OF_3 / cases[0])) if none else fmr, fnmr))
        return rows

    def fmr(self, threshold: float, *, rounds: int = ROUNDS, seed: int = 0) -> Figure | TooFew:
        """FMR at a threshold; TooFew, with its upper bound, when nothing was accepted."""
        return self.at([threshold], rounds=rounds, seed=seed)[0][0]

    def fnmr(self, threshold: float, *, rounds: int = ROUNDS, seed: int = 0) -> Figure:
        """FNMR at a threshold, failures counted."""
        return self.at([threshold], rounds=rounds, seed=seed)[0][1]

    def _rate(self, value: float, draws: Float64, cases: int) -> Figure:
        errors = value * cases
        note = rule_of_30(errors)
        return figure_of(value, draws, cases, len(self.people), scale="share", errors=errors, note=note)

    def curve(self, points: int = 101, *, rounds: int = 200, seed: int = 0) -> Curve:
        """The DET at `points` false match rates, evenly on a logarithmic scale from 1 to 3 / n."""
        cases = len(self.rates.non_mated.scores)
        fmrs = np.geomspace(1.0, min(1.0, RULE_OF_3 / cases), points)
        threshold = np.array([self.rates.threshold(fmr) for fmr in fmrs])
        fnmr = self.rates.fnmr(threshold)
        draws = self.draws([_fnmr_at(fmr) for fmr in fmrs], rounds=rounds, seed=seed)
        mated = len(self.rates.mated.scores)
        rows = [
            figure_of(
                float(value), column, mated, len(self.people), scale="share", errors=float(value) * mated
            )
            for value, column in zip(fnmr, draws.T, strict=True)
        ]
        low, high = (np.array([getattr(row, end) for row in rows]) for end in ("low", "high"))
        return Curve(threshold, self.rates.fmr(threshold), fnmr, low, high)


def _fnmr_at(fmr: float) -> Statistic:
    return lambda rates: rates.fnmr_at(fmr)


def _tar_at(fmr: float) -> Statistic:
    return lambda rates: 1.0 - rates.fnmr_at(fmr)


def failures(scores: PairScores | ScoreMatrix) -> dict[str, Figure | TooFew]:
    """`failure_to_enrol` of the references and `failure_to_acquire` of the probes (ISO/IEC 19795-1)."""
    (probe, reference), _ = person_index(scores.probes.subject, scores.references.subject)
    return {
        "failure_to_enrol": share(scores.references.failed, reference, what="references"),
        "failure_to_acquire": share(scores.probes.failed, probe, what="probes"),
    }
