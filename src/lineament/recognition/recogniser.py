"""The main path in one object: set up once, then ask many times."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from lineament.errors import BadInputError
from lineament.geometry.template import Template, load_template
from lineament.recognition.calibration import Calibration, Mode
from lineament.recognition.comparison import World, compare
from lineament.recognition.confidence import Confidence
from lineament.recognition.covering import Covering, HeadLook, head_look, with_reason, without_head
from lineament.recognition.decision import decide, with_face
from lineament.recognition.evidence import FACE, evidence_of
from lineament.recognition.face_score import unit_rows
from lineament.recognition.matching import match
from lineament.recognition.pixels import PersonPixels, person_pixels
from lineament.recognition.specialised import Specialised, added
from lineament.runtime.faces import FaceReader
from lineament.runtime.people import read_probe
from lineament.runtime.photograph import load_photograph
from lineament.runtime.registrar import Registrar
from lineament.types import Decision, Evidence, Face, Probe, ProbePerson, Prototype, UInt8
from lineament.weights import folder

EXPLAINED = 3
"""Candidates that get full correspondences; the others are only scored."""
DEFAULT_FMR = 1e-3


def load_world() -> World:
    """The shipped mean features and face cohort of synthetic people."""
    tensors = load_file(folder("calibration") / "world.safetensors")
    return World(tensors["features"].astype(np.float32), unit_rows(tensors["faces"].astype(np.float32)))


@dataclass(frozen=True, slots=True, eq=False)
class Recogniser:
    """Reads probes and compares them with prototypes. Make one with `Recogniser.load()`."""

    registrar: Registrar
    reader: FaceReader
    template: Template
    calibration: Calibration
    world: World
    confidence: Confidence
    covering: Covering | None = None
    specialised: Specialised | None = None

    @classmethod
    def load(cls, calibration: Calibration | None = None) -> "Recogniser":
        """Open the shipped weights; raises BadInputError when a model has not been fetched yet."""
        chosen = calibration or Calibration.load(folder("calibration") / "config.json")
        registrar, reader = Registrar.load(), FaceReader.load()
        confidence, covering = Confidence.load().belonging_to(registrar.model), Covering.of(reader.model)
        made = cls(registrar, reader, load_template(), chosen, load_world(), confidence, covering)
        return made.calibrated(chosen)

    def calibrated(self, calibration: Calibration) -> "Recogniser":
        """The same recogniser with another calibration.

        Raises BadInputError when it was fixed with other models.
        """
        if (calibration.model, calibration.face_model) != (self.registrar.model, self.reader.model):
            raise BadInputError(
                f"the calibration on {calibration.stated} was made with other models "
                f"({calibration.model}, {calibration.face_model}); make it again with `lineament calibrate`"
            )
        return replace(self, calibration=calibration)

    def specialised_to(self, adapter: Specialised | None) -> "Recogniser":
        """The same recogniser with a gallery's adapter, or without one."""
        return replace(self, specialised=adapter)

    def probe(self, photograph: Path | str | UInt8) -> Probe:
        """Read a photograph (a path, or (H, W, 3) uint8 sRGB, upright) and find its people."""
        if isinstance(photograph, np.ndarray):
            return read_probe("photograph", photograph, self.registrar, self.reader)
        path = Path(photograph)
        return read_probe(path.name, load_photograph(path), self.registrar, self.reader)

    def pixels(self, person: ProbePerson) -> PersonPixels | None:
        """The samples that a person's body offers for comparison."""
        return person_pixels(person.body, self.template) if person.body is not None else None

    def head(self, person: ProbePerson) -> HeadLook:
        """How the head of a person is seen, and whether something covers it."""
        return head_look(self.pixels(person), person.face, self.template, self.covering)

    def shown(self, person: ProbePerson) -> tuple[PersonPixels | None, Face | None]:
        """What of a person is compared: the body's samples and the face, neither of a covered head."""
        pixels = self.pixels(person)
        if not head_look(pixels, person.face, self.template, self.covering).covered:
            return pixels, person.face
        return None if person.body is None else person_pixels(without_head(person.body), self.template), None

    def evidence(self, person: ProbePerson, prototype: Prototype) -> Evidence | None:
        """Everything measured between a person and a prototype, correspondences included; None when not
        comparable.
        """
        return self._measured(*self.shown(person), prototype)

    def _measured(
        self, pixels: PersonPixels | None, face: Face | None, prototype: Prototype
    ) -> Evidence | None:
        comparison = compare(pixels, face, prototype, self.template, self.world)
        registration = None
        if pixels is not None:
            registration = match(
                pixels,
                prototype,
                self.template,
                temperature=self.calibration.temperature,
                confidence=self.confidence,
            )
        return evidence_of(comparison, registration, pixels, face, self.calibration, self.template)

    def identify(
        self,
        person: ProbePerson,
        prototypes: Sequence[Prototype],
        *,
        fmr: float = DEFAULT_FMR,
    ) -> Decision:
        """Compare one person with every prototype and decide at false match rate `fmr` a comparison."""
        pixels, face = self.shown(person)
        ranked = self._scored(pixels, face, prototypes)
        ratios = self._ratios(person, [evidence for *_, evidence in ranked])
        ranked = [(score + ratios.get(one.subject, 0.0), one, evidence) for score, one, evidence in ranked]
        ranked.sort(key=lambda item: -item[0])
        full = [self._measured(pixels, face, one) or evidence for _, one, evidence in ranked[:EXPLAINED]]
        told = [*full, *(evidence for *_, evidence in ranked[EXPLAINED:])]
        best_mode: Mode | None = None
        if ranked:
            best_mode = "face" if any(p.region == "face" for p in ranked[0][2].parts) else "body"
        elif face is not None or pixels is not None:
            best_mode = "face" if face is not None else "body"
        decision = decide(
            [added(one, ratios[one.subject]) if one.subject in ratios else one for one in told],
            self.calibration,
            fmr=fmr,
            mode=best_mode,
            visible=None if pixels is None else pixels.visible(self.template),
            face_yaw=face.yaw if face is not None else None,
            box=person.box,
            gallery_size=len(prototypes),
        )
        return with_reason(with_face(decision, face), self.head(person))

    def scores(self, person: ProbePerson, prototypes: Sequence[Prototype]) -> dict[str, float]:
        """The score of each prototype that can be compared, without the adapter, by subject."""
        return {one.subject: score for score, one, _ in self._scored(*self.shown(person), prototypes)}

    def _scored(
        self, pixels: PersonPixels | None, face: Face | None, prototypes: Sequence[Prototype]
    ) -> list[tuple[float, Prototype, Evidence]]:
        found = []
        for prototype in prototypes:
            comparison = compare(pixels, face, prototype, self.template, self.world)
            evidence = evidence_of(comparison, None, pixels, face, self.calibration, self.template)
            if evidence is not None:
                found.append((evidence.score, prototype, evidence))
        return found

    def _ratios(self, person: ProbePerson, evidence: Sequence[Evidence]) -> dict[str, float]:
        """What the adapter adds to each candidate: nothing where faces are compared or it knows not all."""
        adapter, body = self.specialised, person.body
        if adapter is None or body is None or body.summary is None or body.model != adapter.model:
            return {}
        if any(part.region == FACE for one in evidence for part in one.parts):
            return {}
        return adapter.ratios(body.summary) if {one.subject for one in evidence} <= {*adapter.people} else {}
