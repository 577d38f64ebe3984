"""A calibration that is off by ten times on other people, and one of their own that mends it."""

from functools import partial

import numpy as np
import pytest

from lineament.anatomy import CLASS_COUNT
from lineament.recognition.calibration import Calibration
from lineament.recognition.comparison import Comparison
from lineament.recognition.fitting import digest_of, fit
from lineament.recognition.held_out import Gathered, held_out_rates, scores_of

FIT = partial(fit, revision="own", population="p", model="m", face_model="f", temperature=0.07)
NOTHING = np.zeros(CLASS_COUNT, np.float32)


def world(people: int, probes: int, alike: float, seed: int) -> Gathered:
    """Every probe of every person against everybody's prototype. alike: how similar strangers look here."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0, 0.25, people)
    comparisons, pairs = [], []
    for probe in range(people):
        for _ in range(probes):
            for reference in range(people):
                mean = 5.0 if probe == reference else alike + own[probe] + own[reference]
                score = float(mean + rng.normal())
                comparisons.append(
                    Comparison(str(reference), NOTHING, NOTHING, score, score, "photograph-frontal")
                )
                pairs.append((probe, reference))
    found = np.array(pairs, dtype=np.int32)
    return Gathered(comparisons, found[:, 0] == found[:, 1], found)


@pytest.fixture(scope="module")
def shipped() -> Calibration:
    easy = world(60, 4, 0.0, seed=1)
    return FIT(easy.comparisons, easy.mated, 60)


def test_a_rate_that_is_off_by_ten_times_is_mended_on_people_held_out(shipped: Calibration) -> None:
    hard = world(80, 4, 1.3, seed=2)
    rates = {one.nominal: one for one in held_out_rates(hard, shipped, FIT)}
    one = rates[1e-2]
    assert one.before / one.comparisons > 10 * 1e-2
    assert 1e-2 / 2 < one.after / one.comparisons < 1e-2 * 2
    assert one.comparisons == 2 * 40 * 4 * 39


def test_nobody_judges_themselves(shipped: Calibration) -> None:
    seen: list[tuple[set[str], int]] = []

    def watched(comparisons, mated, people):  # type: ignore[no-untyped-def]
        seen.append(({one.subject for one in comparisons}, people))
        return FIT(comparisons, mated, people)

    held_out_rates(world(20, 3, 0.5, seed=3), shipped, watched)
    (one, count), (other, _) = seen
    assert count == len(one) == len(other) == 10 and not one & other


def test_rates_that_half_of_the_people_cannot_show_are_missing(shipped: Calibration) -> None:
    rates = held_out_rates(world(20, 2, 0.5, seed=4), shipped, FIT)
    assert [one.nominal for one in rates] == [1e-1]
    assert held_out_rates(world(6, 2, 0.5, seed=5), shipped, FIT) == []


def test_what_it_was_fixed_on_has_a_digest(shipped: Calibration) -> None:
    one, other = world(6, 2, 0.5, seed=6), world(6, 2, 0.5, seed=7)
    assert digest_of(one.comparisons, one.mated) == digest_of(one.comparisons, one.mated)
    assert digest_of(one.comparisons, one.mated) != digest_of(other.comparisons, other.mated)
    assert digest_of(one.comparisons, one.mated) != digest_of(one.comparisons, ~one.mated)
    assert len(scores_of(one.comparisons, shipped)) == len(one.comparisons)
