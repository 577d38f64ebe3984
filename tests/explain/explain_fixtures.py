"""A mannequin of ellipsoids, a photograph of it, and evidence that is true to neither: material for
reports."""

import numpy as np

from lineament.anatomy import PART_INDEX, PART_NAMES
from lineament.explain.still import draw_still
from lineament.types import (
    Decision,
    Evidence,
    Face,
    FaceTemplates,
    PartEvidence,
    Probe,
    ProbePerson,
    Prototype,
    Registration,
)

POPULATION = "synthetic validation people"
_SHAPES = {
    "head": ((0.0, 0.0, 1.62), (0.085, 0.1, 0.13), 620),
    "torso": ((0.0, 0.0, 1.2), (0.19, 0.12, 0.33), 420),
    "left_upper_arm": ((0.25, 0.0, 1.3), (0.05, 0.05, 0.17), 90),
    "left_forearm": ((0.3, 0.0, 1.03), (0.04, 0.04, 0.15), 80),
    "left_hand": ((0.33, 0.0, 0.82), (0.03, 0.045, 0.09), 90),
    "left_thigh": ((0.1, 0.0, 0.73), (0.085, 0.09, 0.24), 130),
    "left_calf": ((0.11, 0.0, 0.31), (0.06, 0.06, 0.23), 100),
    "left_foot": ((0.12, -0.06, 0.05), (0.045, 0.13, 0.045), 90),
}


def _ellipsoid(centre, radii, count):
    """Points spread evenly (Fibonacci), and their normals."""
    height = 1 - 2 * (np.arange(count) + 0.5) / count
    turn = np.arange(count) * np.pi * (3 - np.sqrt(5))
    around = np.sqrt(1 - height**2)
    unit = np.stack([around * np.cos(turn), around * np.sin(turn), height], axis=1)
    outward = unit / np.asarray(radii)
    return np.asarray(centre) + unit * radii, outward / np.linalg.norm(outward, axis=1, keepdims=True)


def mannequin():
    """points, normals, parts of about 2,600 sites."""
    pieces = []
    for name, (centre, radii, count) in _SHAPES.items():
        points, normals = _ellipsoid(centre, radii, count)
        pieces.append((points, normals, PART_INDEX[name]))
        if name.startswith("left_"):
            flip = np.array([-1.0, 1.0, 1.0])
            pieces.append((points * flip, normals * flip, PART_INDEX["right_" + name[5:]]))
    points, normals = (np.concatenate([p[i] for p in pieces]).astype(np.float32) for i in (0, 1))
    parts = np.concatenate([np.full(len(p[0]), p[2], dtype=np.uint8) for p in pieces])
    return points, normals, parts


def make_prototype(subject="P01", *, face=True, measured=None, coloured=True):
    points, normals, parts = mannequin()
    count = len(points)
    rng = np.random.default_rng(len(subject))
    features = np.zeros((count, 8), dtype=np.float16)
    features[:, 0] = 1.0
    templates = FaceTemplates(
        np.eye(4, 16, dtype=np.float32),
        np.zeros(4, dtype=np.float32),
        np.zeros(4, dtype=bool),
        "sface-2021dec",
    )
    return Prototype(
        subject=subject,
        points=points,
        normals=normals,
        colours=rng.integers(90, 210, (count, 3)).astype(np.uint8) if coloured else None,
        parts=parts,
        measured=np.ones(count, dtype=bool) if measured is None else np.isin(parts, measured),
        features=features,
        face=templates if face else None,
        source="scan",
        template="mannequin-1",
        model="registration-1",
        consent="consent/2026-014",
        purpose="access to laboratory B",
        residual=0.0021,
    )


def make_probe(people=1, size=(900, 700), name="street.jpg"):
    """A photograph of the mannequin, once for each of `people`, side by side."""
    width = size[1] // people
    shown = draw_still(make_prototype(), None, size=(width, size[0]), ground=(150, 160, 150))
    image = np.concatenate([shown.image] * people, axis=1)
    found = []
    for i in range(people):
        box = np.array(
            [i * width + 0.15 * width, 20, i * width + 0.85 * width, size[0] - 20], dtype=np.float32
        )
        head = shown.pixels[make_prototype().parts == PART_INDEX["head"]]
        face_box = np.array(
            np.concatenate([head.min(0), head.max(0)]) + np.tile((i * width, 0), 2), dtype=np.float32
        )
        face = Face(
            face_box,
            np.tile(face_box[:2] + 20, (5, 1)).astype(np.float32),
            0.93,
            -0.2,
            0.8,
            np.indices((112, 112)).sum(0)[..., None].repeat(3, axis=2).astype(np.uint8),
            np.eye(1, 16, dtype=np.float32)[0],
        )
        found.append(ProbePerson(box, None, face))
    return Probe(name, image, tuple(found)), shown.pixels, width


