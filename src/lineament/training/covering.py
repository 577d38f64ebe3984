"""What tells a covered face (mask, scarf, dark glasses) from a bare one: a direction of the face embeddings.

Learned on synthetic heads that are bare or covered at random, whatever else they wear; people who judge it
are left out of what it is learned from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from lineament.distributions import Choice, Fixed, Uniform
from lineament.recognition.covering import FILE, Covering
from lineament.runtime.faces import FaceReader
from lineament.synth.people import People
from lineament.synth.plan import Plan
from lineament.synth.reserved import refuse_reserved
from lineament.synth.stream import Generator
from lineament.types import Bool, Float32, Float64, Int32

SEED: Final = 9006
PEOPLE: Final = 60
PICTURES: Final = 360
FOLDS: Final = 5
SHRINKAGE: Final = 0.3
"""Share of the mean variance in the covariance: there are more numbers in an embedding than people."""
FALSE_ALARMS: Final = 0.01
"""Share of the bare faces of people left out that may be called covered."""
_SIZE: Final = 224
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class SeenFaces:
    """embeddings (n, D) unit rows; covered (n,); person (n,) numbers."""

    embeddings: Float32
    covered: Bool
    person: Int32


def plan() -> Plan:
    """Heads from the front to the side, half of them with a mask, a scarf or dark glasses."""
    return Plan(
        _SIZE,
        _SIZE,
        {
            "scene.nobody": Fixed(False),
            "scene.company": Fixed(0),
            "framing.region": Fixed("face"),
            "framing.fill": Uniform(0.3, 0.6),
            "framing.yaw": Uniform(*np.radians((-80, 80))),
            "occlusion.kind": Fixed("none"),
            "clothing.mask": Choice({"none": 0.64, "medical": 0.14, "cloth": 0.11, "scarf": 0.11}),
            "clothing.glasses": Choice({"none": 0.5, "clear": 0.25, "dark": 0.25}),
        },
    )


def seen_faces(seed: int, pictures: int, people: int, reader: FaceReader, say: Say) -> SeenFaces:
    """The faces that are found in pictures of a population."""
    generator = Generator(seed, People.load(people, refuse_reserved(seed)), plan())
    embeddings, covered, person = [], [], []
    for number in range(pictures):
        sample = generator.sample(number)
        face, worn = reader.best(sample.image), sample.covariates.people[0]
        if face is not None and worn.clothing is not None:
            embeddings.append(face.embedding)
            covered.append(worn.clothing.mask != "none" or worn.clothing.glasses == "dark")
            person.append(worn.person)
        if (number + 1) % 40 == 0 or number + 1 == pictures:
            say(f"picture {number + 1} of {pictures}")
    return SeenFaces(np.stack(embeddings), np.array(covered), np.array(person, dtype=np.int32))


def direction(embeddings: Float32, covered: Bool) -> Float64:
    """(D,) Fisher's linear discriminant, its covariance drawn towards a multiple of the identity."""
    kinds = [embeddings[~covered].astype(np.float64), embeddings[covered].astype(np.float64)]
    inner = np.concatenate([kind - kind.mean(axis=0) for kind in kinds])
    covariance = inner.T @ inner / len(inner)
    mean = np.trace(covariance) / len(covariance)
    drawn = (1 - SHRINKAGE) * covariance + SHRINKAGE * mean * np.eye(len(covariance))
    found = np.linalg.solve(drawn, kinds[1].mean(axis=0) - kinds[0].mean(axis=0))
    return np.asarray(found / np.linalg.norm(found))


def fit_covering(seen: SeenFaces, face_model: str) -> Covering:
    """The direction from everybody; threshold and rates from people left out in turn."""
    score = np.zeros(len(seen.covered))
    for fold in range(FOLDS):
        out = seen.person % FOLDS == fold
        score[out] = seen.embeddings[out] @ direction(seen.embeddings[~out], seen.covered[~out])
    threshold = float(np.quantile(score[~seen.covered], 1 - FALSE_ALARMS, method="higher"))
    return Covering(
        face_model=face_model,
        direction=tuple(float(round(one, 5)) for one in direction(seen.embeddings, seen.covered)),
        threshold=threshold,
        found=float((score[seen.covered] > threshold).mean()),
        false_alarms=float((score[~seen.covered] > threshold).mean()),
        people=len(np.unique(seen.person)),
        photographs=len(score),
    )


def make_covering(out: Path, say: Say, *, pictures: int = PICTURES, people: int = PEOPLE) -> Covering:
    """Learn it and write it into the folder `out`."""
    reader = FaceReader.load()
    made = fit_covering(seen_faces(SEED, pictures, people, reader, say), reader.model)
    out.mkdir(parents=True, exist_ok=True)
    made.save(out / FILE)
    return made
