"""Several photographs of one person as one probe: compared apart, pooled, decided once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineament.errors import NothingFoundError
from lineament.recognition.comparison import compare, face_condition
from lineament.recognition.decision import decide
from lineament.recognition.evidence import FACE, Shown, measures_of, part_evidence, visible_in
from lineament.recognition.face_score import normalised
from lineament.recognition.matching import match
from lineament.recognition.pooling import Look, Pool, pool
from lineament.recognition.recogniser import DEFAULT_FMR, EXPLAINED, Recogniser
from lineament.types import Decision, Evidence, Face, PhotographEvidence, Probe, ProbePerson, Prototype

DOUBT: Final = float(np.log(10.0))
"""A log-likelihood ratio this far below 0 between two of the faces is told: they may be two people."""


@dataclass(frozen=True, slots=True, eq=False)
class Photographed:
    """One photograph of the person. person: None where it shows nobody. note: what a reader must know."""

    name: str
    person: ProbePerson | None
    note: str = ""


def photographed(probe: Probe) -> Photographed:
    """The most prominent person of a photograph."""
    count = len(probe.people)
    note = f"the most prominent of {count} people" if count > 1 else ""
    return Photographed(probe.name, probe.people[0] if count else None, note)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    prototype: Prototype
    looks: tuple[Look, ...]
    pool: Pool


def identify_together(
    recogniser: Recogniser,
    photographs: Sequence[Photographed],
    prototypes: Sequence[Prototype],
    *,
    fmr: float = DEFAULT_FMR,
) -> tuple[Decision, int]:
    """One decision for a person of several photographs, and the number of the photograph that speaks most for
    the best candidate; box and correspondences are of that one.

    Raises NothingFoundError when none shows anybody, BadInputError when the calibration cannot know the
    threshold.
    """
    people = [(k, one.person) for k, one in enumerate(photographs) if one.person is not None]
    if not people:
        raise NothingFoundError(f"no person was found in any of the {len(photographs)} photographs")
    shown = [Shown(*recogniser.shown(person)) for _, person in people]
    ranked = sorted(_candidates(recogniser, shown, prototypes), key=lambda one: -one.pool.score)
    leading = _leading(ranked[0].pool) if ranked else 0
    doubts = _doubts(recogniser, shown, leading)
    found = []
    for place, one in enumerate(ranked):
        matched = _matched(recogniser, shown, one.prototype) if place < EXPLAINED else shown
        told = _told(recogniser, photographs, [k for k, _ in people], one, matched, doubts)
        found.append(_evidence(recogniser, one, matched, leading, told))
    faces = [one.face for one in shown if one.face is not None]
    decision = decide(
        found,
        recogniser.calibration,
        fmr=fmr,
        mode=ranked[0].pool.mode if ranked else "face" if faces else "body",
        visible=None if all(one.pixels is None for one in shown) else visible_in(shown, recogniser.template),
        face_yaw=min((face.yaw for face in faces), key=abs, default=None),
        box=people[leading][1].box,
        gallery_size=len(prototypes),
        photographs=len(people),
    )
    return decision, people[leading][0]


def _candidates(
    recogniser: Recogniser, shown: Sequence[Shown], prototypes: Sequence[Prototype]
) -> list[_Candidate]:
    found = []
    for prototype in prototypes:
        looks = tuple(
            Look(
                compare(one.pixels, one.face, prototype, recogniser.template, recogniser.world),
                one.face.quality if one.face is not None else 0.0,
            )
            for one in shown
        )
        pooled = pool(looks, recogniser.calibration)
        if pooled is not None:
            found.append(_Candidate(prototype, looks, pooled))
    return found


def _leading(pooled: Pool) -> int:
    return int(np.argmax([sum(one.values()) for one in pooled.brought]))


def _matched(recogniser: Recogniser, shown: Sequence[Shown], prototype: Prototype) -> list[Shown]:
    return [
        one
        if one.pixels is None
        else Shown(
            one.pixels,
            one.face,
            match(
                one.pixels,
                prototype,
                recogniser.template,
                temperature=recogniser.calibration.temperature,
                confidence=recogniser.confidence,
            ),
        )
        for one in shown
    ]


def _evidence(
    recogniser: Recogniser,
    candidate: _Candidate,
    shown: Sequence[Shown],
    leading: int,
    told: tuple[PhotographEvidence, ...],
) -> Evidence:
    pooled, face = candidate.pool, shown[leading].face
    cosines = [
        (look.comparison.face_cosine, look.weight(FACE))
        for look in candidate.looks
        if look.comparison.face_cosine is not None
    ]
    total = sum(weight for _, weight in cosines)
    cosine = sum(value * weight for value, weight in cosines) / total if cosines else 0.0
    parts = part_evidence(pooled.contributions, shown, cosine, recogniser.template)
    measures = measures_of(shown, recogniser.template)
    return Evidence(
        subject=candidate.prototype.subject,
        parts=parts,
        offset=pooled.offset,
        score=pooled.offset + sum(part.contribution for part in parts),
        cardinality=measures.cardinality,
        evenness=measures.evenness,
        mean_log_probability=measures.mean_log_probability,
        registration=shown[leading].registration,
        face_yaw=face.yaw if face is not None and FACE in pooled.contributions else None,
        photographs=told,
    )


def _told(
    recogniser: Recogniser,
    photographs: Sequence[Photographed],
    people: Sequence[int],
    candidate: _Candidate,
    shown: Sequence[Shown],
    doubts: Sequence[str],
) -> tuple[PhotographEvidence, ...]:
    """What each photograph brought, those without anybody included."""
    told = []
    for number, one in enumerate(photographs):
        if number not in people:
            told.append(PhotographEvidence(one.name, None, 0.0, note="nobody was found"))
            continue
        place = people.index(number)
        brought, seen = candidate.pool.brought[place], shown[place]
        alone = pool([candidate.looks[place]], recogniser.calibration)
        told.append(
            PhotographEvidence(
                name=one.name,
                alone=None if alone is None else alone.score,
                brought=sum(brought.values()),
                regions=tuple(brought.items()),
                matched=0 if seen.registration is None else len(seen.registration.sites),
                face_yaw=seen.face.yaw if seen.face is not None and FACE in brought else None,
                note="; ".join(filter(None, (one.note, doubts[place], *_poor(seen.face)))),
            )
        )
    return tuple(told)


def _poor(face: Face | None) -> tuple[str, ...]:
    return () if face is None else tuple(f"its face: {reason}" for reason in face.reasons[:1])


def _doubts(recogniser: Recogniser, shown: Sequence[Shown], leading: int) -> list[str]:
    """Where a face speaks against that of the leading photograph: the photographs may show two people."""
    first = shown[leading].face
    return [
        "" if first is None or one.face is None or one.face is first else _doubt(recogniser, one.face, first)
        for one in shown
    ]


def _doubt(recogniser: Recogniser, face: Face, first: Face) -> str:
    calibration = recogniser.calibration
    score = float(normalised(face.embedding, first.embedding[None], recogniser.world.faces)[0])
    line = calibration.face_lines.get(face_condition(face.yaw, first.yaw, rendered=False))
    ratio = 0.0 if line is None else calibration.offset["face"] + calibration.face_weight * line.value(score)
    return "" if ratio > -DOUBT else f"its face speaks against the leading photograph's ({ratio:+.1f})"
