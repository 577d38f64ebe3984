"""Deletion and insertion on pictures whose score is known, and sums of contributions."""

import numpy as np
import pytest

from lineament.anatomy import CLASS_COUNT, PART_NAMES
from lineament.evaluation.explained import named_pixels
from lineament.evaluation.explanations import Case, Cells, judged, occlusion, summarised
from lineament.evaluation.peers.xaitk import xaitk_occlusion
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import GROUPS, Comparison
from lineament.types import Evidence, PartEvidence
from lineament.weights import folder


def picture() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A grey person on black with a bright patch, the person's mask, and where the patch is."""
    image = np.zeros((60, 40, 3), np.uint8)
    person = np.zeros((60, 40), bool)
    person[6:54, 8:32] = True
    patch = np.zeros_like(person)
    patch[6:18, 12:24] = True
    image[person], image[patch] = 90, 250
    return image, person, patch


def brightness(image: np.ndarray) -> float:
    """A recogniser that rests on bright pixels alone."""
    return float((image > 200).mean() * 100)


def test_cells_cover_the_person_and_only_the_person() -> None:
    image, person, _ = picture()
    cells = Cells.over(person)
    assert ((cells.of >= 0) == person).all() and cells.of.max() == cells.count - 1
    hidden = cells.hidden(image, np.arange(cells.count, dtype=np.int32))
    assert (hidden[~person] == image[~person]).all() and len(np.unique(hidden[person])) == 1
    assert np.allclose(cells.means(np.ones(person.shape)), 1.0)
    with pytest.raises(ValueError, match="no cells"):
        Cells.over(np.zeros((3, 3), bool))


def test_a_true_explanation_beats_random_and_a_false_one_does_not() -> None:
    image, person, patch = picture()
    figures = {}
    for name, named in (("true", patch), ("false", person & ~patch)):
        cases = [
            judged(f"p{i}", image, person, named.astype(float), brightness, np.random.default_rng(i))
            for i in range(4)
        ]
        figures[name] = summarised(cases, rounds=100)
    assert figures["true"]["fall ratio, named to random"].low > 1.5
    assert figures["true"]["fall ratio, named to least named"].value > 2
    assert figures["false"]["fall ratio, named to random"].high < 1
    true = figures["true"]
    assert true["score, named shown"].value > true["score, random shown"].value
    assert true["fall ratio, saliency to random"].low > 1.5


def test_occlusion_finds_what_matters() -> None:
    image, person, patch = picture()
    cells = Cells.over(person)
    saliency = occlusion(image, cells, brightness, brightness(image))
    on = np.unique(cells.of[patch])
    assert saliency[on].min() > 0 and saliency[on].mean() > 4 * np.delete(saliency, on).mean()


def test_xaitk_finds_the_same_as_our_own_window() -> None:
    pytest.importorskip("xaitk_saliency")
    image, person, patch = picture()
    cells = Cells.over(person)
    found = xaitk_occlusion(image, cells, brightness, brightness(image))
    ours = occlusion(image, cells, brightness, brightness(image))
    on = np.unique(cells.of[patch])
    assert found[on].mean() > 4 * np.abs(np.delete(found, on)).mean()
    assert np.corrcoef(found, ours)[0, 1] > 0.8


def test_a_ratio_without_a_fall_below_is_infinite_and_no_case_is_an_error() -> None:
    still = {order: np.zeros(3) for order in ("named", "saliency", "random", "least named")}
    found = summarised([Case("p", 0.0, still, still)], rounds=100)
    assert found["fall ratio, named to random"].value == np.inf
    with pytest.raises(ValueError, match="cases"):
        summarised([])


def test_named_pixels_hold_the_contributions() -> None:
    head, torso = np.zeros((10, 10), bool), np.zeros((10, 10), bool)
    head[:3], torso[3:8] = True, True
    parts = tuple(PartEvidence(r, 1.0, 0, 0.0, 0.0, c) for r, c in (("head", 3.0), ("torso", -1.0)))
    evidence = Evidence("s", parts, 0.5, 2.5, 0.0, 0.0, 0.0, None)
    named = named_pixels(evidence, {"head": head, "torso": torso})
    assert named.sum() == pytest.approx(2.0) and named[0, 0] == pytest.approx(0.1)


def test_contributions_of_the_shipped_calibration_sum_to_the_score_exactly() -> None:
    calibration = Calibration.load(folder("calibration") / "config.json")
    rng = np.random.default_rng(2)
    for condition in calibration.face_lines:
        excess = rng.normal(size=CLASS_COUNT).astype(np.float32)
        share = rng.uniform(0.1, 1, CLASS_COUNT).astype(np.float32)
        comparison = Comparison("s", excess, share, 0.4, 2.0, condition)
        found = calibration.contributions(comparison)
        assert found is not None
        line = calibration.face_lines[condition]
        score = calibration.offset["face"] + calibration.face_weight * (line.slope * 2.0 + line.intercept)
        for group, members in GROUPS.items():
            for part in members:
                weight = calibration.body_weight["face"] * calibration.group_weights[group]
                score += weight * float(share[part]) * float(excess[part])
        assert found[0] + sum(found[1].values()) == pytest.approx(score, abs=1e-5)
        parts = tuple(PartEvidence(r, 1.0, 0, 0.0, 0.0, c) for r, c in found[1].items())
        exact = found[0] + sum(part.contribution for part in parts)
        assert Evidence("s", parts, found[0], exact, 0.0, 0.0, 0.0, None).score == exact
        assert set(found[1]) == {"face", *PART_NAMES[1:]}
