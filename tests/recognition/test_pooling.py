"""Several photographs of one probe: sums by hand, and a made-up world whose dependence is known."""

from collections.abc import Sequence

import numpy as np
import pytest
from test_scoring import calibration

from lineament.anatomy import CLASS_COUNT, PART_INDEX
from lineament.recognition.comparison import Comparison
from lineament.recognition.dependence import cost, fit_dependence, sums_of
from lineament.recognition.pooling import Look, amplified, pool

HALF = {"face": 0.5, "body": 0.2}


def look(face: float | None = None, quality: float = 1.0, **parts: tuple[float, float]) -> Look:
    excess, share = np.zeros(CLASS_COUNT, np.float32), np.zeros(CLASS_COUNT, np.float32)
    for name, (value, shown) in parts.items():
        excess[PART_INDEX[name]], share[PART_INDEX[name]] = value, shown
    condition = None if face is None else "photograph-frontal"
    return Look(Comparison("P01", excess, share, face, face, condition), quality)


def test_one_photograph_says_what_it_says_alone() -> None:
    held = calibration(dependence=HALF)
    one = look(0.5, head=(0.2, 0.5))
    found = pool([one], held)
    assert found is not None
    offset, alone = held.contributions(one.comparison)  # type: ignore[misc]
    assert (found.offset, dict(found.contributions)) == (offset, pytest.approx(alone))


def test_two_photographs_by_hand() -> None:
    # The face's line is 20 s - 6, weighted by 0.5; head and torso are 0.5 * 10 * share * excess.
    found = pool(
        [look(0.5, 0.75, head=(0.2, 0.5)), look(0.8, 0.25, torso=(0.1, 1.0))], calibration(dependence=HALF)
    )
    assert found is not None and found.mode == "face"
    gain = 1 / (0.5 + 0.5 * (0.75**2 + 0.25**2))
    assert found.brought[0]["face"] == pytest.approx(gain * 0.75 * 0.5 * 4)
    assert found.brought[1]["face"] == pytest.approx(gain * 0.25 * 0.5 * 10)
    assert found.contributions["face"] == pytest.approx(found.brought[0]["face"] + found.brought[1]["face"])
    # A part that one photograph shows counts as it does alone.
    assert found.contributions["head"] == pytest.approx(0.5 * 10 * 0.5 * 0.2)
    assert found.contributions["torso"] == pytest.approx(0.5 * 10 * 0.1)
    assert found.offset == pytest.approx(-gain)
    assert found.score == pytest.approx(found.offset + sum(found.contributions.values()))


def test_a_body_beside_the_face_of_another_photograph_counts_as_beside_its_own() -> None:
    found = pool([look(0.5), look(head=(0.2, 0.5))], calibration(dependence=HALF))
    assert found is not None
    assert found.contributions["head"] == pytest.approx(0.5 * 10 * 0.5 * 0.2)
    assert found.contributions["face"] == pytest.approx(0.5 * 4) and found.brought[1].get("face") is None


def test_copies_add_nothing_where_photographs_repeat_each_other() -> None:
    one = look(0.5, head=(0.2, 0.5))
    alone = pool([one], calibration())
    assert alone is not None
    for dependence, factor in (({"face": 1.0, "body": 1.0}, 1.0), ({"face": 0.0, "body": 0.0}, 3.0)):
        found = pool([one] * 3, calibration(dependence=dependence))
        assert found is not None and found.score == pytest.approx(factor * alone.score, rel=1e-5)


def test_a_photograph_that_says_nothing_neither_adds_nor_dilutes() -> None:
    one = look(0.5, head=(0.2, 0.5))
    alone, beside = pool([one], calibration()), pool([one, look()], calibration(dependence=HALF))
    assert alone is not None and beside is not None and beside.score == pytest.approx(alone.score)
    assert pool([look()], calibration()) is None and pool([], calibration()) is None


def test_amplification_lies_between_the_mean_and_the_sum() -> None:
    assert amplified([0.25] * 4, 1.0) == 1.0 and amplified([0.25] * 4, 0.0) == 4.0
    assert amplified([0.25] * 4, 0.4) == pytest.approx(4 / (1 + 3 * 0.4))


def world(rho: float, seed: int) -> tuple[list[Sequence[Look]], np.ndarray]:
    """Groups of three photographs whose single ratios are calibrated (mean +-J / 2, variance J) and correlate
    by rho, given who it is.
    """
    rng = np.random.default_rng(seed)
    mated = np.repeat([True, False], [1500, 6000])
    information = 4.0
    common = rng.normal(0, np.sqrt(rho * information), len(mated))
    own = rng.normal(0, np.sqrt((1 - rho) * information), (len(mated), 3))
    ratios = np.where(mated, 0.5, -0.5)[:, None] * information + common[:, None] + own
    # Offset -1, and half of 20 s - 6 is to be the rest.
    return [[look(float((ratio + 1) / 10 + 0.3)) for ratio in row] for row in ratios], mated


@pytest.mark.parametrize("rho", [0.15, 0.6])
def test_a_known_dependence_is_recovered_and_costs_least(rho: float) -> None:
    groups, mated = world(rho, seed=1)
    sums = sums_of(groups, mated, calibration())
    found = fit_dependence(sums)
    assert found["face"] == pytest.approx(rho, abs=0.07) and found["body"] == 1.0
    others, same = world(rho, seed=2)
    judged = sums_of(others, same, calibration())
    pooled, mean, plain = (
        cost(judged.scores({"face": value, "body": 1.0}), same) for value in (found["face"], 1.0, 0.0)
    )
    assert pooled < mean and pooled < plain
    held = calibration(dependence=found)
    np.testing.assert_allclose(judged.scores(found)[:5], [pool(g, held).score for g in others[:5]], rtol=1e-5)  # type: ignore[union-attr]


def test_too_few_groups_stay_with_the_mean() -> None:
    groups, mated = world(0.2, seed=3)
    few = sums_of(groups[:10], mated[:10], calibration())
    assert fit_dependence(few) == {"face": 1.0, "body": 1.0}
    assert fit_dependence(sums_of([], np.zeros(0, bool), calibration())) == {"face": 1.0, "body": 1.0}
