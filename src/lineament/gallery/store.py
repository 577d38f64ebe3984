"""What a gallery asks of the place that keeps it; `sqlite.SqliteStore` is the one that ships."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from lineament.gallery.record import Entry, Record
from lineament.gallery.vectors import Kind
from lineament.types import Float32, Int32

OF_PEOPLE: Final = "people/"
"""Documents of names that begin so were learned from everybody enrolled: they go with the first one who is
taken out.
"""


@dataclass(frozen=True, slots=True)
class Counters:
    """Two numbers that only grow: `changes` with every write, `removals` when rows were taken out."""

    changes: int
    removals: int


@dataclass(frozen=True, slots=True, eq=False)
class VectorBlock:
    """Vectors of one kind and model, in the order of their enrolment; rows of one person lie together.

    matrix: (n, D) float32. subjects: n names. views: (n,). last: marker of the newest row, for
    `Store.vectors`.
    """

    matrix: Float32
    subjects: list[str]
    views: Int32
    last: int


class Store(Protocol):
    """Keeps people: records, the bytes of their arrays, their vectors, and a few named documents.

    One process may write while several read. What `put`, `delete` and `set_document` have returned from
    survives a crash of the process and of the machine. Every method raises BadInputError, in one line that
    says what to do, when the store is in use, full, damaged or not writable; a failed call changes nothing.
    """

    def counters(self) -> Counters:
        """Read the change counters, those of other processes' writes included."""
        ...

    def put(self, entries: Iterable[Entry], *, replace: bool) -> tuple[str, ...]:
        """Keep all entries or none; the names kept. A name that is taken raises unless `replace`."""
        ...

    def records(self) -> list[Record]:
        """Every record, by name."""
        ...

    def record(self, subject: str) -> Record | None:
        """One record, or None."""
        ...

    def load(self, subject: str) -> tuple[Record, bytes] | None:
        """One record with the bytes of its arrays, of the same moment, or None."""
        ...

    def models(self, kind: Kind) -> list[str]:
        """Models that made the stored vectors of this kind, by name."""
        ...

    def vectors(self, kind: Kind, model: str, after: int = 0) -> VectorBlock:
        """Vectors enrolled later than the row marked `after`."""
        ...

    def vectors_of(self, subject: str) -> dict[tuple[Kind, int], tuple[str, bytes]]:
        """Model and float32 bytes of one person's vectors, by kind and view."""
        ...

    def delete(self, subjects: Sequence[str]) -> None:
        """Take people out, all or none, and note that their bytes are to be erased; unknown names raise."""
        ...

    def erase(self) -> bool:
        """Wipe the bytes of everybody taken out; False (and still noted) when other processes hold them."""
        ...

    def erasure_pending(self) -> bool:
        """True when the bytes of somebody taken out may still lie in the store."""
        ...

    def document(self, name: str) -> str | None:
        """A named text, or None."""
        ...

    def set_document(self, name: str, text: str) -> None:
        """Keep a named text in place of the one before."""
        ...

    def drop_document(self, name: str) -> None:
        """Take a named text out; without one nothing happens."""
        ...

    def faults(self) -> list[str]:
        """What the store finds wrong with itself, one line each; empty when sound."""
        ...

    def close(self) -> None:
        """Let go of the store; more than once is allowed."""
        ...
