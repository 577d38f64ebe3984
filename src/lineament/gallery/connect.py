"""Opening a gallery file: what must be true of it before anybody reads or writes a person."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.gallery import schema
from lineament.gallery.faults import damaged, explained, read_only, shown

SECRET: Final = 0o600
"""Mode of new galleries and exports: biometric data is for its owner unless the owner opens it to others."""


def connect(path: Path, *, create: bool, readonly: bool, wait: float) -> sqlite3.Connection:
    """Open the gallery at `path`, made or migrated where that is needed and allowed.

    wait: seconds to wait for other processes. Raises BadInputError when there is no gallery (and none shall
    be made), the file is something else, damaged, of a newer version, read-only or in use.
    """
    _look_at(path, create=create, readonly=readonly)
    with explained(path):
        connection = sqlite3.connect(_address(path, readonly), uri=True, timeout=wait, isolation_level=None)
        try:
            _configure(connection, path, readonly)
            _bring_up(connection, path, readonly)
        except BaseException:
            connection.close()
            raise
    return connection


def _look_at(path: Path, *, create: bool, readonly: bool) -> None:
    """Check the file from outside and make an empty one where a new gallery is wanted."""
    try:
        status = path.stat()
    except FileNotFoundError:
        if readonly or not create:
            raise BadInputError(
                f"There is no gallery {shown(path)}: check the path, or enrol somebody into it first."
            ) from None
        _make_empty(path)
        return
    except OSError as error:
        raise BadInputError(f"Gallery {shown(path)} cannot be reached ({error.strerror}).") from None
    if path.is_dir():
        raise BadInputError(f"{shown(path)} is a folder: name the gallery file in it.")
    if not path.is_file():
        raise BadInputError(f"{shown(path)} is not a regular file: name a gallery file.")
    if status.st_size == 0 and (readonly or not create):
        raise BadInputError(
            f"Gallery {shown(path)} is empty: restore it from a backup, or enrol somebody first."
        )
    if not _may(path, os.R_OK):
        raise BadInputError(f"Gallery {shown(path)} is not yours to read: ask its owner for access.")
    if not readonly and not (_may(path, os.W_OK) and _may(path.parent, os.W_OK)):
        raise read_only(path)


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _make_empty(path: Path) -> None:
    """Create the file with mode `SECRET`; another process may win the race, which is fine."""
    if not path.parent.is_dir():
        raise BadInputError(f"The folder {shown(path.parent)} does not exist: make it, then enrol again.")
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, SECRET))
    except OSError as error:
        raise BadInputError(
            f"Gallery {shown(path)} cannot be made ({error.strerror}): choose a folder that you may write to."
        ) from None


def _address(path: Path, readonly: bool) -> str:
    address = path.resolve().as_uri()
    return f"{address}?{'immutable=1' if frozen(path, readonly) else 'mode=ro' if readonly else 'mode=rw'}"


def frozen(path: Path, readonly: bool) -> bool:
    """True when the file must be read without locks: a reader cannot put SQLite's side files into its folder.

    Only sound while nobody writes, so it needs an absent or empty write-ahead log; `SqliteStore` watches the
    file.
    """
    log = Path(f"{path}-wal")
    idle = not log.exists() or log.stat().st_size == 0
    return readonly and idle and not _may(path.parent, os.W_OK)


def _configure(connection: sqlite3.Connection, path: Path, readonly: bool) -> None:
    _layout(connection, path)
    if readonly:
        connection.execute("PRAGMA query_only = ON")
        return
    if _write_ahead(connection) != "wal":
        raise BadInputError(
            f"Gallery {shown(path)} lies on a file system without shared memory: move it to a local disk."
        )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")


def _write_ahead(connection: sqlite3.Connection) -> str:
    """Ask for a write-ahead log. SQLite does not wait when two processes ask at once, so this asks again."""
    until = time.monotonic() + connection.execute("PRAGMA busy_timeout").fetchone()[0] / 1000
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _bring_up(connection: sqlite3.Connection, path: Path, readonly: bool) -> None:
    """Lay out a new gallery, migrate an older one."""
    version = _layout(connection, path)
    if version == schema.VERSION:
        return
    if readonly:
        raise BadInputError(
            f"Gallery {shown(path)} has the older layout {version}: open it once for writing, "
            f"with 'lineament gallery check --gallery {shown(path)}', to bring it up to date."
        )
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _layout(connection, path)
        if version == 0:
            schema.create(connection)
        elif version < schema.VERSION:
            schema.migrate(connection, version)
        connection.execute("COMMIT")
    except BaseException as error:
        with suppress(sqlite3.Error):
            connection.rollback()
        if isinstance(error, ValueError):
            raise damaged(path, f"layout {version} could not be brought up to date: {error}") from error
        raise


def _layout(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the layout, 0 for a new file; BadInputError for somebody else's database or a newer one.

    One statement, so that a process that is just making the gallery is seen before or after, never half.
    """
    version, application, tables = connection.execute(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_master) "
        "FROM pragma_user_version, pragma_application_id"
    ).fetchone()
    if tables and application != schema.APPLICATION:
        raise BadInputError(f"{shown(path)} is a database, but not a gallery: name a file made by Lineament.")
    if version > schema.VERSION:
        raise BadInputError(
            f"Gallery {shown(path)} was written by a newer Lineament (layout {version}, this one reads up to "
            f"{schema.VERSION}): upgrade with 'pip install --upgrade lineament'."
        )
    if (version == 0) != (tables == 0):
        raise damaged(path, "its layout is not marked")
    return int(version)
