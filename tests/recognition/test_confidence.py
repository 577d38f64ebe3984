"""Confidences as probabilities: the map, its fit on a made-up world, the operating point, refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from test_matching import SIZE, TEMPLATE, prototype

from lineament.anatomy import PART_INDEX
from lineament.errors import BadInputError
from lineament.recognition.confidence import FILE, Confidence
from lineament.recognition.confidence_fitting import DISTANCE, Labelled, fit_confidence, operating_curve
from lineament.recognition.matching import PLACE_SIGMA, candidates, match
from lineament.recognition.pixels import NEAREST_SITES, PersonPixels


def held(**changes: object) -> Confidence:
    values: dict[str, object] = {
        "revision": "confidence-1", "population": "nobody", "model": "m", "distance": 0.08,
        "curves": {"all": {"raw": (0.2, 0.4, 0.8), "probability": (0.1, 0.5, 0.9)}}, "threshold": 0.5,
    }  # fmt: skip
    return Confidence.model_validate(values | changes)


def line(top: float, threshold: float) -> Confidence:
    return held(curves={"all": {"raw": (0.0, 1.0), "probability": (0.0, top)}}, threshold=threshold)


def labelled(raw: np.ndarray, right: np.ndarray, missed: int = 0) -> Labelled:
    count = len(raw)
    return Labelled(
        raw=raw.astype(np.float32), agreed=np.ones(count, bool),
        error=np.where(right, 0.01, 0.5).astype(np.float32), part=np.ones(count, np.uint8),
        own=np.ones(count, bool), picture=np.zeros(count, np.int32), missed=np.array([missed], np.int32),
    )  # fmt: skip


def test_the_map_by_hand() -> None:
    raw = np.array([0.0, 0.2, 0.3, 0.6, 1.0], np.float32)
    np.testing.assert_allclose(held().of(raw, np.ones(5, np.uint8)), [0.1, 0.1, 0.3, 0.7, 0.9], atol=1e-6)


def test_parts_have_curves_of_their_own() -> None:
    own = held(curves={**held().curves, "arms": {"raw": (0.0, 1.0), "probability": (0.5, 0.7)}})
    parts = np.array(
        [PART_INDEX["head"], PART_INDEX["left_forearm"], PART_INDEX["right_upper_arm"]], np.uint8
    )
    np.testing.assert_allclose(
        own.of(np.array([0.4, 0.0, 0.5], np.float32), parts), [0.5, 0.5, 0.6], atol=1e-6
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"curves": {"all": {"raw": (0.2,), "probability": (0.5,)}}},
        {"curves": {"all": {"raw": (0.2, 0.2), "probability": (0.5, 0.6)}}},
        {"curves": {"all": {"raw": (0.2, 0.4), "probability": (0.5, 0.4)}}},
        {"curves": {"all": {"raw": (0.2, 0.4), "probability": (0.5, 1.1)}}},
        {"curves": {"all": {"raw": (0.2, 0.4), "probability": (0.5, 0.6, 0.7)}}},
        {"curves": {"head": {"raw": (0.2, 0.4), "probability": (0.5, 0.6)}}},
        {"curves": {**held().curves, "wings": {"raw": (0.2, 0.4), "probability": (0.5, 0.6)}}},
        {"distance": 0.0},
    ],
)
def test_a_map_that_is_none_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        held(**changes)


def test_it_survives_the_disk_and_belongs_to_one_model(tmp_path) -> None:  # type: ignore[no-untyped-def]
    held().save(tmp_path / FILE)
    assert Confidence.load(tmp_path / FILE).belonging_to("m") == held()
    with pytest.raises(BadInputError, match=r"calibrated for m, the registration model is n; .*train conf"):
        held().belonging_to("n")
    with pytest.raises(BadInputError, match="no calibrated confidences"):
        Confidence.load(tmp_path / "missing.json")


def test_the_shipped_map_belongs_to_the_shipped_model_and_its_choice_is_recorded() -> None:
    from lineament.runtime.registrar import Registrar

    shipped = Confidence.load().belonging_to(Registrar.load(threads=1).model)
    assert shipped.chosen is not None
    assert shipped.chosen.gain == max(one.gain for one in shipped.curve)


def test_a_known_world_is_recovered() -> None:
    rng = np.random.default_rng(0)
    raw = rng.uniform(0, 1, 40_000)
    right = rng.random(40_000) < raw**2
    fitted = fit_confidence(labelled(raw, right), population="p", model="m", seed=3)
    at = np.linspace(0.1, 0.9, 9).astype(np.float32)
    np.testing.assert_allclose(fitted.of(at, np.ones(9, np.uint8)), at**2, atol=0.03)
    # Right more often than not is where raw**2 passes one half.
    assert fitted.threshold == pytest.approx(0.5, abs=0.051)
    assert fitted.correspondences == 40_000 and fitted.seed == 3 and fitted.distance == DISTANCE


def test_what_falls_is_pooled_and_too_little_is_refused() -> None:
    rng = np.random.default_rng(1)
    raw = rng.uniform(0, 1, 5000)
    fitted = fit_confidence(labelled(raw, rng.random(5000) > raw), population="p", model="m")
    assert np.ptp(fitted.curves["all"].probability) < 0.1
    for few in (labelled(raw[:100], raw[:100] > 0.5), labelled(raw, raw > 2.0)):
        with pytest.raises(BadInputError, match="too few to calibrate"):
            fit_confidence(few, population="p", model="m")


def test_parts_that_differ_are_fitted_apart_where_they_have_enough() -> None:
    rng = np.random.default_rng(2)
    raw = rng.uniform(0, 1, 20_000)
    part = np.where(np.arange(20_000) % 2, PART_INDEX["torso"], PART_INDEX["left_calf"]).astype(np.uint8)
    part[:300] = PART_INDEX["left_hand"]
    right = rng.random(20_000) < np.where(part == PART_INDEX["torso"], 0.2 + 0.6 * raw, 0.5 * raw)
    seen = replace(labelled(raw, right), part=part)
    fitted = fit_confidence(seen, population="p", model="m")
    assert set(fitted.curves) == {"all", "torso", "legs"}
    half = np.full(3, 0.5, np.float32)
    at = fitted.of(half, np.array([PART_INDEX[n] for n in ("torso", "left_calf", "left_hand")], np.uint8))
    np.testing.assert_allclose(at, [0.5, 0.25, 0.375], atol=0.04)


def test_the_operating_curve_by_hand() -> None:
    # Calibrated: 0.1, 0.5, 0.5, 0.9; the first and the last are right, one shows nobody, two are missed.
    seen = labelled(np.array([0.2, 0.4, 0.4, 0.8]), np.array([True, False, False, True]), missed=2)
    seen.error[1] = np.inf
    points = {one.threshold: one for one in operating_curve(seen, held())}
    everything, half, last = points[0.0], points[0.5], points[0.9]
    assert everything.correspondence_rate == pytest.approx(3 / 5)
    assert everything.inlier_share == pytest.approx(2 / 4) and everything.inlier_recall == pytest.approx(
        2 / 5
    )
    assert everything.gain == 0.0
    assert (half.inlier_share, half.gain) == (pytest.approx(1 / 3, abs=1e-4), pytest.approx(-1 / 5))
    assert last.gain == pytest.approx(1 / 5) and points[0.95].inlier_share is None


def two_sites() -> tuple[int, int]:
    """A site of the head and the head's site that lies farthest from it."""
    head = np.flatnonzero(TEMPLATE.parts == 1)
    away = np.linalg.norm(TEMPLATE.positions[head] - TEMPLATE.positions[head[0]], axis=1)
    return int(head[0]), int(head[away.argmax()])


