import json

import numpy as np
import pytest

from lineament.distributions import Choice, Fixed, Given, LogUniform, Mixture, Normal, Uniform, Whole, chance
from lineament.errors import BadInputError
from lineament.synth.options import FRAMINGS, make_plan, options_text, read_options
from lineament.synth.plan import Plan
from lineament.synth.presets import PRESETS
from lineament.synth.registry import COVARIATES, full_name
from lineament.synth.wording import possible, spoken

STANDING = {"pose.kind": "standing"}


def drawn(plan: Plan, count: int = 400) -> list[dict]:
    return [plan.picture_values(1, number, (), STANDING) for number in range(count)]


@pytest.mark.parametrize(
    "distribution, low, middle, high",
    [
        (Uniform(2, 4), 2, 3, 4),
        (LogUniform(1, 100), 1, 10, 100),
        (Normal(5, 2, 1, 9), 1, 5, 9),
        (Whole(3, 5), 3, 4, 5),
        (Choice({"a": 0.4, "b": 0.2, "c": 0.4}), "a", "b", "c"),
        (Mixture(((0.5, Fixed(0.0)), (0.5, Uniform(0, 1)))), 0, 0, 1),
        (Given("x", {}, Fixed(7)), 7, 7, 7),
    ],
)
def test_quantiles_by_hand(distribution, low, middle, high):
    for u, expected in ((0.0, low), (0.4999999, middle), (1 - 1e-12, high)):
        value = distribution.at(u, {})
        assert value == (expected if isinstance(expected, str) else pytest.approx(expected, abs=1e-4))


def test_a_truncated_normal_has_its_own_median():
    # Above its mean the half-normal's median is 0.6745 deviations.
    assert Normal(0, 1, 0, np.inf).at(0.5, {}) == pytest.approx(0.67449, abs=1e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Choice({"a": 0.5, "b": 0.4}),
        lambda: Choice({"a": 1.5, "b": -0.5}),
        lambda: Choice({}),
        lambda: Choice({"a": np.nan, "b": 0.5}),
        lambda: Uniform(2, 1),
        lambda: LogUniform(0, 1),
        lambda: Normal(0, 0),
        lambda: chance(1.2),
    ],
)
def test_impossible_distributions_are_refused_in_one_line(make):
    with pytest.raises(BadInputError) as refused:
        make()
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 150


def test_every_drawn_value_is_possible_and_follows_its_type():
    for values in drawn(Plan()):
        for name, value in values.items():
            COVARIATES[name].checked(name, value)


def test_fixing_one_covariate_moves_no_other():
    before, after = drawn(Plan(), 50), drawn(Plan().fixed("jpeg", 50), 50)
    for first, second in zip(before, after, strict=True):
        assert {name for name in first if first[name] != second[name]} <= {"sensor.jpeg"}
        assert second["sensor.jpeg"] == 50


def test_balanced_values_are_spread_evenly():
    yaw = np.array([values["framing.yaw"] for values in drawn(make_plan(balance=["yaw"]), 72)])
    counts, _ = np.histogram(yaw, bins=12, range=(-np.pi, np.pi))
    assert counts.min() >= 5 and counts.max() <= 7


def test_values_balanced_together_fill_their_combinations_evenly():
    values = drawn(make_plan(balance=["yaw", "light.turn"]), 144)
    yaw, turn = (np.array([one[name] for one in values]) for name in ("framing.yaw", "light.turn"))
    cells, _, _ = np.histogram2d(yaw, turn, bins=6, range=((-np.pi, np.pi), (0, 2 * np.pi)))
    assert cells.min() >= 2 and cells.max() <= 6
    assert all(np.histogram(one, bins=12)[0].min() >= 9 for one in (yaw, turn))


def test_a_last_part_without_a_share_is_never_drawn():
    # Shares of a tenth add up to a little less than 1.
    parts = (*((0.1, Fixed(0.0)) for _ in range(10)), (0.0, Fixed(7.0)))
    assert Mixture(parts).at(1 - 2**-53, {}) == 0.0


def test_framings_pairs_and_sequences_show_somebody_unless_nobody_is_asked_for():
    for options in ({"framing": "head"}, {"pairs": "new-clothes"}, {"sequence": 4}):
        assert not any(one["scene.nobody"] for one in drawn(make_plan(**options), 200))
    assert any(one["scene.nobody"] for one in drawn(make_plan(), 200))
    assert all(one["scene.nobody"] for one in drawn(make_plan(framing="head", fix=["nobody=true"]), 9))


