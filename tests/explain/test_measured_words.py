"""Sentences about what was measured: true to their numbers, which stand where they say."""

import re
from dataclasses import replace

import numpy as np
import pytest
from explain_bodies import HEIGHT, WIDTH, prototype, registration, shape
from explain_fixtures import make_case, make_decision, make_evidence

from lineament.explain.agreement import Agreement, Agreements
from lineament.explain.facts import report_record
from lineament.explain.groups import FACE
from lineament.explain.hardships import Hardships, LoosePart
from lineament.explain.measured_json import agreements_json, resolved
from lineament.explain.measured_words import (
    face_statement,
    hardship_statements,
    length_statement,
    length_statements,
    picture_statement,
)
from lineament.explain.measures import LENGTHS
from lineament.explain.sections import measured_list
from lineament.types import Probe, ProbePerson

SAID = Agreement("shoulders", "larger", 0.236, 0.214, 3.6, 2.4, 7.1)
AT = "/candidates/0/measured"
KINDS = (
    r"\b(man|woman|male|female|boy|girl|sex|gender|age|old|young|child|african|asian|caucasian|european|black|"
    r"white|ethnic\w*|race|origin|ancestry|skin|hair|fat|obese|disab\w*)\b"
)


def _say(one, stature=171.3):
    return length_statement(one, stature, 0, AT).text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {},
            "The shoulders, as dressed, are 4 cm wider than the prototype's, give or take 2 cm (at the "
            "prototype's stature of 171 cm).",
        ),
        (
            {"name": "legs", "verdict": "smaller", "difference_cm": -5.2},
            "The legs are 5 cm shorter than the prototype's, give or take 2 cm (at the prototype's stature "
            "of 171 cm).",
        ),
        (
            {"name": "legs", "verdict": "agrees", "difference_cm": 1.0},
            "The length of the legs agrees with the prototype's within 2 cm (at the prototype's stature of "
            "171 cm).",
        ),
        (
            {"verdict": "uncertain", "uncertainty_cm": 9.3},
            "The breadth of the shoulders, as dressed, agrees with the prototype's within 9 cm (at the "
            "prototype's stature of 171 cm), which says little: adults lie within 7 cm of their mean.",
        ),
        (
            {"verdict": "uncertain", "difference_cm": None, "uncertainty_cm": None},
            "The breadth of the shoulders, as dressed, cannot be measured: what the photograph shows does "
            "not depend on it.",
        ),
        (
            {"name": "arms", "verdict": "not visible", "lacking": ("upper_arm", "forearm")},
            "The length of the arms cannot be measured: upper arm and forearm not visible.",
        ),
        (
            {"name": "trunk", "verdict": "not enrolled", "lacking": ("torso",)},
            "The length of the trunk cannot be measured: torso not enrolled.",
        ),
    ],
)
def test_lengths_are_said_in_centimetres_with_their_uncertainty(changed, text):
    assert _say(replace(SAID, **changed)) == text


def test_every_length_has_words():
    for one in LENGTHS:
        assert _say(replace(SAID, name=one.name)).startswith("The ")


@pytest.mark.parametrize(
    "changed", [{"difference_cm": 9.0}, {"uncertainty_cm": 1.2}, {"verdict": "smaller"}, {"name": "hips"}]
)
def test_another_number_is_another_sentence(changed):
    assert _say(replace(SAID, **changed)) != _say(SAID)
    assert _say(SAID, 180.0) != _say(SAID)


def _numbers(text):
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


def _stands(number, text, values):
    """Whether a number of a sentence is one of the values, rounded as it is written."""
    written = next(found for found in re.findall(r"\d+(?:\.\d+)?", text) if float(found) == number)
    digits = len(written.partition(".")[2])
    return any(round(abs(value), digits) == number for value in values if isinstance(value, int | float))


def test_every_number_of_a_length_stands_at_its_pointer():
    found = Agreements(171.3, tuple(replace(SAID, name=one.name) for one in LENGTHS), True)
    person = {"candidates": [{"measured": agreements_json(found)}]}
    for one in length_statements(found, AT):
        values = [resolved(person, pointer) for pointer in one.sources]
        assert _numbers(one.text) and all(_stands(n, one.text, values) for n in _numbers(one.text))


