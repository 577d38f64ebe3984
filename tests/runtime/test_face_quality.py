"""What is measured of a face's picture, the number made of it, and its reasons in words."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from lineament.errors import BadInputError
from lineament.runtime.face_crops import warp
from lineament.runtime.face_quality import EYES, FEATURES, FaceMeasures, QualityModel, measure

GOOD = FaceMeasures(
    eyes=60, yaw=0.0, spread=1.0, detail=0.05, brightness=120, contrast=45, uneven=0.0, score=0.9
)
MODEL = QualityModel("test", 3.0, (1.0,) * len(FEATURES), tuple(GOOD.features))
UPRIGHT = np.array([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0]])
"""A photograph of 224 pixels, shown whole."""


def photograph() -> Any:
    """Blobs of middling brightness, much the same on both sides."""
    rng = np.random.default_rng(3)
    noise = cv2.GaussianBlur(rng.normal(size=(224, 224, 3)).astype(np.float32), (0, 0), 2)
    return np.clip(125 + 40 * noise / noise.std(), 0, 255).astype(np.uint8)


def measured(image: Any, matrix: Any = UPRIGHT, **told: float) -> FaceMeasures:
    crop = warp(image, matrix)
    return measure(crop, matrix, image.shape, **{"yaw": 0.1, "spread": 1.5, "score": 0.8} | told)


def test_measures_tell_what_was_done_to_the_picture() -> None:
    plain, image = measured(photograph()), photograph().astype(np.float32)
    assert plain.eyes == pytest.approx(2 * EYES)
    assert (plain.yaw, plain.spread, plain.score) == (0.1, 1.5, 0.8)
    assert abs(plain.uneven) < 0.05
    blurred = measured(cv2.GaussianBlur(image, (0, 0), 6).astype(np.uint8))
    assert blurred.detail < plain.detail / 5
    dark = measured((image * 0.2).astype(np.uint8))
    assert dark.brightness < 30 and dark.detail == pytest.approx(plain.detail, rel=0.4)
    flat = measured((125 + (image - 125) * 0.2).astype(np.uint8))
    assert flat.contrast < plain.contrast / 3 and flat.brightness == pytest.approx(plain.brightness, abs=3)
    ramp = np.linspace(0.2, 1, 224)[None, :, None]
    right = measured((image * ramp).astype(np.uint8))
    assert right.uneven > 0.2
    assert measured((image * ramp[:, ::-1]).astype(np.uint8)).uneven < -0.2


def test_what_lies_beyond_the_edge_is_not_measured() -> None:
    half = UPRIGHT + np.array([[0.0, 0.0, 56.0], [0.0, 0.0, 0.0]])
    found = measured(photograph(), half)
    assert found.brightness == pytest.approx(125, abs=15), "black beyond the edge is no darkness"
    nowhere = measured(photograph(), UPRIGHT + np.array([[0.0, 0.0, 900.0], [0.0, 0.0, 0.0]]))
    assert np.isfinite(nowhere.features).all()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"yaw": -1.48}, "turned by 85 degrees"),
        ({"eyes": 14.2}, "only 14 pixels between the eyes"),
        ({"detail": 0.002}, "blurred"),
        ({"brightness": 18}, "dark: mean brightness 18 of 255"),
        ({"brightness": 215}, "too bright: mean brightness 215 of 255"),
        ({"contrast": 6}, "little contrast: deviation 6 of 255"),
        ({"uneven": 0.9}, "lit from one side, the person's left"),
        ({"uneven": -0.9}, "lit from one side, the person's right"),
        ({"spread": 4.0}, "its landmarks are unsure: something may cover it"),
        ({"score": 0.1}, r"hardly like a face to the detector (0.10 of 1)"),
    ],
)
def test_what_is_worse_lowers_the_number_and_is_said(changed: dict[str, float], words: str) -> None:
    good, worse = MODEL.assess(GOOD), MODEL.assess(replace(GOOD, **changed))
    assert worse.value < good.value and good.reasons == ()
    assert worse.reasons == (words,)


def test_the_worst_reason_comes_first_and_turned_eyes_are_explained() -> None:
    found = MODEL.assess(replace(GOOD, eyes=8.0, yaw=1.3))
    assert found.reasons == (
        "only 8 pixels between the eyes, were they seen from the front",
        "turned by 74 degrees",
    )


def test_a_picture_that_is_fine_all_the_same_has_no_reasons() -> None:
    worse = replace(GOOD, yaw=0.8)
    assert MODEL.assess(worse).reasons == ("turned by 46 degrees",)
    assert replace(MODEL, intercept=9.0).assess(worse).reasons == ()


def test_a_blurred_picture_says_nothing_of_covers() -> None:
    found = MODEL.assess(replace(GOOD, detail=0.002, spread=4.0))
    assert set(found.reasons) == {"blurred", "its landmarks are unsure"}


def test_too_little_detail_of_a_small_picture_is_its_size() -> None:
    found = MODEL.assess(replace(GOOD, eyes=18.0, detail=0.004))
    assert found.reasons == ("only 18 pixels between the eyes",)


def test_the_number_is_the_logistic_of_the_weighted_features() -> None:
    model = replace(MODEL, intercept=-1.0)
    odds = -1.0 + float(GOOD.features.sum())
    assert model.assess(GOOD).value == pytest.approx(1 / (1 + np.exp(-odds)))
    unknown = model.assess(replace(GOOD, spread=float("nan")))
    assert unknown.value == pytest.approx(model.assess(GOOD).value)


def test_coefficients_come_from_a_folder(tmp_path: Path) -> None:
    held = {
        "revision": "mine",
        "intercept": 0.5,
        "weights": dict.fromkeys(FEATURES, 0.25),
        "good": dict.fromkeys(FEATURES, 0.0),
    }
    (tmp_path / "config.json").write_text(json.dumps(held))
    assert QualityModel.load(tmp_path).weights == (0.25,) * len(FEATURES)
    for wrong in ({**held, "weights": {}}, {**held, "weights": dict.fromkeys(FEATURES, -1)}, []):
        place = tmp_path / f"wrong-{len(str(wrong))}"
        place.mkdir()
        (place / "config.json").write_text(json.dumps(wrong))
        with pytest.raises(BadInputError, match="no coefficients of face quality"):
            QualityModel.load(place)
