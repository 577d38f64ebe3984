"""`lineament register` and the files that it writes, with a network that reads a painted person."""

import json
from pathlib import Path

import numpy as np
import pytest
from dense_people import camera
from PIL import Image

from lineament.cli.register import register
from lineament.dense.folder import FORMAT, VERSION, load
from lineament.dense.person import DenseReader, starts_of
from lineament.dense.visibility import STATES
from lineament.errors import BadInputError, NothingFoundError
from lineament.geometry.site_model import SiteModel
from lineament.geometry.splat import splat
from lineament.geometry.template import load_template
from lineament.runtime.registrar import Registrar
from lineament.types import DenseRegistration

TEMPLATE, MODEL = load_template(), SiteModel.load()


class NoFaces:
    def faces(self, image: np.ndarray) -> list[object]:
        return []


class Rendered(Registrar):
    """Knows where the template's sites lie in the pictures that `picture` makes."""

    def __init__(self) -> None:
        self.model = "rendered-1"
        self.told = False

    def people(self, image: np.ndarray, hints: object = ()) -> list[DenseRegistration]:
        if not image.any():
            return []
        seen_by = camera(0.6)
        points = np.repeat(TEMPLATE.positions, 24, axis=0).astype(np.float64)
        points += np.random.default_rng(0).normal(0, 0.01, points.shape)
        normals = np.repeat(TEMPLATE.normals, 24, axis=0)
        drawn = splat(points, normals, np.zeros((len(points), 3), np.uint8), seen_by)
        crop = drawn.index[::4, ::4] // 24
        shown = drawn.index[::4, ::4] >= 0
        parts = np.where(shown, TEMPLATE.parts[crop], 0).astype(np.uint8)
        rows, columns = np.nonzero(shown)
        corners = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        return [
            DenseRegistration(
                box=4 * np.array(corners, np.float32),
                parts=parts,
                probability=shown.astype(np.float32),
                part_probability=shown.astype(np.float32),
                canonical=TEMPLATE.positions[crop],
                features=np.ones((*crop.shape, 1), np.float32),
                to_photo=np.array([[4.0, 0, 0], [0, 4.0, 0]]),
                model=self.model,
            )
        ]

    def camera_direction(self, image: np.ndarray, body: DenseRegistration) -> np.ndarray | None:
        return np.array([np.sin(0.6), -np.cos(0.6), 0.0], np.float32) if self.told else None


@pytest.fixture
def reader() -> DenseReader:
    return DenseReader(Rendered(), NoFaces(), TEMPLATE, MODEL)  # type: ignore[arg-type]


@pytest.fixture
def photographs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: DenseReader) -> list[Path]:
    """One of a person, one of nobody."""
    monkeypatch.setattr(DenseReader, "load", classmethod(lambda cls, folder=None: reader))
    paths = [tmp_path / "one.png", tmp_path / "none.png"]
    for path, value in zip(paths, (200, 0), strict=True):
        Image.new("RGB", (600, 800), (value, value, value)).save(path)
    return paths


def test_what_is_written_can_be_read(photographs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "regs"
    register(tuple(photographs), out=out, pictures=True)
    arrays, words = load(out / "one.npz")
    assert (words["format"], words["version"]) == (FORMAT, VERSION)
    assert words["photograph"] == {"name": "one.png", "height": 800, "width": 600}
    # what the first version wrote is still there under its names
    for name, shape in {
        "parts": (800, 600),
        "canonical": (800, 600, 3),
        "people": (1, 4),
        "box": (4,),
    }.items():
        assert arrays[name].shape == shape
    assert arrays["site_state"].shape == (1, len(TEMPLATE))
    assert arrays["fitted"].tolist() == [0]
    size = arrays["fit_covariance"].shape[-1]
    assert arrays["fit_covariance"].shape == (1, size, size)
    (person,) = words["people"]
    assert abs(person["orientation"]["azimuth"] - np.degrees(0.6)) < 15
    assert sum(person["sites"].values()) == len(TEMPLATE)
    assert set(person["sites"]) == set(STATES)
    low, value, high = (person["fit"]["stature"][key] for key in ("low95", "value", "high95"))
    assert low < value < high
    names = [joint["name"] for joint in person["joints"]]
    assert names == list(MODEL.joint_names)
    head = person["joints"][names.index("head")]
    true = camera(0.6).project(MODEL.joint_mean[None, MODEL.joint("head")].astype(float))[0][0]
    assert np.hypot(head["x"] - true[0], head["y"] - true[1]) < 25
    assert 0.0 <= head["confidence"] <= 1.0
    assert np.asarray(Image.open(out / "one.png")).shape == (800, 600, 3)
    empty, nobody = load(out / "none.npz")
    assert nobody["people"] == []
    assert empty["people"].shape == (0, 4)
    assert not empty["box"].any()


def test_without_a_fit(reader: DenseReader) -> None:
    read = reader.read(np.full((800, 600, 3), 9, np.uint8), fit=False)
    (person,) = read.people
    assert person.fit is None
    assert set(np.unique(person.sites)) <= {0, 1}
    assert person.joints.support[MODEL.joint("head")] > 0.5


def test_a_direction_that_the_network_tells_makes_surer(reader: DenseReader) -> None:
    image = np.full((800, 600, 3), 9, np.uint8)
    (body,) = reader.find(image)
    alone = reader.orientation(image, body)
    reader.registrar.told = True  # type: ignore[attr-defined]
    told = reader.orientation(image, body)
    assert alone is not None and told is not None
    assert told.azimuth_sigma < alone.azimuth_sigma
    assert len(starts_of(told)) == 1


def test_old_weights_tell_no_direction() -> None:
    class Session:
        def get_outputs(self) -> list[object]:
            return []

    registrar = Rendered()
    registrar._image = Session()  # type: ignore[assignment]
    body = registrar.people(np.ones((800, 600, 3), np.uint8))[0]
    assert Registrar.camera_direction(registrar, np.ones((8, 8, 3), np.uint8), body) is None


def test_other_files_are_refused(tmp_path: Path, photographs: list[Path]) -> None:
    np.savez(tmp_path / "other.npz", parts=np.zeros(3))
    with pytest.raises(BadInputError, match="no registration"):
        load(tmp_path / "other.npz")
    register((photographs[0],), out=tmp_path, fit=False)
    words = json.loads((tmp_path / "one.json").read_text())
    (tmp_path / "one.json").write_text(json.dumps(words | {"version": VERSION + 1}))
    with pytest.raises(BadInputError, match="newer"):
        load(tmp_path / "one.npz")


def test_nobody_and_names_that_clash(photographs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(NothingFoundError, match="no person"):
        register((photographs[1],), out=tmp_path / "regs")
    with pytest.raises(BadInputError, match="same name"):
        register((photographs[0], tmp_path / "else" / "one.jpg"), out=tmp_path / "regs")
