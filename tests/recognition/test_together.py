"""Several photographs of one person: one decision, and what each brought."""

import math

import numpy as np
import pytest
from test_matching import COHORT, SIZE, TEMPLATE, prototype
from test_scoring import calibration

from lineament.errors import NothingFoundError
from lineament.explain.facts import report_record
from lineament.explain.photographs import photograph_sentences
from lineament.recognition.calibration import FaceLine, Tail
from lineament.recognition.comparison import World
from lineament.recognition.confidence import Confidence
from lineament.recognition.decision import pooled_threshold
from lineament.recognition.recogniser import Recogniser
from lineament.recognition.together import Photographed, identify_together, photographed
from lineament.types import Face, FaceTemplates, Probe, ProbePerson, Prototype

RNG = np.random.default_rng(5)
P01, P02, STRANGER = (row / np.linalg.norm(row) for row in RNG.normal(size=(3, 128)))
LINE = FaceLine(slope=1.0, intercept=-4.0, mated=100, non_mated=9900)
FEATURES = np.ones((len(TEMPLATE.parts), SIZE))


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    held = calibration(
        face_lines={f"photograph-{side}": LINE for side in ("frontal", "oblique", "profile")},
        face_weight=1.0,
        tails={"face": Tail(comparisons=5000, people=50, scores=tuple(np.linspace(4.0, 1.0, 500)))},
        dependence={"face": 0.5, "body": 0.5},
    )
    world = World(np.zeros((len(TEMPLATE.parts), SIZE), np.float32), COHORT)
    # Only faces are shown here, so that no network is asked.
    return Recogniser(None, None, TEMPLATE, held, world, Confidence.plain("m"))  # type: ignore[arg-type]


def person(
    identity: np.ndarray, noise: float, seed: int, quality: float = 0.8, yaw: float = 0.0
) -> ProbePerson:
    seen = identity + noise * np.random.default_rng(seed).normal(size=128) / math.sqrt(128)
    face = Face(
        np.array([0, 0, 9, 9], np.float32), np.zeros((5, 2), np.float32), 0.9, yaw, quality,
        np.zeros((112, 112, 3), np.uint8), (seen / np.linalg.norm(seen)).astype(np.float32),
    )  # fmt: skip
    return ProbePerson(np.array([seed, 0, 9, 9], np.float32), None, face)


def enrolled(subject: str, identity: np.ndarray) -> Prototype:
    views = FaceTemplates(identity[None].astype(np.float32), np.zeros(1, np.float32), np.zeros(1, bool), "f")
    held = prototype(FEATURES, face=views)
    return Prototype(**{name: getattr(held, name) for name in Prototype.__slots__} | {"subject": subject})


GALLERY = [enrolled("P01", P01), enrolled("P02", P02)]


def test_each_photograph_brings_its_share(recogniser: Recogniser) -> None:
    shown = [Photographed("a", person(P01, 1.5, 1)), Photographed("b", person(P01, 2.5, 2, 0.15, yaw=1.2))]
    decision, leading = identify_together(recogniser, shown, GALLERY, fmr=1e-2)
    best = decision.candidates[0]
    assert best.subject == "P01" and leading == 0 and decision.box is not None and decision.box[0] == 1
    first, second = best.photographs
    assert best.score == pytest.approx(best.offset + first.brought + second.brought)
    assert first.brought > second.brought and second.face_yaw == 1.2
    alone = [recogniser.identify(one.person, GALLERY, fmr=1e-2).score for one in shown]  # type: ignore[arg-type]
    assert [first.alone, second.alone] == [pytest.approx(value) for value in alone]
    assert max(alone) < best.score < sum(alone)  # type: ignore[type-var,operator]


def test_copies_count_less_than_photographs_and_the_threshold_is_safe_for_any_number(
    recogniser: Recogniser,
) -> None:
    held = recogniser.calibration
    assert pooled_threshold(held, 1e-2, "face", 1) == held.threshold(1e-2, "face")
    assert pooled_threshold(held, 1e-2, "face", 2) == pytest.approx(math.log(100))
    shown = [Photographed("a", person(P01, 1.5, 1)), Photographed("b", person(P01, 1.5, 2))]
    decision, _ = identify_together(recogniser, shown, GALLERY, fmr=1e-2)
    assert decision.threshold == pytest.approx(math.log(100))


def test_nobody_and_crowds_are_told(recogniser: Recogniser) -> None:
    crowd = Probe("crowd.jpg", np.zeros((9, 9, 3), np.uint8), (person(P01, 1.0, 1), person(P02, 1.0, 2)))
    shown = [photographed(crowd), Photographed("empty.jpg", None)]
    decision, leading = identify_together(recogniser, shown, GALLERY, fmr=1e-2)
    first, second = decision.candidates[0].photographs
    assert leading == 0 and first.note == "the most prominent of 2 people"
    assert (second.alone, second.brought, second.note) == (None, 0.0, "nobody was found")
    # What remains is one photograph, decided as such.
    assert decision.threshold == recogniser.calibration.threshold(1e-2, "face")
    with pytest.raises(NothingFoundError, match="any of the 1 photographs"):
        identify_together(recogniser, shown[1:], GALLERY)


def test_another_persons_photograph_is_doubted(recogniser: Recogniser) -> None:
    shown = [Photographed("a", person(P01, 0.5, 1)), Photographed("b", person(STRANGER, 0.5, 2))]
    first, second = identify_together(recogniser, shown, GALLERY, fmr=1e-2)[0].candidates[0].photographs
    assert first.note == "" and "speaks against the leading photograph's" in second.note


def test_the_explanation_says_what_each_brought_and_points_to_its_numbers(recogniser: Recogniser) -> None:
    shown = [Photographed("a.jpg", person(P01, 1.5, 1)), Photographed("b.jpg", person(P01, 2.0, 2))]
    decision, _ = identify_together(recogniser, shown, GALLERY, fmr=1e-2)
    best = decision.candidates[0]
    brought, alone = photograph_sentences(best)
    assert brought[0].startswith("2 photographs were taken as one person.")
    assert f"a.jpg brought {best.photographs[0].brought:+.2f}" in brought[0]
    assert f"{sum(one.alone for one in best.photographs):.2f}" in alone[0]  # type: ignore[misc]
    probe = Probe("a.jpg", np.zeros((9, 9, 3), np.uint8), (shown[0].person,))  # type: ignore[arg-type]
    record = report_record(probe, (decision,), {one.subject: one for one in GALLERY}, title="t", shown=2)
    people = record["people"][0]
    for pointer in brought[1] + alone[1]:
        value = people
        for word in pointer.strip("/").split("/"):
            value = value[int(word)] if isinstance(value, list) else value[word]
    assert brought[0] in [one["text"] for one in people["words"]]
