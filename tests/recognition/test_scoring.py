"""Calibration, decision and evidence: numbers that can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from lineament.anatomy import CLASS_COUNT, PART_INDEX
from lineament.errors import BadInputError
from lineament.recognition.calibration import Calibration, FaceLine, Tail, mode_of
from lineament.recognition.comparison import GROUPS, Comparison, face_condition
from lineament.recognition.decision import decide, unusable, with_face
from lineament.recognition.fitting import fit, logistic
from lineament.types import Evidence, Face, PartEvidence


def comparison(cosine: float | None = None, head: float = 0.0, share: float = 0.0) -> Comparison:
    excess, shares = np.zeros(CLASS_COUNT, np.float32), np.zeros(CLASS_COUNT, np.float32)
    excess[PART_INDEX["head"]], shares[PART_INDEX["head"]] = head, share
    return Comparison("P01", excess, shares, cosine, cosine, None if cosine is None else "photograph-frontal")


def calibration(**changes: object) -> Calibration:
    line = FaceLine(slope=20.0, intercept=-6.0, mated=100, non_mated=9900)
    values: dict[str, object] = {
        "revision": "test",
        "population": "nobody real",
        "model": "m",
        "face_model": "f",
        "temperature": 0.07,
        "face_weight": 0.5,
        "face_lines": {"photograph-frontal": line},
        "group_weights": dict.fromkeys(GROUPS, 10.0),
        "body_weight": {"face": 0.5, "body": 1.0},
        "offset": {"face": -1.0, "body": -0.5},
        "tails": {"face": Tail(comparisons=5000, people=50, scores=(9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0))},
        "margin": 1.0,
        "support_limit": 9.0,
    }
    return Calibration.model_validate(values | changes)


def test_contributions_by_hand() -> None:
    offset, parts = calibration().contributions(comparison(0.5, head=0.2, share=0.5))  # type: ignore[misc]
    assert offset == -1.0
    assert parts["face"] == pytest.approx(0.5 * (20 * 0.5 - 6))
    assert parts["head"] == pytest.approx(0.5 * 10 * 0.5 * 0.2)


def test_nothing_to_compare_has_no_score() -> None:
    assert calibration().contributions(comparison()) is None
    assert mode_of(comparison()) is None
    assert mode_of(comparison(head=0.1, share=0.3)) == "body"


def test_threshold_is_the_score_that_the_rate_exceeds() -> None:
    held = calibration()
    assert held.threshold(1e-3, "face") == 4.0
    exceeding = sum(score > 4.0 for score in held.tails["face"].scores)
    assert exceeding / 5000 <= 1e-3


@pytest.mark.parametrize("fmr", [0.0, 1.0, -1.0, float("nan"), 1e-4])
def test_impossible_rates_are_refused(fmr: float) -> None:
    with pytest.raises(BadInputError):
        calibration().threshold(fmr, "face")


def test_too_few_comparisons_are_named() -> None:
    with pytest.raises(BadInputError, match=r"30,000 non-mated comparisons.*nobody real.*5,000"):
        calibration().threshold(1e-4, "face")
    with pytest.raises(BadInputError, match="has 0 for body"):
        calibration().threshold(1e-2, "body")


def test_calibration_survives_the_disk(tmp_path) -> None:  # type: ignore[no-untyped-def]
    calibration().save(tmp_path / "c.json")
    assert Calibration.load(tmp_path / "c.json") == calibration()
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(BadInputError, match="not a calibration"):
        Calibration.load(tmp_path / "c.json")


def evidence(subject: str, score: float) -> Evidence:
    part = PartEvidence("face", 1.0, 1, 1.0, 0.5, score + 1.0)
    return Evidence(subject, (part,), -1.0, score, 0.0, 0.0, 0.0, None, 0.0)


def decision(*scores: float, mode: str = "face", yaw: float | None = 0.0):  # type: ignore[no-untyped-def]
    candidates = [evidence(f"P{k:02d}", score) for k, score in enumerate(scores)]
    return decide(
        candidates,
        calibration(),
        fmr=1e-3,
        mode=mode,  # type: ignore[arg-type]
        visible=np.ones(CLASS_COUNT, np.float32),
        face_yaw=yaw,
        box=np.zeros(4, np.float32),
        gallery_size=len(scores),
    )


def test_the_best_is_named_above_threshold_and_margin() -> None:
    named = decision(1.0, 7.0, 2.0)
    assert named.subject == "P01" and named.margin == 5.0
    assert [one.score for one in named.candidates] == [7.0, 2.0, 1.0]


def test_abstentions_give_their_reason() -> None:
    assert "not above the threshold" in decision(3.9).reason
    assert "almost equally" in decision(7.0, 6.5).reason
    assert decision().subject is None and "nobody in the gallery" in decision().reason
    turned = decision(9.0, yaw=2.0)
    assert turned.abstained and "115 degrees" in turned.reason


def test_a_poor_picture_of_the_face_is_told_where_nobody_is_named() -> None:
    reasons = ("turned by 85 degrees", "only 14 pixels between the eyes")
    box, crop, vector = (
        np.zeros(4, np.float32),
        np.zeros((112, 112, 3), np.uint8),
        np.eye(8, dtype=np.float32)[0],
    )
    face = Face(box, np.zeros((5, 2), np.float32), 0.9, 1.48, 0.2, crop, vector, reasons)
    refused, named = decision(3.9), decision(9.0)
    told = with_face(refused, face).reason
    assert told == f"{refused.reason} (the face: turned by 85 degrees; only 14 pixels between the eyes)"
    assert with_face(named, face) is named and with_face(refused, None) is refused
    assert with_face(refused, replace(face, reasons=())) is refused


def test_a_person_without_parts_is_unusable() -> None:
    visible = np.zeros(CLASS_COUNT, np.float32)
    visible[[1, 2]] = 0.5
    assert unusable("body", visible, None) == "no face, and 2 of 14 parts visible"
    assert unusable("body", None, None) == "no person found"
    assert unusable("face", None, 0.2) is None


@given(st.floats(-3, 3), st.floats(0.2, 3))
def test_logistic_recovers_a_gaussian_pair(middle: float, gap: float) -> None:
    # Two Gaussians of unit variance, `gap` apart: the log-likelihood ratio is linear with slope `gap`.
    quantiles = np.linspace(0.0005, 0.9995, 1000)

    base = norm.ppf(quantiles)
    x = np.concatenate([base + middle + gap / 2, base + middle - gap / 2])[:, None]
    weights = logistic(x, np.repeat([True, False], 1000))
    assert weights[0] == pytest.approx(gap, rel=0.15, abs=0.05)
    assert weights[0] * middle + weights[1] == pytest.approx(0.0, abs=0.05 + 0.02 * abs(middle) * gap)


def test_fit_gives_a_calibrated_score() -> None:
    rng = np.random.default_rng(0)
    mated = np.repeat([True, False], [300, 6000])
    cosine = np.where(mated, rng.normal(0.6, 0.12, 6300), rng.normal(0.15, 0.12, 6300))
    head = np.where(mated, rng.normal(0.05, 0.1, 6300), rng.normal(0.0, 0.1, 6300))
    rows = [comparison(float(c), float(h), 0.6) for c, h in zip(cosine, head, strict=True)]
    rows += [comparison(None, float(h), 0.6) for h in head]
    held = fit(
        rows, np.tile(mated, 2), 50, revision="r", population="p", model="m", face_model="f",
        temperature=0.07,
    )  # fmt: skip
    scores = np.array([o + sum(p.values()) for o, p in (held.contributions(r) for r in rows)])  # type: ignore[misc]
    face = slice(0, 6300)
    threshold = held.threshold(1e-3, "face")
    assert (scores[face][~mated] > threshold).mean() <= 1e-3 + 1e-9
    assert (scores[face][mated] > threshold).mean() > 0.4
    # Calibrated: the mean of the likelihood ratio over non-mated comparisons is 1 (its expectation under Hd).
    assert np.log(np.exp(np.minimum(scores[face][~mated], 20)).mean()) < 1.0
    assert min(held.group_weights.values()) >= 0.0


def test_too_few_mated_faces_are_refused() -> None:
    with pytest.raises(BadInputError, match="at least 20 mated"):
        fit([comparison(0.5)] * 5, np.ones(5, bool), 5, revision="r", population="p",
            model="m", face_model="f",
            temperature=0.07)  # fmt: skip


@pytest.mark.parametrize(
    ("degrees", "reference", "rendered", "name"),
    [
        (0, 0, False, "photograph-frontal"),
        (-45, 10, True, "render-oblique"),
        (89, -20, True, "render-profile"),
        (5, 75, False, "photograph-profile"),
        (31, 0, False, "photograph-oblique"),
        (float("nan"), 0, False, "photograph-profile"),
    ],
)
def test_the_more_turned_face_decides_the_condition(
    degrees: float, reference: float, rendered: bool, name: str
) -> None:
    assert face_condition(np.radians(degrees), np.radians(reference), rendered) == name
