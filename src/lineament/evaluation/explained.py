"""Our own explanations put to the test: regions on a probe's pixels, and its score when some are hidden."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from lineament.anatomy import PART_INDEX
from lineament.errors import NothingFoundError
from lineament.evaluation.bins import mated_of
from lineament.evaluation.comparisons import PairScores, SampleTable, ScoreMatrix
from lineament.evaluation.explanations import Case, Saliency, judged, occlusion
from lineament.evaluation.export import within
from lineament.evaluation.plan import Plan
from lineament.gallery.enrolment.assemble import Consent
from lineament.gallery.enrolment.photographs import enrol_photographs
from lineament.recognition.comparison import compare
from lineament.recognition.recogniser import Recogniser
from lineament.runtime.photograph import load_photograph
from lineament.types import Bool, Evidence, Float32, Float64, ProbePerson, Prototype, UInt8

_HALF: Final = 0.5
TRIES: Final = 5
"""Comparisons of one person that are looked at until one speaks for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Against:
    """Scores pictures of one person against one prototype."""

    recogniser: Recogniser
    prototype: Prototype
    box: Float32

    def __call__(self, image: UInt8) -> float:
        """The log-likelihood ratio of whoever is where the person was; 0 where nobody can be compared."""
        people = self.recogniser.probe(image).people
        person = max(people, key=lambda one: _overlap(one.box, self.box), default=None)
        if person is None or _overlap(person.box, self.box) == 0:
            return 0.0
        chosen = self.recogniser
        pixels = chosen.pixels(person)
        comparison = compare(pixels, person.face, self.prototype, chosen.template, chosen.world)
        found = chosen.calibration.contributions(comparison)
        return 0.0 if found is None else found[0] + sum(found[1].values())


def region_pixels(person: ProbePerson, shape: tuple[int, ...]) -> dict[str, Bool]:
    """Region -> (H, W), which pixels of the photograph it covers: each part, and "face" by its box."""
    found: dict[str, Bool] = {}
    if person.body is not None:
        matrix = person.body.to_photo.copy()
        matrix[:, 2] += matrix[:, :2] @ np.array([_HALF, _HALF]) - _HALF
        size = (shape[1], shape[0])
        parts = cv2.warpAffine(person.body.parts, matrix, size, flags=cv2.INTER_NEAREST)
        found = {name: np.asarray(parts == index) for name, index in PART_INDEX.items() if index}
    if person.face is not None:
        x0, y0, x1, y1 = (round(float(v)) for v in person.face.box)
        face = np.zeros(shape[:2], dtype=bool)
        face[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = True
        found["face"] = face
    return found


def named_pixels(evidence: Evidence, regions: dict[str, Bool]) -> Float64:
    """(H, W): each region's contribution spread evenly over its pixels, regions that overlap added up."""
    shape = next(iter(regions.values())).shape
    named = np.zeros(shape)
    for part in evidence.parts:
        mask = regions.get(part.region)
        if mask is not None and mask.any():
            named[mask] += part.contribution / int(mask.sum())
    return named


def cases_of(
    plan: Plan,
    recogniser: Recogniser,
    most: int,
    seed: int,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    saliency: Saliency = occlusion,
) -> list[Case]:
    """Up to `most` mated comparisons of different people, drawn by the seed, judged one by one.

    Only comparisons that speak for the person are asked (a score above 0): there is nothing to lose in
    others. Pairs whose probe or reference shows nobody are passed over.
    """
    rng = np.random.default_rng(seed)
    cases: dict[str, Case] = {}
    tried: Counter[str] = Counter()
    for probe, reference in _drawn(plan, rng):
        subject = plan.dataset.records[probe].subject
        if subject in cases or tried[subject] == TRIES:
            continue
        if len(cases) == most:
            break
        progress("explanations", len(cases), most)
        tried[subject] += 1
        case = _case(plan, recogniser, probe, reference, rng, saliency)
        if case is not None:
            cases[subject] = case
    return list(cases.values())


def _case(
    plan: Plan,
    recogniser: Recogniser,
    probe: int,
    reference: int,
    rng: np.random.Generator,
    saliency: Saliency,
) -> Case | None:
    images = [_image(plan, row) for row in (probe, reference)]
    shown = [None if image is None else recogniser.probe(image) for image in images]
    if images[0] is None or shown[0] is None or shown[1] is None or not shown[0].people:
        return None
    try:
        agreed = Consent("", "one evaluation, not kept in a gallery")
        prototype = enrol_photographs("reference", [shown[1]], agreed, recogniser)
    except NothingFoundError:
        return None
    person = shown[0].people[0]
    evidence = recogniser.evidence(person, prototype)
    if evidence is None or evidence.score <= 0:
        return None
    regions = region_pixels(person, images[0].shape)
    everything = np.any(np.stack(list(regions.values())), axis=0)
    if not everything.any():
        return None
    score = Against(recogniser, prototype, person.box)
    subject = plan.dataset.records[probe].subject
    return judged(subject, images[0], everything, named_pixels(evidence, regions), score, rng, saliency)


def _drawn(plan: Plan, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Mated pairs of records in random order, the first of every person before the second of any."""
    ours, theirs = (
        SampleTable(np.arange(len(rows)), plan.dataset.subjects[rows], np.zeros(len(rows), bool))
        for rows in (plan.probes, plan.references)
    )
    scores: PairScores | ScoreMatrix
    if plan.pairs is None:
        differ = (plan.probes[:, None] != plan.references).astype(np.float32)
        scores = ScoreMatrix(ours, theirs, differ)
    else:
        every = np.ones(len(plan.pairs), np.float32)
        scores = PairScores(ours, theirs, plan.pairs[:, 0], plan.pairs[:, 1], every)
    probe, reference, differs = mated_of(scores)
    turn: Counter[str] = Counter()
    found = []
    for i in rng.permutation(np.flatnonzero(differs > 0)):
        records = int(plan.probes[probe[i]]), int(plan.references[reference[i]])
        subject = plan.dataset.records[records[0]].subject
        turn[subject] += 1
        found.append((turn[subject], records))
    return [records for _, records in sorted(found, key=lambda one: one[0])]


def _image(plan: Plan, row: int) -> UInt8 | None:
    record = plan.dataset.records[row]
    return None if record.path is None else within(load_photograph(record.path), record.box)


def _overlap(a: Float32, b: Float32) -> float:
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    areas = [float(np.prod(np.maximum(one[2:] - one[:2], 0))) for one in (a, b)]
    return shared / max(sum(areas) - shared, 1e-9)
