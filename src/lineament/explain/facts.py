"""Every number of a report as one JSON record: what the page, the picture and the words are made of.

Schema "lineament.report/1". Scores, thresholds, margins and contributions are natural log-likelihood ratios;
pixels are x, y in the photograph, centres at +0.5; lengths in metres unless their name ends in _cm; angles in
degrees. A number that is not finite is null. Each entry of `words` carries JSON pointers below its person to
the numbers in it, and their values.
"""

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from lineament.anatomy import PART_NAMES
from lineament.explain.agreement import Agreements
from lineament.explain.groups import FACE, REGIONS, absence, group_evidence, possible_points
from lineament.explain.measured_json import agreements_json, hardships_json, words_json
from lineament.explain.measured_words import (
    face_statement,
    hardship_statements,
    length_statements,
    picture_statement,
)
from lineament.explain.measuring import Measured, measured
from lineament.explain.photographs import photographs_json
from lineament.explain.scale import LN10, SCALE_NAME, support_words
from lineament.explain.words import Statement, decision_statements, limits
from lineament.types import Decision, Evidence, Face, Probe, ProbePerson, Prototype, Registration

Json = dict[str, Any]
SCHEMA: Final = "lineament.report/1"
LISTED: Final = 20
"""Candidates that a report lists; a gallery may hold very many."""


