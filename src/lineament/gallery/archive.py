"""A gallery as plain files: `gallery.json` and one safetensors file a person, in a folder or a zip.

Nothing in it is unpickled, no entry is ever written to the disk under a name that the archive chose, and
every person is checked against the checksum of the record before anybody is enrolled.
"""

import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from lineament.errors import BadInputError
from lineament.gallery.calibration import StoredCalibration
from lineament.gallery.connect import SECRET
from lineament.gallery.faults import shown
from lineament.gallery.names import clean_name, printable
from lineament.gallery.record import Entry, Record, decode, encode

FORMAT: Final = "lineament-gallery"
VERSION: Final = 1
MANIFEST: Final = "gallery.json"
LARGEST_MANIFEST: Final = 256 << 20
LARGEST_PERSON: Final = 64 << 20
"""Bytes; a person of 2,048 sites takes 0.2 MB. No more than this is read, whatever a zip unpacks to."""

_NAME: Final = re.compile(r"prototypes/\d{6,9}\.safetensors")

Reader = Callable[[str, int], bytes]


@dataclass(frozen=True, slots=True)
class Archive:
    """An opened archive: its people, checked as they are read, and the calibration of each domain."""

    entries: Iterator[Entry]
    calibrations: tuple[StoredCalibration, ...]


def write(
    target: Path, people: Iterable[tuple[Record, bytes]], calibrations: Sequence[StoredCalibration]
) -> int:
    """Write people to `target`, a zip when so called, else a folder; the number of people.

    Appears whole or not at all. Raises BadInputError when the target exists or cannot be written.
    """
    if target.exists():
        raise BadInputError(f"{shown(target)} exists already: choose another name or move it away first.")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        if target.suffix.lower() == ".zip":
            with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, SECRET), "w+b") as file:
                with zipfile.ZipFile(file, "w") as packed:
                    count = _write_all(packed.writestr, people, calibrations)
                os.fsync(file.fileno())
        else:
            (partial / "prototypes").mkdir(parents=True, mode=0o700)
            partial.chmod(0o700)
            count = _write_all(lambda name, data: _write_file(partial / name, data), people, calibrations)
        partial.rename(target)
    except OSError as error:
        raise BadInputError(
            f"{shown(target)} cannot be written ({error.strerror}): choose another folder or free some space."
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        with suppress(OSError):
            partial.unlink()
    return count


def _write_all(
    put: Callable[[str, bytes], object],
    people: Iterable[tuple[Record, bytes]],
    calibrations: Sequence[StoredCalibration],
) -> int:
    listed: list[dict[str, Any]] = []
    for number, (record, payload) in enumerate(people):
        decode(record, payload)
        name = f"prototypes/{number:06d}.safetensors"
        put(name, payload)
        listed.append({"file": name, **asdict(record)})
    # The one without a domain stands where earlier releases look for it.
    texts = {one.domain: one.as_text() for one in calibrations}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "calibration": texts.pop("", None),
        "domains": list(texts.values()),
        "people": listed,
    }
    put(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    return len(listed)


def _write_file(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, SECRET), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def reading(source: Path) -> Iterator[Archive]:
    """Open an exported folder or zip; BadInputError when it is none, damaged or of a newer version."""
    if not source.exists():
        raise BadInputError(f"There is no {shown(source)}: name a folder or zip that 'gallery export' wrote.")
    if source.is_dir():
        yield _open(source, lambda name, most: _read_file(source / name, most))
        return
    try:
        with zipfile.ZipFile(source) as packed:
            yield _open(source, lambda name, most: _read_packed(packed, name, most))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError) as error:
        raise _refuse(source, f"is not a whole zip file ({printable(str(error), 80)})") from None
    except OSError as error:
        raise _refuse(source, f"cannot be read ({error.strerror})") from None


def _read_file(path: Path, most: int) -> bytes:
    # A link or a pipe in a foreign folder would read, or wait for, something that is not the archive.
    if path.is_symlink() or not path.is_file():
        raise ValueError(f"holds no regular file {path.name}")
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"holds more than {most} bytes in {path.name}")
    return data


def _read_packed(packed: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        with packed.open(name) as file:
            data = file.read(most + 1)
    except KeyError:
        raise ValueError(f"holds no {name}") from None
    except (RuntimeError, NotImplementedError) as error:
        raise ValueError(f"cannot be unpacked ({error})") from None
    if len(data) > most:
        raise ValueError(f"holds more than {most} bytes in {name}")
    return data


def _open(source: Path, read: Reader) -> Archive:
    try:
        manifest = json.loads(read(MANIFEST, LARGEST_MANIFEST))
    except (ValueError, RecursionError) as error:
        raise _refuse(source, f"is not an exported gallery ({printable(str(error), 80)})") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _refuse(source, "is not an exported gallery")
    version = manifest.get("version")
    if version != VERSION:
        raise _refuse(source, f"was exported in format {version!r}, this Lineament reads format {VERSION}")
    people = manifest.get("people")
    single, domains = manifest.get("calibration"), manifest.get("domains", [])
    if not isinstance(people, list):
        raise _refuse(source, "has no list of people")
    try:
        texts = (*([] if single is None else [single]), *domains)
        calibrations = tuple(StoredCalibration.parse(text) for text in texts)
    except (ValueError, TypeError) as error:
        raise _refuse(source, f"has a damaged calibration: {error}") from None
    return Archive(_entries(source, people, read), calibrations)


def _entries(source: Path, people: list[Any], read: Reader) -> Iterator[Entry]:
    seen: set[str] = set()
    for row in people:
        try:
            entry = _entry(dict(row), read)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            who = row.get("subject") if isinstance(row, dict) else None
            raise _refuse(
                source, f"is damaged at '{printable(str(who), 60)}': {printable(str(error), 80)}"
            ) from None
        if entry.record.subject in seen:
            raise _refuse(source, f"names '{entry.record.subject}' twice")
        seen.add(entry.record.subject)
        yield entry


def _entry(row: dict[str, Any], read: Reader) -> Entry:
    """Read and check one person; what a prototype implies (counts, vectors) is made again, not believed."""
    name = row.pop("file")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError("its file has a name that no export writes")
    row["parts"] = tuple(row["parts"])
    if row.keys() != {field.name for field in fields(Record)}:
        raise ValueError("its fields are not those of a record")
    record = Record(**row)
    payload = read(name, LARGEST_PERSON)
    entry = encode(decode(record, payload), created=str(record.created))
    kept = {field.name: getattr(entry.record, field.name) for field in fields(Record)}
    if clean_name(record.subject) != record.subject or kept | {"sha256": ""} != asdict(record) | {
        "sha256": ""
    }:
        raise ValueError("its record does not describe its arrays")
    return entry


def _refuse(source: Path, why: str) -> BadInputError:
    return BadInputError(f"{shown(source)} {why}: export it again; nobody was imported.")
