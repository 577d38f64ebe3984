"""What a protocol yields and every metric reads: samples with their subjects, and the scores between them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from lineament.types import Bool, Float32, Int32

QUALITY: Final = "quality"
"""The covariate, 0..1, of the quality that a system gives its samples; NaN where it gives none."""
MISSED: Final = float("-inf")
"""Score of a comparison in which either side failed to enrol or to be acquired: below every threshold."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleTable:
    """The probes or the references of a protocol, one row a sample (or a set, where sets are compared).

    name: (n,) str, unique. subject: (n,) str, who is shown. failed: (n,) bool, no template could be made.
    covariates: name -> (n,) array of numbers or str, such as "yaw" in degrees, "camera", "group".
    """

    name: np.ndarray
    subject: np.ndarray
    failed: Bool
    covariates: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.name)
        if len(self.subject) != count or len(self.failed) != count:
            raise ValueError("a sample table needs one subject and one failure flag a sample")
        if any(len(column) != count for column in self.covariates.values()):
            raise ValueError("every covariate of a sample table has one value a sample")

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """Listed comparisons. probe and reference: (n,) rows of the tables. score: (n,), MISSED for failures."""

    probes: SampleTable
    references: SampleTable
    probe: Int32
    reference: Int32
    score: Float32

    def __post_init__(self) -> None:
        if not len(self.probe) == len(self.reference) == len(self.score):
            raise ValueError("pair scores need one probe, one reference and one score a comparison")

    @property
    def mated(self) -> Bool:
        """(n,): whether probe and reference show the same subject."""
        return np.asarray(self.probes.subject[self.probe] == self.references.subject[self.reference])


@dataclass(frozen=True, slots=True, eq=False)
class ScoreMatrix:
    """Every probe against every reference: score (p, r), MISSED for failures. Self-comparisons are NaN."""

    probes: SampleTable
    references: SampleTable
    score: Float32

    def __post_init__(self) -> None:
        if self.score.shape != (len(self.probes), len(self.references)):
            raise ValueError("a score matrix has one row a probe and one column a reference")

    @property
    def mated(self) -> Bool:
        """(p, r): whether probe and reference show the same subject."""
        return np.asarray(self.probes.subject[:, None] == self.references.subject[None])