def _number(value: float | None, digits: int = 6) -> float | None:
    """A float that JSON can hold."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def enrolled_regions(prototype: Prototype) -> tuple[str, ...]:
    """Regions that a prototype holds: its enrolled parts, and the face when it has face templates."""
    parts = tuple(PART_NAMES[p] for p in prototype.enrolled_parts if p)
    return (*((FACE,) if prototype.face is not None else ()), *parts)


def _matches(registration: Registration) -> Json:
    return {
        "count": len(registration.sites),
        "pixels": np.round(registration.pixels.astype(float), 2).tolist(),
        "sites": registration.sites.tolist(),
        "parts": registration.parts.tolist(),
        "cosine": np.round(registration.cosine.astype(float), 4).tolist(),
        "confidence": np.round(registration.confidence.astype(float), 4).tolist(),
    }


def _prototype(prototype: Prototype) -> Json:
    return {
        "subject": prototype.subject,
        "source": prototype.source,
        "template": prototype.template,
        "model": prototype.model,
        "face_model": prototype.face.model if prototype.face is not None else None,
        "face_views": len(prototype.face.yaws) if prototype.face is not None else 0,
        "consent": prototype.consent,
        "purpose": prototype.purpose,
        "residual_metres": _number(prototype.residual),
        "sites": len(prototype.points),
        "sites_measured": int(prototype.measured.sum()),
        "enrolled": list(enrolled_regions(prototype)),
        "note": prototype.note,
    }


def _candidate(
    evidence: Evidence, prototype: Prototype | None, in_full: bool, limit: float, found: Agreements | None
) -> Json:
    enrolled = enrolled_regions(prototype) if prototype is not None else None
    parts = [
        {
            "region": part.region,
            "visible": _number(part.visible),
            "matched": part.matched,
            "possible": possible_points(part),
            "rate": _number(part.rate),
            "similarity": _number(part.similarity),
            "contribution": _number(part.contribution, 9),
        }
        for part in evidence.parts
    ]
    groups = [
        {
            "group": one.group.name,
            "visible": _number(one.visible),
            "matched": one.matched,
            "possible": one.possible,
            "similarity": _number(one.similarity),
            "contribution": _number(one.contribution, 9),
            "support": support_words(one.contribution, limit),
            "sources": list(one.sources),
        }
        for one in group_evidence(evidence)
    ]
    yaw = evidence.face_yaw
    shown = in_full and evidence.registration is not None
    return {
        "subject": evidence.subject,
        "score": _number(evidence.score, 9),
        "likelihood_ratio_log10": _number(evidence.score / LN10),
        "support": support_words(evidence.score, limit),
        "offset": _number(evidence.offset, 9),
        "sum_of_contributions": _number(sum(part.contribution for part in evidence.parts), 9),
        "parts": parts,
        "silent": {
            region: why for region in REGIONS if (why := absence(region, evidence, enrolled)) is not None
        },
        "groups": groups,
        "cardinality": _number(evidence.cardinality),
        "evenness": _number(evidence.evenness),
        "mean_log_probability": _number(evidence.mean_log_probability),
        "face_yaw_degrees": _number(math.degrees(yaw), 2) if yaw is not None else None,
        "matches": _matches(evidence.registration) if shown and evidence.registration is not None else None,
        "measured": agreements_json(found),
        "prototype": _prototype(prototype) if in_full and prototype is not None else None,
        **({"photographs": photographs_json(evidence)} if evidence.photographs else {}),
    }


def _decision(decision: Decision) -> Json:
    return {
        "subject": decision.subject,
        "abstained": decision.abstained,
        "score": _number(decision.score, 9),
        "support": support_words(decision.score, decision.support_limit)
        if decision.score is not None
        else None,
        "threshold": _number(decision.threshold, 9),
        "fmr": decision.fmr,
        "population": decision.population,
        "support_limit": _number(decision.support_limit),
        "margin": _number(decision.margin, 9),
        "reason": decision.reason,
    }


def person_box(decision: Decision, person: ProbePerson | None) -> list[float] | None:
    """x0, y0, x1, y1 of the person in photograph pixels, where known."""
    box = decision.box if decision.box is not None else (person.box if person is not None else None)
    return [round(float(v), 2) for v in box] if box is not None else None


def _statements(
    decision: Decision,
    held: Prototype | None,
    seen: Measured | None,
    found: Agreements | None,
    face: Face | None,
) -> tuple[Statement, ...]:
    """The decision, then what was measured, then what made it hard."""
    said = list(decision_statements(decision, enrolled_regions(held) if held is not None else None))
    best = decision.candidates[0] if decision.candidates else None
    if best is not None and (one := face_statement(best, 0, decision.support_limit)) is not None:
        said.append(one)
    if found is not None:
        said += length_statements(found, "/candidates/0/measured")
    if seen is not None:
        said += hardship_statements(seen.hardships, "/hardships")
    if face is not None and face.reasons:
        said.append(picture_statement(face))
    return tuple(said)


def _person(
    number: int,
    decision: Decision,
    person: ProbePerson | None,
    prototypes: Mapping[str, Prototype],
    shown: int,
    shape: tuple[int, ...],
) -> Json:
    best = decision.candidates[0] if decision.candidates else None
    held = prototypes.get(best.subject) if best is not None else None
    face = person.face if person is not None else None
    seen = measured(person, shape) if person is not None and held is not None else None
    against = [
        seen.against(prototypes[one.subject]) if seen is not None and one.subject in prototypes else None
        for one in decision.candidates[:shown]
    ]
    statements = _statements(decision, held, seen, against[0] if against else None, face)
    record: Json = {
        "number": number,
        "box": person_box(decision, person),
        "face": None
        if face is None
        else {
            "box": [round(float(v), 2) for v in face.box],
            "yaw_degrees": _number(math.degrees(face.yaw), 2),
            "quality": _number(face.quality),
            "quality_reasons": list(face.reasons),
            "detection_score": _number(face.score),
        },
        "registration_model": person.body.model if person is not None and person.body is not None else None,
        "decision": _decision(decision),
        "compared": len(decision.candidates),
        "candidates": [
            _candidate(
                evidence,
                prototypes.get(evidence.subject),
                place < shown,
                decision.support_limit,
                against[place] if place < shown else None,
            )
            for place, evidence in enumerate(decision.candidates[:LISTED])
        ],
        "hardships": hardships_json(seen.hardships) if seen is not None else None,
        "limits": list(limits(decision)),
    }
    record["words"] = words_json(statements, record)
    return record


def report_record(
    probe: Probe,
    decisions: tuple[Decision, ...],
    prototypes: Mapping[str, Prototype],
    *,
    title: str,
    shown: int,
) -> Json:
    """The whole report as a JSON-ready record.

    decisions: one per person of the probe, in its order. shown: how many leading candidates carry their
    matches.
    """
    height, width = probe.image.shape[:2]
    people = [
        _person(
            i + 1,
            decision,
            probe.people[i] if i < len(probe.people) else None,
            prototypes,
            shown,
            (height, width),
        )
        for i, decision in enumerate(decisions)
    ]
    return {
        "schema": SCHEMA,
        "title": title,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "software": f"lineament {version('lineament')}",
        "units": {
            "scores": "natural log-likelihood ratio",
            "pixels": "x, y of the photograph, centres at +0.5",
        },
        "scale": SCALE_NAME,
        "photograph": {
            "name": probe.name,
            "width": width,
            "height": height,
            "sha256_of_pixels": hashlib.sha256(np.ascontiguousarray(probe.image).tobytes()).hexdigest(),
        },
        "people": people,
    }
