"""Correspondence rate, cardinality, distribution and mean log-probability, worked out by hand."""

import math

import numpy as np
import pytest
from test_scoring import calibration

from lineament.anatomy import CLASS_COUNT, PART_INDEX
from lineament.geometry.template import load_template
from lineament.recognition.comparison import Comparison
from lineament.recognition.evidence import evidence_of
from lineament.recognition.pixels import NEAREST_SITES, PersonPixels
from lineament.types import Registration

TEMPLATE = load_template()
HEAD, TORSO = PART_INDEX["head"], PART_INDEX["torso"]


def pixels(head: int, torso: int) -> PersonPixels:
    parts = np.repeat([HEAD, TORSO], [head, torso]).astype(np.uint8)
    site = {part: int(np.flatnonzero(TEMPLATE.parts == part)[0]) for part in (HEAD, TORSO)}
    sites = np.repeat([[site[int(part)]] for part in parts], NEAREST_SITES, axis=1).astype(np.int32)
    count = len(parts)
    return PersonPixels(
        xy=np.zeros((count, 2), np.float32), grid=np.zeros((count, 2), np.int32), parts=parts,
        part_probability=np.ones(count, np.float32), places=TEMPLATE.positions[sites[:, 0]],
        features=np.ones((count, 1), np.float32), sites=sites,
        weights=np.full((count, NEAREST_SITES), 1 / NEAREST_SITES, np.float32),
    )  # fmt: skip


def registration(visible: np.ndarray, head: int = 3) -> Registration:
    parts = np.repeat([HEAD, TORSO], [head, 1]).astype(np.uint8)
    return Registration(
        pixels=np.zeros((head + 1, 2), np.float32), sites=np.zeros(head + 1, np.int32), parts=parts,
        cosine=np.array([0.2, 0.4, 0.6, 0.9][: head + 1], np.float32),
        confidence=np.array([0.5, 0.5, 0.8, 0.25][: head + 1], np.float32), visible=visible,
    )  # fmt: skip


def compared() -> Comparison:
    share = np.zeros(CLASS_COUNT, np.float32)
    share[[HEAD, TORSO]] = 0.5
    return Comparison("P01", np.full(CLASS_COUNT, 0.1, np.float32), share, None, None, None)


def test_all_measures_by_hand() -> None:
    seen = pixels(head=6, torso=4)
    visible = seen.visible(TEMPLATE)
    found = evidence_of(compared(), registration(visible), seen, None, calibration(), TEMPLATE)
    assert found is not None
    parts = {one.region: one for one in found.parts}
    assert (parts["head"].matched, parts["head"].rate) == (3, 0.5)
    assert (parts["torso"].matched, parts["torso"].rate) == (1, 0.25)
    assert parts["head"].similarity == pytest.approx(0.4) and parts["torso"].similarity == pytest.approx(0.9)
    assert found.cardinality == pytest.approx(3 * visible[HEAD] + 1 * visible[TORSO])
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert (visible > 0).sum() == 2 and found.evenness == pytest.approx(entropy / math.log(2))
    assert found.mean_log_probability == pytest.approx(np.log([0.5, 0.5, 0.8, 0.25]).mean())


def test_without_correspondences_nothing_is_certain() -> None:
    seen = pixels(head=6, torso=4)
    nothing = Registration(
        np.zeros((0, 2), np.float32), np.zeros(0, np.int32), np.zeros(0, np.uint8), np.zeros(0, np.float32),
        np.zeros(0, np.float32), seen.visible(TEMPLATE),
    )  # fmt: skip
    found = evidence_of(compared(), nothing, seen, None, calibration(), TEMPLATE)
    assert found is not None and found.cardinality == 0.0 and found.evenness == 0.0
    assert math.isnan(found.mean_log_probability)


def test_hidden_parts_do_not_count_in_the_distribution() -> None:
    seen = pixels(head=6, torso=0)
    alone = Registration(
        np.zeros((2, 2), np.float32), np.zeros(2, np.int32), np.full(2, HEAD, np.uint8),
        np.ones(2, np.float32), np.ones(2, np.float32), seen.visible(TEMPLATE),
    )  # fmt: skip
    found = evidence_of(compared(), alone, seen, None, calibration(), TEMPLATE)
    assert found is not None and found.evenness == 0.0
    assert {one.region: one.matched for one in found.parts}["torso"] == 0
