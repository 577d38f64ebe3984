"""Our faces as a system: found, aligned by the 2D-3D refiner or by five points, embedded, compared."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from lineament.assets import require
from lineament.errors import BadInputError, NothingFoundError
from lineament.evaluation.systems import Cosines, Scores, Template, checksum, nominal_rates, unit_vectors
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import SIDES, condition_of, side_of
from lineament.recognition.face_score import normal_parts
from lineament.recognition.recogniser import load_world
from lineament.runtime.face_quality import QualityModel
from lineament.runtime.faces import FaceReader
from lineament.types import Float32, Float64, Int32, UInt8
from lineament.weights import folder

Alignment = Literal["refiner", "five-points"]


def told(calibration: Calibration) -> dict[str, str]:
    """Population, version and content of a calibration, for a run's record."""
    found = {"calibration": f"{calibration.revision} on {calibration.population}"}
    text = calibration.model_dump_json(exclude={"sample"})
    found["calibration content"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    if calibration.sample is not None:
        one = calibration.sample
        found["calibrated"] = (
            f"{one.made}, {one.people} people, {one.photographs} photographs, {one.non_mated:,} non-mated "
            f"comparisons, digest {one.digest}"
        )
    return found


class OwnFaces(Cosines):
    """Our face reader, compared by the cosine of its embeddings."""

    name = "face"

    def __init__(self, reader: FaceReader, alignment: Alignment) -> None:
        self._reader = reader
        self._alignment = alignment
        if alignment == "five-points":
            self.name = "face-unrefined"

    @classmethod
    def load(cls, alignment: Alignment = "refiner") -> "OwnFaces":
        """Open the shipped weights; raises BadInputError naming the asset that lacks."""
        return cls(FaceReader.load(refine=alignment == "refiner"), alignment)

    @property
    def about(self) -> str:
        """One line."""
        how = "2D-3D refiner" if self._alignment == "refiner" else "five points"
        return f"ours: YuNet at several scales, {how}, SFace on two crops (three of turned faces), cosine"

    @property
    def settings(self) -> Mapping[str, str]:
        """Weights and revisions."""
        found = {
            "model": self._reader.model,
            "detector": checksum(require("yunet")),
            "embedding": checksum(require("sface")),
            "quality": QualityModel.load().revision,
        }
        if self._alignment == "refiner":
            found["alignment"] = checksum(folder("face_alignment") / "model.onnx")
        return found

    def template(self, image: UInt8, *, reference: bool) -> Template:
        """The most prominent face of the picture."""
        face = self._reader.best(image)
        if face is None:
            raise NothingFoundError("no face was found")
        return Template(face.embedding, yaw=face.yaw, quality=face.quality)


class CalibratedFaces(OwnFaces):
    """The same, scored as decisions are: normalised by the cohort, calibrated by the face's condition."""

    name = "face-llr"
    calibrated = True

    def __init__(self, reader: FaceReader, calibration: Calibration, cohort: Float32) -> None:
        super().__init__(reader, "refiner")
        self._calibration = calibration
        self._cohort = cohort

    @classmethod
    def calibrated_by(cls, own: Calibration | None) -> "CalibratedFaces":
        """Open the shipped weights, with the shipped calibration where there is no `own`.

        Raises BadInputError when `own` was fixed with another face model.
        """
        reader = FaceReader.load(refine=True)
        chosen = own or Calibration.load(folder("calibration") / "config.json")
        if chosen.face_model != reader.model:
            raise BadInputError(
                f"the calibration on {chosen.stated} was made with another model ({chosen.face_model}, not "
                f"{reader.model}); make it again with `lineament calibrate`"
            )
        return cls(reader, chosen, load_world().faces)

    @property
    def about(self) -> str:
        """One line."""
        return "ours: as face, its score the calibrated log-likelihood ratio that decisions rest on"

    @property
    def comparing(self) -> Mapping[str, str]:  # type: ignore[override]
        """The calibration."""
        return {
            **told(self._calibration),
            "cohort": checksum(folder("calibration") / "world.safetensors"),
        }

    def matrix(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Log-likelihood ratios (p, r), natural."""
        ours, size = normal_parts(unit_vectors(probes), self._cohort)
        theirs, other_size = normal_parts(unit_vectors(references), self._cohort)
        normal = (ours @ theirs.T) * (1 / size[:, None] + 1 / other_size)
        sides = np.maximum(_sides(probes)[:, None], _sides(references)[None])
        return self._calibrated(0.5 * normal, sides)

    def pairs(self, probes: Sequence[Template], references: Sequence[Template]) -> Scores:
        """Log-likelihood ratios (n,), natural."""
        ours, size = normal_parts(unit_vectors(probes), self._cohort)
        theirs, other_size = normal_parts(unit_vectors(references), self._cohort)
        normal = np.einsum("nd,nd->n", ours, theirs) * (1 / size + 1 / other_size)
        return self._calibrated(0.5 * normal, np.maximum(_sides(probes), _sides(references)))

    def _calibrated(self, value: Float32 | Float64, sides: Int32) -> Scores:
        """Of similarities whose more turned face is seen from these `sides`."""
        names = [condition_of(side, rendered=False) for side in range(len(SIDES))]
        lines = [self._calibration.face_lines[name] for name in names]
        slope = np.array([line.slope for line in lines])[sides]
        intercept = np.array([line.intercept for line in lines])[sides]
        weight = self._calibration.face_weight
        ratio = self._calibration.offset["face"] + weight * (slope * value + intercept)
        tail = self._calibration.tails["face"]
        score = np.asarray(ratio, dtype=np.float32)
        return Scores(score, nominal_rates(score, tail.scores, tail.comparisons))


def _sides(templates: Sequence[Template]) -> Int32:
    return np.array([side_of(one.yaw) for one in templates], dtype=np.int32)