def test_sweeps_combine_last_fastest():
    plan = make_plan(sweep=["yaw=-90:90:45", "clothing=suit,robe"])
    assert plan.steps == 10
    turns = [plan.turn(index) for index in range(20)]
    assert [dict(one.fixed)["clothing.dress"] for one in turns[:4]] == ["suit", "robe", "suit", "robe"]
    assert np.degrees(dict(turns[2].fixed)["framing.yaw"]) == pytest.approx(-45)
    assert turns[9].base == 0 and turns[10].base == 1


def test_shares_and_ranges_from_the_command_line():
    plan = make_plan(distributions=["grey=true:0.5,false:0.5", "elevation=-20..70", "jpeg=10..20"])
    values = drawn(plan)
    assert 0.4 < np.mean([one["sensor.grey"] for one in values]) < 0.6
    elevation = np.degrees([one["framing.elevation"] for one in values])
    assert elevation.min() > -20 and elevation.max() < 70 and np.ptp(elevation) > 80
    assert {type(one["sensor.jpeg"]) for one in values} == {int}


@pytest.mark.parametrize(
    "options, said",
    [
        ({"fix": ["clothing=tuxedo"]}, "possible: "),
        ({"fix": ["clohting=suit"]}, "clothing"),
        ({"fix": ["yaw"]}, "NAME="),
        ({"fix": ["yaw=400"]}, "-180 to 180 degrees"),
        ({"fix": ["yaw=east"]}, "is a number"),
        ({"fix": ["jpeg=nan"]}, "is a number"),
        ({"fix": ["kind=sunny"]}, "may mean"),
        ({"sweep": ["yaw=-90:90:0"]}, "never arrives"),
        ({"sweep": ["yaw=90:-90:5"]}, "never arrives"),
        ({"sweep": ["yaw=-90:90:0.00001"]}, "at most"),
        ({"sweep": ["yaw=-200:200:5"]}, "possible"),
        ({"sweep": ["clothing=1:2:3"]}, "of numbers"),
        ({"sweep": ["yaw=0:90:5"], "fix": ["yaw=0"]}, "not both"),
        ({"distributions": ["grey=true:0.5,false:0.4"]}, "sum to 1"),
        ({"distributions": ["grey=0..1"]}, "shares of true, false"),
        ({"distributions": ["distance=9..1"]}, "from its lower end"),
        ({"size": "256"}, "WIDTHxHEIGHT"),
        ({"size": "4x4"}, "16 to 4096"),
        ({"pairs": "new-clothes", "sequence": 4}, "leave one out"),
        ({"sequence": 0}, "a sequence has"),
        ({"distributions": ["grey=true:nan,false:0.5"]}, "sum to 1"),
        ({"distributions": ["grey=true:0.3,true:0.5,false:0.5"]}, "two shares of true"),
        ({"framing": "heads"}, "--framing is one of"),
        ({"pairs": "old-clothes"}, "--pairs is one of"),
        ({"pairs": "same-clothes", "fix": ["person=3"]}, "two people"),
        ({"preset": "first", "fix": ["clothing=suit"]}, "clothing.dress"),
        ({"preset": "first", "sweep": ["shoes=boots,sandals"]}, "clothing.shoes"),
    ],
)
def test_bad_plans_get_one_clear_line(options, said):
    with pytest.raises(BadInputError) as refused:
        make_plan(**options)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_plan_has_a_stable_text():
    first, second = make_plan(fix=["jpeg=50"]), make_plan(fix=["jpeg=50"])
    assert first.to_json() == second.to_json() and first.digest == second.digest
    assert first.digest != Plan().digest
    assert json.loads(first.to_json())["covariates"]["sensor.jpeg"] == {"is": "Fixed", "value": 50}


def test_presets_name_real_covariates():
    for name in FRAMINGS:
        for preset in PRESETS:
            assert make_plan(framing=name, preset=preset).height >= 112
    assert full_name("yaw") == "framing.yaw"


def test_options_survive_as_text():
    text = options_text(fix=["jpeg=50"], sweep=(), size="64x96", pairs="none")
    assert text == '{"fix": ["jpeg=50"], "size": "64x96"}'
    assert read_options(text).digest == make_plan(fix=["jpeg=50"], size="64x96").digest
    assert options_text(fix=(), sequence=1) == "" and read_options("").digest == Plan().digest
    with pytest.raises(BadInputError, match="does not describe"):
        read_options('{"colour": "red"}')


def test_every_covariate_has_words():
    for covariate in COVARIATES.values():
        assert possible(covariate) and spoken(covariate.distribution, covariate.unit)
    assert spoken(COVARIATES["framing.yaw"].distribution, "rad") == "-180 to 180 alike"
    assert possible(COVARIATES["sensor.jpeg"]) == "0 to 100, whole"
