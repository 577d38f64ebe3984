"""Who lives in a population: distributions as stated, as set, and refused in one line."""

import numpy as np
import pytest

from lineament.distributions import Fixed, Normal, Uniform
from lineament.errors import BadInputError
from lineament.humans.body import BodyModel
from lineament.humans.demography import Demography, age_phenotype, age_years
from lineament.humans.sampling import DENSITY

pytestmark = pytest.mark.train


def _draw(demography: Demography, count: int = 2000):
    rng = np.random.default_rng(0)
    return [demography.draw(rng) for _ in range(count)]


def test_by_default_adults_of_the_world() -> None:
    people = _draw(Demography())
    ages = np.array([one.age for one in people])
    assert ages.min() >= 18 and ages.max() <= 90
    assert 37 < np.median(ages) < 43
    women = [one for one in people if one.sex == "female"]
    assert 0.46 < len(women) / len(people) < 0.54
    assert np.mean([one.stature for one in women]) == pytest.approx(1.62, abs=0.01)
    assert np.std([one.stature for one in women]) == pytest.approx(0.07, abs=0.006)
    shares = np.array([one.ancestry for one in people])
    assert np.allclose(shares.sum(axis=1), 1.0)
    assert np.allclose(shares.mean(axis=0), 1 / 3, atol=0.03)
    assert 0.48 < (shares.max(axis=1) > 0.7).mean() < 0.57, "half are mainly of one ancestry, half are mixed"


def test_a_population_can_be_set() -> None:
    people = _draw(
        Demography(
            age=Uniform(30, 40),
            sexes={"female": 1.0},
            ancestry={"asian": 0.9, "african": 0.1},
            stature={"female": Normal(1.55, 0.05, 1.4, 1.7), "male": Fixed(1.7)},
        ),
        500,
    )
    assert all(30 <= one.age <= 40 and one.sex == "female" for one in people)
    assert all(one.ancestry[2] == 0.0 for one in people)
    assert np.mean([one.ancestry[1] for one in people]) == pytest.approx(0.9, abs=0.04)
    assert np.mean([one.stature for one in people]) == pytest.approx(1.55, abs=0.01)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sexes": {"female": 0.4}}, "sums to 0.4"),
        ({"sexes": {"woman": 1.0}}, "there are female, male"),
        ({"ancestry": {"martian": 1.0}}, "there are african, asian, caucasian"),
        ({"age": Fixed(12)}, "keep it within 18..90"),
        ({"age": Uniform(20, 120)}, "keep it within 18..90"),
        ({"concentration": 0.0}, "above 0"),
        ({"stature": {"female": Fixed(1.6)}}, "entry for 'male'"),
        ({"stature": {"female": Fixed(160), "male": Fixed(1.7)}}, "1.2..2.3"),
    ],
)
def test_impossible_populations_are_refused_in_one_line(given: dict, words: str) -> None:
    with pytest.raises(BadInputError, match=words) as error:
        Demography(**given)
    assert "\n" not in str(error.value)


def test_equal_populations_have_the_same_key_and_others_not() -> None:
    assert Demography().key == Demography().key
    assert Demography(age=Fixed(30)).key != Demography().key
    assert Demography(ancestry={"asian": 1.0}).key != Demography().key


def test_bodies_have_the_stature_and_mass_that_were_drawn() -> None:
    model = BodyModel.load()
    for seed in range(16):
        drawn = Demography().draw(np.random.default_rng(seed))
        parameters = model.sample(np.random.default_rng(seed), Demography())
        stature, volume = model.measure(parameters)
        assert stature == pytest.approx(drawn.stature, abs=0.005)
        index = DENSITY * volume / stature**2
        assert index == pytest.approx(drawn.body_mass_index, rel=0.2)
        assert age_years(parameters.phenotypes["age"]) == pytest.approx(max(drawn.age, 25.0), abs=1e-6)


def test_ages_and_phenotypes_are_inverse() -> None:
    for years in (25.0, 40.0, 90.0):
        assert age_years(age_phenotype(years)) == pytest.approx(years)
    assert age_phenotype(18.0) == age_phenotype(25.0)
