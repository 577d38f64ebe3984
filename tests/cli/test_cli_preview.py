"""`lineament synth preview`: bad options get one line before anything is drawn."""

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from lineament.cli import poses, synth_outfits, synth_people
from lineament.cli.synth import preview
from lineament.cli.synth_make import make
from lineament.errors import BadInputError

pytestmark = pytest.mark.train


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": -1}, "--seed at least 0"),
        ({"out": Path("no/such/folder/sheet.png")}, "there is no folder"),
        ({"heads": True, "fix": ("yaw=45",)}, "--heads draws heads"),
        ({"heads": True, "sequence": 3}, "--heads draws heads"),
    ],
)
def test_bad_options_get_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, object], words: str
) -> None:
    def draw(*_: object) -> None:
        raise AssertionError("something was drawn")

    pytest.importorskip("torch")
    monkeypatch.setattr("lineament.synth.preview.draw_samples", draw)
    monkeypatch.setattr("lineament.synth.preview.draw_heads", draw)
    with pytest.raises(BadInputError, match=words) as complaint:
        preview(**{"out": tmp_path / "sheet.png"} | given)  # type: ignore[arg-type]
    assert "\n" not in str(complaint.value)


def test_a_picture_without_a_folder_is_refused_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object, **__: object) -> None:
        raise AssertionError("work was begun")

    pytest.importorskip("torch")
    monkeypatch.setattr("lineament.synth.people.People.load", load)
    monkeypatch.setattr("lineament.humans.poses.PoseLibrary.load", load)
    for command in (synth_people.people, synth_outfits.outfits, poses.sample, preview):
        with pytest.raises(BadInputError, match="there is no folder"):
            command(out=tmp_path / "none" / "sheet.png")


def test_a_population_that_no_disk_holds_gets_one_line(tmp_path: Path) -> None:
    from lineament.synth import people

    model = people.BodyModel.load()
    with pytest.raises(BadInputError, match="fewer --people") as complaint:
        people._create(tmp_path / "people", model, 10**15)
    assert "\n" not in str(complaint.value) and not list(tmp_path.iterdir())


def test_make_and_preview_know_the_same_presets_and_framings() -> None:
    from lineament.synth.options import FRAMINGS
    from lineament.synth.presets import PRESETS

    for command in (preview, make):
        hints = get_type_hints(command)
        assert get_args(hints["preset"]) and set(get_args(hints["preset"])) == set(PRESETS)
        assert set(get_args(hints["framing"])) == set(FRAMINGS)