def one_pixel(part: int = 1) -> PersonPixels:
    """Half-way between the two sites, its feature nearer to the first by cosine 0.1."""
    first, second = two_sites()
    feature = np.zeros((1, SIZE), np.float32)
    feature[0, :2] = 0.8, 0.6
    return PersonPixels(
        xy=np.array([[10.0, 20.0]], np.float32), grid=np.zeros((1, 2), np.int32),
        parts=np.array([part], np.uint8), part_probability=np.array([0.9], np.float32),
        places=TEMPLATE.positions[[first, second]].mean(axis=0, keepdims=True), features=feature,
        sites=np.full((1, NEAREST_SITES), first, np.int32),
        weights=np.full((1, NEAREST_SITES), 1 / NEAREST_SITES, np.float32),
    )  # fmt: skip


def two_site_prototype():  # type: ignore[no-untyped-def]
    first, second = two_sites()
    features, measured = np.zeros((len(TEMPLATE.parts), SIZE)), np.zeros(len(TEMPLATE.parts), bool)
    features[first, 0], features[second, 0], features[second, 1] = 1.0, 0.28, 0.96 * 0.5
    measured[[first, second]] = True
    return prototype(features, measured)


def test_the_raw_confidence_by_hand() -> None:
    first, second = two_sites()
    found = candidates(one_pixel(), two_site_prototype(), TEMPLATE, temperature=0.1)
    # Cosines 0.8 and 0.8 * 0.28 + 0.6 * 0.48 = 0.512 over 0.1; the two places count alike.
    expected = 0.9 / (1 + math.exp(-(8.0 - 5.12)))
    assert np.linalg.norm(TEMPLATE.positions[first] - TEMPLATE.positions[second]) > DISTANCE > PLACE_SIGMA
    assert found.sites.tolist() == [first] and found.agreed.tolist() == [True]
    assert found.cosine[0] == pytest.approx(0.8, abs=1e-3)
    assert found.raw[0] == pytest.approx(expected, abs=2e-3)


def test_only_agreeing_parts_above_the_operating_point_are_kept() -> None:
    map_ = line(0.5, threshold=0.4)
    kept = match(one_pixel(), two_site_prototype(), TEMPLATE, temperature=0.1, confidence=map_)
    assert kept.sites.tolist() == [two_sites()[0]]
    assert kept.confidence[0] == pytest.approx(0.5 * 0.9 / (1 + math.exp(-2.88)), abs=1e-3)
    above = map_.model_copy(update={"threshold": 0.45})
    assert not len(
        match(one_pixel(), two_site_prototype(), TEMPLATE, temperature=0.1, confidence=above).sites
    )
    torso = match(one_pixel(2), two_site_prototype(), TEMPLATE, temperature=0.1, confidence=map_)
    assert not len(torso.sites)