def test_the_face_is_hedged_by_its_likelihood_ratio_and_says_how_it_is_turned():
    evidence = make_evidence()
    row = next(i for i, part in enumerate(evidence.parts) if part.region == FACE)
    said = face_statement(evidence, 0, 1e9)
    assert said.text == "The face agrees moderately (similarity 0.61, turned 11 degrees from the camera)."
    assert f"/candidates/0/parts/{row}/similarity" in said.sources
    assert "/candidates/0/face_yaw_degrees" in said.sources
    against = make_evidence(contributions={FACE: -8.0})
    assert "speaks strongly against" in face_statement(against, 0, 1e9).text
    # No more is claimed than the calibration supports.
    assert "agrees weakly" in face_statement(evidence, 0, 1.0).text
    assert "little either way" in face_statement(make_evidence(contributions={}), 0, 1e9).text


def test_a_poor_picture_of_a_face_is_said_with_its_reasons():
    face = replace(make_case()[0].people[0].face, quality=0.214, reasons=("turned by 85 degrees", "blurred"))
    said = picture_statement(face)
    assert said.text == "The picture of the face has quality 0.21 of 1: turned by 85 degrees; blurred."
    person = {"face": {"quality": face.quality, "quality_reasons": list(face.reasons)}}
    assert [resolved(person, pointer) for pointer in said.sources] == [0.214, list(face.reasons)]


def test_hardships_are_said_with_what_follows():
    found = Hardships(True, False, 92.4, 71.6, loose=(LoosePart("left_thigh", 2.34),))
    covered, loose = hardship_statements(found, "/hardships")
    assert covered.text == (
        "The head is occluded: 92 % of the front is towards the camera and the head is 72 pixels high, yet "
        "no face was found. The head is not compared."
    )
    masked = Hardships(True, True, 92.4, 71.6, 0.314, 0.118)
    assert hardship_statements(masked, "/hardships")[0].text == (
        "The face is occluded, as by a mask or dark glasses (covering score 0.31, threshold 0.12). Head and "
        "face are not compared."
    )
    assert loose.text.startswith("The left thigh fits the body 2.3 times worse than expected, as under loose")
    assert hardship_statements(Hardships(False, True, 92.4, 71.6), "/hardships") == ()


@pytest.fixture(scope="module")
def record():
    body = registration(shape())
    person = ProbePerson(body.box, body, None)
    probe = Probe("street.jpg", np.full((HEIGHT, WIDTH, 3), 90, np.uint8), (person,))
    decision = make_decision((make_evidence(), make_evidence("P07", scale=0.2)))
    prototypes = {name: prototype(shape(), name) for name in ("P01", "P07")}
    return report_record(probe, (decision,), prototypes, title="x", shown=2)["people"][0]


def test_a_report_measures_the_person_and_says_so(record):
    words = [one for one in record["words"] if one["topic"] == "measured"]
    assert len(words) == 1 + len(LENGTHS)
    verdicts = [one["verdict"] for one in record["candidates"][0]["measured"]["lengths"]]
    # The same body: nothing may be called different.
    assert set(verdicts) <= {"agrees", "uncertain"}
    assert record["candidates"][1]["measured"] is not None
    assert not record["candidates"][0]["measured"]["uncertainties_learned"]


def test_a_bare_head_without_a_face_is_called_occluded(record):
    assert record["hardships"]["head_covered"]
    assert any(
        one["topic"] == "hardship" and "The head is occluded" in one["text"] for one in record["words"]
    )


def test_values_beside_each_sentence_are_those_of_the_record(record):
    for one in record["words"]:
        assert one["values"] == [resolved(record, pointer) for pointer in one["sources"]]
        if one["topic"] == "decision":
            continue
        told = [value for value in one["values"] if isinstance(value, int | float)]
        assert all(_stands(number, one["text"], told) for number in _numbers(one["text"])), one["text"]


def test_no_sentence_names_an_attribute_of_the_person(record):
    # "give or take", "as dressed" and the like are fine; kinds of people are not.
    for one in record["words"]:
        assert not re.search(KINDS, one["text"], re.IGNORECASE), one["text"]


def test_the_page_lists_every_measured_sentence_with_its_trace(record):
    page = measured_list(record)
    assert page.count("<li>") == sum(one["topic"] != "decision" for one in record["words"])
    assert "/candidates/0/measured/lengths/0/uncertainty_cm = " in page
    assert measured_list({"words": [one for one in record["words"] if one["topic"] == "decision"]}) == ""
