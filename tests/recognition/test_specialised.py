"""An adapter's share of the evidence: honest sums, the right people only, nothing where faces speak."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_matching import COHORT, SIZE, TEMPLATE, body, prototype, site_features
from test_scoring import calibration

from lineament.recognition.calibration import Tail
from lineament.recognition.comparison import World
from lineament.recognition.confidence import Confidence
from lineament.recognition.recogniser import Recogniser
from lineament.recognition.specialised import REGION, Specialised, added, against_others, flat
from lineament.types import BodySummary, FaceTemplates, ProbePerson, Prototype

PEOPLE = ("P01", "P02", "P03")
FEATURES = 15 * 4 + 6


def adapter(**changes: object) -> Specialised:
    rng = np.random.default_rng(3)
    values: dict[str, object] = {
        "people": PEOPLE,
        "digests": ("a", "b", "c"),
        "model": "m",
        "centre": rng.normal(size=FEATURES).astype(np.float32),
        "spread": rng.uniform(0.5, 2.0, FEATURES).astype(np.float32),
        "weight": rng.normal(size=(3, FEATURES)).astype(np.float32),
        "bias": rng.normal(size=3).astype(np.float32),
        "slope": 0.5,
        "intercept": -0.25,
        "population": "renders of 3 people",
        "before": 0.4,
        "after": 0.7,
    }
    return Specialised(**(values | changes))  # type: ignore[arg-type]


def summary(seed: int = 0) -> BodySummary:
    rng = np.random.default_rng(seed)
    return BodySummary(rng.normal(size=(15, 4)).astype(np.float32), rng.normal(size=6).astype(np.float32))


def enrolled(subject: str, face: FaceTemplates | None = None) -> Prototype:
    return replace(prototype(site_features(int(subject[1:])), face=face), subject=subject)


def recogniser(held: Specialised | None) -> Recogniser:
    tail = Tail(comparisons=5000, people=50, scores=tuple(np.linspace(4.0, 1.0, 500)))
    world = World(np.zeros((len(TEMPLATE.parts), SIZE), np.float32), COHORT)
    decider = calibration(tails={"face": tail, "body": tail})
    made = Recogniser(None, None, TEMPLATE, decider, world, Confidence.plain("m"))  # type: ignore[arg-type]
    return made.specialised_to(held)


def probe(told: BodySummary | None) -> ProbePerson:
    shown = replace(body(site_features(1)), summary=told)
    return ProbePerson(shown.box, shown, None)


def test_a_ratio_is_that_of_one_against_the_mean_of_the_others() -> None:
    held, told = adapter(), summary()
    likelihood = np.exp(held.weight @ ((flat(told) - held.centre) / held.spread) + held.bias)
    for place, name in enumerate(PEOPLE):
        others = np.delete(likelihood, place).mean()
        assert held.ratios(told)[name] == pytest.approx(
            0.5 * np.log(likelihood[place] / others) - 0.25, rel=1e-4
        )


@given(st.lists(st.floats(-800, 800), min_size=2, max_size=6))
def test_ratios_are_finite_whatever_the_logits(logits: list[float]) -> None:
    assert np.isfinite(against_others(np.array([logits]))).all()


def test_contributions_sum_to_the_score_and_everything_else_stays() -> None:
    people = [enrolled(name) for name in PEOPLE]
    plain = {
        one.subject: one for one in recogniser(None).identify(probe(summary()), people, fmr=1e-2).candidates
    }
    decision = recogniser(adapter()).identify(probe(summary()), people, fmr=1e-2)
    ratios = adapter().ratios(summary())
    scores = [one.score for one in decision.candidates]
    assert scores == sorted(scores, reverse=True) and len(scores) == 3
    for one in decision.candidates:
        before, last = plain[one.subject], one.parts[-1]
        assert (last.region, last.contribution) == (REGION, ratios[one.subject])
        assert [part.contribution for part in one.parts[:-1]] == [p.contribution for p in before.parts]
        assert one.score == one.offset + sum(part.contribution for part in one.parts)
        assert one.score == pytest.approx(before.score + ratios[one.subject])


def test_adding_a_region_to_evidence_keeps_its_sum() -> None:
    evidence = recogniser(None).evidence(probe(None), enrolled("P01"))
    assert evidence is not None
    assert added(evidence, -1.5).score == pytest.approx(evidence.score - 1.5)


@pytest.mark.parametrize("case", ["nothing told", "another model", "a stranger in the gallery", "a face"])
def test_an_adapter_is_silent_where_it_was_not_made_for(case: str) -> None:
    held, told, people = adapter(), summary(), [enrolled(name) for name in PEOPLE]
    person = probe(told)
    if case == "nothing told":
        person = probe(None)
    elif case == "another model":
        held = adapter(model="n")
    elif case == "a stranger in the gallery":
        people.append(enrolled("P04"))
    else:
        from test_together import P01
        from test_together import person as with_face

        views = FaceTemplates(P01[None].astype(np.float32), np.zeros(1, np.float32), np.zeros(1, bool), "f")
        people[0] = enrolled("P01", views)
        person = replace(person, face=with_face(P01, 0.0, 1).face)
    decision = recogniser(held).identify(person, people, fmr=1e-2)
    assert decision.candidates
    assert all(part.region != REGION for one in decision.candidates for part in one.parts)


def test_bytes_hold_everything() -> None:
    held = adapter()
    again = Specialised.from_bytes(held.to_bytes())
    assert again.ratios(summary()) == held.ratios(summary())
    assert (again.people, again.digests, again.population) == (held.people, held.digests, held.population)
    for damaged in (b"", b"12345678", held.to_bytes()[:-4], held.to_bytes()[:40]):
        with pytest.raises(ValueError):
            Specialised.from_bytes(damaged)


def test_it_knows_exactly_its_people() -> None:
    known = dict(zip(PEOPLE, "abc", strict=True))
    assert adapter().knows(known)
    assert not adapter().knows(known | {"P04": "d"})
    assert not adapter().knows({"P01": "a", "P02": "b"})
    assert not adapter().knows(known | {"P01": "enrolled again"})


@pytest.mark.parametrize(
    "changes", [{"people": ("P01",)}, {"spread": np.zeros(FEATURES, np.float32)}, {"bias": np.zeros(2)}]
)
def test_impossible_adapters_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        adapter(**changes)
