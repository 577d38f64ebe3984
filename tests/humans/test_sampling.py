"""Sampled adults: stature and heaviness as populations have them, sides nearly alike."""

import numpy as np
import pytest

from lineament.humans.body import BodyModel
from lineament.humans.parameters import BodyParameters

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def people() -> list[BodyParameters]:
    model = BodyModel.load()
    return [model.sample(np.random.default_rng(seed)) for seed in range(120)]


def _body_mass_index(parameters: BodyParameters) -> float:
    model = BodyModel.load()
    corner = model.build(parameters).vertices.astype(float)[model.faces]
    volume = np.einsum("fc,fc->", corner[:, 0], np.cross(corner[:, 1], corner[:, 2])) / 6
    return float(985 * volume / model.stature(parameters) ** 2)


def test_statures_follow_the_adult_distributions(people: list[BodyParameters]) -> None:
    statures = np.array([BodyModel.load().stature(person) for person in people])
    female = np.array([person.is_female for person in people])
    assert 0.35 < female.mean() < 0.65
    assert statures[~female].mean() == pytest.approx(1.75, abs=0.03)
    assert statures[female].mean() == pytest.approx(1.62, abs=0.03)
    assert statures.min() > 1.40 and statures.max() < 1.97


def test_heaviness_spreads_as_among_adults(people: list[BodyParameters]) -> None:
    index = np.array([_body_mass_index(person) for person in people])
    assert 22.5 < index.mean() < 26.0
    assert 3.0 < index.std() < 5.5
    assert index.min() > 16.0 and index.max() < 45.0


def test_everybody_is_adult_and_within_range(people: list[BodyParameters]) -> None:
    for person in people:
        assert person.phenotypes["age"] >= 2 / 3
        assert max(abs(value) for value in person.local_changes.values()) <= 0.9


def test_left_and_right_sliders_are_nearly_alike(people: list[BodyParameters]) -> None:
    gaps = [
        value - person.local_changes["r-" + name[2:]]
        for person in people
        for name, value in person.local_changes.items()
        if name.startswith("l-")
    ]
    assert 0.01 < np.std(gaps) < 0.05
