"""Two runs of one protocol: differences of every figure, paired over the same people and comparisons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.errors import BadInputError
from lineament.evaluation.comparisons import ScoreMatrix
from lineament.evaluation.metrics import Figure
from lineament.evaluation.metrics.distribution import Rates
from lineament.evaluation.metrics.identification import Identification
from lineament.evaluation.metrics.resampling import figure_of, person_mean
from lineament.evaluation.metrics.verification import Statistic, Verification
from lineament.evaluation.run import Run
from lineament.evaluation.score import single

FMRS: Final = (1e-1, 1e-2, 1e-3, 1e-4)


@dataclass(frozen=True, slots=True)
class Difference:
    """first and second: the two values. by: second - first with its interval, people resampled alike in both.

    sure: whether the interval leaves 0 out.
    """

    first: float
    second: float
    by: Figure

    @property
    def sure(self) -> bool:
        """True when the two differ beyond what the choice of people explains."""
        return not self.by.low <= 0 <= self.by.high


def compare(first: Run, second: Run, *, rounds: int = 1000, seed: int = 0) -> Mapping[str, Difference]:
    """Every figure of `second` minus that of `first`.

    Raises BadInputError where the two did not compare the same samples.
    """
    _same(first, second)
    pair = [single(run.scores) for run in (first, second)]
    verified = [Verification.of(scores, seed=seed) for scores in pair]
    cases = len(verified[0].rates.non_mated.scores)
    statistics: dict[str, Statistic] = {
        "eer": lambda rates: rates.equal_error()[0],
        "auc": Rates.auc,
        "d_prime": Rates.d_prime,
    } | {f"tar_at_fmr_{rate:g}": _tar(rate) for rate in FMRS if cases * rate >= 3}
    draws = [one.draws(list(statistics.values()), rounds=rounds, seed=seed) for one in verified]
    found = {}
    for column, (name, statistic) in enumerate(statistics.items()):
        a, b = (float(statistic(one.rates)) for one in verified)
        moved = draws[1][:, column] - draws[0][:, column]
        mated = len(verified[0].rates.mated.scores)
        found[name] = Difference(a, b, figure_of(b - a, moved, mated, len(verified[0].people)))
    return found | _ranked(first, second, rounds, seed)


def _ranked(first: Run, second: Run, rounds: int, seed: int) -> dict[str, Difference]:
    if not isinstance(first.scores, ScoreMatrix) or not isinstance(second.scores, ScoreMatrix):
        return {}
    a, b = Identification.of(first.scores), Identification.of(second.scores)
    known = a.enrolled
    if not known.any():
        return {}
    found = {}
    for name, ours, theirs in (
        ("rank 1", (a.rank <= 1)[known], (b.rank <= 1)[known]),
        ("mAP", a.average_precision[known], b.average_precision[known]),
    ):
        one, other = ours.astype(np.float64), theirs.astype(np.float64)
        by = person_mean(other - one, a.person[known], rounds=rounds, seed=seed)
        found[name] = Difference(float(one.mean()), float(other.mean()), by)
    return found


def _same(first: Run, second: Run) -> None:
    kinds = [type(run.scores) for run in (first, second)]
    if first.record.plan != second.record.plan or kinds[0] is not kinds[1]:
        raise BadInputError(
            f"{first.folder} and {second.folder} compare different samples ({first.record.protocol}; "
            f"{second.record.protocol}); export both by one protocol and one data set"
        )


def _tar(rate: float) -> Statistic:
    return lambda rates: 1.0 - rates.fnmr_at(rate)
