"""The whole recogniser as a system: one photograph is enrolled, another probes, face and body together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import safetensors.numpy

from lineament.errors import NothingFoundError
from lineament.evaluation.own_faces import OwnFaces, told
from lineament.evaluation.systems import NOWHERE, Scores, Template, checksum, nominal_rates
from lineament.gallery.enrolment.assemble import Consent
from lineament.gallery.enrolment.photographs import enrol_photographs
from lineament.gallery.record import Entry, decode_arrays, encode
from lineament.recognition.calibration import Calibration, Mode, mode_of
from lineament.recognition.comparison import compare
from lineament.recognition.pixels import PersonPixels
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.registrar import MODEL_FOLDER
from lineament.types import Face, ProbePerson, Prototype, UInt8
from lineament.weights import folder

_AGREED = Consent("", "one evaluation, not kept in a gallery")
_PIXELS = ("xy", "grid", "parts", "part_probability", "places", "features", "sites", "weights")
_TEXTS = ("subject", "source", "template", "model", "face_model", "consent", "purpose", "note", "residual")
_NO_VECTOR = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What is compared of a probe: its pixels, its face, or both."""

    pixels: PersonPixels | None
    face: Face | None


class OwnPeople:
    """`lineament verify` as a system; its score is the calibrated log-likelihood ratio."""

    name = "whole"
    calibrated = True
    about = "ours: the whole recogniser, one photograph enrolled, face and body, calibrated"

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    @classmethod
    def calibrated_by(cls, own: Calibration | None) -> "OwnPeople":
        """Open the shipped weights, with the shipped calibration where there is no `own`.

        Raises BadInputError when `own` was fixed with other models.
        """
        return cls(Recogniser.load(own))

    @property
    def settings(self) -> Mapping[str, str]:
        """Weights and revisions."""
        chosen = self._recogniser
        return {
            **OwnFaces(chosen.reader, "refiner").settings,
            "registration": f"{chosen.registrar.model} {checksum(MODEL_FOLDER / 'image.onnx')}",
            "points": checksum(MODEL_FOLDER / "points.onnx"),
            "template": chosen.template.revision,
            "covering": "" if chosen.covering is None else f"threshold {chosen.covering.threshold:.4f}",
        }

    @property
    def comparing(self) -> Mapping[str, str]:
        """The calibration."""
        chosen = self._recogniser
        return {
            **told(chosen.calibration),
            "world": checksum(folder("calibration") / "world.safetensors"),
        }

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """The largest person of the picture; where it is a reference, enrolled too."""
        probe = self._recogniser.probe(image)
        if not probe.people:
            raise NothingFoundError("nobody was found")
        person = probe.people[0]
        yaw = float("nan") if person.face is None else person.face.yaw
        entry, refused = None, ""
        if reference:
            try:
                entry = encode(enrol_photographs("reference", [probe], _AGREED, self._recogniser))
            except NothingFoundError as error:
                refused = str(error)
        return Template(_NO_VECTOR, self._packed(person, entry), yaw, refused)

    def _packed(self, person: ProbePerson, enrolled: Entry | None) -> bytes:
        arrays: dict[str, np.ndarray] = {}
        pixels, face = self._recogniser.shown(person)
        if pixels is not None:
            arrays |= {f"pixels.{name}": np.ascontiguousarray(getattr(pixels, name)) for name in _PIXELS}
        if face is not None:
            arrays |= {"face.embedding": face.embedding, "face.yaw": np.array([face.yaw, face.quality])}
        texts = {}
        if enrolled is not None:
            arrays["prototype"] = np.frombuffer(enrolled.payload, dtype=np.uint8)
            texts = {name: getattr(enrolled.record, name) for name in _TEXTS}
        return safetensors.numpy.save(arrays, {"prototype": json.dumps(texts)})

    def matrix(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Log-likelihood ratios (p, r), natural; -inf where nothing could be compared."""
        prototypes = [_prototype(one) for one in references]
        score = np.full((len(probes), len(references)), -np.inf, dtype=np.float32)
        nominal = np.full(score.shape, NOWHERE, dtype=np.float32)
        for row, one in enumerate(probes):
            seen = _seen(one)
            for column, prototype in enumerate(prototypes):
                score[row, column], nominal[row, column] = self._compared(seen, prototype)
        return Scores(score, nominal)

    def pairs(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Log-likelihood ratios (n,), natural; -inf where nothing could be compared."""
        rows = [
            self._compared(_seen(a), _prototype(b)) for a, b in zip(probes, references, strict=True)
        ] or np.zeros((0, 2))
        score, nominal = np.asarray(rows, dtype=np.float32).T
        return Scores(score, nominal)

    def _compared(self, seen: _Seen, prototype: Prototype) -> tuple[float, float]:
        chosen = self._recogniser
        comparison = compare(seen.pixels, seen.face, prototype, chosen.template, chosen.world)
        found = chosen.calibration.contributions(comparison)
        mode: Mode | None = mode_of(comparison)
        if found is None or mode is None:
            return float("-inf"), NOWHERE
        score = found[0] + sum(found[1].values())
        tail = chosen.calibration.tails.get(mode)
        if tail is None:
            return score, NOWHERE
        return score, float(nominal_rates(np.array([score]), tail.scores, tail.comparisons)[0])


def _seen(template: Template) -> _Seen:
    arrays = safetensors.numpy.load(template.content)
    pixels, face = None, None
    if "pixels.xy" in arrays:
        pixels = PersonPixels(**{name: arrays[f"pixels.{name}"] for name in _PIXELS})
    if "face.embedding" in arrays:
        yaw, quality = (float(value) for value in arrays["face.yaw"])
        face = Face(
            box=np.zeros(4, np.float32),
            landmarks=np.zeros((5, 2), np.float32),
            score=1.0,
            yaw=yaw,
            quality=quality,
            crop=np.zeros((112, 112, 3), np.uint8),
            embedding=arrays["face.embedding"],
        )
    return _Seen(pixels, face)


def _prototype(template: Template) -> Prototype:
    length = int.from_bytes(template.content[:8], "little")
    texts = json.loads(json.loads(template.content[8 : 8 + length])["__metadata__"]["prototype"])
    if not texts:
        raise ValueError("this template was made of a probe; a reference is enrolled")
    arrays = safetensors.numpy.load(template.content)
    return decode_arrays(arrays["prototype"].tobytes(), **texts)
