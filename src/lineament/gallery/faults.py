"""SQLite's errors in one clear line that says what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lineament.errors import BadInputError
from lineament.gallery.names import printable

_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_FORMAT)


def describe(path: Path, error: sqlite3.Error) -> BadInputError:
    """The BadInputError for what SQLite says about the gallery at `path`."""
    where = f"Gallery {shown(path)}"
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in _BUSY:
        return BadInputError(f"{where} is in use by another process: try again when that one is done.")
    if code == sqlite3.SQLITE_FULL:
        return BadInputError(
            f"{where} cannot grow, the disk is full: free some space and try again; "
            "everybody enrolled before is kept."
        )
    if code == sqlite3.SQLITE_IOERR:
        return BadInputError(
            f"{where} could not be read or written (the disk is full, limited or failing): "
            "free some space or move it to another disk; everybody enrolled before is kept."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return read_only(path)
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        return BadInputError(
            f"{where} cannot be opened: check that the folder exists and that you may write to it."
        )
    if code == sqlite3.SQLITE_NOTADB:
        return BadInputError(
            f"{where} is not a gallery: name a file made by 'lineament enrol', or a new one."
        )
    if code in _DAMAGED:
        return damaged(path, str(error))
    return BadInputError(
        f"{where} failed ({printable(str(error), 80)}): run 'lineament gallery check' on it."
    )


def read_only(path: Path) -> BadInputError:
    """The BadInputError for a gallery that may not be written."""
    return BadInputError(
        f"Gallery {shown(path)} is read-only: make the file and its folder writable, or copy it elsewhere."
    )


def damaged(path: Path, how: str) -> BadInputError:
    """The BadInputError for a gallery whose bytes are not what was written."""
    return BadInputError(
        f"Gallery {shown(path)} is damaged ({printable(how, 120)}): "
        "restore it from a backup or an export, or run 'lineament gallery check' to see what is left."
    )


def shown(path: Path) -> str:
    """The path as messages print it."""
    return printable(str(path))


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into BadInputError; misuse by the program itself stays what it is."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise describe(path, error) from error
