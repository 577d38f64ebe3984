"""A population: nobody alike, statistics as stated, a sheet to look at; with and without assets."""

import json
from pathlib import Path

import numpy as np
import pytest

from lineament.cli.synth_people import people as command
from lineament.distributions import Fixed
from lineament.errors import BadInputError
from lineament.humans.demography import Demography
from lineament.humans.wardrobe import IdentityLook
from lineament.synth.people import People
from lineament.synth.people_sheet import FACE, FIGURE, figures_of, people_sheet, statistics

pytestmark = pytest.mark.train
COUNT = 100


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory):
    """People are built anew, so that these tests see this code's."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lineament.synth.people.cache_folder", lambda: folder)
        yield


@pytest.fixture(scope="module")
def population(own_cache: None) -> People:
    return People.load(COUNT, 11)


@pytest.fixture(scope="module")
def looks(population: People) -> list[IdentityLook]:
    return [population.identity_look(person) for person in range(COUNT)]


def test_nobody_is_alike_in_shape(population: People) -> None:
    sites = np.stack([population.prototype(person).points for person in range(COUNT)])
    sites -= sites.mean(axis=1, keepdims=True)
    flat = sites.reshape(COUNT, -1)
    square = (flat**2).sum(axis=1)
    apart = np.maximum(square[:, None] + square - 2 * flat @ flat.T, 0) / sites.shape[1]
    apart[np.arange(COUNT), np.arange(COUNT)] = np.inf
    assert np.sqrt(apart.min()) > 0.003, "metres root mean square between the two most alike"


def test_nobody_is_alike_in_texture(looks: list[IdentityLook]) -> None:
    small = np.stack([look.skin_texture[::4, ::4] for look in looks]).astype(np.float32)
    flat = small.reshape(COUNT, -1)
    for person in range(COUNT - 1):
        apart = np.abs(flat[person + 1 :] - flat[person]).mean(axis=1)
        assert apart.min() > 1.5, f"person {person} has the skin of another"


def test_statistics_are_as_stated(population: People, looks: list[IdentityLook]) -> None:
    found = statistics([figures_of(population, person, look) for person, look in enumerate(looks)])
    json.dumps(found)
    assert 0.35 < found["female"] < 0.65
    assert found["stature_male"]["mean"] == pytest.approx(1.75, abs=0.035)
    assert found["stature_female"]["mean"] == pytest.approx(1.62, abs=0.035)
    for sex in ("female", "male"):
        assert 22.0 < found[f"body_mass_index_{sex}"]["mean"] < 27.5
        assert 2.8 < found[f"body_mass_index_{sex}"]["deviation"] < 6.5
    assert found["skin_lightness"]["q05"] < 42 and found["skin_lightness"]["q95"] > 70
    assert all(0.2 < share < 0.47 for share in found["ancestry"].values())
    assert len(found["hair"]) >= 4


def test_a_person_is_the_same_when_read_again(population: People) -> None:
    again = People.load(COUNT, 11)
    one, two = population.parameters(7), again.parameters(7)
    assert one.phenotypes == two.phenotypes and one.local_changes == two.local_changes
    assert np.array_equal(one.head, two.head)
    assert np.array_equal(population.body(7).vertices, again.body(7).vertices)
    with pytest.raises(IndexError):
        population.parameters(COUNT)


def test_another_demography_is_another_population() -> None:
    old = People.load(3, 11, demography=Demography(age=Fixed(80), sexes={"female": 1.0}))
    for person in range(3):
        assert old.parameters(person).is_female
        assert figures_of(old, person).age == pytest.approx(80.0)
    assert not np.array_equal(old.body(0).vertices, People.load(3, 11).body(0).vertices)


def test_the_sheet_shows_everybody(population: People) -> None:
    sheet = people_sheet(population, range(3), columns=2)
    assert sheet.shape == (2 * FACE, 2 * (FACE + FIGURE), 3)
    assert sheet[:FACE, :FACE].std() > 10
    assert not sheet[FACE:, FACE + FIGURE :].any()
    assert np.array_equal(sheet, people_sheet(population, range(3), columns=2))


def test_the_command_writes_picture_and_statistics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, figures = tmp_path / "people.png", tmp_path / "people.json"
    command(out=out, json=figures, count=2, age=(30, 50), female=1.0, ancestry_shares=("asian:1",))
    assert out.stat().st_size > 10_000
    found = json.loads(figures.read_text())
    assert found["female"] == 1.0 and found["ancestry"]["asian"] == 1.0
    assert 30 <= found["age"]["q05"] <= found["age"]["q95"] <= 50
    assert "stature_female" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [
        {"out": Path("people.txt")},
        {"count": 0},
        {"age": (10,)},
        {"age": (20, 30, 40)},
        {"female": 1.4},
        {"ancestry_shares": ("asian",)},
        {"ancestry_shares": ("asian:0.2", "african:0.2")},
        {"out": Path("no/such/folder/people.png"), "count": 1},
    ],
)
def test_bad_options_get_one_line(options: dict) -> None:
    with pytest.raises(BadInputError) as error:
        command(**options)
    assert "\n" not in str(error.value)
