"""What every data set becomes: records of people in pictures, the terms, and the comparisons it lists."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from lineament.errors import BadInputError
from lineament.types import Bool, Int32

Covariate: TypeAlias = str | float
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Record:
    """One person in one picture.

    name: unique in its data set. path: the picture, None where the data set lists one that is not held (a
    failure to acquire, which is counted). subject: who is shown, "" where nobody knows. covariates: what is
    known of the picture, by the names of `protocols.bins`: angles in degrees, distances in metres; "set" is
    the template or track that a record belongs to. box: x0, y0, x1, y1 of the person or face, pixels of the
    upright picture.
    """

    name: str
    path: Path | None
    subject: str
    covariates: Mapping[str, Covariate] = field(default_factory=dict)
    box: Box | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a record has a name")
        if self.box is not None and not (self.box[0] < self.box[2] and self.box[1] < self.box[3]):
            raise ValueError(f"the box of {self.name} is empty: {self.box}")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Comparisons that a data set lists; iterates as (first, second, mated).

    first and second: (n,) places in `DataSet.records`. mated: (n,). A pair of records that have the covariate
    "set" stands for the pair of their sets.
    """

    first: Int32
    second: Int32
    mated: Bool

    def __post_init__(self) -> None:
        if not len(self.first) == len(self.second) == len(self.mated):
            raise ValueError("pairs have one first, one second and one truth each")

    @classmethod
    def listed(cls, pairs: Iterable[tuple[int, int, bool]]) -> "Pairs":
        """The same, from tuples."""
        rows = list(pairs)
        first, second = (np.array([row[side] for row in rows], dtype=np.int32) for side in (0, 1))
        return cls(first, second, np.array([row[2] for row in rows], dtype=bool))

    def __len__(self) -> int:
        return len(self.mated)

    def __iter__(self) -> Iterator[tuple[int, int, bool]]:
        for one, other, mated in zip(self.first, self.second, self.mated, strict=True):
            yield int(one), int(other), bool(mated)


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """A data set that the user holds, checked.

    folder: where it lies. records: who is to be seen where. terms: what its owners allow. may_show: whether
    they let its pictures appear in a report. pairs: comparisons that it lists. source: where it is to be had,
    or applied for.
    """

    name: str
    folder: Path
    records: tuple[Record, ...]
    terms: str
    may_show: bool
    pairs: Pairs | None = None
    source: str = ""

    def __post_init__(self) -> None:
        names = {record.name for record in self.records}
        if len(names) != len(self.records):
            raise ValueError(f"{len(self.records) - len(names)} records of {self.name} share a name")
        if self.pairs is None or not len(self.pairs):
            return
        places = np.concatenate([self.pairs.first, self.pairs.second])
        if places.min() < 0 or places.max() >= len(self.records):
            raise ValueError(f"the pairs of {self.name} name records that are not there")
        _, who = np.unique(self.subjects, return_inverse=True)
        wrong = (who[self.pairs.first] == who[self.pairs.second]) != self.pairs.mated
        if wrong.any():
            raise ValueError(f"{int(wrong.sum())} pairs of {self.name} contradict the records' subjects")

    def __len__(self) -> int:
        return len(self.records)

    @property
    def subjects(self) -> np.ndarray:
        """(n,) str, who each record shows."""
        return np.array([record.subject for record in self.records], dtype=np.str_)

    def column(self, covariate: str) -> np.ndarray:
        """(n,) one covariate of every record: float64 with NaN where it is not known, or str with ""."""
        values = [record.covariates.get(covariate) for record in self.records]
        if any(isinstance(value, str) for value in values):
            return np.array(["" if value is None else str(value) for value in values], dtype=np.str_)
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of all covariates that some record has, sorted."""
        return tuple(sorted({name for record in self.records for name in record.covariates}))


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a data set before it is opened.

    name: as the command line says it. shows: what is to be seen. terms: what its owners allow. source: where
    to have it, or where to apply. may_show: whether its pictures may appear in a report. citation: its paper.
    """

    name: str
    shows: str
    terms: str
    source: str
    citation: str = ""
    may_show: bool = False

    def data_set(self, folder: Path, records: Iterable[Record], pairs: Pairs | None = None) -> DataSet:
        """The opened data set; raises BadInputError where it holds nobody."""
        found = tuple(records)
        if not found:
            raise BadInputError(f"{folder} holds no picture of {self.name}; name the data set's own folder")
        return DataSet(self.name, folder, found, self.terms, self.may_show, pairs, self.source)
