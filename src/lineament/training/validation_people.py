"""Synthetic people who were never trained on, enrolled and probed as users' people are; several processes."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from lineament.errors import NothingFoundError
from lineament.gallery.enrolment.assemble import Consent
from lineament.gallery.enrolment.photographs import enrol_photographs
from lineament.geometry.template import load_template
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import World
from lineament.recognition.confidence import Confidence
from lineament.recognition.pixels import PersonPixels
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.faces import FaceReader
from lineament.runtime.people import read_probe
from lineament.runtime.registrar import Registrar
from lineament.synth.enrolment import enrol_synthetic
from lineament.synth.people import People
from lineament.synth.reserved import refuse_reserved
from lineament.synth.studio import ShotPlan, Studio
from lineament.types import Face, Float32, Probe, Prototype

REFERENCE_SHOTS = (ShotPlan("full", 0.0), ShotPlan("upper", 0.35), ShotPlan("head", -0.6))
PROBE_SHOTS = (
    ShotPlan("upper", 0.1),
    ShotPlan("full", 0.5),
    ShotPlan("head", -0.9),
    ShotPlan("head", 1.4),
    ShotPlan("full", 2.6),
)
FIRST_PROBE = 100
"""Photographs of a person from this number on are probes; those before are references."""
NOBODY = Consent("synthetic", "calibration")


@dataclass(frozen=True, slots=True, eq=False)
class ValidationPerson:
    """One person's references (as a coloured scan, and from photographs unless that failed) and the most
    prominent person of each probe; None for a probe that showed nobody.
    """

    person: int
    references: tuple[Prototype, ...]
    probes: tuple[tuple[PersonPixels | None, Face | None] | None, ...]


class _Site:
    """What a process needs to photograph and read people."""

    def __init__(self, seed: int, count: int, world: World) -> None:
        registrar, reader = Registrar.load(threads=1), FaceReader.load(threads=1)
        self.people = People.load(count, seed)
        self.studio = Studio(seed, self.people)
        self.recogniser = Recogniser(
            registrar,
            reader,
            load_template(),
            uncalibrated(registrar, reader),
            world,
            Confidence.plain(registrar.model),
        )

    def shoot(self, person: int, number: int, plan: ShotPlan) -> Probe:
        image = self.studio.photograph(person, number, plan).image
        return read_probe(f"{person}-{number}", image, self.recogniser.registrar, self.recogniser.reader)

    def meet(self, person: int) -> ValidationPerson:
        name = f"validation {person}"
        references = [enrol_synthetic(name, self.people, person, NOBODY, self.recogniser)]
        shots = [self.shoot(person, k, plan) for k, plan in enumerate(REFERENCE_SHOTS)]
        with suppress(NothingFoundError):
            references.append(enrol_photographs(name, shots, NOBODY, self.recogniser))
        probes = [self.shoot(person, FIRST_PROBE + k, plan) for k, plan in enumerate(PROBE_SHOTS)]
        return ValidationPerson(
            person,
            tuple(references),
            tuple(
                (self.recogniser.pixels(probe.people[0]), probe.people[0].face) if probe.people else None
                for probe in probes
            ),
        )


_site: list[_Site] = []


def _start(seed: int, count: int, features: Float32, faces: Float32) -> None:
    _site.append(_Site(seed, count, World(features, faces)))


def _meet(person: int) -> ValidationPerson:
    return _site[0].meet(person)


def meet_people(seed: int, count: int, world: World, processes: int) -> Iterator[ValidationPerson]:
    """Everybody of the population `seed`, in order; each person depends on the seed and their number
    alone.
    """
    with ProcessPoolExecutor(
        processes,
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(refuse_reserved(seed), count, world.features, world.faces),
    ) as pool:
        yield from pool.map(_meet, range(count))


def uncalibrated(registrar: Registrar, reader: FaceReader) -> Calibration:
    """Stands in while there is no calibration yet; only enrolment and raw comparisons may be asked of it."""
    return Calibration(
        revision="none",
        population="nobody",
        model=registrar.model,
        face_model=reader.model,
        temperature=registrar.temperature,
        face_weight=0.0,
        face_lines={},
        group_weights={},
        body_weight={},
        offset={},
        tails={},
        margin=0.0,
        support_limit=1.0,
    )


def mean_features(registrar: Registrar, people: People) -> np.ndarray:
    """Mean point-branch features (N, D) float16 of a population, without colours."""
    total = 0.0
    for person in range(len(people)):
        held = people.prototype(person)
        everywhere = np.ones(len(held.points), bool)
        total = total + registrar.prototype_features(held.points, held.normals, None, everywhere).astype(
            float
        )
    return np.asarray(total / len(people), dtype=np.float16)
