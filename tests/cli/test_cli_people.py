"""The main job through the command line: enrol, identify, verify, explain, and what each refuses."""

import json
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from cli_world import Run, saved_as
from PIL import Image

from lineament.gallery.gallery import Gallery
from lineament.recognition.recogniser import Recogniser

pytestmark = pytest.mark.end_to_end


def subjects(gallery: Path) -> list[str]:
    with Gallery.open(gallery, readonly=True) as opened:
        return opened.subjects()


def test_enrolling_says_what_is_kept(run: Run, her: Path, tmp_path: Path) -> None:
    gallery = tmp_path / "g.db"
    code, out, _ = run("enrol", "O'Hara [red]x[/red]", her, "--gallery", gallery)
    assert code == 0 and out.startswith("enrolled O'Hara [red]x[/red] from photographs:")
    assert "1 face view" in out and "no consent reference" in out
    code, out, _ = run("gallery", "show", "O'Hara [red]x[/red]", "--gallery", gallery)
    assert code == 0 and "O'Hara [red]x[/red]" in out


@pytest.mark.parametrize("kind", ["cmyk", "grey16", "turned", "animated", "grey", "alpha"])
def test_she_is_found_in_every_kind_of_file(run: Run, people: Path, portrait, kind: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    photograph = saved_as(portrait, kind, tmp_path)
    code, out, err = run("identify", photograph, "--gallery", people, "--json")
    assert code == 0, err
    assert "P01" in [one["decision"]["subject"] for one in _people(out)], out[:600]


def _people(out: str) -> list[dict]:  # type: ignore[type-arg]
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(out, parse_constant=refuse)["people"]  # type: ignore[no-any-return]


def test_identify_in_words_and_as_a_report(run: Run, people: Path, her: Path, tmp_path: Path) -> None:
    code, out, err = run("identify", her, "--gallery", people, "--report", tmp_path / "r.html")
    assert code == 0 and "P01" in out and "nobody real" in out
    assert "r.html" in err
    assert "</html>" in (tmp_path / "r.html").read_text()[-50:] and (tmp_path / "r.png").stat().st_size > 1000
    assert "P01" in (tmp_path / "r.json").read_text()


def test_verify_two_photographs(run: Run, her: Path, portrait, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    portrait.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "mirrored.png")
    code, out, _ = run("verify", her, tmp_path / "mirrored.png")
    assert code == 0 and "the person of her.png" in out
    code, out, _ = run("verify", her, tmp_path / "mirrored.png", "--json")
    assert code == 0 and _people(out)


def test_explain_one_person(run: Run, people: Path, her: Path, tmp_path: Path) -> None:
    code, out, _ = run("explain", her, "P01", "--gallery", people, "--out", tmp_path / "e.html")
    assert code == 0 and "P01" in out and "e.html" in out
    assert (tmp_path / "e.png").exists() and (tmp_path / "e.json").exists()


def test_several_people_are_decided_one_by_one(run: Run, people: Path, portrait, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    both = Image.new("RGB", (660, 320), (120, 130, 140))
    both.paste(portrait, (0, 0))
    both.paste(portrait.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (340, 0))
    both.save(tmp_path / "both.png")
    code, out, _ = run("identify", tmp_path / "both.png", "--gallery", people)
    assert code == 0 and "person 1 of" in out and "person 2 of" in out and out.count("P01") >= 2


def test_register_writes_maps_of_the_photograph(run: Run, portrait, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    turned = saved_as(portrait.crop((0, 0, 320, 300)), "turned", tmp_path)
    code, _, err = run("register", turned, "--out", tmp_path / "regs")
    assert code in (0, 3), err
    with np.load(tmp_path / "regs" / "t.npz", allow_pickle=False) as maps:
        assert maps["parts"].shape == (300, 320) and maps["parts"].dtype == np.uint8
        assert maps["probability"].shape == (300, 320) and maps["probability"].dtype == np.float16
        assert maps["canonical"].shape == (300, 320, 3) and maps["canonical"].dtype == np.float16
        assert maps["box"].shape == (4,) and maps["people"].shape[1:] == (4,)


def test_embed_and_gallery_by_their_documented_syntax(
    run: Run, people: Path, her: Path, tmp_path: Path
) -> None:
    assert run("embed", her, her, "--out", tmp_path / "e.npz")[0] == 0
    assert np.load(tmp_path / "e.npz")["embeddings"].shape == (2, 128)
    code, out, _ = run("gallery", "list", "--gallery", people, "--json")
    assert code == 0 and [row["subject"] for row in json.loads(out)] == ["P01"]
    assert run("gallery", "export", tmp_path / "x.zip", "--gallery", people, "--subjects", "P01")[0] == 0
    assert run("gallery", "import", tmp_path / "x.zip", "--gallery", tmp_path / "new.db")[0] == 0
    assert run("gallery", "check", "--gallery", tmp_path / "new.db")[0] == 0
    assert run("gallery", "remove", "P01", "--gallery", tmp_path / "new.db")[0] == 0
    assert subjects(tmp_path / "new.db") == [] and subjects(people) == ["P01"]
    assert run("assets", "verify", "yunet", "sface", "astronaut")[0] == 0


def one_pixel(folder: Path) -> Path:
    Image.new("RGB", (1, 1), "red").save(folder / "p.png")
    return folder / "p.png"


def huge(folder: Path) -> Path:
    Image.new("1", (20_000, 20_000)).save(folder / "h.png")
    return folder / "h.png"


def truncated(folder: Path) -> Path:
    Image.effect_noise((400, 400), 60).convert("RGB").save(folder / "t.jpg")
    data = (folder / "t.jpg").read_bytes()
    (folder / "t.jpg").write_bytes(data[: len(data) // 2])
    return folder / "t.jpg"


def text(folder: Path) -> Path:
    (folder / "x.jpg").write_text("no picture\n" * 50)
    return folder / "x.jpg"


def empty(folder: Path) -> Path:
    (folder / "e.jpg").touch()
    return folder / "e.jpg"


def nobody(folder: Path) -> Path:
    rows = np.linspace(90, 200, 300, dtype=np.uint8)
    Image.fromarray(np.repeat(np.repeat(rows[:, None, None], 300, 1), 3, 2)).save(folder / "n.png")
    return folder / "n.png"


BAD = [
    (one_pixel, 3, "no person was found"),
    (nobody, 3, "no person was found"),
    (huge, 2, "megapixels; reduce it"),
    (truncated, 2, "damaged or cut short"),
    (text, 2, "not a photograph"),
    (empty, 2, "is empty"),
    (lambda folder: folder, 2, "is a folder"),
    (lambda folder: folder / "no such.jpg", 2, "does not exist"),
    (lambda folder: folder / "line\nbreak [red].jpg", 2, "does not exist"),
]


@pytest.mark.parametrize(("make", "code", "said"), BAD)
def test_bad_photographs(
    refused, people: Path, her: Path, tmp_path: Path, make, code: int, said: str
) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "in"
    folder.mkdir()
    photograph = make(folder)
    refused(code, said, "identify", photograph, "--gallery", people)
    refused(code, said, "enrol", "P02", photograph, "--gallery", people)
    refused(code, said, "enrol", "P02", photograph, "--gallery", tmp_path / "first.db")
    refused(code, said, "explain", photograph, "P01", "--gallery", people, "--out", tmp_path / "e.html")
    refused(code, said, "verify", photograph, her)
    refused(code, said, "verify", her, photograph)
    assert subjects(people) == ["P01"] and not (tmp_path / "first.db").exists()
    assert not (tmp_path / "e.html").exists()


@pytest.mark.parametrize(("make", "code", "said"), BAD)
def test_bad_photographs_among_several(
    run: Run, her: Path, tmp_path: Path, make, code: int, said: str
) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "in"
    folder.mkdir()
    ended, _, err = run("register", make(folder), "--out", tmp_path / "regs")
    assert ended == code and said in err and "Traceback" not in err
    ended, _, err = run("embed", make(folder), her, "--out", tmp_path / "e.npz")
    assert ended == 0 and ("no face found" if code == 3 else said) in err
    assert np.load(tmp_path / "e.npz")["found"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("fmr", "said"),
    [
        *[(number, "between 0 and 1") for number in ("0", "nan", "-1", "2", "inf")],
        ("1e-9", "ask for a higher --fmr"),
        ("0.9", "ask for a lower one"),
    ],
)
def test_impossible_false_match_rates(refused, people: Path, her: Path, fmr: str, said: str) -> None:  # type: ignore[no-untyped-def]
    refused(2, said, "identify", her, "--gallery", people, f"--fmr={fmr}")


def test_names(refused, people: Path, her: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    refused(2, "control character", "enrol", "two\nlines", her, "--gallery", people)
    refused(2, "empty", "enrol", "  ", her, "--gallery", people)
    refused(2, "--replace", "enrol", "P01", her, "--gallery", people)
    for unknown in ("P99", "[red]", "o'; DROP TABLE subjects; --"):
        refused(3, "is not enrolled", "explain", her, unknown, "--gallery", people)
    assert subjects(people) == ["P01"]


def test_a_gallery_that_cannot_be_used(refused, run: Run, people: Path, her: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    missing = tmp_path / "nowhere" / "g.db"
    refused(2, "no gallery", "identify", her, "--gallery", missing)
    refused(2, "does not exist", "enrol", "P02", her, "--gallery", missing)
    refused(2, "folder", "enrol", "P02", her, "--gallery", tmp_path)
    for content, said in ((b"not a gallery" * 100, "not a"), (people.read_bytes()[:5000], "damaged")):
        spoiled = tmp_path / "spoiled.db"
        spoiled.write_bytes(content)
        refused(2, said, "identify", her, "--gallery", spoiled)
        refused(2, said, "enrol", "P02", her, "--gallery", spoiled)
        assert spoiled.read_bytes() == content
    with sqlite3.connect(people) as raw:
        (version,) = raw.execute("PRAGMA user_version").fetchone()
        raw.execute("PRAGMA user_version = 999")
    refused(2, "newer", "identify", her, "--gallery", people)
    with sqlite3.connect(people) as raw:
        raw.execute(f"PRAGMA user_version = {version}")
    assert run("identify", her, "--gallery", people)[0] == 0


def test_a_gallery_in_use_keeps_its_people(refused, people: Path, her: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    whole = Gallery.open.__func__  # type: ignore[attr-defined]
    impatient = classmethod(lambda cls, path, **options: whole(cls, path, **options, wait=0.1))
    monkeypatch.setattr(Gallery, "open", impatient)
    other = sqlite3.connect(people, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        refused(2, "use", "enrol", "P02", her, "--gallery", people)
    finally:
        other.close()
    assert subjects(people) == ["P01"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_gallery_still_identifies(refused, run: Run, people: Path, her: Path) -> None:  # type: ignore[no-untyped-def]
    people.chmod(0o400)
    assert run("identify", her, "--gallery", people)[0] == 0
    refused(2, "read-only", "enrol", "P02", her, "--gallery", people)


def test_a_calibration_of_another_version_is_named(refused, people: Path, her: Path) -> None:  # type: ignore[no-untyped-def]
    with Gallery.open(people) as opened:
        opened.set_calibration({"slope": 1}, "40 colleagues")
    refused(2, "lineament calibrate", "identify", her, "--gallery", people)


def test_a_domain_decides_and_is_told_with_its_version(refused, run: Run, people: Path, her: Path) -> None:  # type: ignore[no-untyped-def]
    shipped = Recogniser.load().calibration
    offset = {"face": -90.0, "body": -90.0}
    other = shipped.model_copy(update={"population": "10 grey portraits", "offset": offset})
    strange = shipped.model_copy(update={"face_model": "another"})
    with Gallery.open(people) as opened:
        opened.set_calibration(other.model_dump(mode="json"), other.population, "grey-small")
        opened.set_calibration(strange.model_dump(mode="json"), "strangers", "strange")
    assert '"population": "nobody real (test)"' in run("identify", her, "--gallery", people, "--json")[1]
    words = ("identify", her, "--gallery", people, "--domain", "grey-small")
    code, out, err = run(*words, "--json")
    assert code == 0 and '"population": "10 grey portraits (grey-small-1)"' in out, (out, err)
    assert "grey-small-1" in run("gallery", "list", "--gallery", people)[1]
    refused(2, "(it has: grey-small, strange)", *words[:-1], "night")
    refused(2, "was made with other models", *words[:-1], "strange")
    refused(2, "10 grey portraits has 5,000 for face", *words, "--fmr", "1e-5")
    refused(2, "name it with --gallery", "verify", her, her, "--domain", "grey-small")
    refused(2, "was made with other models", "verify", her, her, *words[2:-1], "strange")


def test_reports_that_cannot_be_written(run: Run, people: Path, her: Path, tmp_path: Path) -> None:
    code, _, err = run("identify", her, "--gallery", people, "--report", tmp_path / "nowhere" / "r.html")
    assert code == 2 and "cannot write the report" in err and err.count("\n") == 1


def test_bad_scans(refused, people: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "s.ply").write_text("ply\nformat ascii 1.0\nelement vertex 9\n")
    refused(2, "cannot be read as a scan", "enrol", "P02", tmp_path / "s.ply", "--gallery", people)
    np.savez(tmp_path / "s.npz", points=np.random.default_rng(0).normal(size=(2000, 3)))
    refused(2, "--unit", "enrol", "P02", tmp_path / "s.npz", "--gallery", people)
    refused(2, "one scan alone", "enrol", "P02", tmp_path / "s.npz", tmp_path / "s.ply", "--gallery", people)
    refused(
        2,
        "unknown unit 'parsec'",
        "enrol",
        "P02",
        tmp_path / "s.npz",
        "--unit",
        "parsec",
        "--gallery",
        people,
    )
    assert subjects(people) == ["P01"]
