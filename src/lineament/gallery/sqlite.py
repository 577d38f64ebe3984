"""The store that ships: one SQLite file; every commit is forced to the disk, deletions are overwritten."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery.connect import connect, frozen
from lineament.gallery.faults import damaged, describe, explained, shown
from lineament.gallery.names import printable
from lineament.gallery.record import Entry, Record
from lineament.gallery.schema import RECORD_COLUMNS, insert_entry
from lineament.gallery.store import OF_PEOPLE, Counters, VectorBlock
from lineament.gallery.vectors import Kind

_COLUMNS = ", ".join(RECORD_COLUMNS)


class SqliteStore:
    """`lineament.gallery.store.Store` in one SQLite file."""

    def __init__(self, path: Path, *, create: bool = True, readonly: bool = False, wait: float = 5.0) -> None:
        self.path = path
        self.readonly = readonly
        self._connection = connect(path, create=create, readonly=readonly, wait=wait)
        self._file = self._stamp()
        self._watched = frozen(path, readonly)

    def counters(self) -> Counters:
        """Read the change counters, those of other processes' writes included."""
        with self._reading() as connection:
            rows = dict(connection.execute("SELECT name, value FROM counters").fetchall())
        return Counters(rows["changes"], rows["removals"])

    def put(self, entries: Iterable[Entry], *, replace: bool) -> tuple[str, ...]:
        """Keep all entries or none; the names kept. A name that is taken raises unless `replace`."""
        names: list[str] = []
        with self._writing() as connection:
            for entry in entries:
                subject = entry.record.subject
                if self._person(connection, subject) is not None:
                    if not replace:
                        raise BadInputError(
                            f"'{printable(subject)}' is already enrolled in {shown(self.path)}: "
                            "choose another name, or add --replace to enrol the person again."
                        )
                    self._take_out(connection, subject)
                insert_entry(connection, entry)
                names.append(subject)
        return tuple(names)

    def records(self) -> list[Record]:
        """Every record, by name."""
        with self._reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM subjects ORDER BY subject").fetchall()
            return [self._as_record(row) for row in rows]

    def record(self, subject: str) -> Record | None:
        """One record, or None."""
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM subjects WHERE subject = ?", (subject,)
            ).fetchone()
            return None if row is None else self._as_record(row)

    def load(self, subject: str) -> tuple[Record, bytes] | None:
        """One record with the bytes of its arrays, of the same moment, or None."""
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS}, payload FROM subjects LEFT JOIN clouds USING (id) WHERE subject = ?",
                (subject,),
            ).fetchone()
            if row is None:
                return None
            if not isinstance(row[-1], bytes):
                raise damaged(self.path, f"the arrays of '{subject}' are missing")
            return self._as_record(row[:-1]), row[-1]

    def models(self, kind: Kind) -> list[str]:
        """Models that made the stored vectors of this kind, by name."""
        with self._reading() as connection:
            found: list[str] = []
            # One seek in the index a model; DISTINCT would walk all of it.
            query = "SELECT min(model) FROM vectors WHERE kind = ? AND model > ?"
            while (row := connection.execute(query, (kind, found[-1] if found else "")).fetchone())[0]:
                found.append(row[0])
            return found

    def vectors(self, kind: Kind, model: str, after: int = 0) -> VectorBlock:
        """Vectors enrolled later than the row marked `after`."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT v.id, s.subject, v.view, v.vector FROM vectors v JOIN subjects s ON s.id = v.person "
                "WHERE v.kind = ? AND v.model = ? AND v.id > ? ORDER BY v.id",
                (kind, model, after),
            ).fetchall()
        if not rows:
            return VectorBlock(np.zeros((0, 0), np.float32), [], np.zeros(0, np.int32), after)
        marks, subjects, views, blobs = zip(*rows, strict=True)
        width = len(blobs[0])
        if width % 4 or any(len(blob) != width for blob in blobs):
            raise damaged(self.path, f"{kind} vectors of {model} differ in length")
        matrix = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), width // 4)
        norms = np.einsum("ij,ij->i", matrix, matrix)
        wrong = np.flatnonzero(~(np.abs(norms - 1.0) < 4e-3))
        if len(wrong):
            raise damaged(self.path, f"a {kind} vector of '{subjects[wrong[0]]}' has not unit length")
        return VectorBlock(matrix, list(subjects), np.array(views, dtype=np.int32), marks[-1])

    def vectors_of(self, subject: str) -> dict[tuple[Kind, int], tuple[str, bytes]]:
        """Model and float32 bytes of one person's vectors, by kind and view."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT v.kind, v.view, v.model, v.vector FROM vectors v JOIN subjects s ON s.id = v.person "
                "WHERE s.subject = ?",
                (subject,),
            ).fetchall()
        return {(kind, view): (model, vector) for kind, view, model, vector in rows}

    def delete(self, subjects: Sequence[str]) -> None:
        """Take people out, all or none, and note that their bytes are still to be erased."""
        with self._writing() as connection:
            for subject in subjects:
                if self._person(connection, subject) is None:
                    raise NothingFoundError(
                        f"'{printable(subject)}' is not enrolled in {shown(self.path)}: "
                        "'lineament gallery list' shows who is."
                    )
                self._take_out(connection, subject)
            connection.execute("UPDATE counters SET value = 1 WHERE name = 'erasure_pending'")

    def erase(self) -> bool:
        """Wipe the bytes of everybody taken out; False (and still noted) when other processes hold them.

        secure_delete alone leaves copies: when SQLite balances its tree, rows that move to another page stay
        readable in the gap that they leave. VACUUM writes every page anew; the log is cut to nothing
        afterwards, which works only when no reader still needs it.
        """
        if not self.erasure_pending():
            return True
        with explained(self.path):
            self._require_writable()
            self._connection.execute("VACUUM")
            busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                return False
        with self._writing() as connection:
            connection.execute("UPDATE counters SET value = 0 WHERE name = 'erasure_pending'")
        return True

    def erasure_pending(self) -> bool:
        """True when the bytes of somebody taken out may still lie in the file or its log."""
        with self._reading() as connection:
            query = "SELECT value FROM counters WHERE name = 'erasure_pending'"
            return bool(connection.execute(query).fetchone()[0])

    def document(self, name: str) -> str | None:
        """A named text, or None."""
        with self._reading() as connection:
            row = connection.execute("SELECT body FROM documents WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_document(self, name: str, text: str) -> None:
        """Keep a named text in place of the one before."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?)", (name, text))

    def drop_document(self, name: str) -> None:
        """Take a named text out; without one nothing happens."""
        with self._writing() as connection:
            connection.execute("DELETE FROM documents WHERE name = ?", (name,))

    def faults(self) -> list[str]:
        """What SQLite's integrity check says, and rows that belong to nobody."""
        orphans = "SELECT count(*) FROM {} WHERE {} NOT IN (SELECT id FROM subjects)"
        found: list[str] = []
        try:
            with explained(self.path):
                rows = self._connection.execute("PRAGMA integrity_check").fetchall()
                found += [printable(str(row[0])) for row in rows if row[0] != "ok"]
                for table, column in (("clouds", "id"), ("vectors", "person")):
                    count = self._connection.execute(orphans.format(table, column)).fetchone()[0]
                    if count:
                        found.append(f"{count} rows of {table} belong to nobody")
        except BadInputError as error:
            found.append(str(error))
        return found

    def close(self) -> None:
        """Let go of the file; more than once is allowed."""
        with explained(self.path):
            self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if self._watched and self._stamp() != self._file:
            raise BadInputError(
                f"Gallery {shown(self.path)} changed while it was read: run the command again."
            )
        with explained(self.path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: on the disk when the block ends, undone when it raises."""
        self._require_writable()
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'changes'")
            self._connection.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self._connection.rollback()
            if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.ProgrammingError):
                raise describe(self.path, error) from error
            raise

    def _require_writable(self) -> None:
        """Refuse a gallery opened for reading, and one whose file was moved: its writes would go nowhere."""
        if self.readonly:
            raise BadInputError(f"Gallery {shown(self.path)} was opened for reading only.")
        if self._stamp()[:2] != self._file[:2]:
            raise BadInputError(f"Gallery {shown(self.path)} was moved or deleted meanwhile: open it again.")

    def _stamp(self) -> tuple[int, int, int, int]:
        try:
            status = self.path.stat()
        except OSError:
            return (0, 0, 0, 0)
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

    def _person(self, connection: sqlite3.Connection, subject: str) -> int | None:
        row = connection.execute("SELECT id FROM subjects WHERE subject = ?", (subject,)).fetchone()
        return None if row is None else int(row[0])

    def _take_out(self, connection: sqlite3.Connection, subject: str) -> None:
        person = self._person(connection, subject)
        connection.execute("DELETE FROM vectors WHERE person = ?", (person,))
        connection.execute("DELETE FROM clouds WHERE id = ?", (person,))
        connection.execute("DELETE FROM subjects WHERE id = ?", (person,))
        connection.execute("DELETE FROM documents WHERE substr(name, 1, ?) = ?", (len(OF_PEOPLE), OF_PEOPLE))
        connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'removals'")

    def _as_record(self, row: Sequence[object]) -> Record:
        values = dict(zip(RECORD_COLUMNS, row, strict=True))
        try:
            parts = tuple(int(part) for part in json.loads(str(values["parts"])))
            coloured = bool(values["coloured"])
            return Record(**(values | {"parts": parts, "coloured": coloured}))  # type: ignore[arg-type]
        except (ValueError, TypeError) as error:
            raise damaged(self.path, f"the record of '{values['subject']}' cannot be read") from error