def make_registration(place=0, width=700, pixels=None, seed=0, hidden=("left_hand", "right_hand")):
    """Every third site that faces the camera is matched, a little noisily; `hidden` parts are not."""
    prototype = make_prototype()
    rng = np.random.default_rng(seed)
    facing = prototype.normals[:, 1] < -0.15
    shown = ~np.isin(prototype.parts, [PART_INDEX[name] for name in hidden])
    sites = np.flatnonzero(facing & shown)[::2].astype(np.int32)
    at = pixels[sites] + rng.normal(scale=1.5, size=(len(sites), 2)) + (place * width, 0)
    visible = np.full(15, 0.6, dtype=np.float32)
    return Registration(
        pixels=at.astype(np.float32),
        sites=sites,
        parts=prototype.parts[sites],
        cosine=rng.uniform(0.55, 0.97, len(sites)).astype(np.float32),
        confidence=rng.uniform(0.4, 0.99, len(sites)).astype(np.float32),
        visible=visible,
    )


_CONTRIBUTIONS = {
    "face": 4.1,
    "head": 3.2,
    "torso": 1.1,
    "left_thigh": 0.6,
    "right_thigh": 0.5,
    "left_upper_arm": -0.9,
}


def make_evidence(subject="P01", *, registration=None, scale=1.0, offset=-2.5, contributions=None):
    """Evidence over the face and all parts; `scale` multiplies the contributions."""
    said = _CONTRIBUTIONS if contributions is None else contributions
    parts = []
    for region in ("face", *PART_NAMES[1:]):
        value = scale * said.get(region, 0.0)
        hidden = region.endswith("hand")
        matched = 0 if hidden or region == "face" else 40
        if region == "head":
            matched = 412
        rate = 0.0 if not matched else 412 / 530 if region == "head" else 0.5
        similarity = 0.0 if hidden else {"head": 0.83, "face": 0.61}.get(region, 0.7)
        parts.append(PartEvidence(region, 0.0 if hidden else 0.9, matched, rate, similarity, value))
    score = offset + sum(part.contribution for part in parts)
    return Evidence(subject, tuple(parts), offset, score, 310.5, 0.82, -0.41, registration, -0.2)


def make_decision(
    candidates, *, subject="P01", threshold=3.0, fmr=1e-3, reason="score and margin pass", box=None
):
    ranked = tuple(sorted(candidates, key=lambda one: -one.score))
    margin = ranked[0].score - ranked[1].score if len(ranked) > 1 else None
    return Decision(
        subject=subject,
        score=ranked[0].score if ranked else None,
        threshold=threshold,
        fmr=fmr,
        population=POPULATION,
        margin=margin,
        reason=reason,
        candidates=ranked,
        box=box,
    )


def make_case(people=1, subjects=("P01", "P07"), name="street.jpg"):
    """Probe, decisions and prototypes: person 1 is named, person 2 (if any) is not, person 3 has no
    candidates."""
    probe, pixels, width = make_probe(people, name=name)
    decisions = []
    for i in range(people):
        first = make_registration(i, width, pixels, seed=i)
        second = make_registration(
            i, width, pixels, seed=50 + i, hidden=("left_hand", "right_hand", "left_foot", "head")
        )
        if i == 2:
            decisions.append(
                make_decision((), subject=None, reason="nobody is enrolled", box=probe.people[i].box)
            )
            continue
        candidates = (
            make_evidence(subjects[0], registration=first, scale=1.0 if i == 0 else 0.5),
            make_evidence(subjects[1], registration=second, scale=0.2),
            make_evidence("P11", registration=second, scale=0.1),
        )
        named = i == 0
        decisions.append(
            make_decision(
                candidates,
                subject=subjects[0] if named else None,
                reason="score and margin pass" if named else "the best score stays below the threshold",
                box=probe.people[i].box,
            )
        )
    prototypes = {name: make_prototype(name) for name in subjects}
    return probe, tuple(decisions), prototypes
