"""Synthetic people enrolled by colourless scans of their heads alone: distractors, and people to be found."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from lineament.assets.store import cache_folder
from lineament.evaluation.scans import ShapeProbe
from lineament.gallery.enrolment import scan_shape
from lineament.gallery.enrolment.scan_head import follow_head
from lineament.gallery.enrolment.scan_shape import ShapeReader
from lineament.geometry.site_model import SiteModel
from lineament.runtime.faces import LOOKS, TURNED_LOOKS
from lineament.synth.head_scan import HeadScanner, placed
from lineament.synth.people import People
from lineament.synth.seeds import generator
from lineament.synth.studio import ShotPlan, Studio
from lineament.types import Float32
from lineament.writing import replacing

SAVE_EVERY: Final = 20
TURN, SHIFT = 0.03, 0.003
"""Radians and metres by which a scan is held otherwise than the head, before it is fitted."""
YAWS: Final = tuple(np.radians((0.0, 20.0, 40.0, 60.0, 80.0)).tolist())
Say = Callable[[str], None]


class ScannedPeople:
    """A population, and what scans of them say of their faces."""

    def __init__(self, people: People, seed: int, shapes: ShapeReader) -> None:
        self._people, self._seed, self._shapes = people, seed, shapes
        self._scanner, self._model = HeadScanner(people.model), SiteModel.load()

    def vector(self, person: int) -> Float32:
        """The vector (D,) of a person, scanned and fitted as people are."""
        body, template = self._people.body(person), self._shapes.template
        rng = generator(self._seed, "head scan", person)
        scan = self._scanner.scan(f"person {person}", body, rng)
        rotation, translation = placed(body, template)
        turn = _small_turn(rng.normal(0, TURN, 3))
        middle = template.positions[template.parts == 1].mean(axis=0).astype(np.float64)
        held = turn @ (translation - middle) + middle + rng.normal(0, SHIFT, 3)
        fit = follow_head(scan, turn @ rotation, held, self._model, template)
        return self._shapes.embed(scan, fit)

    def probes(self, person: int, studio: Studio) -> list[ShapeProbe]:
        """Photographs of a person's head from YAWS, in clothes, places and light of their own."""
        vector, found = self.vector(person), []
        for number, yaw in enumerate(YAWS):
            image = studio.photograph(person, number, ShotPlan("head", yaw if number % 2 else -yaw)).image
            face = self._shapes.reader.best(image)
            name = f"{person} {np.degrees(yaw):.0f} degrees"
            group = f"{np.degrees(yaw):.0f} degrees"
            found.append(ShapeProbe(name, group, None if face is None else face.embedding, vector))
        return found


def distractors(count: int, seed: int, shapes: ShapeReader, say: Say) -> Float32:
    """Vectors (count, D) of the first people of a population of `count`; about 0.7 s of one core each, kept,
    so that they are made once and an interrupted call goes on.
    """
    path = _kept(seed, shapes)
    known = list(np.load(path, allow_pickle=False)) if path.is_file() else []
    if len(known) < count:
        # A person is the same in a population of any size.
        people = ScannedPeople(People.load(count, seed), seed, shapes)
        for person in range(len(known), count):
            known.append(people.vector(person))
            if len(known) % SAVE_EVERY == 0 or len(known) == count:
                path.parent.mkdir(parents=True, exist_ok=True)
                with replacing(path) as partial, partial.open("wb") as file:
                    np.save(file, np.stack(known))
                say(f"distractor {len(known)} of {count}")
    return np.stack(known[:count])


def people_found(count: int, seed: int, shapes: ShapeReader, say: Say) -> list[ShapeProbe]:
    """Probes of everybody of a population."""
    population = People.load(count, seed)
    scanned, studio = ScannedPeople(population, seed, shapes), Studio(seed, population)
    probes = []
    for person in range(count):
        probes += scanned.probes(person, studio)
        say(f"person {person + 1} of {count}")
    return probes


def _kept(seed: int, shapes: ShapeReader) -> Path:
    """Where distractors lie that this model made from this average head."""
    settings = f"{shapes.reader.model} {LOOKS} {TURNED_LOOKS} {scan_shape.YAWS.tolist()}"
    digest = hashlib.sha256(settings.encode())
    for array in (shapes.common, shapes.head.points, shapes.head.colours):
        digest.update(np.ascontiguousarray(array).tobytes())
    return cache_folder() / "scans" / f"distractors-{seed}-{digest.hexdigest()[:12]}.npy"


def _small_turn(vector: np.ndarray) -> np.ndarray:
    """The rotation (3, 3) of a rotation vector (3,)."""
    return np.asarray(Rotation.from_rotvec(vector).as_matrix())
