"""`lineament calibrate` with a recogniser that reads faces from names: what is kept, told, refused."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cli_world import Run

from lineament.cli import calibrate
from lineament.errors import NothingFoundError
from lineament.gallery.gallery import Gallery
from lineament.recognition.calibration import Calibration, Tail
from lineament.recognition.comparison import GROUPS, World
from lineament.recognition.face_score import unit_rows
from lineament.types import FaceTemplates

SIZE = 16
REFUSED = "p03"
LINE = {"slope": 1.0, "intercept": -1.0, "mated": 50, "non_mated": 500}


def embedding(path: Path) -> np.ndarray:
    centre = np.random.default_rng([7, int(path.parent.name[1:])]).normal(size=SIZE)
    shot = centre + 0.7 * np.random.default_rng([8, int(path.parent.name[1:]), int(path.stem)]).normal(
        size=SIZE
    )
    return unit_rows(shot[None].astype(np.float32))[0]


class Reads:
    """A recogniser that finds one face in every picture but those called `empty`."""

    def __init__(self) -> None:
        cohort = unit_rows(np.random.default_rng(0).normal(size=(60, SIZE)).astype(np.float32))
        self.world, self.template = World(np.zeros((1, 4), np.float32), cohort), None
        self.registrar, self.reader = SimpleNamespace(model="body-1"), SimpleNamespace(model="face-1")
        self.calibration = Calibration(
            revision="shipped", population="nobody", model="body-1", face_model="face-1", temperature=0.1,
            face_weight=1.0, face_lines={"photograph-frontal": LINE},  # type: ignore[dict-item]
            group_weights=dict.fromkeys(GROUPS, 0.0), body_weight={"face": 0.0, "body": 1.0},
            offset={"face": 0.0, "body": 0.0}, margin=1.0, support_limit=5.0,
            tails={"face": Tail(comparisons=100, people=10, scores=(-2.0,) * 20)},
        )  # fmt: skip

    def probe(self, path: Path) -> SimpleNamespace:
        if path.stem == "9":
            return SimpleNamespace(people=())
        face = SimpleNamespace(embedding=embedding(path), yaw=0.0)
        return SimpleNamespace(people=(SimpleNamespace(face=face),), subject=path.parent.name)

    def pixels(self, person: object) -> None:
        return None


def enrolled(
    name: str, probes: list[SimpleNamespace], consent: object, recogniser: object
) -> SimpleNamespace:
    if name == REFUSED:
        raise NothingFoundError("no face was found")
    rows = np.stack([one.people[0].face.embedding for one in probes])
    face = FaceTemplates(rows, np.zeros(len(rows), np.float32), np.zeros(len(rows), bool), "test")
    return SimpleNamespace(subject=name, face=face)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(calibrate, "default_recogniser", Reads)
    monkeypatch.setattr(calibrate, "enrol_photographs", enrolled)
    for person in range(24):
        place = tmp_path / "people" / f"p{person:02d}"
        place.mkdir(parents=True)
        for shot in (*range(6), *((9,) if person == 5 else ())):
            (place / f"{shot}.jpg").touch()
    return tmp_path / "people"


def test_a_domain_is_kept_with_its_population_and_judged(run: Run, folder: Path, tmp_path: Path) -> None:
    gallery = tmp_path / "g.db"
    words = ("calibrate", folder, "--gallery", gallery, "--domain", "grey-small", "--references", 1)
    code, out, err = run(*words, "--population", "24 people in grey")
    assert code == 0, err
    assert "p03 is left out: no face" in out and "p05: nobody was found in 1 photographs" in out
    assert "kept 24 people in grey (grey-small-1)" in out
    assert f"{23 * 22 * 5:,} non-mated comparisons of 23 people" in out
    assert "nominal 0.1:" in out and "by the shipped calibration" in out
    assert run(*words)[0] == 0
    with Gallery.open(gallery, readonly=True) as opened:
        assert opened.calibration() is None
        stored = opened.calibration("grey-small")
    assert stored is not None and stored.version == 2
    sample = Calibration.model_validate(stored.values).sample
    assert sample is not None and (sample.people, sample.references, sample.mated) == (23, 1, 115)
    assert sample.non_mated == 23 * 22 * 5 and sample.photographs == 23 * 6 + 1 and len(sample.digest) == 16


def test_bad_folders_get_one_line(refused, folder: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    gallery = ("--gallery", tmp_path / "g.db")
    refused(2, "is not a folder", "calibrate", tmp_path / "none", *gallery)
    (tmp_path / "empty").mkdir()
    refused(2, "holds 0 people with two or more", "calibrate", tmp_path / "empty", *gallery)
    refused(2, "with 8 or more photographs", "calibrate", folder, *gallery, "--references", 7)
    refused(2, "--references is at least 1", "calibrate", folder, *gallery, "--references", -1)
    refused(2, "A domain is a word", "calibrate", folder, *gallery, "--domain", "two words")
    refused(2, "make it, then calibrate again", "calibrate", folder, "--gallery", tmp_path / "none" / "g.db")
    assert not (tmp_path / "g.db").exists()
