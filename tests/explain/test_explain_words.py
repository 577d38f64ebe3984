import math
from dataclasses import replace

import numpy as np
import pytest
from explain_fixtures import make_decision, make_evidence

from lineament.anatomy import PART_INDEX
from lineament.explain.groups import REGIONS, group_evidence
from lineament.explain.scale import band, printable, rate_words, ratio_words, support_words
from lineament.explain.text import summary_lines
from lineament.explain.words import decision_statements, headline, limits, parts_clause
from lineament.types import Evidence, PartEvidence, Registration


@pytest.mark.parametrize(
    ("ratio", "support"),
    [
        (1.0, "no support for either side"),
        (1.99, "no support for either side"),
        (2.0, "weak support for the same person"),
        (9.99, "weak support for the same person"),
        (10.0, "moderate support for the same person"),
        (100.0, "moderately strong support for the same person"),
        (1e3, "strong support for the same person"),
        (1e4, "very strong support for the same person"),
        (9.9e5, "very strong support for the same person"),
        (1e6, "extremely strong support for the same person"),
        (1 / 50, "moderate support for different people"),
        (1e-9, "extremely strong support for different people"),
    ],
)
def test_verbal_scale_changes_at_its_published_limits(ratio, support):
    assert support_words(math.log(ratio)) == support


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.0, "1"),
        (2.34, "2.3"),
        (6.0, "6"),
        (42.4, "42"),
        (2345.0, "2,300"),
        (999_000, "1,000,000"),
        (3e8, "10⁸"),
    ],
)
def test_likelihood_ratios_keep_two_digits(ratio, words):
    assert ratio_words(math.log(ratio)) == words
    assert ratio_words(-math.log(ratio)) == words


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (1e-3, "1 in 1,000"),
        (0.01, "1 in 100"),
        (1 / 3, "1 in 3"),
        (3e-5, "1 in 33,300"),
        (0.0, "less than can be stated"),
    ],
)
def test_rates_are_said_as_one_in_so_many(rate, words):
    assert rate_words(rate) == words


def test_names_cannot_break_lines_or_hide_characters():
    assert printable("Zoë O'Neil") == "Zoë O'Neil"
    assert printable("a\nb\x1b[31m\u202e") == "a\\nb\\x1b[31m\\u202e"


def _evidence(*parts, offset=0.0, subject="P01"):
    said = tuple(PartEvidence(*part) for part in parts)
    return Evidence(subject, said, offset, offset + sum(p.contribution for p in said), 1.0, 0.5, -1.0, None)


HEAD = ("head", 0.9, 412, 412 / 530, 0.83, math.log(2000))
LEGS = (
    ("left_thigh", 0.8, 30, 0.5, 0.6, 0.5),
    ("right_thigh", 0.8, 10, 0.25, 0.8, 0.4),
)
HANDS = (("left_hand", 0.0, 0, 0.0, 0.0, 0.0), ("right_hand", 0.01, 0, 0.0, 0.0, 0.0))
BODY = {"head", "left_thigh", "right_thigh", "left_hand"}


def test_headline_is_the_promised_sentence():
    decision = make_decision((_evidence(HEAD, *LEGS, *HANDS),))
    assert headline(decision, BODY).text == (
        "P01, at a false match rate of 1 in 1,000: the head agrees strongly (similarity 0.83, 412 of 530 "
        "points), the legs weakly; hands not visible; face, torso, arms and feet not enrolled."
    )


def test_groups_sum_their_parts():
    legs = next(g for g in group_evidence(_evidence(HEAD, *LEGS)) if g.group.name == "legs")
    assert (legs.matched, legs.possible) == (40, 100)
    assert legs.similarity == pytest.approx((30 * 0.6 + 10 * 0.8) / 40)
    assert legs.contribution == pytest.approx(0.9)
    assert legs.sources == ("/parts/1", "/parts/2")


def test_opposing_silent_and_missing_groups_are_said():
    evidence = _evidence(
        ("face", 1.0, 0, 0.0, 0.7, math.log(50)),
        ("torso", 0.9, 20, 0.2, 0.4, -math.log(200)),
        ("left_forearm", 0.9, 8, 0.2, 0.5, -math.log(3)),
        ("left_foot", 0.9, 5, 0.5, 0.5, 0.1),
        *HANDS,
    )
    assert parts_clause(evidence, set(REGIONS) - {"head"}) == (
        "the face agrees moderately (similarity 0.70); the torso speaks moderately strongly against "
        "(similarity 0.40, 20 of 100 points), the arms weakly against; the feet say little either way; "
        "hands not visible; legs not compared; head not enrolled"
    )


