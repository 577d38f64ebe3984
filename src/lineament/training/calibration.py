"""Fix the shipped calibration on synthetic people who were never trained on.

Each validation person is enrolled twice, from photographs and as a coloured scan, and probed by photographs
in other clothes, places and poses. Every probe meets every prototype, so that non-mated comparisons are those
of strangers.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from lineament.geometry.template import load_template
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import Comparison, World, compare
from lineament.recognition.face_score import unit_rows
from lineament.recognition.fitting import fit
from lineament.runtime.faces import FaceReader
from lineament.runtime.registrar import Registrar
from lineament.synth.enrolment import rendered_faces
from lineament.synth.people import People
from lineament.training.confidence import make_confidence
from lineament.training.pooling import fitted, groups_of, judged
from lineament.training.validation_people import PROBE_SHOTS, ValidationPerson, mean_features, meet_people

REVISION = "calibration-4"
VALIDATION_SEED = 9001
"""Population of the calibration; training uses others."""
WORLD_SEED = 9002
COHORT_PEOPLE = 150

LICENCE = "Apache-2.0; the text is in the LICENSE file of the project. Learned from synthetic people only.\n"
CARD = """# {revision}: from measurements to likelihood ratios

`config.json`: lines for face scores by kind of reference and yaw, weights of body parts, offsets and the
upper tails of the non-mated scores, from which thresholds follow. `confidence.json`: what a correspondence's
confidence means, and from which confidence it is kept. `world.safetensors`: mean point features of
{world_people} synthetic people (seed {world_seed}) and a cohort of {cohort_faces} rendered faces. Both belong
to {model} and to no other revision.

- Population: {people} synthetic validation people (seed {seed}) who were never trained on; {references}
  references (photographs, coloured scans), {probes} probes in other clothes and places,
  {probes_without_anyone} of them showed nobody to the registrar; {comparisons:,} comparisons, {mated:,}
  mated.
- A false match rate is a rate of that population. On photographs of real people it can differ: the README
  has what was measured, and `lineament calibrate` fixes rates on your own people.
- Photographs of one probe repeat each other by {dependence[face]:.2f} (faces) and {dependence[body]:.2f}
  (bodies), 1 being wholly; `pooling` in record.json judges that on people held out.
- Repeat: `lineament train calibration` ({minutes:.0f} minutes on two cores).
"""


@dataclass(frozen=True, slots=True)
class CalibrationRun:
    """What a calibration was made of, kept beside it."""

    revision: str
    seed: int
    people: int
    world_seed: int
    world_people: int
    cohort_faces: int
    probes: int
    probes_without_anyone: int
    references: int
    comparisons: int
    mated: int
    pooling: dict[str, dict[str, float]]
    minutes: float


def face_cohort(reader: FaceReader, people: People, say: Callable[[str], None]) -> np.ndarray:
    """Face embeddings (C, D) float16 of renders of a population's heads from all sides."""
    found: list[np.ndarray] = []
    count = min(COHORT_PEOPLE, len(people))
    for person in range(count):
        faces = rendered_faces(people.model, people.body(person), people.identity_look(person), reader)
        found.extend(face.embedding for face in faces)
        say(f"cohort {person + 1} of {count}")
    return np.stack(found).astype(np.float16)


def compare_all(
    met: Sequence[ValidationPerson], world: World
) -> tuple[list[Comparison], np.ndarray, np.ndarray]:
    """Comparisons of every probe with every prototype, which are mated, and their places (n, 4): person,
    number of the photograph, number of the reference over all people, and 1 where the face was left out.

    A probe with a face is compared whole and once more without its face, so that the body alone has a
    calibration of its own.
    """
    template = load_template()
    comparisons: list[Comparison] = []
    mated: list[bool] = []
    places: list[tuple[int, int, int, int]] = []
    references = [(other.person, prototype) for other in met for prototype in other.references]
    for one in met:
        for photograph, probe in enumerate(one.probes):
            if probe is None:
                continue
            pixels, face = probe
            for number, (person, prototype) in enumerate(references):
                for shown in (face, None) if face is not None else (None,):
                    found = compare(pixels, shown, prototype, template, world)
                    if found.has_body or found.face_score is not None:
                        comparisons.append(found)
                        mated.append(person == one.person)
                        places.append((one.person, photograph, number, int(shown is None)))
    return comparisons, np.array(mated), np.array(places, dtype=np.int32).reshape(-1, 4)


def make_world(out: Path, people: int, say: Callable[[str], None]) -> World:
    """Mean features and face cohort of a population of their own, written to `out`/world.safetensors."""
    registrar, reader = Registrar.load(), FaceReader.load()
    strangers = People.load(people, WORLD_SEED)
    features, faces = mean_features(registrar, strangers), face_cohort(reader, strangers, say)
    out.mkdir(parents=True, exist_ok=True)
    save_file({"features": features, "faces": faces}, out / "world.safetensors")
    return World(features.astype(np.float32), unit_rows(faces.astype(np.float32)))


def calibrate_synthetic(
    out: Path,
    people: int,
    world_people: int,
    say: Callable[[str], None],
    *,
    seed: int = VALIDATION_SEED,
    processes: int = 1,
) -> Calibration:
    """Make the world and the calibration, and write both with their record into the folder `out`."""
    start = time.monotonic()
    registrar = Registrar.load()
    make_confidence(out, registrar, say)
    world = make_world(out, world_people, say)
    met = []
    for one in meet_people(seed, people, world, processes):
        met.append(one)
        say(f"validation person {len(met)} of {people}")
    comparisons, mated, places = compare_all(met, world)
    np.savez(out / "comparisons.npz", **_table(comparisons, mated))
    calibration = fit(
        comparisons,
        mated,
        people,
        revision=REVISION,
        population=f"{people} synthetic validation people",
        model=registrar.model,
        face_model=FaceReader.load().model,
        temperature=registrar.temperature,
    )
    groups = groups_of(met, comparisons, places, seed)
    calibration = calibration.model_copy(update={"dependence": fitted(groups, calibration)})
    calibration.save(out / "config.json")
    run = CalibrationRun(
        revision=REVISION,
        seed=seed,
        people=people,
        world_seed=WORLD_SEED,
        world_people=world_people,
        cohort_faces=len(world.faces),
        probes=people * len(PROBE_SHOTS),
        probes_without_anyone=sum(probe is None for one in met for probe in one.probes),
        references=sum(len(one.references) for one in met),
        comparisons=len(comparisons),
        mated=int(mated.sum()),
        pooling=judged(groups, calibration, seed),
        minutes=round((time.monotonic() - start) / 60, 2),
    )
    (out / "record.json").write_text(json.dumps(asdict(run), indent=1) + "\n", encoding="utf-8")
    (out / "CARD.md").write_text(
        CARD.format(**asdict(run), model=calibration.model, dependence=calibration.dependence),
        encoding="utf-8",
    )
    (out / "LICENSE").write_text(LICENCE, encoding="utf-8")
    return calibration


def _table(comparisons: list[Comparison], mated: np.ndarray) -> dict[str, np.ndarray]:
    """The raw measurements as arrays, for a look at what the calibration was fitted to."""

    def column(name: str) -> np.ndarray:
        values = [getattr(one, name) for one in comparisons]
        return np.array([np.nan if value is None else value for value in values], np.float32)

    return {
        "mated": mated,
        "excess": np.stack([one.excess for one in comparisons]).astype(np.float16),
        "share": np.stack([one.share for one in comparisons]).astype(np.float16),
        "cosine": column("face_cosine"),
        "score": column("face_score"),
        "condition": np.array([one.face_condition or "" for one in comparisons]),
    }
