"""Fix the shipped calibration on synthetic people who were never trained on.

Each validation person is enrolled twice, from photographs and as a coloured scan, and probed by photographs
in other clothes, places and poses. Every probe meets every prototype, so that non-mated comparisons are those
of strangers.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from lineament.errors import NothingFoundError
from lineament.gallery.enrolment.assemble import Consent
from lineament.gallery.enrolment.photographs import enrol_photographs
from lineament.geometry.template import load_template
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import Comparison, World, compare
from lineament.recognition.face_score import unit_rows
from lineament.recognition.fitting import fit
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.faces import FaceReader
from lineament.runtime.people import read_probe
from lineament.runtime.registrar import Registrar
from lineament.synth.enrolment import enrol_synthetic, rendered_faces
from lineament.synth.people import People
from lineament.synth.studio import ShotPlan, Studio
from lineament.types import Probe, Prototype

VALIDATION_SEED = 9001
"""Population of the calibration; training uses others."""
WORLD_SEED = 9002
REFERENCE_SHOTS = (ShotPlan("full", 0.0), ShotPlan("upper", 0.35), ShotPlan("head", -0.6))
PROBE_SHOTS = (
    ShotPlan("upper", 0.1),
    ShotPlan("full", 0.5),
    ShotPlan("head", -0.9),
    ShotPlan("head", 1.4),
    ShotPlan("full", 2.6),
)
COHORT_PEOPLE = 150
CONFIDENCE = 0.25
"""Least confidence of a correspondence that is kept: the probability that the pixel lies about that site."""
NOBODY = Consent("synthetic", "calibration")


@dataclass(frozen=True, slots=True)
class CalibrationRun:
    """What a calibration was made of, kept beside it."""

    seed: int
    people: int
    world_people: int
    probes: int
    probes_without_anyone: int
    references: int
    failures_to_enrol: int
    comparisons: int
    mated: int
    minutes: float


def world_features(registrar: Registrar, people: People) -> np.ndarray:
    """Mean point-branch features (N, D) float16 of a population, without colours."""
    total = 0.0
    for person in range(len(people)):
        held = people.prototype(person)
        everywhere = np.ones(len(held.points), bool)
        total = total + registrar.prototype_features(held.points, held.normals, None, everywhere).astype(
            float
        )
    return np.asarray(total / len(people), dtype=np.float16)


def face_cohort(reader: FaceReader, people: People, say: Callable[[str], None]) -> np.ndarray:
    """Face embeddings (C, D) float16 of renders of a population's heads from all sides."""
    found: list[np.ndarray] = []
    for person in range(min(COHORT_PEOPLE, len(people))):
        faces = rendered_faces(people.model, people.body(person), people.identity_look(person), reader)
        found.extend(face.embedding for face in faces)
        say(f"cohort {person + 1} of {min(COHORT_PEOPLE, len(people))}")
    return np.stack(found).astype(np.float16)


def _uncalibrated(registrar: Registrar, reader: FaceReader) -> Calibration:
    """Stands in while there is no calibration yet; only enrolment and raw comparisons may be asked of it."""
    return Calibration(
        revision="none",
        population="nobody",
        model=registrar.model,
        face_model=reader.model,
        temperature=registrar.temperature,
        confidence=CONFIDENCE,
        face_weight=0.0,
        face_lines={},
        group_weights={},
        body_weight={},
        offset={},
        tails={},
        margin=0.0,
        support_limit=1.0,
    )


def references(
    people: People, studio: Studio, recogniser: Recogniser, say: Callable[[str], None]
) -> tuple[list[tuple[int, Prototype]], int]:
    """Both prototypes of every person, and how often enrolment failed."""
    kept: list[tuple[int, Prototype]] = []
    failures = 0
    for person in range(len(people)):
        name = f"validation {person}"
        kept.append((person, enrol_synthetic(name, people, person, NOBODY, recogniser)))
        probes = [_shoot(studio, person, k, plan, recogniser) for k, plan in enumerate(REFERENCE_SHOTS)]
        try:
            kept.append((person, enrol_photographs(name, probes, NOBODY, recogniser)))
        except NothingFoundError:
            failures += 1
        say(f"enrolled {person + 1} of {len(people)}")
    return kept, failures


