"""body.json: what is accepted, what is refused and how it is said."""

import json
from pathlib import Path

import pytest

from lineament.errors import BadInputError
from lineament.humans.parameters import BodyParameters, SmplParameters, read_parameters

pytestmark = pytest.mark.train


def _write(folder: Path, content: object) -> Path:
    path = folder / "body.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_everything_of_a_person_is_read(tmp_path: Path) -> None:
    phenotypes, changes = {"gender": 0.9, "height": 0.31}, {"nose-hump-incr": -0.2}
    content = {"model": "anny", "phenotypes": phenotypes, "local_changes": changes, "head": [0.5, -1.5]}
    found = read_parameters(_write(tmp_path, content))
    assert isinstance(found, BodyParameters)
    assert (found.phenotypes, found.local_changes) == (phenotypes, changes)
    assert found.head.tolist() == [0.5, -1.5]


def test_smpl_file_is_relative_to_the_json(tmp_path: Path) -> None:
    found = read_parameters(_write(tmp_path, {"model": "smpl", "file": "m.npz", "betas": [1, 2]}))
    assert found == SmplParameters((tmp_path / "m.npz").resolve(), (1.0, 2.0))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{not json", "JSON"),
        ({}, "model"),
        ({"model": "makehuman"}, "model|tag"),
        ({"model": "anny", "phenotypes": {"gender": "tall"}}, "phenotypes.gender"),
        ({"model": "anny", "phenotypes": {"gender": 1.5}}, "0..1"),
        ({"model": "anny", "phenotypes": {"colour": 0.5}}, "unknown phenotype"),
        ({"model": "anny", "phenotypes": {"age": 0.2}}, "child"),
        ({"model": "anny", "local_changes": {"nose-hump-incr": -3}}, "-1..1"),
        ({"model": "anny", "head": [0.0] * 101}, "head"),
        ({"model": "anny", "head": [float("nan")]}, "head|JSON"),
        ({"model": "anny", "legs": 3}, "legs"),
        ({"model": "smpl", "betas": []}, "file"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, content: object, says: str) -> None:
    with pytest.raises(BadInputError, match=says) as caught:
        read_parameters(_write(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read"):
        read_parameters(tmp_path / "none.json")
