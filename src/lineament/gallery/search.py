"""Exact nearest neighbours over every vector of a kind: one product of a matrix in memory with the query."""

from dataclasses import dataclass

import numpy as np

from lineament.errors import BadInputError
from lineament.gallery.store import Counters, Store
from lineament.gallery.vectors import Kind
from lineament.types import Float32


@dataclass(frozen=True, slots=True)
class Hit:
    """One person near a query. score: cosine of the best view, -1..1. view: its row in the face templates."""

    subject: str
    score: float
    view: int


class VectorIndex:
    """The vectors of one kind and model, brought up to date before each search by the change counters."""

    def __init__(self, store: Store, kind: Kind, model: str) -> None:
        self._store = store
        self._kind: Kind = kind
        self._model = model
        self._clear()

    def search(self, query: Float32, top: int) -> list[Hit]:
        """The `top` people nearest to `query` (D,), best first, each with its best view; ties by enrolment.

        Raises BadInputError when the query has another length than the stored vectors, is zero or not finite.
        """
        self._refresh()
        values = np.asarray(query, dtype=np.float32).ravel()
        norm = float(np.linalg.norm(values))
        if not np.isfinite(norm) or norm == 0.0:
            raise BadInputError("The vector to search for is zero or not finite: make it again.")
        if self._rows == 0 or top < 1:
            return []
        if len(values) != self._matrix.shape[1]:
            raise BadInputError(
                f"The vector to search for has {len(values)} values, those of {self._model} in the gallery "
                f"{self._matrix.shape[1]}: make it with the same model."
            )
        scores = self._matrix[: self._rows] @ (values / norm)
        single = len(self._people) == self._rows
        best = scores if single else np.maximum.reduceat(scores, self._bounds[:-1])
        return [self._hit(int(person), scores) for person in _largest(best, top)]

    def _hit(self, person: int, scores: Float32) -> Hit:
        start, end = self._bounds[person : person + 2]
        row = int(start) + int(np.argmax(scores[start:end]))
        return Hit(self._people[person], float(scores[row]), int(self._views[row]))

    def _clear(self) -> None:
        self._seen: Counters | None = None
        self._matrix = np.zeros((0, 0), np.float32)
        self._rows = 0
        self._last = 0
        self._people: list[str] = []
        self._starts: list[int] = []
        self._bounds = np.zeros(1, np.int64)
        self._views: list[int] = []

    def _refresh(self) -> None:
        """Read what was enrolled since; everything again once somebody was taken out.

        The counters are read before the rows: rows that come in between are read twice by nobody, because the
        block says where it ends, and a removal in between shows at the next search.
        """
        now = self._store.counters()
        if now == self._seen:
            return
        if self._seen is not None and now.removals != self._seen.removals:
            self._clear()
        block = self._store.vectors(self._kind, self._model, self._last)
        for offset, subject in enumerate(block.subjects):
            if not self._people or self._people[-1] != subject:
                self._people.append(subject)
                self._starts.append(self._rows + offset)
        self._views.extend(block.views.tolist())
        self._append(block.matrix)
        self._bounds = np.array([*self._starts, self._rows], dtype=np.int64)
        self._last = block.last
        self._seen = now

    def _append(self, rows: Float32) -> None:
        """Put rows below the others; the room doubles, so that enrolling one by one stays cheap."""
        if not len(rows):
            return
        needed = self._rows + len(rows)
        if self._rows == 0:
            self._matrix = np.ascontiguousarray(rows)
        elif rows.shape[1] != self._matrix.shape[1]:
            raise BadInputError(
                f"The {self._kind} vectors of {self._model} differ in length: run 'lineament gallery check'."
            )
        else:
            if needed > len(self._matrix):
                room = np.zeros((max(needed, 2 * len(self._matrix)), rows.shape[1]), np.float32)
                room[: self._rows] = self._matrix[: self._rows]
                self._matrix = room
            self._matrix[self._rows : needed] = rows
        self._rows = needed


def _largest(scores: Float32, top: int) -> list[int]:
    """Indices of the `top` largest scores, falling; equal ones by index."""
    if top < len(scores):
        edge = np.partition(scores, len(scores) - top)[len(scores) - top]
        chosen = np.flatnonzero(scores >= edge)
    else:
        chosen = np.arange(len(scores))
    order = np.argsort(-scores[chosen], kind="stable")[:top]
    return [int(index) for index in chosen[order]]