def _shoot(studio: Studio, person: int, number: int, plan: ShotPlan, recogniser: Recogniser) -> Probe:
    image = studio.photograph(person, number, plan).image
    return read_probe(f"{person}-{number}", image, recogniser.registrar, recogniser.reader)


def compare_all(
    people: People,
    studio: Studio,
    recogniser: Recogniser,
    kept: list[tuple[int, Prototype]],
    say: Callable[[str], None],
) -> tuple[list[Comparison], np.ndarray, int]:
    """Comparisons of every probe with every prototype, which are mated, and how many probes showed nobody.

    The most prominent person is compared whole and, when it has a face, once more without it, so that the
    body alone has a calibration of its own.
    """
    comparisons: list[Comparison] = []
    mated: list[bool] = []
    empty = 0
    for person in range(len(people)):
        for k, plan in enumerate(PROBE_SHOTS):
            probe = _shoot(studio, person, 100 + k, plan, recogniser)
            if not probe.people:
                empty += 1
                continue
            shown = probe.people[0]
            pixels = recogniser.pixels(shown)
            for owner, prototype in kept:
                for face in {id(f): f for f in (shown.face, None)}.values():
                    found = compare(pixels, face, prototype, recogniser.template, recogniser.world)
                    if found.has_body or found.face_cosine is not None:
                        comparisons.append(found)
                        mated.append(owner == person)
        say(f"probed {person + 1} of {len(people)}")
    return comparisons, np.array(mated), empty


def calibrate_synthetic(
    out: Path, people: int, world_people: int, say: Callable[[str], None], *, seed: int = VALIDATION_SEED
) -> Calibration:
    """Make the world features and the calibration, and write both with their record into the folder `out`."""
    start = time.monotonic()
    registrar, reader = Registrar.load(), FaceReader.load()
    strangers = People.load(world_people, WORLD_SEED)
    features, faces = world_features(registrar, strangers), face_cohort(reader, strangers, say)
    out.mkdir(parents=True, exist_ok=True)
    save_file({"features": features, "faces": faces}, out / "world.safetensors")
    world = World(features.astype(np.float32), unit_rows(faces.astype(np.float32)))
    recogniser = Recogniser(registrar, reader, load_template(), _uncalibrated(registrar, reader), world)
    population = People.load(people, seed)
    studio = Studio(seed, population)
    kept, failures = references(population, studio, recogniser, say)
    comparisons, mated, empty = compare_all(population, studio, recogniser, kept, say)
    np.savez(out / "comparisons.npz", **_table(comparisons, mated))
    calibration = fit(
        comparisons,
        mated,
        people,
        revision="calibration-1",
        population=f"{people} synthetic validation people",
        model=registrar.model,
        face_model=reader.model,
        temperature=registrar.temperature,
        confidence=CONFIDENCE,
    )
    calibration.save(out / "calibration.json")
    run = CalibrationRun(
        seed=seed,
        people=people,
        world_people=world_people,
        probes=people * len(PROBE_SHOTS),
        probes_without_anyone=empty,
        references=len(kept),
        failures_to_enrol=failures,
        comparisons=len(comparisons),
        mated=int(mated.sum()),
        minutes=round((time.monotonic() - start) / 60, 2),
    )
    (out / "record.json").write_text(json.dumps(asdict(run), indent=1) + "\n", encoding="utf-8")
    return calibration


def _table(comparisons: list[Comparison], mated: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "mated": mated,
        "excess": np.stack([c.excess for c in comparisons]).astype(np.float16),
        "share": np.stack([c.share for c in comparisons]).astype(np.float16),
        "cosine": np.array(
            [np.nan if c.face_cosine is None else c.face_cosine for c in comparisons], np.float32
        ),
        "score": np.array(
            [np.nan if c.face_score is None else c.face_score for c in comparisons], np.float32
        ),
        "condition": np.array([c.face_condition or "" for c in comparisons]),
    }
