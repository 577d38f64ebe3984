"""What an export has to do: which records probe, which are compared against, all of them or listed pairs."""

import hashlib
from dataclasses import dataclass

import numpy as np

from lineament.evaluation.datasets.dataset import DataSet
from lineament.types import Int32


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """probes (p,) and references (r,): places in `dataset.records`. pairs: (n, 2) rows of the two, None for
    every probe against every reference.
    """

    name: str
    dataset: DataSet
    probes: Int32
    references: Int32
    pairs: Int32 | None = None

    def __post_init__(self) -> None:
        if not len(self.probes) or not len(self.references):
            raise ValueError("a plan needs probes and references")
        if self.pairs is not None and (self.pairs.ndim != 2 or self.pairs.shape[1] != 2):
            raise ValueError("pairs are (n, 2)")

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its scores: (n,) for pairs, (p, r) for the full matrix."""
        if self.pairs is not None:
            return (len(self.pairs),)
        return (len(self.probes), len(self.references))

    @property
    def digest(self) -> str:
        """The first 16 digits of a sha256 over everything that is compared, pictures' content aside."""
        found = hashlib.sha256(self.name.encode())
        for record in self.dataset.records:
            found.update(repr((record.name, record.subject, record.box)).encode())
        for rows in (self.probes, self.references, np.zeros(0) if self.pairs is None else self.pairs):
            found.update(np.ascontiguousarray(rows, dtype=np.int64).tobytes() + b"|")
        return found.hexdigest()[:16]