def test_a_part_that_the_photograph_does_not_show_is_not_visible():
    seen = np.full(15, 0.5, dtype=np.float32)
    seen[[PART_INDEX[name] for name in REGIONS if name.endswith(("foot", "calf", "thigh"))]] = 0.01
    none = np.zeros((0, 2), dtype=np.float32)
    empty = np.zeros(0, dtype=np.float32)
    registration = Registration(none, empty.astype(np.int32), empty.astype(np.uint8), empty, empty, seen)
    evidence = replace(_evidence(HEAD), registration=registration)
    assert parts_clause(evidence).endswith(
        "legs and feet not visible; face, torso, arms and hands not compared"
    )


def test_words_claim_no_more_than_the_calibration_supports():
    best = _evidence(("head", 0.9, 50, 0.25, 0.62, math.log(1e7)), offset=0.5)
    decision = replace(make_decision((best,)), support_limit=math.log(20_000))
    texts = [one.text for one in decision_statements(decision, {"head"})]
    assert "the head agrees very strongly (similarity 0.62" in texts[0]
    assert texts[1] == (
        "The findings in the photograph are more than 20,000 times more probable if it shows P01 than if it "
        "shows another person: very strong support for the same person."
    )
    assert any("Likelihood ratios above 20,000 are not claimed" in text for text in limits(decision))


def test_one_silent_group_takes_the_singular():
    assert parts_clause(_evidence(("torso", 0.9, 5, 0.5, 0.5, 0.1)), {"torso"}).startswith(
        "the torso says little either way; face, head"
    )


def test_abstention_gives_its_reason_and_the_nearest_candidate():
    best = _evidence(("head", 0.9, 50, 0.25, 0.62, math.log(6)), *HANDS)
    decision = make_decision((best,), subject=None, reason="the best score stays below the threshold")
    texts = [one.text for one in decision_statements(decision, {"head", "left_hand"})]
    assert texts == [
        "Nobody is named: the best score stays below the threshold.",
        "The nearest candidate is P01: the head agrees weakly (similarity 0.62, 50 of 200 points); hands "
        "not visible; face, torso, arms, legs and feet not enrolled.",
        "The findings in the photograph are about 6 times more probable if it shows P01 than if it shows "
        "another person: weak support for the same person.",
        "The score of 1.79 does not exceed the threshold of 3.00, which lets through 1 in 1,000 comparisons "
        "of different people among synthetic validation people.",
        "No other candidate was compared, so there is no margin to a runner-up.",
    ]


def test_nothing_to_compare_is_one_sentence():
    decision = make_decision((), subject=None, reason="2 of 14 parts visible.")
    assert [one.text for one in decision_statements(decision)] == ["Nobody is named: 2 of 14 parts visible."]


def test_findings_against_are_turned_round():
    best = _evidence(("head", 0.9, 5, 0.05, 0.2, -math.log(40)))
    texts = [one.text for one in decision_statements(make_decision((best,), subject=None))]
    assert (
        "The findings in the photograph are about 40 times more probable if it shows another person than "
        "if it shows P01: moderate support for different people."
    ) in texts


def test_runner_up_comes_with_its_margin():
    best, second = _evidence(HEAD), _evidence(("head", 0.9, 50, 0.1, 0.5, math.log(20)), subject="P07")
    texts = [one.text for one in decision_statements(make_decision((second, best)))]
    assert texts[-2] == (
        "The runner-up is P07 with a score of 3.00: the findings are about 100 times more probable if the "
        "photograph shows P01 than if it shows P07 (margin 4.61)."
    )


def test_limits_name_the_population_and_disclaim_attributes():
    text = " ".join(limits(make_decision((make_evidence(),))))
    assert "calibrated on synthetic validation people" in text
    assert "1 in 1,000 is expected to exceed the threshold" in text
    assert (
        "Nothing here is a statement about sex, age, origin, health or any other attribute of a person."
        in text
    )


def test_summary_for_the_terminal():
    lines = summary_lines(make_decision((make_evidence(), make_evidence("P\x07", scale=0.1))))
    assert lines[0].startswith("P01, at a false match rate of 1 in 1,000: the face agrees moderately")
    assert lines[-2:] == [
        "  1. P01       +6.10  moderately strong support for the same person",
        "  2. P\\x07     -1.64  weak support for different people",
    ]
    assert all(line.isprintable() for line in lines)
    assert band(0.1) is None


def test_a_score_at_the_threshold_does_not_pass_as_the_decision_says():
    best = make_evidence()
    decision = replace(make_decision((best,)), threshold=best.score)
    words = " ".join(one.text for one in decision_statements(decision))
    assert "does not exceed the threshold" in words
