"""What a gallery keeps of one person, and how a prototype becomes bytes and back."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, get_args

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from lineament.errors import BadInputError
from lineament.gallery.names import check_text, clean_name
from lineament.gallery.vectors import Vector, vectors_of
from lineament.types import FaceTemplates, Prototype, Source

_ARRAYS: Final = {
    "points": np.float32,
    "normals": np.float32,
    "parts": np.uint8,
    "measured": np.bool_,
    "features": np.float16,
}
_FACE: Final = {"embeddings": "face.embeddings", "yaws": "face.yaws", "rendered": "face.rendered"}
_OPTIONAL: Final = {
    "colours": np.uint8,
    "face.embeddings": np.float32,
    "face.yaws": np.float32,
    "face.rendered": np.bool_,
}
_TEXTS: Final = (
    "subject",
    "source",
    "template",
    "model",
    "face_model",
    "consent",
    "purpose",
    "note",
    "residual",
)


@dataclass(frozen=True, slots=True)
class Record:
    """Everything kept of one person but the arrays.

    created: UTC, ISO 8601 to the second. residual: metres. parts: classes with a measured site. sites and
    measured: their numbers. views: views of the face. sha256: of the fields above it and of the arrays'
    bytes.
    """

    subject: str
    source: Source
    template: str
    model: str
    face_model: str | None
    consent: str
    purpose: str
    note: str
    residual: float
    created: str
    parts: tuple[int, ...]
    sites: int
    measured: int
    views: int
    coloured: bool
    sha256: str

    def digest(self, payload: bytes) -> str:
        """sha256 (hex) of this record's fields but `sha256`, as sorted JSON, followed by `payload`."""
        kept = {name: value for name, value in asdict(self).items() if name != "sha256"}
        head = json.dumps(kept, sort_keys=True, ensure_ascii=True).encode()
        return hashlib.sha256(head + b"\n" + payload).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One person as a store takes it: the record, the arrays as safetensors bytes, the vectors."""

    record: Record
    payload: bytes
    vectors: tuple[Vector, ...]


def _check(prototype: Prototype) -> None:
    """Raise BadInputError for what a gallery must not keep."""
    who = prototype.subject
    finite: list[NDArray[Any]] = [
        prototype.points,
        prototype.normals,
        prototype.features,
        np.array([prototype.residual]),
    ]
    if prototype.face is not None:
        finite += [prototype.face.embeddings, prototype.face.yaws]
        norms = np.linalg.norm(prototype.face.embeddings.astype(np.float64), axis=1)
        if not np.allclose(norms, 1.0, atol=1e-3):
            raise BadInputError(
                f"The face embeddings of '{who}' are not of unit length: enrol the person again."
            )
    if not all(bool(np.isfinite(array).all()) for array in finite):
        raise BadInputError(
            f"The prototype of '{who}' holds values that are not finite: enrol the person again."
        )
    if prototype.source not in get_args(Source):
        raise BadInputError(
            f"The source '{prototype.source}' of '{who}' is none of {', '.join(get_args(Source))}."
        )


def encode(prototype: Prototype, created: str | None = None) -> Entry:
    """Turn a prototype into what a store takes; `created` defaults to now.

    Raises BadInputError for a name or text that a gallery does not take and for values that are not finite.
    """
    subject = clean_name(prototype.subject)
    _check(prototype)
    arrays = {name: getattr(prototype, name) for name in _ARRAYS}
    if prototype.colours is not None:
        arrays["colours"] = prototype.colours
    face = prototype.face
    if face is not None:
        arrays |= {key: getattr(face, name) for name, key in _FACE.items()}
    kinds = _ARRAYS | _OPTIONAL
    payload = safetensors.numpy.save(
        {name: np.ascontiguousarray(array, dtype=kinds[name]) for name, array in arrays.items()}
    )
    unsigned = Record(
        subject=subject,
        source=prototype.source,
        template=clean_name(prototype.template, "template revision"),
        model=clean_name(prototype.model, "model revision"),
        face_model=None if face is None else clean_name(face.model, "face model"),
        consent=check_text(prototype.consent, "consent reference"),
        purpose=check_text(prototype.purpose, "purpose"),
        note=check_text(prototype.note, "note"),
        residual=float(prototype.residual),
        created=created or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        parts=prototype.enrolled_parts,
        sites=len(prototype.points),
        measured=int(np.count_nonzero(prototype.measured)),
        views=0 if face is None else len(face.embeddings),
        coloured=prototype.colours is not None,
        sha256="",
    )
    return Entry(sign(unsigned, payload), payload, vectors_of(prototype))


def sign(record: Record, payload: bytes) -> Record:
    """The record with its sha256 set."""
    kept = {field.name: getattr(record, field.name) for field in fields(record)}
    return Record(**(kept | {"sha256": record.digest(payload)}))


def decode(record: Record, payload: bytes) -> Prototype:
    """The prototype of a record; ValueError when the bytes are not what was stored, saying what is wrong."""
    if record.digest(payload) != record.sha256:
        raise ValueError("its checksum does not fit")
    return decode_arrays(payload, **{name: getattr(record, name) for name in _TEXTS})


def decode_arrays(payload: bytes, *, face_model: str | None, **texts: Any) -> Prototype:
    """The prototype of safetensors bytes and its other fields; ValueError when they do not fit."""
    try:
        arrays = safetensors.numpy.load(payload)
    except (SafetensorError, KeyError, TypeError) as error:
        raise ValueError(f"its arrays cannot be read ({error})") from error
    for name, kind in (_ARRAYS | _OPTIONAL).items():
        if name in arrays and arrays[name].dtype != kind:
            raise ValueError(f"its {name} are {arrays[name].dtype}, expected {np.dtype(kind)}")
    wanted = [*_ARRAYS, *(_FACE.values() if face_model is not None else ())]
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise ValueError(f"its {missing[0]} are missing")
    face = None
    if face_model is not None:
        face = FaceTemplates(**{name: arrays[key] for name, key in _FACE.items()}, model=face_model)
    held: dict[str, Any] = {name: arrays[name] for name in _ARRAYS}
    return Prototype(**held, colours=arrays.get("colours"), face=face, **texts)
