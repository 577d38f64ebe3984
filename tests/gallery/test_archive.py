"""Export and import: whole or not at all, checked, and safe against archives made to harm."""

import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from gallery_people import build_prototype

from lineament.errors import BadInputError, NothingFoundError
from lineament.gallery import archive
from lineament.gallery.gallery import Gallery


@pytest.fixture
def source(tmp_path):
    with Gallery.open(tmp_path / "source.db") as gallery:
        for name in ("P01", "../../../etc/cron.d/x", "C:\\con «Ω»"):
            gallery.add(build_prototype(name, 3))
        gallery.set_calibration({"offset": 1.5}, "the laboratory")
        for _ in range(2):
            gallery.set_calibration({"offset": 2.5}, "the corridor", "corridor")
        yield gallery


@pytest.fixture
def target(tmp_path):
    with Gallery.open(tmp_path / "target.db") as gallery:
        yield gallery


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_gallery_travels_whole(tmp_path, source, target, same_prototype, name):
    assert source.export(tmp_path / name) == 3
    imported = target.import_(tmp_path / name)
    assert sorted(imported.subjects) == source.subjects() and imported.calibration
    assert target.records() == source.records()
    for subject in source.subjects():
        assert same_prototype(target.get(subject), source.get(subject))
    assert target.calibrations() == source.calibrations()
    assert target.calibration("corridor").version == 2
    assert target.check().ok


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_export_is_its_owners_alone_and_never_overwrites(tmp_path, source, name):
    place = tmp_path / name
    source.export(place, ["P01"])
    for file in (place, *place.rglob("*")):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    with pytest.raises(BadInputError, match="exists already"):
        source.export(place)
    with pytest.raises(NothingFoundError, match="P77"):
        source.export(tmp_path / "other", ["P77"])
    with pytest.raises(BadInputError, match="cannot be written"):
        source.export(tmp_path / "source.db" / name)
    assert not [file for file in tmp_path.iterdir() if "partial" in file.name or file.name == "other"]


def test_taken_names_are_refused_for_all_or_replaced(tmp_path, source, target):
    source.export(tmp_path / "out.zip")
    target.add(build_prototype("P01", 99))
    target.set_calibration({"offset": 0.0}, "mine")
    with pytest.raises(BadInputError, match="'P01' is already enrolled"):
        target.import_(tmp_path / "out.zip")
    assert target.subjects() == ["P01"]
    imported = target.import_(tmp_path / "out.zip", replace=True)
    assert len(target) == 3 and imported.calibration
    assert [one.population for one in target.calibrations().values()] == ["mine", "the corridor"]
    assert not target.import_(tmp_path / "out.zip", replace=True).calibration
    assert target.record("P01") == source.record("P01")


def _rewrite(folder: Path, **changes: object) -> None:
    manifest = json.loads((folder / "gallery.json").read_text())
    manifest["people"][1] |= changes
    (folder / "gallery.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "../source.db"},
        {"file": "/etc/passwd"},
        {"file": "prototypes/../gallery.json"},
        {"file": 7},
        {"consent": "forged"},
        {"sha256": "0" * 64},
        {"parts": "head"},
        {"parts": None},
        {"subject": "bad\nname"},
        {"subject": 5},
        {"residual": "1e400"},
        {"extra": 1},
    ],
)
def test_a_forged_record_stops_the_import_and_imports_nobody(tmp_path, source, target, changes):
    source.export(tmp_path / "out")
    _rewrite(tmp_path / "out", **changes)
    with pytest.raises(BadInputError, match="nobody was imported") as caught:
        target.import_(tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert target.subjects() == []


def test_a_name_listed_twice_stops_the_import(tmp_path, source, target):
    source.export(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "gallery.json").read_text())
    manifest["people"].append(manifest["people"][0])
    (tmp_path / "out" / "gallery.json").write_text(json.dumps(manifest))
    with pytest.raises(BadInputError, match="twice"):
        target.import_(tmp_path / "out", replace=True)
    assert target.subjects() == []


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "gone", "cut", "pickle"])
def test_files_that_are_not_prototypes_stop_the_import(tmp_path, source, target, kind):
    source.export(tmp_path / "out")
    file = tmp_path / "out" / "prototypes" / "000001.safetensors"
    data = file.read_bytes()
    file.unlink()
    if kind == "link":
        (tmp_path / "elsewhere").write_bytes(data)
        file.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind == "cut":
        file.write_bytes(data[:-10])
    elif kind == "pickle":
        file.write_bytes(b"\x80\x04cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(BadInputError, match="nobody was imported"):
        target.import_(tmp_path / "out")
    assert target.subjects() == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "lineament-gallery"}', "[" * 100_000, "\xff", "null"]
)
def test_a_manifest_that_is_none_is_one_clear_line(tmp_path, target, text):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "gallery.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInputError, match="nobody was imported") as caught:
        target.import_(folder)
    assert "\n" not in str(caught.value)


def test_an_archive_of_a_newer_format_is_refused(tmp_path, source, target):
    source.export(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "gallery.json").read_text())
    (tmp_path / "out" / "gallery.json").write_text(json.dumps(manifest | {"version": 9}))
    with pytest.raises(BadInputError, match="format 9, this Lineament reads format 1"):
        target.import_(tmp_path / "out")


def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is_read(tmp_path, source, target, monkeypatch):
    source.export(tmp_path / "out.zip", ["P01"])
    bomb = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(tmp_path / "out.zip") as good,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        packed.writestr("gallery.json", good.read("gallery.json"))
        packed.writestr("prototypes/000000.safetensors", bytes(8 << 20))
    assert bomb.stat().st_size < 100_000
    monkeypatch.setattr(archive, "LARGEST_PERSON", 1 << 20)
    with pytest.raises(BadInputError, match="more than 1048576 bytes"):
        target.import_(bomb)


@pytest.mark.parametrize("share", [0.0, 0.4, 0.99])
def test_a_cut_zip_is_one_clear_line(tmp_path, source, target, share):
    source.export(tmp_path / "out.zip")
    data = (tmp_path / "out.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadInputError, match="nobody was imported"):
        target.import_(tmp_path / "cut.zip")


def test_a_damaged_zip_entry_is_one_clear_line(tmp_path, source, target):
    source.export(tmp_path / "out.zip")
    data = bytearray((tmp_path / "out.zip").read_bytes())
    data[3000] ^= 255
    (tmp_path / "out.zip").write_bytes(data)
    with pytest.raises(BadInputError, match="nobody was imported"):
        target.import_(tmp_path / "out.zip")
    assert target.subjects() == []


def test_what_is_not_there_is_named(tmp_path, target):
    with pytest.raises(BadInputError, match=r"no .*nothing\.zip"):
        target.import_(tmp_path / "nothing.zip")
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(BadInputError, match="not a whole zip file"):
        target.import_(tmp_path / "text.zip")


def test_a_damaged_person_is_never_exported(tmp_path, source):
    source._store._connection.execute("UPDATE subjects SET purpose = 'forged' WHERE subject = 'P01'")
    for name in ("out", "out.zip"):
        with pytest.raises(BadInputError, match="damaged"):
            source.export(tmp_path / name)
        assert not (tmp_path / name).exists()
    assert not list(tmp_path.glob(".*partial"))
