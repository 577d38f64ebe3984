"""Error versus discard, worked out by hand, and what it must do at the extremes."""

import numpy as np
import pytest

from lineament.evaluation.comparisons import PairScores, SampleTable
from lineament.evaluation.metrics import TooFew
from lineament.evaluation.metrics.discard import error_versus_discard

RNG = np.random.default_rng(2)
COUNT = 200


def table(prefix: str, count: int = COUNT) -> SampleTable:
    names = np.array([f"{prefix}{k:03d}" for k in range(count)])
    return SampleTable(names, np.array([f"s{k % 20}" for k in range(count)]), np.zeros(count, bool))


def pairs(score: np.ndarray) -> PairScores:
    rows = np.arange(len(score), dtype=np.int32)
    return PairScores(table("p", len(score)), table("r", len(score)), rows, rows, score.astype(np.float32))


def test_worked_by_hand() -> None:
    """40 comparisons; those of the ten worst probes fail. Probes are half of the 80 photographs."""
    score = np.where(np.arange(40) < 10, 0.0, 1.0)
    found = error_versus_discard(pairs(score), np.arange(40.0), np.full(40, 100.0), 0.5, rounds=100)
    assert not isinstance(found, TooFew)
    assert found.fnmr[0] == pytest.approx(10 / 40)
    at = int(np.flatnonzero(np.isclose(found.share, 0.05))[0])  # 4 of 80 photographs
    assert found.fnmr[at] == pytest.approx(6 / 36) and found.kept[at] == 36
    at = int(np.flatnonzero(np.isclose(found.share, 0.12))[0])  # 9 of 80, 9.6 not reached
    assert found.kept[at] == 31 and found.fnmr[at] == pytest.approx(1 / 31)
    assert found.share[-1] == pytest.approx(0.13), "fewer than 30 comparisons are not told"
    assert found.area.value == pytest.approx(found.fnmr.mean())
    assert found.relative.value == pytest.approx(found.fnmr.mean() / 0.25)


def test_quality_that_knows_is_below_one_that_does_not() -> None:
    score = RNG.normal(size=COUNT)
    good = error_versus_discard(pairs(score), score, np.full(COUNT, 9.0), -0.5, rounds=100)
    bad = error_versus_discard(pairs(score), -score, np.full(COUNT, 9.0), -0.5, rounds=100)
    none = error_versus_discard(pairs(score), RNG.random(COUNT), RNG.random(COUNT), -0.5, rounds=100)
    assert not isinstance(good, TooFew) and not isinstance(bad, TooFew) and not isinstance(none, TooFew)
    assert good.relative.value < none.relative.value < bad.relative.value
    assert none.relative.low < 1 < none.relative.high
    assert (np.diff(good.fnmr) <= 1e-12).all()


def test_failures_are_discarded_first_and_the_worse_side_decides() -> None:
    score = np.ones(COUNT)
    score[:20] = -np.inf
    ours, theirs = np.full(COUNT, 0.5), np.full(COUNT, 0.5)
    theirs[:20] = np.nan
    found = error_versus_discard(pairs(score), ours, theirs, 0.0, rounds=100)
    assert not isinstance(found, TooFew)
    assert found.fnmr[0] == pytest.approx(0.1) and not found.fnmr[found.share >= 0.05].any()


def test_a_photograph_on_both_sides_counts_once() -> None:
    both = table("x", 60)
    probe, reference = np.arange(60, dtype=np.int32), ((np.arange(60) + 20) % 60).astype(np.int32)
    score = np.where(probe < 6, 0.0, 1.0).astype(np.float32)
    mated = PairScores(both, both, probe, reference, score)
    found = error_versus_discard(mated, np.arange(60.0), np.arange(60.0), 0.5, rounds=100)
    assert not isinstance(found, TooFew)
    at = int(np.flatnonzero(np.isclose(found.share, 0.1))[0])  # the six worst, each in two comparisons
    assert found.kept[at] == 60 - 12 and found.fnmr[at] == 0


def test_without_errors_there_is_nothing_to_show() -> None:
    found = error_versus_discard(pairs(np.ones(COUNT)), np.ones(COUNT), np.ones(COUNT), 0.0)
    assert isinstance(found, TooFew) and found.cases == COUNT
