"""Manifests: written and read again, refused where they do not fit their folder."""

from pathlib import Path

import pytest

pytest.importorskip("pyarrow")
from trees import SHAPES, picture

from lineament.errors import BadInputError
from lineament.evaluation.datasets import manifest, people
from lineament.evaluation.datasets.catalogue import open_data_set
from lineament.evaluation.datasets.dataset import DataSet, Record


@pytest.mark.parametrize("name", ["ijb-c", "briar", "lfw", "coco-person"])
def test_there_and_back(name: str, tmp_path: Path) -> None:
    SHAPES[name](tmp_path)
    data = open_data_set(name, tmp_path)
    manifest.write(data, tmp_path / manifest.NAME)
    again = manifest.read(tmp_path / manifest.NAME)
    assert again.records == data.records
    assert (again.name, again.terms, again.source) == (data.name, data.terms, data.source)
    assert (again.pairs is None) == (data.pairs is None)
    if data.pairs is not None and again.pairs is not None:
        assert list(again.pairs) == list(data.pairs)


def test_a_folder_with_its_manifest_can_move_and_is_read_as_people(tmp_path: Path) -> None:
    picture(tmp_path / "old" / "ann" / "1.jpg")
    record = Record("one", tmp_path / "old" / "ann" / "1.jpg", "ann", {"yaw": 15.0, "expression": "smile"})
    made = DataSet("made", tmp_path / "old", (record,), "free", True)
    manifest.write(made, tmp_path / "old" / manifest.NAME)
    (tmp_path / "old").rename(tmp_path / "new")
    data = people.open(tmp_path / "new")
    assert data.name == "made" and data.may_show and data.records[0].covariates == record.covariates
    assert data.records[0].path == tmp_path / "new" / "ann" / "1.jpg"


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    SHAPES["people"](tmp_path)
    data = open_data_set("people", tmp_path)
    with pytest.raises(BadInputError, match="lies outside"):
        manifest.write(data, tmp_path / "elsewhere.d" / manifest.NAME)
    manifest.write(data, tmp_path / manifest.NAME)
    (tmp_path / "bob" / "1.jpg").unlink()
    with pytest.raises(BadInputError, match="lacks 1 of 3"):
        manifest.read(tmp_path / manifest.NAME)
    (tmp_path / manifest.NAME).write_text("no parquet")
    with pytest.raises(BadInputError, match="no manifest"):
        manifest.read(tmp_path / manifest.NAME)


def test_a_manifest_cannot_reach_outside(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    SHAPES["people"](tmp_path)
    path = tmp_path / manifest.NAME
    manifest.write(open_data_set("people", tmp_path), path)
    table = pq.read_table(path)
    place = table.schema.get_field_index("path")
    pq.write_table(table.set_column(place, "path", [["../a.jpg", "/etc/b.jpg", "c.jpg"]]), path)
    with pytest.raises(BadInputError, match=r"\.\./a\.jpg lies outside"):
        manifest.read(path)


def test_a_covariate_is_of_one_kind(tmp_path: Path) -> None:
    records = (Record("a", None, "ann", {"yaw": 1.0}), Record("b", None, "bob", {"yaw": "left"}))
    with pytest.raises(ValueError, match="yaw"):
        manifest.write(DataSet("made", tmp_path, records, "free", True), tmp_path / manifest.NAME)
