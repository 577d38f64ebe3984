"""Who is taken for whom: the confusion matrix between identities."""

from dataclasses import dataclass

import numpy as np

from lineament.evaluation.comparisons import ScoreMatrix
from lineament.types import Int32


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """count: (s + 1, s + 1), row the true identity, column the returned one, both in the order of `names`.

    The last row holds the probes of people who are not enrolled; the last column those for whom nobody was
    returned: failures, and scores not above the threshold.
    """

    names: tuple[str, ...]
    count: Int32

    @property
    def correct(self) -> int:
        """Probes of enrolled people returned as themselves, and of others returned as nobody."""
        return int(np.trace(self.count))


def confusion(matrix: ScoreMatrix, threshold: float = -np.inf) -> Confusion:
    """The identity of the best reference of each probe, if its score is above the threshold.

    Between equal scores the reference of somebody else wins: ties count against the system.
    """
    names, place = np.unique(matrix.references.subject, return_inverse=True)
    count = np.zeros((len(names) + 1, len(names) + 1), np.int32)
    for score, subject in zip(matrix.score, matrix.probes.subject, strict=True):
        known = np.where(np.isnan(score), -np.inf, score)
        best = known.max(initial=-np.inf)
        row = int(np.searchsorted(names, subject))
        row = row if row < len(names) and names[row] == subject else len(names)
        if not best > threshold:
            count[row, -1] += 1
            continue
        first = place[known == best]
        others = first[first != row]
        count[row, others[0] if len(others) else row] += 1
    return Confusion(tuple(str(name) for name in names), count)
