"""The gallery of enrolled people, as everybody else uses it."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery import archive
from lineament.gallery.calibration import StoredCalibration
from lineament.gallery.check import CheckReport, check
from lineament.gallery.faults import damaged, shown
from lineament.gallery.names import clean_name, printable
from lineament.gallery.record import Record, decode, encode
from lineament.gallery.search import Hit, VectorIndex
from lineament.gallery.sqlite import SqliteStore
from lineament.gallery.store import OF_PEOPLE, Store
from lineament.gallery.vectors import Kind
from lineament.types import Float32, Prototype

ADAPTER = "adapter"
"""Name under which `Gallery.derived` keeps what `lineament specialise` made."""
_CALIBRATION = "calibration"
_DOMAINS = "domains"


@dataclass(frozen=True, slots=True)
class Imported:
    """Who came in from an archive, and whether a calibration was taken over (only where there was none)."""

    subjects: tuple[str, ...]
    calibration: bool


class Gallery:
    """Enrolled prototypes in one file: kept, searched, erased.

    One process writes while others read; what `add` has returned from survives kill -9 and power loss. Every
    method raises BadInputError, in one line that says what to do, when the file is in use, damaged, full or
    read-only, and NothingFoundError for a subject that is not enrolled; nobody enrolled before is lost by
    either.
    """

    def __init__(self, path: Path, store: Store) -> None:
        self.path = path
        self._store = store
        self._indices: dict[tuple[Kind, str], VectorIndex] = {}

    @classmethod
    def open(
        cls, path: str | Path, *, create: bool = True, readonly: bool = False, wait: float = 5.0
    ) -> "Gallery":
        """Open the gallery file at `path`; without one, make it, unless `create` is False or `readonly`.

        An older layout is brought up to date. `wait`: seconds to wait for a process that is writing.
        """
        place = Path(path)
        store = SqliteStore(place, create=create, readonly=readonly, wait=wait)
        gallery = cls(place, store)
        if not readonly and store.erasure_pending():
            # What cannot be done now stays noted in the file: `check` tells, the next opening tries again.
            with suppress(BadInputError):
                store.erase()
        return gallery

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.subjects())

    def __contains__(self, subject: object) -> bool:
        return isinstance(subject, str) and self._store.record(clean_name(subject)) is not None

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def add(self, prototype: Prototype, replace: bool = False) -> Record:
        """Enrol a person, on the disk when this returns; a name that is taken raises unless `replace`."""
        entry = encode(prototype)
        self._store.put([entry], replace=replace)
        return entry.record

    def get(self, subject: str) -> Prototype:
        """The prototype of a person, its checksum verified."""
        name = clean_name(subject)
        held = self._store.load(name)
        if held is None:
            raise self._unknown(name)
        return self._decoded(*held)

    def record(self, subject: str) -> Record:
        """Everything kept of a person but the arrays."""
        name = clean_name(subject)
        found = self._store.record(name)
        if found is None:
            raise self._unknown(name)
        return found

    def records(self) -> list[Record]:
        """Everything kept of everybody but the arrays, by name."""
        return self._store.records()

    def subjects(self) -> list[str]:
        """Names of everybody enrolled, sorted."""
        return [record.subject for record in self._store.records()]

    def prototypes(self) -> Iterator[Prototype]:
        """Everybody's prototype, by name, one at a time in memory; people removed meanwhile are left out."""
        for record in self._store.records():
            held = self._store.load(record.subject)
            if held is not None:
                yield self._decoded(*held)

    def remove(self, *subjects: str) -> tuple[Record, ...]:
        """Erase people, all or none, and their bytes with them; what was kept of them.

        The file is written anew without them, so this takes free space of the gallery's size. When another
        process keeps the gallery open for reading, the people are gone at once but their bytes wait:
        BadInputError says so, and they are wiped when the gallery is next opened for writing. Copies
        elsewhere (backups, exports, what a file system or drive keeps of overwritten blocks) are beyond
        reach.
        """
        records = tuple(self.record(subject) for subject in dict.fromkeys(map(clean_name, subjects)))
        self._store.delete([record.subject for record in records])
        names = ", ".join(printable(record.subject, 40) for record in records[:3])
        try:
            done = self._store.erase()
        except BadInputError as error:
            raise BadInputError(f"{names}: removed, but not yet wiped from the file. {error}") from error
        if not done:
            raise BadInputError(
                f"{names}: removed, but another process reads {shown(self.path)} and holds the bytes: "
                "end it, then run 'lineament gallery check' to wipe them."
            )
        return records

    def search_faces(self, embedding: Float32, top: int = 10, *, model: str | None = None) -> list[Hit]:
        """People whose face views are nearest to `embedding` (D,), best first; `model` as for `search`."""
        return self._search("face", embedding, top, model)

    def search(self, vector: Float32, top: int = 10, *, model: str | None = None) -> list[Hit]:
        """People nearest to a body vector (`vectors.body_vector`) by cosine, best first; exact.

        `model`: which made `vector`; may be left out while the gallery holds a single one. BadInputError when
        the gallery holds several, or only others: vectors of different models cannot be compared.
        """
        return self._search("body", vector, top, model)

    def require_revision(self, model: str, template: str, *, face_model: str | None = None) -> None:
        """Raise BadInputError, with names and the command, unless everybody was enrolled with these."""
        wanted = {"model": model, "template": template}
        for record in (records := self._store.records()):
            if record.face_model is not None and face_model is not None and record.face_model != face_model:
                others = [r for r in records if r.face_model not in (None, face_model)]
                raise self._other_revision("face model", record.face_model, face_model, others)
            for what, now in wanted.items():
                if (then := getattr(record, what)) != now:
                    others = [r for r in records if getattr(r, what) != now]
                    raise self._other_revision(what, then, now, others)

    def calibration(self, domain: str = "") -> StoredCalibration | None:
        """The calibration fixed on the user's own people for a domain, or None.

        "" is the one that decides where no domain is named.
        """
        return self.calibrations().get(domain)

    def calibrations(self) -> dict[str, StoredCalibration]:
        """The calibration of each domain, by name."""
        single, several = (self._store.document(name) for name in (_CALIBRATION, _DOMAINS))
        try:
            texts = [] if several is None else json.loads(several)
            if not isinstance(texts, list):
                raise ValueError("its domains are no list")
            found = [
                StoredCalibration.parse(text) for text in (*([] if single is None else [single]), *texts)
            ]
        except (ValueError, TypeError) as error:
            raise damaged(self.path, f"its calibration: {error}") from error
        return {one.domain: one for one in found}

    def set_calibration(
        self, values: Mapping[str, Any], population: str, domain: str = ""
    ) -> StoredCalibration:
        """Keep a domain's calibration (JSON values) and on whom it was fixed, in place of the one before.

        Its version is one more than that of the one before.
        """
        before = self.calibration(domain)
        version = 1 if before is None else before.version + 1
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        kept = StoredCalibration(population, dict(values), now, domain, version)
        self._keep(kept)
        return kept

    def _keep(self, calibration: StoredCalibration) -> None:
        if not calibration.domain:
            self._store.set_document(_CALIBRATION, calibration.as_text())
            return
        held = {name: one for name, one in self.calibrations().items() if name}
        held[calibration.domain] = calibration
        self._store.set_document(_DOMAINS, json.dumps([one.as_text() for one in held.values()]))

    def derived(self, name: str) -> bytes | None:
        """What `set_derived` kept, unless somebody was erased or replaced since."""
        text = self._store.document(OF_PEOPLE + name)
        try:
            return None if text is None else b64decode(text, validate=True)
        except ValueError as error:
            raise damaged(self.path, f"its {name}: {error}") from error

    def set_derived(self, name: str, payload: bytes | None) -> None:
        """Keep something learned from everybody enrolled, in place of the one before; None takes it out.

        It goes with the first person who is erased or replaced, since it was made of them too, and is not
        exported.
        """
        if payload is None:
            self._store.drop_document(OF_PEOPLE + name)
        else:
            self._store.set_document(OF_PEOPLE + name, b64encode(payload).decode("ascii"))

    def export(self, target: str | Path, subjects: Sequence[str] | None = None) -> int:
        """Write everybody (or `subjects`) to a new folder, or zip when so named; how many people."""
        names = self.subjects() if subjects is None else [self.record(name).subject for name in subjects]
        held = (self._store.load(name) for name in names)
        try:
            people = (one for one in held if one is not None)
            return archive.write(Path(target), people, tuple(self.calibrations().values()))
        except ValueError as error:
            raise damaged(self.path, f"export stopped: {error}") from error

    def import_(self, source: str | Path, replace: bool = False) -> Imported:
        """Enrol everybody of an exported folder or zip, all or none; taken names raise unless `replace`."""
        with archive.reading(Path(source)) as opened:
            names = self._store.put(opened.entries, replace=replace)
        mine = self.calibrations()
        taken = [one for one in opened.calibrations if one.domain not in mine]
        for one in taken:
            self._keep(one)
        return Imported(names, bool(taken))

    def check(self) -> CheckReport:
        """Compare everybody with what was enrolled; damage is reported, not raised."""
        return check(self._store)

    def _decoded(self, record: Record, payload: bytes) -> Prototype:
        try:
            return decode(record, payload)
        except ValueError as error:
            raise damaged(self.path, f"'{record.subject}': {error}") from error

    def _unknown(self, subject: str) -> NothingFoundError:
        return NothingFoundError(
            f"'{printable(subject)}' is not enrolled in {shown(self.path)}: "
            "'lineament gallery list' shows who is."
        )

    def _other_revision(self, what: str, then: str, now: str, others: Sequence[Record]) -> BadInputError:
        names = ", ".join(printable(record.subject, 40) for record in others[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        return BadInputError(
            f"{names}{more} in {shown(self.path)} were enrolled with {what} {printable(then, 40)}, this is "
            f"{printable(now, 40)}: enrol them again with "
            f"'lineament enrol SUBJECT FILE --gallery {shown(self.path)} --replace'."
        )

    def _search(self, kind: Kind, vector: Float32, top: int, model: str | None) -> list[Hit]:
        held = self._store.models(kind)
        if not held:
            return []
        wanted = held[0] if model is None else model
        if len(held) > 1 or wanted not in held:
            others = [
                r
                for r in self._store.records()
                if (r.face_model if kind == "face" else r.model) not in (None, wanted)
            ]
            raise self._other_revision(
                f"the {kind} model", next(m for m in held if m != wanted), wanted, others
            )
        index = self._indices.setdefault((kind, wanted), VectorIndex(self._store, kind, wanted))
        return index.search(vector, top)
