"""Identification: ranks in a closed set, errors of an open one.

A gallery holds identities: the score of an identity is the best of its references. Ties count against the
system. The rates are rates of this gallery: intervals resample the people of the probes and keep the gallery,
because a gallery drawn with replacement is smaller than the real one, and easier.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lineament.evaluation.comparisons import ScoreMatrix
from lineament.evaluation.metrics.distribution import Distribution
from lineament.evaluation.metrics.figures import Figure, TooFew, rule_of_30, too_few_for
from lineament.evaluation.metrics.resampling import (
    ROUNDS,
    figure_of,
    person_index,
    person_mean,
    person_weights,
    share,
)
from lineament.types import Bool, Float32, Float64, Int32

NEVER: Final = np.iinfo(np.int32).max
"""Rank of a mated identity that was not returned at all: the probe or every reference of it failed."""
UNMATED: Final = "probes of people who are not enrolled"


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """One row a probe: person (p,) its number; enrolled (p,) whether the gallery holds that person.

    rank: (p,) of the mated identity, from 1, NEVER when it failed, 0 where not enrolled. mated: (p,) score of
    the mated identity, -inf where none. best_other: (p,) highest score of any other identity.
    average_precision: (p,) over the mated references, 0 where not enrolled.
    """

    person: Int32
    enrolled: Bool
    rank: Int32
    mated: Float32
    best_other: Float32
    average_precision: Float64

    @classmethod
    def of(cls, matrix: ScoreMatrix) -> "Identification":
        """From every probe against every reference; NaN (self-comparisons, excluded images) is no reference.

        One probe at a time: memory does not grow with the gallery.
        """
        (person, reference), _ = person_index(matrix.probes.subject, matrix.references.subject)
        order = np.argsort(reference, kind="stable")
        identity, starts = np.unique(reference[order], return_index=True)
        rows = [
            _one_probe(score[order], int(who), reference[order], identity, starts)
            for score, who in zip(matrix.score, person, strict=True)
        ]
        enrolled, rank, mated, other, precision = zip(*rows, strict=True) if rows else [()] * 5
        return cls(
            person,
            np.array(enrolled, bool),
            np.array(rank, np.int32),
            np.array(mated, np.float32),
            np.array(other, np.float32),
            np.array(precision, np.float64),
        )

    def rank_rate(self, rank: int = 1, *, seed: int = 0) -> Figure | TooFew:
        """Share of the probes of enrolled people whose identity is among the first `rank`; failures miss."""
        known = self.enrolled
        return share(self.rank[known] <= rank, self.person[known], what="mated probes", seed=seed)

    def cmc(self, ranks: Sequence[int], *, seed: int = 0) -> list[Figure | TooFew]:
        """The cumulative match characteristic at `ranks`."""
        return [self.rank_rate(rank, seed=seed) for rank in ranks]

    def mean_average_precision(self, *, seed: int = 0) -> Figure | TooFew:
        """mAP over the probes of enrolled people (Zheng et al., ICCV 2015): references, not identities."""
        known = self.enrolled
        if not known.any():
            return TooFew(0, what="mated probes")
        found = person_mean(self.average_precision[known], self.person[known], seed=seed)
        return replace(found, low=max(0.0, found.low), high=min(1.0, found.high))

    def fpir(self, threshold: float, *, seed: int = 0) -> Figure | TooFew:
        """Share of the probes of people not enrolled that return somebody above the threshold."""
        strangers = ~self.enrolled
        hit = self.best_other[strangers] > threshold
        if not hit.any():
            return TooFew(len(hit), below=min(1.0, 3 / len(hit)) if len(hit) else 1.0, what=UNMATED)
        return share(hit, self.person[strangers], seed=seed)

    def fnir(self, threshold: float, rank: int = 1, *, seed: int = 0) -> Figure | TooFew:
        """Share of the probes of enrolled people whose identity is not among the first `rank` above it."""
        known = self.enrolled
        missed = ~self._identified(threshold, rank)[known]
        return share(missed, self.person[known], what="mated probes", seed=seed)

    def dir_at(self, fpir: float, rank: int = 1, *, rounds: int = ROUNDS, seed: int = 0) -> Figure | TooFew:
        """Detection and identification rate (1 - FNIR) at the lowest threshold whose FPIR is at most `fpir`.

        The threshold is found again in each round, among the strangers who are drawn. TooFew by the rule of 3
        on the probes of people who are not enrolled.
        """
        strangers, known = np.flatnonzero(~self.enrolled), np.flatnonzero(self.enrolled)
        few = too_few_for(fpir, len(strangers), UNMATED)
        if few is not None or len(known) == 0:
            return few or TooFew(0, what="mated probes")
        strangers = strangers[np.argsort(self.best_other[strangers], kind="stable")]
        ordered = self.best_other[strangers]
        hit = self._identified(Distribution(ordered).lowest_threshold(fpir), rank)[known]
        people = int(self.person.max()) + 1
        draws = []
        for weights in person_weights(people, rounds=rounds, seed=seed):
            counted, mated = weights[self.person[strangers]], weights[self.person[known]]
            if counted.sum() == 0 or mated.sum() == 0:
                continue
            drawn = Distribution(ordered, np.concatenate([[0.0], np.cumsum(counted)]))
            draws.append(
                mated[self._identified(drawn.lowest_threshold(fpir), rank)[known]].sum() / mated.sum()
            )
        hits = int(hit.sum())
        note = rule_of_30(min(len(strangers) * fpir, len(known) - hits))
        return figure_of(
            hits / len(known), draws, len(known), len(np.unique(self.person)), errors=hits, note=note
        )

    def fnir_at(self, fpir: float, rank: int = 1, *, seed: int = 0) -> Figure | TooFew:
        """FNIR at the lowest threshold whose FPIR is at most `fpir`: 1 - `dir_at`."""
        found = self.dir_at(fpir, rank, seed=seed)
        if isinstance(found, TooFew):
            return found
        return Figure(1 - found.value, 1 - found.high, 1 - found.low, found.cases, found.people, found.note)

    def _identified(self, threshold: float, rank: int) -> Bool:
        return np.asarray((self.mated > threshold) & (self.rank <= rank) & self.enrolled)


def _one_probe(
    score: Float32, who: int, reference: Int32, identity: Int32, starts: np.ndarray
) -> tuple[bool, int, float, float, float]:
    """Enrolled, rank, mated score, best other score and average precision; columns sorted by identity."""
    absent = np.isnan(score)
    mine = (reference == who) & ~absent
    best = np.maximum.reduceat(np.where(absent, -np.inf, score), starts)
    others = best[identity != who]
    other = float(others.max()) if len(others) else -np.inf
    if not mine.any():
        return False, 0, -np.inf, other, 0.0
    mated = np.sort(score[mine])[::-1]
    if mated[0] == -np.inf:
        return True, NEVER, -np.inf, other, 0.0
    rank = 1 + int((others >= mated[0]).sum())
    rest = np.sort(score[~mine & ~absent])
    above = len(rest) - np.searchsorted(rest, mated, side="left")
    nth = np.arange(1, len(mated) + 1)
    precision = float(np.where(mated > -np.inf, nth / (nth + above), 0.0).mean())
    return True, rank, float(mated[0]), other, precision
