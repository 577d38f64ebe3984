"""`lineament gallery ...` as a person or a program reads it."""

import json
import unicodedata
from functools import partial

import pytest
from gallery_people import build_prototype

from lineament.cli import gallery as command
from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery.gallery import ADAPTER, Gallery

HOSTILE = "up\x1b[2Jto\nno \u202egood [bold red]x[/]"


@pytest.fixture
def people(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    path = tmp_path / "people.db"
    with Gallery.open(path) as gallery:
        gallery.add(build_prototype("P01", 1, sites=400, note=HOSTILE, consent=HOSTILE))
        gallery.add(
            build_prototype("O'Hara [red] \\", 2, sites=400, views=0, source="photographs", residual=0.004)
        )
        gallery.set_calibration({}, "40 colleagues")
    return path


def _safe(text: str) -> bool:
    return all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cf") for c in text)


def test_list_is_a_table_with_everybody(people, capsys):
    command.list_subjects(gallery=people)
    out = capsys.readouterr().out
    assert "O'Hara [red] \\" in out and "whole body" in out and "4.0 mm" in out and "photographs" in out
    assert "2 people (registration-1, template-1: 2); calibrated on 40 colleagues" in out
    assert _safe(out)


def test_list_of_nobody_says_so(tmp_path, capsys):
    Gallery.open(tmp_path / "empty.db").close()
    command.list_subjects(gallery=tmp_path / "empty.db")
    assert "Nobody is enrolled" in capsys.readouterr().out
    command.list_subjects(gallery=tmp_path / "empty.db", json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_show_tells_everything_that_is_kept(people, capsys):
    command.show("P01", gallery=people)
    out = capsys.readouterr().out
    for wanted in (
        "scan",
        "left upper arm",
        "registration-1",
        "template-1",
        "sface-1",
        "2.1 mm",
        "tests",
        "sha256",
    ):
        assert wanted in out
    assert r"up\x1b[2Jto\nno \u202egood [bold red]x[/]" in out and _safe(out)


def test_json_is_for_programs(people, capsys):
    command.show("P01", gallery=people, json=True)
    shown = json.loads(out := capsys.readouterr().out)
    assert shown["note"] == HOSTILE and shown["views"] == len(shown["yaws_degrees"]) == 2 and _safe(out)
    command.list_subjects(gallery=people, json=True)
    assert [row["subject"] for row in json.loads(capsys.readouterr().out)] == ["O'Hara [red] \\", "P01"]
    command.check(gallery=people, json=True)
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_remove_says_that_the_adapter_of_everybody_goes_too(people, capsys):
    command.remove(("O'Hara [red] \\",), gallery=people)
    assert "adapter" not in capsys.readouterr().out
    with Gallery.open(people) as gallery:
        gallery.set_derived(ADAPTER, b"rows")
    command.remove(("P01",), gallery=people)
    assert "`lineament specialise` makes another" in capsys.readouterr().out
    with Gallery.open(people) as gallery:
        assert gallery.derived(ADAPTER) is None


def test_remove_says_what_was_erased(people, capsys):
    command.remove(("P01",), gallery=people)
    out = capsys.readouterr().out
    assert "Erased P01: 400 points with their features, 2 face views" in out and "1 person left" in out
    with pytest.raises(NothingFoundError):
        command.remove(("P01",), gallery=people)
    with pytest.raises(BadInputError, match="Nobody to remove"):
        command.remove((), gallery=people)


def test_removing_from_a_gallery_that_is_not_there_makes_none(tmp_path):
    for ask in (command.list_subjects, command.check, partial(command.remove, ("P",))):
        with pytest.raises(BadInputError, match="no gallery"):
            ask(gallery=tmp_path / "nothing.db")
    assert list(tmp_path.iterdir()) == []


def test_export_and_import_name_people_and_places(people, tmp_path, capsys):
    command.export(tmp_path / "out.zip", gallery=people)
    assert "Exported 2 people" in capsys.readouterr().out
    command.import_(tmp_path / "out.zip", gallery=tmp_path / "other.db")
    out = capsys.readouterr().out
    assert "Imported 2 people" in out and "calibration was taken over" in out
    with pytest.raises(BadInputError, match="already enrolled"):
        command.import_(tmp_path / "out.zip", gallery=tmp_path / "other.db")


def test_check_prints_the_problems_and_fails(people, capsys):
    command.check(gallery=people)
    assert "2 of 2 people sound; revisions: registration-1, template-1" in capsys.readouterr().out
    inside = build_prototype("P01", 1, sites=400).features.tobytes()[100:140]
    people.write_bytes(people.read_bytes().replace(inside, bytes(40)))
    with pytest.raises(BadInputError, match="One problem found"):
        command.check(gallery=people)
    out = capsys.readouterr().out
    assert "P01: its checksum does not fit; enrol the person again" in out and "1 of 2 people sound" in out
