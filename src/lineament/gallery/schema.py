"""The tables of a gallery file, their version, and the way there from every earlier version.

Version 1 kept a person's data in `subjects` and `clouds` alone. Version 2 adds the note, counts for listing
without touching the arrays, a checksum in every record, the vectors for search, named documents and the
change counters.
"""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from typing import Final

from lineament.gallery.record import Entry, Record, decode_arrays, encode

APPLICATION: Final = 0x4C4E4D54
"""SQLite's application_id of a gallery: the letters LNMT."""

VERSION: Final = 2

RECORD_COLUMNS: Final = tuple(field.name for field in fields(Record))

_SUBJECTS: Final = """
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    template TEXT NOT NULL,
    model TEXT NOT NULL,
    face_model TEXT,
    consent TEXT NOT NULL,
    purpose TEXT NOT NULL,
    note TEXT NOT NULL,
    residual REAL NOT NULL,
    created TEXT NOT NULL,
    parts TEXT NOT NULL,
    sites INTEGER NOT NULL,
    measured INTEGER NOT NULL,
    views INTEGER NOT NULL,
    coloured INTEGER NOT NULL,
    sha256 TEXT NOT NULL
)"""

_CLOUDS: Final = "CREATE TABLE clouds (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)"

_ADDED_IN_2: Final = (
    """
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person INTEGER NOT NULL,
    kind TEXT NOT NULL,
    view INTEGER NOT NULL,
    model TEXT NOT NULL,
    vector BLOB NOT NULL
)""",
    "CREATE INDEX vectors_of_person ON vectors (person)",
    "CREATE INDEX vectors_by_kind ON vectors (kind, model)",
    "CREATE TABLE documents (name TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    "INSERT INTO counters VALUES ('changes', 0), ('removals', 0), ('erasure_pending', 0)",
)


def create(connection: sqlite3.Connection) -> None:
    """Lay out an empty gallery; the caller holds the transaction."""
    for statement in (_SUBJECTS, _CLOUDS, *_ADDED_IN_2):
        connection.execute(statement)
    _mark(connection)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring an older gallery to `VERSION` step by step, all or nothing: the caller holds the transaction."""
    for step in range(version, VERSION):
        _STEPS[step](connection)
    _mark(connection)


def insert_entry(connection: sqlite3.Connection, entry: Entry) -> None:
    """Write one person's rows; the caller holds the transaction and knows that the name is free."""
    row = [getattr(entry.record, name) for name in RECORD_COLUMNS]
    row[RECORD_COLUMNS.index("parts")] = json.dumps(entry.record.parts)
    marks = ", ".join("?" * len(RECORD_COLUMNS))
    person = connection.execute(
        f"INSERT INTO subjects ({', '.join(RECORD_COLUMNS)}) VALUES ({marks})", row
    ).lastrowid
    connection.execute("INSERT INTO clouds VALUES (?, ?)", (person, entry.payload))
    connection.executemany(
        "INSERT INTO vectors (person, kind, view, model, vector) VALUES (?, ?, ?, ?, ?)",
        [(person, v.kind, v.view, v.model, v.values.astype("<f4").tobytes()) for v in entry.vectors],
    )


def _mark(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _from_1(connection: sqlite3.Connection) -> None:
    """Read everybody of version 1 and write them as version 2, with what it adds made from the arrays."""
    connection.execute("ALTER TABLE subjects RENAME TO subjects_1")
    connection.execute("ALTER TABLE clouds RENAME TO clouds_1")
    for statement in (_SUBJECTS, _CLOUDS, *_ADDED_IN_2):
        connection.execute(statement)
    rows = connection.execute(
        "SELECT subject, source, template, model, face_model, consent, purpose, residual, created, payload "
        "FROM subjects_1 JOIN clouds_1 USING (id) ORDER BY id"
    )
    names = ("subject", "source", "template", "model", "face_model", "consent", "purpose", "residual")
    for *texts, created, payload in rows:
        prototype = decode_arrays(payload, note="", **dict(zip(names, texts, strict=True)))
        insert_entry(connection, encode(prototype, created=created))
    connection.execute("DROP TABLE subjects_1")
    connection.execute("DROP TABLE clouds_1")


_STEPS: Final[dict[int, Callable[[sqlite3.Connection], None]]] = {1: _from_1}
