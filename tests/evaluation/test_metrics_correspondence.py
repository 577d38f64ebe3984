"""Correspondences, parts and joints by hand."""

import numpy as np
import pytest

from lineament.evaluation.metrics import (
    Correspondences,
    Figure,
    TooFew,
    canonical_distance,
    joints_hit,
    overlap,
    part_counts,
    part_iou,
)


def value(figure: Figure | TooFew) -> float:
    assert isinstance(figure, Figure)
    return figure.value


def test_rates_by_hand_with_unmatched_pixels_counted() -> None:
    found = Correspondences(
        np.array([0.9, 0.8, 0.2, -np.inf]),
        np.array([0.01, 0.2, 0.01, np.inf]),
        np.array([0, 0, 1, 1], np.int32),
    )
    assert [value(found.rate(t)) for t in (-np.inf, 0.5, 0.85)] == [0.75, 0.5, 0.25]
    assert value(found.inlier_recall(0.05)) == 0.5
    assert value(found.inlier_recall(0.05, 0.5)) == 0.25
    assert value(found.inlier_share(0.05, 0.5)) == 0.5
    assert value(found.canonical_error(0.5)) == pytest.approx(0.105)
    assert isinstance(found.canonical_error(0.95), TooFew)


def test_distance() -> None:
    assert canonical_distance(np.zeros((2, 3), np.float32), np.float32([[3, 4, 0], [0, 0, 0]])).tolist() == [
        5,
        0,
    ]


def test_part_overlap_is_pooled_over_photographs() -> None:
    truth = np.array([[1, 1, 2, 0]], np.uint8)
    found = np.array([[1, 2, 2, 2]], np.uint8)
    counts = np.stack([part_counts(found, truth, 4), part_counts(truth, truth, 4)])
    mean, parts = part_iou(counts, np.array([0, 1], np.int32))
    assert value(parts[0]) == (1 + 2) / (2 + 2)
    assert value(parts[1]) == (1 + 1) / (3 + 1)
    assert isinstance(parts[2], TooFew)
    assert value(mean) == (0.75 + 0.5) / 2
    assert overlap(found == 1, truth == 1) == 0.5


def test_joints_outside_the_picture_are_missed() -> None:
    best = np.array([[1, 2], [3, 4]], np.uint8)
    places = np.array([[0.5, 0.5], [1.5, 0.5], [1.9, 1.9], [2.5, 0.5], [-0.1, 0.5]])
    hits = joints_hit(best, places, [{1}, {1}, {3, 4}, {2}, {1}])
    assert hits.tolist() == [True, False, True, False, False]
