"""Is everything in the gallery what was enrolled? Checksums, vectors, revisions, and the file itself."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from lineament.errors import BadInputError
from lineament.gallery.record import Record, decode
from lineament.gallery.store import Store
from lineament.gallery.vectors import vectors_of


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with what to do. subject: whom it touches, None for the gallery as a whole."""

    subject: str | None
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found. models and templates: people by model or template revision."""

    people: int
    sound: int
    models: dict[str, int]
    templates: dict[str, int]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems


_RESTORE = "restore the gallery from a backup or an export"
_AGAIN = "enrol the person again with --replace, or restore the gallery from a backup or an export"


def check(store: Store) -> CheckReport:
    """Read everybody and compare with what was written; never raises for damage, reports it."""
    problems = [Problem(None, fault, _RESTORE) for fault in store.faults()]
    try:
        records = store.records()
        pending = store.erasure_pending()
    except BadInputError as error:
        return CheckReport(0, 0, {}, {}, (*problems, Problem(None, str(error), _RESTORE)))
    broken = [p for p in (_check_person(store, record) for record in records) if p is not None]
    models = dict(Counter(record.model for record in records))
    templates = dict(Counter(record.template for record in records))
    problems += broken
    faces = Counter(record.face_model for record in records if record.face_model is not None)
    for what, found in (("models", models), ("templates", templates), ("face models", faces)):
        if len(found) > 1:
            listed = ", ".join(f"{name} ({count})" for name, count in sorted(found.items()))
            problems.append(
                Problem(None, f"people of different {what}: {listed}", "enrol those of the older ones again")
            )
    if pending:
        problems.append(
            Problem(
                None,
                "somebody was removed while another process was reading; the bytes may still be in the file",
                "end the other process, then run the check again with write access",
            )
        )
    return CheckReport(len(records), len(records) - len(broken), models, templates, tuple(problems))


def _check_person(store: Store, record: Record) -> Problem | None:
    try:
        held = store.load(record.subject)
        if held is None:
            return None
        prototype = decode(*held)
        wanted = {
            (vector.kind, vector.view): (vector.model, vector.values) for vector in vectors_of(prototype)
        }
        stored = store.vectors_of(record.subject)
    except (BadInputError, ValueError) as error:
        return Problem(record.subject, str(error), _AGAIN)
    if wanted.keys() != stored.keys():
        return Problem(record.subject, "its search vectors are not complete", _AGAIN)
    for key, (model, values) in wanted.items():
        other, raw = stored[key]
        if model != other or len(raw) != values.nbytes:
            return Problem(record.subject, "its search vectors are of another model", _AGAIN)
        if not np.allclose(np.frombuffer(raw, "<f4"), values, atol=1e-5):
            return Problem(record.subject, "its search vectors are not those of the prototype", _AGAIN)
    return None
