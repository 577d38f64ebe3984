"""Files appear whole or not at all."""

from pathlib import Path

import pytest

from lineament.writing import replacing


def test_a_whole_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    goal = tmp_path / "report.html"
    goal.write_text("old")
    with replacing(goal) as partial:
        partial.write_text("new")
        assert goal.read_text() == "old" and partial.suffix == ".html"
    assert goal.read_text() == "new"
    assert list(tmp_path.iterdir()) == [goal]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_interrupted_file_leaves_the_old_one_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    goal = tmp_path / "report.html"
    goal.write_text("old")
    with pytest.raises(error), replacing(goal) as partial:
        partial.write_text("half")
        raise error
    assert goal.read_text() == "old"
    assert list(tmp_path.iterdir()) == [goal]
