"""Several photographs of one probe through the command line and the Python interface."""

import json
from pathlib import Path

import pytest
from cli_world import Run
from PIL import Image

from lineament.api import identify_together
from lineament.gallery.gallery import Gallery
from lineament.recognition.recogniser import Recogniser

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def two(her: Path, portrait: Image.Image, tmp_path: Path) -> tuple[Path, Path]:
    mirrored = tmp_path / "mirrored.png"
    portrait.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored)
    return her, mirrored


def test_two_photographs_are_one_probe(
    run: Run, people: Path, two: tuple[Path, Path], tmp_path: Path
) -> None:
    words = ("identify", *two, "--gallery", people, "--same-person")
    code, out, err = run(*words, "--json", "--report", tmp_path / "r.html")
    assert code == 0, err
    (person,) = json.loads(out)["people"]
    best = person["candidates"][0]
    assert best["subject"] == "P01" and [one["name"] for one in best["photographs"]] == [p.name for p in two]
    brought = sum(one["brought"] for one in best["photographs"])
    assert best["score"] == pytest.approx(best["offset"] + brought, abs=1e-6)
    regions = {part["region"]: part["contribution"] for part in best["parts"]}
    for region, value in regions.items():
        shares = sum(one["regions"].get(region, 0.0) for one in best["photographs"])
        assert shares == pytest.approx(value, abs=1e-6)
    assert any("2 photographs were taken as one person" in one["text"] for one in person["words"])
    assert "mirrored.png" in (tmp_path / "r.html").read_text()


def test_they_must_be_said_to_show_one_person(refused, people: Path, two: tuple[Path, Path]) -> None:  # type: ignore[no-untyped-def]
    refused(2, "say so with --same-person", "identify", *two, "--gallery", people)
    refused(2, "say so with --same-person", "verify", two[0], *two)


def test_verify_pools_the_second_ones(run: Run, two: tuple[Path, Path]) -> None:
    code, out, _ = run("verify", two[0], *two, "--same-person")
    assert code == 0 and "her.png brought" in out and "mirrored.png brought" in out


def test_python_tells_the_leading_photograph(
    people: Path, two: tuple[Path, Path], recogniser: Recogniser
) -> None:
    with Gallery.open(people, readonly=True) as gallery:
        probes, decision, leading = identify_together(two, gallery, recogniser=recogniser)
    assert [one.name for one in probes] == [one.name for one in two]
    told = decision.candidates[0].photographs
    assert told[leading].brought == max(one.brought for one in told)
